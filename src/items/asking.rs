//! One call of a list, which its consumer may leave unpolled for any time and resume.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use reqwest::Request;
use tokio::time::{Instant, Sleep, sleep_until};

use super::allowance::Allowance;
use super::stopwatch::{Since, Stopwatch};
use crate::error::Attempt;
use crate::operation::{CallOptions, OperationInfo};
use crate::request::BoxFuture;
use crate::transport::call::CallState;
use crate::transport::core::Core;
use crate::{Error, ErrorKind};

/// How the call is made.
pub(super) type SendWith<R> = fn(Arc<Core>, Arc<CallState>, Request) -> BoxFuture<Result<R, Error>>;

type UnderWay<R> = (BoxFuture<Result<R, Error>>, Arc<CallState>);

/// The call, from its first poll to its outcome.
pub(super) struct Asking<R> {
    send: SendWith<R>,
    under_way: Option<UnderWay<R>>,
    watch: Stopwatch,
    /// Whether polling has paused for a time since the call began.
    was_away: bool,
    /// Attempts of a call that was given up while it waited for the next one, and the rest of that wait.
    given_up: Vec<Attempt>,
    delay: Option<Pin<Box<Sleep>>>,
    /// The end of a wait that has no timer yet: creating one needs a runtime, which the next poll has.
    due: Option<Instant>,
}

impl<R> Asking<R> {
    pub(super) fn new(send: SendWith<R>) -> Self {
        Self {
            send,
            under_way: None,
            watch: Stopwatch::default(),
            was_away: false,
            given_up: Vec::new(),
            delay: None,
            due: None,
        }
    }

    /// Starts the call after a wait.
    pub(super) fn after(mut self, delay: Duration) -> Self {
        self.due = Instant::now().checked_add(delay);
        self
    }

    pub(super) fn poll(
        &mut self,
        context: &mut Context<'_>,
        core: &Arc<Core>,
        info: &'static OperationInfo,
        options: &CallOptions,
        request: &Request,
        allowance: &mut Allowance,
    ) -> Poll<Result<R, Error>> {
        match self.watch.poll(core.clock.now()) {
            Since::Waited(waited) => allowance.wait(waited),
            Since::Away => {
                self.was_away |= self.under_way.is_some();
                self.unpause(core);
            }
        }
        allowance.asks(request);
        allowance.add(std::mem::take(&mut self.given_up));
        if let Some(due) = self.due.take() {
            self.delay = Some(Box::pin(sleep_until(due)));
        }
        if let Some(delay) = &mut self.delay {
            if delay.as_mut().poll(context).is_pending() {
                self.watch.pending(context, Duration::MAX);
                return Poll::Pending;
            }
            self.delay = None;
        }
        loop {
            if self.under_way.is_none() {
                if allowance.left().is_zero() {
                    return Poll::Ready(Err(allowance.complete(allowance.out_of_time())));
                }
                let Some(request) = request.try_clone() else {
                    return Poll::Ready(Err(Error::invalid_request("the request of a list cannot be sent twice")));
                };
                let state = Arc::new(CallState::new(info, allowance.options(options)));
                self.under_way = Some(((self.send)(core.clone(), state.clone(), request), state));
                self.was_away = false;
            }
            let Some((future, state)) = &mut self.under_way else { return Poll::Pending };
            let Poll::Ready(outcome) = future.as_mut().poll(context) else {
                self.watch.pending(context, Duration::MAX);
                return Poll::Pending;
            };
            let (attempts, token) = (state.attempts(), state.token());
            allowance.asked_with(token);
            self.under_way = None;
            match outcome {
                // The limit passed while nobody was polling, which is not the server's fault.
                Err(error) if self.was_away && error.kind() == ErrorKind::Timeout => continue,
                Ok(reply) => {
                    allowance.add(attempts);
                    return Poll::Ready(Ok(reply));
                }
                Err(error) => {
                    allowance.add(attempts);
                    return Poll::Ready(Err(allowance.complete(error)));
                }
            }
        }
    }

    /// Polling resumed: the attempt in flight takes its concurrency permit again.
    pub(super) fn unpause(&mut self, core: &Core) {
        if let Some((_, state)) = &self.under_way {
            state.take_back(&core.gate);
        }
    }

    /// Polling paused. An attempt in flight continues without its concurrency permit. If the call is waiting for
    /// something else (a token, a permit or the next attempt), it must not keep that from others, so it is given up.
    pub(super) fn pause(&mut self) {
        self.watch.pause();
        if let Some((future, state)) = self.under_way.take() {
            if state.let_go() {
                self.under_way = Some((future, state));
                return;
            }
            drop(future);
            self.given_up = state.attempts();
            let delay = self.given_up.last().and_then(|attempt| attempt.delay);
            self.due = delay.and_then(|delay| Instant::now().checked_add(delay));
        }
    }
}
