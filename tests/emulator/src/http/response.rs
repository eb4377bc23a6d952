//! A response before it is written.

use serde_json::Value;

/// Status, headers and body of a response; the length header is added when it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Response {
    pub(crate) fn json(value: &Value) -> Response {
        Response::bytes(200, "application/json", value.to_string().into_bytes())
    }

    /// Errors are plain text, one sentence, without any envelope.
    pub(crate) fn text(status: u16, text: impl Into<String>) -> Response {
        Response::bytes(status, "text/plain; charset=utf-8", text.into().into_bytes())
    }

    pub(crate) fn empty(status: u16) -> Response {
        Response { status, headers: Vec::new(), body: Vec::new() }
    }

    pub(crate) fn bytes(status: u16, media: &str, body: Vec<u8>) -> Response {
        Response { status, headers: vec![("Content-Type".to_owned(), media.to_owned())], body }
    }

    pub(crate) fn redirect(status: u16, location: &str) -> Response {
        Response { status, headers: vec![("Location".to_owned(), location.to_owned())], body: Vec::new() }
    }

    /// Writes status line and headers, with the length given: faults announce lengths that are not true.
    pub(crate) fn head(&self, length: usize, close: bool) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} {}\r\n", self.status, reason(self.status));
        // An empty date stands for none.
        let written = |(name, value): &&(String, String)| !value.is_empty() || !name.eq_ignore_ascii_case("date");
        for (name, value) in self.headers.iter().filter(written) {
            head.push_str(&format!("{}: {}\r\n", clean(name), clean(value)));
        }
        if !self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("date")) {
            head.push_str(&format!("Date: {}\r\n", httpdate::fmt_http_date(std::time::SystemTime::now())));
        }
        head.push_str(&format!("Content-Length: {length}\r\n"));
        if close {
            head.push_str("Connection: close\r\n");
        }
        head.push_str("\r\n");
        head.into_bytes()
    }

    pub(crate) fn is_json(&self) -> bool {
        self.headers
            .iter()
            .any(|(name, value)| name.eq_ignore_ascii_case("content-type") && value.starts_with("application/json"))
    }
}

/// A line break in a header would start another header.
fn clean(text: &str) -> String {
    text.replace(['\r', '\n'], " ")
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        207 => "Multi-Status",
        307 => "Temporary Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Response",
    }
}
