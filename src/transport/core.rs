//! What all calls of a client share, and the form in which they hand over what was received.

use std::sync::Arc;
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
use super::size_limits::SizeLimits;
use crate::OrganizationId;
use crate::credentials::TokenCache;

/// What all clones of a client share.
pub(crate) struct Core {
    pub base: Url,
    pub http: reqwest::Client,
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
}

/// A response whose body has been read.
#[derive(Debug)]
pub(crate) struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
    pub truncated: bool,
}
