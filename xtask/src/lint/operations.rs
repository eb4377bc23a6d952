//! Operations and their names and paths.

use super::Finding;
use super::fix::{remove, update};
use super::walk::operations;
use crate::codegen::is_unseen;
use crate::naming::{operation_id, pascal, snake};
use crate::openapi::{child, entries};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

pub fn check(document: &Value, findings: &mut Vec<Finding>) {
    names(document, findings);
    paths(document, findings);
    left_out(document, findings);
}

/// What is accepted, but changed.
fn left_out(document: &Value, findings: &mut Vec<Finding>) {
    if document.pointer("/info/version").is_some_and(Value::is_number) {
        let message = "the version is a number, which has lost zeros at its end; it is meant to be a string in quotes.";
        findings.push(Finding::warning("/info/version", message));
    }
    for (path, _) in entries(document, "paths").filter(|(_, item)| item.get("trace").is_some()) {
        let fix = remove(&child(&child("/paths", path), "trace"), "HTTP clients do not send it.");
        let message = "TRACE is left out: HTTP clients do not send it.";
        findings.push(Finding::warning(child(&child("/paths", path), "trace"), message).with_fix(fix));
    }
}

fn names(document: &Value, findings: &mut Vec<Finding>) {
    let mut by_name: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    let all = operations(document);
    let ids = all.iter().filter_map(|operation| operation.value.get("operationId").and_then(Value::as_str));
    let mut taken: BTreeSet<String> = ids.map(pascal).collect();
    for operation in &all {
        let mut fix = || {
            let name = operation_id(operation.method, operation.path, &|name| taken.contains(&pascal(name)));
            // All suggestions can be pasted together.
            taken.insert(pascal(&name));
            update(&operation.pointer, "Name of the operation.", &json!({"operationId": name}))
        };
        let Some(id) = operation.value.get("operationId").and_then(Value::as_str) else {
            let message = "the operation has no operationId, so its request has no name.";
            findings.push(Finding::fatal(&operation.pointer, message).with_fix(fix()));
            continue;
        };
        let name = snake(id);
        if !name.starts_with(|c: char| c.is_ascii_alphabetic())
            || !name.is_ascii()
            || ["self", "new_with_client", "into", "try_into"].contains(&name.as_str())
        {
            let message = format!("operationId `{id}` does not make a Rust name.");
            findings.push(Finding::fatal(&operation.pointer, message).with_fix(fix()));
        } else if name != id {
            let fix = update(&operation.pointer, "Names are in snake case.", &json!({"operationId": name}));
            let message =
                format!("operationId `{id}` is not in snake case, in which the generated method is called `{name}`.");
            findings.push(Finding::fatal(&operation.pointer, message).with_fix(fix));
        }
        by_name.entry(pascal(id)).or_default().push((operation.pointer.clone(), id.to_owned()));
    }
    for (name, uses) in by_name.iter().filter(|(_, uses)| uses.len() > 1) {
        for (index, (pointer, id)) in uses.iter().enumerate() {
            let others: Vec<_> =
                uses.iter().filter(|(other, _)| other != pointer).map(|(other, _)| other.as_str()).collect();
            let message = format!(
                "operationId `{id}` becomes the request type `{name}`, as does that of {}; give each a name of its own.",
                others.join(" and ")
            );
            let finding = Finding::fatal(pointer, message);
            // The first keeps its name.
            let fresh = (2..).map(|number| format!("{}_{number}", snake(id)));
            let fresh = fresh.take(usize::from(index > 0) * (taken.len() + 1));
            let name = fresh.into_iter().find(|name| !taken.contains(&pascal(name)));
            findings.push(match name {
                Some(name) => {
                    taken.insert(pascal(&name));
                    finding.with_fix(update(pointer, "Names must differ.", &json!({"operationId": name})))
                }
                None => finding,
            });
        }
    }
}

fn paths(document: &Value, findings: &mut Vec<Finding>) {
    let mut shapes: BTreeMap<String, &str> = BTreeMap::new();
    for (path, item) in entries(document, "paths") {
        let pointer = child("/paths", path);
        if path.starts_with("x-") {
            continue;
        }
        if !item.is_object() {
            findings.push(Finding::fatal(&pointer, "a path must be a mapping of methods to operations."));
        }
        match template(path) {
            Err(reason) => findings.push(Finding::fatal(&pointer, format!("the path cannot be used: {reason}."))),
            Ok(names) => {
                let mut shape = path.to_owned();
                for name in names {
                    shape = shape.replace(&format!("{{{name}}}"), "{}");
                }
                if let Some(other) = shapes.insert(shape, path) {
                    findings.push(Finding::warning(
                        &pointer,
                        format!("the path is the same as `{other}` except for the names of its parameters."),
                    ));
                }
            }
        }
        if path.contains(is_unseen) {
            findings.push(Finding::fatal(&pointer, "the path contains invisible characters."));
        }
        if path.split('/').any(|segment| segment == "." || segment == "..") {
            findings.push(Finding::fatal(&pointer, "a path with `.` or `..` segments is changed before it is sent."));
        }
    }
}

/// The parameter names of a path template, or why it is not one.
pub fn template(path: &str) -> Result<Vec<&str>, String> {
    if !path.starts_with('/') {
        return Err("it must start with a slash".to_owned());
    }
    if path.contains(['?', '#']) {
        return Err("a query or fragment does not belong in a path".to_owned());
    }
    let mut names = Vec::new();
    let mut rest = path;
    while let Some(at) = rest.find(['{', '}']) {
        let Some(inner) = rest[at..].strip_prefix('{') else { return Err("a `}` has no `{`".to_owned()) };
        let Some(end) = inner.find('}') else { return Err("a `{` is not closed".to_owned()) };
        let name = &inner[..end];
        if name.is_empty() || name.contains(['/', '{']) {
            return Err(format!("`{{{name}}}` is not a parameter"));
        }
        if names.contains(&name) {
            return Err(format!("`{{{name}}}` occurs twice"));
        }
        names.push(name);
        rest = &inner[end + 1..];
    }
    Ok(names)
}
