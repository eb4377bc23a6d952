//! The content of a file as it arrives: opened through the API, read from the storage, and resumed where it was cut off.

use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING, IF_MATCH, RANGE};
use http::{HeaderValue, Method, StatusCode};
use reqwest::{Request, Response, Url};
use tokio::time::Instant;

use super::calls::Caller;
use super::progress::Meter;
use super::remote_path::RemotePath;
use super::resume::{Ask, Head, Held, MAX_RESTARTS};
use super::senders::{Opened, Opening};
use super::space::Verb;
use super::storage::{Complaint, MAX_BODY};
use super::visit::Visit;
use crate::error::span;
use crate::transport::attempt::{Failure, classify, redirected};
use crate::transport::{redirect, retry_after};
use crate::types::FileObject;
use crate::{Error, ErrorKind};

/// How much of a file's metadata is read.
const MAX_METADATA: usize = 64 << 10;

/// What comes next.
#[derive(Debug)]
pub(crate) enum Event {
    Data(Bytes),
    /// What was handed out so far is void.
    Restart,
    End,
}

/// One download.
pub(crate) struct Transfer {
    caller: Caller,
    path: RemotePath,
    meter: Meter,
    /// Whether what was handed out can be taken back.
    restartable: bool,
    /// Whether the size in the metadata is compared.
    verify: bool,
    /// The size named by a listing or the metadata.
    expected: Option<u64>,
    /// Whether the metadata was requested while this body arrived.
    asked: bool,
    held: Held,
    body: Option<Response>,
    url: Option<Url>,
    attempts: u32,
    restarts: u32,
    /// Failures since the last byte.
    failures: u32,
    /// Refused URLs since the last byte.
    refusals: u32,
    /// The request to the storage under way.
    visit: Option<Visit>,
}

/// How a step failed: temporarily, or finally.
enum StepError {
    Transient(Error, Option<Duration>),
    Final(Error),
}

impl Transfer {
    pub(crate) fn new(caller: Caller, path: RemotePath, meter: Meter, restartable: bool, verify: bool) -> Self {
        Self {
            caller,
            path,
            meter,
            restartable,
            verify,
            expected: None,
            asked: false,
            held: Held::default(),
            body: None,
            url: None,
            attempts: 0,
            restarts: 0,
            failures: 0,
            refusals: 0,
            visit: None,
        }
    }

    /// Sets the size named by a listing.
    pub(crate) fn expecting(mut self, size: Option<u64>) -> Self {
        self.expected = size;
        self
    }

    /// Tells the observer how a request to the storage ended; a request to the API is reported by its own call.
    fn leave(&mut self, retry: Option<&str>) {
        if let Some(visit) = self.visit.take() {
            visit.end(retry);
        }
    }

    /// The bytes handed out since the last restart.
    pub(crate) fn offset(&self) -> u64 {
        self.held.offset
    }

    /// The announced length.
    pub(crate) fn total(&self) -> Option<u64> {
        self.held.total
    }

    /// How many requests for the content were made.
    pub(crate) fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Starts the download: once this returns, the server has agreed to serve the file.
    pub(crate) async fn begin(&mut self) -> Result<(), Error> {
        while self.body.is_none() {
            self.connect().await?;
        }
        Ok(())
    }

    /// The next piece. Nothing follows an error or the end.
    pub(crate) async fn next(&mut self) -> Result<Event, Error> {
        loop {
            if self.body.is_none() {
                if self.held.is_complete() && self.attempts > 0 {
                    return self.end().await;
                }
                if self.connect().await? {
                    return Ok(Event::Restart);
                }
                continue;
            }
            match self.chunk().await {
                Ok(Some(chunk)) if chunk.is_empty() => {}
                Ok(Some(chunk)) => {
                    if let Some(size) = self.is_beyond(chunk.len() as u64).await? {
                        self.body = None;
                        let text =
                            format!("the server sends more than it should: the metadata of the file says {size}");
                        return self.differs(text);
                    }
                    self.held.offset = self.held.offset.saturating_add(chunk.len() as u64);
                    if let Some(visit) = &mut self.visit {
                        visit.bytes += chunk.len() as u64;
                    }
                    (self.failures, self.refusals) = (0, 0);
                    self.meter.tell(self.held.offset, self.held.total, self.attempts.max(1), false);
                    return Ok(Event::Data(chunk));
                }
                Ok(None) => {
                    self.body = None;
                    // A body without a length ends where its framing says.
                    let total = *self.held.total.get_or_insert(self.held.offset);
                    if total == self.held.offset {
                        self.leave(None);
                    } else {
                        let text = format!("the body ended after {} of {total} bytes", self.held.offset);
                        let failed = StepError::Transient(Error::new(ErrorKind::Transport, text), None);
                        self.handle(failed).await?;
                    }
                }
                Err(failed) => {
                    self.body = None;
                    self.handle(failed).await?;
                }
            }
        }
    }

