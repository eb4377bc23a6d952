//! Where in a document a failure is: the generator does not say, so parts of the document are tried alone.

use serde_json::{Map, Value, json};

use super::openapi::{child, component, entries, operations};

/// The JSON pointer of the first part that fails alone; empty when only the whole does.
pub fn of_failure(document: &Value, fails: &dyn Fn(&Value) -> bool) -> String {
    let schemas = document.get("components").into_iter().flat_map(|all| entries(all, "schemas"));
    let bad = schemas.map(|(name, _)| name).filter(|name| fails(&with_schemas(document, needed(document, name))));
    // A component fails with everything that refers to it: the one that needs least is the one to look at.
    if let Some(name) = bad.min_by_key(|name| needed(document, name).len()) {
        return child("/components/schemas", name);
    }
    for kind in ["parameters", "requestBodies", "responses"] {
        for (name, part) in document.get("components").into_iter().flat_map(|all| entries(all, kind)) {
            let mut part_alone = with_schemas(document, all_schemas(document));
            part_alone["components"][kind] = json!({ name: part });
            if fails(&part_alone) {
                return child(&format!("/components/{kind}"), name);
            }
        }
    }
    for (path, item, method, operation) in operations(document) {
        let mut alone = json!({ method: operation });
        if let Some(parameters) = item.get("parameters") {
            alone["parameters"] = parameters.clone();
        }
        let mut whole = document.clone();
        whole["paths"] = json!({ path: alone });
        if fails(&whole) {
            return inside(&whole, &child(&child("/paths", path), method), fails);
        }
    }
    let rest = entries(document, "paths").find(|(path, item)| {
        let mut whole = document.clone();
        whole["paths"] = json!({ *path: item });
        fails(&whole)
    });
    if let Some((path, _)) = rest {
        return child("/paths", path);
    }
    // Neither a component nor a path: what stands beside them.
    let keys = document.as_object().into_iter().flatten().map(|(key, _)| key);
    let mut others = keys.filter(|key| !["components", "paths", "openapi"].contains(&key.as_str()));
    let mut small = with_schemas(document, Map::new());
    let found = others.find(|key| {
        small[key.as_str()] = document[key.as_str()].clone();
        fails(&small)
    });
    found.map(|key| child("", key)).unwrap_or_default()
}

/// The part of an operation without which it does not fail.
fn inside(document: &Value, operation: &str, fails: &dyn Fn(&Value) -> bool) -> String {
    for key in ["parameters", "requestBody", "responses"] {
        let mut without = document.clone();
        let removed = without.pointer_mut(operation).and_then(Value::as_object_mut).and_then(|map| {
            // Without responses there is no operation.
            if key == "responses" { map.insert(key.to_owned(), json!({})) } else { map.remove(key) }
        });
        if removed.is_some() && !fails(&without) {
            return child(operation, key);
        }
    }
    operation.to_owned()
}

fn with_schemas(document: &Value, schemas: Map<String, Value>) -> Value {
    json!({
        "openapi": document.get("openapi").cloned().unwrap_or_default(),
        "info": {"title": "part", "version": "1"},
        "paths": {},
        "components": {"schemas": schemas},
    })
}

fn all_schemas(document: &Value) -> Map<String, Value> {
    document.pointer("/components/schemas").and_then(Value::as_object).cloned().unwrap_or_default()
}

/// A component and everything that it needs.
fn needed(document: &Value, name: &str) -> Map<String, Value> {
    let mut found = Map::new();
    let mut names = vec![name.to_owned()];
    while let Some(name) = names.pop() {
        let Some(schema) = document.pointer("/components/schemas").and_then(|all| all.get(&name)) else { continue };
        if found.insert(name, schema.clone()).is_none() {
            let mut waiting = vec![schema];
            while let Some(value) = waiting.pop() {
                names.extend(component(value).map(str::to_owned));
                match value {
                    Value::Object(map) => waiting.extend(map.values()),
                    Value::Array(values) => waiting.extend(values),
                    _ => {}
                }
            }
        }
    }
    found
}
