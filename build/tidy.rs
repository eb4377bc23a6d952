//! Sloppy notation with a single possible meaning: keys without a value, a version written as a number.

use serde_json::{Map, Value};

use super::names::pascal;
use super::openapi::METHODS;
use super::schema_walk::each_schema;

/// Normalizes sloppy notation to what it means.
pub fn tidy(document: &mut Value) {
    if let Some(version) = document.pointer_mut("/info/version").filter(|version| version.is_number()) {
        *version = version.to_string().into();
    }
    if let Some(document) = document.as_object_mut() {
        drop_empty(document);
    }
    for kind in ["parameters", "requestBodies"] {
        let holders = document.pointer_mut(&format!("/components/{kind}")).and_then(Value::as_object_mut);
        holders.into_iter().flatten().filter_map(|(_, holder)| holder.as_object_mut()).for_each(drop_empty);
    }
    for (_, item) in document.get_mut("paths").and_then(Value::as_object_mut).into_iter().flatten() {
        let Some(item) = item.as_object_mut() else { continue };
        drop_empty(item);
        parameters(item);
        for method in METHODS {
            let Some(operation) = item.get_mut(method).and_then(Value::as_object_mut) else { continue };
            drop_empty(operation);
            parameters(operation);
            if let Some(body) = operation.get_mut("requestBody").and_then(Value::as_object_mut) {
                drop_empty(body);
            }
            let responses = operation.get_mut("responses").and_then(Value::as_object_mut);
            responses.into_iter().flatten().filter_map(|(_, one)| one.as_object_mut()).for_each(drop_empty);
        }
    }
    each_schema(document, &mut |schema, _| {
        drop_empty(schema);
        wordless(schema);
        only_branch(schema);
        if !schema.contains_key("type")
            && let Some(kind) = type_of_values(schema)
        {
            schema.insert("type".into(), kind.into());
        }
        if title(schema).is_none() {
            schema.remove("title");
        }
    });
}

/// The type of the values of an enum without a type, if they all have the same one.
pub fn type_of_values(schema: &Map<String, Value>) -> Option<&'static str> {
    let values: Vec<&Value> = schema.get("enum")?.as_array()?.iter().filter(|value| !value.is_null()).collect();
    let all = |fits: fn(&Value) -> bool| !values.is_empty() && values.iter().all(|value| fits(value));
    match () {
        () if all(Value::is_string) => Some("string"),
        () if all(|value| value.is_i64() || value.is_u64()) => Some("integer"),
        () if all(Value::is_number) => Some("number"),
        () if all(Value::is_boolean) => Some("boolean"),
        () => None,
    }
}

/// The title of a schema, if it makes a name: from one without letters the generator would use the name of the parent.
pub fn title(schema: &Map<String, Value>) -> Option<&str> {
    schema.get("title").and_then(Value::as_str).filter(|title| !pascal(title).is_empty())
}

/// Whether a branch of an `allOf` does not constrain values.
pub fn is_words(branch: &Value) -> bool {
    const WORDS: [&str; 8] =
        ["description", "title", "example", "deprecated", "externalDocs", "readOnly", "writeOnly", "nullable"];
    branch.as_object().is_some_and(|map| map.keys().all(|key| WORDS.contains(&key.as_str())))
}

/// Moves the texts of such branches to the whole.
fn wordless(schema: &mut Map<String, Value>) {
    let Some(Value::Array(all)) = schema.get_mut("allOf") else { return };
    if all.iter().all(is_words) {
        return;
    }
    let words: Vec<Value> = all.extract_if(.., |branch| is_words(branch)).collect();
    for (key, value) in words.iter().filter_map(Value::as_object).flatten().filter(|(key, _)| *key != "title") {
        schema.entry(key).or_insert_with(|| value.clone());
    }
}

/// Replaces an `allOf` around a single inline schema with that schema; texts next to it are kept.
fn only_branch(schema: &mut Map<String, Value>) {
    for _ in 0..16 {
        let only = match schema.get("allOf").and_then(Value::as_array).map(Vec::as_slice) {
            Some([Value::Object(only)]) if !only.contains_key("$ref") => only.clone(),
            _ => return,
        };
        let says_more = |key: &String| !["allOf", "description", "title"].contains(&key.as_str());
        if only.keys().any(|key| says_more(key) && schema.contains_key(key)) {
            return;
        }
        schema.remove("allOf");
        for (key, value) in only {
            schema.entry(key).or_insert(value);
        }
    }
}

fn parameters(holder: &mut Map<String, Value>) {
    let all = holder.get_mut("parameters").and_then(Value::as_array_mut);
    all.into_iter().flatten().filter_map(Value::as_object_mut).for_each(drop_empty);
}

/// Treats `parameters:` with nothing below it as no parameters.
fn drop_empty(map: &mut Map<String, Value>) {
    map.retain(|_, value| !value.is_null());
}
