//! Servers that break off, proxies that impersonate the service, and programs without a runtime.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use singlestore_management::blocking::Call as _;
use singlestore_management::types::{SecretCreate, WorkspaceGroupCreate};
use singlestore_management::{
    AttemptEvent, Client, ClientBuilder, Error, ErrorKind, Observer, RetryPolicy, WorkspaceGroupId, WorkspaceId,
};
use singlestore_management_emulator::{Emulator, Fault};

use crate::sockets::read_head;
use crate::support;

const ID: &str = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";
const CAP: usize = 64 << 10;
const PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>Accept the terms</body></html>";

fn group_id() -> WorkspaceGroupId {
    "3f2504e0-4f89-41d3-9a0c-0305e82c3302".parse().unwrap()
}

fn id() -> WorkspaceId {
    ID.parse().unwrap()
}

/// Reads one request; its first line.
fn request(stream: &mut TcpStream) -> Option<String> {
    let head = read_head(stream)?;
    stream.read_exact(&mut vec![0; head.length()]).ok()?;
    Some(head.line)
}

/// A server that responds to every request with these bytes, and then closes the connection or stays silent.
fn serve(response: Vec<u8>, closes: bool) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let mut silent = Vec::new();
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            if request(&mut stream).is_some() {
                let _ = stream.write_all(&response);
            }
            if !closes {
                silent.push(stream);
            }
        }
    });
    url
}

fn client(url: &str) -> Client {
    let builder = Client::builder().base_url(url).api_key("canary-key-0123456789").retry(RetryPolicy::none());
    builder.read_timeout(Duration::from_secs(2)).build().unwrap()
}

fn whole(body: &str) -> Vec<u8> {
    // It is the last one of its connection, or the client might send the next request where nothing reads it.
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n";
    format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()).into()
}

#[tokio::test]
async fn an_error_keeps_the_beginning_of_a_large_response() {
    let long = format!("{{\"odd\": 7, \"text\": \"{}\"}}", "x".repeat(1 << 20));
    let client = client(&serve(whole(&long), true));
    let listed = client.regions().list().items().next().await.unwrap().unwrap_err();
    for (what, error) in [
        ("a resource", client.workspaces().get(id()).await.unwrap_err()),
        ("a list", client.regions().list().await.unwrap_err()),
        ("a stream", listed),
        ("a request of the caller", client.request("GET", "/v1/x").fetch::<Vec<u8>>().await.unwrap_err()),
        ("a creation", client.secrets().create(SecretCreate::new("a", "b")).await.unwrap_err()),
    ] {
        assert_eq!(error.kind(), ErrorKind::Decode, "{what}: {error}");
        assert!(error.body().len() <= CAP && error.is_body_truncated(), "{what}: {} bytes", error.body().len());
        assert!(error.body().starts_with(b"{\"odd\": 7"), "{what}");
        assert_eq!(error.status().map(|status| status.as_u16()), Some(200), "{what}");
    }
    let number = format!("{{\"size\": [], \"text\": \"{}\"}}", "x".repeat(1 << 20));
    let client = self::client(&serve(whole(&number), true));
    let error = client.stage().metadata(group_id(), "a.csv").await.unwrap_err();
    assert!(error.body().len() <= CAP && error.is_body_truncated(), "a file: {} bytes", error.body().len());
    // The positive control: a short body is kept whole.
    let error = self::client(&serve(whole("{\"odd\": 7}"), true)).workspaces().get(id()).await.unwrap_err();
    assert!(error.body() == b"{\"odd\": 7}" && !error.is_body_truncated());
}

#[tokio::test]
async fn a_response_that_breaks_off_keeps_its_status() {
    for (status, closes, kind) in [
        (404, true, ErrorKind::Api),
        (503, true, ErrorKind::Api),
        (404, false, ErrorKind::Api),
        (200, true, ErrorKind::Transport),
        (200, false, ErrorKind::Timeout),
    ] {
        let response = format!("HTTP/1.1 {status} Any\r\nContent-Length: 100\r\n\r\nworkspace not found");
        let client = client(&serve(response.into(), closes));
        let error = client.workspaces().get(id()).await.unwrap_err();
        let context = format!("{status}, closes: {closes}: {error}");
        assert_eq!((error.kind(), error.status().map(|s| s.as_u16())), (kind, Some(status)), "{context}");
        assert_eq!(error.attempts()[0].status.map(|s| s.as_u16()), Some(status), "{context}");
        assert!(!error.is_not_found() && error.is_retryable(), "half a sentence proves nothing: {context}");
        if kind == ErrorKind::Api {
            assert!(error.is_body_truncated() && error.server_message() == Some("workspace not found"), "{context}");
        }
    }
}

