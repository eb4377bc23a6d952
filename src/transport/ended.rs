//! An attempt that has ended, with everything that later steps need, computed once.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use http::StatusCode;

use super::attempt::Failure;
use super::core::Reply;
use super::outcome::AttemptOutcome;
use super::retry_after;
use crate::error::{Meaning, RequestWords, may_have_acted};
use crate::{Error, ErrorKind};

/// An attempt that has ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub result: Result<Reply, Failure>,
    pub outcome: AttemptOutcome,
    pub elapsed: Duration,
    /// Bytes of the body that was sent.
    pub request_bytes: u64,
}

impl Ended {
    /// `words` are those of the request; they are only looked for in a failure.
    pub(super) fn new(
        result: Result<Reply, Failure>,
        words: impl FnOnce() -> RequestWords,
        elapsed: Duration,
        request_bytes: u64,
    ) -> Self {
        let outcome = match &result {
            Ok(reply) if reply.status.is_success() => AttemptOutcome::Success,
            Ok(reply) => {
                let status = reply.status.as_u16();
                // Half a sentence may mean something other than the whole.
                let meaning =
                    if reply.truncated { Meaning::default() } else { Meaning::of(status, &reply.body, &words()) };
                let retry_after = retry_after::parse(&reply.headers, SystemTime::now());
                AttemptOutcome::Response { status, retry_after, meaning }
            }
            Err(failure) => failure.outcome.clone(),
        };
        Self { result, outcome, elapsed, request_bytes }
    }

    pub(super) fn status(&self) -> Option<StatusCode> {
        match &self.result {
            Ok(reply) => Some(reply.status),
            Err(failure) => failure.error.status(),
        }
    }

    pub(super) fn response_bytes(&self) -> u64 {
        self.result.as_ref().map_or(0, |reply| reply.body.len() as u64)
    }

    /// Describes how it ended.
    pub(super) fn in_words(&self) -> Cow<'static, str> {
        match &self.result {
            Ok(reply) if reply.status.is_success() => Cow::Borrowed("succeeded"),
            Ok(reply) => Cow::Owned(reply.status.to_string()),
            Err(failure) => Cow::Owned(failure.error.message().to_owned()),
        }
    }

    pub(super) fn is_lock(&self) -> bool {
        matches!(self.outcome, AttemptOutcome::Response { meaning: Meaning { lock: true, .. }, .. })
    }

    /// Whether the service itself says that the resource named by the request does not exist.
    pub(super) fn is_not_found(&self) -> bool {
        matches!(self.outcome, AttemptOutcome::Response { meaning: Meaning { not_found: true, .. }, .. })
    }

    /// Whether the service may have acted on it.
    pub(super) fn may_have_acted(&self) -> bool {
        match self.outcome {
            AttemptOutcome::Success | AttemptOutcome::NoConnection => false,
            AttemptOutcome::Response { status, meaning, .. } => may_have_acted(status, meaning),
            AttemptOutcome::Broken | AttemptOutcome::TooSlow | AttemptOutcome::Final => true,
        }
    }

    /// The response, or the error that it represents.
    pub(super) fn settle(self, remark: Option<Cow<'static, str>>) -> Result<Reply, Error> {
        match (self.result, self.outcome) {
            (Ok(reply), AttemptOutcome::Response { retry_after, meaning, .. }) => {
                let mut error = Error::new(ErrorKind::Api, remark.unwrap_or_default());
                let inner = error.inner_mut();
                inner.status = Some(reply.status);
                inner.retry_after = retry_after;
                inner.meaning = meaning;
                inner.headers = reply.headers;
                inner.body = reply.body;
                inner.body_truncated = reply.truncated;
                Err(error)
            }
            (Ok(reply), _) => Ok(reply),
            (Err(Failure { mut error, .. }), _) => {
                if let Some(remark) = remark {
                    let inner = error.inner_mut();
                    inner.message = format!("{}; {remark}", inner.message);
                }
                Err(error)
            }
        }
    }
}
