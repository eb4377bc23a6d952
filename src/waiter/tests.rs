//! Waiters on a clock that stands still: what a poll answers, and when, is scripted.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::{Judgement, Waiter};
use crate::request::Operation;
use crate::requests::GetWorkspace;
use crate::{Error, ErrorKind};

type Answer = Result<&'static str, ErrorKind>;

/// A waiter that sees these answers, each after the time beside it; the last one again and again.
fn waiter(script: &[(Answer, Duration)]) -> (Waiter<&'static str>, Arc<Mutex<Vec<Instant>>>) {
    let script = Arc::new(Mutex::new(VecDeque::from(script.to_vec())));
    let polls = Arc::new(Mutex::new(Vec::new()));
    let seen = polls.clone();
    let fetch = move |left: Duration| {
        seen.lock().unwrap().push(Instant::now());
        let mut script = script.lock().unwrap();
        let (answer, after) = if script.len() > 1 { script.pop_front().unwrap() } else { script[0] };
        async move {
            // As a call does it: its deadline is what is left of the wait.
            if after > left {
                sleep(left).await;
                return Err(Error::new(ErrorKind::Timeout, "the deadline passed"));
            }
            sleep(after).await;
            answer.map_err(|kind| Error::new(kind, "no answer"))
        }
    };
    let judge = |state: &&'static str| Judgement::by_state(state, &["ACTIVE"], &["FAILED"]);
    (Waiter::new("thing 1".to_owned(), GetWorkspace::<()>::INFO, fetch, judge), polls)
}

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[tokio::test(start_paused = true)]
async fn a_poll_that_the_deadline_cuts_off_does_not_hide_what_was_seen_before() {
    let (waiter, _) = waiter(&[(Ok("SUSPENDED"), seconds(0)), (Ok("ACTIVE"), seconds(3600))]);
    let error = waiter.with_deadline(seconds(60)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WaitTimedOut);
    assert!(error.to_string().contains("thing 1 was still SUSPENDED after 60s"), "{error}");
    assert_eq!(error.last_value::<&str>(), Some(&"SUSPENDED"));
}

#[tokio::test(start_paused = true)]
async fn polls_that_fail_do_not_hide_what_was_seen_before() {
    let (waiter, polls) = waiter(&[(Ok("PENDING"), seconds(0)), (Err(ErrorKind::Connect), seconds(1))]);
    let started = Instant::now();
    let error = waiter.with_deadline(seconds(60)).with_tolerated_errors(100).await.unwrap_err();
    assert_eq!((error.kind(), started.elapsed()), (ErrorKind::WaitTimedOut, seconds(60)));
    let text = error.to_string();
    assert!(text.contains("still PENDING") && text.contains("the last poll failed: no answer"), "{text}");
    let cause = std::error::Error::source(&error).expect("the failure of the last poll").to_string();
    assert!(cause.contains("no answer"), "{cause}");
    assert!(polls.lock().unwrap().iter().all(|poll| *poll < started + seconds(60)), "no poll after the deadline");
}
