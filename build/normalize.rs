//! Fixes that follow from a rule, so that the overlay contains only what is specific to one place.
//!
//! Each rule covers a case that progenitor is known to mangle silently, and has a test in `xtask/tests/`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::openapi::{METHODS, component, entries, resolve};
use super::schema_walk::each_schema;

/// The format of an identifier that is only known to be a string.
const OPAQUE: &str = "opaque-id";

/// Prefix of the format that represents an identifier type while the generator runs.
pub const ID_FORMAT: &str = "id:";

/// An identifier type.
#[derive(Default)]
pub struct Id {
    /// Its names on the wire.
    pub names: BTreeSet<String>,
    /// Whether any string is valid, not only a UUID.
    pub is_opaque: bool,
}

/// Brings the document into a form that the generator accepts without losing anything. Returns the identifier types.
pub fn normalize(document: &mut Value) -> BTreeMap<String, Id> {
    super::tidy::tidy(document);
    let ids = id_types(document);
    super::components::normalize(document);
    super::parameters::normalize(document);
    let shared = document.pointer("/components/responses").cloned().unwrap_or_default();
    for (_, item) in document.get_mut("paths").and_then(Value::as_object_mut).into_iter().flatten() {
        for method in METHODS {
            if let Some(operation) = item.get_mut(method).and_then(Value::as_object_mut) {
                one_success(operation, &shared);
                no_content(operation);
                raw_upload(operation);
                drop_extensions(operation);
            }
        }
    }
    if let Some(components) = document.get_mut("components").and_then(Value::as_object_mut) {
        components.remove("responses");
    }
    let mut types: BTreeMap<String, Id> = BTreeMap::new();
    let objects = objects(document);
    each_schema(document, &mut |schema, place| {
        one_of(schema, &objects);
        drop_extensions(schema);
        no_validation(schema);
        defined_required(schema);
        nullable_collections(schema);
        own_types(schema, place.name, &ids, &mut types);
        open_union(schema);
        texts(schema);
    });
    for (name, ty) in ids {
        types.entry(ty).or_default().names.insert(name);
    }
    types
}

/// `x-id-types` of the document: property or parameter name to type name.
fn id_types(document: &Value) -> BTreeMap<String, String> {
    let table = document.get("x-id-types").and_then(Value::as_object);
    table.into_iter().flatten().filter_map(|(name, ty)| Some((name.clone(), ty.as_str()?.to_owned()))).collect()
}

/// Keeps one 2xx response and no documented failure: every failure then reaches the client with status, headers and
/// text.
fn one_success(operation: &mut Map<String, Value>, shared: &Value) {
    let responses = operation.remove("responses");
    let mut found: Option<Value> = None;
    for (status, response) in responses.as_ref().and_then(Value::as_object).into_iter().flatten() {
        if !status.starts_with('2') {
            continue;
        }
        let reference = response.get("$ref").and_then(Value::as_str).and_then(|r| r.rsplit('/').next());
        let response = reference.and_then(|name| shared.get(name)).unwrap_or(response);
        let has_content = |r: &Value| r.get("content").and_then(Value::as_object).is_some_and(|c| !c.is_empty());
        if found.as_ref().is_none_or(|f| !has_content(f) && has_content(response)) {
            found = Some(response.clone());
        }
    }
    let mut response = found.unwrap_or_else(|| json!({}));
    if let Some(response) = response.as_object_mut() {
        response.entry("description").or_insert_with(|| "".into());
    }
    if let Some(content) = response.get_mut("content").and_then(Value::as_object_mut)
        && let Some(media) = content.remove("application/json")
    {
        content.clear();
        content.insert("application/json".into(), media);
    }
    operation.insert("responses".into(), json!({ "2XX": response }));
}

/// A response that nobody needs is not read: the 2xx says that the operation succeeded.
fn no_content(operation: &mut Map<String, Value>) {
    if operation.get("x-ignore-content") == Some(&Value::Bool(true))
        && let Some(response) =
            operation.get_mut("responses").and_then(|r| r.get_mut("2XX")).and_then(Value::as_object_mut)
    {
        response.remove("content");
    }
}

/// Turns an upload into a raw body and its content type with the boundary; the client frames the part itself.
fn raw_upload(operation: &mut Map<String, Value>) {
    let Some(content) = operation.get_mut("requestBody").and_then(|b| b.get_mut("content")) else { return };
    let Some(content) = content.as_object_mut() else { return };
    if !content.contains_key("multipart/form-data") {
        return;
    }
    content.clear();
    content.insert("application/octet-stream".into(), json!({"schema": {"type": "string", "format": "binary"}}));
    let header = json!({
        "in": "header", "name": "Content-Type", "required": true, "schema": {"type": "string"},
        "description": "Media type of the body: `multipart/form-data` with the boundary that the body uses.",
    });
    if let Some(parameters) = operation.entry("parameters").or_insert_with(|| json!([])).as_array_mut() {
        parameters.push(header);
    }
}

fn drop_extensions(map: &mut Map<String, Value>) {
    map.retain(|key, _| !key.starts_with("x-"));
}

