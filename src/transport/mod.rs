//! From a built request to its answer: credentials, attempts, waits, limits. One loop does the I/O; what it does next is
//! decided by pure functions in the files beside it.

pub(crate) mod attempt;
pub(crate) mod backoff;
pub(crate) mod budget;
pub(crate) mod call;
pub(crate) mod clock;
pub(crate) mod limits;
pub(crate) mod observe;
pub(crate) mod rate;
pub(crate) mod redirect;
pub(crate) mod retry;
pub(crate) mod retry_after;
pub(crate) mod run;
pub(crate) mod send;
mod trace;
pub(crate) mod unwrap;
mod upload;
pub(crate) mod watch;

use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;

pub(crate) use call::CallState;

use crate::OrganizationId;
use crate::credentials::TokenCache;

/// What all clones of a client share.
pub(crate) struct Core {
    pub base: Url,
    pub http: reqwest::Client,
    pub organization: Option<OrganizationId>,
    pub credentials: TokenCache,
    pub policy: retry::RetryPolicy,
    pub budget: budget::RetryBudget,
    pub limits: limits::Limits,
    pub gate: limits::Gate,
    pub rate: Option<rate::RateLimiter>,
    pub deadline: Duration,
    pub read_timeout: Duration,
    pub observer: Option<Arc<dyn observe::Observer>>,
    pub clock: Arc<dyn clock::Clock>,
}

/// An answer whose body has been read.
#[derive(Debug)]
pub(crate) struct Reply {
    pub status: http::StatusCode,
    pub headers: http::HeaderMap,
    pub body: bytes::Bytes,
    pub truncated: bool,
}

#[cfg(test)]
mod run_tests;
