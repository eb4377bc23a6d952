//! What errors, waits and observers report of a call: the resource by its path, nothing secret, and nothing that a server's words
//! could corrupt.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use singlestore_management::types::{Workspace, WorkspaceGroupCreate};
use singlestore_management::{
    AttemptEvent, CallEvent, Client, Error, ErrorKind, Observer, RetryPolicy, Waiter, WorkspaceGroupId, WorkspaceId,
};
use singlestore_management_emulator::{Emulator, Fault};

use crate::support::{builder, faults_are_taken};

fn client(emulator: &Emulator) -> Client {
    builder(emulator).retry(RetryPolicy::none()).build().unwrap()
}

fn workspace(emulator: &Emulator, state: &str) -> WorkspaceId {
    let group = emulator.insert_workspace_group(json!({"name": "g"})).unwrap();
    let workspace = json!({"name": "w", "workspaceGroupID": group, "state": state});
    emulator.insert_workspace(workspace).unwrap().parse().unwrap()
}

fn hasty(waiter: Waiter<Workspace>) -> Waiter<Workspace> {
    waiter
        .with_poll_interval(Duration::from_millis(10), Duration::from_millis(20))
        .with_deadline(Duration::from_secs(2))
}

#[tokio::test]
async fn a_wait_that_fails_names_the_path_with_its_ids() {
    let emulator = Emulator::builder().polls_until_ready(0).start().unwrap();
    let client = client(&emulator);
    let id = workspace(&emulator, "PENDING");
    let path = format!("/v1/workspaces/{id}");
    for (state, kind) in [("SUSPENDED", ErrorKind::WaitTimedOut), ("FAILED", ErrorKind::WaitFailed)] {
        emulator.set_state(id.as_str(), state);
        let error = hasty(client.workspaces().wait_until_ready(id)).await.unwrap_err();
        assert_eq!((error.kind(), error.path()), (kind, Some(path.as_str())), "{error}");
        assert!(error.to_string().starts_with(&format!("get_workspace (GET {path}): ")), "{error}");
        assert_eq!(error.path_template(), Some("/v1/workspaces/{workspaceID}"));
    }
    // No poll got a response.
    emulator.inject(Fault::status(503).body("busy").always());
    let error = hasty(client.workspaces().wait_until_ready(id)).await.unwrap_err();
    assert_eq!((error.kind(), error.path()), (ErrorKind::WaitTimedOut, Some(path.as_str())), "{error}");
}

#[tokio::test]
async fn a_state_or_field_named_by_a_server_cannot_break_a_line() {
    let emulator = Emulator::builder().polls_until_ready(0).start().unwrap();
    let client = client(&emulator);
    let id = workspace(&emulator, "PENDING");
    let odd = format!("A\u{202e}B\nC\u{1b}[31m{}", "x".repeat(5000));
    let plain = |error: &Error| {
        for shown in [error.to_string(), format!("{error:?}")] {
            assert!(shown.len() < 2000, "{} bytes", shown.len());
            assert!(!shown.chars().any(|c| c.is_control() || c == '\u{202e}'), "{shown:?}");
        }
    };
    let body = json!({"name": "w", "workspaceID": id, "workspaceGroupID": id, "state": odd});
    emulator.inject(Fault::status(200).content_type("application/json").body(body.to_string()).always());
    let error = hasty(client.workspaces().wait_until_ready(id)).await.unwrap_err();
    assert!(error.to_string().contains("was still A"), "{error}");
    plain(&error);
    emulator.clear_faults();
    // The names of fields appear in the path of a decode error.
    let mut body = json!({"name": "w", "workspaceID": id, "workspaceGroupID": id});
    body["lastResumedAt"] = json!({ odd.clone(): 7 });
    // Always: a poll cut off by the end of the wait may arrive as late as now.
    emulator.inject(Fault::status(200).content_type("application/json").body(body.to_string()).always());
    let error = client.workspaces().get(id).await.unwrap_err();
    emulator.clear_faults();
    assert_eq!(error.kind(), ErrorKind::Decode, "{error}");
    plain(&error);
    let raw = Fault::status(200).content_type("application/json").body(json!({ odd: {"a": "b"} }).to_string());
    emulator.inject(raw);
    let error = client
        .request("GET", "/v1/any")
        .fetch::<std::collections::BTreeMap<String, std::collections::BTreeMap<String, u8>>>()
        .await
        .unwrap_err();
    assert!(error.json_path().is_some(), "{error}");
    plain(&error);
}

