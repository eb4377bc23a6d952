//! What a trace and an observer see of a call. In a separate process: a `tracing` callsite asks about interest only once for all
//! threads, and other tests have no interest.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use singlestore_management::types::WorkspaceGroupCreate;
use singlestore_management::{AttemptEvent, CallEvent, ClientBuilder, ErrorKind, Observer};
use singlestore_management_emulator::{Emulator, Fault};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

#[allow(dead_code, reason = "the other binary uses the rest")]
#[path = "it/support.rs"]
mod support;

use support::{faults_are_taken, quick_retries};

/// One span or event, with everything that was ever recorded on it.
#[derive(Clone, Debug, Default)]
struct Seen {
    name: String,
    level: Option<Level>,
    fields: BTreeMap<String, String>,
}

impl Visit for Seen {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.fields.insert(field.name().to_owned(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.fields.insert(field.name().to_owned(), format!("{value:?}"));
    }
}

/// Keeps every span and event of this crate.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<Seen>>>);

impl Collector {
    fn named(&self, name: &str) -> Vec<Seen> {
        self.0.lock().unwrap().iter().filter(|seen| seen.name == name).cloned().collect()
    }

    fn messages(&self, text: &str) -> Vec<Seen> {
        let all = self.0.lock().unwrap();
        all.iter().filter(|seen| seen.fields.get("message").is_some_and(|have| have.contains(text))).cloned().collect()
    }
}

impl Subscriber for Collector {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("singlestore_management")
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let metadata = attributes.metadata();
        let mut seen =
            Seen { name: metadata.name().to_owned(), level: Some(*metadata.level()), fields: BTreeMap::new() };
        attributes.record(&mut seen);
        let mut all = self.0.lock().unwrap();
        all.push(seen);
        Id::from_u64(all.len() as u64)
    }

    fn record(&self, id: &Id, values: &Record<'_>) {
        let mut all = self.0.lock().unwrap();
        values.record(&mut all[usize::try_from(id.into_u64()).unwrap() - 1]);
    }

