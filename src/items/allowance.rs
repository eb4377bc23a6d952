//! What is left of a list's call: time, which counts only while the consumer waits, and attempts.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Request;

use crate::credentials::AuthHeader;
use crate::error::{Attempt, span};
use crate::operation::{CallOptions, OperationInfo};
use crate::transport::core::Core;
use crate::transport::outcome::AttemptOutcome;
use crate::transport::retry::{RetryContext, RetryDecision, decide};
use crate::transport::scrub::Scrubber;
use crate::{Error, ErrorKind};

/// The time and attempts of one call.
#[derive(Debug)]
pub(super) struct Allowance {
    info: &'static OperationInfo,
    path: Option<Arc<str>>,
    /// The token of the last attempt.
    token: Option<AuthHeader>,
    idempotent: bool,
    deadline: Duration,
    waited: Duration,
    max_attempts: u32,
    attempts: Vec<Attempt>,
    /// Retries taken from the client's budget.
    paid: u32,
}

impl Allowance {
    pub(super) fn new(core: &Core, info: &'static OperationInfo, options: &CallOptions) -> Self {
        Self {
            info,
            path: None,
            token: None,
            idempotent: options.idempotent.unwrap_or(info.idempotent),
            deadline: options.deadline.unwrap_or(core.deadline),
            waited: Duration::ZERO,
            max_attempts: options.max_attempts.unwrap_or(core.policy.max_attempts).max(1),
            attempts: Vec::new(),
            paid: 0,
        }
    }

    /// Records the path of the request.
    pub(super) fn asks(&mut self, request: &Request) {
        self.path.get_or_insert_with(|| request.url().path().into());
    }

    /// Whether another attempt is possible at all.
    pub(super) fn may_repeat(&self) -> bool {
        self.idempotent && self.max_attempts > 1
    }

    /// The options, reduced to what is left.
    pub(super) fn options(&self, options: &CallOptions) -> CallOptions {
        let made = u32::try_from(self.attempts.len()).unwrap_or(u32::MAX);
        let mut options = options.clone();
        options.deadline = Some(self.left());
        options.max_attempts = Some(self.max_attempts.saturating_sub(made).max(1));
        options
    }

    pub(super) fn left(&self) -> Duration {
        self.deadline.saturating_sub(self.waited)
    }

    pub(super) fn wait(&mut self, waited: Duration) {
        self.waited = self.waited.saturating_add(waited);
    }

    /// Records the token of the list's request, which a server may repeat.
    pub(super) fn asked_with(&mut self, token: Option<AuthHeader>) {
        self.token = token;
    }

    pub(super) fn add(&mut self, attempts: Vec<Attempt>) {
        self.attempts.extend(attempts);
    }

    pub(super) fn last_attempt(&self) -> Duration {
        self.attempts.last().map_or(Duration::ZERO, |attempt| attempt.elapsed)
    }

    /// The error for an exceeded deadline.
    pub(super) fn out_of_time(&self) -> Error {
        let text = format!("the deadline of {} passed before the list was complete", span(self.deadline));
        Error::new(ErrorKind::Timeout, text)
    }

    /// Handles an attempt that broke off after a good start: returns the wait before the next one, or none if there is
    /// none.
    pub(super) fn broke(
        &mut self,
        core: &Core,
        ending: &AttemptOutcome,
        error: &Error,
        elapsed: Duration,
    ) -> Option<Duration> {
        if let Some(attempt) = self.attempts.last_mut() {
            attempt.outcome = Cow::Owned(error.message().to_owned());
            attempt.elapsed = elapsed;
        }
        let made = u32::try_from(self.attempts.len()).unwrap_or(u32::MAX);
        let situation = RetryContext {
            operation: self.info,
            idempotent: self.idempotent,
            repeatable: true,
            attempts: made,
            lock_tries: 0,
            max_attempts: self.max_attempts,
            token_renewed: true,
        };
        let RetryDecision::Retry(why, hint) = decide(ending, situation, &core.policy) else { return None };
        let delay = core.policy.backoff.delay(made, hint, core.clock.random());
        if delay >= self.left() || !core.budget.take() {
            return None;
        }
        self.paid += 1;
        if let Some(attempt) = self.attempts.last_mut() {
            attempt.delay = Some(delay);
        }
        let delay_ms = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
        tracing::debug!(operation = self.info.id, delay_ms, reason = why.as_str(), "requesting a broken list again");
        Some(delay)
    }

    /// The call has completed: the retry that worked is refunded.
    pub(super) fn succeeded(&mut self, core: &Core) {
        if self.paid > 0 {
            core.budget.refund(self.paid);
        }
    }

    /// Adds what is known of the call to an error.
    pub(super) fn complete(&self, error: Error) -> Error {
        let mut error = error.with_operation(self.info);
        if let Some(path) = &self.path {
            error = error.with_path(path);
        }
        Scrubber::of_token(self.token.as_ref()).clean(&mut error);
        let inner = error.inner_mut();
        inner.attempts.clone_from(&self.attempts);
        inner.elapsed = self.waited;
        if inner.status.is_none() {
            inner.status = self.attempts.last().and_then(|attempt| attempt.status);
        }
        error
    }
}
