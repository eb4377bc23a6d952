//! Whether to retry: a pure decision with its reason.

use std::time::Duration;

use super::backoff::{Backoff, fraction};
use super::outcome::AttemptOutcome;
use crate::error::{is_harmless, is_retryable};
use crate::operation::OperationInfo;

/// When and how often a call is retried.
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
/// What is retried:
///
/// | what happened | which calls |
/// | --- | --- |
/// | no connection could be made | all: the server saw nothing |
/// | 429 | all: the request was refused before it was carried out; `Retry-After` is honored |
/// | 401, once, with a new token | all, when the provider has another token |
/// | the lock of the organization is held | creation of workspace groups and clusters: the message proves that nothing was created |
/// | 408, 425, 499, 500, 502, 503, 504, 520 and above from proxies, a 404 whose message is not the service's, a broken connection, an attempt timeout, an incomplete response | idempotent operations: GET, PUT, DELETE |
/// | anything else | none |
///
/// A POST or PATCH that may have taken effect is never repeated, unless the caller says that it is idempotent. That is why 408
/// and 503 are not taken as proof that nothing happened: proxies send them too, after they have passed the request on. A 429 is
/// the service's own refusal.
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

    /// Sets the maximum number of attempts, including the first. Default 5. Waits for the lock are counted separately, except
    /// that a limit of one means one attempt, whatever happens. Zero counts as one.
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

    /// Sets how many retries all clones of a client may make while nothing succeeds; `None` for no limit. Default 100.
    #[must_use]
    pub fn with_budget(mut self, retries: Option<u32>) -> Self {
        self.budget = retries;
        self
    }

    /// Sets how often a creation waits for the lock of the organization; 0 disables it. Default 5.
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

    /// The wait before the next attempt at the lock; `tries` counts the failed ones, starting from one.
    pub(crate) fn lock_delay(&self, tries: u32, random: f64) -> Duration {
        // Twenty, forty and sixty seconds with 25 % jitter, never more than sixty.
        let spread = 0.25 * random.clamp(0.0, 1.0);
        let (wait, longest) =
            (self.lock_interval.saturating_mul(tries.clamp(1, 3)), self.lock_interval.saturating_mul(3));
        wait.saturating_add(fraction(wait, spread)).min(fraction(longest, 0.75 + spread))
    }
}

/// What is known of a call when an attempt has ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RetryContext<'a> {
    pub operation: &'a OperationInfo,
    /// Whether the request may be sent twice.
    pub idempotent: bool,
    /// Whether the request can be sent again at all: a stream that was read cannot.
    pub repeatable: bool,
    /// Attempts so far that did not fail because of the lock.
    pub attempts: u32,
    /// Attempts so far that failed because of the lock.
    pub lock_tries: u32,
    pub max_attempts: u32,
    /// Whether the token was already renewed after a 401, or cannot be.
    pub token_renewed: bool,
}

/// What to do after an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RetryDecision {
    /// Stop, for this reason.
    Stop(StopReason),
    /// Wait and retry.
    Retry(RetryReason, Option<Duration>),
    /// Retry at once with a new token.
    RenewToken,
    /// Wait for the lock of the organization.
    WaitForLock,
}

/// Why a call ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StopReason {
    /// It is a success, or a failure that another attempt would not change.
    Settled,
    /// Another attempt would be allowed, but the limit is reached.
    Exhausted,
    /// Another attempt might work, but the request may have taken effect.
    NotIdempotent,
    /// Another attempt might work, but the body is gone.
    NotRepeatable,
}

/// Why a call is retried; reported to the trace and the observer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RetryReason {
    Connect,
    RateLimited,
    Status,
    Broken,
    TooSlow,
    Token,
    Lock,
}

impl RetryReason {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            RetryReason::Connect => "no connection",
            RetryReason::RateLimited => "rate limited",
            RetryReason::Status => "server failure",
            RetryReason::Broken => "broken connection",
            RetryReason::TooSlow => "time limit of the attempt",
            RetryReason::Token => "token renewed",
            RetryReason::Lock => "organization lock",
        }
    }
}