#[tokio::test]
async fn a_redirect_to_a_dead_port_does_not_say_that_nothing_was_sent() {
    let emulator = Emulator::start().unwrap();
    let client = support::builder(&emulator).retry(RetryPolicy::none()).build().unwrap();
    emulator.inject(Fault::redirect(307, &format!("{}/there?sig=canary", emulator.refused_url())));
    let error = client.regions().list().await.unwrap_err();
    let text = format!("{error} {error:?}");
    assert!(!text.contains("nothing was sent") && !text.contains("canary"), "{text}");
    assert!(text.contains("redirected") && text.contains("127.0.0.1"), "{text}");
    assert_eq!(error.status().map(|status| status.as_u16()), Some(307));
    assert!(error.is_connect() && error.is_retryable() && !error.is_outcome_unknown());
}

#[tokio::test]
async fn the_user_info_of_a_redirect_is_not_sent() {
    let emulator = Emulator::start().unwrap();
    let client = support::builder(&emulator).retry(RetryPolicy::none()).build().unwrap();
    let target = emulator.storage_url().replace("http://", "http://user:canary@");
    emulator.inject(Fault::redirect(307, &format!("{target}/there")));
    let _ = client.regions().list().await;
    let stored = emulator.storage_requests();
    assert_eq!(stored.len(), 1, "the redirect was followed");
    assert_eq!(stored[0].header("authorization"), None);
}

#[tokio::test]
async fn errors_name_the_resource() {
    let emulator = Emulator::start().unwrap();
    let client = support::builder(&emulator).retry(RetryPolicy::none()).build().unwrap();
    let path = format!("/v1/workspaces/{ID}");
    let error = client.workspaces().get(id()).await.unwrap_err();
    assert!(error.to_string().starts_with(&format!("get_workspace (GET {path}): 404")), "{error}");
    assert_eq!((error.path(), error.path_template()), (Some(path.as_str()), Some("/v1/workspaces/{workspaceID}")));

    let asked = client.request("GET", &path).query("secret", "canary");
    let error = asked.send().await.unwrap_err();
    assert!(error.to_string().starts_with(&format!("request (GET {path}): 404")), "{error}");
    assert!(error.path() == Some(path.as_str()) && !format!("{error} {error:?}").contains("canary"));
    let error = client.request("GET", "/v1/regions").fetch::<String>().await.unwrap_err();
    assert_eq!((error.kind(), error.path()), (ErrorKind::Decode, Some("/v1/regions")), "{error}");

    emulator.inject(Fault::status(200).body("[7]"));
    let error = client.regions().list().items().next().await.unwrap().unwrap_err();
    assert_eq!(error.path(), Some("/v1/regions"), "{error}");
    let group = emulator.insert_workspace_group(serde_json::json!({"name": "g"})).unwrap();
    let error = client.stage().delete(group.parse::<WorkspaceGroupId>().unwrap(), "a b/c.csv").await.unwrap_err();
    let path = format!("/v1/stage/{group}/fs/a%20b%2Fc.csv");
    assert!(error.path().is_some_and(|seen| seen.replace("%2F", "/") == path.replace("%2F", "/")), "{error}");

    let error = client.workspaces().wait_until_ready(id()).with_missing_grace(Duration::ZERO).await.unwrap_err();
    assert!(error.to_string().contains(ID) && error.path().is_some(), "{error}");
    let nowhere = support::builder(&emulator).base_url(emulator.refused_url()).retry(RetryPolicy::none());
    let error = nowhere.build().unwrap().workspaces().get(id()).await.unwrap_err();
    assert!(error.to_string().contains(&format!("/v1/workspaces/{ID}")), "{error}");
}