    fn event(&self, event: &Event<'_>) {
        let mut seen =
            Seen { name: "event".to_owned(), level: Some(*event.metadata().level()), fields: BTreeMap::new() };
        event.record(&mut seen);
        self.0.lock().unwrap().push(seen);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

fn builder(emulator: &Emulator) -> ClientBuilder {
    support::builder(emulator).retry(quick_retries())
}

#[tokio::test]
async fn calls_and_attempts_have_spans_with_opentelemetry_names() {
    let collector = Collector::default();
    let _guard = tracing::subscriber::set_default(collector.clone());
    // Other tests may have met the spans before, with a subscriber that did not want them.
    tracing::callsite::rebuild_interest_cache();
    let emulator = Emulator::start().unwrap();
    let client = builder(&emulator).build().unwrap();
    let group = emulator.insert_workspace_group(serde_json::json!({"name": "g"})).unwrap();
    emulator.inject(Fault::status(503).times(2).on_operation("get_workspace_group"));
    let id: singlestore_management::WorkspaceGroupId = group.parse().unwrap();
    client.workspace_groups().get(id).await.unwrap();

    let calls = collector.named("singlestore.call");
    assert_eq!(calls.len(), 1);
    let path = format!("/v1/workspaceGroups/{group}");
    let port = emulator.url().rsplit(':').next().unwrap().to_owned();
    for (name, value) in [
        ("otel.name", "GET /v1/workspaceGroups/{workspaceGroupID}"),
        ("otel.kind", "internal"),
        ("singlestore.operation", "get_workspace_group"),
        ("http.request.method", "GET"),
        ("url.template", "/v1/workspaceGroups/{workspaceGroupID}"),
        ("url.path", path.as_str()),
        ("server.address", "127.0.0.1"),
        ("server.port", port.as_str()),
        ("http.response.status_code", "200"),
        ("singlestore.attempts", "3"),
    ] {
        assert_eq!(calls[0].fields.get(name).map(String::as_str), Some(value), "{name}: {calls:?}");
    }
    assert!(!calls[0].fields.contains_key("error.type"), "{calls:?}");

    let attempts = collector.named("singlestore.attempt");
    let column = |name: &str| attempts.iter().map(|seen| seen.fields.get(name).cloned()).collect::<Vec<_>>();
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(column("http.response.status_code"), [some("503"), some("503"), some("200")]);
    assert_eq!(column("error.type"), [some("503"), some("503"), None]);
    assert_eq!(column("http.request.resend_count"), [None, some("1"), some("2")]);
    assert_eq!(column("singlestore.retry.reason"), [None, some("server failure"), some("server failure")]);
    assert_eq!(column("otel.kind"), [some("client"), some("client"), some("client")]);
    assert!(column("http.response.body.size").iter().all(Option::is_some));
    assert_eq!(collector.messages("trying again").len(), 2);
    assert!(column("url.path").iter().all(|seen| seen.as_ref() == Some(&path)), "{attempts:?}");
    // Paths name resources; queries may hold anything.
    client.request("GET", "/v1/regions").query("fields", "canary").send().await.unwrap();
    assert_eq!(emulator.requests().last().unwrap().query_value("fields"), Some("canary"));
    let all = format!("{:?}", collector.0.lock().unwrap());
    assert!(all.contains("/v1/regions") && !all.contains("canary"), "a query is not logged");
}

#[tokio::test]
async fn a_wait_for_the_lock_is_logged_at_info() {
    let collector = Collector::default();
    let _guard = tracing::subscriber::set_default(collector.clone());
    // Other tests may have met the spans before, with a subscriber that did not want them.
    tracing::callsite::rebuild_interest_cache();
    let emulator = Emulator::start().unwrap();
    let client = builder(&emulator).build().unwrap();
    let region = client.regions().list().await.unwrap().remove(0).region_id;
    emulator.hold_creation_lock(2);
    let body = WorkspaceGroupCreate::new("g", ["203.0.113.0/24"]).region_id(region);
    client.workspace_groups().create(body).await.unwrap();
    let lines = collector.messages("another creation holds the organization lock");
    assert_eq!(lines.len(), 2);
    assert!(lines.iter().all(|line| line.level == Some(Level::INFO) && line.fields.contains_key("delay_ms")));
}

#[tokio::test]
async fn each_poll_of_a_waiter_reports_the_resource_and_its_state() {
    let collector = Collector::default();
    let _guard = tracing::subscriber::set_default(collector.clone());
    // Other tests may have met the spans before, with a subscriber that did not want them.
    tracing::callsite::rebuild_interest_cache();
    let emulator = Emulator::start().unwrap();
    let client = builder(&emulator).build().unwrap();
    let group = emulator.insert_workspace_group(serde_json::json!({"name": "g"})).unwrap();
    let workspace = serde_json::json!({"name": "w", "workspaceGroupID": group});
    let workspace = emulator.insert_workspace(workspace).unwrap();
    assert!(emulator.script_states(&workspace, ["PENDING", "ACTIVE", "ACTIVE", "ACTIVE"]));
    let (id, pace): (singlestore_management::WorkspaceId, _) = (workspace.parse().unwrap(), Duration::from_millis(1));
    client.workspaces().wait_until_ready(id).with_poll_interval(pace, pace).await.unwrap();

    let events: Vec<_> = collector.messages("waiting").into_iter().filter(|seen| seen.name == "event").collect();
    let column = |name: &str| events.iter().map(|seen| seen.fields.get(name).cloned()).collect::<Vec<_>>();
    assert!(events.len() > 1 && events.iter().all(|seen| seen.level == Some(Level::DEBUG)), "{events:?}");
    let resource = format!("workspace {workspace}");
    assert!(column("resource").iter().all(|seen| seen.as_ref() == Some(&resource)), "{events:?}");
    assert_eq!(column("state").first(), Some(&Some("PENDING".to_owned())));
    assert_eq!(column("state").last(), Some(&Some("ACTIVE".to_owned())));
    let polls: Vec<_> = (1..=events.len()).map(|number| Some(number.to_string())).collect();
    assert_eq!(column("polls"), polls);
}

/// `tracing` calls the module of an event `target`; many subscribers write it instead of a field of that name, which is lost.
#[test]
fn no_span_or_event_has_a_field_named_target() {
    let (mut calls, mut folders) = (Vec::new(), vec![std::path::PathBuf::from("src")]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ext| ext == "rs") {
                calls.extend(tracing_calls(&std::fs::read_to_string(path).unwrap()));
            }
        }
    }
    assert!(calls.len() > 10, "{calls:?}");
    assert!(calls.iter().any(|call| has_field(call, "operation")), "{calls:?}");
    for call in calls {
        assert!(!has_field(&call, "target"), "{call}");
    }
    let named = ["x!(target = 1)", "x!(a, %target, \"text\")", "x!(a = 1, target)", "x!(\"target\" = 1)"];
    assert!(named.iter().all(|call| has_field(call, "target")));
    let others = [
        "x!(target: \"a\", b)",
        "x!(\"the target\")",
        "x!(\"target\")",
        "x!(a = target)",
        "x!(url.target = 1, target.url = 2)",
    ];
    assert!(!others.iter().any(|call| has_field(call, "target")));
}

