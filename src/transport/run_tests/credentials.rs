//! Providers that temporarily have no token, under calls and waits.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use super::fake::*;
use crate::credentials::TokenCache;
use crate::operation::CallOptions;
use crate::transport::retry::RetryPolicy;
use crate::waiter::{WaitState, Waiter};
use crate::{CredentialsError, CredentialsProvider, Error, ErrorKind, Token, TokenFuture};

/// Has a token, except during an outage.
#[derive(Debug)]
struct Outage {
    from: Instant,
    until: Instant,
    transient: bool,
    asked: AtomicU32,
}

impl Outage {
    fn new(from: Duration, until: Duration, transient: bool) -> Arc<Self> {
        let now = Instant::now();
        Arc::new(Self { from: now + from, until: now + until, transient, asked: AtomicU32::new(0) })
    }
}

impl CredentialsProvider for Arc<Outage> {
    fn token(&self) -> TokenFuture<'_> {
        Box::pin(async {
            let number = self.asked.fetch_add(1, Ordering::SeqCst);
            let now = Instant::now();
            if now < self.from || now >= self.until {
                return Ok(Token::new(format!("token-{number}")));
            }
            let reason = "the vault is sealed";
            Err(if self.transient { CredentialsError::transient(reason) } else { CredentialsError::permanent(reason) })
        })
    }
}

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Waits with calls to a service that is always ready.
async fn wait(provider: Arc<Outage>) -> Result<&'static str, Error> {
    let mut core = core(RetryPolicy::default(), MINUTE);
    core.credentials = TokenCache::new(Arc::new(provider));
    let (core, sender) = (Arc::new(core), Arc::new(Scripted::always(Event::Status(200, None, ""))));
    let fetch = move |_| {
        let (core, sender) = (core.clone(), sender.clone());
        async move { call(&core, &sender, &GET, CallOptions::default()).await.map(|_| "ACTIVE") }
    };
    let judge = |state: &&'static str| WaitState::by_name(state, &["ACTIVE"], &["FAILED"]);
    Waiter::new("workspace 1", fetch, judge).await
}

#[tokio::test(start_paused = true)]
async fn an_outage_of_the_provider_does_not_end_a_wait_and_a_permanent_failure_does() {
    let started = Instant::now();
    assert_eq!(wait(Outage::new(seconds(0), seconds(30), true)).await.unwrap(), "ACTIVE");
    assert!(started.elapsed() >= seconds(30), "the control: the outage was lived through");

    let started = Instant::now();
    let error = wait(Outage::new(seconds(0), seconds(30), false)).await.unwrap_err();
    assert_eq!((error.kind(), started.elapsed()), (ErrorKind::Credentials, Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn a_transient_provider_failure_is_retryable_for_the_caller_too() {
    for transient in [true, false] {
        let mut core = core(RetryPolicy::default(), MINUTE);
        core.credentials = TokenCache::new(Arc::new(Outage::new(seconds(0), seconds(3600), transient)));
        let sender = Scripted::always(Event::Status(200, None, ""));
        let error = call(&core, &sender, &GET, CallOptions::default()).await.unwrap_err();
        assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Credentials, transient), "{error}");
        assert!(!error.is_outcome_unknown() && sender.sent() == 0, "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_401_during_an_outage_of_the_provider_waits_for_the_next_token() {
    let mut core = core(RetryPolicy::default(), MINUTE);
    core.credentials = TokenCache::new(Arc::new(Outage::new(seconds(1), seconds(4), true)));
    // The first request is accepted; the second is refused two seconds later, in the middle of the outage.
    let sender = Scripted::new(|number| (Duration::ZERO, Event::Status(if number == 1 { 401 } else { 200 }, None, "")));
    call(&core, &sender, &POST, CallOptions::default()).await.unwrap();
    tokio::time::advance(seconds(2)).await;
    call(&core, &sender, &POST, CallOptions::default()).await.unwrap();
    assert_eq!(sender.sent(), 3);

    // An outage that outlasts the attempts: the refusal is reported, as retryable.
    core.credentials = TokenCache::new(Arc::new(Outage::new(seconds(1), seconds(3600), true)));
    let sender = Scripted::new(|number| (Duration::ZERO, Event::Status(if number == 1 { 401 } else { 200 }, None, "")));
    call(&core, &sender, &GET, CallOptions::default()).await.unwrap();
    tokio::time::advance(seconds(2)).await;
    let error = call(&core, &sender, &GET, CallOptions::default()).await.unwrap_err();
    assert!(error.is_unauthorized() && error.is_retryable(), "{error}");
    assert!(error.to_string().contains("the vault is sealed"), "{error}");
}
