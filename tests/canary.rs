//! Plants secrets, collects everything that can be shown, and checks that none of them is in it. Then shows them on purpose, to
//! check that the collector finds them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

use std::error::Error as _;
use std::fmt::{Debug, Write as _};
use std::io;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use serde_json::json;
use singlestore_management::types::{SecretCreate, WorkspaceGroupCreate, WorkspaceGroupUpdate};
use singlestore_management::{
    AttemptEvent, Backoff, CallEvent, Client, CredentialsChain, CredentialsError, CredentialsProvider, Error, Observer,
    RetryPolicy, Secret, Token, TokenFile, TokenFuture, WorkspaceGroupId,
};
use singlestore_management_emulator::{Emulator, Fault};

/// Everything that was traced, logged and shown.
static SHOWN: OnceLock<Arc<Mutex<Vec<u8>>>> = OnceLock::new();

fn shown() -> &'static Arc<Mutex<Vec<u8>>> {
    SHOWN.get_or_init(Arc::default)
}

fn collected() -> String {
    String::from_utf8_lossy(&shown().lock().unwrap()).into_owned()
}

struct Writer;

impl io::Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        shown().lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What reqwest and others write through the crate `log`.
struct Logger;

impl log::Log for Logger {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let _ = writeln!(&mut io::LineWriter::new(Writer), "log {} {}", record.target(), record.args());
    }

    fn flush(&self) {}
}

use io::Write as _;

/// Collects the `Debug` output of a value, plain and pretty-printed.
fn show(what: &str, thing: &impl Debug) {
    let _ = writeln!(&mut Writer, "{what}: {thing:?}\n{thing:#?}");
}

/// Collects everything that an error shows, including its causes.
fn show_error(what: &str, error: &Error) {
    let mut text = format!("{what}: {error}");
    let mut cause = error.source();
    while let Some(source) = cause {
        let _ = write!(text, ", because {source} / {source:?}");
        cause = source.source();
    }
    show(&text, error);
    show(what, &error.attempts());
}

/// Collects the server's words and headers, which an error returns on request.
fn show_words(what: &str, error: &Error) {
    let words = error.server_message().expect("the server said something");
    assert!(words.contains("[redacted]"), "{what}: nothing was taken out of {words}");
    show(what, &(words, error.body(), error.headers(), error.request_id()));
    let _ = writeln!(&mut Writer, "{}", String::from_utf8_lossy(error.body()));
}

/// Shows everything that it observes.
#[derive(Clone, Debug)]
struct Watching;

impl Observer for Watching {
    fn on_attempt(&self, event: &AttemptEvent<'_>) {
        show("attempt", event);
    }

    fn on_call(&self, event: &CallEvent<'_>) {
        show("call", event);
    }
}

const KEY: &str = "canary-key-2f1b7c9d";
const PASSWORD: &str = "Canary-Password-77!x";
const VALUE: &str = "canary-value-51c0ffee";
const SIGNATURE: &str = "canary-signature-9a8b7c";
const QUOTED: &str = "canary\\\"behind-a-quote";

fn jwt() -> String {
    let seconds = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs() + 3600;
    let part = |text: String| URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}.Y2FuYXJ5LWp3dA", part(r#"{"alg":"none"}"#.into()), part(format!(r#"{{"exp":{seconds}}}"#)))
}

#[derive(Debug)]
struct Broken;

impl CredentialsProvider for Broken {
    fn token(&self) -> TokenFuture<'_> {
        Box::pin(async { Err(CredentialsError::permanent("the vault is sealed")) })
    }
}

fn build(emulator: &Emulator, key: &str) -> Client {
    let backoff = Backoff::new(Duration::from_millis(1), Duration::from_millis(4));
    let builder = Client::builder()
        .base_url(emulator.url())
        .api_key(key)
        .organization(emulator.organization_id())
        .retry(RetryPolicy::default().with_backoff(backoff).with_lock_interval(Duration::from_millis(1)))
        .observer(Watching);
    show("builder", &builder);
    let client = builder.build().unwrap();
    show("client", &client);
    client
}

