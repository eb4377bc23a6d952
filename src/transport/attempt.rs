//! One attempt: sends a request, follows redirects, and reads the response within its size limits.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use super::core::Reply;
use super::outcome::AttemptOutcome;
use super::size_limits::SizeLimits;
use super::watch::Watch;
use super::{connect, redirect, upload};
use crate::{Error, ErrorKind};
use bytes::{Bytes, BytesMut};
use http::header::{ACCEPT, AUTHORIZATION, RANGE, USER_AGENT};
use http::{HeaderName, HeaderValue};
use reqwest::{Request, Response, Url};

/// An attempt that did not get a complete response.
#[derive(Debug)]
pub(crate) struct Failure {
    pub outcome: AttemptOutcome,
    pub error: Error,
}

impl Failure {
    fn last(error: Error) -> Self {
        Self { outcome: AttemptOutcome::Final, error }
    }
}

/// The inputs of one attempt.
pub(crate) struct AttemptRequest<'a> {
    /// Boxed here and in the functions on the way: each future would otherwise hold it twice, and futures are moved.
    pub request: Box<Request>,
    /// The request's URL and headers, without the token, for following a redirect.
    pub origin: &'a Request,
    pub authorization: &'a HeaderValue,
    pub limits: SizeLimits,
    pub watch: &'a Watch,
}

/// An attempt in progress.
pub(crate) type Attempting<'a> = Pin<Box<dyn Future<Output = Result<Reply, Failure>> + Send + 'a>>;

/// Makes attempts; the tests of the loop substitute their own. Not a type parameter of the loop, which would then be compiled
/// once for each.
pub(crate) trait Sender: Send + Sync {
    /// Whether another attempt can send the same request.
    fn is_repeatable(&self) -> bool {
        true
    }

    /// Whether the body of a success is left for the caller to read.
    fn leaves_body(&self) -> bool {
        false
    }

    fn send<'a>(&'a self, attempt: AttemptRequest<'a>) -> Attempting<'a>;
}

/// Makes attempts over HTTP.
impl Sender for reqwest::Client {
    fn send<'a>(&'a self, attempt: AttemptRequest<'a>) -> Attempting<'a> {
        Box::pin(async move {
            let (limits, watch) = (attempt.limits, attempt.watch);
            let mut response = open(self, attempt).await?;
            read(&mut response, limits, watch).await
        })
    }
}

/// Sends the request and waits for the headers of the response.
pub(crate) async fn open(http: &reqwest::Client, attempt: AttemptRequest<'_>) -> Result<Response, Failure> {
    let AttemptRequest { mut request, origin, authorization, limits: _, watch } = attempt;
    watch.uploads(upload::watch(&mut request));
    watch.heard();
    // Pinned in place: it is large, and moving it costs more than most of the work here.
    let sending = pin!(http.execute(*request));
    let mut response = sending.await.map_err(classify)?;
    if redirect::is_redirect(response.status()) {
        let following: Pin<Box<dyn Future<Output = _> + Send + '_>> =
            Box::pin(follow(http, response, origin, authorization, watch));
        response = following.await?;
    }
    Ok(response)
}

/// Headers that are kept when following a redirect. The token is kept only for the same place.
const KEPT: [HeaderName; 3] = [ACCEPT, RANGE, USER_AGENT];

/// Follows redirects as far as allowed.
async fn follow(
    http: &reqwest::Client,
    mut response: Response,
    origin: &Request,
    authorization: &HeaderValue,
    watch: &Watch,
) -> Result<Response, Failure> {
    let mut url = origin.url().clone();
    let mut trusted = true;
    for hops in 0.. {
        if !redirect::is_redirect(response.status()) {
            return Ok(response);
        }
        let status = response.status();
        let hop = redirect::follow(origin.method(), &url, response.headers(), hops).map_err(|mut error| {
            error.inner_mut().status = Some(status);
            Failure::last(error)
        })?;
        trusted &= hop.same_place;
        url = hop.url;
        let mut request = Request::new(origin.method().clone(), url.clone());
        for name in KEPT {
            if let Some(value) = origin.headers().get(&name) {
                request.headers_mut().insert(name, value.clone());
            }
        }
        if trusted {
            request.headers_mut().insert(AUTHORIZATION, authorization.clone());
        }
        watch.heard();
        response = http.execute(request).await.map_err(|error| {
            let mut failure = redirected(error, &url);
            failure.error.inner_mut().status = Some(status);
            failure
        })?;
    }
    // `redirect::follow` ends the loop; this satisfies the compiler without a panic.
    Err(Failure::last(Error::new(ErrorKind::Redirect, "too many redirects")))
}

