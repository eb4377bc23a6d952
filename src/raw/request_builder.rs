//! Builds the request of one operation. Not a chain of generic calls, so that a program contains it once and not for each type of
//! argument.

use std::fmt::Display;

use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Method};
use reqwest::{Body, Request, Url};

use super::urlencoded::{self, Unwritable};
use crate::ser::Writable;

/// What a method of the raw client returns.
pub(crate) type Built = Result<Box<Request>, NotBuilt>;

/// Why a request cannot be built. It holds no URL.
#[derive(Debug)]
pub(crate) enum NotBuilt {
    /// The value of this header is invalid.
    Header(HeaderName),
    /// The query or the form cannot hold a value of this shape.
    Form(Unwritable),
    /// The body cannot be written as JSON.
    Json(serde_json::Error),
}

/// A request being built, and the first thing that went wrong.
pub(crate) struct RequestBuilder {
    /// Boxed at once: it is large, and is moved from here all the way to the connection.
    request: Box<Request>,
    failed: Option<NotBuilt>,
}

impl RequestBuilder {
    #[inline(never)]
    pub(super) fn new(method: Method, url: Url) -> Self {
        Self { request: Box::new(Request::new(method, url)), failed: None }
    }

    fn fail(&mut self, failed: NotBuilt) {
        self.failed.get_or_insert(failed);
    }

    /// Asks for JSON.
    #[inline(never)]
    pub(crate) fn accept_json(&mut self) {
        self.request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
    }

    /// Adds a string to the query.
    #[inline(never)]
    pub(crate) fn query_str(&mut self, name: &str, value: &str) {
        self.request.url_mut().query_pairs_mut().append_pair(name, value);
    }

    /// Adds a scalar to the query as its `Display` form.
    #[inline(never)]
    pub(crate) fn query_display(&mut self, name: &str, value: &dyn Display) {
        self.query_str(name, &urlencoded::text(value));
    }

    /// Adds a value of any other kind to the query.
    #[inline(never)]
    pub(crate) fn query(&mut self, name: &str, value: &dyn Writable) {
        if let Err(source) = urlencoded::parameter(name, value, self.request.url_mut()) {
            self.fail(NotBuilt::Form(source));
        }
    }

    /// Sets a header, replacing one that the operation always has.
    #[inline(never)]
    pub(crate) fn header(&mut self, name: HeaderName, value: &str) {
        match HeaderValue::from_str(value) {
            Ok(value) => drop(self.request.headers_mut().insert(name, value)),
            Err(_) => self.fail(NotBuilt::Header(name)),
        }
    }

    /// Sets the type of the body.
    #[inline(never)]
    pub(crate) fn content_type(&mut self, value: &'static str) {
        self.request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(value));
    }

    /// Sets the body.
    pub(crate) fn body(&mut self, body: impl Into<Body>) {
        *self.request.body_mut() = Some(body.into());
    }

    /// Sets a JSON body from the result of writing it.
    #[inline(never)]
    pub(crate) fn json(&mut self, body: Result<Vec<u8>, serde_json::Error>) {
        match body {
            Ok(body) => {
                self.content_type("application/json");
                self.body(body);
            }
            Err(source) => self.fail(NotBuilt::Json(source)),
        }
    }

    /// Sets the body of a form.
    #[inline(never)]
    pub(crate) fn form(&mut self, body: &dyn Writable) {
        // A form is written like a query.
        let mut form = self.request.url().clone();
        form.set_query(None);
        match urlencoded::form(body, &mut form) {
            Ok(()) => {
                self.content_type("application/x-www-form-urlencoded");
                self.body(form.query().unwrap_or_default().to_owned());
            }
            Err(source) => self.fail(NotBuilt::Form(source)),
        }
    }

    /// The request, or why it cannot be built.
    pub(crate) fn build(self) -> Built {
        match self.failed {
            None => Ok(self.request),
            Some(failed) => Err(failed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: HeaderName = HeaderName::from_static("x-trace");

    fn begin() -> RequestBuilder {
        RequestBuilder::new(Method::PUT, "http://127.0.0.1/x".parse().unwrap())
    }

    #[test]
    fn a_request_contains_what_it_was_given() {
        let mut builder = begin();
        builder.accept_json();
        builder.json(serde_json::to_vec(&[1]));
        builder.query_str("a", "b c");
        builder.query_display("n", &-1);
        builder.query("list", &["x", "y"].map(String::from).to_vec());
        builder.header(TRACE, "ü\t1");
        let request = builder.build().unwrap();
        assert_eq!(request.url().as_str(), "http://127.0.0.1/x?a=b+c&n=-1&list=x&list=y");
        assert_eq!(request.body().unwrap().as_bytes(), Some(&b"[1]"[..]));
        let headers: Vec<_> = request.headers().iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        let json = b"application/json".as_slice();
        assert_eq!(headers, [("accept", json), ("content-type", json), ("x-trace", "ü\t1".as_bytes())]);
    }

    #[test]
    fn a_parameter_replaces_a_header_that_is_always_sent() {
        let mut builder = begin();
        builder.content_type("application/octet-stream");
        builder.body("x");
        builder.header(CONTENT_TYPE, "text/csv");
        let request = builder.build().unwrap();
        assert_eq!(request.headers().get_all(CONTENT_TYPE).iter().collect::<Vec<_>>(), ["text/csv"]);
    }

    #[test]
    fn the_first_unwritable_value_is_reported() {
        let mut builder = begin();
        builder.query_str("password", "hunter2");
        builder.query("matrix", &vec![vec![1_i64]]);
        builder.header(TRACE, "a\nb");
        let failed = builder.build().unwrap_err();
        assert!(matches!(failed, NotBuilt::Form(_)), "{failed:?}");
        assert!(!format!("{failed:?}").contains("hunter2"));
        let mut builder = begin();
        builder.header(TRACE, "a\nb");
        assert!(matches!(builder.build(), Err(NotBuilt::Header(name)) if name == TRACE));
        let mut builder = begin();
        builder.json(serde_json::to_vec(&std::collections::BTreeMap::from([((1, 2), 3)])));
        assert!(matches!(builder.build(), Err(NotBuilt::Json(_))));
    }
}