    /// All bytes have arrived: compares their number with what else is known.
    async fn end(&mut self) -> Result<Event, Error> {
        let known = match self.expected {
            Some(size) if size == self.held.offset => Some(size),
            // The file may have changed since it was listed, so its current size is requested.
            _ if self.verify && !self.held.confirmed => {
                self.size_in_metadata().await.map_err(|error| self.finish(error))?
            }
            _ => None,
        };
        match known {
            Some(size) if size != self.held.offset => {
                let text = format!(
                    "the server announced {} bytes of content, and the metadata of the file says {size}",
                    self.held.offset
                );
                self.differs(text)
            }
            _ => {
                self.meter.tell(self.held.offset, self.held.total, self.attempts.max(1), true);
                Ok(Event::End)
            }
        }
    }

    /// What arrived is not what the metadata says: starts over, or fails.
    fn differs(&mut self, text: String) -> Result<Event, Error> {
        let error = self.finish(Error::new(ErrorKind::Transport, text));
        if self.restartable && self.restarts < MAX_RESTARTS {
            self.leave(Some("begins again"));
            self.restarts += 1;
            (self.held, self.url, self.asked) = (Held::default(), None, false);
            return Ok(Event::Restart);
        }
        self.leave(None);
        Err(error.with_advice("if the metadata cannot be trusted, `verify_size(false)` turns the comparison off"))
    }

    /// The size of the file, if the next bytes exceed it. If no length was announced, nothing else stops an endless
    /// body.
    async fn is_beyond(&mut self, more: u64) -> Result<Option<u64>, Error> {
        if !self.verify || self.held.total.is_some() {
            return Ok(None);
        }
        let after = self.held.offset.saturating_add(more);
        if !self.asked && self.expected.is_none_or(|size| after > size) {
            // The file may have grown since it was listed.
            self.asked = true;
            self.expected = self.size_in_metadata().await.map_err(|error| self.finish(error))?;
        }
        Ok(self.expected.filter(|size| after > *size))
    }

    /// The size that the API knows; `None` if it cannot say so at once.
    ///
    /// # Errors
    /// If something other than the service responds to this request with a page, it may have done so to the request for
    /// the content too.
    async fn size_in_metadata(&self) -> Result<Option<u64>, Error> {
        let caller = self.caller.hasty();
        let opening = Opening::new(&caller.core.http);
        if caller.metadata_through(&self.path, &opening).await.is_err() {
            return Ok(None);
        }
        let Some(Opened::Here(mut response)) = opening.take() else { return Ok(None) };
        let mut body = Vec::new();
        while let Ok(Ok(Some(chunk))) = self.within(response.chunk()).await {
            body.extend_from_slice(&chunk);
            if body.len() > MAX_METADATA {
                return Ok(None);
            }
        }
        crate::decode::refuse_page(&body)?;
        let object = serde_json::from_slice::<FileObject>(&body).ok();
        Ok(object.and_then(|object| object.size).and_then(|size| u64::try_from(size).ok()))
    }

    /// Adds the position of the download to an error.
    fn finish(&self, error: Error) -> Error {
        let mut error = error.with_operation(self.caller.space.operation(Verb::Get, &self.path));
        if error.attempts().is_empty() {
            error = match self.held.total {
                Some(total) => error.with_remark(format!("{} of {total} bytes were received", self.held.offset)),
                None if self.held.offset > 0 => error.with_remark(format!("{} bytes were received", self.held.offset)),
                None => error,
            };
        }
        error
    }

