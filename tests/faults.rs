//! Every method against every fault: what the server sees, what the caller gets, and what the error says.
//!
//! `cargo test --test faults -- --nocapture` prints the table.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

use std::fmt::Write as _;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use singlestore_management::{Backoff, Client, Error, ErrorKind, RetryPolicy};
use singlestore_management_emulator::{Emulator, Fault};

const METHODS: [&str; 5] = ["GET", "PUT", "POST", "PATCH", "DELETE"];
/// The attempts of the default policy.
const ATTEMPTS: usize = 5;

/// How a call must end when the fault strikes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Want {
    /// Retried whatever the method: nothing can have happened.
    AnyMethod(ErrorKind),
    /// Retried if the method is idempotent, since the request may have acted.
    Idempotent(ErrorKind),
    /// Ends at once.
    End(ErrorKind),
    /// Reads follow the redirect without the key; writes are refused.
    Redirect,
}

struct Row {
    name: &'static str,
    want: Want,
    fault: fn(&Emulator) -> Fault,
}

const fn row(name: &'static str, want: Want, fault: fn(&Emulator) -> Fault) -> Row {
    Row { name, want, fault }
}

fn limited(text: &str) -> Fault {
    Fault::status(429).body("too many requests").header("Retry-After", text)
}

fn date(at: SystemTime) -> String {
    httpdate::fmt_http_date(at)
}

/// Bytes that a gzip decoder would inflate; nothing in this crate decodes them.
fn bomb() -> Fault {
    let mut body = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    body.extend([0xed; 4096]);
    Fault::status(200).content_type("application/json").header("Content-Encoding", "gzip").body(body)
}

static ROWS: [Row; 35] = {
    use ErrorKind::{Api, Decode, Timeout, TooLarge, Transport};
    use Want::{AnyMethod, End, Idempotent, Redirect};
    [
        row("reset before the request is read", Idempotent(Transport), |_| Fault::reset_before_body()),
        row("reset after the request", Idempotent(Transport), |_| Fault::reset().after_effect()),
        row("reset in the middle of the body", Idempotent(Transport), |_| Fault::reset_in_body()),
        row("closed without a response", Idempotent(Transport), |_| Fault::close().after_effect()),
        row("stall", Idempotent(Timeout), |_| Fault::stall(Duration::from_secs(3_600)).after_effect()),
        row("truncated", Idempotent(Transport), |_| Fault::truncated()),
        row("length too long", Idempotent(Transport), |_| Fault::wrong_length(7)),
        row("length too short", End(Decode), |_| Fault::wrong_length(-2)),
        row("JSON cut in the middle", End(Decode), |_| Fault::cut_json()),
        row("empty body", End(Decode), |_| Fault::empty_body()),
        row("garbage", Idempotent(Transport), |_| Fault::garbage()),
        row("oversize", End(TooLarge), |_| Fault::oversize(3)),
        row("gzip bomb", End(Decode), |_| bomb()),
        row("400", End(Api), |_| Fault::status(400).body("name: must be in a valid format")),
        row("401", End(Api), |_| Fault::status(401).body("not authorized")),
        row("403", End(Api), |_| Fault::status(403).body("forbidden")),
        row("404", End(Api), |_| Fault::status(404).body("workspace group not found")),
        row("404, a page of a proxy", Idempotent(Api), |_| Fault::proxy_page(404)),
        row("404, words of an ingress", Idempotent(Api), |_| Fault::status(404).body("default backend - 404")),
        row("404, an empty body", Idempotent(Api), |_| Fault::status(404)),
        row("200, a page of a login", End(Decode), |_| {
            Fault::status(200).content_type("text/html").body("<!DOCTYPE html><html>Sign in</html>")
        }),
        row("408", Idempotent(Api), |_| Fault::status(408).body("request timeout")),
        row("429", AnyMethod(Api), |_| Fault::status(429).body("too many requests")),
        row("429, Retry-After: 0", AnyMethod(Api), |_| limited("0")),
        row("429, a date that has passed", AnyMethod(Api), |_| limited(&date(SystemTime::UNIX_EPOCH))),
        row("429, a date in an hour", End(Api), |_| limited(&date(SystemTime::now() + Duration::from_secs(3600)))),
        row("429, an absurd number", End(Api), |_| limited("99999999999999999999")),
        row("411", End(Api), |_| Fault::status(411).body("length required")),
        row("499, after the effect", Idempotent(Api), |_| Fault::status(499).after_effect()),
        row("500", Idempotent(Api), |_| Fault::status(500).body("internal error")),
        row("502", Idempotent(Api), |_| Fault::proxy_page(502).after_effect()),
        row("503, Retry-After: 0", Idempotent(Api), |_| Fault::status(503).header("Retry-After", "0")),
        row("503, after the effect", Idempotent(Api), |_| Fault::proxy_page(503).after_effect()),
        row("504", Idempotent(Api), |_| Fault::status(504)),
        row("redirect to another host", Redirect, |emulator| {
            Fault::redirect(
                307,
                &format!("{}/elsewhere?X-Amz-Signature=canary-of-the-signature", emulator.storage_url()),
            )
        }),
    ]
};

