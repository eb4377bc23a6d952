//! The loop with a scripted sender instead of the network, on a paused clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use reqwest::Request;
use tokio::time::Instant;

use super::attempt::{AttemptRequest, Attempting, Failure, Sender};
use super::call::CallState;
use super::concurrency::Gate;
use super::outcome::AttemptOutcome;
use super::retry::RetryPolicy;
use super::run;
use crate::credentials::TokenCache;
use crate::operation::{CallOptions, OperationInfo};
use crate::{Backoff, CredentialsProvider, Error, ErrorKind, Token, TokenFuture};

mod credentials;
mod fake;
mod storm;

use fake::*;

#[tokio::test(start_paused = true)]
async fn no_call_outlives_its_deadline_or_its_attempts_whatever_happens() {
    for seed in 0..400 {
        let mut random = fastrand::Rng::with_seed(seed);
        let deadline = Duration::from_millis(random.u64(1..120_000));
        let policy = RetryPolicy::default()
            .with_max_attempts(random.u32(0..8))
            .with_backoff(Backoff::new(Duration::from_millis(random.u64(..5_000)), MINUTE))
            .with_lock_attempts(random.u32(..4))
            .with_lock_interval(Duration::from_millis(random.u64(..20_000)))
            .with_budget(random.bool().then(|| random.u32(..10)));
        let most = policy.max_attempts + policy.lock_attempts;
        let operation = [&GET, &POST, &CREATE][random.usize(..3)];
        let choices = std::sync::Mutex::new(random.fork());
        let sender = Scripted::new(move |_| {
            let mut random = choices.lock().unwrap();
            let event = match random.u8(..8) {
                0 => Event::Outcome(AttemptOutcome::NoConnection),
                1 => Event::Outcome(AttemptOutcome::Broken),
                2 => Event::Outcome(AttemptOutcome::TooSlow),
                3 => Event::Silence,
                4 => Event::Status(429, random.bool().then(|| random.u64(..).to_string()), "slow down"),
                5 => Event::Status(503, random.bool().then(|| random.u16(..100).to_string()), ""),
                6 => Event::Status(
                    500,
                    None,
                    "error creating workspace (a): could not acquire lock within duration [0, now]",
                ),
                _ => Event::Status([401, 404, 408, 502][random.usize(..4)], None, "no"),
            };
            (Duration::from_millis(random.u64(..10_000)), event)
        });
        let core = core(policy, deadline);
        let started = Instant::now();
        let error = call(&core, &sender, operation, CallOptions::default()).await.unwrap_err();
        let took = started.elapsed();
        // Tokio's clock has a resolution of one millisecond.
        assert!(took <= deadline + Duration::from_millis(2), "seed {seed}: {took:?} of {deadline:?}, {error}");
        assert!(sender.sent() <= most, "seed {seed}: {} attempts of {most}, {error}", sender.sent());
        assert_eq!(error.attempts().len(), sender.sent() as usize, "seed {seed}: every attempt is told");
        assert_eq!(sender.under_way.load(Ordering::SeqCst), 0, "seed {seed}: nothing is left behind");
    }
}

