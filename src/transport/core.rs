//! What all calls of a client share, and the form in which a response is handed over.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use reqwest::Url;

use super::budget::RetryBudget;
use super::clock::Clock;
use super::concurrency::Gate;
use super::observe::Observer;
use super::rate::RateLimiter;
use super::retry::RetryPolicy;
use super::runtime;
use super::size_limits::SizeLimits;
use crate::credentials::TokenCache;
use crate::{Error, OrganizationId, raw};

/// State shared by all clones of a client.
pub(crate) struct Core {
    pub base: Url,
    pub http: reqwest::Client,
    pub requests: raw::Requests,
    pub organization: Option<OrganizationId>,
    pub credentials: TokenCache,
    pub policy: RetryPolicy,
    pub budget: RetryBudget,
    pub limits: SizeLimits,
    pub gate: Gate,
    pub rate: Option<RateLimiter>,
    pub deadline: Duration,
    pub read_timeout: Duration,
    pub observer: Option<Arc<dyn Observer>>,
    pub clock: Arc<dyn Clock>,
    /// The runtime that made the first call.
    pub runtime: OnceLock<tokio::runtime::Id>,
}

impl Core {
    /// Checks that the runtime has what a call needs. Once is enough for the first runtime, where nearly all calls run.
    pub(super) fn check_runtime(&self) -> Result<(), Error> {
        if self.runtime.get().is_none() || self.is_away() {
            runtime::check()?;
            runtime::check_sockets()?;
            if let Ok(handle) = tokio::runtime::Handle::try_current() {
                let _ = self.runtime.set(handle.id());
            }
        }
        Ok(())
    }

    /// Whether the call runs in a runtime other than the first one, whose connections may be in the pool.
    pub(super) fn is_away(&self) -> bool {
        let here = tokio::runtime::Handle::try_current().ok().map(|handle| handle.id());
        self.runtime.get().is_some_and(|first| Some(*first) != here)
    }
}

/// A response with its body.
#[derive(Debug)]
pub(crate) struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
    pub truncated: bool,
}
