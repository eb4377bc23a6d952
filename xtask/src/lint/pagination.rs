//! Checks what `x-pagination` says of a list against the response.

use super::Finding;
use super::walk::operations;
use crate::openapi::{child, entries, items, resolve};
use serde_json::Value;

pub fn check(document: &Value, findings: &mut Vec<Finding>) {
    for operation in operations(document) {
        let Some(extension) = operation.value.get("x-pagination") else { continue };
        let pointer = child(&operation.pointer, "x-pagination");
        let Some(schema) = success(document, operation.value) else {
            findings.push(Finding::fatal(pointer, "x-pagination is set on an operation whose response has no JSON."));
            continue;
        };
        let text = |key: &str| extension.get(key).and_then(Value::as_str);
        let Some(element) = element(document, schema, text("items")) else {
            let message = match text("items") {
                Some(key) => format!("the response is neither a list nor an object with the list `{key}`."),
                None => "the response is not a list, and x-pagination names none in `items`.".to_owned(),
            };
            findings.push(Finding::fatal(pointer, message));
            continue;
        };
        for (what, schema) in [("the response", schema), ("an element of the list", element)] {
            if can_be_null(document, schema) {
                let message = format!("{what} may be null, so there is no list to iterate over; remove `nullable`.");
                findings.push(Finding::fatal(&pointer, message));
            }
        }
        match properties(document, element) {
            Some(properties) => {
                let Some(id) = text("id") else { continue };
                let property = properties.iter().find(|(name, _)| *name == id);
                let message = match property.map(|(_, property)| is_word(document, property)) {
                    Some(true) => continue,
                    Some(false) => {
                        format!(
                            "the property `{id}` of the elements is not a string or number that distinguishes them."
                        )
                    }
                    None => format!("the elements of the list have no property `{id}` that distinguishes them."),
                };
                findings.push(Finding::fatal(&pointer, message));
            }
            None => findings
                .push(Finding::fatal(pointer, "the elements of the list are not objects, so they have no type.")),
        }
    }
}

fn success<'a>(document: &'a Value, operation: &'a Value) -> Option<&'a Value> {
    let responses = entries(operation, "responses").filter(|(status, _)| status.starts_with('2'));
    let mut schemas = responses.filter_map(|(_, response)| {
        resolve(document, response)?.get("content")?.get("application/json")?.get("schema")
    });
    schemas.next()
}

/// The schema of an element; `None` when there is no list.
fn element<'a>(document: &'a Value, schema: &'a Value, key: Option<&str>) -> Option<&'a Value> {
    let schema = whole(document, schema)?;
    if let Some(element) = items_of(schema) {
        return Some(element);
    }
    items_of(whole(document, schema.get("properties")?.get(key?)?)?)
}

/// `items` is ignored on a schema that is not a list.
fn items_of(schema: &Value) -> Option<&Value> {
    let is_list = schema.get("type").is_none_or(|kind| kind == "array");
    schema.get("items").filter(|_| is_list)
}

/// Follows references, also through an `allOf` of one.
fn whole<'a>(document: &'a Value, schema: &'a Value) -> Option<&'a Value> {
    let mut schema = resolve(document, schema)?;
    for _ in 0..32 {
        let [only] = items(schema, "allOf") else { break };
        schema = resolve(document, only)?;
    }
    Some(schema)
}

fn can_be_null(document: &Value, schema: &Value) -> bool {
    let flag = |schema: &Value| schema.get("nullable") == Some(&Value::Bool(true));
    flag(schema) || whole(document, schema).is_some_and(flag)
}

/// Whether a value is a single word when written.
fn is_word(document: &Value, schema: &Value) -> bool {
    let Some(schema) = whole(document, schema) else { return false };
    let kind = schema.get("type").and_then(Value::as_str).unwrap_or_default();
    let is_single = ["string", "integer", "number", "boolean"].contains(&kind);
    is_single && schema.get("format").is_none_or(|format| format != "password") && items(schema, "allOf").is_empty()
}

/// The properties of an object, including `allOf`; `None` if it is not one.
fn properties<'a>(document: &'a Value, schema: &'a Value) -> Option<Vec<(&'a str, &'a Value)>> {
    let mut found: Vec<(&str, &Value)> = Vec::new();
    let (mut waiting, mut steps) = (vec![schema], 0);
    while let Some(schema) = waiting.pop().filter(|_| steps < 200) {
        steps += 1;
        let schema = resolve(document, schema)?;
        // `properties` is ignored on a schema that is not an object.
        if schema.get("type").is_none_or(|kind| kind == "object") {
            found.extend(entries(schema, "properties"));
        }
        waiting.extend(items(schema, "allOf"));
    }
    (!found.is_empty()).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn elements_are_objects_and_have_the_property_that_tells_them_apart() {
        let said = |element: Value| {
            let document = json!({
                "openapi": "3.0.3",
                "info": {"title": "t", "version": "1"},
                "components": {"schemas": {"Thing": element}},
                "paths": {"/things": {"get": {
                    "operationId": "list_things",
                    "x-pagination": {"style": "none", "id": "thingID"},
                    "responses": {"200": {"description": "d", "content": {"application/json": {"schema": {
                        "type": "array", "items": {"$ref": "#/components/schemas/Thing"},
                    }}}}},
                }}},
            });
            let mut findings = Vec::new();
            check(&document, &mut findings);
            findings.into_iter().map(|finding| finding.message).collect::<Vec<_>>().join("; ")
        };
        let properties = json!({"thingID": {"type": "string"}});
        assert_eq!(said(json!({"type": "object", "properties": properties})), "");
        assert_eq!(said(json!({"properties": properties})), "");
        assert_eq!(said(json!({"allOf": [{"type": "object", "properties": properties}]})), "");
        for kind in ["string", "integer", "array"] {
            let said = said(json!({"type": kind, "properties": properties}));
            assert!(said.contains("not objects"), "{kind}: {said}");
        }
        assert!(said(json!({"type": "object", "properties": {"name": {"type": "string"}}})).contains("no property"));
    }
}
