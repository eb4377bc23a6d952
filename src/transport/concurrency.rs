//! Limits how many requests of a client are under way at once.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

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

    /// A permit, if one is free.
    pub(crate) fn try_enter(&self) -> Option<OwnedSemaphorePermit> {
        self.0.as_ref()?.clone().try_acquire_owned().ok()
    }

    /// Waits for a permit. It is held for one attempt, not during the waits between attempts.
    pub(crate) async fn enter(&self) -> Option<OwnedSemaphorePermit> {
        match &self.0 {
            // The semaphore is never closed; if it were, the limit would be lost, not the call.
            Some(semaphore) => semaphore.clone().acquire_owned().await.ok(),
            None => None,
        }
    }
}
