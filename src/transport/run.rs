//! The loop of a call: credentials, attempt, decision, wait. Nothing is sent twice anywhere else.

use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use http::header::AUTHORIZATION;
use reqwest::Request;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;
use tracing::{Instrument, Span};

use super::attempt::{AttemptRequest, Failure, Sender};
use super::call::CallState;
use super::clock::FAR_FUTURE;
use super::core::{Core, Reply};
use super::ended::Ended;
use super::outcome::AttemptOutcome;
use super::retry::{RetryContext, RetryDecision, RetryReason, StopReason, decide};
use super::telemetry::Telemetry;
use super::watch::{Passed, Watch};
use super::{envelope, runtime};
use crate::credentials::{AuthHeader, Renewal};
use crate::error::{RequestWords, span};
use crate::{Error, ErrorKind};

/// Makes the call.
pub(crate) async fn run(
    core: &Core,
    sender: &dyn Sender,
    state: &CallState,
    request: Box<Request>,
) -> Result<Reply, Error> {
    if let Err(error) = core.check_runtime() {
        return Err(state.failed(error, Duration::ZERO));
    }
    let mut call = Running::new(core, sender, state);
    let outcome = {
        let span = call.telemetry.span();
        // Pinned in place, here and below: these futures are large, and moving them is the largest cost of a call.
        let attempts = std::pin::pin!(call.attempts(request));
        attempts.instrument(span).await
    };
    let elapsed = call.telemetry.elapsed();
    call.telemetry.end(&outcome, elapsed);
    match outcome {
        Ok(reply) => {
            core.budget.refund(call.paid);
            state.succeeded(reply.body.clone(), elapsed);
            if sender.leaves_body() {
                return Ok(reply);
            }
            let body = envelope::as_promised(reply.body, state.info);
            Ok(Reply { body, ..reply })
        }
        Err(error) => Err(state.failed(error, elapsed)),
    }
}

struct Running<'a> {
    core: &'a Core,
    sender: &'a dyn Sender,
    state: &'a CallState,
    telemetry: Telemetry<'a>,
    deadline: Instant,
    /// Attempts that count against the limit.
    counted: u32,
    lock_tries: u32,
    /// Retries that were taken from the budget.
    paid: u32,
    /// Whether an earlier attempt of this call may have taken effect.
    open: bool,
    /// How the previous attempt ended, until the next one begins. Boxed, like everything that few calls need: this keeps what
    /// every call moves and writes small.
    previous: Option<Box<Ended>>,
    /// Whether the token was renewed after a 401.
    renewed: bool,
}

/// What comes after an attempt.
enum Next {
    /// The call ends, with a remark for the error.
    Stop(Option<Cow<'static, str>>),
    /// Another attempt after a wait.
    Retry { reason: RetryReason, delay: Duration },
}

/// An attempt after which another may be made.
struct Unsettled {
    ended: Ended,
    decision: RetryDecision,
    span: Span,
    repeatable: bool,
}

/// A boxed future.
type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What an attempt needs in addition to the request.
struct Admission {
    header: AuthHeader,
    /// Its concurrency permit.
    permit: Option<OwnedSemaphorePermit>,
    at: Instant,
}

impl<'a> Running<'a> {
    fn new(core: &'a Core, sender: &'a dyn Sender, state: &'a CallState) -> Self {
        let telemetry = Telemetry::begin(core, state);
        let deadline = telemetry.started + state.options.deadline.unwrap_or(core.deadline).min(FAR_FUTURE);
        Self {
            core,
            sender,
            state,
            telemetry,
            deadline,
            counted: 0,
            lock_tries: 0,
            paid: 0,
            open: false,
            previous: None,
            renewed: false,
        }
    }

    /// The loop itself.
    async fn attempts(&mut self, mut request: Box<Request>) -> Result<Reply, Error> {
        let mut reason = None;
        loop {
            let (spare, repeatable) = spare(&request);
            let Admission { header, permit, at } = match self.admit_at_once() {
                Some(admission) => admission,
                None => match self.waits_for_admission().await {
                    Ok(admission) => admission,
                    Err(error) => return self.give_up(error),
                },
            };
            request.headers_mut().insert(AUTHORIZATION, header.value().clone());
            self.state.sends_with(&header);
            self.previous = None;
            let span = self.telemetry.attempt_begins(reason);
            let in_flight = self.state.in_flight(permit);
            // The block drops what it holds before the next wait: `Ended` is large.
            let unsettled = {
                let ended = {
                    let attempt = std::pin::pin!(self.attempt(request, &spare, &header, at));
                    attempt.instrument(span.clone()).await
                };
                drop(in_flight);
                match self.judge(ended, at, repeatable, span) {
                    Ok(settled) => return settled,
                    Err(unsettled) => unsettled,
                }
            };
            match self.goes_on(unsettled, &header).await {
                Ok(why) => (request, reason) = (spare, Some(why)),
                Err(outcome) => return outcome,
            }
        }
    }

