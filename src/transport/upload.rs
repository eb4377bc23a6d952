//! Tells a server that is silent from an upload that takes its time.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use reqwest::Request;

/// Counts the pieces of a body that were handed to the connection, and knows whether the body is waited for.
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

    /// How much of the body was handed over.
    pub(crate) fn bytes(&self) -> u64 {
        self.0.bytes.load(Ordering::Relaxed)
    }

    /// Whether it is the caller's body that is silent, and not the server.
    pub(crate) fn waits_for_body(&self) -> bool {
        self.0.waits.load(Ordering::Relaxed)
    }

    pub(crate) fn set_waits_for_body(&self, waits: bool) {
        self.0.waits.store(waits, Ordering::Relaxed);
    }
}

/// A body in memory up to this is handed over in a moment, and not watched.
const SMALL: usize = 1 << 20;
/// How much is handed over at once. A connection takes the next piece when it has sent most of the last.
const PIECE: usize = 64 << 10;

/// Watches the body of a request, if it is a stream or takes its time.
pub(crate) fn watch(request: &mut Request) -> Option<Progress> {
    let small = |body: &reqwest::Body| body.as_bytes().is_some_and(|bytes| bytes.len() <= SMALL);
    if request.body().is_none_or(small) {
        return None;
    }
    let inner = request.body_mut().take()?;
    let progress = Progress::default();
    *request.body_mut() = Some(reqwest::Body::wrap(Watched { inner, held: Bytes::new(), progress: progress.clone() }));
    Some(progress)
}

struct Watched {
    inner: reqwest::Body,
    /// What is left of a large piece.
    held: Bytes,
    progress: Progress,
}

impl Body for Watched {
    type Data = Bytes;
    type Error = reqwest::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        if self.held.is_empty() {
            let polled = Pin::new(&mut self.inner).poll_frame(context);
            self.progress.set_waits_for_body(polled.is_pending());
            match polled {
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
    async fn a_large_body_in_memory_goes_out_whole_in_pieces_that_count() {
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

    struct Silent;

    impl Body for Silent {
        type Data = Bytes;
        type Error = std::io::Error;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
            Poll::Pending
        }
    }

    #[test]
    fn a_body_that_has_nothing_yet_is_waited_for() {
        let mut request = request(reqwest::Body::wrap(Silent));
        let progress = watch(&mut request).expect("a stream");
        assert!(!progress.waits_for_body());
        let body = request.body_mut().as_mut().unwrap();
        assert!(Pin::new(body).poll_frame(&mut Context::from_waker(std::task::Waker::noop())).is_pending());
        assert!(progress.waits_for_body());
    }
}
