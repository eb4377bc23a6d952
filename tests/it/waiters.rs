//! Waiting for states that flap, fail, lag, or never come.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use singlestore_management::types::{
    ClusterCreate, ClusterSizeConfig, WorkspaceCreate, WorkspaceGroupState, WorkspaceState,
};
use singlestore_management::{Client, ErrorKind, RetryPolicy, Waiter, WorkspaceGroupId, WorkspaceId};
use singlestore_management_emulator::{Emulator, Fault};

struct Stand {
    emulator: Emulator,
    client: Client,
    group: WorkspaceGroupId,
    workspace: WorkspaceId,
}

fn stand() -> Stand {
    let emulator = Emulator::builder().polls_until_ready(2).start().unwrap();
    let client = Client::builder()
        .base_url(emulator.url())
        .api_key(emulator.api_key())
        .retry(RetryPolicy::none())
        .build()
        .unwrap();
    let group = emulator.insert_workspace_group(json!({"name": "g"})).unwrap();
    let workspace = emulator.insert_workspace(json!({"name": "w", "workspaceGroupID": group})).unwrap();
    Stand { client, group: group.parse().unwrap(), workspace: workspace.parse().unwrap(), emulator }
}

fn quick<T: Clone + Send + Sync + 'static>(waiter: Waiter<T>) -> Waiter<T> {
    waiter.with_poll_interval(Duration::from_millis(1), Duration::from_millis(2)).with_deadline(Duration::from_secs(20))
}

#[tokio::test]
async fn a_flapping_state_is_not_believed_until_it_is_stable() {
    let stand = stand();
    let id = stand.workspace.to_string();
    let script = ["PENDING", "ACTIVE", "PENDING", "ACTIVE", "ACTIVE", "PENDING", "ACTIVE", "ACTIVE", "ACTIVE"];
    assert!(stand.emulator.script_states(&id, script));
    stand.emulator.clear_requests();
    let states = Arc::new(Mutex::new(Vec::new()));
    let seen = states.clone();
    let workspace = quick(stand.client.workspaces().wait_until_ready(stand.workspace))
        .with_progress(move |progress| seen.lock().unwrap().push(progress.state.to_owned()))
        .await
        .unwrap();
    assert_eq!(workspace.state, WorkspaceState::Active);
    let states = states.lock().unwrap();
    assert_eq!(states.len(), script.len(), "{states:?}");
    assert_eq!(stand.emulator.requests_of("get_workspace").len(), script.len());
}

#[tokio::test]
async fn a_persistent_failure_ends_the_wait_and_keeps_the_value() {
    let stand = stand();
    stand.emulator.set_state(stand.workspace.as_str(), "FAILED");
    let error = quick(stand.client.workspaces().wait_until_ready(stand.workspace)).await.unwrap_err();
    println!("{error}");
    assert_eq!(error.kind(), ErrorKind::WaitFailed);
    let last = error.last_value::<singlestore_management::types::Workspace>().expect("the last value");
    assert_eq!((last.state.as_str(), last.workspace_id), ("FAILED", stand.workspace));
    assert_eq!(error.operation(), Some("get_workspace"));
}

#[tokio::test]
async fn a_transient_failure_does_not_end_the_wait() {
    let stand = stand();
    let id = stand.workspace.to_string();
    assert!(stand.emulator.script_states(&id, ["PENDING", "FAILED", "FAILED", "PENDING", "ACTIVE"]));
    quick(stand.client.workspaces().wait_until_ready(stand.workspace)).await.unwrap();
}

#[tokio::test]
async fn a_timeout_reports_what_was_seen_last() {
    let stand = stand();
    stand.emulator.set_state(stand.workspace.as_str(), "SUSPENDED");
    let waiter = stand.client.workspaces().wait_until_ready(stand.workspace);
    let pace = Duration::from_millis(50);
    let error = waiter.with_poll_interval(pace, pace).with_deadline(Duration::from_secs(2)).await.unwrap_err();
    println!("{error}");
    assert_eq!(error.kind(), ErrorKind::WaitTimedOut);
    assert!(error.is_timeout() && error.to_string().contains("SUSPENDED"), "{error}");
    assert!(error.last_value::<singlestore_management::types::Workspace>().is_some());
}

#[tokio::test]
async fn transient_errors_are_tolerated_and_others_are_not() {
    let stand = stand();
    stand.emulator.inject(Fault::status(503).body("try later").times(3));
    stand.emulator.inject(Fault::reset().times(2));
    quick(stand.client.workspaces().wait_until_ready(stand.workspace)).await.unwrap();

    stand.emulator.inject(Fault::status(503).body("try later").times(3));
    let waiter =
        quick(stand.client.workspaces().wait_until_ready(stand.workspace)).with_error_tolerance(Duration::ZERO);
    let error = waiter.await.unwrap_err();
    assert_eq!(error.status().map(|s| s.as_u16()), Some(503));
    stand.emulator.clear_faults();

    stand.emulator.inject(Fault::status(403).body("no"));
    let error = quick(stand.client.workspaces().wait_until_ready(stand.workspace)).await.unwrap_err();
    assert!(error.is_forbidden(), "{error}");
}