    /// [`admit`](Self::admit), boxed like [`goes_on`](Self::goes_on): keeps what few calls run out of the path that all run.
    #[cold]
    fn waits_for_admission(&mut self) -> Later<'_, Result<Admission, Error>> {
        Box::pin(self.admit())
    }

    /// [`again`](Self::again), boxed.
    #[cold]
    fn goes_on<'s>(
        &'s mut self,
        unsettled: Box<Unsettled>,
        header: &'s AuthHeader,
    ) -> Later<'s, Result<RetryReason, Result<Reply, Error>>> {
        Box::pin(self.again(unsettled, header))
    }

    /// The result, or an attempt after which another may be made.
    fn judge(
        &mut self,
        ended: Ended,
        at: Instant,
        repeatable: bool,
        span: Span,
    ) -> Result<Result<Reply, Error>, Box<Unsettled>> {
        self.learn(&ended, at);
        let repeatable = repeatable && self.sender.is_repeatable();
        match self.decide(&ended, repeatable) {
            RetryDecision::Stop(StopReason::Settled) => {
                self.telemetry.attempt_ended(&span, &ended, None);
                Ok(self.settle(ended, None))
            }
            decision => Err(Box::new(Unsettled { ended, decision, span, repeatable })),
        }
    }

    /// Waits for the next attempt and returns its reason; the `Err` side is the final result.
    async fn again(
        &mut self,
        unsettled: Box<Unsettled>,
        header: &AuthHeader,
    ) -> Result<RetryReason, Result<Reply, Error>> {
        let Unsettled { ended, decision, span, repeatable } = *unsettled;
        let remark = match self.next(decision, header).await {
            Next::Retry { reason, delay } if repeatable => {
                self.telemetry.attempt_ended(&span, &ended, Some(reason));
                self.open |= ended.may_have_acted();
                self.previous = Some(Box::new(ended));
                self.telemetry.waits(reason, delay);
                if !delay.is_zero() {
                    self.core.clock.sleep(delay).await;
                }
                return Ok(reason);
            }
            Next::Retry { .. } => None,
            Next::Stop(remark) => remark,
        };
        self.telemetry.attempt_ended(&span, &ended, None);
        Err(self.settle(ended, remark))
    }

    /// What the first attempt needs, if nothing has to be waited for.
    fn admit_at_once(&self) -> Option<Admission> {
        let core = self.core;
        let at_once = self.previous.is_none() && self.is_idempotent() && core.gate.is_open() && core.rate.is_none();
        let at = self.telemetry.started;
        if !at_once || at >= self.deadline {
            return None;
        }
        let header = core.credentials.at_hand(core.organization.as_ref())?;
        Some(Admission { header, permit: None, at })
    }

    /// Waits for what an attempt needs: a token, a permit, its turn.
    async fn admit(&mut self) -> Result<Admission, Error> {
        let header = match self.core.credentials.at_hand(self.core.organization.as_ref()) {
            Some(header) => header,
            None => self.credentials().await?,
        };
        let permit = match self.core.gate.is_open() {
            true => None,
            false => match tokio::time::timeout_at(self.deadline, self.core.gate.enter()).await {
                Ok(permit) => permit,
                Err(_) => return Err(self.out_of_time("no slot among the concurrent requests became free")),
            },
        };
        if let Some(rate) = &self.core.rate
            && !rate.turn(self.core.clock.as_ref(), self.deadline).await
        {
            return Err(self.out_of_time("the rate limit of the client has no room for this request before then"));
        }
        if !self.is_idempotent() {
            // The runtime notices that the server has closed a pooled connection when it polls its sockets, which it may not have
            // done while the program was blocked. Whether a request lost on such a connection was carried out is unknown.
            runtime::take_a_turn().await;
        }
        let at = self.core.clock.now();
        if at >= self.deadline {
            // Once polled, a request may already be on its way.
            return Err(self.out_of_time("there was no time left to send the request"));
        }
        Ok(Admission { header, permit, at })
    }

    /// The header with the token; a provider that fails temporarily is asked again within the deadline.
    async fn credentials(&mut self) -> Result<AuthHeader, Error> {
        loop {
            let header = self.core.credentials.header(self.core.organization.as_ref());
            let Ok(outcome) = tokio::time::timeout_at(self.deadline, header).await else {
                return Err(self.out_of_time("the credentials provider did not respond"));
            };
            let failed = match outcome {
                Ok(header) => return Ok(header),
                Err(failed) if failed.is_transient() => failed,
                Err(failed) => return Err(failed.into()),
            };
            self.counted += 1;
            let delay = self.core.policy.backoff.delay(self.counted, None, self.core.clock.random());
            if self.counted >= self.max_attempts() || delay >= self.left() {
                return Err(failed.into());
            }
            tracing::debug!(delay_ms = delay.as_millis() as u64, "credentials are temporarily unavailable");
            self.core.clock.sleep(delay).await;
        }
    }

    async fn attempt(&self, request: Box<Request>, origin: &Request, header: &AuthHeader, at: Instant) -> Ended {
        let request_bytes = request.body().and_then(|body| body.as_bytes()).map_or(0, |body| body.len() as u64);
        let until = match self.state.options.attempt_timeout {
            Some(limit) => self.deadline.min(at + limit.min(FAR_FUTURE)),
            None => self.deadline,
        };
        let silence = self.core.read_timeout;
        let watch = Watch::new(at, until, silence);
        let (limits, authorization) = (self.core.limits, header.value());
        let mut sending = self.sender.send(AttemptRequest { request, origin, authorization, limits, watch: &watch });
        let result = match watch.guard(sending.as_mut()).await {
            Ok(result) => result,
            Err(passed) => {
                let mut failure = self.too_slow(passed, until, silence);
                failure.error.inner_mut().status = watch.status();
                Err(failure)
            }
        };
        let body = || origin.body().and_then(|body| body.as_bytes());
        let words = || RequestWords::of(self.state.info, origin.url(), body());
        let request_bytes = request_bytes.max(watch.uploaded());
        Ended::new(result, words, self.core.clock.now().saturating_duration_since(at), request_bytes)
    }

    fn too_slow(&self, passed: Passed, until: Instant, silence: Duration) -> Failure {
        let (outcome, text) = match passed {
            Passed::Silence => (AttemptOutcome::TooSlow, format!("the server sent nothing for {}", span(silence))),
            Passed::End if until < self.deadline => (
                AttemptOutcome::TooSlow,
                "the time limit of the attempt passed before the response was complete".to_owned(),
            ),
            Passed::End => {
                let limit = span(self.deadline.saturating_duration_since(self.telemetry.started));
                (AttemptOutcome::Final, format!("the deadline of {limit} passed before the response was complete"))
            }
        };
        let mut error = Error::new(ErrorKind::Timeout, text);
        if self.core.is_away() {
            error = error.with_remark(
                "this client was first used in another runtime: a connection that was made there stalls while that runtime \
                 does not run, so use a client for each"
                    .to_owned(),
            );
        }
        Failure { outcome, error }
    }

    /// Adjusts the rate after a refusal.
    fn learn(&self, ended: &Ended, sent: Instant) {
        if let Some(rate) = &self.core.rate
            && let AttemptOutcome::Response { status: 429, retry_after, .. } = ended.outcome
        {
            rate.refused(self.core.clock.now(), sent, retry_after);
        }
    }

    fn decide(&mut self, ended: &Ended, repeatable: bool) -> RetryDecision {
        if !(ended.is_lock() && self.state.info.lock_conflict) {
            self.counted += 1;
        }
        let context = RetryContext {
            operation: self.state.info,
            idempotent: self.is_idempotent(),
            repeatable,
            attempts: self.counted,
            lock_tries: self.lock_tries,
            max_attempts: self.max_attempts(),
            token_renewed: self.renewed,
        };
        decide(&ended.outcome, context, &self.core.policy)
    }

    /// Applies the deadline and the budget to a decision.
    async fn next(&mut self, decision: RetryDecision, header: &AuthHeader) -> Next {
        let left = self.left();
        let (reason, delay) = match decision {
            RetryDecision::Stop(StopReason::NotRepeatable) => {
                return Next::Stop(Some(
                    "it was not tried again, because its body is a stream that has been read".into(),
                ));
            }
            RetryDecision::Stop(_) => return Next::Stop(None),
            RetryDecision::RenewToken => {
                match tokio::time::timeout_at(self.deadline, self.core.credentials.renew(header)).await {
                    Ok(Ok(Renewal::Replaced)) => {}
                    // The next iteration asks again, as long as attempts are left.
                    Ok(Err(failed)) if failed.is_transient() => {}
                    Ok(Err(failed)) => {
                        return Next::Stop(Some(format!("and there is no other token: {}", failed.message()).into()));
                    }
                    Ok(Ok(Renewal::Unchanged)) => return Next::Stop(None),
                    Err(_) => {
                        return Next::Stop(Some(
                            "and the credentials provider did not respond before the deadline".into(),
                        ));
                    }
                }
                self.renewed = true;
                (RetryReason::Token, Duration::ZERO)
            }
            RetryDecision::WaitForLock => {
                self.lock_tries += 1;
                (RetryReason::Lock, self.core.policy.lock_delay(self.lock_tries, self.core.clock.random()))
            }
            RetryDecision::Retry(_, Some(hint)) if hint >= left => {
                let (hint, left) = (span(hint), span(left));
                let text = format!(
                    "it was not tried again, because the server asks to wait {hint} and only {left} are left of the deadline"
                );
                return Next::Stop(Some(text.into()));
            }
            RetryDecision::Retry(reason, hint) => {
                let delay = self.core.policy.backoff.delay(self.counted, hint, self.core.clock.random());
                if delay < left {
                    if !self.core.budget.take() {
                        let text = "it was not tried again, because the retry budget of the client is used up: \
                                    most of its recent calls have failed";
                        return Next::Stop(Some(text.into()));
                    }
                    self.paid += 1;
                }
                (reason, delay)
            }
        };
        if delay >= left && !delay.is_zero() {
            let (delay, left) = (span(delay), span(left));
            let text = format!(
                "it was not tried again, because the next attempt after {delay} would come past the deadline: only {left} \
                 are left"
            );
            return Next::Stop(Some(text.into()));
        }
        Next::Retry { reason, delay }
    }

    /// Ends the call before another attempt could be made: the previous attempt, if any, decides the error.
    fn give_up(&mut self, error: Error) -> Result<Reply, Error> {
        match self.previous.take() {
            Some(ended) => {
                let ended = *ended;
                let remark = format!("it was not tried again: {}", error.message());
                // A refusal that a new token would cure is temporary if its provider's outage is.
                let passes = error.kind() == ErrorKind::Credentials && error.is_retryable();
                let settled = self.settle(ended, Some(remark.into()));
                settled.map_err(|refused| if passes { refused.with_retryable(true) } else { refused })
            }
            None => Err(error),
        }
    }

    /// Ends the call with the response, or the error that it represents.
    fn settle(&self, ended: Ended, remark: Option<Cow<'static, str>>) -> Result<Reply, Error> {
        if self.open && self.state.info.method == "DELETE" && ended.is_not_found() {
            return self.removed(ended);
        }
        ended.settle(remark).map_err(|mut error| {
            error.inner_mut().open_before = self.open;
            error
        })
    }

    /// If an earlier attempt's response was lost, that attempt removed what the last one no longer found.
    fn removed(&self, ended: Ended) -> Result<Reply, Error> {
        match ended.result {
            Ok(reply) if !self.state.info.needs_body() => {
                Ok(Reply { body: self.state.info.empty_body_as.unwrap_or_default().into(), ..reply })
            }
            _ => ended.settle(Some("an earlier attempt of this call removed it, and its response is lost".into())),
        }
    }

    fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(self.core.clock.now())
    }

    fn is_idempotent(&self) -> bool {
        self.state.options.idempotent.unwrap_or(self.state.info.idempotent)
    }

    fn max_attempts(&self) -> u32 {
        self.state.options.max_attempts.unwrap_or(self.core.policy.max_attempts).max(1)
    }

    /// The error for a deadline that passed while nothing was under way.
    fn out_of_time(&self, what: &str) -> Error {
        let limit = span(self.deadline.saturating_duration_since(self.telemetry.started));
        Error::new(ErrorKind::Timeout, format!("the deadline of {limit} passed: {what}"))
    }
}

/// A copy for the next attempt, and whether it is identical: a body that is a stream cannot be copied.
fn spare(request: &Request) -> (Box<Request>, bool) {
    if request.body().is_some()
        && let Some(copy) = request.try_clone()
    {
        return (Box::new(copy), true);
    }
    // Not `try_clone`, which reserves space for request settings that we never use.
    let mut copy = Box::new(Request::new(request.method().clone(), request.url().clone()));
    copy.headers_mut().clone_from(request.headers());
    (copy, request.body().is_none())
}