/// Every call of a macro of `tracing`.
fn tracing_calls(code: &str) -> Vec<String> {
    let starts = code.match_indices("tracing::").filter(|(at, _)| {
        let name = code[at + "tracing::".len()..].trim_start_matches(|c: char| c.is_ascii_lowercase() || c == '_');
        name.starts_with("!(")
    });
    let call = |at: usize| {
        let (mut depth, mut quoted) = (0, false);
        let end = code[at..].char_indices().find(|(_, c)| {
            quoted ^= *c == '"';
            depth += match c {
                '(' if !quoted => 1,
                ')' if !quoted => -1,
                _ => 0,
            };
            *c == ')' && depth == 0
        });
        code[at..=at + end.unwrap().0].to_owned()
    };
    starts.map(|(at, _)| call(at)).collect()
}

/// Whether a call has a field of this name, by itself or with a value.
fn has_field(call: &str, name: &str) -> bool {
    let inner = call.split_once('(').unwrap().1.trim_end_matches(')');
    inner.split(',').any(|part| {
        let field = part.trim().trim_start_matches(['%', '?']);
        let quoted = field.strip_prefix('"').and_then(|field| field.strip_prefix(name)?.strip_prefix('"'));
        quoted.map_or_else(
            || field.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.trim_start().starts_with('=')),
            |rest| rest.trim_start().starts_with('='),
        )
    })
}

#[tokio::test]
async fn a_failure_is_identified_by_its_status_or_its_kind() {
    let collector = Collector::default();
    let _guard = tracing::subscriber::set_default(collector.clone());
    // Other tests may have met the spans before, with a subscriber that did not want them.
    tracing::callsite::rebuild_interest_cache();
    let emulator = Emulator::start().unwrap();
    let client = builder(&emulator).build().unwrap();
    emulator.inject(Fault::status(403));
    client.regions().list().await.unwrap_err();
    let down = builder(&emulator).base_url(emulator.refused_url()).build().unwrap();
    down.regions().list().await.unwrap_err();
    let types: Vec<_> =
        collector.named("singlestore.call").iter().map(|c| c.fields.get("error.type").cloned()).collect();
    assert_eq!(types, [Some("403".to_owned()), Some("connect".to_owned())]);
}

