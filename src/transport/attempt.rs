//! One attempt: sends a request, follows redirects, and reads the answer within its limits.

use std::error::Error as _;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_LENGTH, RANGE, USER_AGENT};
use reqwest::{Request, Response};

use super::limits::Limits;
use super::retry::Ending;
use super::{Reply, redirect, upload};
use crate::error::span;
use crate::{Error, ErrorKind};

/// An attempt that got no whole answer.
#[derive(Debug)]
pub(crate) struct Failure {
    pub ending: Ending,
    pub error: Error,
}

impl Failure {
    fn last(error: Error) -> Self {
        Self { ending: Ending::Final, error }
    }
}

/// What makes an attempt. The tests of the loop put their own in its place.
pub(crate) trait Sender: Send + Sync {
    fn send<'a>(
        &'a self,
        request: Request,
        limits: Limits,
    ) -> Pin<Box<dyn Future<Output = Result<Reply, Failure>> + Send + 'a>>;
}

/// Attempts over HTTP.
pub(crate) struct HttpSender {
    pub http: reqwest::Client,
    pub read_timeout: Duration,
}

impl Sender for HttpSender {
    fn send<'a>(
        &'a self,
        request: Request,
        limits: Limits,
    ) -> Pin<Box<dyn Future<Output = Result<Reply, Failure>> + Send + 'a>> {
        Box::pin(async move {
            let response = self.follow(request).await?;
            self.read(response, limits).await
        })
    }
}

impl HttpSender {
    /// Sends, and goes where redirects lead as far as they may.
    async fn follow(&self, request: Request) -> Result<Response, Failure> {
        let method = request.method().clone();
        let kept: Vec<_> = [AUTHORIZATION, ACCEPT, RANGE, USER_AGENT]
            .into_iter()
            .filter_map(|name| Some((request.headers().get(&name)?.clone(), name)))
            .collect();
        let mut trusted = true;
        let mut request = request;
        for hops in 0.. {
            let url = request.url().clone();
            let response = self.answer(request).await?;
            if !redirect::is_redirect(response.status()) {
                return Ok(response);
            }
            let hop = redirect::follow(&method, &url, response.headers(), hops).map_err(Failure::last)?;
            trusted &= hop.same_place;
            request = Request::new(method.clone(), hop.url);
            for (value, name) in &kept {
                if trusted || *name != AUTHORIZATION {
                    request.headers_mut().insert(name, value.clone());
                }
            }
        }
        // `redirect::follow` ends the loop; this satisfies the compiler without a panic.
        Err(Failure::last(Error::new(ErrorKind::Redirect, "too many redirects")))
    }

    /// Sends a request and waits for the head of its answer. An upload may take longer than the read time limit as long as
    /// it moves.
    async fn answer(&self, mut request: Request) -> Result<Response, Failure> {
        let Some(progress) = upload::watch(&mut request) else {
            return self.within(self.http.execute(request)).await;
        };
        let mut sending = std::pin::pin!(self.http.execute(request));
        loop {
            let before = progress.count();
            match tokio::time::timeout(self.read_timeout, &mut sending).await {
                Ok(outcome) => return outcome.map_err(classify),
                Err(_) if progress.count() != before => {}
                Err(_) => return Err(self.silence()),
            }
        }
    }

    /// Reads the body: a success whole or not at all, a failure up to its limit.
    async fn read(&self, mut response: Response, limits: Limits) -> Result<Reply, Failure> {
        let status = response.status();
        let limit = if status.is_success() { limits.response } else { limits.error };
        let announced = response.content_length().unwrap_or(0);
        let too_large = || {
            let text = format!("the answer is larger than the limit of {limit} bytes");
            let error =
                Error::new(ErrorKind::TooLarge, text).with_advice("raise `max_response_bytes`, or ask for less");
            Failure::last(error)
        };
        if status.is_success() && usize::try_from(announced).is_ok_and(|announced| announced > limit) {
            return Err(too_large());
        }
        let (mut first, mut rest) = (Bytes::new(), BytesMut::new());
        let mut truncated = false;
        while let Some(chunk) = self.within(response.chunk()).await? {
            let have = if rest.is_empty() { first.len() } else { rest.len() };
            if have.saturating_add(chunk.len()) > limit {
                if status.is_success() {
                    return Err(too_large());
                }
                truncated = true;
            }
            let chunk = chunk.slice(..chunk.len().min(limit.saturating_sub(have)));
            if first.is_empty() && rest.is_empty() {
                first = chunk;
            } else {
                if rest.is_empty() {
                    rest.reserve(usize::try_from(announced).unwrap_or(0).clamp(first.len(), limit));
                    rest.extend_from_slice(&first);
                }
                rest.extend_from_slice(&chunk);
            }
            if truncated {
                break;
            }
        }
        let body = if rest.is_empty() { first } else { rest.freeze() };
        let mut headers = std::mem::take(response.headers_mut());
        headers.remove(CONTENT_LENGTH);
        Ok(Reply { status, headers, body, truncated })
    }

    /// Waits for the server, but not for ever: each step has the read time limit.
    async fn within<T>(&self, step: impl Future<Output = reqwest::Result<T>>) -> Result<T, Failure> {
        match tokio::time::timeout(self.read_timeout, step).await {
            Ok(outcome) => outcome.map_err(classify),
            Err(_) => Err(self.silence()),
        }
    }

    fn silence(&self) -> Failure {
        let text = format!("the server sent nothing for {}", span(self.read_timeout));
        Failure { ending: Ending::TooSlow, error: Error::new(ErrorKind::Timeout, text) }
    }
}

/// What a failure of the HTTP library means for the call. Its own text holds the URL, which may be pre-signed.
fn classify(error: reqwest::Error) -> Failure {
    let error = error.without_url();
    let cause = root_cause(&error);
    let (ending, kind, text) = if error.is_connect() {
        (Ending::NoConnection, ErrorKind::Connect, format!("no connection: {cause}"))
    } else if error.is_timeout() {
        (Ending::TooSlow, ErrorKind::Timeout, "the attempt took too long".to_owned())
    } else if error.is_builder() {
        (Ending::Final, ErrorKind::InvalidRequest, format!("the request cannot be sent: {cause}"))
    } else {
        (Ending::Broken, ErrorKind::Transport, format!("the connection broke: {cause}"))
    };
    Failure { ending, error: Error::new(kind, text).with_source(error) }
}

fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    let text = cause.to_string();
    if error.source().is_none() { format!("{text} (no further cause)") } else { text }
}
