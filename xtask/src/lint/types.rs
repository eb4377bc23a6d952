//! Names of types: two schemas with the same name become one type, and the generator does not report it.

use super::Finding;
use super::fix::{path, update};
use super::walk::{operations, schemas};
use crate::codegen::tidy::{is_words, title};
use crate::naming::pascal;
use crate::openapi::{child, entries, items};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

pub fn check(document: &Value, findings: &mut Vec<Finding>) {
    identifiers(document, findings);
    // Inline schemas that we named are components by now, and collide like them.
    let named = crate::codegen::rust_names::apply(document).unwrap_or_else(|failures| {
        findings.extend(failures.into_iter().map(|failure| Finding::fatal(failure.pointer, failure.message)));
        document.clone()
    });
    let mut found = Vec::new();
    let components = components(&named, &mut found);
    titles(&named, &components, &mut found);
    inline(&named, &components, &mut found);
    findings.extend(found.into_iter().map(|finding| where_it_stands(document, finding)));
}

/// A finding in the document with our names, moved to its place in the one without.
fn where_it_stands(document: &Value, finding: Finding) -> Finding {
    let place = |rest: &str| {
        let name = rest.split('/').next()?;
        let own = schemas(document).into_iter().find(|schema| {
            schema
                .map
                .get("x-rust-name")
                .and_then(Value::as_str)
                .is_some_and(|own| child("", own) == format!("/{name}"))
        })?;
        Some(format!("{}{}", own.pointer, &rest[name.len()..]))
    };
    let stands = document.pointer(&finding.pointer).is_some();
    let moved = finding.pointer.strip_prefix("/components/schemas/").filter(|_| !stands).and_then(place);
    let Some(pointer) = moved else { return finding };
    let fix = finding.fix.map(|fix| fix.replace(&path(&finding.pointer), &path(&pointer)));
    Finding { pointer, fix, ..finding }
}

/// The types that `x-id-types` asks for.
fn identifiers(document: &Value, findings: &mut Vec<Finding>) {
    for (name, ty) in entries(document, "x-id-types") {
        let text = ty.as_str().unwrap_or_default();
        if text != pascal(text)
            || !text.starts_with(|c: char| c.is_ascii_uppercase())
            || !text.is_ascii()
            || text == "Self"
        {
            let message = format!("the identifier type {ty} of `{name}` is not the name of a Rust type.");
            findings.push(Finding::fatal(child("/x-id-types", name), message));
        }
    }
}

/// Type name to component name.
fn components<'a>(document: &'a Value, findings: &mut Vec<Finding>) -> BTreeMap<String, &'a str> {
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    let tables = document.get("components").unwrap_or(&Value::Null);
    for (name, _) in entries(tables, "schemas") {
        let pointer = child("/components/schemas", name);
        let ty = pascal(name);
        if ty == "Self" || ty.is_empty() || !ty.starts_with(|c: char| c.is_ascii_alphabetic()) {
            findings.push(Finding::fatal(&pointer, format!("the schema name `{name}` does not make a Rust name.")));
        } else if let Some(other) = seen.insert(ty.clone(), name) {
            let message =
                format!("the schemas `{other}` and `{name}` both become the type `{ty}`; rename or remove one.");
            findings.push(Finding::fatal(&pointer, message));
        }
    }
    seen
}

/// Inline schemas are named by their `title`.
fn titles(document: &Value, components: &BTreeMap<String, &str>, findings: &mut Vec<Finding>) {
    let mut seen: BTreeMap<String, (String, Map<String, Value>)> = BTreeMap::new();
    for schema in schemas(document) {
        let Some(title) = title(schema.map) else { continue };
        let is_component =
            schema.pointer.matches('/').count() == 3 && schema.pointer.starts_with("/components/schemas/");
        if is_component || !makes_type(schema.map) {
            continue;
        }
        let name = pascal(title);
        let other = match (components.get(&name), seen.get(&name)) {
            (Some(component), _) => Some(child("/components/schemas", component)),
            (None, Some((pointer, shape))) if *shape != shape_of(schema.map) => Some(pointer.clone()),
            _ => None,
        };
        if let Some(other) = other {
            let fix = update(&schema.pointer, "A name of its own.", &json!({"title": format!("{title}2")}));
            let message =
                format!("the title `{title}` is also the name of {other}; one of the two would win silently.");
            findings.push(Finding::fatal(&schema.pointer, message).with_fix(fix));
        } else {
            seen.entry(name).or_insert_with(|| (schema.pointer.clone(), shape_of(schema.map)));
        }
    }
}

