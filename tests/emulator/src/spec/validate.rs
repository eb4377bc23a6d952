//! Compares values with schemas and describes the differences.

use std::fmt;

use serde_json::Value;

use super::schema::{required, resolve};
use super::{Operation, Spec};

/// The kinds of [`Issue`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum IssueKind {
    /// The schema has no such property.
    UnknownField,
    /// The value has a different type than the schema, or a malformed format.
    WrongType,
    /// A required property is absent.
    Missing,
    /// The value is null where the schema does not allow null.
    Null,
    /// An optional property is null instead of absent, which the service treats the same.
    NullForAbsent,
    /// The value has the right type but is outside what the schema allows.
    NotAllowed,
}

/// One place where a value differs from its schema.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Issue {
    /// The kind of difference.
    pub kind: IssueKind,
    /// JSON pointer into the value.
    pub pointer: String,
    /// The difference, in words.
    pub message: String,
}

impl Issue {
    /// Returns the name of the property concerned.
    pub fn field(&self) -> &str {
        self.pointer.rsplit('/').next().unwrap_or_default()
    }
}

impl fmt::Display for Issue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.pointer.is_empty() { "the body" } else { &self.pointer };
        write!(formatter, "{place}: {}", self.message)
    }
}

pub(super) fn validate(document: &Value, schema: &Value, value: &Value) -> Vec<Issue> {
    let mut walk = Walk { document, issues: Vec::new() };
    walk.value(schema, value, "");
    walk.issues
}

/// See [`Spec::validate_response`].
pub(super) fn response(spec: &Spec, operation: &Operation, status: u16, body: &[u8]) -> Vec<String> {
    let Some(response) = operation.responses.iter().find(|response| response.status == status) else {
        return vec![format!("status {status} is not documented for {}", operation.id)];
    };
    match &response.content {
        None => Vec::new(),
        Some((media, _)) if media != "application/json" => Vec::new(),
        Some((_, schema)) => match serde_json::from_slice::<Value>(body) {
            Err(error) => vec![format!("the response of {} is not JSON: {error}", operation.id)],
            Ok(value) => {
                let inner = operation.envelope.as_ref().and_then(|key| value.get(key));
                let issues = spec.validate(schema, inner.unwrap_or(&value));
                // The service includes some fields that have no value, declared nullable or not.
                issues.iter().filter(|issue| issue.kind != IssueKind::NullForAbsent).map(Issue::to_string).collect()
            }
        },
    }
}

struct Walk<'a> {
    document: &'a Value,
    issues: Vec<Issue>,
}

impl Walk<'_> {
    fn note(&mut self, kind: IssueKind, pointer: &str, message: String) {
        self.issues.push(Issue { kind, pointer: pointer.to_owned(), message });
    }

    fn value(&mut self, schema: &Value, value: &Value, pointer: &str) {
        let schema = resolve(self.document, schema);
        if value.is_null() {
            let anything =
                schema.get("type").is_none() && schema.get("oneOf").is_none() && schema.get("anyOf").is_none();
            if !anything && schema.get("nullable").and_then(Value::as_bool) != Some(true) {
                self.note(IssueKind::Null, pointer, "must not be null".to_owned());
            }
            return;
        }
        for key in ["oneOf", "anyOf"] {
            if let Some(choices) = schema.get(key).and_then(Value::as_array) {
                let absent = |issue: &Issue| issue.kind == IssueKind::NullForAbsent;
                let fits = choices.iter().any(|choice| validate(self.document, choice, value).iter().all(absent));
                if !fits {
                    self.note(IssueKind::WrongType, pointer, format!("fits none of its {} forms", choices.len()));
                }
                return;
            }
        }
        let Some(kind) = schema.get("type").and_then(Value::as_str) else {
            return;
        };
        let right = match kind {
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "boolean" => value.is_boolean(),
            "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
            "number" => value.is_number(),
            _ => true,
        };
        if !right {
            self.note(IssueKind::WrongType, pointer, format!("must be of type {kind}, is {}", name_of(value)));
            return;
        }
        self.limits(&schema, value, pointer);
        match value {
            Value::Object(_) => self.object(&schema, value, pointer),
            Value::Array(items) => {
                if let Some(item_schema) = schema.get("items") {
                    for (index, item) in items.iter().enumerate() {
                        self.value(item_schema, item, &format!("{pointer}/{index}"));
                    }
                }
            }
            Value::String(text) => {
                if let Some(problem) =
                    schema.get("format").and_then(Value::as_str).and_then(|format| format_problem(format, text))
                {
                    self.note(IssueKind::WrongType, pointer, problem);
                }
            }
            _ => {}
        }
    }

    fn object(&mut self, schema: &Value, value: &Value, pointer: &str) {
        let Some(fields) = value.as_object() else {
            return;
        };
        for name in required(schema) {
            if !fields.contains_key(name) {
                self.note(IssueKind::Missing, &format!("{pointer}/{name}"), format!("{name} is required"));
            }
        }
        let properties = schema.get("properties").and_then(Value::as_object);
        let additional = schema.get("additionalProperties");
        for (name, field) in fields {
            let place = format!("{pointer}/{name}");
            match properties.and_then(|properties| properties.get(name)) {
                Some(property) => {
                    let before = self.issues.len();
                    self.value(property, field, &place);
                    if field.is_null() && !required(schema).any(|required| required == name) {
                        self.issues.iter_mut().skip(before).for_each(|issue| issue.kind = IssueKind::NullForAbsent);
                    }
                }
                None => match additional {
                    Some(Value::Bool(true)) => {}
                    Some(open @ Value::Object(_)) => self.value(open, field, &place),
                    // An object without properties of its own is free-form.
                    None if properties.is_none() => {}
                    _ => self.note(IssueKind::UnknownField, &place, format!("unknown field \"{name}\"")),
                },
            }
        }
    }

    fn limits(&mut self, schema: &Value, value: &Value, pointer: &str) {
        if let Some(allowed) = schema.get("enum").and_then(Value::as_array)
            && !allowed.contains(value)
        {
            self.note(
                IssueKind::NotAllowed,
                pointer,
                format!("{value} is not one of {}", Value::from(allowed.clone())),
            );
        }
        let limit = |name: &str| schema.get(name).and_then(Value::as_f64);
        let size = match value {
            Value::Number(number) => number.as_f64().map(|size| (size, limit("minimum"), limit("maximum"))),
            Value::String(text) => Some((text.chars().count() as f64, limit("minLength"), limit("maxLength"))),
            Value::Array(items) => Some((items.len() as f64, limit("minItems"), limit("maxItems"))),
            _ => None,
        };
        let Some((size, least, most)) = size else {
            return;
        };
        if least.is_some_and(|least| size < least) || most.is_some_and(|most| size > most) {
            self.note(IssueKind::NotAllowed, pointer, format!("{value} is outside the limits of the document"));
        }
    }
}

fn name_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

fn format_problem(format: &str, text: &str) -> Option<String> {
    let fits = match format {
        "uuid" => crate::world::ids::is_uuid(text),
        "date-time" => crate::world::clock::is_time(text),
        "email" => is_address(text),
        _ => true,
    };
    (!fits).then(|| format!("{text:?} is not a valid {format}"))
}

/// One `@`, something before it, a domain with a dot after it, and no blanks.
fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let labels = domain.split('.').count() >= 2 && domain.split('.').all(|label| !label.is_empty());
    !local.is_empty() && labels && !domain.contains('@') && !text.contains(char::is_whitespace)
}
