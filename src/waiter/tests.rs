//! Waiters on a paused clock: what each poll sees, and when, is scripted.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::{WaitState, Waiter};
use crate::error::{Meaning, RequestWords};
use crate::{Error, ErrorKind};

/// What a poll sees.
#[derive(Clone, Copy)]
enum Poll {
    State(&'static str),
    Fails(ErrorKind),
    /// A response with this status and body.
    Says(u16, &'static str),
}

use Poll::{Fails, Says, State};

const NOT_FOUND: Poll = Says(404, "workspace not found");
const PAGE: &str = "<!DOCTYPE html><html><body>sign in</body></html>";

impl Poll {
    fn result(self) -> Result<&'static str, Error> {
        match self {
            State(state) => Ok(state),
            Fails(kind) => Err(Error::new(kind, "no response")),
            Says(status, body) => {
                let kind = if status == 200 { ErrorKind::Decode } else { ErrorKind::Api };
                let mut error = Error::new(kind, "");
                error.inner_mut().status = http::StatusCode::from_u16(status).ok();
                error.inner_mut().body = body.into();
                // Described as a read of one resource by its id.
                let info = <crate::requests::GetWorkspace as crate::request::Operation>::INFO;
                let words = RequestWords::of(info, &"https://h/v1/workspaces/1".parse().unwrap(), None);
                error.inner_mut().meaning = Meaning::of(status, body.as_bytes(), &words);
                Err(error.with_operation(info))
            }
        }
    }
}

/// A waiter whose polls see these in turn, each after the given duration; the last one repeats.
fn timed(script: &[(Poll, Duration)]) -> (Waiter<&'static str>, Arc<Mutex<Vec<Instant>>>) {
    let script = Arc::new(Mutex::new(VecDeque::from(script.to_vec())));
    let polls = Arc::new(Mutex::new(Vec::new()));
    let seen = polls.clone();
    let fetch = move |left: Duration| {
        seen.lock().unwrap().push(Instant::now());
        let mut script = script.lock().unwrap();
        let (poll, after) = if script.len() > 1 { script.pop_front().unwrap() } else { script[0] };
        async move {
            // As in a call: its deadline is what is left of the wait.
            if after > left {
                sleep(left).await;
                return Err(Error::new(ErrorKind::Timeout, "the deadline passed"));
            }
            sleep(after).await;
            poll.result()
        }
    };
    let judge = |state: &&'static str| WaitState::by_name(state, &["ACTIVE"], &["FAILED", "TERMINATED"]);
    (Waiter::new("thing 1", fetch, judge), polls)
}

fn waiter(script: &[Poll]) -> Waiter<&'static str> {
    timed(&script.iter().map(|poll| (*poll, Duration::ZERO)).collect::<Vec<_>>()).0
}

/// A wait for the end with the same script.
fn end(script: &[Poll]) -> Waiter<&'static str> {
    let mut waiter = waiter(script).until_gone();
    waiter.judge = Box::new(|state| WaitState::by_name(state, &["TERMINATED"], &[]));
    waiter
}

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[tokio::test(start_paused = true)]
async fn a_poll_cut_off_by_the_deadline_does_not_hide_earlier_observations() {
    let (waiter, _) = timed(&[(State("SUSPENDED"), seconds(0)), (State("ACTIVE"), seconds(3600))]);
    let error = waiter.with_deadline(seconds(60)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WaitTimedOut);
    assert!(error.to_string().contains("thing 1 was still SUSPENDED after 60s"), "{error}");
    assert_eq!(error.last_value::<&str>(), Some(&"SUSPENDED"));
}

#[tokio::test(start_paused = true)]
async fn failed_polls_do_not_hide_earlier_observations() {
    let (waiter, polls) = timed(&[(State("PENDING"), seconds(0)), (Fails(ErrorKind::Connect), seconds(1))]);
    let started = Instant::now();
    let error = waiter.with_deadline(seconds(60)).await.unwrap_err();
    assert_eq!((error.kind(), started.elapsed()), (ErrorKind::WaitTimedOut, seconds(60)));
    let text = error.to_string();
    assert!(text.contains("still PENDING") && text.contains("the last poll failed: no response"), "{text}");
    let cause = std::error::Error::source(&error).expect("the failure of the last poll").to_string();
    assert!(cause.contains("no response"), "{cause}");
    assert!(polls.lock().unwrap().iter().all(|poll| *poll < started + seconds(60)), "no poll after the deadline");
}

