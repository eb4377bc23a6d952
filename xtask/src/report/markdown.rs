//! The changes as Markdown.

use crate::diff::{Change, Diff, Severity};
use crate::lint::Finding;
use std::collections::BTreeMap;
use std::fmt::Write;

const ORDER: [(Severity, &str); 3] =
    [(Severity::Breaking, "Breaking"), (Severity::Additive, "Additive"), (Severity::Documentation, "Documentation")];

/// The changes under a heading for each severity; empty when nothing changed.
pub fn diff_markdown(diff: &Diff) -> String {
    let mut text = String::new();
    for (severity, title) in ORDER {
        let changes: Vec<&Change> = diff.of(severity).collect();
        if changes.is_empty() {
            continue;
        }
        let _ = writeln!(text, "## {title} ({})\n", changes.len());
        let lines = if severity == Severity::Documentation { summary(&changes) } else { detailed(&changes) };
        text.push_str(&lines);
        text.push('\n');
    }
    text
}

fn detailed(changes: &[&Change]) -> String {
    let mut text = String::new();
    for Change { subject, text: what, rule, items, .. } in changes {
        let items: Vec<_> = items.iter().map(|item| format!("`{item}`")).collect();
        let _ = write!(text, "- **{subject}** {what}");
        if !items.is_empty() {
            let _ = write!(text, ": {}", items.join(", "));
        }
        let _ = writeln!(text, " [{rule}]");
    }
    text
}

/// Texts often change in many places at once; one line for each subject is enough.
fn summary(changes: &[&Change]) -> String {
    let mut by_subject: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for change in changes {
        by_subject.entry(change.subject.to_string()).or_default().push(&change.text);
    }
    let mut text = String::new();
    for (subject, what) in by_subject {
        let _ = match what.as_slice() {
            [first] => writeln!(text, "- **{subject}** {first}"),
            [first, rest @ ..] => writeln!(text, "- **{subject}** {first}, and {} more", rest.len()),
            [] => Ok(()),
        };
    }
    text
}

/// A lint finding with its fix.
pub fn finding_markdown(finding: &Finding) -> String {
    let kind = if finding.fatal { "error" } else { "warning" };
    let place = if finding.pointer.is_empty() { "document" } else { &finding.pointer };
    let mut text = format!("- {kind} at `{place}`: {}\n", finding.message);
    if let Some(fix) = &finding.fix {
        let _ = write!(text, "\n  ```yaml\n{}  ```\n", indent(fix));
    }
    text
}

fn indent(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}