impl Row {
    /// How long a server may be silent: short where silence is expected, and otherwise never reached.
    fn silence(&self) -> Duration {
        if self.stalls() { Duration::from_millis(1_500) } else { LONG_SILENCE }
    }

    fn stalls(&self) -> bool {
        matches!(self.want, Want::Idempotent(ErrorKind::Timeout))
    }
}

const LONG_SILENCE: Duration = Duration::from_secs(30);

fn client(emulator: &Emulator, url: &str, silence: Duration) -> Client {
    let backoff = Backoff::new(Duration::from_millis(1), Duration::from_millis(4));
    Client::builder()
        .base_url(url)
        .api_key(emulator.api_key())
        .retry(RetryPolicy::default().with_backoff(backoff))
        .read_timeout(silence)
        .deadline(Duration::from_secs(120))
        .max_response_bytes(1 << 20)
        .build()
        .unwrap()
}

/// One call with the method, on something that exists for it.
async fn call(emulator: &Emulator, url: &str, silence: Duration, method: &str, number: usize) -> Result<Value, Error> {
    let group = emulator.insert_workspace_group(json!({"name": format!("there-{number}")})).unwrap();
    let role = format!("tester-{number}");
    let (path, body) = match method {
        "PUT" => {
            let value = json!({"role": role, "resourceType": "Organization", "isCustom": true, "inherits": [],
                "permissions": [], "description": "for tests"});
            emulator.insert("role", value).unwrap();
            (format!("/v1/roles/Organization/{role}"), json!({"inherits": [], "permissions": ["View Organization"]}))
        }
        "POST" => {
            let region = emulator.items("region")[0]["regionID"].clone();
            let name = format!("new-{number}");
            let body = json!({"name": name, "firewallRanges": [], "regionID": region});
            ("/v1/workspaceGroups".to_owned(), body)
        }
        "PATCH" => (format!("/v1/workspaceGroups/{group}"), json!({"name": format!("changed-{number}")})),
        _ => (format!("/v1/workspaceGroups/{group}"), Value::Null),
    };
    let request = client(emulator, url, silence).request(method, path);
    let request = if body.is_null() { request } else { request.json(&body) };
    request.fetch().await
}

fn idempotent(method: &str) -> bool {
    matches!(method, "GET" | "PUT" | "DELETE")
}

/// How many groups with the name the service has.
fn made(emulator: &Emulator, number: usize) -> usize {
    emulator.workspace_groups().iter().filter(|group| group["name"] == format!("new-{number}")).count()
}

fn shown(outcome: &Result<Value, Error>) -> String {
    match outcome {
        Ok(_) => "ok".to_owned(),
        Err(error) if error.is_outcome_unknown() => format!("{:?}, outcome unknown", error.kind()),
        Err(error) => format!("{:?}", error.kind()),
    }
}

/// One method against one fault: once, and permanently.
async fn strike(emulator: &Emulator, row: &Row, method: &str, number: usize) -> String {
    let context = format!("{method}, {}", row.name);
    let fault = || match (row.name, method) {
        // The PUT is one of a role, and the 404 names what the request names.
        ("404", "PUT") => Fault::status(404).body("role not found"),
        _ => (row.fault)(emulator),
    };
    emulator.inject(fault());
    emulator.clear_requests();
    let once = call(emulator, emulator.url(), row.silence(), method, number).await;
    let seen_once = emulator.requests().len();
    emulator.clear_faults();
    emulator.clear_requests();
    let made_once = made(emulator, number);

    emulator.inject(fault().always());
    let always = call(emulator, emulator.url(), row.silence(), method, number + 1).await;
    let seen_always = emulator.requests().len();
    emulator.clear_faults();
    let stored = emulator.storage_requests();

    let repeats = match row.want {
        Want::AnyMethod(_) => true,
        Want::Idempotent(_) => idempotent(method),
        Want::End(_) | Want::Redirect => false,
    };
    assert_eq!(seen_once, if repeats { 2 } else { 1 }, "{context}: {once:?}");
    assert_eq!(seen_always, if repeats { ATTEMPTS } else { 1 }, "{context}: {always:?}");
    assert_eq!(once.is_ok(), repeats, "{context}: {once:?}");
    let error = always.as_ref().expect_err(&context);
    let kind = match row.want {
        Want::AnyMethod(kind) | Want::Idempotent(kind) | Want::End(kind) => kind,
        Want::Redirect if method == "GET" => ErrorKind::Api,
        Want::Redirect => ErrorKind::Redirect,
    };
    assert_eq!(error.kind(), kind, "{context}: {error}");
    assert_eq!(error.attempts().len(), seen_always, "{context}: every attempt is kept");
    let text = error.to_string();
    assert!(!text.contains("canary") && !text.contains(emulator.api_key()), "{context}: {text}");
    // A read changes nothing, so there is nothing to check before repeating it.
    assert!(method != "GET" || !error.is_outcome_unknown() && !text.contains("is unknown"), "{context}: {text}");
    if row.want == Want::Redirect && method == "GET" {
        assert_eq!(stored.len(), 1, "{context}: a read follows");
        assert!(stored.iter().all(|request| request.header("authorization").is_none()), "{context}: the key stays");
    } else {
        assert!(stored.is_empty(), "{context}: a write stays");
    }
    if row.name.contains("hour") || row.name.contains("absurd") {
        assert!(text.contains("the server asks to wait"), "{context}: {text}");
    }
    // No duplicate creation, and none that the caller takes for a failure.
    for (outcome, made) in [(&once, made_once), (&always, made(emulator, number + 1))] {
        assert!(made <= 1, "{context}: created {made} times");
        match outcome {
            Ok(_) => assert_eq!(made, usize::from(method == "POST"), "{context}"),
            Err(error) if made == 1 => {
                let told = error.is_outcome_unknown() || error.kind() == ErrorKind::Decode;
                assert!(told, "{context}: created, and the error does not say that it may be: {error}");
            }
            Err(_) => {}
        }
    }
    let mut line = String::new();
    let _ = write!(
        line,
        "{method:<6} | {:<32} | {seen_once} {:<28} | {seen_always} {:<28} | {text}",
        row.name,
        shown(&once),
        shown(&always)
    );
    line
}