/// Validation is the server's: it would add decode errors, newtypes and a regex engine, and a `default` would be sent.
fn no_validation(schema: &mut Map<String, Value>) {
    for key in [
        "default",
        "example",
        "examples",
        "pattern",
        "minLength",
        "maxLength",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "minItems",
        "maxItems",
        "uniqueItems",
        "minProperties",
        "maxProperties",
        "readOnly",
        "writeOnly",
        "deprecated",
        "externalDocs",
        "xml",
    ] {
        schema.remove(key);
    }
    if schema.get("additionalProperties") == Some(&Value::Bool(false)) {
        schema.remove("additionalProperties");
    }
    // The generator recognizes a format only if nothing else is set with it.
    let kind = schema.get("type").and_then(Value::as_str);
    if kind.is_some_and(|kind| ["string", "integer", "number", "boolean"].contains(&kind)) {
        for key in ["additionalProperties", "properties", "required", "items", "discriminator"] {
            schema.remove(key);
        }
    }
}

/// Otherwise a required property without a definition would become a required value of any type.
fn defined_required(schema: &mut Map<String, Value>) {
    let defined: BTreeSet<String> =
        schema.get("properties").and_then(Value::as_object).into_iter().flatten().map(|(k, _)| k.clone()).collect();
    if let Some(Value::Array(required)) = schema.get_mut("required") {
        required.retain(|name| name.as_str().is_some_and(|name| defined.contains(name)));
        if required.is_empty() {
            schema.remove("required");
        }
    }
}

/// An optional list becomes `Option<Vec<_>>`: null decodes, and an empty list can be sent.
fn nullable_collections(schema: &mut Map<String, Value>) {
    let required: BTreeSet<String> = (schema.get("required").and_then(Value::as_array).into_iter().flatten())
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect();
    for (name, property) in schema.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten() {
        let collection = property.get("type") == Some(&json!("array"))
            || property.get("type") == Some(&json!("object")) && property.get("properties").is_none();
        if let Some(property) = property.as_object_mut()
            && collection
            && !required.contains(name)
        {
            property.insert("nullable".into(), Value::Bool(true));
        }
    }
}

/// Formats that have a type of ours keep or get its name; all others are plain strings.
fn own_types(
    schema: &mut Map<String, Value>,
    name: Option<&str>,
    ids: &BTreeMap<String, String>,
    types: &mut BTreeMap<String, Id>,
) {
    match schema.get("type").and_then(Value::as_str) {
        Some("string") => {}
        Some("integer" | "number") => return,
        // A format of any other type means nothing, and the generator does not handle it.
        _ => {
            schema.remove("format");
            return;
        }
    }
    let Some(format) = schema.get("format").and_then(Value::as_str) else { return };
    let id = name.and_then(|name| ids.get(name)).filter(|_| ["uuid", OPAQUE].contains(&format));
    match (format, id) {
        (_, Some(ty)) => {
            types.entry(ty.clone()).or_default().is_opaque |= format == OPAQUE;
            schema.insert("format".into(), Value::String(format!("{ID_FORMAT}{ty}")));
        }
        ("date-time" | "password" | "binary", _) => {}
        _ => {
            schema.remove("format");
        }
    }
}

/// The components that are objects.
fn objects(document: &Value) -> BTreeSet<String> {
    let schemas = document.get("components").into_iter().flat_map(|all| entries(all, "schemas"));
    let is_one = |schema: &Value| {
        resolve(document, schema).is_some_and(|schema| {
            schema.get("type") == Some(&json!("object"))
                || schema.get("properties").is_some()
                || schema.get("allOf").is_some()
        })
    };
    schemas.filter(|(_, schema)| is_one(schema)).map(|(name, _)| name.to_owned()).collect()
}

/// The generator merges the branches of an `anyOf` into one object, which only works for objects.
fn one_of(schema: &mut Map<String, Value>, objects: &BTreeSet<String>) {
    let is_object = |branch: &Value| match component(branch) {
        Some(name) => objects.contains(name),
        None => branch.get("type") == Some(&json!("object")) || branch.get("properties").is_some(),
    };
    let is_union = |branches: &Vec<Value>| branches.len() > 1 && !branches.iter().all(is_object);
    if !schema.contains_key("oneOf")
        && schema.get("anyOf").and_then(Value::as_array).is_some_and(is_union)
        && let Some(branches) = schema.remove("anyOf")
    {
        schema.insert("oneOf".into(), branches);
    }
}

/// A union keeps a response that matches none of its branches. Lists come first: an empty one would match any object.
fn open_union(schema: &mut Map<String, Value>) {
    let other = json!({"title": "Other"});
    if let Some(Value::Array(branches)) = schema.get_mut("oneOf") {
        branches.sort_by_key(|branch| branch.get("type") != Some(&json!("array")));
    }
    if let Some(Value::Array(branches)) = schema.get_mut("oneOf")
        && branches.last() != Some(&other)
    {
        branches.push(other);
    }
}

fn texts(schema: &mut Map<String, Value>) {
    if let Some(Value::Array(values)) = schema.get_mut("enum") {
        let mut seen = BTreeSet::new();
        // A value without letters cannot become a name; it is kept like any unlisted value.
        let is_blank = |value: &Value| value.as_str().is_some_and(|text| text.trim().is_empty());
        values.retain(|value| !value.is_null() && !is_blank(value) && seen.insert(value.to_string()));
        if values.is_empty() {
            schema.remove("enum");
        }
    }
    if let Some(Value::String(text)) = schema.get_mut("description") {
        *text = fenced(text);
    }
}

/// A bare code fence in a description would become a doctest of this crate.
pub fn fenced(text: &str) -> String {
    let mut open = false;
    let line = |line: &str| {
        if !line.trim_start().starts_with("```") {
            return line.to_owned();
        }
        open = !open;
        if open && line.trim() == "```" { line.replacen("```", "```text", 1) } else { line.to_owned() }
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}
