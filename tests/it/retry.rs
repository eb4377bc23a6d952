//! Retries, limits and time limits of calls, through the public interface.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame};
use serde_json::json;
use singlestore_management::requests::{ListRegions, UploadStageFile};
use singlestore_management::{Backoff, ClientBuilder, DeploymentId, RateLimit, RetryPolicy};
use singlestore_management_emulator::{Emulator, Fault};

use crate::support::{self, quick_retries};

fn builder(emulator: &Emulator) -> ClientBuilder {
    support::builder(emulator).retry(quick_retries())
}

/// A form with one file, which arrives in pieces with pauses between them.
struct Slow {
    pieces: Vec<Bytes>,
    pause: Duration,
    sleep: Option<Pin<Box<tokio::time::Sleep>>>,
}

impl Body for Slow {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        let pause = self.pause;
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep(pause)));
        if sleep.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
        self.sleep = None;
        Poll::Ready(self.pieces.pop().map(|piece| Ok(Frame::data(piece))))
    }
}

fn upload(emulator: &Emulator, pause: Duration) -> UploadStageFile {
    let group = emulator.insert_workspace_group(json!({"name": "g"})).unwrap();
    let id: DeploymentId = group.parse().unwrap();
    let head = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n";
    let mut pieces: Vec<Bytes> = vec!["\r\n--b--\r\n".into(), "three".into(), "two".into(), "one".into()];
    pieces.push(head.into());
    let body = reqwest_body(Slow { pieces, pause, sleep: None });
    UploadStageFile::new(id, "f.txt", "multipart/form-data; boundary=b", body)
}

fn reqwest_body(body: Slow) -> reqwest::Body {
    reqwest::Body::wrap(body)
}

#[tokio::test]
async fn an_upload_that_makes_progress_may_exceed_the_read_timeout() {
    let emulator = Emulator::start().unwrap();
    let client = builder(&emulator).read_timeout(Duration::from_secs(2)).build().unwrap();
    let started = std::time::Instant::now();
    client.send(upload(&emulator, Duration::from_millis(500))).await.unwrap();
    assert!(started.elapsed() > Duration::from_secs(2), "the control: it took longer than the limit");

    // A server that does not respond to what it received ends it, and a stream that was read is not sent again.
    emulator.clear_requests();
    emulator.inject(Fault::stall(Duration::from_secs(3600)));
    let error = client.send(upload(&emulator, Duration::from_millis(1))).await.unwrap_err();
    assert!(error.is_timeout() && error.attempts().len() == 1, "{error}");
    assert!(error.to_string().contains("its body is a stream"), "{error}");

    // Waiting for the caller's own body is not a silence of the server: the deadline ends it.
    let waiting = upload(&emulator, Duration::from_secs(3600)).with_deadline(Duration::from_secs(2));
    let error = client.send(waiting).await.unwrap_err();
    assert!(error.is_timeout() && error.to_string().contains("the deadline of 2.0s passed"), "{error}");
}

#[tokio::test]
async fn a_call_may_have_its_own_limits() {
    let emulator = Emulator::start().unwrap();
    let client = builder(&emulator).build().unwrap();
    emulator.inject(Fault::status(503).always());
    for (request, seen) in [
        (ListRegions::new(), 5),
        (ListRegions::new().with_max_attempts(2), 2),
        (ListRegions::new().with_idempotent(false), 1),
    ] {
        emulator.clear_requests();
        assert!(client.send(request).await.is_err());
        assert_eq!(emulator.requests().len(), seen);
    }
    emulator.clear_faults();
    emulator.inject(Fault::stall(Duration::from_secs(3_600)));
    let response = client.send(ListRegions::new().with_attempt_timeout(Duration::from_secs(2))).await.unwrap();
    assert_eq!(response.attempts().len(), 2, "an attempt that takes too long is made again");
    emulator.inject(Fault::stall(Duration::from_secs(3_600)).always());
    let error = client.send(ListRegions::new().with_deadline(Duration::from_millis(80))).await.unwrap_err();
    assert!(error.is_timeout() && error.to_string().contains("the deadline of 80ms passed"), "{error}");
}

#[tokio::test]
async fn a_failure_keeps_at_most_64_kib() {
    let emulator = Emulator::start().unwrap();
    let client = builder(&emulator).build().unwrap();
    for (size, cut) in [(64 << 10, false), ((64 << 10) + 1, true), (8 << 20, true)] {
        emulator.inject(Fault::status(400).body(vec![b'x'; size]));
        let error = client.send(ListRegions::new()).await.unwrap_err();
        assert_eq!((error.body().len(), error.is_body_truncated()), (size.min(64 << 10), cut));
        assert!(error.to_string().len() < 1_000);
    }
}

#[tokio::test]
async fn clones_share_the_budget_and_the_rate() {
    let emulator = Emulator::start().unwrap();
    let backoff = Backoff::new(Duration::from_millis(1), Duration::from_millis(2));
    let retry = RetryPolicy::default().with_backoff(backoff).with_budget(Some(3));
    let client = builder(&emulator).retry(retry).build().unwrap();
    emulator.inject(Fault::status(503).always());
    let mut last = String::new();
    for _ in 0..10 {
        last = client.clone().send(ListRegions::new()).await.unwrap_err().to_string();
    }
    assert_eq!(emulator.requests().len(), 13, "ten calls and three retries");
    assert!(last.contains("the retry budget of the client is used up"), "{last}");

    emulator.clear_faults();
    let client = builder(&emulator).rate_limit(RateLimit::fixed(50.0)).build().unwrap();
    let started = std::time::Instant::now();
    for _ in 0..6 {
        client.clone().send(ListRegions::new()).await.unwrap();
    }
    assert!(started.elapsed() >= Duration::from_millis(100), "five waits of 20 ms");
}