/// No connection at all: nothing is seen, and every method is retried.
async fn refused(emulator: &Emulator, method: &str, number: usize) -> String {
    emulator.clear_requests();
    let outcome = call(emulator, emulator.refused_url(), LONG_SILENCE, method, number).await;
    let error = outcome.as_ref().unwrap_err();
    assert_eq!((error.kind(), error.attempts().len()), (ErrorKind::Connect, ATTEMPTS), "{error}");
    assert!(emulator.requests().is_empty() && !error.is_outcome_unknown());
    format!("{method:<6} | {:<32} | {:<30} | 0 {:<28} | {error}", "connection refused", "", shown(&outcome))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_method_survives_every_fault() {
    let mut tasks = Vec::new();
    for method in METHODS {
        // Those that stall are waited for alongside the others.
        let (stalls, others): (Vec<&Row>, Vec<&Row>) = ROWS.iter().partition(|row| row.stalls());
        assert_eq!(stalls.len(), 1);
        tasks.push(tokio::spawn(async move {
            let emulator = Emulator::start().unwrap();
            let mut lines = vec![refused(&emulator, method, 0).await];
            for (number, row) in others.into_iter().enumerate() {
                lines.push(strike(&emulator, row, method, 10 * (number + 1)).await);
            }
            lines
        }));
        tasks.push(tokio::spawn(async move {
            let emulator = Emulator::start().unwrap();
            vec![strike(&emulator, stalls[0], method, 10).await]
        }));
    }
    let mut table = String::from(
        "method | fault                            | seen, outcome if it strikes once | seen, outcome if it stays     | error text\n",
    );
    for task in tasks {
        for line in task.await.unwrap() {
            table.push_str(&line);
            table.push('\n');
        }
    }
    println!("{table}");
}

#[tokio::test]
async fn compression_is_not_requested() {
    let emulator = Emulator::start().unwrap();
    client(&emulator, emulator.url(), LONG_SILENCE).regions().list().await.unwrap();
    let requests = emulator.requests();
    assert!(requests[0].header("accept").is_some(), "the headers are there to be looked at");
    assert_eq!(requests[0].header("accept-encoding"), None, "so no response can be a bomb");
}

#[tokio::test]
async fn a_post_on_a_closed_connection_is_seen_at_most_once() {
    let emulator = Emulator::start().unwrap();
    for number in 0..50 {
        let client = client(&emulator, emulator.url(), LONG_SILENCE);
        emulator.inject(Fault::close_after_response());
        client.regions().list().await.unwrap();
        emulator.clear_requests();
        let region = emulator.items("region")[0]["regionID"].clone();
        let body = json!({"name": format!("new-{number}"), "firewallRanges": [], "regionID": region});
        let outcome = client.request("POST", "/v1/workspaceGroups").json(&body).send().await;
        assert!(emulator.requests().len() <= 1, "{outcome:?}");
        match outcome {
            Ok(_) => assert_eq!(made(&emulator, number), 1),
            Err(error) => assert!(error.is_outcome_unknown(), "{error}"),
        }
    }
}

#[tokio::test]
async fn a_wait_that_the_server_asks_for_is_respected() {
    let emulator = Emulator::start().unwrap();
    emulator.inject(Fault::status(429).header("Retry-After", "1"));
    let response = client(&emulator, emulator.url(), LONG_SILENCE).request("GET", "/v2/regions").send().await.unwrap();
    let attempts = response.attempts();
    assert_eq!(attempts.len(), 2);
    assert!(attempts[0].delay.unwrap() >= Duration::from_secs(1) && response.elapsed() >= Duration::from_secs(1));
    assert_eq!(attempts[0].status.unwrap().as_u16(), 429);
}