#[tokio::test]
async fn an_html_page_instead_of_a_response_is_never_a_success() {
    let emulator = Emulator::start().unwrap();
    let client = support::builder(&emulator).retry(RetryPolicy::none()).build().unwrap();
    let (stage, group) = (client.stage(), group_id());
    let tell = |what: &str, outcome: Result<(), Error>| {
        let error = outcome.expect_err(what);
        assert_eq!(
            (error.kind(), error.status().map(|s| s.as_u16())),
            (ErrorKind::Decode, Some(200)),
            "{what}: {error}"
        );
        let text = error.to_string();
        assert!(text.contains("HTML") && !text.contains("succeeded"), "{what}: {text}");
        let is_write = error.method() != Some("GET");
        assert_eq!((error.is_outcome_unknown(), text.contains("is unknown")), (is_write, is_write), "{what}: {text}");
        assert!(error.server_message().unwrap().contains("Sign in"), "{what}");
    };
    emulator.inject(Fault::status(200).content_type("text/html").body(PAGE).always());
    tell("an operation without a body", client.workspaces().suspend(id()).await.map(drop));
    tell(
        "a removal",
        client.projects().delete(ID.parse::<singlestore_management::ProjectId>().unwrap()).await.map(drop),
    );
    tell("a read", client.workspaces().get(id()).await.map(drop));
    tell(
        "a response that is a string",
        client
            .workspace_groups()
            .metrics(ID.parse::<singlestore_management::OrganizationId>().unwrap(), group)
            .await
            .map(drop),
    );
    tell("a list", client.regions().list().await.map(drop));
    tell("a file is deleted", stage.delete(group, "a.csv").await);
    tell("a folder is made", stage.create_folder(group, "a").await.map(drop));
    tell("an upload", stage.upload(group, "a.csv", "1,2\n").await.map(drop));
    emulator.clear_faults();
    // The positive control: the service's own successes without content.
    for body in ["", "OK", "null", "{}", "true", "\"ok\""] {
        emulator.inject(Fault::status(200).body(body));
        client.workspaces().suspend(id()).await.unwrap();
    }
}

#[tokio::test]
async fn secrets_of_the_request_that_the_server_echoes_are_removed() {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    const PASSWORD: &str = "Canary-Pass\"word>?77";
    let emulator = Emulator::start().unwrap();
    let client = support::builder(&emulator).retry(RetryPolicy::none()).build().unwrap();
    let body = || WorkspaceGroupCreate::new("harmless-name", ["10.0.0.0/8"]).admin_password(PASSWORD);
    let escaped = serde_json::to_string(PASSWORD).unwrap();
    let (standard, url_safe) = (STANDARD.encode(PASSWORD), URL_SAFE_NO_PAD.encode(PASSWORD));
    let key = STANDARD.encode(emulator.api_key());
    let echo =
        format!("harmless-name: {PASSWORD} / {escaped} / {standard} / {url_safe} / {} / {key}", emulator.api_key());
    let needles = [PASSWORD, escaped.trim_matches('"'), &standard, &url_safe, emulator.api_key(), &key];
    let leaks = |error: &Error| {
        let shown = format!(
            "{error} {error:?} {} {:?} {:?}",
            String::from_utf8_lossy(error.body()),
            error.headers(),
            error.request_id()
        );
        needles.iter().filter(|needle| shown.contains(**needle)).map(|needle| (*needle).to_owned()).collect::<Vec<_>>()
    };
    let ascii = PASSWORD.replace('"', "");
    for status in [400, 500, 200] {
        emulator.inject(Fault::status(status).body(echo.clone()).header("X-Debug", &format!("{PASSWORD} {key}")));
        let error = client.workspace_groups().create(body()).await.unwrap_err();
        assert!(leaks(&error).is_empty(), "{status}: {:?}", leaks(&error));
        let words = error.server_message().unwrap();
        assert!(words.starts_with("harmless-name: [redacted]"), "{status}: {words}");
        assert!(error.headers().contains_key("x-debug"), "the header is there, without what is secret");
    }
    // What the cut leaves of it.
    let cut = format!("{}{PASSWORD}{}", "x".repeat(CAP - 9), "y".repeat(99));
    emulator.inject(Fault::status(400).body(cut));
    let error = client.workspace_groups().create(body()).await.unwrap_err();
    assert!(error.is_body_truncated() && !String::from_utf8_lossy(error.body()).contains("Canary"), "{error}");
    // A value of a secret, and a request to a path of the caller's own.
    emulator.inject(Fault::status(400).body(format!("no: {ascii}")).times(3));
    let error = client.secrets().create(SecretCreate::new("s", &*ascii)).await.unwrap_err();
    assert_eq!(error.server_message(), Some("no: [redacted]"));
    let raw = client.request("POST", "/v1/any").json(&serde_json::json!({"nested": [{"userPassword": ascii}]}));
    assert_eq!(raw.send().await.unwrap_err().server_message(), Some("no: [redacted]"));
    // The positive control: the same words stay unchanged for a request without that secret.
    let raw = client.request("POST", "/v1/any").json(&serde_json::json!({"name": ascii}));
    assert_eq!(raw.send().await.unwrap_err().server_message(), Some(format!("no: {ascii}").as_str()));
}

