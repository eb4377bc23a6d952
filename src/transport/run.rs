//! The loop of a call: credentials, attempt, verdict, wait. Only here is anything sent twice.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use http::HeaderValue;
use http::header::AUTHORIZATION;
use reqwest::Request;
use tokio::time::Instant;
use tracing::Instrument;

use super::attempt::{Failure, Sender, Shot};
use super::call::CallState;
use super::clock::FAR_FUTURE;
use super::core::{Core, Reply};
use super::observe::{AttemptEvent, CallEvent};
use super::retry::{Ending, Situation, Verdict, Why, decide};
use super::watch::{Passed, Watch};
use super::{retry_after, trace};
use crate::credentials::{AuthHeader, Renewal};
use crate::error::{Attempt, is_lock, may_have_acted, says_for_good, span};
use crate::{Error, ErrorKind};

/// Makes the call, and tells the observer and the trace of it.
pub(crate) async fn run<S: Sender>(
    core: &Core,
    sender: &S,
    state: &CallState,
    request: Request,
) -> Result<Reply, Error> {
    let span = trace::call_span(core, state);
    let mut call = Running::new(core, sender, state);
    let outcome = {
        // Pinned where it is made, here and below: these futures are large, and moving them is what a call costs most.
        let attempts = std::pin::pin!(call.attempts(request));
        attempts.instrument(span.clone()).await
    };
    let open = call.open;
    let outcome = outcome.map_err(|mut error| {
        error.inner_mut().open_before = open;
        error
    });
    let elapsed = call.elapsed();
    trace::call_ended(&span, call.made, &outcome);
    call.tell(&outcome, elapsed);
    match outcome {
        Ok(reply) => {
            core.budget.refund(call.paid);
            state.succeeded(reply.body.clone(), elapsed);
            Ok(reply)
        }
        Err(error) => Err(state.failed(error, elapsed)),
    }
}

struct Running<'a, S> {
    core: &'a Core,
    sender: &'a S,
    state: &'a CallState,
    started: Instant,
    /// Attempts that were made.
    made: u32,
    /// Those that count against the limit of attempts.
    counted: u32,
    lock_tries: u32,
    /// Retries that were taken from the budget.
    paid: u32,
    /// Whether an attempt that was repeated may have taken effect.
    open: bool,
    /// How the attempt before ended, until the next one begins.
    previous: Option<Result<Reply, Failure>>,
    /// Whether a 401 was answered with a new token.
    renewed: bool,
    /// Whether the observer knows how the call ended.
    told: bool,
}

/// One attempt has ended, and another is to follow after a wait.
struct Again {
    why: Why,
    delay: Duration,
}

impl<S> Drop for Running<'_, S> {
    /// A caller that lost interest drops the future: nothing more is sent, and the observer is told.
    fn drop(&mut self) {
        if !self.told
            && let Some(observer) = &self.core.observer
        {
            let (operation, attempts, elapsed) = (self.state.info, self.made, self.elapsed());
            observer.on_call(&CallEvent { operation, attempts, status: None, error: None, dropped: true, elapsed });
        }
    }
}

impl<'a, S> Running<'a, S> {
    fn new(core: &'a Core, sender: &'a S, state: &'a CallState) -> Self {
        let started = core.clock.now();
        Self {
            core,
            sender,
            state,
            started,
            made: 0,
            counted: 0,
            lock_tries: 0,
            paid: 0,
            open: false,
            previous: None,
            renewed: false,
            told: false,
        }
    }

    fn elapsed(&self) -> Duration {
        self.core.clock.now().saturating_duration_since(self.started)
    }

    fn tell(&mut self, outcome: &Result<Reply, Error>, elapsed: Duration) {
        self.told = true;
        if let Some(observer) = &self.core.observer {
            let (status, error) = match outcome {
                Ok(reply) => (Some(reply.status), None),
                Err(error) => (error.status(), Some(error.kind())),
            };
            let (operation, attempts) = (self.state.info, self.made);
            observer.on_call(&CallEvent { operation, attempts, status, error, dropped: false, elapsed });
        }
    }