    /// Waits before the next attempt, or gives up.
    async fn handle(&mut self, failed: StepError) -> Result<(), Error> {
        let (error, hint) = match failed {
            StepError::Final(error) => {
                self.leave(None);
                return Err(self.finish(error));
            }
            StepError::Transient(error, hint) => (error, hint),
        };
        self.failures += 1;
        let ends = self.held.is_complete() || self.failures >= self.caller.max_attempts();
        self.leave((!ends).then_some("interrupted download"));
        if self.held.is_complete() {
            return Ok(());
        }
        if self.held.offset > 0 && self.held.ask() == Ask::Whole {
            // Without a strong validator there is nothing to resume.
            let why = "the server names no version of the file, so the download cannot be resumed";
            if let Err(why) = self.count_restart(why) {
                return Err(self.finish(error.with_remark(why)));
            }
        }
        if self.failures >= self.caller.max_attempts() {
            let times = self.failures;
            return Err(self.finish(error.with_remark(format!("given up after {times} attempts that brought nothing"))));
        }
        let delay = self.caller.core.policy.backoff.delay(self.failures, hint, fastrand::f64());
        let now = Instant::now();
        if self.caller.deadline().is_some_and(|deadline| now + delay >= deadline) {
            return Err(self.finish(error.with_remark("there is no time left for another attempt before the deadline")));
        }
        tracing::debug!(
            delay_ms = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX),
            offset = self.held.offset,
            error = %error,
            "download interrupted"
        );
        tokio::time::sleep(delay).await;
        Ok(())
    }

    /// Counts a restart, if one is possible.
    fn count_restart(&mut self, why: &str) -> Result<(), String> {
        if !self.restartable && self.held.offset > 0 {
            return Err(format!("{why}, and the {} bytes handed out cannot be taken back", self.held.offset));
        }
        if self.restarts >= MAX_RESTARTS {
            return Err(format!("{why}, and the download has begun {} times", self.restarts + 1));
        }
        self.restarts += 1;
        Ok(())
    }

    fn restart(&mut self, why: &str) -> Result<(), Error> {
        self.count_restart(why).map_err(|text| self.finish(Error::new(ErrorKind::Transport, text)))
    }

    /// Asks for the file, or for the rest of it. True if what was handed out is void.
    async fn connect(&mut self) -> Result<bool, Error> {
        let ask = self.held.ask();
        let response = match self.open(&ask).await {
            Ok(Some(response)) => response,
            Ok(None) => return Ok(false),
            Err(failed) => {
                self.handle(failed).await?;
                return Ok(false);
            }
        };
        let offset = self.held.offset;
        let status = response.status();
        let mut head = self.held.clone();
        match head.judge(&ask, status, response.version(), response.headers()) {
            Head::Continue => {
                self.held = head;
                self.body = Some(response);
            }
            Head::Start => {
                if offset > 0 && matches!(ask, Ask::Rest { .. }) {
                    self.restart("the server sent the whole file instead of the rest")?;
                }
                self.held = head;
                self.body = Some(response);
                return Ok(offset > 0);
            }
            Head::AskWhole(why) => {
                self.leave(Some("begins again"));
                self.restart(why)?;
                self.held = Held::default();
                return Ok(offset > 0);
            }
            Head::Refused => return self.refused(response).await.map(|()| false),
            Head::Later => {
                let hint = retry_after::parse(response.headers(), std::time::SystemTime::now());
                let error = self.complaint(response).await.into_error(status, "the download cannot continue");
                self.handle(StepError::Transient(error, hint)).await?;
            }
            Head::Fail(why) => {
                self.leave(None);
                let complaint = self.complaint(response).await;
                if status == StatusCode::BAD_REQUEST && complaint.is_expiry() {
                    return self.refuse(complaint, status).map(|()| false);
                }
                return Err(self.finish(complaint.into_error(status, why)));
            }
        }
        Ok(false)
    }

    async fn refused(&mut self, response: Response) -> Result<(), Error> {
        let status = response.status();
        let complaint = self.complaint(response).await;
        self.refuse(complaint, status)
    }

    /// A pre-signed URL was refused: the API provides another, once for each time that something arrived.
    fn refuse(&mut self, complaint: Complaint, status: StatusCode) -> Result<(), Error> {
        self.refusals += 1;
        let last = self.url.take().is_none() || self.refusals > 1;
        self.leave((!last).then_some("URL expired"));
        if last {
            let what = "the storage refused a URL that the service had just given";
            return Err(self.finish(complaint.into_error(status, what)));
        }
        Ok(())
    }

    /// The storage's message about a failure, as far as it may be shown.
    async fn complaint(&self, mut response: Response) -> Complaint {
        let (mut body, headers) = (Vec::new(), response.headers().clone());
        while body.len() < MAX_BODY {
            match self.within(response.chunk()).await {
                Ok(Ok(Some(chunk))) => body.extend_from_slice(&chunk),
                _ => break,
            }
        }
        Complaint::read(&headers, &body)
    }

    /// A response whose body is, or may be, the content; `None` if the URL must be requested first.
    async fn open(&mut self, ask: &Ask) -> Result<Option<Response>, StepError> {
        let Some(url) = self.url.clone() else {
            let opening = Opening::new(&self.caller.core.http);
            let adapt = |request: &mut Request| headers(request, ask);
            self.caller.transfer(Verb::Get, &self.path, &opening, adapt).await.map_err(StepError::Final)?;
            return match opening.take() {
                Some(Opened::Here(response)) => {
                    self.attempts += 1;
                    Ok(Some(response))
                }
                Some(Opened::Elsewhere(url)) => {
                    self.url = Some(url);
                    Ok(None)
                }
                None => {
                    Err(StepError::Final(Error::new(ErrorKind::Transport, "the service did not say where the file is")))
                }
            };
        };
        self.attempts += 1;
        self.visit = Some(Visit::begin(&self.caller, &self.path, &url, self.attempts));
        let mut next = url;
        for hops in 0.. {
            let mut request = Request::new(Method::GET, next.clone());
            headers(&mut request, ask);
            let response = match self.within(self.caller.core.http.execute(request)).await? {
                Ok(response) => response,
                Err(error) => return Err(step_error(redirected(error, &next))),
            };
            if let Some(visit) = &mut self.visit {
                visit.status = Some(response.status());
            }
            if !redirect::is_redirect(response.status()) {
                return Ok(Some(response));
            }
            let hop = redirect::follow(&Method::GET, &next, response.headers(), hops + 1);
            next = hop.map_err(StepError::Final)?.url;
        }
        Ok(None)
    }

    /// Waits for work of the caller, until the deadline; `None` once it has passed.
    pub(crate) async fn before_deadline<T>(&self, work: impl Future<Output = T>) -> Result<Option<T>, Error> {
        self.caller.before_deadline(work).await
    }

    async fn chunk(&mut self) -> Result<Option<Bytes>, StepError> {
        let Some(mut body) = self.body.take() else { return Ok(None) };
        let outcome = self.within(body.chunk()).await;
        self.body = Some(body);
        outcome?.map_err(|error| step_error(classify(error)))
    }

    /// Waits for the server, but not beyond its silence limit or the deadline. Time in which nobody waits does not
    /// count.
    async fn within<T>(&self, work: impl Future<Output = T>) -> Result<T, StepError> {
        let silence = self.caller.core.read_timeout;
        let work = async {
            match tokio::time::timeout(silence, work).await {
                Ok(outcome) => Ok(outcome),
                Err(_) => {
                    let storage = self.url.as_ref().and_then(Url::host_str).map(|host| format!("the storage {host}"));
                    let who = storage.as_deref().unwrap_or("the server");
                    let text = format!("{who} sent nothing for {}", span(silence));
                    Err(StepError::Transient(Error::new(ErrorKind::Timeout, text), None))
                }
            }
        };
        let Some(deadline) = self.caller.deadline() else { return work.await };
        match tokio::time::timeout_at(deadline, work).await {
            Ok(outcome) => outcome,
            Err(_) => Err(StepError::Final(Error::new(ErrorKind::Timeout, "the deadline of the download passed"))),
        }
    }
}

impl std::fmt::Debug for Transfer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Transfer").field("path", &self.path).field("held", &self.held).finish_non_exhaustive()
    }
}

/// The headers of a request for the content: the bytes as stored, and which of them.
fn headers(request: &mut Request, ask: &Ask) {
    let headers = request.headers_mut();
    headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    if let Ask::Rest { from, etag } = ask
        && let (Ok(range), Ok(etag)) = (HeaderValue::from_str(&format!("bytes={from}-")), HeaderValue::from_str(etag))
    {
        headers.insert(RANGE, range);
        headers.insert(IF_MATCH, etag);
    }
}

fn step_error(failure: Failure) -> StepError {
    match failure.outcome {
        crate::transport::outcome::AttemptOutcome::Final => StepError::Final(failure.error),
        _ => StepError::Transient(failure.error, None),
    }
}
