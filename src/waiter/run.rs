//! The wait loop: poll, judge, report, pause.

use std::time::Duration;

use tokio::time::Instant;

use super::{Missing, Verdict, WaitProgress, WaitState, Waiter};
use crate::error::{cut, span};
use crate::{Error, ErrorKind};

/// How many polls in a row must say that a resource is not found before it counts as gone.
const NOT_FOUND_POLLS: u32 = 2;

/// The state before any poll has shown one.
const UNSEEN: &str = "not seen yet";

/// A number of polls, for a message.
fn count(polls: u32) -> String {
    format!("{polls} poll{}", if polls == 1 { "" } else { "s" })
}

/// What a wait has seen so far.
struct Seen<T> {
    started: Instant,
    /// When a poll last got a response that could be judged; initially the beginning of the wait.
    judged: Instant,
    last: Option<T>,
    /// The state of the last poll that could be judged.
    state: String,
    /// Why the last poll failed, if it did.
    last_error: Option<Error>,
    streak: Streak,
    polls: u32,
}

/// How many polls in a row gave the same verdict.
#[derive(Default)]
struct Streak {
    verdict: Option<Verdict>,
    polls: u32,
}

impl Streak {
    fn add(&mut self, verdict: Option<Verdict>) -> u32 {
        self.polls = if self.verdict == verdict { self.polls.saturating_add(1) } else { 1 };
        self.verdict = verdict;
        self.polls
    }
}

/// The verdict of a poll, and how many times in a row it must occur before it is believed.
struct Judged {
    verdict: Option<Verdict>,
    needed: u32,
    gone: bool,
}