#[tokio::test(start_paused = true)]
async fn a_post_is_sent_once_unless_the_failure_proves_that_nothing_happened() {
    let broken = [
        Event::Outcome(AttemptOutcome::Broken),
        Event::Outcome(AttemptOutcome::TooSlow),
        Event::Status(408, None, ""),
        Event::Status(500, None, "error"),
        Event::Status(502, None, ""),
        Event::Status(503, Some("1".into()), ""),
        Event::Status(504, None, ""),
        Event::Status(500, None, "error creating workspace (a): already exists"),
    ];
    for (number, event) in broken.into_iter().enumerate() {
        let sender = Scripted::always(event);
        let error = call(&core(RetryPolicy::default(), MINUTE), &sender, &CREATE, CallOptions::default()).await;
        assert!(error.is_err());
        assert_eq!(sender.sent(), 1, "event {number}");
    }
    let proofs = [
        (Event::Outcome(AttemptOutcome::NoConnection), 5),
        (Event::Status(429, Some("1".into()), ""), 5),
        (Event::Status(500, None, "error creating workspace (a): could not acquire lock within duration [0, now]"), 6),
    ];
    for (number, (event, attempts)) in proofs.into_iter().enumerate() {
        let sender = Scripted::always(event);
        let error = call(&core(RetryPolicy::default(), 10 * MINUTE), &sender, &CREATE, CallOptions::default()).await;
        assert!(error.is_err());
        assert_eq!(sender.sent(), attempts, "proof {number}");
    }
    let sender = Scripted::always(Event::Status(503, None, ""));
    let options = CallOptions { idempotent: Some(true), ..CallOptions::default() };
    assert!(call(&core(RetryPolicy::default(), MINUTE), &sender, &CREATE, options).await.is_err());
    assert_eq!(sender.sent(), 5, "the caller knows better");
    let sender = Scripted::always(Event::Status(503, None, ""));
    let options = CallOptions { idempotent: Some(false), ..CallOptions::default() };
    assert!(call(&core(RetryPolicy::default(), MINUTE), &sender, &GET, options).await.is_err());
    assert_eq!(sender.sent(), 1, "the caller knows better");
}