#[tokio::test]
async fn a_request_id_named_by_a_server_is_short_and_plain() {
    let emulator = Emulator::start().unwrap();
    let client = support::builder(&emulator).retry(RetryPolicy::none()).build().unwrap();
    emulator.inject(Fault::status(400).body("no\u{202e}gnp.exe\u{2066}").header("X-Request-Id", &"r".repeat(5000)));
    let error = client.regions().list().await.unwrap_err();
    assert!(error.request_id().unwrap().len() <= 128, "{}", error.request_id().unwrap().len());
    assert!(!error.to_string().contains(['\u{202e}', '\u{2066}']) && error.to_string().len() < 1000, "{error:?}");
    emulator.inject(Fault::status(400).body("no").header("X-Request-Id", "abc\tdef"));
    let error = client.regions().list().await.unwrap_err();
    assert!(error.to_string().contains("request abc") && !error.to_string().contains('\t'), "{error}");
}

/// A server that returns what it receives, and closes the connection of a read on request.
fn closing() -> (String, mpsc::Sender<()>, mpsc::Receiver<()>, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let ((close, told), (closed, is_closed), (sees, seen)) = (mpsc::channel(), mpsc::channel(), mpsc::channel());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            while let Some(line) = request(&mut stream) {
                let reads = line.starts_with("GET");
                let _ = sees.send(line);
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]");
                if reads {
                    let _ = told.recv();
                    break;
                }
            }
            // A child started by another test briefly holds a copy of the socket, which would otherwise delay the end.
            stream.shutdown(std::net::Shutdown::Write).unwrap();
            // The close waits until the client's side has received it: on a busy machine the kernel takes its time, and what has
            // not arrived cannot be noticed.
            socket2::SockRef::from(&stream).set_linger(Some(Duration::from_secs(10))).unwrap();
            drop(stream);
            let _ = closed.send(());
        }
    });
    (url, close, is_closed, seen)
}

async fn write_after_a_close(runtime: &str) {
    let (url, close, closed, seen) = closing();
    let client = client(&url);
    client.regions().list().await.unwrap();
    assert!(seen.recv().unwrap().starts_with("GET"));
    // The thread is blocked until the server has closed the connection: the runtime cannot see it happen.
    close.send(()).unwrap();
    closed.recv().unwrap();
    let outcome = client.request("POST", "/v1/any").send().await;
    assert!(outcome.is_ok(), "{runtime}: {outcome:?}");
    assert!(seen.recv().unwrap().starts_with("POST"));
    assert!(seen.try_recv().is_err(), "it is sent once");
}

#[test]
fn a_write_succeeds_after_the_server_closed_the_connection_of_a_blocked_program() {
    for _ in 0..25 {
        let current = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let one_worker = || tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        current().block_on(write_after_a_close("current_thread"));
        one_worker().block_on(write_after_a_close("one worker, beside it"));
        // Not the task that the runtime itself waits for.
        for (name, runtime) in [("current_thread, in a task", current()), ("one worker", one_worker())] {
            runtime.block_on(async { tokio::spawn(write_after_a_close(name)).await.unwrap() });
        }
    }
}

