//! The time limits of one attempt: its end, and how long the server may be silent. One timer serves both. It is reset when it
//! fires and something has arrived since, which is cheaper than resetting it for every piece.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use http::StatusCode;
use tokio::time::{Instant, sleep_until};

use super::clock::FAR_FUTURE;
use super::upload;

/// The progress of an attempt, as reported by its sender.
#[derive(Debug)]
pub(crate) struct Watch {
    started: Instant,
    end: Instant,
    /// How long the server may be silent.
    silence: Duration,
    /// When the server was last heard, or the wait for it began, in nanoseconds since the start.
    heard: AtomicU64,
    /// Whether something has arrived since the clock was last read: it is read once for everything that arrives together.
    news: AtomicBool,
    over: AtomicBool,
    upload: OnceLock<upload::Progress>,
    /// The status of the response whose body is being read.
    status: OnceLock<StatusCode>,
}

/// Which limit passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Passed {
    /// The attempt took too long.
    End,
    /// The server was silent for too long.
    Silence,
}

impl Watch {
    /// For an attempt that begins now, with its limits.
    pub(crate) fn new(started: Instant, end: Instant, silence: Duration) -> Self {
        let (heard, news) = (AtomicU64::new(0), AtomicBool::new(false));
        // A limit that no clock can represent means no limit.
        let silence = silence.min(FAR_FUTURE);
        Self {
            started,
            end,
            silence,
            heard,
            news,
            over: AtomicBool::new(false),
            upload: OnceLock::new(),
            status: OnceLock::new(),
        }
    }

    /// Whether a limit has passed, so that the attempt must end with what it has.
    pub(crate) fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    /// Records that something arrived, or that a step begins.
    pub(crate) fn heard(&self) {
        self.news.store(true, Ordering::Relaxed);
    }

    fn heard_at(&self, now: Instant) {
        let since = now.saturating_duration_since(self.started).as_nanos();
        self.heard.store(u64::try_from(since).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Records the status of the response, whose body is yet to come.
    pub(crate) fn responds(&self, status: StatusCode) {
        let _ = self.status.set(status);
    }

    /// The status of the response, if its headers have arrived.
    pub(crate) fn status(&self) -> Option<StatusCode> {
        self.status.get().copied()
    }

    /// Treats an upload that makes progress, or waits for its own body, as a sign of life.
    pub(crate) fn uploads(&self, upload: Option<upload::Progress>) {
        if let Some(upload) = upload {
            // A redirect has no body, so there is one upload at most.
            let _ = self.upload.set(upload);
        }
    }

    /// How many bytes of a watched body were handed over.
    pub(crate) fn uploaded(&self) -> u64 {
        self.upload.get().map_or(0, upload::Progress::bytes)
    }

    /// Lets an attempt end with what it has; what has none ends over the limit.
    fn last_poll<T>(
        &self,
        attempt: Pin<&mut (dyn Future<Output = T> + Send)>,
        context: &mut Context<'_>,
        passed: Passed,
    ) -> Poll<Result<T, Passed>> {
        self.over.store(true, Ordering::Relaxed);
        match attempt.poll(context) {
            Poll::Ready(outcome) => Poll::Ready(Ok(outcome)),
            Poll::Pending => Poll::Ready(Err(passed)),
        }
    }

    /// Runs an attempt within its limits.
    pub(crate) async fn guard<T>(&self, mut attempt: Pin<&mut (dyn Future<Output = T> + Send)>) -> Result<T, Passed> {
        let Self { end, silence, .. } = *self;
        let due = || self.started + Duration::from_nanos(self.heard.load(Ordering::Relaxed)) + silence;
        let mut sleep = pin!(sleep_until(end.min(due())));
        let (mut uploaded, mut begun) = (0, false);
        std::future::poll_fn(|context| {
            if let Poll::Ready(outcome) = attempt.as_mut().poll(context) {
                return Poll::Ready(Ok(outcome));
            }
            // What is heard when the attempt begins counts as heard at its start.
            if self.news.swap(false, Ordering::Relaxed) && begun {
                self.heard_at(Instant::now());
            }
            begun = true;
            while sleep.as_mut().poll(context).is_ready() {
                let now = Instant::now();
                if now >= end {
                    return self.last_poll(attempt.as_mut(), context, Passed::End);
                }
                let count = self.upload.get().map_or(0, upload::Progress::count);
                if count != uploaded || self.upload.get().is_some_and(upload::Progress::waits_for_body) {
                    uploaded = count;
                    self.heard_at(now);
                }
                if due() <= now {
                    return self.last_poll(attempt.as_mut(), context, Passed::Silence);
                }
                sleep.as_mut().reset(end.min(due()));
            }
            Poll::Pending
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// An attempt that shows a sign of life this many times, this far apart.
    async fn attempt(watch: &Watch, pause: Duration, times: u32) {
        for _ in 0..times {
            watch.heard();
            tokio::time::sleep(pause).await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_attempt_ends_on_its_own_at_its_timeout_or_by_silence() {
        for (pause, times, end, silence, want, after) in [
            (seconds(9), 3, 100, seconds(10), Ok(()), 27),
            (seconds(9), 30, 100, seconds(10), Err(Passed::End), 100),
            (seconds(11), 3, 100, seconds(10), Err(Passed::Silence), 10),
            (seconds(11), 3, 5, seconds(10), Err(Passed::End), 5),
            (seconds(9), 3, 100, Duration::MAX, Ok(()), 27),
            (seconds(9), 3, 0, seconds(10), Err(Passed::End), 0),
        ] {
            let started = Instant::now();
            let watch = Watch::new(started, started + seconds(end), silence);
            let outcome = watch.guard(pin!(attempt(&watch, pause, times))).await;
            // The timer counts in whole milliseconds.
            let took = started.elapsed().as_millis().saturating_sub(2).div_ceil(1_000) as u64;
            assert_eq!((outcome, took), (want, after), "{pause:?} {times} {end} {silence:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn silence_counts_from_the_last_sign_of_life() {
        let started = Instant::now();
        let watch = Watch::new(started, started + seconds(100), seconds(10));
        let attempt = pin!(async {
            attempt(&watch, seconds(9), 2).await;
            watch.heard();
            std::future::pending::<()>().await;
        });
        assert_eq!(watch.guard(attempt).await, Err(Passed::Silence));
        assert_eq!(started.elapsed().as_secs(), 28);
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_for_a_body_does_not_count_as_silence_of_the_server() {
        let (started, progress) = (Instant::now(), upload::Progress::default());
        let watch = Watch::new(started, started + seconds(1000), seconds(10));
        watch.uploads(Some(progress.clone()));
        progress.set_waits_for_body(true);
        let attempt = pin!(async {
            watch.heard();
            tokio::time::sleep(seconds(65)).await;
            progress.set_waits_for_body(false);
            std::future::pending::<()>().await;
        });
        assert_eq!(watch.guard(attempt).await, Err(Passed::Silence));
        let took = started.elapsed().as_secs();
        assert!((70..=80).contains(&took), "{took}");
    }
}
