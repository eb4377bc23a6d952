//! The state of one call: its options on the way in, what was learned on the way out.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use reqwest::Request;
use tokio::sync::OwnedSemaphorePermit;

use super::concurrency::Gate;
use super::scrub::Scrubber;
use crate::Error;
use crate::credentials::AuthHeader;
use crate::error::Attempt;
use crate::operation::{CallOptions, OperationInfo};

/// The state of one call, shared by the request, the generated method and the transport.
pub(crate) struct CallState {
    pub info: &'static OperationInfo,
    pub options: CallOptions,
    sent: OnceLock<Sent>,
    /// The attempt under way, with its concurrency permit.
    attempt: Mutex<Option<Option<OwnedSemaphorePermit>>>,
    record: Mutex<Record>,
}

/// An attempt under way, until this is dropped.
pub(super) struct InFlight<'a>(&'a CallState);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        *self.0.attempt.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// The part of the request that is kept for errors and traces.
struct Sent {
    path: Arc<str>,
    secrets: Scrubber,
}

#[derive(Default)]
struct Record {
    error: Option<Error>,
    attempts: Vec<Attempt>,
    elapsed: Duration,
    body: Bytes,
    /// The token of the last attempt.
    header: Option<AuthHeader>,
}

impl CallState {
    pub(crate) fn new(info: &'static OperationInfo, options: CallOptions) -> Self {
        Self { info, options, sent: OnceLock::new(), attempt: Mutex::new(None), record: Mutex::default() }
    }

    /// The record is written in whole steps, so it is valid even if a panic poisoned the lock.
    fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records what is about to be sent: errors name its path and never show its secrets.
    pub(crate) fn sends(&self, request: &Request) {
        let path = request.url().path();
        let secrets = Scrubber::of_body(path, request.body().and_then(reqwest::Body::as_bytes));
        // All parts of one call go to the same place.
        let _ = self.sent.set(Sent { path: path.into(), secrets });
    }

    /// The path of the request, once it is known.
    pub(crate) fn path(&self) -> Option<&str> {
        self.sent.get().map(|sent| &*sent.path)
    }

    /// The path, as a shared reference.
    pub(crate) fn shared_path(&self) -> Option<Arc<str>> {
        self.sent.get().map(|sent| sent.path.clone())
    }

    /// The token of the last attempt.
    pub(crate) fn token(&self) -> Option<AuthHeader> {
        self.record().header.clone()
    }

    /// Records the token of an attempt.
    pub(super) fn sends_with(&self, header: &AuthHeader) {
        self.record().header = Some(header.clone());
    }

    /// Records that an attempt is under way, and holds its permit until it has ended.
    pub(super) fn in_flight(&self, permit: Option<OwnedSemaphorePermit>) -> InFlight<'_> {
        *self.attempt.lock().unwrap_or_else(PoisonError::into_inner) = Some(permit);
        InFlight(self)
    }

    /// Called when nothing polls the call: its attempt gives up its permit. False if no attempt is under way.
    pub(crate) fn let_go(&self) -> bool {
        let mut attempt = self.attempt.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(permit) = attempt.as_mut() {
            drop(permit.take());
        }
        attempt.is_some()
    }

    /// Called when the call is polled again: its attempt takes a permit back, if one is free.
    pub(crate) fn take_back(&self, gate: &Gate) {
        let mut attempt = self.attempt.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(permit @ None) = attempt.as_mut() {
            *permit = gate.try_enter();
        }
    }

    /// The attempts so far.
    pub(crate) fn attempts(&self) -> Vec<Attempt> {
        self.record().attempts.clone()
    }

    pub(crate) fn attempted(&self, attempt: Attempt) {
        let attempts = &mut self.record().attempts;
        // Nearly all calls make just one.
        attempts.reserve_exact(1);
        attempts.push(attempt);
    }

    /// Records that the client waits before the next attempt.
    pub(crate) fn waits(&self, delay: Duration) {
        if let Some(attempt) = self.record().attempts.last_mut() {
            attempt.delay = Some(delay);
        }
    }

    /// Records that the call succeeded.
    pub(crate) fn succeeded(&self, body: Bytes, elapsed: Duration) {
        let mut record = self.record();
        record.body = body;
        record.elapsed = elapsed;
    }

    /// Records that the call failed.
    pub(crate) fn failed(&self, error: Error, elapsed: Duration) -> Error {
        self.record().elapsed = elapsed;
        self.complete(error)
    }

    /// Keeps the error until the call is finished; the generated code could not carry it.
    pub(crate) fn put_error(&self, error: Error) {
        self.record().error = Some(error);
    }

    /// Adds what is known of the call to an error.
    pub(crate) fn complete(&self, error: Error) -> Error {
        let record = self.record();
        let mut error = error.with_operation(self.info);
        let inner = error.inner_mut();
        if let Some(sent) = self.sent.get() {
            inner.path.get_or_insert_with(|| sent.path.clone());
        }
        if !inner.body.is_empty() || !inner.headers.is_empty() {
            if let Some(sent) = self.sent.get() {
                sent.secrets.clean(&mut error);
            }
            Scrubber::of_token(record.header.as_ref()).clean(&mut error);
        }
        let inner = error.inner_mut();
        inner.attempts.clone_from(&record.attempts);
        inner.elapsed = record.elapsed;
        if inner.status.is_none() {
            inner.status = record.attempts.last().and_then(|attempt| attempt.status);
        }
        error
    }

    pub(crate) fn take_error(&self) -> Option<Error> {
        self.record().error.take()
    }

    /// Body, attempts and duration of a successful call.
    pub(crate) fn learned(&self) -> (Bytes, Vec<Attempt>, Duration) {
        let mut record = self.record();
        (std::mem::take(&mut record.body), std::mem::take(&mut record.attempts), record.elapsed)
    }
}
