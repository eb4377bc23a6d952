//! A request rate that adapts to 429: it halves when the server refuses, and recovers step by step.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::clock::Clock;

/// The longest pause that one `Retry-After` imposes on all calls; a longer one affects only the call that received it.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// How long a lowered rate is tried before it is halved again.
const WINDOW: Duration = Duration::from_secs(1);
/// How long recovery from zero to the full rate takes.
const RECOVERY: f64 = 60.0;

/// How many requests per second all clones of a client send together; off by default.
///
/// ```
/// use singlestore_management::{Client, RateLimit};
///
/// let client = Client::builder()
///     .api_key("0123456789abcdef")
///     .rate_limit(RateLimit::adaptive(50.0))
///     .build()?;
/// # Ok::<(), singlestore_management::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateLimit {
    per_second: f64,
    least: f64,
    adaptive: bool,
}

impl RateLimit {
    /// At most this many requests per second, whatever the server says. Anything below 0.001, including zero and negative
    /// numbers, counts as 0.001: one request in a thousand seconds.
    pub fn fixed(per_second: f64) -> Self {
        let per_second = sane(per_second);
        Self { per_second, least: per_second, adaptive: false }
    }

    /// At most this many requests per second; half as many after a 429 (at most once a second), a pause for as long as its
    /// `Retry-After` asks (up to a minute), and the full rate again after a minute without one. Anything below 0.001 counts as
    /// 0.001.
    pub fn adaptive(per_second: f64) -> Self {
        let per_second = sane(per_second);
        Self { per_second, least: (per_second / 100.0).max(0.1).min(per_second), adaptive: true }
    }
}

/// The service publishes no limits, so neither do we, but a rate must be usable: from one request in a thousand seconds to a
/// million a second.
fn sane(per_second: f64) -> f64 {
    if per_second.is_nan() { 1.0 } else { per_second.clamp(0.001, 1_000_000.0) }
}

/// The rate shared by all clones of a client.
#[derive(Debug)]
pub(crate) struct RateLimiter {
    limit: RateLimit,
    state: Mutex<State>,
    /// Held by the call that waits for the next slot; the others queue behind it, so that a changed rate affects all of them.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Debug)]
struct State {
    /// Current requests per second.
    rate: f64,
    /// When the next request may be sent.
    next: Instant,
    /// When the rate was last changed.
    changed: Instant,
    /// When the rate was last halved.
    halved: Option<Instant>,
}

impl RateLimiter {
    pub(crate) fn new(limit: RateLimit, now: Instant) -> Self {
        let state = State { rate: limit.per_second, next: now, changed: now, halved: None };
        Self { limit, state: Mutex::new(state), turn: tokio::sync::Mutex::default() }
    }

    /// Its numbers are written together, so they are valid even if a panic poisoned the lock.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the turn of a request; false if it does not come before the deadline. A caller that stops waiting has used up
    /// nothing.
    pub(crate) async fn turn(&self, clock: &dyn Clock, deadline: Instant) -> bool {
        let Ok(_turn) = tokio::time::timeout_at(deadline, self.turn.lock()).await else { return false };
        loop {
            let now = clock.now();
            match self.take(now) {
                None => return true,
                Some(wait) if now + wait >= deadline => return false,
                Some(wait) => clock.sleep(wait).await,
            }
        }
    }

    /// Takes the slot if it is free; otherwise returns how long until it is.
    fn take(&self, now: Instant) -> Option<Duration> {
        let mut state = self.state();
        state.grow(self.limit, now);
        let wait = state.next.saturating_duration_since(now);
        if wait.is_zero() {
            state.next = now + Duration::from_secs_f64(1.0 / state.rate);
            return None;
        }
        Some(wait)
    }

    /// The server responded 429 to a request that was sent at `sent`.
    pub(crate) fn refused(&self, now: Instant, sent: Instant, hint: Option<Duration>) {
        if !self.limit.adaptive {
            return;
        }
        let mut state = self.state();
        // Requests that were under way when the rate fell say nothing about the new rate. Nor does one refusal among many: a
        // server refuses only part of an excess, and a different part each time.
        if state.halved.is_none_or(|halved| sent >= halved && now.saturating_duration_since(halved) >= WINDOW) {
            state.grow(self.limit, now);
            state.rate = (state.rate / 2.0).max(self.limit.least);
            state.changed = now;
            state.halved = Some(now);
        }
        if let Some(hint) = hint.filter(|hint| *hint <= LONGEST_PAUSE) {
            state.next = state.next.max(now + hint);
        }
    }

