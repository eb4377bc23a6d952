//! A request as the behavior sees it: matched, checked, decoded.

use serde_json::Value;

use super::World;
use crate::http::range::Range;
use crate::http::response::Response;
use crate::http::upload::Part;
use crate::spec::Operation;

/// A response, or the error that ends the handling.
pub(crate) type Reply<T = Response> = Result<T, Response>;

/// Ends the handling with an error in plain text.
pub(crate) fn refuse<T>(status: u16, text: impl Into<String>) -> Reply<T> {
    Err(Response::text(status, text))
}

/// The behavior of one operation.
pub(crate) type Handler = fn(&mut World, &Call<'_>) -> Reply;

/// One request to an operation.
pub(crate) struct Call<'a> {
    pub(crate) operation: &'a Operation,
    pub(crate) parameters: &'a [(String, String)],
    pub(crate) query: &'a [(String, String)],
    pub(crate) body: Option<&'a Value>,
    /// The part of the content that a download asks for.
    pub(crate) range: Range,
    /// The part of an upload, or what is wrong with it; `None` for a request without a body.
    pub(crate) part: Option<&'a Result<Part, String>>,
}

impl Call<'_> {
    /// The value of a path parameter.
    pub(crate) fn path(&self, name: &str) -> &str {
        self.parameters.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    /// The first value of a query parameter.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        self.query(name).is_some_and(|value| value == "true" || value == "1")
    }

    /// A field of the body that is neither absent nor null.
    pub(crate) fn field(&self, name: &str) -> Option<&Value> {
        self.body.and_then(|body| body.get(name)).filter(|value| !value.is_null())
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.field(name).and_then(Value::as_str)
    }

    /// Copies the given fields of the body that are present.
    pub(crate) fn copy(&self, names: &[&str], into: &mut serde_json::Map<String, Value>) {
        for name in names {
            if let Some(value) = self.field(name) {
                into.insert((*name).to_owned(), value.clone());
            }
        }
    }
}
