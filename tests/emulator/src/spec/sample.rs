//! Values made from schemas: deterministic, so that two runs and two processes agree.

use serde_json::{Map, Number, Value};

use super::schema::{required, resolve};
use crate::world::ids::uuid_of;

/// Which properties a sample contains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fill {
    All,
    Required,
}

pub(super) fn sample(document: &Value, schema: &Value, fill: Fill) -> Value {
    Sampler { document, fill }.value(schema, "value", &mut Vec::new()).unwrap_or(Value::Null)
}

struct Sampler<'a> {
    document: &'a Value,
    fill: Fill,
}

impl Sampler<'_> {
    /// `None` means that the schema is already being sampled further up: a recursive type ends here.
    fn value(&self, schema: &Value, name: &str, open: &mut Vec<String>) -> Option<Value> {
        let reference = schema.get("$ref").and_then(Value::as_str);
        if let Some(reference) = reference {
            if open.iter().any(|open| open == reference) {
                return None;
            }
            open.push(reference.to_owned());
        }
        let value = self.plain(&resolve(self.document, schema), name, open);
        if reference.is_some() {
            open.pop();
        }
        value
    }

    fn plain(&self, schema: &Value, name: &str, open: &mut Vec<String>) -> Option<Value> {
        for key in ["oneOf", "anyOf"] {
            if let Some(choices) = schema.get(key).and_then(Value::as_array) {
                return choices.iter().find_map(|choice| self.value(choice, name, open));
            }
        }
        for key in ["x-example", "example"] {
            if let Some(example) = schema.get(key) {
                return Some(example.clone());
            }
        }
        for key in ["enum", "x-known-values"] {
            if let Some(first) = schema.get(key).and_then(|values| values.get(0)) {
                return Some(first.clone());
            }
        }
        match schema.get("type").and_then(Value::as_str) {
            Some("array") => {
                let item = schema.get("items").and_then(|items| self.value(items, name, open));
                Some(Value::Array(item.into_iter().collect()))
            }
            Some("string") => Some(Value::String(text(schema, name))),
            Some("boolean") => Some(Value::Bool(true)),
            Some("integer" | "number") => Some(Value::Number(number(schema))),
            Some("object") | None if schema.get("properties").is_some() => Some(self.object(schema, open)),
            Some("object") => {
                let mut map = Map::new();
                let inner = schema.get("additionalProperties").filter(|inner| inner.is_object());
                let inner = inner.and_then(|inner| self.value(inner, name, open));
                if self.fill == Fill::All {
                    map.insert("key".to_owned(), inner.unwrap_or_else(|| "value".into()));
                }
                Some(Value::Object(map))
            }
            _ => Some(Value::String("value".to_owned())),
        }
    }

    fn object(&self, schema: &Value, open: &mut Vec<String>) -> Value {
        let mut map = Map::new();
        for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            if self.fill == Fill::Required && !required(schema).any(|required| required == name) {
                continue;
            }
            if let Some(value) = self.value(property, name, open) {
                map.insert(name.clone(), value);
            }
        }
        Value::Object(map)
    }
}

fn text(schema: &Value, name: &str) -> String {
    match schema.get("format").and_then(Value::as_str) {
        Some("uuid") => uuid_of(name),
        Some("date-time") => "2026-09-18T12:39:20.43888Z".to_owned(),
        Some("date") => "2026-09-18".to_owned(),
        Some("email") => "sample@example.com".to_owned(),
        Some("password") => "emulated-Secret-value-7".to_owned(),
        // Lower case, so that it satisfies the one name pattern of the interface.
        _ => format!("sample-{}", name.to_lowercase()),
    }
}

fn number(schema: &Value) -> Number {
    let least = schema.get("minimum").and_then(Value::as_i64);
    Number::from(least.unwrap_or(1))
}
