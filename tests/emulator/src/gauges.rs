//! Counts of connections and of requests under way.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Counters for tests about the use of connections.
#[derive(Debug, Default)]
pub(crate) struct Gauges {
    connections: AtomicUsize,
    under_way: AtomicUsize,
    most: AtomicUsize,
}

/// Counts one request as under way until it is dropped, however it ends.
pub(crate) struct UnderWay<'a>(&'a Gauges);

impl Gauges {
    pub(crate) fn connected(&self) {
        self.connections.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    pub(crate) fn begin(&self) -> UnderWay<'_> {
        let now = self.under_way.fetch_add(1, Ordering::Relaxed) + 1;
        self.most.fetch_max(now, Ordering::Relaxed);
        UnderWay(self)
    }

    pub(crate) fn most_at_once(&self) -> usize {
        self.most.load(Ordering::Relaxed)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}