    #[cfg(test)]
    pub(crate) fn rate(&self) -> f64 {
        self.state().rate
    }
}

impl State {
    /// Raises the rate for the time since its last change.
    fn grow(&mut self, limit: RateLimit, now: Instant) {
        if self.rate >= limit.per_second {
            return;
        }
        let step = limit.per_second / RECOVERY * now.saturating_duration_since(self.changed).as_secs_f64();
        // Small steps are accumulated, so that `changed` still says when the rate fell.
        if step >= limit.per_second / RECOVERY {
            self.rate = (self.rate + step).min(limit.per_second);
            self.changed = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::clock::SystemClock;

    const LONG: Duration = Duration::from_secs(3600);

    #[tokio::test(start_paused = true)]
    async fn requests_are_spread_at_the_rate() {
        let start = Instant::now();
        let limiter = RateLimiter::new(RateLimit::fixed(10.0), start);
        for wanted in [0, 100, 200, 300] {
            assert!(limiter.turn(&SystemClock, start + LONG).await);
            assert_eq!(start.elapsed().as_millis(), wanted);
        }
        assert!(!limiter.turn(&SystemClock, Instant::now() + Duration::from_millis(50)).await, "past the deadline");
        assert_eq!(start.elapsed().as_millis(), 300, "which is known at once");
        limiter.refused(start, start, None);
        assert_eq!(limiter.rate(), 10.0, "a fixed rate does not learn");
    }

    #[tokio::test(start_paused = true)]
    async fn the_rate_halves_once_for_concurrent_requests_and_recovers() {
        let start = Instant::now();
        let limiter = RateLimiter::new(RateLimit::adaptive(64.0), start);
        let later = start + Duration::from_millis(10);
        for _ in 0..20 {
            limiter.refused(later, start, None);
        }
        assert_eq!(limiter.rate(), 32.0);
        let again = later + Duration::from_millis(10);
        limiter.refused(again, again, None);
        assert_eq!(limiter.rate(), 32.0, "the window of the new rate is not over");
        let later = later + WINDOW;
        limiter.refused(later, later, Some(Duration::from_secs(2)));
        assert!((16.0..17.0).contains(&limiter.rate()), "{limiter:?}");
        let wait = limiter.take(later).unwrap();
        assert!(wait >= Duration::from_secs(2), "{wait:?}: a hint stops everybody");
        for second in 1..=60 {
            let _ = limiter.take(later + Duration::from_secs(second));
        }
        assert_eq!(limiter.rate(), 64.0);
        limiter.refused(start + LONG, start + LONG, Some(Duration::from_secs(u64::MAX)));
        assert_eq!(limiter.take(start + LONG), None, "an absurd hint stops nobody");
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_refuses_some_requests_does_not_bring_the_rate_to_a_halt() {
        let start = Instant::now();
        let limiter = RateLimiter::new(RateLimit::adaptive(1000.0), start);
        let (mut now, mut sent) = (start, 0);
        while now < start + Duration::from_secs(60) {
            match limiter.take(now) {
                Some(wait) => now += wait,
                None => {
                    sent += 1;
                    // Three of ten, each learned of 20 ms later.
                    if sent % 10 < 3 {
                        limiter.refused(now + Duration::from_millis(20), now, None);
                    }
                }
            }
        }
        assert!(sent > 2_000, "{sent}");
    }

    #[tokio::test(start_paused = true)]
    async fn the_rate_stays_within_its_limits_whatever_happens() {
        let mut random = fastrand::Rng::with_seed(11);
        for _ in 0..200 {
            let top = [f64::NAN, -1.0, 0.0, 0.5, 20.0, 1e9, f64::INFINITY][random.usize(..7)];
            let limit = RateLimit::adaptive(top);
            let mut now = Instant::now();
            let limiter = RateLimiter::new(limit, now);
            for _ in 0..200 {
                let sent = now;
                now += Duration::from_millis(random.u64(..2_000));
                match random.u8(..3) {
                    0 => limiter.refused(now, sent, Some(Duration::from_secs(random.u64(..100)))),
                    1 => limiter.refused(now, sent, None),
                    _ => drop(limiter.take(now)),
                }
                assert!(limiter.rate() >= limit.least && limiter.rate() <= limit.per_second, "{limiter:?}");
            }
        }
    }
}