    /// The loop itself. What the sender is matters only here.
    async fn attempts(&mut self, mut request: Request) -> Result<Reply, Error>
    where
        S: Sender,
    {
        let deadline = self.deadline();
        let mut why = None;
        loop {
            let (spare, repeatable) = match request.try_clone() {
                Some(spare) => (spare, true),
                None => (without_body(&request), false),
            };
            let bytes_out = request.body().and_then(|body| body.as_bytes()).map_or(0, |body| body.len() as u64);
            let organization = self.core.organization.as_ref();
            let header = match self.core.credentials.at_hand(organization) {
                Some(header) => header,
                None => match Box::pin(self.credentials(deadline)).await {
                    Ok(header) => header,
                    Err(error) => return self.give_up(error),
                },
            };
            request.headers_mut().insert(AUTHORIZATION, header.value().clone());
            let permit = match self.core.gate.is_open() {
                true => None,
                false => match tokio::time::timeout_at(deadline, self.core.gate.enter()).await {
                    Ok(permit) => permit,
                    Err(_) => {
                        let error = self.out_of_time("no place among the requests under way became free");
                        return self.give_up(error);
                    }
                },
            };
            if let Err(error) = self.keep_the_rate(deadline).await {
                return self.give_up(error);
            }
            let at = self.core.clock.now();
            if at >= deadline {
                // Polled once, a request may already be on its way.
                let error = self.out_of_time("there was no time left to send the request");
                return self.give_up(error);
            }
            self.previous = None;
            self.made += 1;
            let span = trace::attempt_span(self.core, self.state, self.made, why);
            let in_flight = self.state.in_flight(permit);
            let outcome = {
                let attempt = std::pin::pin!(self.attempt(request, &spare, header.value(), deadline));
                attempt.instrument(span.clone()).await
            };
            drop(in_flight);
            let elapsed = self.core.clock.now().saturating_duration_since(at);
            let outcome = outcome.map(|mut reply| {
                if !reply.status.is_success() {
                    reply.body = header.scrub(reply.body);
                }
                reply
            });
            self.learn(&outcome, at);
            self.note(&outcome, elapsed);
            trace::attempt_ended(&span, &outcome, bytes_out, elapsed);
            let repeatable = repeatable && self.sender.is_repeatable();
            let verdict = self.verdict(&outcome, repeatable);
            let again = match verdict {
                Verdict::Done => Err(None),
                verdict => Box::pin(self.next(verdict, &header, deadline)).await,
            };
            self.report(&outcome, elapsed, bytes_out, again.as_ref().ok().map(|again| again.why));
            match again {
                Ok(again) if repeatable => {
                    self.open |= match &outcome {
                        Ok(reply) => may_have_acted(reply.status.as_u16(), &String::from_utf8_lossy(&reply.body)),
                        Err(failure) => failure.ending != Ending::NoConnection,
                    };
                    self.previous = Some(outcome);
                    self.wait(&again).await;
                    request = spare;
                    why = Some(again.why);
                }
                Ok(_) => return self.settle(outcome, None),
                Err(remark) => return self.settle(outcome, remark),
            }
        }
    }

    /// Waits for the turn of this request, if the client has a rate.
    async fn keep_the_rate(&self, deadline: Instant) -> Result<(), Error> {
        match &self.core.rate {
            Some(rate) if !rate.turn(self.core.clock.as_ref(), deadline).await => {
                Err(self.out_of_time("the rate limit of the client has no room for this request before it"))
            }
            _ => Ok(()),
        }
    }

    /// Lets the rate learn from a refusal.
    fn learn(&self, outcome: &Result<Reply, Failure>, sent: Instant) {
        if let (Some(rate), Ok(reply)) = (&self.core.rate, outcome)
            && reply.status == http::StatusCode::TOO_MANY_REQUESTS
        {
            rate.refused(self.core.clock.now(), sent, retry_after::parse(&reply.headers, SystemTime::now()));
        }
    }

    fn deadline(&self) -> Instant {
        let limit = self.state.options.deadline.unwrap_or(self.core.deadline).min(FAR_FUTURE);
        self.started + limit
    }

    /// The header with the token; a provider that fails for the moment is asked again within the deadline.
    async fn credentials(&mut self, deadline: Instant) -> Result<AuthHeader, Error> {
        loop {
            let asked =
                tokio::time::timeout_at(deadline, self.core.credentials.header(self.core.organization.as_ref()));
            let Ok(outcome) = asked.await else {
                return Err(self.out_of_time("the credentials provider did not answer"));
            };
            let failed = match outcome {
                Ok(header) => return Ok(header),
                Err(failed) if failed.is_transient() => failed,
                Err(failed) => return Err(failed.into()),
            };
            self.counted += 1;
            let delay = self.core.policy.backoff.delay(self.counted, None, self.core.clock.random());
            let left = deadline.saturating_duration_since(self.core.clock.now());
            if self.counted >= self.max_attempts() || delay >= left {
                return Err(failed.into());
            }
            tracing::debug!(delay_ms = delay.as_millis() as u64, "credentials are not to be had for the moment");
            self.core.clock.sleep(delay).await;
        }
    }

    fn max_attempts(&self) -> u32 {
        self.state.options.max_attempts.unwrap_or(self.core.policy.max_attempts).max(1)
    }