/// Inline schemas without a title are named by their position, and a component with that name would win.
fn inline(document: &Value, components: &BTreeMap<String, &str>, findings: &mut Vec<Finding>) {
    let mut inline: Vec<(String, String, &Map<String, Value>)> = Vec::new();
    let tables = document.get("components").unwrap_or(&Value::Null);
    for (name, schema) in entries(tables, "schemas") {
        let pointer = child("/components/schemas", name);
        nested(document, Place { schema, pointer, name: pascal(name), itself: false, followed: 0 }, &mut inline);
    }
    for operation in operations(document) {
        let Some(id) = operation.value.get("operationId").and_then(Value::as_str) else { continue };
        let body =
            operation.value.get("requestBody").map(|body| (body, child(&operation.pointer, "requestBody"), "Body"));
        let responses = child(&operation.pointer, "responses");
        let responses = entries(operation.value, "responses")
            .filter(|(status, _)| status.starts_with('2'))
            .map(|(status, response)| (response, child(&responses, status), "Response"));
        for (holder, pointer, suffix) in body.into_iter().chain(responses) {
            let pointer = child(&pointer, "content");
            for (media, value) in entries(holder, "content").filter(|(media, _)| *media == "application/json") {
                if let Some(schema) = value.get("schema") {
                    let pointer = child(&child(&pointer, media), "schema");
                    let name = format!("{}{suffix}", pascal(id));
                    nested(document, Place { schema, pointer, name, itself: true, followed: 0 }, &mut inline);
                }
            }
        }
    }
    for (name, pointer, shape) in inline {
        let Some(component) = components.get(&name) else { continue };
        let other = tables.get("schemas").and_then(|schemas| schemas.get(component)).and_then(Value::as_object);
        // Two with the same shape may share a type.
        if other.is_some_and(|other| shape_of(other) == shape_of(shape)) {
            continue;
        }
        let fix = update(&pointer, "A name of its own.", &json!({"title": format!("{name}Inline")}));
        let message = format!(
            "this inline schema becomes the type `{name}`, which is also the component `{component}`; the component would win \
             silently."
        );
        findings.push(Finding::fatal(pointer, message).with_fix(fix));
    }
}

/// Where inline schemas are searched for, and what they are called there.
struct Place<'a> {
    schema: &'a Value,
    pointer: String,
    name: String,
    /// Whether it is itself inline.
    itself: bool,
    /// How many references were followed: they may form a cycle.
    followed: usize,
}

fn nested<'a>(document: &'a Value, place: Place<'a>, found: &mut Vec<(String, String, &'a Map<String, Value>)>) {
    const DEEPEST: usize = 4;
    let Place { schema, pointer, name, itself, mut followed } = place;
    let Some(map) = schema.as_object() else { return };
    if map.contains_key("$ref") || itself && title(map).is_some() {
        return;
    }
    if itself && makes_type(map) {
        found.push((name.clone(), pointer.clone(), map));
    }
    // The branches of an `allOf` are merged under the name of the whole, references too.
    let mut parts = vec![(schema, pointer)];
    while let Some((part, pointer)) = parts.pop() {
        let composed = part.as_object().is_some_and(|map| branches(map).len() > 1);
        for (index, branch) in items(part, "allOf").iter().enumerate().filter(|_| composed) {
            let Some(reference) = branch.get("$ref") else {
                parts.push((branch, format!("{pointer}/allOf/{index}")));
                continue;
            };
            let target = reference.as_str().and_then(|reference| reference.strip_prefix('#'));
            if let Some(target) = target.filter(|_| followed < DEEPEST) {
                followed += 1;
                parts.extend(document.pointer(target).map(|schema| (schema, target.to_owned())));
            }
        }
        let mut inner = |schema, pointer, suffix: &str| {
            nested(document, Place { schema, pointer, name: format!("{name}{suffix}"), itself: true, followed }, found);
        };
        let properties = child(&pointer, "properties");
        for (property, schema) in entries(part, "properties") {
            inner(schema, child(&properties, property), &pascal(property));
        }
        for (key, suffix) in [("items", "Item"), ("additionalProperties", "Value")] {
            part.get(key).into_iter().for_each(|schema| inner(schema, child(&pointer, key), suffix));
        }
    }
}

/// Whether the generator makes a named type of it. An `allOf` around one reference is that reference.
fn makes_type(map: &Map<String, Value>) -> bool {
    if matches!(branches(map).as_slice(), [only] if only.get("$ref").is_some()) {
        return false;
    }
    ["properties", "enum", "oneOf", "anyOf", "allOf"].iter().any(|key| map.contains_key(*key))
}

/// A schema without its descriptions; an `allOf` around one schema is that schema.
fn shape_of(map: &Map<String, Value>) -> Map<String, Value> {
    let branches = branches(map);
    let only = branches.first().filter(|_| branches.len() == 1).and_then(|only| only.as_object());
    let words = ["description", "title", "allOf"];
    if let Some(only) = only.filter(|_| map.keys().all(|key| words.contains(&key.as_str()))) {
        return shape_of(only);
    }
    let kept = map.iter().filter(|(key, value)| !(*key == "description" && value.is_string()));
    kept.map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// The branches of an `allOf` that constrain values.
pub fn branches(map: &Map<String, Value>) -> Vec<&Value> {
    map.get("allOf").and_then(Value::as_array).into_iter().flatten().filter(|branch| !is_words(branch)).collect()
}
