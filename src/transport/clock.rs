//! Time and chance, injectable, so that the loop's use of them can be tested without waiting.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use tokio::time::Instant;

/// Far enough in the future to mean no deadline.
pub(crate) const FAR_FUTURE: Duration = Duration::from_secs(365 * 24 * 3600);

/// A wait.
pub(crate) type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The loop's source of time and chance.
pub(crate) trait Clock: Send + Sync {
    /// The current time.
    fn now(&self) -> Instant;
    /// Waits.
    fn sleep(&self, duration: Duration) -> Sleep;
    /// A number in `0.0..1.0`.
    fn random(&self) -> f64;
}

/// The clock of the runtime.
#[derive(Debug, Default)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(duration))
    }

    fn random(&self) -> f64 {
        fastrand::f64()
    }
}
