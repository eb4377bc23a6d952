//! How an attempt ended, as the decision about the next one sees it.

use std::time::Duration;

use crate::error::Meaning;

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AttemptOutcome {
    /// A success, all of it.
    Success,
    /// Another response, all of it or as much as is read of a failure.
    Response {
        /// Its status.
        status: u16,
        /// What `Retry-After` asks for.
        retry_after: Option<Duration>,
        /// What its words mean.
        meaning: Meaning,
    },
    /// No connection could be made.
    NoConnection,
    /// The connection broke, or the response was cut.
    Broken,
    /// The attempt took too long.
    TooSlow,
    /// Nothing that another attempt could change.
    Final,
}
