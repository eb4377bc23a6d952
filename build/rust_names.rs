//! Names of Rust types chosen in the overlay: `x-rust-name` renames a component, and merges all inline schemas with the
//! same name into one type, with the enum values of all of them. `x-rust-doc` is the doc comment of that type.

use serde_json::{Map, Value, json};

use super::Failure;
use super::schema_walk::each_schema;

const NAME: &str = "x-rust-name";
const DOC: &str = "x-rust-doc";
const SCHEMAS: &str = "#/components/schemas/";

/// Returns the document in which every schema named by us is a component with that name.
///
/// # Errors
/// A name that is taken, or inline schemas with the same name but different shapes.
pub fn apply(document: &Value) -> Result<Value, Vec<Failure>> {
    let mut document = document.clone();
    let mut findings = rename_components(&mut document);
    // A schema that is moved may contain others to be moved.
    while findings.is_empty() {
        let shared = take_inline(&mut document, &mut findings);
        if shared.is_empty() {
            return Ok(document);
        }
        let Some(components) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) else {
            return Err(vec![refuse("", "`components.schemas` is not a mapping")]);
        };
        for (name, mut schema) in shared {
            if let Some(other) = components.get(&name)
                && let Some(message) = unite(&name, other, &mut schema)
            {
                findings.push(refuse(&name, &message));
            }
            components.insert(name, schema);
        }
    }
    Err(findings)
}

/// Renames the components and every reference to them.
fn rename_components(document: &mut Value) -> Vec<Failure> {
    let mut findings = Vec::new();
    let Some(components) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) else {
        return findings;
    };
    let mut names: Vec<(String, String)> = Vec::new();
    for (old, schema) in components.iter_mut() {
        if let Some(schema) = schema.as_object_mut()
            && let Some(Value::String(new)) = schema.remove(NAME)
        {
            names.push((old.clone(), new));
        }
    }
    for (old, new) in &names {
        if components.contains_key(new) {
            findings.push(refuse(old, &format!("`{NAME}` is `{new}`, which is another component")));
        } else if let Some(schema) = components.remove(old) {
            components.insert(new.clone(), schema);
        }
    }
    references(document, &names);
    findings
}

fn references(value: &mut Value, names: &[(String, String)]) {
    match value {
        Value::Object(map) => {
            if let Some(Value::String(reference)) = map.get_mut("$ref")
                && let Some(old) = reference.strip_prefix(SCHEMAS)
                && let Some((_, new)) = names.iter().find(|(name, _)| name == old)
            {
                *reference = format!("{SCHEMAS}{new}");
            }
            map.values_mut().for_each(|inner| references(inner, names));
        }
        Value::Array(items) => items.iter_mut().for_each(|inner| references(inner, names)),
        _ => {}
    }
}

/// Moves the inline schemas named by us out of place, leaving a reference to each.
fn take_inline(document: &mut Value, findings: &mut Vec<Failure>) -> Map<String, Value> {
    let mut shared: Map<String, Value> = Map::new();
    each_schema(document, &mut |schema, _| {
        let Some(Value::String(name)) = schema.remove(NAME) else { return };
        let mut inside = std::mem::take(schema);
        let text = inside.remove("description");
        let nullable = inside.remove("nullable");
        if let Some(doc) = inside.remove(DOC).or_else(|| text.clone()) {
            inside.insert("description".into(), doc);
        }
        let reference = format!("{SCHEMAS}{name}");
        if text.is_none() && nullable.is_none() {
            schema.insert("$ref".into(), Value::String(reference));
        } else {
            schema.insert("allOf".into(), json!([{"$ref": reference}]));
            schema.extend(text.map(|text| ("description".to_owned(), text)));
            schema.extend(nullable.map(|nullable| ("nullable".to_owned(), nullable)));
        }
        let mut inside = Value::Object(inside);
        if let Some(other) = shared.get(&name)
            && let Some(message) = unite(&name, other, &mut inside)
        {
            findings.push(refuse(&name, &message));
        }
        shared.insert(name, inside);
    });
    shared
}

/// Adds the enum values of `other` to `schema`; says what prevents the two from being one type.
fn unite(name: &str, other: &Value, schema: &mut Value) -> Option<String> {
    if let Some(text) = other.get("description").cloned()
        && let Some(schema) = schema.as_object_mut()
    {
        schema.insert("description".into(), text);
    }
    if let (Some(Value::Array(known)), Some(Value::Array(more))) = (other.get("enum"), schema.get_mut("enum")) {
        let added: Vec<Value> = more.iter().filter(|value| !known.contains(value)).cloned().collect();
        *more = known.iter().cloned().chain(added).collect();
        return None;
    }
    (shape(other) != shape(schema)).then(|| format!("two schemas with `{NAME}: {name}` are not alike"))
}

/// A schema without its texts; for an enum, regardless of its values.
fn shape(schema: &Value) -> Value {
    match schema {
        Value::Object(map) => {
            let kept =
                map.iter().filter(|(key, value)| !(value.is_string() && ["description", DOC].contains(&key.as_str())));
            let kept = kept.filter(|(key, value)| !(*key == "enum" && value.is_array()));
            Value::Object(kept.map(|(key, value)| (key.clone(), shape(value))).collect())
        }
        other => other.clone(),
    }
}

fn refuse(component: &str, message: &str) -> Failure {
    Failure {
        pointer: format!("/components/schemas/{component}"),
        message: format!("{message}; correct it in spec/overlay.yaml."),
    }
}