/// Number, status, bytes out, bytes in, reason for the retry.
type Attempt = (u32, Option<u16>, u64, u64, Option<String>);
/// Operation, path, attempts, status, failure, dropped.
type Call = (&'static str, String, u32, Option<u16>, Option<ErrorKind>, bool);

#[derive(Debug, Default)]
struct Counting {
    attempts: Mutex<Vec<Attempt>>,
    /// The hosts of attempts that went elsewhere, and everything that the events say.
    elsewhere: Mutex<Vec<(Option<String>, String)>>,
    calls: Mutex<Vec<Call>>,
}

#[derive(Clone, Debug, Default)]
struct Shared(Arc<Counting>);

impl Observer for Shared {
    fn on_attempt(&self, event: &AttemptEvent<'_>) {
        let (status, retry) = (event.status.map(|status| status.as_u16()), event.retry.map(str::to_owned));
        assert!(event.path.starts_with("/v1/"), "{event:?}");
        let row = (event.attempt, status, event.request_bytes, event.response_bytes, retry);
        self.0.attempts.lock().unwrap().push(row);
        self.0.elsewhere.lock().unwrap().push((event.host.map(str::to_owned), format!("{event:?}")));
    }

    fn on_call(&self, event: &CallEvent<'_>) {
        let status = event.status.map(|status| status.as_u16());
        let row = (event.operation.id, event.path.to_owned(), event.attempts, status, event.error, event.dropped);
        self.0.calls.lock().unwrap().push(row);
    }
}

#[tokio::test]
async fn an_observer_counts_attempts_bytes_retries_and_dropped_calls() {
    let emulator = Emulator::start().unwrap();
    let observer = Shared::default();
    let client = builder(&emulator).observer(observer.clone()).build().unwrap();
    emulator.inject(Fault::status(503).body("busy"));
    client.regions().list().await.unwrap();
    let attempts = observer.0.attempts.lock().unwrap().clone();
    assert_eq!(attempts[0], (1, Some(503), 0, 4, Some("server failure".to_owned())));
    assert!(matches!(attempts[1], (2, Some(200), 0, bytes, None) if bytes > 100), "{attempts:?}");

    let body = serde_json::json!({"name": "x"});
    client.request("POST", "/v1/teams").json(&body).send().await.unwrap();
    assert_eq!(observer.0.attempts.lock().unwrap()[2].2, body.to_string().len() as u64);

    emulator.inject(Fault::stall(Duration::from_secs(3_600)));
    tokio::select! {
        outcome = async { client.regions().list().await } => panic!("it waits for the response: {outcome:?}"),
        () = faults_are_taken(&emulator) => {}
    }
    emulator.inject(Fault::status(400));
    client.regions().list().await.unwrap_err();
    let calls = observer.0.calls.lock().unwrap().clone();
    assert_eq!(
        calls,
        [
            ("list_regions", "/v1/regions".into(), 2, Some(200), None, false),
            ("request", "/v1/teams".into(), 1, Some(200), None, false),
            ("list_regions", "/v1/regions".into(), 1, None, None, true),
            ("list_regions", "/v1/regions".into(), 1, Some(400), Some(ErrorKind::Api), false),
        ]
    );
}

#[tokio::test]
async fn an_observer_is_told_of_uploads_and_of_requests_to_the_storage() {
    let emulator = Emulator::start().unwrap();
    let observer = Shared::default();
    let client = builder(&emulator).observer(observer.clone()).build().unwrap();
    let group = emulator.insert_workspace_group(serde_json::json!({"name": "g"})).unwrap();
    let group: singlestore_management::WorkspaceGroupId = group.parse().unwrap();
    let content = vec![1; 100_000];
    let body = singlestore_management::files::UploadBody::from_reader(std::io::Cursor::new(content.clone()), None);
    client.stage().upload(group, "f", body).await.unwrap();
    let put = observer.0.attempts.lock().unwrap().last().cloned().unwrap();
    assert!((100_000..101_000).contains(&put.2) && put.1 == Some(200), "{put:?}");

    observer.0.attempts.lock().unwrap().clear();
    observer.0.elsewhere.lock().unwrap().clear();
    emulator.inject_storage(Fault::close_after_bytes(40_000));
    emulator.inject_storage(Fault::status(503).body("busy"));
    emulator.inject_storage(Fault::status(403));
    assert!(client.stage().download(group, "f").verify_size(false).bytes().await.unwrap() == content);
    let attempts = observer.0.attempts.lock().unwrap().clone();
    let again = |why: &str| Some(why.to_owned());
    let want = [
        (1, Some(200), 0, 0, None),
        (1, Some(200), 0, 40_000, again("interrupted download")),
        (2, Some(503), 0, 0, again("interrupted download")),
        (3, Some(403), 0, 0, again("URL expired")),
        (1, Some(200), 0, 0, None),
        (4, Some(206), 0, 60_000, None),
    ];
    assert_eq!(attempts, want);
    let host = || Some("127.0.0.1".to_owned());
    let (hosts, all): (Vec<_>, Vec<_>) = observer.0.elsewhere.lock().unwrap().iter().cloned().unzip();
    assert_eq!(hosts, [None, host(), host(), host(), None, host()]);
    assert!(all.iter().all(|event| !event.contains("Signature") && !event.contains("http:")), "{all:?}");
}
