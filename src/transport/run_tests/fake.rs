//! A scripted sender and clock, instead of the network and chance.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use reqwest::Request;
use tokio::time::Instant;

use crate::credentials::TokenCache;
use crate::operation::{CallOptions, OperationInfo};
use crate::transport::attempt::{AttemptRequest, Attempting, Failure, Sender};
use crate::transport::call::CallState;
use crate::transport::clock::{Clock, Sleep};
use crate::transport::concurrency::Gate;
use crate::transport::core::{Core, Reply};
use crate::transport::outcome::AttemptOutcome;
use crate::transport::retry::RetryPolicy;
use crate::transport::size_limits::SizeLimits;
use crate::transport::{budget, run};
use crate::{Error, ErrorKind, Token};

pub(super) const fn info(method: &'static str, idempotent: bool, lock_conflict: bool) -> OperationInfo {
    OperationInfo { id: "probe", path: "/v1/probe", lock_conflict, ..OperationInfo::other(method, idempotent) }
}

pub(super) static GET: OperationInfo = info("GET", true, false);
pub(super) static POST: OperationInfo = info("POST", false, false);
pub(super) static CREATE: OperationInfo = info("POST", false, true);

/// How an attempt ends, and after how long.
#[derive(Clone)]
pub(super) enum Event {
    Status(u16, Option<String>, &'static str),
    Outcome(AttemptOutcome),
    Silence,
}

pub(super) type Script = Box<dyn Fn(u32) -> (Duration, Event) + Send + Sync>;

/// Sends nothing; counts what it was asked to send.
pub(super) struct Scripted {
    pub(super) script: Script,
    pub(super) sent: AtomicU32,
    pub(super) under_way: AtomicUsize,
    pub(super) most: AtomicUsize,
}

impl Scripted {
    pub(super) fn new(script: impl Fn(u32) -> (Duration, Event) + Send + Sync + 'static) -> Self {
        Self {
            script: Box::new(script),
            sent: AtomicU32::new(0),
            under_way: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
        }
    }

    pub(super) fn always(event: Event) -> Self {
        Self::new(move |_| (Duration::from_millis(20), event.clone()))
    }

    pub(super) fn sent(&self) -> u32 {
        self.sent.load(Ordering::SeqCst)
    }
}

pub(super) struct UnderWay<'a>(pub(super) &'a AtomicUsize);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Sender for Scripted {
    fn send<'a>(&'a self, attempt: AttemptRequest<'a>) -> Attempting<'a> {
        let number = self.sent.fetch_add(1, Ordering::SeqCst);
        let now = self.under_way.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        let guard = UnderWay(&self.under_way);
        Box::pin(async move {
            let _guard = guard;
            if let Some(body) = attempt.request.body() {
                assert_eq!(body.as_bytes(), Some(&b"{\"name\":\"a\"}"[..]), "a body is sent whole, every time");
            }
            let (delay, event) = (self.script)(number);
            tokio::time::sleep(delay).await;
            match event {
                Event::Status(status, retry_after, body) => {
                    let mut headers = HeaderMap::new();
                    if let Some(text) = retry_after {
                        headers.insert(http::header::RETRY_AFTER, text.parse().unwrap());
                    }
                    let status = StatusCode::from_u16(status).unwrap();
                    Ok(Reply { status, headers, body: Bytes::from_static(body.as_bytes()), truncated: false })
                }
                Event::Outcome(outcome) => {
                    let kind = match outcome {
                        AttemptOutcome::NoConnection => ErrorKind::Connect,
                        AttemptOutcome::TooSlow => ErrorKind::Timeout,
                        _ => ErrorKind::Transport,
                    };
                    Err(Failure { outcome, error: Error::new(kind, "it broke") })
                }
                Event::Silence => std::future::pending().await,
            }
        })
    }
}

/// The clock of the runtime, with chance from a seed.
pub(super) struct Seeded(pub(super) std::sync::Mutex<fastrand::Rng>);

impl Clock for Seeded {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(duration))
    }

    fn random(&self) -> f64 {
        self.0.lock().unwrap().f64()
    }
}

pub(super) fn core(policy: RetryPolicy, deadline: Duration) -> Core {
    let base: reqwest::Url = "http://127.0.0.1:9".parse().unwrap();
    let http = crate::tls::apply(reqwest::Client::builder(), &Default::default(), false).unwrap().build().unwrap();
    Core {
        requests: crate::raw::Requests::new(&base),
        base,
        http,
        organization: None,
        credentials: TokenCache::new(Arc::new(Token::new("0123456789abcdef"))),
        budget: budget::RetryBudget::new(policy.budget.unwrap_or(u32::MAX)),
        policy,
        limits: SizeLimits::default(),
        gate: Gate::new(None),
        rate: None,
        deadline,
        read_timeout: Duration::from_secs(180),
        observer: None,
        clock: Arc::new(Seeded(std::sync::Mutex::new(fastrand::Rng::with_seed(1)))),
        runtime: std::sync::OnceLock::new(),
    }
}

pub(super) fn request(operation: &OperationInfo) -> Request {
    let mut request = Request::new(operation.method.parse().unwrap(), "http://127.0.0.1:9/v1/probe".parse().unwrap());
    if request.method() == Method::POST {
        *request.body_mut() = Some("{\"name\":\"a\"}".into());
    }
    request
}

pub(super) async fn call(
    core: &Core,
    sender: &Scripted,
    operation: &'static OperationInfo,
    options: CallOptions,
) -> Result<Reply, Error> {
    let state = CallState::new(operation, options);
    run::run(core, sender, &state, Box::new(request(operation))).await
}

pub(super) const MINUTE: Duration = Duration::from_secs(60);
