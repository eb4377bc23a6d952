//! One attempt: sends a request, follows redirects, and reads the answer within its limits.

use std::error::Error as _;
use std::future::Future;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::HeaderName;
use http::header::{ACCEPT, AUTHORIZATION, RANGE, USER_AGENT};
use reqwest::{Request, Response};
use tokio::time::{Instant, Sleep};

use super::limits::Limits;
use super::retry::Ending;
use super::run::YEAR;
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
            let sleep = pin!(tokio::time::sleep(self.read_timeout));
            let mut idle = Idle::new(self.read_timeout, sleep);
            let response = self.follow(request, &mut idle).await?;
            read(response, limits, &mut idle).await
        })
    }
}

/// What goes along to where a redirect leads; the first only to the same place.
const KEPT: [HeaderName; 4] = [AUTHORIZATION, ACCEPT, RANGE, USER_AGENT];

impl HttpSender {
    /// Sends, and goes where redirects lead as far as they may.
    async fn follow(&self, request: Request, idle: &mut Idle<'_>) -> Result<Response, Failure> {
        let method = request.method().clone();
        let kept = KEPT.map(|name| request.headers().get(name).cloned());
        let mut trusted = true;
        let mut request = request;
        for hops in 0.. {
            let url = request.url().clone();
            idle.watch(upload::watch(&mut request));
            // Pinned where it is made: it is large, and moving it costs more than most of what is done here.
            let sending = pin!(self.http.execute(request));
            let response = idle.within(sending).await?;
            if !redirect::is_redirect(response.status()) {
                return Ok(response);
            }
            let hop = redirect::follow(&method, &url, response.headers(), hops).map_err(Failure::last)?;
            trusted &= hop.same_place;
            request = Request::new(method.clone(), hop.url);
            for (name, value) in KEPT.into_iter().zip(&kept) {
                if let Some(value) = value
                    && (trusted || name != AUTHORIZATION)
                {
                    request.headers_mut().insert(name, value.clone());
                }
            }
        }
        // `redirect::follow` ends the loop; this satisfies the compiler without a panic.
        Err(Failure::last(Error::new(ErrorKind::Redirect, "too many redirects")))
    }
}

/// Reads the body: a success whole or not at all, a failure up to its limit.
async fn read(mut response: Response, limits: Limits, idle: &mut Idle<'_>) -> Result<Reply, Failure> {
    let status = response.status();
    let limit = if status.is_success() { limits.response } else { limits.error };
    let announced = response.content_length().unwrap_or(0);
    let too_large = || {
        let text = format!("the answer is larger than the limit of {limit} bytes");
        let error = Error::new(ErrorKind::TooLarge, text).with_advice("raise `max_response_bytes`, or ask for less");
        Failure::last(error)
    };
    if status.is_success() && usize::try_from(announced).is_ok_and(|announced| announced > limit) {
        return Err(too_large());
    }
    let (mut first, mut rest) = (Bytes::new(), BytesMut::new());
    let mut truncated = false;
    while let Some(chunk) = idle.within(pin!(response.chunk())).await? {
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
    let headers = std::mem::take(response.headers_mut());
    Ok(Reply { status, headers, body, truncated })
}

/// The read time limit: how long the server may be silent. One timer serves a whole attempt; it is set again when it
/// fires and something has come since, which is cheaper than for every piece.
struct Idle<'a> {
    limit: Duration,
    sleep: Pin<&'a mut Sleep>,
    /// When the server was heard last, or the wait for it began.
    heard: Instant,
    upload: Option<upload::Progress>,
    uploaded: u64,
}

impl<'a> Idle<'a> {
    fn new(limit: Duration, sleep: Pin<&'a mut Sleep>) -> Self {
        Self { limit, sleep, heard: Instant::now(), upload: None, uploaded: 0 }
    }

    /// Takes an upload that moves for a sign of life.
    fn watch(&mut self, upload: Option<upload::Progress>) {
        (self.upload, self.uploaded) = (upload, 0);
    }

    /// Waits for a step, but not for ever.
    async fn within<T>(&mut self, mut step: Pin<&mut impl Future<Output = reqwest::Result<T>>>) -> Result<T, Failure> {
        self.heard = Instant::now();
        std::future::poll_fn(|context| {
            if let Poll::Ready(outcome) = step.as_mut().poll(context) {
                return Poll::Ready(outcome.map_err(classify));
            }
            while self.sleep.as_mut().poll(context).is_ready() {
                let now = Instant::now();
                let uploaded = self.upload.as_ref().map_or(0, upload::Progress::count);
                if uploaded != self.uploaded {
                    (self.heard, self.uploaded) = (now, uploaded);
                }
                // A limit that no clock can hold is none.
                let due = self.heard.checked_add(self.limit).unwrap_or(now + YEAR);
                if due <= now {
                    return Poll::Ready(Err(self.silence()));
                }
                self.sleep.as_mut().reset(due);
            }
            Poll::Pending
        })
        .await
    }

    fn silence(&self) -> Failure {
        let text = format!("the server sent nothing for {}", span(self.limit));
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