#[tokio::test]
async fn a_list_that_is_read_element_by_element_repeats_no_token() {
    let emulator = Emulator::start().unwrap();
    let client = client(&emulator);
    let key = emulator.api_key().to_owned();
    let element = json!([{"regionID": 7, "note": key, "again": key}]).to_string();
    let leaks = |error: &Error| {
        let shown = format!("{error} {error:?} {} {:?}", String::from_utf8_lossy(error.body()), error.headers());
        shown.contains(&key)
    };
    for (what, body) in [("an element", element), ("no list", format!("\"{key}\"")), ("not JSON", key.clone())] {
        emulator.inject(Fault::status(200).body(body.clone()).header("X-Debug", &key));
        let error = client.regions().list().items().next().await.unwrap().unwrap_err();
        assert!(error.kind() == ErrorKind::Decode && !leaks(&error), "{what}: {error}");
    }
    // The same for a list that comes in pages.
    let page = json!({"auditLogs": [{"auditID": [], "note": key}]}).to_string();
    for body in [page, format!("\"{key}\"")] {
        emulator.inject(Fault::status(200).body(body).header("X-Debug", &key));
        let error = client.audit_logs().list().items().next().await.unwrap().unwrap_err();
        assert!(error.kind() == ErrorKind::Decode && !leaks(&error), "{error}");
    }
    // The positive control: what is not secret is kept.
    emulator.inject(Fault::status(200).body(r#"[{"regionID": 7, "note": "harmless"}]"#).header("X-Debug", "harmless"));
    let error = client.regions().list().items().next().await.unwrap().unwrap_err();
    assert!(String::from_utf8_lossy(error.body()).contains("harmless"), "{error}");
}

#[tokio::test]
async fn a_secret_is_removed_however_it_is_escaped() {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    const PASSWORD: &str = "Canary-P\"a<s>s&w'o rd/77\u{e9}\\x";
    let emulator = Emulator::start().unwrap();
    let client = client(&emulator);
    let percent: String = PASSWORD
        .bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() || b"-_.~".contains(&b) {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect();
    let html = PASSWORD.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let hex: String = PASSWORD.bytes().map(|b| format!("{b:02x}")).collect();
    let forms = [
        ("as in a path of Go", percent.clone()),
        ("as in a query of Go", percent.replace("%20", "+")),
        ("in lower case", percent.to_ascii_lowercase().replace("canary", "Canary").replace("-p", "-P")),
        ("as in HTML of Go", html.replace('"', "&#34;").replace('\'', "&#39;")),
        ("as in HTML", html.replace('"', "&quot;").replace('\'', "&apos;")),
        ("as in JSON of ASCII", serde_json::to_string(PASSWORD).unwrap().replace('\u{e9}', "\\u00e9")),
        (
            "as in JSON of Go",
            serde_json::to_string(PASSWORD)
                .unwrap()
                .replace('<', "\\u003c")
                .replace('>', "\\u003E")
                .replace('&', "\\u0026"),
        ),
        ("with a slash as in PHP", serde_json::to_string(PASSWORD).unwrap().replace('/', "\\/")),
        ("as in JSON within JSON", serde_json::to_string(&serde_json::to_string(PASSWORD).unwrap()).unwrap()),
        ("in hexadecimal", hex.clone()),
        ("in hexadecimal, upper case", hex.to_ascii_uppercase()),
        ("in base64", STANDARD.encode(PASSWORD)),
        ("in base64 behind a user", STANDARD.encode(format!("admin:{PASSWORD}"))),
        ("in base64 behind a longer user", STANDARD.encode(format!("admin2:{PASSWORD}:x"))),
        ("in base64 within a text", STANDARD.encode(format!("the user admin: {PASSWORD}, so"))),
    ];
    let body = || WorkspaceGroupCreate::new("harmless-name", ["10.0.0.0/8"]).admin_password(PASSWORD);
    let mut wrong = Vec::new();
    for (what, form) in &forms {
        emulator.inject(Fault::status(400).body(format!("harmless: {form} end")));
        let error = client.workspace_groups().create(body()).await.unwrap_err();
        let words = error.server_message().unwrap().to_owned();
        let inner = form.trim_matches('"');
        // In base64 the characters at both ends also encode neighboring bytes.
        let core = inner.get(12..inner.len() - 12).unwrap_or(inner);
        if words.contains(core) || !words.starts_with("harmless: ") || !words.ends_with(" end") {
            wrong.push(format!("{what}: {words}"));
        }
        // And where the cut leaves part of it.
        let cut = format!("{}{}", "y".repeat((64 << 10) - 8), inner);
        emulator.inject(Fault::status(400).body(cut));
        let error = client.workspace_groups().create(body()).await.unwrap_err();
        let end = &error.body()[error.body().len() - 12..];
        if !end.ends_with(b"[redacted]") && !what.contains("behind") && !what.contains("within") {
            wrong.push(format!("{what}, cut: {}", String::from_utf8_lossy(end)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // The positive control: words that only begin like it.
    emulator.inject(Fault::status(400).body("Canary-P is a bird; Canary-P%22 too"));
    let error = client.workspace_groups().create(body()).await.unwrap_err();
    assert_eq!(error.server_message(), Some("Canary-P is a bird; Canary-P%22 too"));
}

#[derive(Clone, Debug, Default)]
struct Panics(Arc<Mutex<u32>>);

impl Observer for Panics {
    fn on_attempt(&self, _: &AttemptEvent<'_>) {
        *self.0.lock().unwrap() += 1;
        panic!("the observer of attempts panics");
    }

    fn on_call(&self, _: &CallEvent<'_>) {
        panic!("the observer of calls panics");
    }
}

const CHILD: &str = "SINGLESTORE_MANAGEMENT_TEST_OBSERVER";

/// A second panic during unwinding would abort the process, so a separate process makes the calls.
#[test]
fn an_observer_that_panics_twice_does_not_end_the_process() {
    let name = "telling::an_observer_that_panics_twice_does_not_end_the_process";
    if std::env::var_os(CHILD).is_some() {
        let emulator = Emulator::start().unwrap();
        let observer = Panics::default();
        let client = builder(&emulator).observer(observer.clone()).build().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        // The first panic is the observer's own, and the call is dropped during unwinding.
        let first = runtime.block_on(runtime.spawn({
            let client = client.clone();
            async move { client.regions().list().await.map(drop) }
        }));
        assert!(first.unwrap_err().is_panic());
        // The first one is the program's, and a call under way is dropped during unwinding.
        emulator.inject(Fault::stall(Duration::from_secs(60)));
        let second = runtime.block_on(runtime.spawn(async move {
            let call = client.regions().list().send();
            tokio::select! {
                _ = call => panic!("it waits for the response"),
                () = faults_are_taken(&emulator) => {}
            }
            let mut call = std::pin::pin!(client.regions().list().send());
            std::future::poll_fn(|context| {
                let _ = call.as_mut().poll(context);
                std::task::Poll::Ready(())
            })
            .await;
            panic!("the program panics");
        }));
        assert!(second.unwrap_err().is_panic());
        assert_eq!(*observer.0.lock().unwrap(), 1, "the first call had an attempt");
        return println!("it lives");
    }
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    let output = child.args(["--exact", name, "--nocapture"]).env(CHILD, "1").output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && out.contains("it lives"), "{:?}\n{out}\n{err}", output.status);
    // The control: the panics did happen.
    assert!(err.contains("observer of attempts panics") && err.contains("observer of calls panics"), "{err}");
}

#[tokio::test]
async fn the_path_of_a_wait_on_a_list_includes_the_group_id() {
    let emulator = Emulator::builder().polls_until_ready(0).start().unwrap();
    let group: WorkspaceGroupId = emulator.insert_workspace_group(json!({"name": "g"})).unwrap().parse().unwrap();
    emulator.set_state(group.as_str(), "FAILED");
    let waiter = client(&emulator).workspace_groups().wait_until_ready(group);
    let error = waiter.with_poll_interval(Duration::from_millis(1), Duration::from_millis(2)).await.unwrap_err();
    assert_eq!(error.path(), Some(format!("/v1/workspaceGroups/{group}").as_str()), "{error}");
}
