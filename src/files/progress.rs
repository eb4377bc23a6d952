//! The progress of a transfer, reported in steps so that it costs next to nothing.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How many bytes pass between two reports, unless the interval passes first.
const STEP: u64 = 256 << 10;
/// How much time passes between two reports, unless the bytes pass first.
const PAUSE: Duration = Duration::from_millis(100);

/// The progress of an upload or a download.
///
/// ```
/// # use singlestore_management_emulator::Emulator;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let emulator = Emulator::builder().polls_until_ready(0).start()?;
/// # let client = singlestore_management::Client::builder()
/// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
/// # let group = emulator.insert_workspace_group(serde_json::json!({"name": "g"}))?;
/// # let group: singlestore_management::WorkspaceGroupId = group.parse()?;
/// # client.stage().upload(group, "a.csv", "id\n1\n").await?;
/// use singlestore_management::files::TransferProgress;
///
/// let show = |progress: TransferProgress| println!("{} of {:?} bytes", progress.bytes, progress.total);
/// client.stage().download(group, "a.csv").on_progress(show).bytes().await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TransferProgress {
    /// The bytes of the file transferred in this attempt.
    pub bytes: u64,
    /// The size of the file, if it is known.
    pub total: Option<u64>,
    /// The number of the attempt, from one. A further attempt may start again from zero bytes.
    pub attempt: u32,
}

pub(crate) type Callback = Box<dyn FnMut(TransferProgress) + Send>;

/// Calls the caller's function, but not too often.
#[derive(Clone, Default)]
pub(crate) struct Meter(Option<Arc<Mutex<Inner>>>);

struct Inner {
    callback: Option<Callback>,
    last: TransferProgress,
    told: Instant,
}

impl Meter {
    pub(crate) fn new(callback: Option<Callback>) -> Self {
        let last = TransferProgress { bytes: 0, total: None, attempt: 0 };
        let inner = |callback| Inner { callback: Some(callback), last, told: Instant::now() };
        Self(callback.map(|callback| Arc::new(Mutex::new(inner(callback)))))
    }

    /// Reports the progress if it has changed enough. The end is always reported, once.
    pub(crate) fn tell(&self, bytes: u64, total: Option<u64>, attempt: u32, end: bool) {
        let Some(inner) = &self.0 else { return };
        let mut inner = inner.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let next = TransferProgress { bytes, total, attempt };
        let again = attempt != inner.last.attempt || bytes < inner.last.bytes;
        let due = bytes.saturating_sub(inner.last.bytes) >= STEP || now.saturating_duration_since(inner.told) >= PAUSE;
        if next == inner.last || !(again || due || end) {
            return;
        }
        (inner.last, inner.told) = (next, now);
        // The function runs where the body is sent; a panic in it must not break the connection.
        if let Some(mut callback) = inner.callback.take()
            && catch_unwind(AssertUnwindSafe(|| callback(next))).is_ok()
        {
            inner.callback = Some(callback);
        }
    }
}

impl std::fmt::Debug for Meter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Meter").field(&self.0.is_some()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Seen = Arc<Mutex<Vec<(u64, u32)>>>;

    fn meter() -> (Meter, Seen) {
        let seen = Seen::default();
        let sink = seen.clone();
        let callback = move |progress: TransferProgress| sink.lock().unwrap().push((progress.bytes, progress.attempt));
        (Meter::new(Some(Box::new(callback))), seen)
    }

    #[tokio::test(start_paused = true)]
    async fn progress_is_reported_by_size_by_time_at_the_end_and_on_a_new_attempt() {
        let (meter, seen) = meter();
        for piece in 0..=8 {
            meter.tell(piece * (64 << 10), Some(1 << 20), 1, false);
        }
        tokio::time::advance(PAUSE).await;
        meter.tell((512 << 10) + 1, Some(1 << 20), 1, false);
        meter.tell((512 << 10) + 2, Some(1 << 20), 1, false);
        meter.tell(0, Some(1 << 20), 2, false);
        meter.tell(10, Some(1 << 20), 2, false);
        meter.tell(10, Some(1 << 20), 2, true);
        meter.tell(10, Some(1 << 20), 2, true);
        let want = [(0, 1), (256 << 10, 1), (512 << 10, 1), ((512 << 10) + 1, 1), (0, 2), (10, 2)];
        assert_eq!(*seen.lock().unwrap(), want);
    }

    #[tokio::test]
    async fn a_function_that_panics_is_not_called_again() {
        let meter = Meter::new(Some(Box::new(|_| panic!("no"))));
        meter.tell(1, None, 1, true);
        meter.tell(2, None, 1, true);
        Meter::default().tell(1, None, 1, true);
    }
}