/// Success, failure, retry, lock, create_once, waiter, with a password in the request and one in the response.
async fn groups(emulator: &Emulator, client: &Client, key: &str, name: &str) -> WorkspaceGroupId {
    let region = client.regions().list().await.unwrap().remove(0).region_id;
    let body = WorkspaceGroupCreate::new(name, ["203.0.113.0/24"]).region_id(region).admin_password(PASSWORD);
    show("body", &body);
    emulator.hold_creation_lock(1);
    let request = client.workspace_groups().create(body);
    show("request", &request);
    let response = request.send().await.unwrap();
    show("response", &response);
    let id = response.workspace_group_id;

    let echo = format!("the key {key} may not do this");
    emulator.inject(Fault::status(400).body(echo));
    show_error("echo", &client.workspace_groups().list().await.unwrap_err());
    for status in [400, 200] {
        let forms = [PASSWORD.to_owned(), STANDARD.encode(PASSWORD), URL_SAFE_NO_PAD.encode(PASSWORD)];
        let echo = format!("\"{} {key} {}\"", forms.join(" "), STANDARD.encode(key));
        emulator.inject(Fault::status(status).body(echo.clone()).header("X-Echo", &echo).on_method("POST"));
        let body = WorkspaceGroupCreate::new("echoed", ["203.0.113.0/24"]).region_id(region).admin_password(PASSWORD);
        let error = client.workspace_groups().create(body).await.unwrap_err();
        show_error("echo of a password", &error);
        show_words("words", &error);
    }
    // The cut leaves part of it.
    let cut = format!("{PASSWORD} {}{PASSWORD}", "x".repeat((64 << 10) - 2 * PASSWORD.len() + 3));
    emulator.inject(Fault::status(400).body(cut).on_method("PATCH"));
    let error = client.workspace_groups().update(id, WorkspaceGroupUpdate::new().admin_password(PASSWORD)).await;
    show_words("cut", &error.unwrap_err());
    emulator.inject(Fault::status(503).times(2));
    show("retried", &client.workspace_groups().get(id).send().await.unwrap());
    emulator.inject(Fault::status(429).header("Retry-After", "99999"));
    show_error("limited", &client.workspace_groups().list().await.unwrap_err());
    for fault in [Fault::reset(), Fault::truncated(), Fault::garbage(), Fault::status(502).after_effect()] {
        emulator.inject(fault.on_method("PATCH"));
        let change = WorkspaceGroupUpdate::new().admin_password(PASSWORD);
        show_error("changed", &client.workspace_groups().update(id, change).await.unwrap_err());
    }
    for id_of_the_server in [VALUE, QUOTED] {
        let secretive = format!(r#"{{"workspaceGroupID":"{id_of_the_server}","adminPassword":"{PASSWORD}"}}"#);
        emulator.inject(Fault::status(200).content_type("application/json").body(secretive).on_method("GET"));
        show_error("decode", &client.workspace_groups().get(id).await.unwrap_err());
    }

    let once = format!("{name}-once");
    emulator.inject(Fault::reset().after_effect().on_method("POST"));
    let body = WorkspaceGroupCreate::new(once, ["203.0.113.0/24"]).region_id(region).admin_password(PASSWORD);
    let creation = client.workspace_groups().create_once(body);
    show("creation", &creation);
    show("created", &creation.await.unwrap());
    let body = WorkspaceGroupCreate::new(format!("{name}-made"), ["203.0.113.0/24"]).region_id(region);
    show("created", &client.workspace_groups().create_once(body).await.unwrap());

    let waiter = client.workspace_groups().wait_until_ready(id);
    show("waiter", &waiter);
    let waiter = waiter.with_poll_interval(Duration::from_millis(1), Duration::from_millis(2));
    show("waited", &waiter.with_progress(|progress| show("progress", progress)).await.unwrap());
    id
}

async fn secrets(emulator: &Emulator, client: &Client, name: &str) {
    let request = client.secrets().create(SecretCreate::new(name, VALUE));
    show("request", &request);
    show("response", &request.send().await.unwrap());
    let listed = client.secrets().list().send().await.unwrap();
    show("secrets", &listed);
    show("raw response", &client.request("GET", "/v1/secrets").send().await.unwrap());
    let body = json!({"name": format!("{name}_raw"), "value": VALUE});
    let request = client.request("POST", "/v1/secrets").query("token", VALUE).json(&body);
    show("raw request", &request);
    emulator.inject(Fault::cut_json().on_method("POST"));
    if let Err(error) = request.fetch::<serde_json::Value>().await {
        show_error("raw", &error);
    }
}

async fn downloads(emulator: &Emulator, client: &Client, group: WorkspaceGroupId) {
    emulator.insert_file(&format!("stage/{group}"), "report.txt", "content").unwrap();
    let path = format!("/v1/stage/{group}/fs/report.txt");
    let path = path.as_str();
    let response = client.request("GET", path).send().await.unwrap();
    assert_eq!(&response.body()[..], b"content", "by way of a pre-signed URL");
    show("download", &response);
    for target in [
        format!("{}/elsewhere?X-Amz-Signature={SIGNATURE}", emulator.storage_url()),
        format!("{}/elsewhere?X-Amz-Signature={SIGNATURE}", emulator.refused_url()),
        format!("ftp://127.0.0.1/elsewhere?X-Amz-Signature={SIGNATURE}"),
        format!("http://[/elsewhere?X-Amz-Signature={SIGNATURE}"),
    ] {
        emulator.inject(Fault::redirect(307, &target).always());
        show_error("redirected", &client.request("GET", path).send().await.unwrap_err());
        show_error("redirected", &client.request("PUT", path).send().await.unwrap_err());
        emulator.clear_faults();
    }
}

async fn credentials(emulator: &Emulator) {
    let path = std::env::temp_dir().join(format!("singlestore-management-canary-{}", std::process::id()));
    std::fs::write(&path, KEY).unwrap();
    let file = TokenFile::new(&path);
    file.token().await.unwrap();
    show("file", &file);
    show("token", &file.token().await);
    let chain = CredentialsChain::new().or(Broken).or(file).or(Token::new(KEY));
    show("chain", &chain);
    let client = Client::builder().base_url(emulator.url()).credentials(chain).build().unwrap();
    client.regions().list().await.unwrap();
    show("client", &client);
    let _ = std::fs::remove_file(&path);
    show("secret", &Secret::from(VALUE));
    show("tokens", &[Token::new(KEY), Token::new(jwt())]);
    let broken = format!("{KEY}\n{KEY}");
    let given = Client::builder().base_url(emulator.url()).api_key(broken.as_str()).build();
    show_error("unsendable", &given.unwrap_err());
    let provided = Client::builder().base_url(emulator.url()).credentials(Token::new(broken)).build().unwrap();
    show_error("unsendable", &provided.regions().list().await.unwrap_err());
    let two = |name: &str| (name.contains("API_KEY")).then(|| format!("{KEY}{name}"));
    show_error("two keys", &Client::builder().env_from(two).build().unwrap_err());
    let revoked = build(emulator, "canary-revoked-0123456789");
    emulator.inject(Fault::status(401).body("canary-revoked-0123456789 was revoked"));
    show_error("revoked", &revoked.regions().list().await.unwrap_err());
    let user = Client::builder().base_url(format!("https://user:{KEY}@127.0.0.1/")).api_key(KEY).build();
    show_error("user in the URL", &user.unwrap_err());
}

#[tokio::test]
async fn no_secret_is_ever_shown() {
    log::set_boxed_logger(Box::new(Logger)).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
        .with_writer(|| Writer)
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();

    let emulator = Emulator::builder().api_key(KEY).start().unwrap();
    let token = jwt();
    emulator.accept_key(&token);
    for (number, key) in [KEY, token.as_str()].into_iter().enumerate() {
        let client = build(&emulator, key);
        let group = groups(&emulator, &client, key, &format!("g{number}")).await;
        secrets(&emulator, &client, &format!("s{number}")).await;
        downloads(&emulator, &client, group).await;
    }
    credentials(&emulator).await;

    // The secrets were really sent.
    let sent = emulator
        .requests()
        .iter()
        .any(|request| String::from_utf8_lossy(request.raw_body_with_secrets()).contains(PASSWORD));
    assert!(sent, "the password was sent");
    let signed: Vec<String> = emulator
        .storage_requests()
        .iter()
        .filter_map(|request| request.query_value("X-Amz-Signature").map(str::to_owned))
        .collect();
    assert!(signed.iter().any(|signature| signature == SIGNATURE) && signed.len() > 2, "{signed:?}");
    // And the collector hears everything.
    let text = collected();
    for heard in ["attempt ended", "log reqwest::connect", "singlestore.call", "waiting", "trying again", "progress"] {
        assert!(text.contains(heard), "the collector heard nothing of {heard:?}");
    }

    let mut canaries = vec![KEY, &token, PASSWORD, VALUE, SIGNATURE, "behind-a-quote", "canary-revoked", "Canary-Pass"];
    let encoded = [KEY, &token, PASSWORD].map(|secret| STANDARD_NO_PAD.encode(secret));
    canaries.extend(encoded.iter().map(String::as_str));
    canaries.extend(signed.iter().map(String::as_str));
    let passwords: Vec<String> = emulator
        .requests()
        .iter()
        .filter_map(|request| request.header("authorization").map(str::to_owned))
        .filter(|value| !value.contains("***"))
        .collect();
    assert!(passwords.is_empty(), "the emulator masks what it records");
    for canary in &canaries {
        if let Some(at) = text.find(canary) {
            let from = text[..at].char_indices().rev().nth(400).map_or(0, |(place, _)| place);
            let to = text[at..].char_indices().nth(100).map_or(text.len(), |(place, _)| at + place);
            panic!("{canary:?} was shown: ...{}...", &text[from..to]);
        }
    }

    // The positive control: with the redaction bypassed, each of them is found.
    for canary in &canaries {
        tracing::trace!(secret = Secret::from(*canary).expose(), "bypassed");
    }
    let text = collected();
    for canary in &canaries {
        assert!(text.contains(canary), "the collector would not have found {canary:?}");
    }
}