/// Decides what to do after an attempt.
pub(crate) fn decide(outcome: &AttemptOutcome, now: RetryContext<'_>, policy: &RetryPolicy) -> RetryDecision {
    let (why, hint, harmless) = match *outcome {
        AttemptOutcome::Success | AttemptOutcome::Final => return RetryDecision::Stop(StopReason::Settled),
        AttemptOutcome::Response { status: 401, .. } => {
            return if now.token_renewed || !now.repeatable || now.max_attempts <= 1 {
                RetryDecision::Stop(StopReason::Settled)
            } else {
                RetryDecision::RenewToken
            };
        }
        AttemptOutcome::Response { meaning, .. } if meaning.lock && now.operation.lock_conflict => {
            let more = now.lock_tries < policy.lock_attempts && now.repeatable && now.max_attempts > 1;
            return if more { RetryDecision::WaitForLock } else { RetryDecision::Stop(StopReason::Settled) };
        }
        AttemptOutcome::Response { status, retry_after, meaning } if is_retryable(status, meaning) => {
            let harmless = is_harmless(status);
            (if harmless { RetryReason::RateLimited } else { RetryReason::Status }, retry_after, harmless)
        }
        AttemptOutcome::Response { .. } => return RetryDecision::Stop(StopReason::Settled),
        AttemptOutcome::NoConnection => (RetryReason::Connect, None, true),
        AttemptOutcome::Broken => (RetryReason::Broken, None, false),
        AttemptOutcome::TooSlow => (RetryReason::TooSlow, None, false),
    };
    if !harmless && !now.idempotent {
        RetryDecision::Stop(StopReason::NotIdempotent)
    } else if !now.repeatable {
        RetryDecision::Stop(StopReason::NotRepeatable)
    } else if now.attempts >= now.max_attempts {
        RetryDecision::Stop(StopReason::Exhausted)
    } else {
        RetryDecision::Retry(why, hint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Meaning;

    fn operation(lock_conflict: bool) -> OperationInfo {
        OperationInfo { lock_conflict, ..OperationInfo::other("POST", false) }
    }

    fn response(status: u16, lock: bool) -> AttemptOutcome {
        AttemptOutcome::Response { status, retry_after: None, meaning: Meaning { lock, ..Meaning::default() } }
    }

    fn judge(ending: &AttemptOutcome, idempotent: bool) -> RetryDecision {
        let operation = operation(true);
        let now = RetryContext {
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
    fn every_outcome_has_its_decision() {
        let again = |why| RetryDecision::Retry(why, None);
        let no = RetryDecision::Stop(StopReason::NotIdempotent);
        for (ending, idempotent, other) in [
            (AttemptOutcome::NoConnection, again(RetryReason::Connect), again(RetryReason::Connect)),
            (AttemptOutcome::Broken, again(RetryReason::Broken), no.clone()),
            (AttemptOutcome::TooSlow, again(RetryReason::TooSlow), no.clone()),
            (AttemptOutcome::Final, RetryDecision::Stop(StopReason::Settled), RetryDecision::Stop(StopReason::Settled)),
            (response(400, false), RetryDecision::Stop(StopReason::Settled), RetryDecision::Stop(StopReason::Settled)),
            (response(401, false), RetryDecision::RenewToken, RetryDecision::RenewToken),
            (response(403, false), RetryDecision::Stop(StopReason::Settled), RetryDecision::Stop(StopReason::Settled)),
            (response(404, false), again(RetryReason::Status), no.clone()),
            (
                AttemptOutcome::Response {
                    status: 404,
                    retry_after: None,
                    meaning: Meaning { not_found: true, ..Meaning::default() },
                },
                RetryDecision::Stop(StopReason::Settled),
                RetryDecision::Stop(StopReason::Settled),
            ),
            (response(408, false), again(RetryReason::Status), no.clone()),
            (response(409, false), RetryDecision::Stop(StopReason::Settled), RetryDecision::Stop(StopReason::Settled)),
            (response(429, false), again(RetryReason::RateLimited), again(RetryReason::RateLimited)),
            (response(500, false), again(RetryReason::Status), no.clone()),
            (response(500, true), RetryDecision::WaitForLock, RetryDecision::WaitForLock),
            (response(501, false), RetryDecision::Stop(StopReason::Settled), RetryDecision::Stop(StopReason::Settled)),
            (response(502, false), again(RetryReason::Status), no.clone()),
            (response(503, false), again(RetryReason::Status), no.clone()),
            (response(504, false), again(RetryReason::Status), no.clone()),
            (response(505, false), RetryDecision::Stop(StopReason::Settled), RetryDecision::Stop(StopReason::Settled)),
            (response(520, false), again(RetryReason::Status), no.clone()),
            (response(524, false), again(RetryReason::Status), no),
            (
                AttemptOutcome::Response {
                    status: 500,
                    retry_after: None,
                    meaning: Meaning { refused: true, ..Meaning::default() },
                },
                RetryDecision::Stop(StopReason::Settled),
                RetryDecision::Stop(StopReason::Settled),
            ),
        ] {
            assert_eq!(judge(&ending, true), idempotent, "{ending:?}, idempotent");
            assert_eq!(judge(&ending, false), other, "{ending:?}, not idempotent");
        }
    }

    #[test]
    fn no_combination_resends_a_request_that_may_have_taken_effect() {
        let mut random = fastrand::Rng::with_seed(3);
        let statuses = [200, 400, 401, 404, 408, 409, 425, 429, 500, 501, 502, 503, 504, 520, 599];
        for _ in 0..50_000 {
            let ending = match random.u8(..5) {
                0 => AttemptOutcome::NoConnection,
                1 => AttemptOutcome::Broken,
                2 => AttemptOutcome::TooSlow,
                3 => AttemptOutcome::Final,
                _ => AttemptOutcome::Response {
                    status: statuses[random.usize(..statuses.len())],
                    retry_after: random.bool().then(|| Duration::from_secs(random.u64(..))),
                    meaning: Meaning { lock: random.bool(), refused: random.bool(), ..Meaning::default() },
                },
            };
            let operation = operation(random.bool());
            let now = RetryContext {
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
                AttemptOutcome::NoConnection => true,
                AttemptOutcome::Response { status: 401, .. } => !now.token_renewed,
                AttemptOutcome::Response { status: 429, .. } => true,
                AttemptOutcome::Response { meaning, .. } => {
                    meaning.lock && operation.lock_conflict && now.lock_tries < policy.lock_attempts
                }
                _ => false,
            };
            let verdict = decide(&ending, now, &policy);
            let again =
                matches!(verdict, RetryDecision::Retry(..) | RetryDecision::RenewToken | RetryDecision::WaitForLock);
            assert!(!again || now.repeatable, "{ending:?} {now:?}: a stream that was read is gone");
            assert!(!again || now.idempotent || proof, "{ending:?} {now:?}: {verdict:?}");
            if let RetryDecision::Retry(..) = verdict {
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
