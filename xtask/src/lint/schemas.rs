//! One schema at a time: its type, enum, properties and composition.

use super::Finding;
use super::fix::{remove, remove_entry, update};
use super::walk::{Schema, schemas};
use crate::codegen::tidy::{title, type_of_values};
use crate::naming::{field, pascal, snake};
use crate::openapi::{child, items, resolve};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub fn check(document: &Value, findings: &mut Vec<Finding>) {
    for schema in schemas(document) {
        kind(&schema, findings);
        values(&schema, findings);
        range(&schema, findings);
        properties(&schema, findings);
        composition(document, &schema, findings);
        secret(&schema, findings);
    }
}

fn kind(schema: &Schema<'_>, findings: &mut Vec<Finding>) {
    let pointer = &schema.pointer;
    match schema.map.get("type") {
        None => {}
        Some(Value::String(kind))
            if ["string", "number", "integer", "boolean", "array", "object"].contains(&kind.as_str()) => {}
        Some(Value::Array(_)) => {
            let message = "a list of types belongs to OpenAPI 3.1; use one `type` and `nullable: true`.";
            findings.push(Finding::fatal(pointer, message));
        }
        Some(other) => findings.push(Finding::fatal(pointer, format!("{other} is not a type."))),
    }
    if schema.map.get("type") == Some(&json!("array")) && !schema.map.contains_key("items") {
        let fix = update(pointer, "Anything, until the shape is known.", &json!({"items": {}}));
        findings.push(
            Finding::warning(pointer, "the list says nothing about its items; they are taken as any JSON.")
                .with_fix(fix),
        );
    }
    for key in ["const", "prefixItems", "if", "patternProperties", "$defs"] {
        if schema.map.contains_key(key) {
            let message = format!("`{key}` does not exist in OpenAPI 3.0 and is ignored; say it in 3.0's words.");
            findings.push(Finding::warning(pointer, message));
        }
    }
}

fn values(schema: &Schema<'_>, findings: &mut Vec<Finding>) {
    let Some(listed) = schema.map.get("enum") else { return };
    let pointer = child(&schema.pointer, "enum");
    let kind = schema.map.get("type").and_then(Value::as_str).or_else(|| type_of_values(schema.map));
    let Some(listed) = listed.as_array().filter(|listed| !listed.is_empty()) else {
        let fix = remove(&pointer, "It lists no value.");
        findings.push(Finding::fatal(&pointer, "the enum lists no value, so none could be read.").with_fix(fix));
        return;
    };
    if let Some(kind) = kind.filter(|kind| *kind != "string") {
        let fits = |value: &Value| match kind {
            "integer" => value.is_i64() || value.is_u64(),
            "number" => value.is_number(),
            "boolean" => value.is_boolean(),
            "array" => value.is_array(),
            _ => value.is_object(),
        };
        if let Some(other) = listed.iter().find(|value| !value.is_null() && !fits(value)) {
            let fix = remove(&pointer, "Its values are of another type.");
            let message = format!("the enum lists {other}, but the type is `{kind}`, so nothing fits both.");
            findings.push(Finding::fatal(&pointer, message).with_fix(fix));
            return;
        }
        let fix = remove(&pointer, "Values that are added later must not fail.");
        let message = "only enums of strings stay open; a value that is added later could not be read.";
        findings.push(Finding::warning(&pointer, message).with_fix(fix));
        return;
    }
    let mut seen: BTreeMap<(String, String), &str> = BTreeMap::new();
    let mut ignoring_case: BTreeMap<String, &str> = BTreeMap::new();
    for value in listed.iter().filter(|value| !value.is_null()) {
        let Some(text) = value.as_str() else {
            let message = format!("the enum of strings lists {value}, which is not a string.");
            findings.push(Finding::fatal(&pointer, message));
            continue;
        };
        let fix = || remove_entry(&pointer, text, "It does not make a distinct name.");
        if text.trim().is_empty() {
            let message = "the enum lists an empty value, which makes no good name; unlisted values are kept anyhow.";
            findings.push(Finding::warning(&pointer, message).with_fix(fix()));
            continue;
        }
        // The generator tries a second spelling, in which non-letters count, before it gives up.
        let spelled: String = text.chars().map(|c| if c == '_' || !c.is_alphanumeric() { 'X' } else { c }).collect();
        let same_name = seen.insert((pascal(text), pascal(&spelled)), text).filter(|other| *other != text);
        let same_text = ignoring_case.insert(text.to_lowercase(), text).filter(|other| *other != text);
        if let Some(other) = same_name.or(same_text) {
            let message = format!("the enum values `{other}` and `{text}` become one name; keep one of them.");
            findings.push(Finding::fatal(&pointer, message).with_fix(fix()));
        }
    }
}

