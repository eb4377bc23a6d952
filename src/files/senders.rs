//! How an attempt of an upload, and of the request that opens a download, differ from other attempts.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use reqwest::{Response, Url};

use super::body::{Changed, Content};
use super::frame::Frame;
use super::outgoing::{Fate, Outgoing};
use super::progress::Meter;
use crate::transport::attempt::{AttemptRequest, Attempting, Failure, Sender, classify, read};
use crate::transport::core::Reply;
use crate::transport::outcome::AttemptOutcome;
use crate::transport::redirect;
use crate::{Error, ErrorKind};

/// Sends the content from its beginning on each attempt.
pub(crate) struct Uploading<'a> {
    http: &'a reqwest::Client,
    content: &'a Content,
    frame: &'a Frame,
    meter: &'a Meter,
    attempts: AtomicU32,
    sent: AtomicU64,
}

impl<'a> Uploading<'a> {
    pub(crate) fn new(http: &'a reqwest::Client, content: &'a Content, frame: &'a Frame, meter: &'a Meter) -> Self {
        Self { http, content, frame, meter, attempts: AtomicU32::new(0), sent: AtomicU64::new(0) }
    }

    /// How many attempts were made, and how much of the content the last one sent.
    pub(crate) fn done(self) -> (u32, u64) {
        (self.attempts.into_inner(), self.sent.into_inner())
    }
}

impl Sender for Uploading<'_> {
    #[inline]
    fn send<'a>(&'a self, attempt: AttemptRequest<'a>) -> Attempting<'a> {
        Box::pin(self.upload(attempt))
    }

    fn is_repeatable(&self) -> bool {
        self.content.is_repeatable()
    }
}

impl Uploading<'_> {
    async fn upload(&self, mut attempt: AttemptRequest<'_>) -> Result<Reply, Failure> {
        let number = self.attempts.fetch_add(1, Ordering::Relaxed) + 1;
        let fate = Arc::new(Fate::default());
        let Some(body) = Outgoing::open(self.content, self.frame, number, self.meter, &fate) else {
            let text = "the reader of the upload has been read by an earlier attempt";
            return Err(Failure { outcome: AttemptOutcome::Final, error: Error::new(ErrorKind::LocalFile, text) });
        };
        let headers = attempt.request.headers_mut();
        headers.insert(CONTENT_TYPE, self.frame.media_type.clone());
        headers.remove(CONTENT_LENGTH);
        let length = self.content.length();
        if let Some(length) = length {
            let Some(whole) = self.frame.length(length) else {
                let text = "the content of the upload is longer than a request can be";
                return Err(Failure { outcome: AttemptOutcome::Final, error: Error::invalid_request(text) });
            };
            headers.insert(CONTENT_LENGTH, whole.into());
        }
        *attempt.request.body_mut() = Some(reqwest::Body::wrap(body));
        let outcome = self.http.send(attempt).await;
        self.sent.store(fate.sent(), Ordering::Relaxed);
        if let Some(problem) = fate.take_problem() {
            return Err(Failure { outcome: AttemptOutcome::Final, error: unreadable(problem) });
        }
        outcome.map_err(|mut failure| {
            let cut = length.is_none_or(|length| fate.sent() < length);
            if matches!(failure.outcome, AttemptOutcome::Broken) && cut {
                let of = length.map(|length| format!(" of {length}")).unwrap_or_default();
                let text = format!("after {}{of} bytes; perhaps the file is too large", fate.sent());
                failure.error = failure.error.with_remark(text);
            }
            failure
        })
    }
}

/// The error for content that could not be read to its end.
fn unreadable(problem: std::io::Error) -> Error {
    if let Some(changed) = problem.get_ref().and_then(|inner| inner.downcast_ref::<Changed>()) {
        let (text, advice) = match changed.announced {
            true => (
                format!("the content is not as long as was announced: {changed}"),
                "announce the length that the reader has, or none; nothing was stored by this attempt",
            ),
            false => (
                format!("the content changed while it was sent: {changed}"),
                "upload it again once nothing writes to it; nothing was stored by this attempt",
            ),
        };
        return Error::new(ErrorKind::FileChanged, text).with_advice(advice);
    }
    super::disk::error("the content of the upload cannot be read", problem)
}

/// Where the content of a file is.
pub(crate) enum Opened {
    /// At a pre-signed URL.
    Elsewhere(Url),
    /// In this response, whose body has not been read.
    Here(Response),
}

/// Asks the API for the content of a file, without reading any of it.
pub(crate) struct Opening<'c> {
    pub(crate) http: &'c reqwest::Client,
    pub(crate) opened: Mutex<Option<Opened>>,
}

impl<'c> Opening<'c> {
    pub(crate) fn new(http: &'c reqwest::Client) -> Self {
        Self { http, opened: Mutex::new(None) }
    }

    pub(crate) fn take(&self) -> Option<Opened> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Sender for Opening<'_> {
    #[inline]
    fn send<'a>(&'a self, attempt: AttemptRequest<'a>) -> Attempting<'a> {
        Box::pin(self.open(attempt))
    }
}

impl Opening<'_> {
    async fn open(&self, attempt: AttemptRequest<'_>) -> Result<Reply, Failure> {
        let AttemptRequest { request, origin, limits, watch, authorization: _ } = attempt;
        watch.heard();
        let mut response = self.http.execute(*request).await.map_err(classify)?;
        let status = response.status();
        let opened = if redirect::is_redirect(status) {
            // Wherever it points, the token stays here.
            let hop = redirect::follow(origin.method(), origin.url(), response.headers(), 0).map_err(|mut error| {
                error.inner_mut().status = Some(status);
                Failure { outcome: AttemptOutcome::Final, error }
            })?;
            Opened::Elsewhere(hop.url)
        } else if status.is_success() || matches!(status.as_u16(), 412 | 416) {
            Opened::Here(response)
        } else {
            return read(&mut response, limits, watch).await;
        };
        *self.opened.lock().unwrap_or_else(PoisonError::into_inner) = Some(opened);
        // For the loop of the call the request is done, and it no longer counts as under way.
        Ok(Reply {
            status: http::StatusCode::OK,
            headers: http::HeaderMap::new(),
            body: bytes::Bytes::new(),
            truncated: false,
        })
    }
}
