//! Which parts of a document are sent, which are read, and which are the body of a PATCH, where absent, null and a
//! value differ. The generator uses this to create types, and the comparison of two documents to judge changes.

use std::collections::BTreeMap;

use serde_json::Value;

use super::openapi::{component, entries, items, operations, resolve};

/// What a schema is used for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Use {
    /// It is sent.
    pub request: bool,
    /// It is read.
    pub response: bool,
    /// It is the body of a PATCH.
    pub patch: bool,
}

impl Use {
    /// Sent.
    pub const REQUEST: Self = Self { request: true, response: false, patch: false };
    /// Read.
    pub const RESPONSE: Self = Self { request: false, response: true, patch: false };

    /// Both uses.
    pub fn or(self, other: Self) -> Self {
        Self {
            request: self.request || other.request,
            response: self.response || other.response,
            patch: self.patch || other.patch,
        }
    }
}

/// The use of every component schema.
#[derive(Debug, Default)]
pub struct Uses<'a>(BTreeMap<&'a str, Use>);

impl<'a> Uses<'a> {
    /// Goes through all operations.
    pub fn of(document: &'a Value) -> Self {
        let mut uses = Self::default();
        for (_, item, method, operation) in operations(document) {
            for parameter in items(item, "parameters").iter().chain(items(operation, "parameters")) {
                uses.mark(document, parameter, Use::REQUEST);
            }
            if let Some(body) = operation.get("requestBody") {
                uses.mark(document, body, Use::REQUEST);
                for (_, media) in resolve(document, body).into_iter().flat_map(|body| entries(body, "content")) {
                    if let Some(schema) = media.get("schema").filter(|_| method == "patch") {
                        uses.patched(document, schema);
                    }
                }
            }
            for (_, response) in entries(operation, "responses").filter(|(status, _)| status.starts_with('2')) {
                uses.mark(document, response, Use::RESPONSE);
            }
        }
        uses
    }

    /// The use of a component.
    pub fn get(&self, schema: &str) -> Use {
        self.0.get(schema).copied().unwrap_or_default()
    }

    /// Marks everything that a value refers to, transitively.
    fn mark(&mut self, document: &'a Value, value: &'a Value, used: Use) {
        let mut waiting = vec![value];
        // Parameters, bodies and responses may be references themselves.
        waiting.extend(resolve(document, value));
        while let Some(value) = waiting.pop() {
            match value {
                Value::Object(map) => {
                    if let Some(name) = component(value)
                        && let Some(target) = document.pointer("/components/schemas").and_then(|all| all.get(name))
                    {
                        let before = self.get(name);
                        let after = before.or(used);
                        if before != after {
                            self.0.insert(name, after);
                            waiting.push(target);
                        }
                    }
                    waiting.extend(map.values());
                }
                Value::Array(values) => waiting.extend(values),
                _ => {}
            }
        }
    }

    /// Marks the component that is the body of a PATCH: itself, an alias, or the items of a list.
    fn patched(&mut self, document: &'a Value, schema: &'a Value) {
        let mut schema = schema;
        for _ in 0..32 {
            if let Some(name) = component(schema) {
                let after = Use { patch: true, ..self.get(name) };
                self.0.insert(name, after);
            }
            let only = match items(schema, "allOf") {
                [only] => Some(only),
                _ => schema.get("items"),
            };
            let target = component(schema).and_then(|name| document.pointer("/components/schemas")?.get(name));
            match target.or(only) {
                Some(next) => schema = next,
                None => return,
            }
        }
    }
}