fn range(schema: &Schema<'_>, findings: &mut Vec<Finding>) {
    if schema.map.get("type") != Some(&json!("integer")) {
        return;
    }
    let format = schema.map.get("format").and_then(Value::as_str).unwrap_or("int64");
    let (low, high): (i128, i128) = match format {
        "int8" => (i8::MIN.into(), i8::MAX.into()),
        "int16" => (i16::MIN.into(), i16::MAX.into()),
        "int32" => (i32::MIN.into(), i32::MAX.into()),
        "int64" => (i64::MIN.into(), i64::MAX.into()),
        "uint8" => (0, u8::MAX.into()),
        "uint16" => (0, u16::MAX.into()),
        "uint32" | "uint" => (0, u32::MAX.into()),
        "uint64" => (0, u64::MAX.into()),
        other => {
            let fix = update(&schema.pointer, "The usual size.", &json!({"format": "int64"}));
            let message = format!("`{other}` is not an integer format; it is read with 64 bits.");
            findings.push(Finding::warning(&schema.pointer, message).with_fix(fix));
            return;
        }
    };
    for key in ["minimum", "maximum", "default", "example"] {
        let Some(value) = schema.map.get(key).and_then(whole) else { continue };
        if value < low || value > high {
            let wider = if value > i64::MAX.into() { "uint64" } else { "int64" };
            let fix = update(&schema.pointer, "The declared values need it.", &json!({"format": wider}));
            let message = format!("`{key}` {value} does not fit `{format}`; such a value could not be read.");
            findings.push(Finding::warning(&schema.pointer, message).with_fix(fix));
        }
    }
}

/// A number as written: a float cannot tell the maximum of 64 bits from one more.
fn whole(value: &Value) -> Option<i128> {
    let exact = value.as_i64().map(i128::from).or_else(|| value.as_u64().map(i128::from));
    exact.or_else(|| value.as_f64().map(|float| float as i128))
}

fn properties(schema: &Schema<'_>, findings: &mut Vec<Finding>) {
    let properties = schema.map.get("properties").and_then(Value::as_object);
    let pointer = child(&schema.pointer, "properties");
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    for (name, value) in properties.into_iter().flatten() {
        let field = field(name);
        let place = child(&pointer, name);
        if field.is_empty() {
            findings.push(Finding::fatal(&place, format!("the property `{name}` does not make a Rust name.")));
        } else if let Some(other) = seen.insert(field.clone(), name) {
            let message = format!("the properties `{other}` and `{name}` both become the field `{field}`; remove one.");
            let fix = remove(&place, "The same as the other spelling.");
            findings.push(Finding::fatal(&place, message).with_fix(fix));
        }
        if !value.is_object() {
            findings.push(Finding::fatal(&place, "the schema of a property must be a mapping."));
        }
    }
    let catch_all = schema.map.get("additionalProperties").is_some_and(|rest| *rest != Value::Bool(false));
    if let Some(name) = seen.get("extra").filter(|_| catch_all) {
        let fix = remove(&child(&schema.pointer, "additionalProperties"), "The named properties only.");
        let message =
            format!("the property `{name}` and the map of all further properties both become the field `extra`.");
        findings.push(Finding::fatal(&schema.pointer, message).with_fix(fix));
    }
    let required = schema.map.get("required");
    if required.is_some_and(|required| !required.is_array()) {
        let message = "`required` of a schema must be a list of property names.";
        findings.push(Finding::fatal(child(&schema.pointer, "required"), message));
    }
    if let (Some(properties), Some(Value::Array(required))) = (properties, required) {
        for name in required.iter().filter_map(Value::as_str).filter(|name| !properties.contains_key(*name)) {
            let pointer = child(&schema.pointer, "required");
            let fix = remove_entry(&pointer, name, "There is no such property.");
            let message = format!("`required` names `{name}`, which is not among the properties; it is ignored.");
            findings.push(Finding::warning(&pointer, message).with_fix(fix));
        }
    }
}

