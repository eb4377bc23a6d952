//! Telemetry of a call: spans and events, the observer, and the list of attempts that responses and errors carry. One step after
//! each attempt, and one at the end.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use tokio::time::Instant;
use tracing::Span;

use super::call::CallState;
use super::core::{Core, Reply};
use super::ended::Ended;
use super::observe::{AttemptEvent, CallEvent};
use super::retry::RetryReason;
use super::trace;
use crate::Error;
use crate::error::Attempt;

pub(super) struct Telemetry<'a> {
    core: &'a Core,
    state: &'a CallState,
    pub(super) started: Instant,
    /// Attempts that were made.
    attempts: u32,
    span: Span,
    /// Whether the observer was told how the call ended.
    told: bool,
}

impl<'a> Telemetry<'a> {
    pub(super) fn begin(core: &'a Core, state: &'a CallState) -> Self {
        let span = trace::call_span(core, state);
        Self { core, state, started: core.clock.now(), attempts: 0, span, told: false }
    }

    fn path(&self) -> &str {
        self.state.path().unwrap_or(self.state.info.path)
    }

    pub(super) fn span(&self) -> Span {
        self.span.clone()
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.core.clock.now().saturating_duration_since(self.started)
    }

    /// Another attempt begins; `reason` says why the call is retried, if it is.
    pub(super) fn attempt_begins(&mut self, reason: Option<RetryReason>) -> Span {
        self.attempts += 1;
        trace::attempt_span(self.core, self.state, self.attempts, reason)
    }

    /// An attempt has ended, and the next step is known.
    pub(super) fn attempt_ended(&self, span: &Span, ended: &Ended, retry: Option<RetryReason>) {
        let (status, elapsed) = (ended.status(), ended.elapsed);
        self.state.attempted(Attempt { status, outcome: ended.in_words(), elapsed, delay: None });
        trace::attempt_ended(span, ended);
        if let Some(observer) = &self.core.observer {
            observer.on_attempt(&AttemptEvent {
                operation: self.state.info,
                path: self.path(),
                attempt: self.attempts,
                host: None,
                status,
                elapsed,
                request_bytes: ended.request_bytes,
                response_bytes: ended.response_bytes(),
                retry: retry.map(RetryReason::as_str),
            });
        }
    }

    /// The call waits before its next attempt.
    pub(super) fn waits(&self, reason: RetryReason, delay: Duration) {
        trace::waits(self.state, reason, delay);
        self.state.waits(delay);
    }

    /// The call has ended.
    pub(super) fn end(&mut self, outcome: &Result<Reply, Error>, elapsed: Duration) {
        trace::call_ended(&self.span, self.attempts, outcome);
        self.told = true;
        if let Some(observer) = &self.core.observer {
            let (status, error) = match outcome {
                Ok(reply) => (Some(reply.status), None),
                Err(error) => (error.status(), Some(error.kind())),
            };
            let (operation, path, attempts) = (self.state.info, self.path(), self.attempts);
            observer.on_call(&CallEvent { operation, path, attempts, status, error, dropped: false, elapsed });
        }
    }
}

impl Drop for Telemetry<'_> {
    /// Dropping the future cancels the call: nothing more is sent, and the observer is told.
    fn drop(&mut self) {
        if self.told {
            return;
        }
        if let Some(observer) = &self.core.observer {
            let (operation, path) = (self.state.info, self.path());
            let (attempts, elapsed) = (self.attempts, self.elapsed());
            let event = CallEvent { operation, path, attempts, status: None, error: None, dropped: true, elapsed };
            // The call may be ending because the observer panicked; a second panic here would abort the process.
            let _ = catch_unwind(AssertUnwindSafe(|| observer.on_call(&event)));
        }
    }
}
