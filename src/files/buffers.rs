//! The two buffers of an upload from a disk: one is filled while the other is sent. Each is reused once it is sent, so that
//! memory is constant whatever the size of the file, and a connection slower than the disk slows down the reading.

use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;

const BUFFERS: usize = 2;

#[derive(Clone, Debug, Default)]
pub(crate) struct Buffers(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    free: Vec<Vec<u8>>,
    made: usize,
    /// The task waiting for a buffer.
    waiting: Option<Waker>,
}

impl Buffers {
    /// A buffer of this length, which is at most that of the buffers before it; pending until one is free.
    ///
    /// It is allocated on the thread that frees it: an allocator with per-thread caches would otherwise keep memory for
    /// every thread that ever read.
    pub(crate) fn poll_take(&self, length: usize, context: &mut Context<'_>) -> Poll<Vec<u8>> {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match inner.take(length) {
            Some(buffer) => Poll::Ready(buffer),
            None => {
                inner.waiting = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }

    /// The same, if one is free.
    pub(crate) fn take(&self, length: usize) -> Option<Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take(length)
    }

    /// The content of a buffer, which is free again once all parts of it are dropped.
    pub(crate) fn lend(&self, buffer: Vec<u8>) -> Bytes {
        Bytes::from_owner(Lent { buffer, home: self.clone() })
    }
}

impl Inner {
    fn take(&mut self, length: usize) -> Option<Vec<u8>> {
        if let Some(mut buffer) = self.free.pop() {
            buffer.resize(length, 0);
            return Some(buffer);
        }
        (self.made < BUFFERS).then(|| {
            self.made += 1;
            vec![0; length]
        })
    }
}

struct Lent {
    buffer: Vec<u8>,
    home: Buffers,
}

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        &self.buffer
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let waiting = {
            let mut inner = self.home.0.lock().unwrap_or_else(PoisonError::into_inner);
            inner.free.push(std::mem::take(&mut self.buffer));
            inner.waiting.take()
        };
        if let Some(waker) = waiting {
            waker.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn there_are_two_buffers_and_a_third_request_waits_for_one() {
        let buffers = Buffers::default();
        let take = || std::future::poll_fn(|context| buffers.poll_take(4, context));
        let (first, second) = (take().await, take().await);
        assert!(buffers.take(4).is_none());
        let place = first.as_ptr();
        let lent = buffers.lend(first);
        let part = lent.slice(1..2);
        drop(lent);
        assert!(buffers.take(4).is_none(), "a part of it is in use");
        let (third, ()) = tokio::join!(take(), async move {
            tokio::task::yield_now().await;
            drop(part);
        });
        assert_eq!(third.as_ptr(), place);
        drop(second);
        drop(buffers.lend(third));
        assert_eq!(buffers.take(3).unwrap().len(), 3);
    }
}