#[tokio::test(start_paused = true)]
async fn an_outage_of_a_few_minutes_does_not_end_a_wait() {
    let mut script = vec![State("PENDING")];
    script.extend([Fails(ErrorKind::Connect); 30]);
    script.push(State("ACTIVE"));
    let started = Instant::now();
    assert_eq!(waiter(&script).await.unwrap(), "ACTIVE");
    assert!(started.elapsed() > seconds(150), "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn an_outage_beyond_the_tolerance_names_the_wait_and_the_last_state() {
    for (limit, want) in [(None, 600), (Some(seconds(90)), 90)] {
        let script = [State("PENDING"), Says(503, "try later")];
        let waiter = match limit {
            None => waiter(&script),
            Some(limit) => waiter(&script).with_error_tolerance(limit),
        };
        let started = Instant::now();
        let error = waiter.await.unwrap_err();
        let took = started.elapsed();
        assert!(took >= seconds(want) && took < seconds(want + 20), "{took:?}");
        assert_eq!(error.status().map(|status| status.as_u16()), Some(503));
        let text = error.to_string();
        assert!(text.contains("the wait for thing 1") && text.contains("its last state was PENDING"), "{text}");
        assert_eq!(error.last_value::<&str>(), Some(&"PENDING"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_and_a_refusal_in_the_middle_of_a_wait_are_tolerated() {
    for failed in [Says(200, PAGE), Says(401, "invalid key"), Says(403, PAGE), Says(404, PAGE), Says(502, PAGE)] {
        let script = [State("PENDING"), failed, State("PENDING"), failed, failed, State("ACTIVE")];
        assert_eq!(waiter(&script).await.unwrap(), "ACTIVE");
    }
    // At the beginning, only a response that is not in the service's words is tolerated.
    for (first, passes) in [(Says(200, PAGE), true), (Says(401, "invalid key"), false), (Says(403, "no"), false)] {
        let outcome = waiter(&[first, State("ACTIVE")]).await;
        assert_eq!(outcome.is_ok(), passes, "{outcome:?}");
        if let Err(error) = outcome {
            assert!(error.to_string().contains("the wait for thing 1"), "{error}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_resource_is_gone_once_the_service_says_so_twice_in_a_row() {
    for stable in [1, 2, 3] {
        let needed = usize::try_from(stable.max(2)).unwrap();
        // One poll too few, and the resource is back.
        let mut script = vec![State("ACTIVE")];
        script.extend(vec![NOT_FOUND; needed - 1]);
        script.extend([State("TERMINATING"), State("TERMINATED")]);
        assert_eq!(end(&script).with_stable_polls(stable).await.unwrap(), "TERMINATED");
        let script = [State("ACTIVE"), NOT_FOUND];
        assert_eq!(end(&script).with_stable_polls(stable).await.unwrap(), "ACTIVE", "the last value that was seen");
    }
    let error = end(&[NOT_FOUND]).await.unwrap_err();
    assert!(error.is_not_found() && error.to_string().contains("the wait for thing 1"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn an_id_that_is_never_found_is_an_error_after_the_grace_period() {
    for (grace, want) in [(None, 60), (Some(seconds(300)), 300), (Some(Duration::ZERO), 0)] {
        let waiter = match grace {
            None => waiter(&[NOT_FOUND]),
            Some(grace) => waiter(&[NOT_FOUND]).with_missing_grace(grace),
        };
        let started = Instant::now();
        let error = waiter.await.unwrap_err();
        assert!(error.is_not_found() && error.to_string().contains("it was never seen"), "{error}");
        let took = started.elapsed();
        assert!(took >= seconds(want) && took < seconds(want + 20), "{took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_resource_that_vanishes_before_it_is_ready_has_failed_and_is_gone() {
    let mut script = vec![State("PENDING"); 20];
    script.push(NOT_FOUND);
    let error = waiter(&script).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WaitFailed);
    assert!(error.is_not_found() && error.last_value::<&str>() == Some(&"PENDING"), "{error}");
    for (state, gone) in [("TERMINATED", true), ("FAILED", false)] {
        let error = waiter(&[State(state)]).await.unwrap_err();
        assert_eq!((error.kind(), error.is_not_found()), (ErrorKind::WaitFailed, gone));
    }
}

#[tokio::test(start_paused = true)]
async fn progress_reports_failed_polls() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let told = seen.clone();
    let script = [State("PENDING"), Says(502, PAGE), State("ACTIVE")];
    waiter(&script)
        .with_progress(move |progress| {
            told.lock().unwrap().push((progress.value.is_some(), progress.error.is_some(), progress.state.to_owned()));
        })
        .await
        .unwrap();
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 5);
    assert!(!seen[1].0 && seen[1].1 && seen[1].2.starts_with("temporarily not readable"), "{seen:?}");
    assert!(seen.iter().filter(|poll| poll.1).count() == 1);
}

#[test]
fn waiters_use_the_poll_interval_of_the_client() {
    let pace = (seconds(7), seconds(70));
    let client = crate::Client::builder().api_key("key");
    let id: crate::WorkspaceId = "3f2504e0-4f89-41d3-9a0c-0305e82c3301".parse().unwrap();
    for (client, want) in [
        (client.poll_interval(pace.0, pace.1), pace),
        (crate::Client::builder().api_key("key"), (seconds(2), seconds(15))),
    ] {
        let waiter = client.build().unwrap().workspaces().wait_until_ready(id);
        assert_eq!((waiter.first_poll, waiter.max_poll), want);
    }
}

#[tokio::test(start_paused = true)]
async fn html_pages_with_a_404_never_mean_that_something_is_gone() {
    for page in [PAGE, "", "default backend - 404", "404 page not found"] {
        let outcome = end(&[State("ACTIVE"), Says(404, page)]).with_deadline(seconds(120)).await;
        let error = outcome.expect_err(page);
        assert_eq!(error.kind(), ErrorKind::WaitTimedOut, "{error}");
        assert_eq!(error.last_value::<&str>(), Some(&"ACTIVE"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_with_too_few_polls_says_so_plainly() {
    let client = crate::Client::builder().base_url("http://127.0.0.1:9").api_key("k").build().unwrap();
    let wait = |limit| {
        let pending = |()| std::future::pending::<Result<(), Error>>();
        let fetch = move |_| -> crate::BoxFuture<Result<(), Error>> { Box::pin(pending(())) };
        Waiter::new("thing 1", fetch, |()| WaitState::reached("A")).at_pace_of(&client).with_deadline(limit)
    };
    let text = wait(Duration::ZERO).await.unwrap_err().to_string();
    assert!(text.contains("the deadline of 0ms passed before thing 1 was polled"), "{text}");
    let text = wait(Duration::from_secs(5)).await.unwrap_err().to_string();
    assert!(text.contains("thing 1 was not seen in 5s and 1 poll;"), "{text}");
}
