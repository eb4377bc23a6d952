//! What a call is: its entry in the API description, and its options. The lowest layer; it knows nothing else of the crate.

use std::time::Duration;

/// What the API description says about one operation.
///
/// ```
/// use singlestore_management::OPERATIONS;
///
/// let operation = OPERATIONS.iter().find(|operation| operation.id == "list_workspaces").ok_or("no such operation")?;
/// assert_eq!((operation.method, operation.path), ("GET", "/v1/workspaces"));
/// assert!(operation.idempotent && operation.list.is_some());
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OperationInfo {
    /// The operationId, such as `list_workspaces`.
    pub id: &'static str,
    /// The HTTP method.
    pub method: &'static str,
    /// The path template.
    pub path: &'static str,
    /// The family.
    pub tag: &'static str,
    /// What the operation does, in one line.
    pub summary: &'static str,
    /// Whether sending the request again has the same effect as sending it once.
    pub idempotent: bool,
    /// Whether a conflict over the organization lock proves that nothing was created.
    pub lock_conflict: bool,
    /// The key of the object that the service may wrap the response in.
    pub envelope: Option<&'static str>,
    /// The JSON that an empty response body stands for.
    pub empty_body_as: Option<&'static str>,
    /// For an operation that the vendor does not publish: how its behavior is known.
    pub confidence: Option<Confidence>,
    /// How the list is read; `None` for an operation that is not a list.
    pub list: Option<ListInfo>,
}

/// What the API description says about a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListInfo {
    /// The key of the list in the response; `None` for a bare array.
    pub items: Option<&'static str>,
    /// The property that distinguishes one element from another.
    pub item_id: Option<&'static str>,
    /// How its pages follow each other.
    pub pagination: Pagination,
}

/// How the pages of a list follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Pagination {
    /// The service sends the whole list at once.
    None,
    /// By a token: the one that came with a page is sent to get the next.
    Token {
        /// The parameter that takes the token.
        send: &'static str,
        /// The property of the response that holds the next token.
        receive: &'static str,
        /// Parameters with which a list cannot be paged.
        follow_refuses: &'static [&'static str],
    },
    /// By the id of the last element of the previous page.
    Keyset {
        /// The parameter that takes the id.
        send: &'static str,
        /// The path of the property that says whether another page follows.
        more: &'static str,
    },
    /// By ranges of numbers, both ends included.
    Range {
        /// The parameter that takes the first number.
        first: &'static str,
        /// The parameter that takes the last number.
        last: &'static str,
        /// The property of an element that holds its number.
        number: &'static str,
    },
}

impl OperationInfo {
    /// Whether it is a read, which changes nothing.
    pub(crate) fn is_safe(&self) -> bool {
        ["GET", "HEAD", "OPTIONS"].iter().any(|method| self.method.eq_ignore_ascii_case(method))
    }

    /// Whether the caller needs something from the response; for a request to a path of the caller's own this is not known.
    pub(crate) fn needs_body(&self) -> bool {
        self.path.starts_with('/') && self.empty_body_as.is_none()
    }

    /// A call that is not in the API description.
    pub(crate) const fn other(method: &'static str, idempotent: bool) -> Self {
        Self {
            id: "request",
            method,
            path: "a path of the caller",
            tag: "",
            summary: "",
            idempotent,
            lock_conflict: false,
            envelope: None,
            empty_body_as: None,
            confidence: None,
            list: None,
        }
    }
}

/// How the behavior of an operation that the vendor does not publish is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Confidence {
    /// An official SDK calls it.
    Sdk,
    /// Somebody recorded how the live service responds.
    LiveVerified,
}

/// Options of a single call; whatever is not set comes from the client.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct CallOptions {
    /// The time limit of the whole call, attempts and waits together.
    pub deadline: Option<Duration>,
    /// The time limit of each attempt, from sending the request to the end of the response.
    pub attempt_timeout: Option<Duration>,
    /// Whether the request may be repeated although the operation is not idempotent, or must not be although it is.
    pub idempotent: Option<bool>,
    /// The maximum number of attempts.
    pub max_attempts: Option<u32>,
}
