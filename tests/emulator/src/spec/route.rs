//! Finds the operation for a request path.

use std::fmt;

use super::operation::Operation;
use crate::http::url::decode;

/// An operation found for a path, with the decoded values of its path parameters.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Match<'a> {
    /// The operation.
    pub operation: &'a Operation,
    /// The name and decoded value of each path parameter, in the order of the template.
    pub parameters: Vec<(String, String)>,
}

/// Why a request path matches no operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RouteError {
    /// No operation has this path.
    UnknownPath,
    /// The path exists only with other methods.
    OtherMethods(Vec<String>),
}

impl fmt::Display for RouteError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RouteError::UnknownPath => formatter.write_str("no operation of the interface document has this path"),
            RouteError::OtherMethods(methods) => write!(formatter, "this path exists only with {}", methods.join(", ")),
        }
    }
}

impl std::error::Error for RouteError {}

pub(super) fn find<'a>(operations: &'a [Operation], method: &str, path: &str) -> Result<Match<'a>, RouteError> {
    // Roots of file trees are documented without a slash at the end and requested with one, and vice versa.
    let other = match path.strip_suffix('/') {
        Some(without) => without.to_owned(),
        None => format!("{path}/"),
    };
    let mut methods = Vec::new();
    for candidate in [path, other.as_str()] {
        for operation in operations {
            let Some(parameters) = fit(operation, candidate) else {
                continue;
            };
            if operation.method == method {
                return Ok(Match { operation, parameters });
            }
            if !methods.contains(&operation.method) {
                methods.push(operation.method.clone());
            }
        }
    }
    if methods.is_empty() { Err(RouteError::UnknownPath) } else { Err(RouteError::OtherMethods(methods)) }
}

fn fit(operation: &Operation, path: &str) -> Option<Vec<(String, String)>> {
    let mut rest = Some(path);
    let mut parameters = Vec::new();
    for segment in operation.template.split('/') {
        let here = rest?;
        let (first, after) = match here.split_once('/') {
            Some((first, after)) => (first, Some(after)),
            None => (here, None),
        };
        match segment.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            None if segment == first => rest = after,
            None => return None,
            Some(name) => {
                let many = operation.path.iter().any(|parameter| parameter.name == name && parameter.multi_segment);
                let (value, after) = if many { (here, None) } else { (first, after) };
                if value.is_empty() {
                    return None;
                }
                parameters.push((name.to_owned(), decode(value, false)));
                rest = after;
            }
        }
    }
    rest.is_none().then_some(parameters)
}
