//! Where schemas are used: what is sent, what is read.

use super::resolve::{Document, entries, items};
use serde_json::Value;
use std::collections::BTreeMap;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Use {
    pub request: bool,
    pub answer: bool,
    /// Part of the body of a PATCH.
    pub patch: bool,
}

impl Use {
    pub const REQUEST: Self = Self { request: true, answer: false, patch: false };
    pub const ANSWER: Self = Self { request: false, answer: true, patch: false };

    pub fn or(self, other: Self) -> Self {
        Self {
            request: self.request || other.request,
            answer: self.answer || other.answer,
            patch: self.patch || other.patch,
        }
    }
}

/// The use of every component schema.
pub struct Uses<'a>(BTreeMap<&'a str, Use>);

impl<'a> Uses<'a> {
    pub fn of(document: &Document<'a>) -> Self {
        let mut uses = Self(BTreeMap::new());
        for operation in &document.operations {
            let patch = Use { patch: operation.method == "patch", ..Use::REQUEST };
            for holder in [operation.item, operation.value] {
                for parameter in items(holder, "parameters") {
                    uses.mark(document, document.resolve(parameter), Use::REQUEST);
                }
            }
            if let Some(body) = operation.value.get("requestBody") {
                uses.mark(document, document.resolve(body), patch);
            }
            for (status, answer) in entries(operation.value, "responses") {
                if status.starts_with('2') {
                    uses.mark(document, document.resolve(answer), Use::ANSWER);
                }
            }
        }
        uses
    }

    pub fn get(&self, schema: &str) -> Use {
        self.0.get(schema).copied().unwrap_or_default()
    }

    fn mark(&mut self, document: &Document<'a>, value: &'a Value, used: Use) {
        let mut waiting = vec![value];
        while let Some(value) = waiting.pop() {
            match value {
                Value::Object(map) => {
                    let reference = map.get("$ref").and_then(Value::as_str);
                    if let Some(name) = reference.and_then(|text| text.strip_prefix("#/components/schemas/"))
                        && let Some((name, schema)) = document.schemas.get_key_value(name)
                    {
                        let before = self.get(name);
                        let after = before.or(used);
                        if before != after {
                            self.0.insert(name, after);
                            waiting.push(schema);
                        }
                    }
                    waiting.extend(map.values());
                }
                Value::Array(values) => waiting.extend(values),
                _ => {}
            }
        }
    }
}
