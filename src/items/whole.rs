//! A list that the service sends in one response, yielded element by element as it arrives.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use http_body::Body as _;
use reqwest::{Body, Request};
use serde::de::DeserializeOwned;

use super::allowance::Allowance;
use super::array::{ArrayDecoder, Bad, Step, Stop};
use super::asking::Asking;
use super::handed::HandedOut;
use super::source::{Settings, Source, raw_id};
use super::stopwatch::{Since, Stopwatch};
use crate::error::span;
use crate::request::BoxFuture;
use crate::request::list::{Key, Listing, hash_of, key};
use crate::resume_token::{Place, ResumeToken};
use crate::transport::attempt::classify;
use crate::transport::call::CallState;
use crate::transport::core::{Core, Reply};
use crate::transport::outcome::AttemptOutcome;
use crate::transport::send;
use crate::{Error, ErrorKind};

/// A response whose body is to be read.
type Opened = (Reply, Body);

/// The source of the elements of one list.
pub(super) struct Whole<T> {
    listing: Listing<T>,
    allowance: Allowance,
    handed: HandedOut,
    phase: Phase,
}

enum Phase {
    Asking(Asking<Opened>),
    Reading(Box<Reading>),
    Done,
}

/// One response being read.
struct Reading {
    status: StatusCode,
    headers: HeaderMap,
    body: Body,
    decoder: ArrayDecoder,
    watch: Stopwatch,
    /// How long the attempt has been waited for, and how long since something arrived.
    attempt: Duration,
    silent: Duration,
    /// What was read ahead, for a consumer that wants the whole response before the first element.
    buffer: Option<Buffer>,
}

#[derive(Default)]
struct Buffer {
    pieces: VecDeque<Bytes>,
    bytes: usize,
    complete: bool,
}

#[inline]
fn open(core: Arc<Core>, state: Arc<CallState>, request: Request) -> BoxFuture<Result<Opened, Error>> {
    Box::pin(async move { send::open(&core, &state, Box::new(request)).await })
}

impl<T: DeserializeOwned + Send> Whole<T> {
    pub(super) fn new(listing: Listing<T>) -> Self {
        let allowance = Allowance::new(&listing.core, listing.info, &listing.options);
        Self { listing, allowance, handed: HandedOut::default(), phase: Phase::Asking(Asking::new(open)) }
    }

    /// Ends the list with an error.
    fn fail(&mut self, error: Error) -> Poll<Option<Result<T, Error>>> {
        self.phase = Phase::Done;
        Poll::Ready(Some(Err(error)))
    }

    /// An attempt broke off after a good start: the list is read again, or the error ends it.
    fn broke(&mut self, ending: &AttemptOutcome, mut error: Error) -> Option<Error> {
        let Phase::Reading(reading) = std::mem::replace(&mut self.phase, Phase::Done) else { return Some(error) };
        let inner = error.inner_mut();
        inner.status = Some(reading.status);
        inner.headers = reading.headers;
        let can_tell = self.listing.key.is_some() && self.handed.can_tell() || reading.decoder.index() == 0;
        if can_tell && let Some(delay) = self.allowance.broke(&self.listing.core, ending, &error, reading.attempt) {
            self.handed.read_again();
            self.phase = Phase::Asking(Asking::new(open).after(delay));
            return None;
        }
        let mut error = self.allowance.complete(error);
        if !can_tell {
            let inner = error.inner_mut();
            inner
                .message
                .push_str("; it was not listed again, because nothing tells which elements were already returned");
        }
        Some(error)
    }

    /// Whether to yield the element.
    fn is_new(&mut self, item: &Result<T, Bad>) -> bool {
        if !self.allowance.may_repeat() {
            return true;
        }
        let Some(key_of) = self.listing.key else { return true };
        let key: Option<Key> = match item {
            Ok(item) => key_of(item),
            Err(bad) => {
                let id = self.listing.list.item_id.and_then(|name| raw_id(&bad.raw, name));
                Some(id.map_or_else(|| hash_of(&bad.raw), |id| key(&id)))
            }
        };
        self.handed.is_new(key)
    }

    /// Continues reading; none while nothing has arrived.
    fn read(&mut self, context: &mut Context<'_>, settings: &Settings) -> Poll<Option<Result<T, Error>>> {
        let Phase::Reading(reading) = &mut self.phase else { return Poll::Ready(None) };
        match reading.watch.poll(self.listing.core.clock.now()) {
            Since::Waited(waited) => {
                self.allowance.wait(waited);
                reading.attempt += waited;
                reading.silent += waited;
            }
            Since::Away => {}
        }
        loop {
            let Phase::Reading(reading) = &mut self.phase else { return Poll::Ready(None) };
            let is_ahead = reading.buffer.as_ref().is_some_and(|buffer| !buffer.complete);
            let step = if is_ahead { Ok(Step::NeedMore) } else { reading.decoder.next::<T>() };
            let (ending, error) = match step {
                Ok(Step::Item(item)) => {
                    if !self.is_new(&item) {
                        continue;
                    }
                    return Poll::Ready(Some(item.map_err(|bad| self.allowance.complete(bad.error))));
                }
                Ok(Step::End) => {
                    self.allowance.succeeded(&self.listing.core);
                    self.phase = Phase::Done;
                    return Poll::Ready(None);
                }
                Ok(Step::NeedMore) => match self.more(context) {
                    Poll::Ready(Ok(())) => continue,
                    Poll::Ready(Err((ending, error))) => (ending, error),
                    Poll::Pending => return Poll::Pending,
                },
                Err(Stop::Syntax(error) | Stop::Cut(error)) => (AttemptOutcome::Broken, error),
                Err(Stop::TooLarge(error)) => (AttemptOutcome::Final, error),
            };
            return match self.broke(&ending, error) {
                Some(error) => self.fail(error),
                None => self.poll_next(context, settings),
            };
        }
    }