    async fn attempt(
        &self,
        request: Request,
        origin: &Request,
        authorization: &HeaderValue,
        deadline: Instant,
    ) -> Result<Reply, Failure>
    where
        S: Sender,
    {
        let until = match self.state.options.attempt_timeout {
            Some(limit) => deadline.min(self.core.clock.now() + limit.min(FAR_FUTURE)),
            None => deadline,
        };
        let (watch, silence) = (Watch::new(), self.core.read_timeout);
        let sending =
            self.sender.send(Shot { request, origin, authorization, limits: self.core.limits, watch: &watch });
        match watch.guard(std::pin::pin!(sending), until, silence).await {
            Ok(outcome) => outcome,
            Err(Passed::Silence) => {
                let text = format!("the server sent nothing for {}", span(silence));
                Err(Failure { ending: Ending::TooSlow, error: Error::new(ErrorKind::Timeout, text) })
            }
            Err(Passed::End) => {
                let (ending, text) = if until < deadline {
                    (Ending::TooSlow, "the time limit of the attempt passed before the answer was complete".to_owned())
                } else {
                    let limit = span(deadline.saturating_duration_since(self.started));
                    (Ending::Final, format!("the deadline of {limit} passed before the answer was complete"))
                };
                Err(Failure { ending, error: Error::new(ErrorKind::Timeout, text) })
            }
        }
    }

    /// The failure for a deadline that passed while nothing was under way.
    fn out_of_time(&self, what: &str) -> Error {
        let limit = span(self.deadline().saturating_duration_since(self.started));
        Error::new(ErrorKind::Timeout, format!("the deadline of {limit} passed: {what}"))
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
            Ok(reply) => {
                let words = String::from_utf8_lossy(&reply.body);
                Ending::Answer {
                    status: reply.status.as_u16(),
                    retry_after: retry_after::parse(&reply.headers, SystemTime::now()),
                    lock: is_lock(reply.status.as_u16(), &words),
                    permanent: says_for_good(&words),
                }
            }
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
            token_renewed: self.renewed,
        };
        decide(&ending, situation, &self.core.policy)
    }

    /// What the verdict comes to: another attempt after a wait, or the end with a remark.
    async fn next(
        &mut self,
        verdict: Verdict,
        header: &AuthHeader,
        deadline: Instant,
    ) -> Result<Again, Option<String>> {
        let now = self.core.clock.now();
        let left = deadline.saturating_duration_since(now);
        let again = match verdict {
            Verdict::Done | Verdict::NotIdempotent => return Err(None),
            Verdict::NotRepeatable => {
                return Err(Some("it was not tried again, because its body is a stream that has been read".into()));
            }
            Verdict::Exhausted => return Err(None),
            Verdict::RenewToken => {
                match tokio::time::timeout_at(deadline, self.core.credentials.renew(header)).await {
                    Ok(Ok(Renewal::Replaced)) => {}
                    // The next turn of the loop asks again, as often as attempts are left.
                    Ok(Err(failed)) if failed.is_transient() => {}
                    Ok(Err(failed)) => return Err(Some(format!("and there is no other token: {}", failed.message()))),
                    Ok(Ok(Renewal::Unchanged)) => return Err(None),
                    Err(_) => {
                        return Err(Some("and the credentials provider did not respond before the deadline".into()));
                    }
                }
                self.renewed = true;
                Again { why: Why::Token, delay: Duration::ZERO }
            }
            Verdict::WaitForLock => {
                self.lock_tries += 1;
                Again { why: Why::Lock, delay: self.core.policy.lock_delay(self.lock_tries, self.core.clock.random()) }
            }
            Verdict::Retry(why, hint) => {
                if let Some(hint) = hint.filter(|hint| *hint >= left) {
                    let text = format!(
                        "it was not tried again, because the server asks to wait {} and only {} are left of the deadline",
                        span(hint),
                        span(left)
                    );
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
            let (delay, left) = (span(again.delay), span(left));
            return Err(Some(format!(
                "it was not tried again, because the next attempt after {delay} would come past the deadline: only {left} \
                 are left"
            )));
        }
        Ok(again)
    }

    async fn wait(&self, again: &Again) {
        trace::waits(self.state, again.why, again.delay);
        self.state.waits(again.delay);
        if !again.delay.is_zero() {
            self.core.clock.sleep(again.delay).await;
        }
    }

    fn report(&self, outcome: &Result<Reply, Failure>, elapsed: Duration, request_bytes: u64, why: Option<Why>) {
        if let Some(observer) = &self.core.observer {
            let (status, response_bytes) = trace::measures(outcome);
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

    /// The end before another attempt could be made: what the attempt before came to is what counts, if there was one.
    fn give_up(&mut self, error: Error) -> Result<Reply, Error> {
        match self.previous.take() {
            Some(outcome) => {
                let remark = format!("it was not tried again: {}", error.message());
                // A refusal that a new token would cure passes with the outage of its provider.
                let passes = error.kind() == ErrorKind::Credentials && error.is_retryable();
                self.settle(outcome, Some(remark))
                    .map_err(|refused| if passes { refused.with_retryable(true) } else { refused })
            }
            None => Err(error),
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

/// A request of the same kind to the same place, for one whose body is a stream and cannot be copied.
fn without_body(request: &Request) -> Request {
    let mut copy = Request::new(request.method().clone(), request.url().clone());
    copy.headers_mut().clone_from(request.headers());
    copy
}
