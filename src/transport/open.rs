//! Attempts that end with the headers: the body of a success is left to be read piece by piece.

use std::sync::{Mutex, PoisonError};

use super::attempt::{self, AttemptRequest, Attempting, Sender, read};
use super::core::Reply;

/// Attempts over HTTP that leave the body of a success unread.
pub(super) struct OpenSender<'c> {
    http: &'c reqwest::Client,
    body: Mutex<Option<reqwest::Body>>,
}

impl<'c> OpenSender<'c> {
    pub(super) fn new(http: &'c reqwest::Client) -> Self {
        Self { http, body: Mutex::new(None) }
    }

    /// The body of the response that the call succeeded with.
    pub(super) fn into_body(self) -> reqwest::Body {
        self.body.into_inner().unwrap_or_else(PoisonError::into_inner).unwrap_or_default()
    }
}

impl Sender for OpenSender<'_> {
    fn leaves_body(&self) -> bool {
        true
    }

    #[inline]
    fn send<'a>(&'a self, attempt: AttemptRequest<'a>) -> Attempting<'a> {
        Box::pin(async move {
            let (limits, watch) = (attempt.limits, attempt.watch);
            let mut response = attempt::open(self.http, attempt).await?;
            if !response.status().is_success() {
                return read(&mut response, limits, watch).await;
            }
            let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
            *self.body.lock().unwrap_or_else(PoisonError::into_inner) = Some(response.into());
            Ok(Reply { status, headers, body: bytes::Bytes::new(), truncated: false })
        })
    }
}