/// The same without async: the runtime behind blocking calls polls its sockets on a thread of its own, which may be late.
#[test]
fn a_blocking_write_succeeds_after_the_server_closed_the_connection() {
    for round in 0..100 {
        let (url, close, closed, seen) = closing();
        let client = client(&url);
        client.regions().list().call().unwrap();
        assert!(seen.recv().unwrap().starts_with("GET"));
        close.send(()).unwrap();
        closed.recv().unwrap();
        let outcome = client.request("POST", "/v1/any").send().call();
        assert!(outcome.is_ok(), "round {round}: {outcome:?}");
        assert!(seen.recv().unwrap().starts_with("POST"));
        assert!(seen.try_recv().is_err(), "it is sent once");
    }
}

#[test]
fn a_call_that_stalls_on_a_connection_of_another_runtime_says_so() {
    let current = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (first, second) = (current(), current());
    let emulator = Emulator::start().unwrap();
    let builder = support::builder(&emulator).retry(RetryPolicy::none());
    let client = builder.read_timeout(Duration::from_secs(2)).build().unwrap();
    first.block_on(async { client.regions().list().await.unwrap() });
    // The connection is in the pool, and the runtime that serves it is not running.
    let error = second.block_on(async { client.regions().list().await.unwrap_err() });
    assert!(error.kind() == ErrorKind::Timeout && error.to_string().contains("another runtime"), "{error}");
    // The controls: in its own runtime it is a silence, and a runtime that has ended closes its connections.
    drop(first);
    second.block_on(async { client.regions().list().await.unwrap() });
    let client = self::client(&serve(Vec::new(), false));
    let error = second.block_on(async { client.regions().list().await.unwrap_err() });
    assert!(error.kind() == ErrorKind::Timeout && !error.to_string().contains("another runtime"), "{error}");
}

/// Polls a future once, without a runtime.
fn once<T>(future: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let mut future = std::pin::pin!(future);
    match future.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) {
        std::task::Poll::Ready(outcome) => outcome,
        std::task::Poll::Pending => panic!("it waits for what nobody will bring"),
    }
}

/// Everything that a program can await, without what it needs.
fn needs(what: &str, word: &str) {
    let client = client("http://127.0.0.1:9");
    let stage = client.stage();
    let group = || WorkspaceGroupCreate::new("g", ["10.0.0.0/8"]);
    let errors = [
        ("a call", once(async { client.regions().list().await.map(drop) })),
        ("a request of the caller", once(async { client.request("GET", "/v1/x").send().await.map(drop) })),
        ("a waiter", once(async { client.workspaces().wait_until_ready(id()).await.map(drop) })),
        ("create_once", once(async { client.workspace_groups().create_once(group()).await.map(drop) })),
        ("items", once(async { client.regions().list().items().next().await.unwrap().map(drop) })),
        ("a file", once(async { stage.metadata(group_id(), "a").await.map(drop) })),
        ("an upload", once(async { stage.upload(group_id(), "a", "b").await.map(drop) })),
        ("a download", once(async { stage.download(group_id(), "a").bytes().await.map(drop) })),
    ];
    for (name, outcome) in errors {
        let error = outcome.expect_err(name);
        assert_eq!(error.kind(), ErrorKind::Config, "{what}, {name}: {error}");
        assert!(error.to_string().contains(word) && !error.is_outcome_unknown(), "{what}, {name}: {error}");
    }
}

#[test]
fn what_a_runtime_lacks_is_reported_and_nothing_panics() {
    needs("no runtime", "Tokio runtime");
    let bare = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    bare.block_on(async { needs("no timer", "enable_time") });
    let bare = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    bare.block_on(async { needs("no sockets", "enable_io") });
    // Checked for each runtime: one client may be used in several.
    let emulator = Emulator::start().unwrap();
    let client = support::builder(&emulator).build().unwrap();
    let whole = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    whole.block_on(async { client.regions().list().await.unwrap() });
    drop(whole);
    let error = bare.block_on(async { client.regions().list().await.unwrap_err() });
    assert!(error.kind() == ErrorKind::Config && error.to_string().contains("enable_io"), "{error}");
}

