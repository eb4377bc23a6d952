//! Whether to try again: a pure decision with its reason.

use std::time::Duration;

use super::backoff::Backoff;
use crate::request::OperationInfo;

/// When and how often a call is tried again.
///
/// ```
/// use singlestore_management::{Backoff, RetryPolicy};
/// use std::time::Duration;
///
/// let policy = RetryPolicy::default()
///     .with_max_attempts(8)
///     .with_backoff(Backoff::new(Duration::from_millis(200), Duration::from_secs(10)));
/// let never = RetryPolicy::none();
/// # let _ = (policy, never);
/// ```
///
/// What is tried again:
///
/// | what happened | which calls |
/// | --- | --- |
/// | no connection could be made | all: the server saw nothing |
/// | 429 | all: the request was refused before it was carried out; `Retry-After` is honored |
/// | 401, once, with a new token | all, when the provider has another token |
/// | the lock of the organization is held | creates of workspace groups and clusters: the message proves that nothing was made |
/// | 408, 500, 502, 503, 504, broken connection, time limit of an attempt, cut answer | idempotent operations: GET, PUT, DELETE |
/// | anything else | none |
///
/// A POST or PATCH that may have taken effect is never repeated, unless the caller says that it is idempotent.
#[derive(Clone, Debug)]
pub struct RetryPolicy {
    pub(crate) max_attempts: u32,
    pub(crate) backoff: Backoff,
    pub(crate) budget: Option<u32>,
    pub(crate) lock_attempts: u32,
    pub(crate) lock_interval: Duration,
}

impl Default for RetryPolicy {
    /// Five attempts, waits from 0.5 to 30 seconds, a budget of 100 retries, and five waits for the lock.
    fn default() -> Self {
        Self {
            max_attempts: 5,
            backoff: Backoff::default(),
            budget: Some(100),
            lock_attempts: 5,
            lock_interval: Duration::from_secs(20),
        }
    }
}

impl RetryPolicy {
    /// One attempt, whatever happens.
    pub fn none() -> Self {
        Self { max_attempts: 1, lock_attempts: 0, ..Self::default() }
    }

    /// Sets the largest number of attempts, the first included. Default 5.
    #[must_use]
    pub fn with_max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts.max(1);
        self
    }

    /// Sets the waits between attempts. Default from 0.5 to 30 seconds, doubled each time, with full jitter.
    #[must_use]
    pub fn with_backoff(mut self, backoff: Backoff) -> Self {
        self.backoff = backoff;
        self
    }

    /// Sets how many retries all clones of a client may make while nothing succeeds; none for no limit. Default 100.
    #[must_use]
    pub fn with_budget(mut self, retries: Option<u32>) -> Self {
        self.budget = retries;
        self
    }

    /// Sets how often a creation waits for the lock of the organization; 0 turns it off. Default 5.
    #[must_use]
    pub fn with_lock_attempts(mut self, attempts: u32) -> Self {
        self.lock_attempts = attempts;
        self
    }

    /// Sets the first wait for the lock. Default 20 s, then 40 s, then 60 s, each with a quarter of jitter on top.
    #[must_use]
    pub fn with_lock_interval(mut self, interval: Duration) -> Self {
        self.lock_interval = interval;
        self
    }

    /// The wait before the next try for the lock; `tries` counts those that failed over it, from one.
    pub(crate) fn lock_delay(&self, tries: u32, random: f64) -> Duration {
        let wait = self.lock_interval.saturating_mul(tries.clamp(1, 3));
        wait.saturating_add(wait.mul_f64(0.25 * random.clamp(0.0, 1.0)))
    }
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The server answered, and the whole answer was read.
    Answer {
        /// Its status.
        status: u16,
        /// What `Retry-After` asks for.
        retry_after: Option<Duration>,
        /// Whether the words are those of the lock.
        lock: bool,
    },
    /// No connection could be made.
    NoConnection,
    /// The connection broke, or the answer was cut.
    Broken,
    /// The attempt took too long.
    TooSlow,
    /// Nothing that another attempt could change.
    Final,
}

/// What is known of a call when an attempt has ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Situation<'a> {
    pub operation: &'a OperationInfo,
    /// Whether the request may be sent twice.
    pub idempotent: bool,
    /// Whether the request can be sent again at all: a stream that was read cannot.
    pub repeatable: bool,
    /// Attempts so far that did not end over the lock.
    pub attempts: u32,
    /// Attempts so far that ended over the lock.
    pub lock_tries: u32,
    pub max_attempts: u32,
    /// Whether a 401 has been answered with a new token already, or cannot be.
    pub token_renewed: bool,
}

/// What to do now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Hand the answer to the caller: it is a success, or a failure that another attempt would not change.
    Done,
    /// Wait and try again.
    Retry(Why, Option<Duration>),
    /// Try again at once with a new token.
    RenewToken,
    /// Wait for the lock of the organization.
    WaitForLock,
    /// Another attempt would be allowed, but they are used up.
    Exhausted,
    /// Another attempt might work, but the request may have taken effect.
    NotIdempotent,
    /// Another attempt might work, but the body is gone.
    NotRepeatable,
}

/// Why a call is tried again; it goes to the trace and the observer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    Connect,
    RateLimited,
    Status,
    Broken,
    TooSlow,
    Token,
    Lock,
}

impl Why {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Why::Connect => "no connection",
            Why::RateLimited => "rate limited",
            Why::Status => "server failure",
            Why::Broken => "broken connection",
            Why::TooSlow => "time limit of the attempt",
            Why::Token => "token renewed",
            Why::Lock => "organization lock",
        }
    }
}

/// Decides what to do after an attempt.
pub(crate) fn decide(ending: &Ending, now: Situation<'_>, policy: &RetryPolicy) -> Verdict {
    let (why, hint, harmless) = match *ending {
        Ending::Final => return Verdict::Done,
        Ending::Answer { status: 401, .. } => {
            return if now.token_renewed || !now.repeatable { Verdict::Done } else { Verdict::RenewToken };
        }
        Ending::Answer { lock: true, .. } if now.operation.lock_conflict => {
            let more = now.lock_tries < policy.lock_attempts && now.repeatable;
            return if more { Verdict::WaitForLock } else { Verdict::Done };
        }
        Ending::Answer { status: 429, retry_after, .. } => (Why::RateLimited, retry_after, true),
        Ending::Answer { status: 408 | 500 | 502 | 503 | 504, retry_after, .. } => (Why::Status, retry_after, false),
        Ending::Answer { .. } => return Verdict::Done,
        Ending::NoConnection => (Why::Connect, None, true),
        Ending::Broken => (Why::Broken, None, false),
        Ending::TooSlow => (Why::TooSlow, None, false),
    };
    if !harmless && !now.idempotent {
        Verdict::NotIdempotent
    } else if !now.repeatable {
        Verdict::NotRepeatable
    } else if now.attempts >= now.max_attempts {
        Verdict::Exhausted
    } else {
        Verdict::Retry(why, hint)
    }
}
