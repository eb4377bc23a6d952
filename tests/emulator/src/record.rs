//! What the emulator records of each request, with secrets masked.

use std::time::Instant;

use serde_json::Value;

use crate::http::reader::Head;

/// One request that reached the emulator.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// When the head of the request arrived.
    pub received_at: Instant,
    /// The method in capitals.
    pub method: String,
    /// The path as sent, still percent-encoded, without the query.
    pub path: String,
    /// The id of the operation that the request was matched to.
    pub operation: Option<String>,
    /// Query pairs, decoded, in the order in which they were sent.
    pub query: Vec<(String, String)>,
    /// Headers with lower-case names; the value of `authorization` is masked.
    pub headers: Vec<(String, String)>,
    /// The body with the values of secret fields masked.
    pub body: Vec<u8>,
    /// The length of the body as received.
    pub body_length: usize,
    /// Everything in the request that violates the interface document.
    pub violations: Vec<String>,
    /// The status of the response; `None` when the request got none.
    pub status: Option<u16>,
    /// The position in the log, in order of arrival, counting from one and never reused.
    pub sequence: u64,
    /// The world in which the request began; a reset creates a new one.
    pub(crate) generation: u64,
    /// The bytes of the body, if masking changed them.
    pub(crate) raw_body: Option<Raw>,
}

/// Bytes that may hold secrets and are therefore never shown by `Debug`.
#[derive(Clone, Default)]
pub(crate) struct Raw(Vec<u8>);

impl std::fmt::Debug for Raw {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "({} bytes)", self.0.len())
    }
}

impl RecordedRequest {
    /// Starts the record of a request whose head has arrived.
    pub(crate) fn begin(head: &Head, path: &str, query: Vec<(String, String)>) -> RecordedRequest {
        RecordedRequest {
            received_at: Instant::now(),
            method: head.method.clone(),
            path: path.to_owned(),
            operation: None,
            query,
            headers: mask_headers(&head.headers),
            body: Vec::new(),
            body_length: 0,
            violations: Vec::new(),
            status: None,
            sequence: 0,
            generation: 0,
            raw_body: None,
        }
    }

    /// Records a body, or its beginning.
    pub(crate) fn keep(&mut self, body: Vec<u8>, length: usize, at_most: usize) {
        self.body_length = length;
        // Masks before cutting: a cut body is no longer JSON and would show its secrets.
        let masked = mask_body(&body, &self.path);
        let cut = |mut bytes: Vec<u8>| {
            bytes.truncate(at_most);
            // The buffer that a body was read into is larger than the body.
            bytes.shrink_to_fit();
            bytes
        };
        self.raw_body = masked.is_some().then(|| Raw(cut(body.clone())));
        self.body = cut(masked.unwrap_or(body));
    }

    /// Returns the exact bytes of the body, secrets included: only for tests of the wire format.
    pub fn raw_body_with_secrets(&self) -> &[u8] {
        self.raw_body.as_ref().map_or(&self.body, |raw| &raw.0)
    }

    /// Returns everything about the request as JSON, for a log.
    pub fn to_json(&self) -> Value {
        let pairs = |pairs: &[(String, String)]| -> Value {
            pairs.iter().map(|(name, value)| serde_json::json!([name, value])).collect()
        };
        serde_json::json!({
            "sequence": self.sequence, "method": self.method, "path": self.path, "operation": self.operation,
            "query": pairs(&self.query), "headers": pairs(&self.headers), "status": self.status,
            "body": String::from_utf8_lossy(&self.body), "bodyLength": self.body_length, "violations": self.violations,
        })
    }

    /// Returns the masked body as JSON; null if it is not JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// Returns the first value of a header; the name is given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str())
    }

    /// Returns the first value of a query parameter.
    pub fn query_value(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str())
    }
}

const MASK: &str = "***";

/// Masks the credential but keeps its scheme.
fn mask_headers(headers: &[(String, String)]) -> Vec<(String, String)> {
    let mask = |value: &str| match value.split_once(' ') {
        Some((scheme, _)) => format!("{scheme} {MASK}"),
        None => MASK.to_owned(),
    };
    headers
        .iter()
        .map(|(name, value)| (name.clone(), if name == "authorization" { mask(value) } else { value.clone() }))
        .collect()
}

/// Masks the secret fields of a JSON body; `None` if it has none.
fn mask_body(body: &[u8], path: &str) -> Option<Vec<u8>> {
    let mut value = serde_json::from_slice::<Value>(body).ok()?;
    let secrets = path.contains("/secrets");
    mask_value(&mut value, secrets).then(|| value.to_string().into_bytes())
}

fn mask_value(value: &mut Value, secrets: bool) -> bool {
    let mut masked = false;
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                let lower = name.to_ascii_lowercase();
                let secret = lower.contains("password")
                    || lower.contains("token")
                    || lower == "jwt"
                    || (secrets && lower == "value");
                if secret && field.is_string() {
                    *field = Value::from(MASK);
                    masked = true;
                } else {
                    masked |= mask_value(field, secrets);
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                masked |= mask_value(item, secrets);
            }
        }
        _ => {}
    }
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_fields_are_masked_and_other_bodies_keep_their_bytes() {
        let masked = mask_body(br#"{"adminPassword":"canary","name":"x"}"#, "/v1/workspaceGroups").unwrap();
        assert_eq!(String::from_utf8_lossy(&masked), r#"{"adminPassword":"***","name":"x"}"#);
        assert!(
            !String::from_utf8_lossy(&mask_body(br#"{"value":"canary"}"#, "/v1/secrets").unwrap()).contains("canary")
        );
        assert_eq!(mask_body(b"{ \"name\" : 1 }", "/v1/teams"), None);
        let headers = [("authorization".to_owned(), "Bearer canary".to_owned())];
        assert_eq!(mask_headers(&headers)[0].1, "Bearer ***");
    }
}