#[tokio::test]
async fn a_refusal_with_an_endless_body_is_still_a_refusal() {
    let response = "HTTP/1.1 409 Conflict\r\nContent-Length: 100\r\n\r\nteam already";
    let url = serve(response.into(), false);
    let client = Client::builder().base_url(url).api_key("canary-key-0123456789").retry(RetryPolicy::none());
    let error = client.build().unwrap().secrets().create(SecretCreate::new("a", "b")).await.unwrap_err();
    assert_eq!((error.kind(), error.status().map(|s| s.as_u16())), (ErrorKind::Api, Some(409)), "{error}");
    assert!(error.is_body_truncated() && !error.is_outcome_unknown(), "{error}");
}

#[tokio::test]
async fn a_refusal_whose_body_outlasts_every_limit_is_a_refusal() {
    let url = serve(b"HTTP/1.1 409 Conflict\r\nContent-Length: 100\r\n\r\nteam already".into(), false);
    let limit = Duration::from_millis(800);
    let builder = || Client::builder().base_url(&url).api_key("canary-key-0123456789").retry(RetryPolicy::none());
    let create = |builder: ClientBuilder| builder.build().unwrap().secrets().create(SecretCreate::new("a", "b"));
    for (what, create) in [
        ("silence", create(builder().read_timeout(limit))),
        ("deadline", create(builder().deadline(limit))),
        ("attempt", create(builder()).with_attempt_timeout(limit)),
    ] {
        let error = create.await.unwrap_err();
        assert_eq!((error.kind(), error.status().map(|s| s.as_u16())), (ErrorKind::Api, Some(409)), "{what}: {error}");
        assert_eq!(error.server_message(), Some("team already"), "{what}: {error}");
        assert!(error.is_body_truncated() && !error.is_outcome_unknown(), "{what}: {error}");
    }
}

#[tokio::test]
async fn a_response_that_is_too_large_keeps_its_status() {
    let long = format!("[{}]", " ".repeat(2048));
    let announced = whole(&long);
    let chunked = format!(
        "HTTP/1.1 201 Any\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n802\r\n{long}\r\n0\r\n\r\n"
    );
    for (response, status) in [(announced, 200), (chunked.into(), 201)] {
        let builder = Client::builder().base_url(serve(response, true)).api_key("canary-key-0123456789");
        let client = builder.retry(RetryPolicy::none()).max_response_bytes(1024).build().unwrap();
        for error in [
            client.regions().list().await.unwrap_err(),
            client.secrets().create(SecretCreate::new("a", "b")).await.unwrap_err(),
            client.audit_logs().list().items().next().await.unwrap().unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::TooLarge, "{error}");
            assert_eq!(error.status().map(|s| s.as_u16()), Some(status), "{error}");
            assert_eq!(error.attempts()[0].status.map(|s| s.as_u16()), Some(status), "{error}");
        }
    }
}

/// Records that an attempt has ended.
#[derive(Clone, Debug, Default)]
struct Ended(Arc<AtomicBool>);

impl Observer for Ended {
    fn on_attempt(&self, _: &AttemptEvent<'_>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

#[test]
fn dropping_an_element_outside_the_runtime_does_not_panic() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let emulator = Emulator::start().unwrap();
    emulator.inject(Fault::status(503).header("Retry-After", "1").times(1));
    let ended = Ended::default();
    let client = support::builder(&emulator).observer(ended.clone()).build().unwrap();
    let mut regions = client.regions().list().items();
    let mut next = regions.next();
    runtime.block_on(async {
        tokio::select! {
            _ = &mut next => panic!("the second attempt comes in a second"),
            () = async { while !ended.0.load(Ordering::SeqCst) { tokio::task::yield_now().await } } => {}
        }
    });
    drop(next);
    let first = runtime.block_on(async { regions.next().await.unwrap() });
    assert!(first.is_ok(), "the list goes on where it was: {first:?}");
    assert_eq!(emulator.count_of("list_regions"), 2);
}
