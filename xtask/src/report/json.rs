//! The reports for programs. Keys are only ever added.

use super::{Edition, Update};
use crate::diff::{Change, Diff, Severity};
use crate::lint::Finding;
use serde_json::{Value, json};

pub fn diff_json(diff: &Diff, crate_version: &str, next_version: &str) -> Value {
    json!({
        "severity": diff.severity().map(Severity::name),
        "version": {"now": crate_version, "next": next_version},
        "changes": diff.changes.iter().map(change).collect::<Vec<_>>(),
    })
}

fn change(change: &Change) -> Value {
    let Change { subject, severity, rule, text, items } = change;
    json!({"subject": subject.to_string(), "severity": severity.name(), "rule": rule, "text": text, "items": items})
}

pub fn update_json(update: &Update) -> Value {
    let mut report = diff_json(&update.diff, &update.crate_version, &update.next_version);
    let named =
        |((path, method), id): &((String, String), String)| json!({"path": path, "method": method, "operationId": id});
    let more = json!({
        "published": {"before": edition(&update.before), "after": edition(&update.after)},
        "resolved": edition(&update.resolved),
        "nameThese": update.nameless.iter().map(named).collect::<Vec<_>>(),
        "removed": update.removed.iter().map(|gone| {
            json!({"operation": gone.operation, "operationId": gone.id, "references": gone.references})
        }).collect::<Vec<_>>(),
        "broken": update.broken.places.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "recognized": update.recognized.iter().map(|known| {
            json!({"place": known.place, "name": known.name, "differences": known.differences})
        }).collect::<Vec<_>>(),
        "unusedSchemas": update.unused.iter().map(|(place, name)| json!({"place": place, "name": name})).collect::<Vec<_>>(),
        "staleRules": update.stale.iter().map(|problem| json!({
            "place": problem.place, "target": problem.target, "pointer": problem.pointer,
            "complaint": problem.complaint, "reason": problem.reason,
        })).collect::<Vec<_>>(),
        "findings": update.findings.iter().map(finding_json).collect::<Vec<_>>(),
        "changedFiles": update.changed,
    });
    if let (Value::Object(report), Value::Object(more)) = (&mut report, more) {
        report.extend(more);
    }
    report
}

pub fn finding_json(finding: &Finding) -> Value {
    let Finding { pointer, message, fix, fatal } = finding;
    json!({"pointer": pointer, "message": message, "fix": fix, "fatal": fatal})
}

fn edition(edition: &Edition) -> Value {
    json!({"version": edition.version, "operations": edition.operations, "schemas": edition.schemas})
}
