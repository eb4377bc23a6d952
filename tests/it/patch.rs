//! What a change puts on the wire, byte for byte.

use singlestore_management::Patch;
use singlestore_management::types::{ClusterUpdate, WorkspaceGroupCreate, WorkspaceGroupUpdate};
use singlestore_management_emulator::Emulator;

use crate::support::client;

fn sent(emulator: &Emulator, operation: &str) -> String {
    let requests = emulator.requests_of(operation);
    String::from_utf8(requests.last().expect("a request").raw_body_with_secrets().to_vec()).unwrap()
}

async fn patched(change: WorkspaceGroupUpdate) -> String {
    let emulator = Emulator::builder().polls_until_ready(0).start().unwrap();
    let id = emulator.insert_workspace_group(serde_json::json!({"name": "g"})).unwrap();
    let id: singlestore_management::WorkspaceGroupId = id.parse().unwrap();
    // Whether the service accepts the change does not matter here, only what it is sent.
    let _ = client(&emulator).workspace_groups().update(id, change).await;
    sent(&emulator, "update_workspace_group")
}

#[tokio::test]
async fn an_empty_firewall_list_reaches_the_wire() {
    let body = patched(WorkspaceGroupUpdate::new().firewall_ranges([] as [&str; 0])).await;
    assert_eq!(body, r#"{"firewallRanges":[]}"#);
}

#[tokio::test]
async fn an_explicit_null_reaches_the_wire() {
    let body = patched(WorkspaceGroupUpdate::new().clear_expires_at().clear_firewall_ranges()).await;
    assert_eq!(body, r#"{"expiresAt":null,"firewallRanges":null}"#);
}

#[tokio::test]
async fn an_untouched_field_does_not_reach_the_wire() {
    assert_eq!(patched(WorkspaceGroupUpdate::new()).await, "{}");
    assert_eq!(patched(WorkspaceGroupUpdate::new().name("new")).await, r#"{"name":"new"}"#);
}

#[tokio::test]
async fn a_password_reaches_the_wire_although_it_is_shown_nowhere() {
    let change = WorkspaceGroupUpdate::new().admin_password("Canary-pass-9x!");
    assert!(!format!("{change:?}").contains("Canary"));
    assert_eq!(patched(change).await, r#"{"adminPassword":"Canary-pass-9x!"}"#);
}

#[tokio::test]
async fn the_empty_list_of_a_creation_reaches_the_wire_and_optional_fields_do_not() {
    let emulator = Emulator::start().unwrap();
    let _ = client(&emulator).workspace_groups().create(WorkspaceGroupCreate::new("g", [] as [&str; 0])).await;
    assert_eq!(sent(&emulator, "create_workspace_group"), r#"{"firewallRanges":[],"name":"g"}"#);
}

#[test]
fn whole_numbers_are_sent_without_a_fraction() {
    let change = ClusterUpdate::new().cache_config(2);
    assert_eq!(serde_json::to_string(&change).unwrap(), r#"{"cacheConfig":2}"#);
}

#[test]
fn the_three_states_survive_a_round_trip() {
    for text in ["{}", r#"{"expiresAt":null}"#, r#"{"expiresAt":"3h30m"}"#] {
        let change: WorkspaceGroupUpdate = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&change).unwrap(), text);
    }
    let change: WorkspaceGroupUpdate = serde_json::from_str(r#"{"expiresAt":null}"#).unwrap();
    assert_eq!(change.expires_at, Patch::Null);
    assert_eq!(change.name, Patch::Absent);
}