#[tokio::test]
async fn a_new_resource_that_is_not_visible_yet_is_waited_for() {
    let stand = stand();
    stand.emulator.inject(Fault::status(404).body("workspace not found").times(4));
    quick(stand.client.workspaces().wait_until_ready(stand.workspace)).await.unwrap();
    stand.emulator.inject(Fault::status(404).body("workspace not found"));
    let error = quick(stand.client.workspaces().wait_until_terminated(stand.workspace)).await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
}

#[tokio::test]
async fn a_resource_that_vanishes_during_the_wait_for_its_termination_is_terminated() {
    let stand = stand();
    stand.emulator.set_state(stand.workspace.as_str(), "ACTIVE");
    stand.emulator.inject(Fault::status(404).body("workspace not found").always().after(1));
    let last = quick(stand.client.workspaces().wait_until_terminated(stand.workspace)).await.unwrap();
    assert_eq!(last.state, WorkspaceState::Active, "the last value that was seen");
}

#[tokio::test]
async fn a_group_that_stays_pending_is_accepted_if_the_caller_says_so() {
    let stand = stand();
    stand.emulator.set_state(stand.group.as_str(), "PENDING");
    let states = [WorkspaceGroupState::Active, WorkspaceGroupState::Pending];
    let group = quick(stand.client.workspace_groups().wait_for(stand.group, states)).await.unwrap();
    assert_eq!(group.state, WorkspaceGroupState::Pending);
}

#[tokio::test]
async fn ready_means_an_endpoint_and_after_it_the_firewall() {
    let emulator = Emulator::builder().polls_until_ready(2).polls_until_settled(3).start().unwrap();
    let client = Client::builder().base_url(emulator.url()).api_key(emulator.api_key()).build().unwrap();
    let project = client.projects().list().await.unwrap().remove(0).project_id;
    let region = client.regions().list_v2().await.unwrap().remove(0);
    let body =
        ClusterCreate::new("c", ["0.0.0.0/0"], project, region.region_name, ClusterSizeConfig::new().size("S-00"))
            .provider(region.provider);
    let created = client.clusters().create(body).await.unwrap();
    let states = Arc::new(Mutex::new(Vec::new()));
    let seen = states.clone();
    let cluster = quick(client.clusters().wait_until_firewall(created.cluster_id, ["0.0.0.0/0"]))
        .with_progress(move |progress| seen.lock().unwrap().push(progress.state.to_owned()))
        .await
        .unwrap();
    assert!(cluster.endpoint.is_some());
    assert_eq!(cluster.allow_all_traffic, Some(true));
    let states = states.lock().unwrap();
    let first =
        |text: &str| states.iter().position(|state| state.contains(text)).unwrap_or_else(|| panic!("{states:?}"));
    assert!(first("PENDING") < first("without an endpoint"));
    assert!(first("without an endpoint") < first("firewall other than"), "{states:?}");
    assert_eq!(states.last().map(String::as_str), Some("ACTIVE"));
}

#[tokio::test]
async fn suspended_resumed_resized_and_terminated_are_waited_for() {
    let stand = stand();
    let workspaces = stand.client.workspaces();
    let created = workspaces.create(WorkspaceCreate::new("tenant", stand.group).size("S-00")).await.unwrap();
    let id = created.workspace_id;
    quick(workspaces.wait_until_ready(id)).await.unwrap();
    workspaces.update(id, singlestore_management::types::WorkspaceUpdate::new().size("S-1")).await.unwrap();
    assert_eq!(quick(workspaces.wait_until_resized(id, "S-1")).await.unwrap().size.as_deref(), Some("S-1"));
    workspaces.suspend(id).await.unwrap();
    let suspended = quick(workspaces.wait_until_suspended(id)).await.unwrap();
    assert_eq!(suspended.endpoint, None, "a suspended workspace has no endpoint");
    workspaces.resume(id).await.unwrap();
    quick(workspaces.wait_until_ready(id)).await.unwrap();
    workspaces.terminate(id).await.unwrap();
    let gone = quick(workspaces.wait_until_terminated(id)).await.unwrap();
    assert!(gone.terminated_at.is_some_and(|at| at.is_set()));
}

#[tokio::test]
async fn dropping_a_wait_stops_the_polling() {
    let stand = stand();
    stand.emulator.set_state(stand.workspace.as_str(), "PENDING");
    let polls = Arc::new(AtomicU32::new(0));
    let counted = polls.clone();
    let waiter = quick(stand.client.workspaces().wait_until_suspended(stand.workspace)).with_progress(move |_| {
        counted.fetch_add(1, Ordering::Relaxed);
    });
    tokio::select! {
        _ = std::future::IntoFuture::into_future(waiter) => panic!("the wait cannot end"),
        () = async { while polls.load(Ordering::Relaxed) < 3 { tokio::task::yield_now().await } } => {}
    }
    let after = polls.load(Ordering::Relaxed);
    let sent = stand.emulator.requests().len();
    stand.client.regions().list().await.unwrap();
    assert_eq!(polls.load(Ordering::Relaxed), after);
    assert!(stand.emulator.requests().len() <= sent + 2, "one poll may have been under way");
}