fn composition(document: &Value, schema: &Schema<'_>, findings: &mut Vec<Finding>) {
    if schema.map.contains_key("not") {
        let pointer = child(&schema.pointer, "not");
        let fix = remove(&pointer, "What is not allowed makes no type.");
        findings.push(Finding::fatal(&pointer, "`not` makes no type; the generator stops at it.").with_fix(fix));
    }
    for key in ["allOf", "oneOf", "anyOf"] {
        if schema.map.get(key).is_some_and(|branches| branches.as_array().is_none_or(Vec::is_empty)) {
            findings.push(Finding::fatal(child(&schema.pointer, key), format!("`{key}` lists nothing.")));
        }
    }
    variants(schema, findings);
    let whole = Value::Object(schema.map.clone());
    let mut kinds: BTreeMap<&str, Value> = BTreeMap::new();
    let mut fields: BTreeMap<&String, &Value> = BTreeMap::new();
    for branch in
        items(&whole, "allOf").iter().filter_map(|branch| Some((branch, resolve(document, branch)?))).map(|(_, b)| b)
    {
        if let Some(kind) = branch.get("type") {
            kinds.insert("type", kind.clone()).filter(|other| other != kind).into_iter().for_each(|other| {
                let message = format!("`allOf` asks for the types {other} and {kind} at once; nothing can be both.");
                findings.push(Finding::fatal(child(&schema.pointer, "allOf"), message));
            });
        }
        for (name, property) in branch.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let kind = |value: &Value| resolve(document, value).and_then(|value| value.get("type").cloned());
            if let Some(other) = fields.insert(name, property)
                && kind(other) != kind(property)
            {
                let message = format!(
                    "two parts of `allOf` give the property `{name}` different types; the generator would make an empty type."
                );
                findings.push(Finding::fatal(child(&schema.pointer, "allOf"), message));
            }
        }
    }
}

/// Types with different names may become variants with the same name: `AA` and `Aa`.
fn variants(schema: &Schema<'_>, findings: &mut Vec<Finding>) {
    for key in ["oneOf", "anyOf"] {
        let mut seen: BTreeMap<String, String> = BTreeMap::new();
        let branches = schema.map.get(key).and_then(Value::as_array).into_iter().flatten().enumerate();
        for (index, branch) in branches {
            let reference = branch.get("$ref").and_then(Value::as_str).and_then(|target| target.rsplit('/').next());
            let Some(name) = reference.or_else(|| branch.as_object().and_then(title)).map(pascal) else { continue };
            if let Some(other) = seen.insert(pascal(&name), name.clone()).filter(|other| *other != name) {
                let place = format!("{}/{key}/{index}", schema.pointer);
                let message = format!("the branches `{other}` and `{name}` become one variant; give one another name.");
                let finding = Finding::fatal(&place, message);
                findings.push(match reference {
                    Some(_) => finding,
                    None => {
                        let title = format!("{name} {}", index + 1);
                        finding.with_fix(update(&place, "A name of its own.", &json!({"title": title})))
                    }
                });
            }
        }
    }
}

/// A string whose name suggests a secret must be marked, or it appears in logs.
fn secret(schema: &Schema<'_>, findings: &mut Vec<Finding>) {
    let Some(name) = schema.name else { return };
    if schema.map.get("type") != Some(&json!("string")) || schema.map.get("format") == Some(&json!("password")) {
        return;
    }
    let words = snake(name);
    let has = |word: &str| words.split('_').any(|other| other == word);
    let last = words.rsplit('_').next().unwrap_or_default();
    let secret = ["password", "passphrase", "secret", "jwt", "credential", "credentials"].contains(&last)
        || last == "token" && !["next", "page", "continuation", "previous"].iter().any(|word| has(word))
        || last == "key" && ["api", "private", "secret", "access", "signing"].iter().any(|word| has(word));
    if secret {
        let fix =
            update(&schema.pointer, "A secret gets a type that never shows itself.", &json!({"format": "password"}));
        let message = format!("`{name}` looks like a secret and is not marked; it would be shown in logs.");
        findings.push(Finding::warning(&schema.pointer, message).with_fix(fix));
    }
}