impl<T: Send + Sync + 'static> Waiter<T> {
    pub(super) async fn run(self) -> Result<T, Error> {
        crate::transport::runtime::check()?;
        let now = Instant::now();
        let mut seen = Seen {
            started: now,
            judged: now,
            last: None,
            state: UNSEEN.to_owned(),
            last_error: None,
            streak: Streak::default(),
            polls: 0,
        };
        let mut pause = self.first_poll;
        loop {
            let left = self.deadline.saturating_sub(seen.started.elapsed());
            if left.is_zero() {
                return Err(self.timed_out(seen));
            }
            let polled = tokio::time::timeout(left, (self.fetch)(left)).await;
            seen.polls += 1;
            let polled = match polled {
                // The poll's own deadline is what is left of the wait, so either of the two may fire first.
                Ok(Err(error)) if error.kind() == ErrorKind::Timeout && seen.started.elapsed() >= self.deadline => {
                    return Err(self.timed_out(seen));
                }
                Ok(polled) => polled,
                Err(_) => return Err(self.timed_out(seen)),
            };
            let (judged, value) = self.judge(polled, &mut seen)?;
            self.tell(&seen, value.as_ref());
            if value.is_some() {
                seen.last = value;
            }
            let believed = seen.streak.add(judged.verdict) >= judged.needed;
            match judged.verdict {
                Some(Verdict::Reached) if believed => {
                    if let Some(value) = seen.last {
                        return Ok(value);
                    }
                }
                Some(Verdict::Failed) if believed => return Err(self.failed(seen, judged.gone)),
                _ => {}
            }
            // A state that only needs to be confirmed is polled again soon.
            let confirming = matches!(judged.verdict, Some(Verdict::Reached | Verdict::Failed));
            let wait = if confirming { self.first_poll } else { pause }.max(Duration::from_millis(1));
            pause = (pause.max(Duration::from_millis(1)).saturating_mul(3) / 2).min(self.max_poll);
            tokio::time::sleep(wait.min(self.deadline.saturating_sub(seen.started.elapsed()))).await;
        }
    }

    /// Judges a poll; an error that ends the wait is returned as such.
    fn judge(&self, polled: Result<T, Error>, seen: &mut Seen<T>) -> Result<(Judged, Option<T>), Error> {
        seen.last_error = None;
        let error = match polled {
            Ok(value) => {
                let WaitState { verdict, text, gone } = (self.judge)(&value);
                (seen.state, seen.judged) = (cut(&text).into_owned(), Instant::now());
                return Ok((Judged { verdict: Some(verdict), needed: self.stable, gone }, Some(value)));
            }
            Err(error) => error,
        };
        if error.is_not_found() && !error.is_invalid_id() {
            return self.not_found(error, seen).map(|judged| (judged, None));
        }
        let tolerated = is_passing(&error, seen.last.is_some()) && seen.judged.elapsed() < self.tolerance;
        if !tolerated {
            return Err(self.given_up(error, seen));
        }
        seen.last_error = Some(error);
        Ok((Judged { verdict: None, needed: self.stable, gone: false }, None))
    }

    /// Handles a resource that the service itself does not find: not yet, no longer, or never.
    fn not_found(&self, error: Error, seen: &mut Seen<T>) -> Result<Judged, Error> {
        let early = seen.started.elapsed() < self.grace && (seen.last.is_none() || self.missing == Missing::Early);
        let needed = self.stable.max(NOT_FOUND_POLLS);
        let judged = if early {
            seen.state = "not visible yet".to_owned();
            Judged { verdict: Some(Verdict::Pending), needed, gone: false }
        } else if seen.last.is_none() {
            return Err(self.given_up(error, seen));
        } else {
            seen.state = "no longer found".to_owned();
            let verdict = if self.missing == Missing::Gone { Verdict::Reached } else { Verdict::Failed };
            Judged { verdict: Some(verdict), needed, gone: true }
        };
        seen.judged = Instant::now();
        Ok(judged)
    }

    fn tell(&self, seen: &Seen<T>, value: Option<&T>) {
        let elapsed = seen.started.elapsed();
        let state = match &seen.last_error {
            Some(error) => &format!("temporarily not readable ({error})"),
            None => &seen.state,
        };
        tracing::debug!(resource = %self.resource, state = %state, polls = seen.polls, "waiting");
        if let Some(callback) = &self.callback {
            callback(&WaitProgress { state, elapsed, polls: seen.polls, value, error: seen.last_error.as_ref() });
        }
    }

    /// The failure of the poll that ended the wait, with what the wait was for and what it had seen.
    fn given_up(&self, error: Error, seen: &mut Seen<T>) -> Error {
        let (elapsed, polls) = (span(seen.started.elapsed()), count(seen.polls));
        let mut remark = format!("this ended the wait for {} after {elapsed} and {polls}", self.resource);
        match &seen.last {
            Some(_) => remark.push_str(&format!("; its last state was {}", seen.state)),
            None => remark.push_str("; it was never seen"),
        }
        let error = error.with_remark(remark);
        match seen.last.take() {
            Some(value) => error.with_last_value(value),
            None => error,
        }
    }

    fn timed_out(&self, seen: Seen<T>) -> Error {
        let Seen { last, state, last_error, polls, .. } = seen;
        let (resource, deadline) = (&self.resource, self.deadline);
        let mut text = match polls {
            0 => format!("the deadline of {} passed before {resource} was polled", span(deadline)),
            _ if state == UNSEEN => format!("{resource} was not seen in {deadline:?} and {}", count(polls)),
            _ => format!("{resource} was still {state} after {deadline:?} and {}", count(polls)),
        };
        if let Some(error) = &last_error {
            text = format!("{text}, and the last poll failed: {error}");
        }
        let error = self
            .error(ErrorKind::WaitTimedOut, text, last)
            .with_advice("it may still get there: wait again, with a longer deadline");
        match last_error {
            Some(last_error) => error.with_source(last_error),
            None => error,
        }
    }

    fn failed(&self, seen: Seen<T>, gone: bool) -> Error {
        let text = format!("{} is {}, a terminal state other than the requested one", self.resource, seen.state);
        self.error(ErrorKind::WaitFailed, text, seen.last).gone_if(gone)
    }

    fn error(&self, kind: ErrorKind, text: String, last: Option<T>) -> Error {
        let mut error = Error::new(kind, text);
        if let Some(operation) = self.operation {
            error = error.with_operation(operation);
        }
        if let Some(path) = self.path.get() {
            error = error.with_path(path);
        }
        match last {
            Some(value) => error.with_last_value(value),
            None => error,
        }
    }
}

/// Whether the failure of a poll may be temporary. Once the resource has been read, almost any may: a proxy responds
/// instead of the service, a token is replaced a moment late. Before that, a refusal is final, unless the message is
/// not the service's.
fn is_passing(error: &Error, seen: bool) -> bool {
    match error.kind() {
        ErrorKind::Config | ErrorKind::InvalidRequest => false,
        ErrorKind::Api | ErrorKind::Decode => {
            let body = error.body().trim_ascii_start();
            error.is_retryable() || seen && !error.is_invalid_id() || body.is_empty() || body.starts_with(b"<")
        }
        ErrorKind::Redirect | ErrorKind::TooLarge => seen,
        _ => error.is_retryable(),
    }
}
