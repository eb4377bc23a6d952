//! Many callers at once: what reaches a server that is dead, or that asks to slow down.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use crate::operation::CallOptions;
use crate::transport::outcome::AttemptOutcome;
use crate::transport::rate::{RateLimit, RateLimiter};
use crate::transport::retry::RetryPolicy;

use super::fake::{Event, GET, MINUTE, Scripted, call, core};

#[tokio::test(start_paused = true)]
async fn a_rate_limit_spreads_the_calls_and_adapts_to_429() {
    let mut core = core(RetryPolicy::default().with_max_attempts(50).with_budget(None), 60 * MINUTE);
    core.rate = Some(RateLimiter::new(RateLimit::adaptive(100.0), Instant::now()));
    // A server that accepts 20 requests a second.
    let start = Instant::now();
    let seconds = std::sync::Mutex::new(std::collections::BTreeMap::<u64, u32>::new());
    let refused = Arc::new(AtomicU32::new(0));
    let count = refused.clone();
    let sender = Scripted::new(move |_| {
        let mut seconds = seconds.lock().unwrap();
        let taken = seconds.entry(start.elapsed().as_secs()).or_default();
        *taken += 1;
        let event = if *taken > 20 {
            count.fetch_add(1, Ordering::SeqCst);
            Event::Status(429, None, "")
        } else {
            Event::Status(200, None, "{}")
        };
        (Duration::from_millis(5), event)
    });
    let (core, sender) = (Arc::new(core), Arc::new(sender));
    let calls: Vec<_> = (0..1_000)
        .map(|_| {
            let (core, sender) = (core.clone(), sender.clone());
            tokio::spawn(async move { call(&core, &sender, &GET, CallOptions::default()).await.is_ok() })
        })
        .collect();
    for call in calls {
        assert!(call.await.unwrap());
    }
    let refused = refused.load(Ordering::SeqCst);
    println!("1,000 calls against 20 a second: {refused} were refused, all done after {:?}", start.elapsed());
    assert!(refused < 400, "{refused} refusals");

    let slow = RateLimiter::new(RateLimit::fixed(0.01), Instant::now());
    let mut core = self::core(RetryPolicy::default(), MINUTE);
    core.rate = Some(slow);
    let sender = Scripted::always(Event::Status(200, None, "{}"));
    call(&core, &sender, &GET, CallOptions::default()).await.unwrap();
    let error = call(&core, &sender, &GET, CallOptions::default()).await.unwrap_err();
    assert!(error.to_string().contains("rate limit of the client"), "{error}");
    assert_eq!(sender.sent(), 1);
}

/// 1,000 callers, each making a call every two seconds, against a server that is dead from second 10 to second 40.
async fn dead_server(budget: Option<u32>) -> (u32, u32, u32) {
    let start = Instant::now();
    let dead = move || (10..40).contains(&start.elapsed().as_secs());
    let during = Arc::new(AtomicU32::new(0));
    let count = during.clone();
    let sender = Scripted::new(move |_| {
        let event = if dead() {
            count.fetch_add(1, Ordering::SeqCst);
            Event::Status(503, None, "")
        } else {
            Event::Status(200, None, "{}")
        };
        (Duration::from_millis(10), event)
    });
    let core = Arc::new(core(RetryPolicy::default().with_budget(budget), 10 * MINUTE));
    let (sender, failed) = (Arc::new(sender), Arc::new(AtomicU32::new(0)));
    let callers: Vec<_> = (0..1_000_u64)
        .map(|caller| {
            let (core, sender, failed) = (core.clone(), sender.clone(), failed.clone());
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(2 * caller)).await;
                for _ in 0..25 {
                    let next = Instant::now() + Duration::from_secs(2);
                    if call(&core, &sender, &GET, CallOptions::default()).await.is_err() {
                        failed.fetch_add(1, Ordering::SeqCst);
                    }
                    tokio::time::sleep_until(next).await;
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }
    (during.load(Ordering::SeqCst), sender.sent(), failed.load(Ordering::SeqCst))
}

#[tokio::test(start_paused = true)]
async fn a_server_down_for_thirty_seconds_gets_no_storm_from_a_thousand_callers() {
    let (with, all_with, failed_with) = dead_server(Some(100)).await;
    let (without, all_without, failed_without) = dead_server(None).await;
    println!("a server dead for 30 s under 1,000 callers that make a call every 2 s:");
    println!("  budget of 100 retries: {with} requests while dead, {all_with} in all, {failed_with} calls failed");
    println!(
        "  no budget:             {without} requests while dead, {all_without} in all, {failed_without} calls failed"
    );
    // One attempt for each call, plus the retries of the budget.
    let calls = failed_with;
    assert!(with <= calls + 100, "{with} requests for {calls} calls");
    assert!(with >= calls, "each call gets its attempt");
    assert!(without > 0 && failed_without < failed_with, "without a budget the callers insist");
}

/// 1,000 calls at the same moment against a server that does not come back.
async fn burst(budget: Option<u32>) -> u32 {
    let core = Arc::new(core(RetryPolicy::default().with_budget(budget), 10 * MINUTE));
    let sender = Arc::new(Scripted::always(Event::Outcome(AttemptOutcome::NoConnection)));
    let calls: Vec<_> = (0..1_000)
        .map(|_| {
            let (core, sender) = (core.clone(), sender.clone());
            tokio::spawn(async move { call(&core, &sender, &GET, CallOptions::default()).await.is_err() })
        })
        .collect();
    for call in calls {
        assert!(call.await.unwrap());
    }
    sender.sent()
}

#[tokio::test(start_paused = true)]
async fn the_budget_holds_under_a_thousand_concurrent_calls() {
    let (with, without) = (burst(Some(100)).await, burst(None).await);
    println!("1,000 calls at once at a dead server: {with} requests with the budget, {without} without");
    assert_eq!((with, without), (1_100, 5_000));
}
