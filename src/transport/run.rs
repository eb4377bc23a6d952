//! The loop of a call: credentials, attempt, verdict, wait. Only here is anything sent twice.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use http::header::AUTHORIZATION;
use reqwest::Request;
use tokio::time::Instant;
use tracing::Instrument;

use super::attempt::{Failure, Sender};
use super::observe::{AttemptEvent, CallEvent};
use super::retry::{Ending, Situation, Verdict, Why, decide};
use super::{CallState, Core, Reply, retry_after};
use crate::credentials::Header;
use crate::error::{Attempt, mentions_lock};
use crate::{Error, ErrorKind};

/// Far enough in the future to stand for no deadline.
const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);

/// Makes the call, and tells the observer and the trace of it.
pub(crate) async fn run(core: &Core, sender: &dyn Sender, state: &CallState, request: Request) -> Result<Reply, Error> {
    let span = tracing::debug_span!(
        "singlestore.call",
        "otel.kind" = "client",
        "singlestore.operation" = state.info.id,
        "http.request.method" = state.info.method,
        "url.template" = state.info.path,
        "server.address" = core.base.host_str(),
        "server.port" = core.base.port_or_known_default(),
        "http.response.status_code" = tracing::field::Empty,
        "http.request.resend_count" = tracing::field::Empty,
        "error.type" = tracing::field::Empty,
    );
    let started = core.clock.now();
    let mut call = Running { core, sender, state, started, made: 0, counted: 0, lock_tries: 0, paid: 0, renewed: None };
    let outcome = call.attempts(request).instrument(span.clone()).await;
    let elapsed = core.clock.now().saturating_duration_since(started);
    let status = match &outcome {
        Ok(reply) => Some(reply.status),
        Err(error) => error.status(),
    };
    if let Some(status) = status {
        span.record("http.response.status_code", status.as_u16());
    }
    span.record("http.request.resend_count", call.made.saturating_sub(1));
    if let Err(error) = &outcome {
        span.record("error.type", tracing::field::debug(error.kind()));
    }
    if let Some(observer) = &core.observer {
        let error = outcome.as_ref().err().map(Error::kind);
        observer.on_call(&CallEvent { operation: state.info, attempts: call.made, status, error, elapsed });
    }
    match outcome {
        Ok(reply) => {
            core.budget.refund(call.paid);
            state.succeeded(reply.body.clone(), elapsed);
            Ok(reply)
        }
        Err(error) => Err(state.failed(error, elapsed)),
    }
}

struct Running<'a> {
    core: &'a Core,
    sender: &'a dyn Sender,
    state: &'a CallState,
    started: Instant,
    /// Attempts that were made.
    made: u32,
    /// Those that count against the limit of attempts.
    counted: u32,
    lock_tries: u32,
    /// Retries that were taken from the budget.
    paid: u32,
    /// The token that the server refused, once it has been replaced.
    renewed: Option<Header>,
}

/// One attempt has ended, and another is to follow after a wait.
struct Again {
    why: Why,
    delay: Duration,
}

