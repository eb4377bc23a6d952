//! Distinguishes a silent server from a slow upload.

use std::cell::Cell;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use reqwest::Request;

/// Counts the pieces of a body that were handed to the connection, and knows whether the body is being waited for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Progress(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    pieces: AtomicU64,
    bytes: AtomicU64,
    waits: AtomicBool,
}

impl Progress {
    pub(crate) fn count(&self) -> u64 {
        self.0.pieces.load(Ordering::Relaxed)
    }

    /// How many bytes of the body were handed over.
    pub(crate) fn bytes(&self) -> u64 {
        self.0.bytes.load(Ordering::Relaxed)
    }

    /// Whether the caller's body is silent, not the server.
    pub(crate) fn waits_for_body(&self) -> bool {
        self.0.waits.load(Ordering::Relaxed)
    }

    pub(crate) fn set_waits_for_body(&self, waits: bool) {
        self.0.waits.store(waits, Ordering::Relaxed);
    }
}

thread_local! {
    static HELD_UP: Cell<bool> = const { Cell::new(false) };
}

/// Called while a body is polled that has nothing to give because the connection has not yet sent the last piece: in that case it
/// is the server that is silent.
pub(crate) fn held_up_by_the_connection() {
    HELD_UP.set(true);
}

/// Wakes the connection, and records that the body is no longer being waited for: the connection polls it again only when it has
/// sent what it holds.
struct Ready {
    connection: Waker,
    progress: Progress,
}

impl Wake for Ready {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.progress.set_waits_for_body(false);
        self.connection.wake_by_ref();
    }
}

/// A body in memory up to this size is handed over at once, and not watched.
const SMALL: usize = 1 << 20;
/// How much is handed over at once. A connection takes the next piece when it has sent most of the last one.
const PIECE: usize = 64 << 10;

/// Watches the body of a request, if it is a stream or large.
pub(crate) fn watch(request: &mut Request) -> Option<Progress> {
    let small = |body: &reqwest::Body| body.as_bytes().is_some_and(|bytes| bytes.len() <= SMALL);
    if request.body().is_none_or(small) {
        return None;
    }
    let inner = request.body_mut().take()?;
    let progress = Progress::default();
    *request.body_mut() =
        Some(reqwest::Body::wrap(Watched { inner, held: Bytes::new(), progress: progress.clone(), ready: None }));
    Some(progress)
}

struct Watched {
    inner: reqwest::Body,
    /// What is left of a large piece.
    held: Bytes,
    progress: Progress,
    /// The connection's waker and the one made from it, kept for the next poll.
    ready: Option<(Arc<Ready>, Waker)>,
}

impl Watched {
    fn poll_inner(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, reqwest::Error>>> {
        let known = self.ready.take().filter(|(ready, _)| ready.connection.will_wake(context.waker()));
        let (_, waker) = self.ready.insert(known.unwrap_or_else(|| {
            let ready = Arc::new(Ready { connection: context.waker().clone(), progress: self.progress.clone() });
            (ready.clone(), ready.into())
        }));
        // Set before polling, since another thread may wake it before the poll returns.
        self.progress.set_waits_for_body(true);
        HELD_UP.set(false);
        let polled = Pin::new(&mut self.inner).poll_frame(&mut Context::from_waker(waker));
        if polled.is_ready() || HELD_UP.replace(false) {
            self.progress.set_waits_for_body(false);
        }
        polled
    }
}

impl Body for Watched {
    type Data = Bytes;
    type Error = reqwest::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        if self.held.is_empty() {
            match self.poll_inner(context) {
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) => self.held = data,
                    Err(trailers) => return Poll::Ready(Some(Ok(trailers))),
                },
                other => return other,
            }
        }
        self.progress.0.pieces.fetch_add(1, Ordering::Relaxed);
        let length = self.held.len().min(PIECE);
        self.progress.0.bytes.fetch_add(length as u64, Ordering::Relaxed);
        Poll::Ready(Some(Ok(Frame::data(self.held.split_to(length)))))
    }

    fn is_end_stream(&self) -> bool {
        self.held.is_empty() && self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (inner, held) = (self.inner.size_hint(), self.held.len() as u64);
        let mut hint = SizeHint::new();
        hint.set_lower(inner.lower().saturating_add(held));
        if let Some(upper) = inner.upper().and_then(|upper| upper.checked_add(held)) {
            hint.set_upper(upper);
        }
        hint
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(body: impl Into<reqwest::Body>) -> Request {
        let mut request = Request::new(http::Method::PUT, "http://127.0.0.1/".parse().unwrap());
        *request.body_mut() = Some(body.into());
        request
    }

    #[tokio::test]
    async fn a_large_body_in_memory_is_sent_whole_in_counted_pieces() {
        assert!(watch(&mut request(vec![1; SMALL])).is_none());
        let whole: Vec<u8> = (0..3 * SMALL + 1).map(|n| n as u8).collect();
        let mut request = request(whole.clone());
        let progress = watch(&mut request).expect("large");
        let mut body = request.body_mut().take().unwrap();
        let (mut sent, mut pieces) = (Vec::new(), 0);
        loop {
            assert_eq!(Body::size_hint(&body).exact(), Some((whole.len() - sent.len()) as u64));
            assert_eq!(Body::is_end_stream(&body), sent.len() == whole.len());
            let frame = std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await;
            let Some(frame) = frame else { break };
            sent.extend_from_slice(&frame.unwrap().into_data().unwrap());
            pieces += 1;
            assert_eq!(progress.count(), pieces);
        }
        assert!(sent == whole && pieces == 49, "{pieces}");
        assert_eq!((progress.bytes(), progress.waits_for_body()), (whole.len() as u64, false));
    }

    /// Has nothing, says why, and keeps the waker.
    #[derive(Default)]
    struct Silent {
        held_up: bool,
        woken: Arc<std::sync::Mutex<Option<Waker>>>,
    }

    impl Body for Silent {
        type Data = Bytes;
        type Error = std::io::Error;

        fn poll_frame(
            self: Pin<&mut Self>,
            context: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
            *self.woken.lock().unwrap() = Some(context.waker().clone());
            if self.held_up {
                held_up_by_the_connection();
            }
            Poll::Pending
        }
    }

    #[test]
    fn a_body_that_has_nothing_yet_is_waited_for_until_it_has_something() {
        let woken: Arc<std::sync::Mutex<Option<Waker>>> = Arc::default();
        let mut request = request(reqwest::Body::wrap(Silent { held_up: false, woken: woken.clone() }));
        let progress = watch(&mut request).expect("a stream");
        assert!(!progress.waits_for_body());
        let body = request.body_mut().as_mut().unwrap();
        assert!(Pin::new(body).poll_frame(&mut Context::from_waker(Waker::noop())).is_pending());
        assert!(progress.waits_for_body());
        // The connection need not poll again at once: it may be blocked by a server that does not read.
        woken.lock().unwrap().take().unwrap().wake();
        assert!(!progress.waits_for_body());
    }

    #[test]
    fn a_body_that_the_connection_holds_up_is_not_waited_for() {
        let mut request = request(reqwest::Body::wrap(Silent { held_up: true, ..Silent::default() }));
        let progress = watch(&mut request).expect("a stream");
        let body = request.body_mut().as_mut().unwrap();
        assert!(Pin::new(body).poll_frame(&mut Context::from_waker(Waker::noop())).is_pending());
        assert!(!progress.waits_for_body());
    }
}