#[tokio::test(start_paused = true)]
async fn only_creates_wait_for_the_lock_and_only_on_its_own_message() {
    let words = "error creating workspace group (a): could not acquire lock within duration [0, 2026/09/23 16:45:04]";
    let held = |times| {
        Scripted::new(move |n| {
            let event = if n < times { Event::Status(500, None, words) } else { Event::Status(200, None, "{}") };
            (Duration::from_millis(5), event)
        })
    };
    let started = Instant::now();
    let sender = held(3);
    call(&core(RetryPolicy::default(), 10 * MINUTE), &sender, &CREATE, CallOptions::default()).await.unwrap();
    let waited = started.elapsed();
    assert_eq!(sender.sent(), 4);
    // 20 to 25, 40 to 50, 45 to 60 seconds.
    assert!(waited >= Duration::from_secs(105) && waited <= Duration::from_secs(136), "{waited:?}");

    let off = RetryPolicy::default().with_lock_attempts(0);
    for (policy, operation) in [(off, &CREATE), (RetryPolicy::default(), &POST)] {
        let sender = held(1);
        let error = call(&core(policy, 10 * MINUTE), &sender, operation, CallOptions::default()).await.unwrap_err();
        assert!(error.is_lock_conflict() && sender.sent() == 1, "{error}");
    }
    let sender = held(u32::MAX);
    let started = Instant::now();
    let error =
        call(&core(RetryPolicy::default(), MINUTE), &sender, &CREATE, CallOptions::default()).await.unwrap_err();
    assert!(started.elapsed() <= MINUTE && error.to_string().contains("past the deadline"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_hint_is_respected_and_one_beyond_the_deadline_fails_at_once() {
    for operation in [&GET, &POST] {
        let sender = Scripted::new(|n| {
            let event = if n < 2 { Event::Status(429, Some("7".into()), "") } else { Event::Status(200, None, "{}") };
            (Duration::ZERO, event)
        });
        let started = Instant::now();
        call(&core(RetryPolicy::default(), MINUTE), &sender, operation, CallOptions::default()).await.unwrap();
        assert!(started.elapsed() >= Duration::from_secs(14), "{:?}", started.elapsed());
    }
    for hint in ["3600", "99999999999999999999999"] {
        let sender = Scripted::always(Event::Status(429, Some(hint.into()), "slow down"));
        let started = Instant::now();
        let error =
            call(&core(RetryPolicy::default(), MINUTE), &sender, &GET, CallOptions::default()).await.unwrap_err();
        assert!(started.elapsed() < Duration::from_secs(1) && sender.sent() == 1, "{:?}", started.elapsed());
        let text = error.to_string();
        assert!(text.contains("the server asks to wait") && text.contains("slow down"), "{text}");
        assert!(error.is_rate_limited() && error.retry_after().is_some());
    }
}

#[tokio::test(start_paused = true)]
async fn a_dropped_call_frees_its_slot_and_sends_nothing_more() {
    let mut core = core(RetryPolicy::default(), MINUTE);
    core.gate = Gate::new(Some(1));
    let sender = Scripted::always(Event::Silence);
    let waiting = tokio::time::timeout(
        Duration::from_secs(1),
        futures_join(
            call(&core, &sender, &GET, CallOptions::default()),
            call(&core, &sender, &GET, CallOptions::default()),
        ),
    );
    assert!(waiting.await.is_err(), "nobody responds");
    assert_eq!(sender.sent(), 1, "the second call has no place");
    assert_eq!(sender.under_way.load(Ordering::SeqCst), 0, "the request under way was dropped with its call");

    // During the wait between two attempts.
    let sender = Scripted::always(Event::Status(503, Some("30".into()), ""));
    let waiting =
        tokio::time::timeout(Duration::from_secs(1), call(&core, &sender, &GET, CallOptions::default())).await;
    assert!(waiting.is_err());
    tokio::time::sleep(10 * MINUTE).await;
    assert_eq!(sender.sent(), 1);

    // The positive control: a call that is not dropped continues, and its permit is free.
    let sender = Scripted::new(|n| {
        let event = if n == 0 { Event::Status(503, Some("30".into()), "") } else { Event::Status(200, None, "{}") };
        (Duration::ZERO, event)
    });
    call(&core, &sender, &GET, CallOptions::default()).await.unwrap();
    assert_eq!(sender.sent(), 2);
}

async fn futures_join<A, B>(a: impl Future<Output = A>, b: impl Future<Output = B>) -> (A, B) {
    tokio::join!(a, b)
}

#[tokio::test(start_paused = true)]
async fn no_more_requests_are_under_way_than_allowed() {
    let mut core = core(RetryPolicy::default(), MINUTE);
    core.gate = Gate::new(Some(7));
    let (core, sender) = (Arc::new(core), Arc::new(Scripted::always(Event::Status(200, None, "{}"))));
    let calls: Vec<_> = (0..200)
        .map(|_| {
            let (core, sender) = (core.clone(), sender.clone());
            tokio::spawn(async move { call(&core, &sender, &GET, CallOptions::default()).await.is_ok() })
        })
        .collect();
    for call in calls {
        assert!(call.await.unwrap());
    }
    assert_eq!((sender.sent(), sender.most.load(Ordering::SeqCst)), (200, 7));
}

/// Numbers its tokens.
#[derive(Debug, Default)]
struct Counter {
    asked: AtomicU32,
    fixed: bool,
}

impl CredentialsProvider for Arc<Counter> {
    fn token(&self) -> TokenFuture<'_> {
        Box::pin(async {
            let number = self.asked.fetch_add(1, Ordering::SeqCst);
            Ok(Token::new(format!("token-{}", if self.fixed { 0 } else { number })))
        })
    }
}

#[tokio::test(start_paused = true)]
async fn a_401_leads_to_one_new_token_and_one_replay_of_any_method() {
    for operation in [&GET, &POST] {
        let mut core = core(RetryPolicy::default(), MINUTE);
        let counter = Arc::new(Counter::default());
        core.credentials = TokenCache::new(Arc::new(counter.clone()));
        let sender = Scripted::always(Event::Status(401, None, "no"));
        let error = call(&core, &sender, operation, CallOptions::default()).await.unwrap_err();
        assert!(error.is_unauthorized());
        assert_eq!((sender.sent(), counter.asked.load(Ordering::SeqCst)), (2, 2), "once, not forever");

        // The same token again is no reason to renew it again.
        let counter = Arc::new(Counter { fixed: true, ..Counter::default() });
        core.credentials = TokenCache::new(Arc::new(counter.clone()));
        let sender = Scripted::always(Event::Status(401, None, "no"));
        assert!(call(&core, &sender, operation, CallOptions::default()).await.is_err());
        assert_eq!(sender.sent(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_is_never_sent_again_and_the_error_says_so() {
    let streamed = || {
        let mut request = Request::new(Method::PUT, "http://127.0.0.1:9/v1/probe".parse().unwrap());
        struct Never;
        impl http_body::Body for Never {
            type Data = Bytes;
            type Error = std::io::Error;
            fn poll_frame(
                self: std::pin::Pin<&mut Self>,
                _: &mut std::task::Context<'_>,
            ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, std::io::Error>>> {
                std::task::Poll::Pending
            }
        }
        *request.body_mut() = Some(reqwest::Body::wrap(Never));
        request
    };
    static PUT: OperationInfo = info("PUT", true, false);
    struct Refuse(AtomicU32);
    impl Sender for Refuse {
        fn send<'a>(&'a self, attempt: AttemptRequest<'a>) -> Attempting<'a> {
            self.0.fetch_add(1, Ordering::SeqCst);
            assert!(attempt.request.body().is_some_and(|body| body.as_bytes().is_none()), "never sent empty");
            let error = Error::new(ErrorKind::Transport, "it broke");
            Box::pin(std::future::ready(Err(Failure { outcome: AttemptOutcome::Broken, error })))
        }
    }
    let (core, sender) = (core(RetryPolicy::default(), MINUTE), Refuse(AtomicU32::new(0)));
    let state = CallState::new(&PUT, CallOptions::default());
    let error = run::run(&core, &sender, &state, Box::new(streamed())).await.unwrap_err();
    assert_eq!(sender.0.load(Ordering::SeqCst), 1);
    assert!(error.to_string().contains("its body is a stream"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn the_possible_effect_of_an_earlier_attempt_is_not_forgotten() {
    let idempotent = CallOptions { idempotent: Some(true), ..CallOptions::default() };
    // The first attempt breaks; the later ones are harmless by themselves.
    for later in
        [Event::Outcome(AttemptOutcome::NoConnection), Event::Status(429, None, ""), Event::Status(404, None, "gone")]
    {
        for (first, open) in [(Event::Outcome(AttemptOutcome::Broken), true), (Event::Status(503, None, ""), true)] {
            let (first, later) = (first.clone(), later.clone());
            let sender = Scripted::new(move |n| (Duration::ZERO, if n == 0 { first.clone() } else { later.clone() }));
            let error =
                call(&core(RetryPolicy::default(), MINUTE), &sender, &POST, idempotent.clone()).await.unwrap_err();
            assert!(sender.sent() > 1);
            assert_eq!(error.is_outcome_unknown(), open, "{error}");
            assert!(!error.to_string().contains("nothing was sent"), "{error}");
        }
        let sender = Scripted::always(later);
        let error = call(&core(RetryPolicy::default(), MINUTE), &sender, &POST, idempotent.clone()).await.unwrap_err();
        assert!(!error.is_outcome_unknown(), "the control: {error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_still_reported_when_there_is_no_time_for_another_attempt() {
    let mut core = core(RetryPolicy::default(), MINUTE);
    let limit = crate::RateLimit::fixed(0.01);
    core.rate = Some(super::rate::RateLimiter::new(limit, Instant::now()));
    let sender = Scripted::always(Event::Status(429, None, "slow down"));
    let error = call(&core, &sender, &CREATE, CallOptions::default()).await.unwrap_err();
    assert_eq!((sender.sent(), error.status().map(|status| status.as_u16())), (1, Some(429)), "{error}");
    assert!(error.is_rate_limited() && !error.is_outcome_unknown(), "{error}");
    assert!(error.to_string().contains("slow down"), "{error}");
    assert!(error.to_string().contains("the rate limit of the client has no room"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn without_time_nothing_is_sent_and_one_attempt_is_one() {
    let sender = Scripted::always(Event::Status(200, None, "{}"));
    let options = CallOptions { deadline: Some(Duration::ZERO), ..CallOptions::default() };
    let error = call(&core(RetryPolicy::default(), MINUTE), &sender, &CREATE, options).await.unwrap_err();
    assert!(sender.sent() == 0 && error.is_timeout() && !error.is_outcome_unknown(), "{error}");

    let once = CallOptions { max_attempts: Some(1), ..CallOptions::default() };
    let sender = Scripted::always(Event::Status(
        500,
        None,
        "error creating workspace (a): could not acquire lock within duration [0, now]",
    ));
    let error = call(&core(RetryPolicy::default(), 10 * MINUTE), &sender, &CREATE, once).await.unwrap_err();
    assert!(sender.sent() == 1 && error.is_lock_conflict(), "{error}");
}
