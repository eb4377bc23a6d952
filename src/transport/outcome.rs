//! How an attempt ended, as seen by the decision about the next one.

use std::time::Duration;

use crate::error::Meaning;

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AttemptOutcome {
    /// A complete success.
    Success,
    /// Any other response, complete or as much of a failure as is read.
    Response {
        /// Its status.
        status: u16,
        /// The wait that `Retry-After` asks for.
        retry_after: Option<Duration>,
        /// What its message means.
        meaning: Meaning,
    },
    /// No connection could be made.
    NoConnection,
    /// The connection broke, or the response was cut off.
    Broken,
    /// The attempt took too long.
    TooSlow,
    /// A failure that another attempt cannot change.
    Final,
}
