//! A draft for CHANGELOG.md, in the "Keep a Changelog" format.

use crate::diff::{Change, Diff, Severity};
use std::fmt::Write;

/// Entries under Added, Changed and Removed; documentation-only changes are one line.
pub fn changelog(diff: &Diff) -> String {
    let mut text = String::new();
    let (mut added, mut changed, mut removed) = (Vec::new(), Vec::new(), Vec::new());
    for change in diff.changes.iter().filter(|change| change.severity != Severity::Documentation) {
        let line = line(change);
        match change.rule {
            rule if rule.contains("-added") && change.severity == Severity::Additive => added.push(line),
            rule if rule.ends_with("-removed") => removed.push(line),
            _ => changed.push(line),
        }
    }
    let texts = diff.of(Severity::Documentation).count();
    if texts > 0 {
        changed.push(format!(
            "- Documentation of the service in {texts} {}.\n",
            if texts == 1 { "place" } else { "places" }
        ));
    }
    for (title, lines) in [("Added", added), ("Changed", changed), ("Removed", removed)] {
        if !lines.is_empty() {
            let _ = writeln!(text, "### {title}\n\n{}", lines.concat());
        }
    }
    text
}

fn line(change: &Change) -> String {
    let Change { subject, severity, text, items, .. } = change;
    let breaking = if *severity == Severity::Breaking { "**Breaking:** " } else { "" };
    let items: Vec<_> = items.iter().map(|item| format!("`{item}`")).collect();
    match items.as_slice() {
        [] => format!("- {breaking}{subject} {text}.\n"),
        _ => format!("- {breaking}{}: {subject} {text}.\n", items.join(", ")),
    }
}

/// The kind of release, for the title of a pull request.
pub fn release_kind(diff: &Diff) -> &'static str {
    diff.severity().map_or("no change", Severity::name)
}