/// The failure of a request that followed a redirect. The server that sent the redirect was reached.
pub(crate) fn redirected(error: reqwest::Error, url: &Url) -> Failure {
    let mut failure = classify(error);
    let inner = failure.error.inner_mut();
    inner.message = format!("the server redirected to {}: {}", url.host_str().unwrap_or("nowhere"), inner.message);
    // The base URL is right: the server behind it has responded.
    if inner.kind == ErrorKind::Connect && inner.advice.is_none_or(|advice| advice.contains("base URL")) {
        inner.advice = Some("the server was reached; the redirect target must be reachable too");
    }
    failure
}

/// How much memory is reserved at once on the strength of an announced length.
const ANNOUNCED: usize = 1 << 20;

/// Reads the body: of a success all or nothing, of a failure up to its limit.
pub(crate) async fn read(response: &mut Response, limits: SizeLimits, watch: &Watch) -> Result<Reply, Failure> {
    let status = response.status();
    let limit = if status.is_success() { limits.response } else { limits.error };
    let announced = response.content_length().unwrap_or(0);
    let too_large = || {
        let text = format!("the response is larger than the limit of {limit} bytes");
        let mut error = Error::new(ErrorKind::TooLarge, text);
        error.inner_mut().status = Some(status);
        Failure::last(error.with_advice("raise `max_response_bytes`, or ask for less"))
    };
    if status.is_success() && usize::try_from(announced).is_ok_and(|announced| announced > limit) {
        return Err(too_large());
    }
    watch.responds(status);
    let (mut first, mut rest) = (Bytes::new(), BytesMut::new());
    let mut truncated = false;
    loop {
        watch.heard();
        let chunk = match next_chunk(response, watch).await {
            Ok(Some(chunk)) => chunk,
            Ok(None) => break,
            // The status already says what the failure is.
            Err(_) if !status.is_success() => {
                truncated = true;
                break;
            }
            Err(None) => break,
            Err(Some(error)) => {
                let mut failure = classify(error);
                failure.error.inner_mut().status = Some(status);
                return Err(failure);
            }
        };
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
                // The announced length is only a hint, and must not claim memory by itself.
                rest.reserve(usize::try_from(announced).unwrap_or(0).min(limit).min(ANNOUNCED).max(first.len()));
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

/// How long to wait for a failure's body that has gone silent: the status says what failed, and what has arrived is kept.
/// No time limit of the attempt takes that away.
const FAILURE_SILENCE: Duration = Duration::from_secs(5);

/// The next piece of a body. An error without a cause means that the body of a failure went silent.
async fn next_chunk(response: &mut Response, watch: &Watch) -> Result<Option<Bytes>, Option<reqwest::Error>> {
    if response.status().is_success() {
        return response.chunk().await.map_err(Some);
    }
    let mut chunk = pin!(tokio::time::timeout(FAILURE_SILENCE, response.chunk()));
    let ended = std::future::poll_fn(|context| match chunk.as_mut().poll(context) {
        Poll::Pending if watch.is_over() => Poll::Ready(None),
        polled => polled.map(Some),
    });
    match ended.await.ok_or(None)? {
        Ok(chunk) => chunk.map_err(Some),
        Err(_) => Err(None),
    }
}

/// What a failure of the HTTP library means for the call. Its own message holds the URL, which may be pre-signed.
#[cold]
pub(crate) fn classify(error: reqwest::Error) -> Failure {
    let error = error.without_url();
    let cause = root_cause(&error);
    // A server that rejects the client's certificate says so after the handshake, and does nothing else.
    if let Some(obstacle) = connect::obstacle(&error, error.is_connect()) {
        let text = format!("no connection: {} ({cause})", obstacle.text);
        let failed = Error::new(ErrorKind::Connect, text).with_advice(obstacle.advice).with_retryable(false);
        return Failure::last(failed.with_source(error));
    }
    let (outcome, kind, text) = if error.is_connect() {
        (AttemptOutcome::NoConnection, ErrorKind::Connect, format!("no connection: {cause}"))
    } else if error.is_timeout() {
        (AttemptOutcome::TooSlow, ErrorKind::Timeout, "the attempt took too long".to_owned())
    } else if error.is_builder() {
        (AttemptOutcome::Final, ErrorKind::InvalidRequest, format!("the request cannot be sent: {cause}"))
    } else {
        (AttemptOutcome::Broken, ErrorKind::Transport, format!("the connection broke: {cause}"))
    };
    Failure { outcome, error: Error::new(kind, text).with_source(error) }
}

fn root_cause(error: &reqwest::Error) -> String {
    let mut causes = connect::chain(error);
    let innermost = causes.pop().unwrap_or_default();
    match causes.pop() {
        None => format!("{innermost} (no further cause)"),
        // OpenSSL describes the certificate problem in the outer error; the innermost says only that there is one.
        Some(outer) if outer.contains(&innermost) => outer,
        Some(_) => innermost,
    }
}
