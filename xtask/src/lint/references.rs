//! `$ref`: it must resolve within the document, to a component of the right kind, and without a cycle.

use super::Finding;
use super::fix::path;
use super::walk::operations;
use crate::openapi::{child, entries, items};
use serde_json::Value;
use std::collections::BTreeSet;

pub fn check(document: &Value, findings: &mut Vec<Finding>) {
    each(document, document, "", "", findings);
    cycles(document, findings);
    shared_items(document, findings);
}

/// Visits every value. `kind` is the component section that a reference at this place must point into.
fn each(document: &Value, value: &Value, pointer: &str, kind: &str, findings: &mut Vec<Finding>) {
    match value {
        Value::Object(map) => {
            // A property may be *named* `$ref`; then it is a schema and not a string.
            if let Some(Value::String(reference)) = map.get("$ref") {
                one(document, reference, pointer, kind, findings);
                ignored_siblings(value, reference, pointer, findings);
            }
            for (key, inner) in map {
                if is_data(key, pointer) {
                    continue;
                }
                let kind = if in_name_table(pointer) { kind } else { section(key, kind) };
                each(document, inner, &child(pointer, key), kind, findings);
            }
        }
        Value::Array(values) => {
            for (index, inner) in values.iter().enumerate() {
                each(document, inner, &format!("{pointer}/{index}"), kind, findings);
            }
        }
        _ => {}
    }
}

fn in_name_table(pointer: &str) -> bool {
    pointer.ends_with("/properties") && !pointer.ends_with("/properties/properties")
}

/// Examples and extensions hold data, in which `$ref` has no meaning.
fn is_data(key: &str, pointer: &str) -> bool {
    !in_name_table(pointer) && (key.starts_with("x-") || ["example", "examples", "default", "enum"].contains(&key))
}

fn section<'a>(key: &str, kind: &'a str) -> &'a str {
    match key {
        "schema" | "schemas" | "properties" | "items" | "allOf" | "anyOf" | "oneOf" | "not" => "schemas",
        "additionalProperties" => "schemas",
        "parameters" => "parameters",
        "responses" => "responses",
        "requestBody" | "requestBodies" => "requestBodies",
        "headers" => "headers",
        "links" | "callbacks" | "paths" => "",
        _ => kind,
    }
}

fn one(document: &Value, reference: &str, pointer: &str, kind: &str, findings: &mut Vec<Finding>) {
    let Some(local) = reference.strip_prefix('#') else {
        findings.push(Finding::fatal(
            pointer,
            format!(
                "`$ref: {reference}` points outside the document, and nothing else is read; copy the definition into \
                 `components`."
            ),
        ));
        return;
    };
    if document.pointer(local).is_none() {
        findings.push(Finding::fatal(
            pointer,
            format!("`$ref: {reference}` leads nowhere; the definition was removed, renamed or never there."),
        ));
        return;
    }
    let parts: Vec<&str> = local.split('/').collect();
    match parts.as_slice() {
        ["", "components", section, _] if kind.is_empty() || *section == kind => {}
        ["", "components", section, _] => findings.push(Finding::fatal(
            pointer,
            format!("`$ref: {reference}` points to one of `{section}` where one of `{kind}` belongs."),
        )),
        _ => findings.push(Finding::fatal(
            pointer,
            format!(
                "`$ref: {reference}` points into the middle of something; the generator finds components by their last \
                 name and would take another one or fail. Make the target a component of its own."
            ),
        )),
    }
}

/// Everything next to a `$ref` is ignored. That matters if it says something about values.
fn ignored_siblings(value: &Value, reference: &str, pointer: &str, findings: &mut Vec<Finding>) {
    const MEANINGFUL: [&str; 7] = ["nullable", "type", "enum", "format", "properties", "required", "items"];
    let Some(key) = MEANINGFUL.iter().find(|key| value.get(**key).is_some()) else { return };
    let target = path(pointer);
    let fix = format!(
        "- target: {target}['$ref']\n  description: What is next to a reference is ignored.\n  remove: true\n\
         - target: {target}\n  description: The reference that the rule above took out.\n  update: {}\n",
        serde_json::json!({"allOf": [{"$ref": reference}]})
    );
    let message = format!("`{key}` is next to a `$ref` and is ignored; put the reference into `allOf`.");
    findings.push(Finding::warning(pointer, message).with_fix(fix));
}

/// A schema that directly contains itself. Recursion through a property or a list is fine.
fn cycles(document: &Value, findings: &mut Vec<Finding>) {
    let components = document.get("components").unwrap_or(&Value::Null);
    for kind in ["schemas", "parameters", "responses", "requestBodies"] {
        for (name, value) in entries(components, kind) {
            let mut seen = BTreeSet::new();
            let mut waiting = direct(value);
            while let Some(reference) = waiting.pop() {
                if reference == format!("#/components/{kind}/{name}") {
                    findings.push(Finding::fatal(
                        child(&format!("/components/{kind}"), name),
                        format!(
                            "`{name}` is made of itself, so no value can be built; break the circle of references."
                        ),
                    ));
                    break;
                }
                if seen.insert(reference)
                    && let Some(target) = reference.strip_prefix('#').and_then(|local| document.pointer(local))
                {
                    waiting.extend(direct(target));
                }
            }
        }
    }
}

/// The references that a value needs in order to exist at all.
fn direct(value: &Value) -> Vec<&str> {
    let mut found = Vec::new();
    let mut waiting = vec![value];
    while let Some(value) = waiting.pop() {
        found.extend(value.get("$ref").and_then(Value::as_str));
        for key in ["allOf", "anyOf", "oneOf"] {
            waiting.extend(items(value, key));
        }
    }
    found
}

/// The generator does not follow path items by reference: their operations would be lost.
fn shared_items(document: &Value, findings: &mut Vec<Finding>) {
    for (path, item) in entries(document, "paths") {
        if item.get("$ref").is_some() {
            findings.push(Finding::fatal(
                child("/paths", path),
                "a path given by `$ref` is not supported; put its operations here.",
            ));
        }
    }
    for operation in operations(document) {
        if !operation.value.is_object() {
            findings.push(Finding::fatal(operation.pointer, "an operation must be a mapping."));
        }
    }
}
