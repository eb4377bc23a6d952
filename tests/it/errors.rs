//! Every error that a caller can meet, printed as the caller would see it.

use std::time::Duration;

use singlestore_management::types::{ClusterCreate, ClusterSizeConfig, WorkspaceGroupCreate};
use singlestore_management::{Client, ClientBuilder, Error, ErrorKind, RetryPolicy, WorkspaceId};
use singlestore_management_emulator::{Emulator, Fault};

use crate::support::{self, faults_are_taken};

fn builder(emulator: &Emulator) -> ClientBuilder {
    support::builder(emulator).retry(RetryPolicy::none())
}

fn unknown() -> WorkspaceId {
    "3f2504e0-4f89-41d3-9a0c-0305e82c3301".parse().unwrap()
}

async fn create_group(client: &Client, name: &str) -> Result<(), Error> {
    let region = client.regions().list().await?.remove(0).region_id;
    client.workspace_groups().create(WorkspaceGroupCreate::new(name, ["10.0.0.0/8"]).region_id(region)).await.map(drop)
}

/// Prints the error, and checks that it names the operation and what to do.
fn shows(what: &str, error: &Error, operation: &str, kind: ErrorKind, words: &[&str]) {
    println!("{what}:\n    {error}");
    assert_eq!(error.kind(), kind, "{what}: {error}");
    assert_eq!(error.operation(), Some(operation), "{what}");
    let shown = error.to_string();
    for word in [operation].iter().chain(words) {
        assert!(shown.contains(word), "{what}: {word:?} is missing in {shown}");
    }
    assert!(!shown.contains('\n'), "{what}: one line");
}

#[tokio::test]
async fn each_failure_of_the_service_says_what_happened_and_what_to_do() {
    let emulator = Emulator::builder().polls_until_ready(0).start().unwrap();
    let client = builder(&emulator).build().unwrap();

    let stranger = builder(&emulator).api_key("canary-wrong-key").build().unwrap();
    let error = stranger.regions().list().await.unwrap_err();
    shows("wrong key", &error, "list_regions", ErrorKind::Api, &["401", "expired or revoked"]);
    assert!(error.is_unauthorized() && !format!("{error:?}").contains("canary"));

    let error = client.workspaces().get(unknown()).await.unwrap_err();
    shows("unknown id", &error, "get_workspace", ErrorKind::Api, &["404", "never existed"]);
    assert!(error.is_not_found() && !error.is_invalid_id());

    let error = client.request("GET", "/v1/workspaces/not-an-id").send().await.unwrap_err();
    shows("malformed id, by the service", &error, "request", ErrorKind::Api, &["400", "not a UUID"]);
    assert!(error.is_not_found() && error.is_invalid_id());
    let error = Error::from("not-an-id".parse::<WorkspaceId>().unwrap_err());
    println!("malformed id, by the type:\n    {error}");
    assert!(error.to_string().contains("workspace id") && error.kind() == ErrorKind::InvalidRequest);

    create_group(&client, "taken").await.unwrap();
    let error = create_group(&client, "taken").await.unwrap_err();
    shows("name collision", &error, "create_workspace_group", ErrorKind::Api, &["already exists", "find_by_name"]);
    assert!(error.is_already_exists() && !error.is_retryable());

    emulator.no_credits(true);
    let error = create_group(&client, "poor").await.unwrap_err();
    shows("no credits", &error, "create_workspace_group", ErrorKind::Api, &["403", "no active plan", "billing"]);
    assert!(error.is_out_of_credits() && !error.is_forbidden());
    emulator.no_credits(false);

    emulator.hold_creation_lock(1);
    let error = create_group(&client, "locked").await.unwrap_err();
    shows("organization lock", &error, "create_workspace_group", ErrorKind::Api, &["nothing was created"]);
    assert!(error.is_lock_conflict() && error.is_retryable());

    emulator.inject(Fault::status(429).body("Too many requests").header("Retry-After", "7"));
    let error = client.regions().list().await.unwrap_err();
    shows("429", &error, "list_regions", ErrorKind::Api, &["429", "slow down"]);
    assert!(error.is_rate_limited() && error.retry_after() == Some(Duration::from_secs(7)));

    emulator.inject(Fault::status(500).body("pq: deadlock detected"));
    let error = client.regions().list().await.unwrap_err();
    shows("500 with plain text", &error, "list_regions", ErrorKind::Api, &["500", "pq: deadlock detected"]);
    assert_eq!(error.server_message(), Some("pq: deadlock detected"));

    emulator.inject(Fault::status(500).body("\"a sentence in quotes\"").content_type("application/json"));
    let error = client.regions().list().await.unwrap_err();
    shows(
        "500 with a JSON text",
        &error,
        "list_regions",
        ErrorKind::Api,
        &["500 Internal Server Error: a sentence in quotes"],
    );

    emulator.inject(Fault::status(500));
    let error = client.regions().list().await.unwrap_err();
    shows("500 without a body", &error, "list_regions", ErrorKind::Api, &["empty response body"]);

    emulator.inject(Fault::proxy_page(502));
    let error = client.regions().list().await.unwrap_err();
    shows("HTML from a proxy", &error, "list_regions", ErrorKind::Api, &["502", "HTML", "proxy"]);
    assert!(error.server_message().unwrap().contains("<html"), "the page itself is kept");

    let project = client.projects().list().await.unwrap().remove(0).project_id;
    let cluster = ClusterCreate::new("Not_A_Name", [] as [&str; 0], project, "us-east-1", ClusterSizeConfig::new());
    let error = client.clusters().create(cluster.provider("AWS")).await.unwrap_err();
    shows("refused by validation", &error, "create_cluster", ErrorKind::Api, &["400"]);
}

