//! Visits every schema of an OpenAPI document, and nothing else: a property may be *named* `default` or `example`.

use serde_json::{Map, Value};

use super::openapi::METHODS;

/// What a visitor learns about the place of a schema.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// Name of the property or parameter that the schema describes, if it describes one.
    pub name: Option<&'a str>,
}

/// Calls `visit` for every schema object, parents before children.
pub fn each_schema(document: &mut Value, visit: &mut dyn FnMut(&mut Map<String, Value>, Place<'_>)) {
    if let Some(components) = document.get_mut("components") {
        for (_, schema) in entries(components, "schemas") {
            walk(schema, Place { name: None }, visit);
        }
        for (_, parameter) in entries(components, "parameters") {
            walk_parameter(parameter, visit);
        }
        for (_, response) in entries(components, "responses") {
            walk_content(response, visit);
        }
        for (_, body) in entries(components, "requestBodies") {
            walk_content(body, visit);
        }
    }
    for (_, item) in entries(document, "paths") {
        for parameter in items(item, "parameters") {
            walk_parameter(parameter, visit);
        }
        for method in METHODS {
            let Some(operation) = item.get_mut(method) else { continue };
            for parameter in items(operation, "parameters") {
                walk_parameter(parameter, visit);
            }
            if let Some(body) = operation.get_mut("requestBody") {
                walk_content(body, visit);
            }
            for (_, response) in entries(operation, "responses") {
                walk_content(response, visit);
            }
        }
    }
}

fn entries<'a>(value: &'a mut Value, key: &str) -> impl Iterator<Item = (&'a String, &'a mut Value)> + use<'a> {
    value.get_mut(key).and_then(Value::as_object_mut).into_iter().flat_map(|map| map.iter_mut())
}

fn items<'a>(value: &'a mut Value, key: &str) -> impl Iterator<Item = &'a mut Value> + use<'a> {
    value.get_mut(key).and_then(Value::as_array_mut).into_iter().flatten()
}

fn walk_parameter(parameter: &mut Value, visit: &mut dyn FnMut(&mut Map<String, Value>, Place<'_>)) {
    let name = parameter.get("name").and_then(Value::as_str).map(str::to_owned);
    if let Some(schema) = parameter.get_mut("schema") {
        walk(schema, Place { name: name.as_deref() }, visit);
    }
}

fn walk_content(holder: &mut Value, visit: &mut dyn FnMut(&mut Map<String, Value>, Place<'_>)) {
    for (_, media) in entries(holder, "content") {
        if let Some(schema) = media.get_mut("schema") {
            walk(schema, Place { name: None }, visit);
        }
    }
}

fn walk(schema: &mut Value, place: Place<'_>, visit: &mut dyn FnMut(&mut Map<String, Value>, Place<'_>)) {
    let Value::Object(map) = schema else { return };
    visit(map, place);
    if let Some(Value::Object(properties)) = map.get_mut("properties") {
        for (name, property) in properties.iter_mut() {
            walk(property, Place { name: Some(name) }, visit);
        }
    }
    for key in ["items", "additionalProperties", "not"] {
        if let Some(inner) = map.get_mut(key) {
            walk(inner, place, visit);
        }
    }
    for key in ["allOf", "oneOf", "anyOf"] {
        if let Some(Value::Array(branches)) = map.get_mut(key) {
            for branch in branches {
                walk(branch, place, visit);
            }
        }
    }
}
