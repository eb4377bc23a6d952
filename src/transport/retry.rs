//! Whether to try again: a pure decision with its reason.

use std::time::Duration;

use super::backoff::{Backoff, fraction};
use crate::operation::OperationInfo;

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
/// | 408, 500, 502, 503, 504, the 520s of proxies and above, broken connection, time limit of an attempt, cut answer | idempotent operations: GET, PUT, DELETE |
/// | anything else | none |
///
/// A POST or PATCH that may have taken effect is never repeated, unless the caller says that it is idempotent. That is why
/// 408 and 503 are not taken as a proof that nothing happened: both come from proxies as well, which say them after they
/// have passed the request on. A 429 is the service's own refusal.
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

    /// Sets the largest number of attempts, the first included. Default 5. Waits for the lock are counted apart, except that
    /// one attempt means one, whatever happens.
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

    /// Sets the first wait for the lock. Default 20 s, then 40 s, then 60 s, with jitter and never more than three times this.
    #[must_use]
    pub fn with_lock_interval(mut self, interval: Duration) -> Self {
        self.lock_interval = interval;
        self
    }

    /// The wait before the next try for the lock; `tries` counts those that failed over it, from one.
    pub(crate) fn lock_delay(&self, tries: u32, random: f64) -> Duration {
        // Twenty, forty and sixty seconds with a quarter of jitter, which never leads beyond the sixty.
        let spread = 0.25 * random.clamp(0.0, 1.0);
        let (wait, longest) =
            (self.lock_interval.saturating_mul(tries.clamp(1, 3)), self.lock_interval.saturating_mul(3));
        wait.saturating_add(fraction(wait, spread)).min(fraction(longest, 0.75 + spread))
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
        /// Whether the words say that the failure is for good, whatever the status.
        permanent: bool,
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
            return if now.token_renewed || !now.repeatable || now.max_attempts <= 1 {
                Verdict::Done
            } else {
                Verdict::RenewToken
            };
        }
        Ending::Answer { lock: true, .. } if now.operation.lock_conflict => {
            let more = now.lock_tries < policy.lock_attempts && now.repeatable && now.max_attempts > 1;
            return if more { Verdict::WaitForLock } else { Verdict::Done };
        }
        Ending::Answer { permanent: true, .. } => return Verdict::Done,
        Ending::Answer { status: 429, retry_after, .. } => (Why::RateLimited, retry_after, true),
        Ending::Answer { status: 408 | 500 | 502..=504 | 520..=599, retry_after, .. } => {
            (Why::Status, retry_after, false)
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn operation(lock_conflict: bool) -> OperationInfo {
        OperationInfo {
            id: "probe",
            method: "POST",
            path: "/probe",
            tag: "",
            summary: "",
            idempotent: false,
            lock_conflict,
            envelope: None,
            empty_body_as: None,
            confidence: None,
            list: None,
        }
    }

    fn answer(status: u16, lock: bool) -> Ending {
        Ending::Answer { status, retry_after: None, lock, permanent: false }
    }

    fn judge(ending: &Ending, idempotent: bool) -> Verdict {
        let operation = operation(true);
        let now = Situation {
            operation: &operation,
            idempotent,
            repeatable: true,
            attempts: 1,
            lock_tries: 0,
            max_attempts: 3,
            token_renewed: false,
        };
        decide(ending, now, &RetryPolicy::default())
    }

    #[test]
    fn every_ending_has_its_verdict() {
        let again = |why| Verdict::Retry(why, None);
        let no = Verdict::NotIdempotent;
        for (ending, idempotent, other) in [
            (Ending::NoConnection, again(Why::Connect), again(Why::Connect)),
            (Ending::Broken, again(Why::Broken), no.clone()),
            (Ending::TooSlow, again(Why::TooSlow), no.clone()),
            (Ending::Final, Verdict::Done, Verdict::Done),
            (answer(400, false), Verdict::Done, Verdict::Done),
            (answer(401, false), Verdict::RenewToken, Verdict::RenewToken),
            (answer(403, false), Verdict::Done, Verdict::Done),
            (answer(404, false), Verdict::Done, Verdict::Done),
            (answer(408, false), again(Why::Status), no.clone()),
            (answer(409, false), Verdict::Done, Verdict::Done),
            (answer(429, false), again(Why::RateLimited), again(Why::RateLimited)),
            (answer(500, false), again(Why::Status), no.clone()),
            (answer(500, true), Verdict::WaitForLock, Verdict::WaitForLock),
            (answer(501, false), Verdict::Done, Verdict::Done),
            (answer(502, false), again(Why::Status), no.clone()),
            (answer(503, false), again(Why::Status), no.clone()),
            (answer(504, false), again(Why::Status), no.clone()),
            (answer(505, false), Verdict::Done, Verdict::Done),
            (answer(520, false), again(Why::Status), no.clone()),
            (answer(524, false), again(Why::Status), no),
            (
                Ending::Answer { status: 500, retry_after: None, lock: false, permanent: true },
                Verdict::Done,
                Verdict::Done,
            ),
        ] {
            assert_eq!(judge(&ending, true), idempotent, "{ending:?}, idempotent");
            assert_eq!(judge(&ending, false), other, "{ending:?}, not idempotent");
        }
    }

    #[test]
    fn a_request_that_may_have_acted_is_sent_again_by_no_combination() {
        let mut random = fastrand::Rng::with_seed(3);
        let statuses = [200, 400, 401, 404, 408, 409, 425, 429, 500, 501, 502, 503, 504, 520, 599];
        for _ in 0..50_000 {
            let ending = match random.u8(..5) {
                0 => Ending::NoConnection,
                1 => Ending::Broken,
                2 => Ending::TooSlow,
                3 => Ending::Final,
                _ => Ending::Answer {
                    status: statuses[random.usize(..statuses.len())],
                    retry_after: random.bool().then(|| Duration::from_secs(random.u64(..))),
                    lock: random.bool(),
                    permanent: random.bool(),
                },
            };
            let operation = operation(random.bool());
            let now = Situation {
                operation: &operation,
                idempotent: random.bool(),
                repeatable: random.bool(),
                attempts: random.u32(..10),
                lock_tries: random.u32(..10),
                max_attempts: random.u32(1..10),
                token_renewed: random.bool(),
            };
            let policy = RetryPolicy::default();
            let proof = match ending {
                Ending::NoConnection => true,
                Ending::Answer { status: 401, .. } => !now.token_renewed,
                Ending::Answer { status: 429, permanent: false, .. } => true,
                Ending::Answer { lock, .. } => lock && operation.lock_conflict && now.lock_tries < policy.lock_attempts,
                _ => false,
            };
            let verdict = decide(&ending, now, &policy);
            let again = matches!(verdict, Verdict::Retry(..) | Verdict::RenewToken | Verdict::WaitForLock);
            assert!(!again || now.repeatable, "{ending:?} {now:?}: a stream that was read is gone");
            assert!(!again || now.idempotent || proof, "{ending:?} {now:?}: {verdict:?}");
            if let Verdict::Retry(..) = verdict {
                assert!(now.attempts < now.max_attempts, "{ending:?} {now:?}");
            }
        }
    }

    #[test]
    fn the_lock_is_waited_for_between_twenty_seconds_and_a_little_over_a_minute() {
        let policy = RetryPolicy::default();
        for tries in 1..100 {
            for chance in [0.0, 0.5, 1.0, 7.0] {
                let delay = policy.lock_delay(tries, chance);
                assert!(delay >= Duration::from_secs(20) && delay <= Duration::from_secs(60), "{tries}: {delay:?}");
            }
        }
        let extreme = policy.with_lock_interval(Duration::MAX);
        assert!(extreme.lock_delay(3, 1.0) >= Duration::MAX / 2);
    }
}
