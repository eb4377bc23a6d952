//! Turns a response into what a newer server might send.

use serde_json::Value;

use crate::spec::{Operation, Spec};
use crate::world::clock;

/// Rewrites the response of an operation; see [`Fault::newer_server`](super::Fault::newer_server).
pub(crate) fn rewrite(spec: &Spec, operation: &Operation, value: &mut Value) {
    let Some((_, schema)) = operation.success().and_then(|response| response.content.as_ref()) else {
        return;
    };
    match operation.envelope.as_ref().and_then(|key| value.get_mut(key)) {
        Some(inner) => change(spec, schema, inner),
        None => change(spec, schema, value),
    }
}

fn change(spec: &Spec, schema: &Value, value: &mut Value) {
    let schema = spec.resolve(schema);
    let known = schema.get("enum").is_some() || schema.get("x-known-values").is_some();
    match value {
        Value::Array(items) => {
            if let Some(item) = schema.get("items") {
                items.iter_mut().for_each(|value| change(spec, item, value));
            }
        }
        Value::Object(fields) => {
            let required: Vec<&str> = schema
                .get("required")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect();
            for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
                match fields.get_mut(name) {
                    Some(field) => change(spec, property, field),
                    None if required.contains(&name.as_str()) => {}
                    None => {
                        fields.insert(name.clone(), Value::Null);
                    }
                }
            }
            fields.insert("fromTheFuture".to_owned(), serde_json::json!({"nested": [1, null]}));
        }
        Value::String(text) if known => *text = "FROM_THE_FUTURE".to_owned(),
        Value::String(text) if schema.get("format").and_then(Value::as_str) == Some("date-time") => {
            if let Some(at) = clock::expiry(text) {
                *text = clock::go_time(at);
            }
        }
        _ => {}
    }
}
