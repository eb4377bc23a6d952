//! The report of an update.

use super::changelog::changelog;
use super::markdown::{diff_markdown, finding_markdown};
use super::{Edition, Update};
use std::fmt::Write;

/// The whole report, in the order in which a maintainer has to act on it.
pub fn update_markdown(update: &Update) -> String {
    let Update { before, after, resolved, diff, .. } = update;
    let mut text = String::new();
    let _ = writeln!(text, "# Specification {}\n", step(&before.version, &after.version));
    let _ = writeln!(text, "Published: {}. With the overlay: {}.\n", size(before, after), count(resolved));
    let _ = match diff.severity() {
        Some(severity) => {
            let next = step(&update.crate_version, &update.next_version);
            writeln!(text, "Release: {} change, version {next}.\n", severity.name())
        }
        None => writeln!(text, "Nothing changed that users would see.\n"),
    };
    section(&mut text, "Rules of the overlay that do not fit", &update.stale, |problem| format!("- {problem}\n"));
    section(&mut text, "Gone, but still referred to", &update.removed, |removed| {
        let places: String = removed.references.iter().map(|place| format!("  - {place}\n")).collect();
        let none = if places.is_empty() { "; nothing refers to it" } else { "" };
        format!("- {} (`{}`){none}\n{places}", removed.operation, removed.id)
    });
    section(&mut text, "Our own code that no longer compiles", &update.broken.places, |place| format!("- {place}\n"));
    if !update.broken.complete && !update.broken.places.is_empty() {
        text.push_str("There may be more: the compiler did not get past some of these places.\n\n");
    }
    section(&mut text, "Name these", &update.nameless, |((path, method), id)| {
        format!("- {} {path} is called `{id}` until the overlay names it\n", method.to_uppercase())
    });
    if !update.nameless.is_empty() {
        text.push_str(&naming_rules(update));
    }
    section(&mut text, "Published by now: the copy in the overlay can go", &update.recognized, |known| {
        let differs = if known.differences.is_empty() {
            "; the two are the same".to_owned()
        } else {
            format!(
                "; upstream differs in:\n{}",
                known.differences.iter().map(|text| format!("  - {text}\n")).collect::<String>()
            )
        };
        format!("- {} ({}){}\n", known.name, known.place, differs.trim_end())
    });
    section(&mut text, "Schemas of the overlay that nothing uses", &update.unused, |(place, name)| {
        format!("- {name} ({place})\n")
    });
    section(&mut text, "Worth a rule in the overlay", &update.findings, finding_markdown);
    text.push_str(&diff_markdown(diff));
    if diff.severity().is_some() {
        let _ = writeln!(text, "## Draft for CHANGELOG.md\n\n{}", changelog(diff));
    }
    let _ = match update.changed.as_deref() {
        None => Ok(()),
        Some([]) => writeln!(text, "All files in spec/ are up to date."),
        Some(files) => writeln!(text, "Files that change: {}.", files.join(", ")),
    };
    text
}

fn section<T>(text: &mut String, title: &str, entries: &[T], line: impl Fn(&T) -> String) {
    if !entries.is_empty() {
        let _ = writeln!(text, "## {title} ({})\n", entries.len());
        text.extend(entries.iter().map(line));
        text.push('\n');
    }
}

/// The actions that make the derived names permanent, to be edited and pasted.
fn naming_rules(update: &Update) -> String {
    let mut text = "```yaml\n".to_owned();
    for ((path, method), id) in &update.nameless {
        let _ = write!(
            text,
            "- target: $.paths['{path}'].{method}\n  description: Name of the operation; the published document has none.\n  \
             x-expect:\n    lacks:\n    - operationId\n  update:\n    operationId: {id}\n"
        );
    }
    text.push_str("```\n\n");
    text
}

fn step(before: &str, after: &str) -> String {
    if before == after { after.to_owned() } else { format!("{before} -> {after}") }
}

fn count(edition: &Edition) -> String {
    format!("{} operations, {} schemas", edition.operations, edition.schemas)
}

fn size(before: &Edition, after: &Edition) -> String {
    let one = |before: usize, after: usize| step(&before.to_string(), &after.to_string());
    format!("{} operations, {} schemas", one(before.operations, after.operations), one(before.schemas, after.schemas))
}