impl Running<'_> {
    async fn attempts(&mut self, mut request: Request) -> Result<Reply, Error> {
        let deadline = self.deadline();
        loop {
            let spare = request.try_clone();
            let bytes_out = request.body().and_then(|body| body.as_bytes()).map_or(0, |body| body.len() as u64);
            let header = match self.credentials(deadline).await {
                Ok(header) => header,
                Err(error) => return Err(error),
            };
            request.headers_mut().insert(AUTHORIZATION, header.value());
            let permit = match tokio::time::timeout_at(deadline, self.core.gate.enter()).await {
                Ok(permit) => permit,
                Err(_) => return Err(self.out_of_time("no place among the requests under way became free")),
            };
            let at = self.core.clock.now();
            let number = self.made;
            let span = tracing::debug_span!("singlestore.attempt", "http.request.resend_count" = number);
            let outcome = self.attempt(request, deadline).instrument(span).await;
            drop(permit);
            self.made += 1;
            let elapsed = self.core.clock.now().saturating_duration_since(at);
            let outcome = outcome.map(|mut reply| {
                if !reply.status.is_success() {
                    reply.body = header.scrub(reply.body);
                }
                reply
            });
            self.note(&outcome, elapsed);
            let repeatable = spare.is_some();
            let verdict = self.verdict(&outcome, repeatable);
            let again = self.next(verdict, &header, deadline).await;
            self.report(&outcome, elapsed, bytes_out, again.as_ref().ok().map(|again| again.why));
            match (again, spare) {
                (Ok(again), Some(next)) => {
                    self.wait(&again).await;
                    request = next;
                }
                (Ok(_), None) => return self.settle(outcome, None),
                (Err(remark), _) => return self.settle(outcome, remark),
            }
        }
    }

    fn deadline(&self) -> Instant {
        let limit = self.state.options.deadline.unwrap_or(self.core.deadline).min(YEAR);
        self.started + limit
    }

    /// The header with the token; a provider that fails for the moment is asked again within the deadline.
    async fn credentials(&mut self, deadline: Instant) -> Result<Header, Error> {
        loop {
            let asked =
                tokio::time::timeout_at(deadline, self.core.credentials.header(self.core.organization.as_ref()));
            let Ok(outcome) = asked.await else {
                return Err(self.out_of_time("the credentials provider did not answer"));
            };
            let error = match outcome {
                Ok(header) => return Ok(header),
                Err((error, transient)) if transient => error,
                Err((error, _)) => return Err(error),
            };
            self.counted += 1;
            let delay = self.core.policy.backoff.delay(self.counted, None, self.core.clock.random());
            if self.counted >= self.max_attempts() || self.core.clock.now() + delay >= deadline {
                return Err(error);
            }
            tracing::debug!(delay_ms = delay.as_millis() as u64, "credentials are not to be had for the moment");
            self.core.clock.sleep(delay).await;
        }
    }

    fn max_attempts(&self) -> u32 {
        self.state.options.max_attempts.unwrap_or(self.core.policy.max_attempts).max(1)
    }

    async fn attempt(&self, request: Request, deadline: Instant) -> Result<Reply, Failure> {
        let until = match self.state.options.attempt_timeout {
            Some(limit) => deadline.min(self.core.clock.now() + limit.min(YEAR)),
            None => deadline,
        };
        match tokio::time::timeout_at(until, self.sender.send(request, self.core.limits)).await {
            Ok(outcome) => outcome,
            Err(_) => {
                let (ending, text) = if until < deadline {
                    (Ending::TooSlow, "the time limit of the attempt passed before the answer was complete".to_owned())
                } else {
                    let limit = deadline.saturating_duration_since(self.started);
                    (Ending::Final, format!("the deadline of {limit:?} passed before the answer was complete"))
                };
                Err(Failure { ending, error: Error::new(ErrorKind::Timeout, text) })
            }
        }
    }

    /// The failure for a deadline that passed while nothing was under way.
    fn out_of_time(&self, what: &str) -> Error {
        let limit = self.deadline().saturating_duration_since(self.started);
        Error::new(ErrorKind::Timeout, format!("the deadline of {limit:?} passed: {what}"))
    }

    fn note(&mut self, outcome: &Result<Reply, Failure>, elapsed: Duration) {
        let (status, outcome) = match outcome {
            Ok(reply) if reply.status.is_success() => (Some(reply.status), Cow::Borrowed("answered")),
            Ok(reply) => (Some(reply.status), Cow::Owned(reply.status.to_string())),
            Err(failure) => (failure.error.status(), Cow::Owned(failure.error.message().to_owned())),
        };
        self.state.attempted(Attempt { status, outcome, elapsed, delay: None });
    }

    fn verdict(&mut self, outcome: &Result<Reply, Failure>, repeatable: bool) -> Verdict {
        let ending = match outcome {
            Ok(reply) if reply.status.is_success() => return Verdict::Done,
            Ok(reply) => Ending::Answer {
                status: reply.status.as_u16(),
                retry_after: retry_after::parse(&reply.headers, SystemTime::now()),
                lock: reply.status.is_server_error() && mentions_lock(&String::from_utf8_lossy(&reply.body)),
            },
            Err(failure) => failure.ending.clone(),
        };
        let is_lock = matches!(ending, Ending::Answer { lock: true, .. }) && self.state.info.lock_conflict;
        if !is_lock {
            self.counted += 1;
        }
        let situation = Situation {
            operation: self.state.info,
            idempotent: self.state.options.idempotent.unwrap_or(self.state.info.idempotent),
            repeatable,
            attempts: self.counted,
            lock_tries: self.lock_tries,
            max_attempts: self.max_attempts(),
            token_renewed: self.renewed.is_some(),
        };
        decide(&ending, situation, &self.core.policy)
    }

    /// What the verdict comes to: another attempt after a wait, or the end with a remark.
    async fn next(&mut self, verdict: Verdict, header: &Header, deadline: Instant) -> Result<Again, Option<String>> {
        let now = self.core.clock.now();
        let left = deadline.saturating_duration_since(now);
        let again = match verdict {
            Verdict::Done | Verdict::NotIdempotent => return Err(None),
            Verdict::NotRepeatable => {
                return Err(Some("it was not tried again, because its body is a stream that has been read".into()));
            }
            Verdict::Exhausted => return Err(None),
            Verdict::RenewToken => {
                let renewed = tokio::time::timeout_at(deadline, self.core.credentials.renew(header)).await;
                if !matches!(renewed, Ok(true)) {
                    return Err(None);
                }
                self.renewed = Some(header.clone());
                Again { why: Why::Token, delay: Duration::ZERO }
            }
            Verdict::WaitForLock => {
                self.lock_tries += 1;
                Again { why: Why::Lock, delay: self.core.policy.lock_delay(self.lock_tries, self.core.clock.random()) }
            }
            Verdict::Retry(why, hint) => {
                if let Some(hint) = hint.filter(|hint| *hint >= left) {
                    let text = format!("the server asks to wait {hint:?}, and {left:?} are left of the deadline");
                    return Err(Some(text));
                }
                let delay = self.core.policy.backoff.delay(self.counted, hint, self.core.clock.random());
                if delay < left && !self.core.budget.take() {
                    let text = "it was not tried again, because the retry budget of the client is used up: \
                                most of its recent calls have failed";
                    return Err(Some(text.into()));
                }
                if delay < left {
                    self.paid += 1;
                }
                Again { why, delay }
            }
        };
        if again.delay >= left && !again.delay.is_zero() {
            return Err(Some(format!("the next attempt would come after the deadline ({left:?} are left)")));
        }
        Ok(again)
    }

    async fn wait(&self, again: &Again) {
        let delay_ms = u64::try_from(again.delay.as_millis()).unwrap_or(u64::MAX);
        if again.why == Why::Lock {
            tracing::info!(operation = self.state.info.id, delay_ms, "another creation holds the organization lock");
        } else {
            tracing::debug!(operation = self.state.info.id, delay_ms, reason = again.why.as_str(), "trying again");
        }
        self.state.waits(again.delay);
        if !again.delay.is_zero() {
            self.core.clock.sleep(again.delay).await;
        }
    }

    fn report(&self, outcome: &Result<Reply, Failure>, elapsed: Duration, request_bytes: u64, why: Option<Why>) {
        let (status, response_bytes) = match outcome {
            Ok(reply) => (Some(reply.status), reply.body.len() as u64),
            Err(failure) => (failure.error.status(), 0),
        };
        tracing::debug!(
            operation = self.state.info.id,
            attempt = self.made,
            status = status.map(|status| status.as_u16()),
            elapsed_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
            response_bytes,
            "attempt ended"
        );
        if let Some(observer) = &self.core.observer {
            observer.on_attempt(&AttemptEvent {
                operation: self.state.info,
                attempt: self.made,
                status,
                elapsed,
                request_bytes,
                response_bytes,
                retry: why.map(Why::as_str),
            });
        }
    }

    /// The answer, or the error that it stands for.
    fn settle(&self, outcome: Result<Reply, Failure>, remark: Option<String>) -> Result<Reply, Error> {
        match outcome {
            Ok(reply) if reply.status.is_success() => Ok(reply),
            Ok(reply) => {
                let mut error = Error::new(ErrorKind::Api, remark.unwrap_or_default());
                let inner = error.inner_mut();
                inner.status = Some(reply.status);
                inner.retry_after = retry_after::parse(&reply.headers, SystemTime::now());
                inner.headers = reply.headers;
                inner.body = reply.body;
                inner.body_truncated = reply.truncated;
                Err(error)
            }
            Err(Failure { mut error, .. }) => {
                if let Some(remark) = remark {
                    let inner = error.inner_mut();
                    inner.message = format!("{}; {remark}", inner.message);
                }
                Err(error)
            }
        }
    }
}
