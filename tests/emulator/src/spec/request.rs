//! Valid requests made from the document, for tests that call every operation.

use serde_json::Value;

use super::{Operation, Spec};
use crate::http::url::encode;

/// A valid request for an operation.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SampleRequest {
    /// Method in capitals.
    pub method: String,
    /// Path with its parameters filled in, percent-encoded.
    pub path: String,
    /// Path parameters by name, not encoded.
    pub parameters: Vec<(String, String)>,
    /// Query pairs, not encoded.
    pub query: Vec<(String, String)>,
    /// The content type of the body, if there is one.
    pub content_type: Option<String>,
    /// The bytes of the body, if there is one.
    pub body: Option<Vec<u8>>,
}

impl SampleRequest {
    /// Returns the path and query as sent.
    pub fn target(&self) -> String {
        let pairs: Vec<String> =
            self.query.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        if pairs.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, pairs.join("&")) }
    }
}

pub(super) fn build(spec: &Spec, operation: &Operation, full: bool) -> SampleRequest {
    let mut path = operation.template.clone();
    let mut parameters = Vec::new();
    for parameter in &operation.path {
        let value = plain(spec, &parameter.name, &parameter.schema);
        path = path.replace(&format!("{{{}}}", parameter.name), &encode(&value));
        parameters.push((parameter.name.clone(), value));
    }
    let wanted = operation.query.iter().filter(|parameter| full || parameter.required || parameter.always);
    let query =
        wanted.map(|parameter| (parameter.name.clone(), plain(spec, &parameter.name, &parameter.schema))).collect();
    let body = operation.body.as_ref().filter(|body| full || body.required);
    let (content_type, bytes) = match body {
        None => (None, None),
        Some(_) if operation.is_upload() => {
            (Some(MULTIPART.to_owned()), Some(multipart("sample.txt", b"sample content")))
        }
        Some(body) => {
            let value = if full { spec.sample(&body.schema) } else { spec.minimal_sample(&body.schema) };
            (Some(body.media.clone()), Some(value.to_string().into_bytes()))
        }
    };
    SampleRequest { method: operation.method.clone(), path, parameters, query, content_type, body: bytes }
}

const MULTIPART: &str = "multipart/form-data; boundary=emulator-sample";

fn multipart(name: &str, content: &[u8]) -> Vec<u8> {
    let mut out = format!(
        "--emulator-sample\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    )
    .into_bytes();
    out.extend_from_slice(content);
    out.extend_from_slice(b"\r\n--emulator-sample--\r\n");
    out
}

/// A parameter's sample as a string; the name makes equal parameters equal in all operations.
fn plain(spec: &Spec, name: &str, schema: &Value) -> String {
    let mut schema = spec.resolve(schema).into_owned();
    if schema.get("format").and_then(Value::as_str) == Some("uuid") {
        return crate::world::ids::uuid_of(name);
    }
    if schema.get("type").and_then(Value::as_str) == Some("array") {
        schema = schema.get("items").cloned().unwrap_or_default();
    }
    match spec.sample(&schema) {
        Value::String(text) => text,
        other => other.to_string(),
    }
}
