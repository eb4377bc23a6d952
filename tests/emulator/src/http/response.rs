//! A response before it is written.

use std::sync::Arc;

use serde_json::Value;

use crate::world::disk::Stored;

/// The status, headers and body of a response; the length header is added when it is written.
#[derive(Debug, Clone)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// Content on disk, instead of a body.
    pub(crate) file: Option<Slice>,
}

/// A part of a content.
#[derive(Debug, Clone)]
pub(crate) struct Slice {
    pub(crate) content: Arc<Stored>,
    pub(crate) start: u64,
    pub(crate) length: u64,
}

impl Response {
    pub(crate) fn json(value: &Value) -> Response {
        Response::bytes(200, "application/json", value.to_string().into_bytes())
    }

    /// Errors are plain text, one sentence, without an envelope.
    pub(crate) fn text(status: u16, text: impl Into<String>) -> Response {
        Response::bytes(status, "text/plain; charset=utf-8", text.into().into_bytes())
    }

    pub(crate) fn empty(status: u16) -> Response {
        Response { status, headers: Vec::new(), body: Vec::new(), file: None }
    }

    pub(crate) fn bytes(status: u16, media: &str, body: Vec<u8>) -> Response {
        Response { status, headers: vec![("Content-Type".to_owned(), media.to_owned())], body, file: None }
    }

    pub(crate) fn redirect(status: u16, location: &str) -> Response {
        Response { status, headers: vec![("Location".to_owned(), location.to_owned())], ..Response::empty(status) }
    }

    /// A part of a content on disk.
    pub(crate) fn file(status: u16, media: &str, slice: Slice) -> Response {
        Response { file: Some(slice), ..Response::bytes(status, media, Vec::new()) }
    }

    /// Length of the body, wherever it is.
    pub(crate) fn length(&self) -> u64 {
        self.file.as_ref().map_or(self.body.len() as u64, |slice| slice.length)
    }

    pub(crate) fn with_header(mut self, name: &str, value: impl Into<String>) -> Response {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Writes the status line and headers, with the given length: faults announce false lengths.
    pub(crate) fn head(&self, length: Option<u64>, close: bool) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} {}\r\n", self.status, reason(self.status));
        // An empty date means none.
        let written = |(name, value): &&(String, String)| !value.is_empty() || !name.eq_ignore_ascii_case("date");
        for (name, value) in self.headers.iter().filter(written) {
            head.push_str(&format!("{}: {}\r\n", clean(name), clean(value)));
        }
        if !self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("date")) {
            head.push_str(&format!("Date: {}\r\n", httpdate::fmt_http_date(std::time::SystemTime::now())));
        }
        match length {
            Some(length) => head.push_str(&format!("Content-Length: {length}\r\n")),
            None => head.push_str("Transfer-Encoding: chunked\r\n"),
        }
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
        201 => "Created",
        206 => "Partial Content",
        207 => "Multi-Status",
        307 => "Temporary Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        416 => "Range Not Satisfiable",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Response",
    }
}