#[tokio::test]
async fn each_failure_on_the_way_says_what_happened_and_what_to_do() {
    let emulator = Emulator::start().unwrap();
    let client = builder(&emulator).build().unwrap();

    emulator.inject(Fault::cut_json());
    let error = client.regions().list().await.unwrap_err();
    shows("truncated JSON", &error, "list_regions", ErrorKind::Decode, &["ends in the middle", "itself succeeded"]);

    emulator.inject(Fault::empty_body());
    let error = client.regions().list().await.unwrap_err();
    shows("empty body", &error, "list_regions", ErrorKind::Decode, &["empty body", "itself succeeded"]);

    emulator.inject(Fault::truncated());
    let error = client.regions().list().await.unwrap_err();
    shows("truncated body", &error, "list_regions", ErrorKind::Transport, &["may be repeated"]);

    let nowhere = builder(&emulator).base_url(emulator.refused_url()).build().unwrap();
    let error = nowhere.regions().list().await.unwrap_err();
    shows("connection refused", &error, "list_regions", ErrorKind::Connect, &["refused", "nothing was sent"]);
    assert!(error.is_connect() && !error.is_outcome_unknown());

    emulator.inject(Fault::stall(Duration::from_secs(3_600)));
    let hasty = builder(&emulator).read_timeout(Duration::from_secs(1)).build().unwrap();
    let error = hasty.regions().list().await.unwrap_err();
    shows("timeout while nothing comes", &error, "list_regions", ErrorKind::Timeout, &["nothing for 1.0s"]);
    faults_are_taken(&emulator).await;

    emulator.inject(Fault::stall(Duration::from_secs(3_600)));
    let error = client.regions().list().with_deadline(Duration::from_secs(1)).await.unwrap_err();
    shows("timeout of the whole call", &error, "list_regions", ErrorKind::Timeout, &["deadline of 1.0s"]);
    faults_are_taken(&emulator).await;

    emulator.inject(Fault::reset());
    let error = client.workspaces().suspend(unknown()).await.unwrap_err();
    shows("a broken POST", &error, "suspend_workspace", ErrorKind::Transport, &["unknown", "before you repeat"]);
    assert!(error.is_outcome_unknown());
    let root = std::iter::successors(std::error::Error::source(&error), |cause| cause.source()).last();
    assert!(root.is_some(), "the cause is kept");

    emulator.inject(Fault::oversize(2));
    let small = builder(&emulator).max_response_bytes(1 << 20).build().unwrap();
    let error = small.regions().list().await.unwrap_err();
    shows("too large", &error, "list_regions", ErrorKind::TooLarge, &["1048576", "max_response_bytes"]);

    emulator.inject(Fault::redirect(302, "https://other.example.com/?sig=canary"));
    let error = client.workspaces().suspend(unknown()).await.unwrap_err();
    shows("a redirected POST", &error, "suspend_workspace", ErrorKind::Redirect, &["only reads"]);
    assert!(!format!("{error} {error:?}").contains("canary"));
}

#[tokio::test]
async fn a_path_argument_that_would_name_another_path_is_refused_before_it_is_sent() {
    use singlestore_management::requests::GetRole;
    let emulator = Emulator::start().unwrap();
    let client = builder(&emulator).build().unwrap();
    for value in ["", ".", "..", "a/../b", "a\\b", "a\nb"] {
        let error = client.send(GetRole::new("Team", value)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{value:?}");
        assert_eq!(error.operation(), Some("get_role"));
        println!("path argument {value:?}:\n    {error}");
    }
    assert!(emulator.requests().is_empty());
    // The positive control: an odd name that is harmless goes through, encoded.
    let _ = client.send(GetRole::new("Team", "night shift/50%")).await;
    assert_eq!(emulator.requests()[0].path, "/v1/roles/Team/night%20shift%2F50%25");
}

#[tokio::test]
async fn a_request_that_cannot_be_built_is_refused_before_it_is_sent() {
    let emulator = Emulator::start().unwrap();
    let client = support::client(&emulator);
    let request = singlestore_management::requests::UploadFile::new("shared", "a.txt", "text/plain\r\nX: y", "content");
    let error = request.with_client(&client).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(error.to_string().contains("the request cannot be built"), "{error}");
    assert!(!error.to_string().contains("X: y") && emulator.requests().is_empty(), "{error}");
}
