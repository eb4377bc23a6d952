//! Spans and events, with the attribute names of OpenTelemetry's HTTP conventions. What is logged is an explicit list: a path and
//! never a URL or a query, sizes and never bodies, no headers.

use std::time::Duration;

use tracing::Span;
use tracing::field::Empty;

use super::call::CallState;
use super::core::{Core, Reply};
use super::ended::Ended;
use super::retry::RetryReason;
use crate::{Error, ErrorKind};

/// The span of a call with all its attempts and waits.
pub(super) fn call_span(core: &Core, state: &CallState) -> Span {
    tracing::debug_span!(
        "singlestore.call",
        "otel.name" = display(format_args!("{} {}", state.info.method, state.info.path)),
        "otel.kind" = "internal",
        "singlestore.operation" = state.info.id,
        "http.request.method" = state.info.method,
        "url.template" = state.info.path,
        "url.path" = state.path(),
        "server.address" = core.base.host_str(),
        "server.port" = core.base.port_or_known_default(),
        "http.response.status_code" = Empty,
        "singlestore.attempts" = Empty,
        "otel.status_code" = Empty,
        "error.type" = Empty,
    )
}

/// Completes the span of a call.
pub(super) fn call_ended(span: &Span, attempts: u32, outcome: &Result<Reply, Error>) {
    if span.is_disabled() {
        return;
    }
    span.record("singlestore.attempts", attempts);
    let status = match outcome {
        Ok(reply) => Some(reply.status),
        Err(error) => error.status(),
    };
    if let Some(status) = status {
        span.record("http.response.status_code", status.as_u16());
    }
    if let Err(error) = outcome {
        span.record("otel.status_code", "ERROR");
        match status.filter(|_| error.kind() == ErrorKind::Api) {
            Some(status) => span.record("error.type", status.as_str()),
            None => span.record("error.type", error.kind().as_str()),
        };
    }
}

/// The span of one attempt; `why` says why the call is retried, if it is.
pub(super) fn attempt_span(core: &Core, state: &CallState, number: u32, why: Option<RetryReason>) -> Span {
    let span = tracing::debug_span!(
        "singlestore.attempt",
        "otel.name" = display(format_args!("{} {}", state.info.method, state.info.path)),
        "otel.kind" = "client",
        "http.request.method" = state.info.method,
        "url.template" = state.info.path,
        "url.path" = state.path(),
        "server.address" = core.base.host_str(),
        "server.port" = core.base.port_or_known_default(),
        "http.request.resend_count" = Empty,
        "http.request.body.size" = Empty,
        "http.response.status_code" = Empty,
        "http.response.body.size" = Empty,
        "singlestore.retry.reason" = Empty,
        "otel.status_code" = Empty,
        "error.type" = Empty,
    );
    if number > 1 {
        span.record("http.request.resend_count", number - 1);
    }
    if let Some(why) = why {
        span.record("singlestore.retry.reason", why.as_str());
    }
    span
}

/// Completes the span of an attempt.
pub(super) fn attempt_ended(span: &Span, ended: &Ended) {
    if span.is_disabled() {
        return;
    }
    span.record("http.request.body.size", ended.request_bytes);
    match &ended.result {
        Ok(reply) => {
            span.record("http.response.status_code", reply.status.as_u16());
            span.record("http.response.body.size", reply.body.len() as u64);
            if !reply.status.is_success() {
                span.record("otel.status_code", "ERROR");
                span.record("error.type", reply.status.as_str());
            }
        }
        Err(failure) => {
            span.record("otel.status_code", "ERROR");
            span.record("error.type", failure.error.kind().as_str());
        }
    }
    span.in_scope(|| {
        tracing::debug!(
            status = ended.status().map(|status| status.as_u16()),
            elapsed_ms = millis(ended.elapsed),
            response_bytes = ended.response_bytes(),
            "attempt ended"
        );
    });
}

/// Reports that another attempt follows after a wait.
pub(super) fn waits(state: &CallState, why: RetryReason, delay: Duration) {
    let (operation, delay_ms) = (state.info.id, millis(delay));
    if why == RetryReason::Lock {
        // A wait of a minute is worth a line even at the higher log levels.
        tracing::info!(operation, delay_ms, reason = why.as_str(), "another creation holds the organization lock");
    } else {
        tracing::debug!(operation, delay_ms, reason = why.as_str(), "trying again");
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