    /// Fetches the next piece for the decoder.
    fn more(&mut self, context: &mut Context<'_>) -> Poll<Result<(), (AttemptOutcome, Error)>> {
        let core = &self.listing.core;
        let Phase::Reading(reading) = &mut self.phase else { return Poll::Pending };
        if let Some(buffer) = &mut reading.buffer
            && buffer.complete
        {
            match buffer.pieces.pop_front() {
                Some(piece) => reading.decoder.feed(piece),
                None => reading.decoder.finish(),
            }
            return Poll::Ready(Ok(()));
        }
        match Pin::new(&mut reading.body).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => {
                reading.silent = Duration::ZERO;
                let Ok(piece) = frame.into_data() else { return Poll::Ready(Ok(())) };
                let Some(buffer) = &mut reading.buffer else {
                    reading.decoder.feed(piece);
                    return Poll::Ready(Ok(()));
                };
                buffer.bytes = buffer.bytes.saturating_add(piece.len());
                buffer.pieces.push_back(piece);
                if buffer.bytes > core.limits.response {
                    let text = format!("the response is larger than the limit of {} bytes", core.limits.response);
                    let error = Error::new(ErrorKind::TooLarge, text).with_advice("raise `max_response_bytes`");
                    return Poll::Ready(Err((AttemptOutcome::Final, error)));
                }
                Poll::Ready(Ok(()))
            }
            Poll::Ready(None) => {
                match &mut reading.buffer {
                    Some(buffer) => buffer.complete = true,
                    None => reading.decoder.finish(),
                }
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Some(Err(error))) => {
                let failure = classify(error);
                Poll::Ready(Err((failure.outcome, failure.error)))
            }
            Poll::Pending => {
                let limit = self.listing.options.attempt_timeout.unwrap_or(Duration::MAX);
                let left = self.allowance.left();
                if left.is_zero() {
                    return Poll::Ready(Err((AttemptOutcome::Final, self.allowance.out_of_time())));
                }
                if reading.attempt >= limit {
                    let text = "the time limit of the attempt passed before the list was complete";
                    return Poll::Ready(Err((AttemptOutcome::TooSlow, Error::new(ErrorKind::Timeout, text))));
                }
                if reading.silent >= core.read_timeout {
                    let text = format!("the server sent nothing for {}", span(core.read_timeout));
                    return Poll::Ready(Err((AttemptOutcome::TooSlow, Error::new(ErrorKind::Timeout, text))));
                }
                let silence = core.read_timeout - reading.silent;
                reading.watch.pending(context, left.min(limit - reading.attempt).min(silence));
                Poll::Pending
            }
        }
    }
}

impl<T: DeserializeOwned + Send> Source<T> for Whole<T> {
    fn poll_next(&mut self, context: &mut Context<'_>, settings: &Settings) -> Poll<Option<Result<T, Error>>> {
        if let Err(error) = &mut self.listing.request {
            self.phase = Phase::Done;
            return Poll::Ready(error.take().map(Err));
        }
        let Listing { core, info, options, request, .. } = &self.listing;
        if let (Phase::Asking(asking), Ok(request)) = (&mut self.phase, request) {
            let Poll::Ready(outcome) = asking.poll(context, core, info, options, request, &mut self.allowance) else {
                return Poll::Pending;
            };
            let (reply, body) = match outcome {
                Ok(opened) => opened,
                Err(error) => return self.fail(error),
            };
            // The document may say that the live service encloses a list that it describes as bare.
            let envelope = self.listing.list.items.or(self.listing.info.envelope);
            self.phase = Phase::Reading(Box::new(Reading {
                status: reply.status,
                headers: reply.headers,
                body,
                decoder: ArrayDecoder::new(envelope, Vec::new(), settings.max_item_bytes),
                watch: Stopwatch::default(),
                attempt: self.allowance.last_attempt(),
                silent: Duration::ZERO,
                buffer: settings.buffered.then(Buffer::default),
            }));
        }
        self.read(context, settings)
    }

    fn pause(&mut self) {
        match &mut self.phase {
            Phase::Asking(asking) => asking.pause(),
            Phase::Reading(reading) => reading.watch.pause(),
            Phase::Done => {}
        }
    }

    fn unpause(&mut self) {
        if let Phase::Asking(asking) = &mut self.phase {
            asking.unpause(&self.listing.core);
        }
    }

    /// The list has no pages: the token only says which list it is, from its start.
    fn resume_token(&self) -> ResumeToken {
        ResumeToken::of(&Place::of(self.listing.info.id, 0))
    }
}
