//! Tells a server that is silent from an upload that takes its time.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use http_body::{Body, Frame, SizeHint};
use reqwest::Request;

/// Counts the pieces of a body that were handed to the connection.
#[derive(Clone, Debug)]
pub(crate) struct Progress(Arc<AtomicU64>);

impl Progress {
    pub(crate) fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Watches the body of a request if it is a stream; one that lies in memory is gone in a moment.
pub(crate) fn watch(request: &mut Request) -> Option<Progress> {
    if request.body().is_none_or(|body| body.as_bytes().is_some()) {
        return None;
    }
    let inner = request.body_mut().take()?;
    let progress = Progress(Arc::new(AtomicU64::new(0)));
    *request.body_mut() = Some(reqwest::Body::wrap(Watched { inner, progress: progress.clone() }));
    Some(progress)
}

struct Watched {
    inner: reqwest::Body,
    progress: Progress,
}

impl Body for Watched {
    type Data = bytes::Bytes;
    type Error = reqwest::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let polled = Pin::new(&mut self.inner).poll_frame(context);
        if polled.is_ready() {
            self.progress.0.fetch_add(1, Ordering::Relaxed);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
