//! How long to wait before the next attempt: a pure function of the attempt, the server's hint, and chance.

use std::time::Duration;

/// Waits that double up to a limit, with full jitter: a random length between zero and the doubled one.
///
/// ```
/// use singlestore_management::Backoff;
/// use std::time::Duration;
///
/// let backoff = Backoff::new(Duration::from_millis(500), Duration::from_secs(30));
/// assert_eq!(backoff.ceiling(1), Duration::from_millis(500));
/// assert_eq!(backoff.ceiling(3), Duration::from_secs(2));
/// assert_eq!(backoff.ceiling(u32::MAX), Duration::from_secs(30));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    base: Duration,
    max: Duration,
}

impl Backoff {
    /// Waits from `base` up to `max`.
    pub const fn new(base: Duration, max: Duration) -> Self {
        Self { base, max }
    }

    /// The longest wait after attempt number `attempt`, counting from one.
    pub fn ceiling(&self, attempt: u32) -> Duration {
        let factor = 2_u32.checked_pow(attempt.saturating_sub(1)).unwrap_or(u32::MAX);
        self.base.saturating_mul(factor).min(self.max)
    }

    /// The wait after attempt number `attempt`: never below `hint`, the wait that the server asked for.
    pub(crate) fn delay(&self, attempt: u32, hint: Option<Duration>, random: f64) -> Duration {
        let jittered = fraction(self.ceiling(attempt), random);
        match hint.filter(|hint| !hint.is_zero()) {
            // Some spread on top of the hint, or all callers would come back at the same moment.
            Some(hint) => hint.saturating_add(jittered.min(hint / 10)),
            None => jittered,
        }
    }
}

/// A fraction of a duration, from zero to all of it. `Duration::mul_f64` panics where rounding exceeds the maximum.
pub(crate) fn fraction(time: Duration, part: f64) -> Duration {
    Duration::try_from_secs_f64(time.as_secs_f64() * part.clamp(0.0, 1.0)).unwrap_or(time).min(time)
}

impl Default for Backoff {
    /// From half a second up to thirty seconds.
    fn default() -> Self {
        Self::new(Duration::from_millis(500), Duration::from_secs(30))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_of_zero_does_not_cause_a_storm() {
        let backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(30));
        for attempt in 1..9 {
            let (hinted, plain) =
                (backoff.delay(attempt, Some(Duration::ZERO), 0.7), backoff.delay(attempt, None, 0.7));
            assert_eq!(hinted, plain, "{attempt}");
        }
    }

    #[test]
    fn the_longest_times_do_not_make_it_panic() {
        let backoff = Backoff::new(Duration::MAX, Duration::MAX);
        for chance in [0.0, 0.5, 1.0, f64::NAN, f64::INFINITY, -1.0] {
            assert!(backoff.delay(u32::MAX, None, chance) <= Duration::MAX);
            assert_eq!(backoff.delay(1, Some(Duration::MAX), chance), Duration::MAX);
        }
    }

    #[test]
    fn the_delay_is_never_below_the_hint_and_never_above_the_ceiling_without_one() {
        let mut random = fastrand::Rng::with_seed(7);
        for _ in 0..10_000 {
            let backoff = Backoff::new(Duration::from_micros(random.u64(..)), Duration::from_micros(random.u64(..)));
            let (attempt, chance) = (random.u32(..), random.f64());
            assert!(backoff.delay(attempt, None, chance) <= backoff.ceiling(attempt) + Duration::from_secs(1));
            assert!(backoff.ceiling(attempt) <= backoff.max);
            let hint = Duration::from_millis(random.u64(..u64::MAX / 4));
            assert!(backoff.delay(attempt, Some(hint), chance) >= hint);
        }
    }
}
