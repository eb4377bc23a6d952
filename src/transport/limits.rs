//! What a server may not do to the memory, and what this client does not do to the server.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The largest bodies that are read, in bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Of an answer.
    pub response: usize,
    /// Of a failure; the rest is cut off.
    pub error: usize,
}

impl Default for Limits {
    /// 256 MiB of an answer: about 200,000 deployments. 64 KiB of a failure.
    fn default() -> Self {
        Self { response: 256 << 20, error: 64 << 10 }
    }
}

/// How many requests may be under way at once.
#[derive(Debug)]
pub(crate) struct Gate(Option<Arc<Semaphore>>);

impl Gate {
    pub(crate) fn new(limit: Option<usize>) -> Self {
        Self(limit.map(|limit| Arc::new(Semaphore::new(limit.clamp(1, Semaphore::MAX_PERMITS)))))
    }

    /// Whether there is no limit.
    pub(crate) fn is_open(&self) -> bool {
        self.0.is_none()
    }

    /// Waits for a place. It is held for one attempt, not for the waits between attempts.
    pub(crate) async fn enter(&self) -> Option<OwnedSemaphorePermit> {
        match &self.0 {
            // The semaphore is never closed; if it were, the limit would be gone, not the call.
            Some(semaphore) => semaphore.clone().acquire_owned().await.ok(),
            None => None,
        }
    }
}
