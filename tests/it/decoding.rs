//! Responses that are newer or odder than the document: decoded, kept, and written back.

use serde_json::{Value, json};
use singlestore_management::ErrorKind;
use singlestore_management::types::{
    Cluster, OrganizationSecret, SharedTierUpdateUser, Workspace, WorkspaceGroup, WorkspaceState,
};
use singlestore_management_emulator::{Emulator, Fault};

use crate::support::client;

fn workspaces() -> Value {
    json!([{
        "workspaceID": "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
        "workspaceGroupID": "3f2504e0-4f89-41d3-9a0c-0305e82c3302",
        "name": "odd",
        "size": "S-00",
        "state": "HIBERNATING",
        "createdAt": "2026-09-17 14:42:41.445984 +0000 UTC",
        "terminatedAt": "0001-01-01T00:00:00Z",
        "endpoint": null,
        "autoSuspend": { "suspendType": "LUNAR", "idleAfterSeconds": 600.0 },
        "resumeAttachments": null,
        "scaleFactor": 2.0,
        "fromTheFuture": { "a": [1, 2] }
    }])
}

#[tokio::test]
async fn an_unknown_enum_value_an_unknown_field_a_null_and_a_go_time_decode_and_keep_their_text() {
    let emulator = Emulator::start().unwrap();
    emulator.inject(Fault::status(200).content_type("application/json").body(workspaces().to_string()));
    let group: singlestore_management::WorkspaceGroupId = "3f2504e0-4f89-41d3-9a0c-0305e82c3302".parse().unwrap();
    let response = client(&emulator).workspaces().list(group).send().await.unwrap();

    let workspace: &Workspace = &response[0];
    assert_eq!(workspace.state, WorkspaceState::Unrecognized("HIBERNATING".into()));
    assert_eq!(workspace.state.as_str(), "HIBERNATING");
    let created = workspace.created_at.as_ref().unwrap();
    assert_eq!(created.as_str(), "2026-09-17 14:42:41.445984 +0000 UTC");
    assert_eq!(created.unix_seconds(), Some(1_789_656_161));
    assert!(!workspace.terminated_at.as_ref().unwrap().is_set(), "the zero time of Go means: not set");
    assert_eq!(workspace.endpoint, None);
    assert_eq!(workspace.resume_attachments, None);
    let suspend = workspace.auto_suspend.as_ref().unwrap();
    assert_eq!(suspend.idle_after_seconds, Some(600), "a whole number may come as a float");
    // What no type knows is still in the body.
    let body: Value = serde_json::from_slice(response.body()).unwrap();
    assert_eq!(body[0]["fromTheFuture"], json!({"a": [1, 2]}));

    // Written and read again it is identical.
    let written = serde_json::to_value(workspace).unwrap();
    assert_eq!(written["state"], "HIBERNATING");
    assert_eq!(written["createdAt"], "2026-09-17 14:42:41.445984 +0000 UTC");
    assert_eq!(written["autoSuspend"]["suspendType"], "LUNAR");
    let again: Workspace = serde_json::from_value(written.clone()).unwrap();
    assert_eq!(serde_json::to_value(&again).unwrap(), written);
}

#[tokio::test]
async fn lists_of_a_newer_server_decode() {
    let emulator = Emulator::start().unwrap();
    let client = client(&emulator);
    emulator.seed_workspace_groups(3);
    emulator.inject(Fault::newer_server().always());
    let groups: Vec<WorkspaceGroup> = client.workspace_groups().list().await.unwrap();
    assert_eq!(groups.len(), 3);
    assert!(groups.iter().all(|group| group.state.as_str() == "FROM_THE_FUTURE"), "{groups:?}");
    assert!(!client.projects().list().await.unwrap().is_empty());
    assert!(!client.regions().list().await.unwrap().is_empty());
    assert!(!client.regions().list_v2().await.unwrap().is_empty());
    let _: Vec<Cluster> = client.clusters().list().await.unwrap();
}

#[test]
fn known_values_are_read_case_insensitively() {
    use singlestore_management::types::CloudProvider;
    for text in ["Azure", "AZURE", "azure"] {
        assert_eq!(serde_json::from_value::<CloudProvider>(json!(text)).unwrap(), CloudProvider::Azure, "{text}");
    }
    assert_eq!(CloudProvider::Azure.as_str(), "Azure");
    assert!(matches!(CloudProvider::from("Oracle"), CloudProvider::Unrecognized(_)));
}

#[test]
fn a_type_that_was_read_does_not_write_its_secret() {
    let text = json!({"secretID": "3f2504e0-4f89-41d3-9a0c-0305e82c3301", "name": "n", "value": "canary"});
    let secret: OrganizationSecret = serde_json::from_value(text).unwrap();
    assert_eq!(secret.value.as_ref().unwrap().expose(), "canary");
    let (shown, written) = (format!("{secret:?}"), serde_json::to_string(&secret).unwrap());
    assert!(!shown.contains("canary") && !written.contains("canary"), "{shown} {written}");
}

#[tokio::test]
async fn a_response_of_the_wrong_shape_says_where_and_keeps_the_body() {
    let emulator = Emulator::start().unwrap();
    let mut body = workspaces();
    body[0]["size"] = json!({"not": "a text"});
    emulator.inject(Fault::status(200).content_type("application/json").body(body.to_string()));
    let group: singlestore_management::WorkspaceGroupId = "3f2504e0-4f89-41d3-9a0c-0305e82c3302".parse().unwrap();
    let error = client(&emulator).workspaces().list(group).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert_eq!(error.json_path(), Some("$[0].size"));
    assert_eq!(error.status().map(|status| status.as_u16()), Some(200));
    assert_eq!(serde_json::from_slice::<Value>(error.body()).unwrap(), body);
    assert_eq!(error.operation(), Some("list_workspaces"));
}

/// A 200 with this body, whatever is requested.
fn responds(emulator: &Emulator, body: &str) {
    emulator.inject(Fault::status(200).content_type("application/json").body(body.to_owned()));
}

#[tokio::test]
async fn a_list_that_is_null_is_empty_bare_or_wrapped() {
    let emulator = Emulator::start().unwrap();
    let client = client(&emulator);
    for body in ["null", " null\n", "[]"] {
        responds(&emulator, body);
        assert!(client.workspace_groups().list().await.unwrap().is_empty(), "{body}");
    }
    for body in ["null", r#"{"secrets":null}"#, r#"{"requestID":"r-1","secrets":null}"#, r#"{"secrets":[]}"#] {
        responds(&emulator, body);
        assert!(client.secrets().list().await.unwrap().is_empty(), "{body}");
    }
    responds(&emulator, r#"{"secrets":null}"#);
    assert!(client.secrets().list_v2().await.unwrap().secrets.is_empty());
    responds(&emulator, "null");
    assert!(client.projects().find_by_name("p").await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn a_wrapped_resource_is_found_whatever_is_next_to_it() {
    let emulator = Emulator::start().unwrap();
    let client = client(&emulator);
    let id = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";
    let secret = format!(r#"{{"secretID":"{id}","name":"n","value":"v"}}"#);
    for body in [
        secret.clone(),
        format!(r#"{{"secret":{secret}}}"#),
        format!(r#"{{"requestID":"r-1","secret":{secret}}}"#),
        format!(r#"{{"secret":{secret},"orgID":"o","traceID":null}}"#),
        format!(r#"{{"secretID":"{id}","name":"n","secret":"a string of that name"}}"#),
    ] {
        responds(&emulator, &body);
        let id: singlestore_management::SecretId = id.parse().unwrap();
        assert_eq!(client.secrets().get(id).await.unwrap().name, "n", "{body}");
    }
}

#[tokio::test]
async fn a_2xx_means_that_it_happened_whatever_the_body() {
    let emulator = Emulator::start().unwrap();
    let client = client(&emulator);
    let id = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";
    let uuid: singlestore_management::uuid::Uuid = id.parse().unwrap();
    let object = format!(r#"{{"workspaceID":"{id}"}}"#);
    for body in ["", "{}", "null", "OK", "true", object.as_str()] {
        let mut called = 0;
        macro_rules! happened {
            ($call:expr) => {
                responds(&emulator, body);
                let done: Result<(), _> = $call.await;
                assert!(done.is_ok(), "{}: {body:?}: {:?}", stringify!($call), done);
                called += 1;
            };
        }
        happened!(client.virtual_workspaces().terminate(uuid));
        happened!(client.virtual_workspaces().delete_user(uuid, uuid));
        happened!(client.virtual_workspaces().update_user(uuid, uuid, SharedTierUpdateUser::new().password("p")));
        happened!(client.virtual_clusters().terminate(uuid));
        happened!(client.jobs().delete(uuid));
        happened!(client.roles().delete("Project", "reader"));
        happened!(client.workspaces().suspend(uuid));
        happened!(client.workspaces().resume(uuid));
        happened!(client.workspaces().terminate(uuid));
        happened!(client.workspace_groups().terminate(uuid));
        happened!(client.clusters().suspend(uuid));
        happened!(client.clusters().terminate(uuid));
        happened!(client.secrets().delete(uuid));
        happened!(client.teams().delete(uuid));
        assert_eq!(called, 14);
    }
}

#[tokio::test]
async fn a_grant_names_its_holders_and_keeps_those_of_an_unknown_kind() {
    use singlestore_management::types::{ResourceRole, ResourceRoleGrantIdentity as Identity};
    let id = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";
    let role: ResourceRole = serde_json::from_value(json!({"role": "Owner", "grants": [
        {"identity": {"userID": id}},
        {"identity": {"teamID": id, "name": "ops"}, "createdBy": {"userID": "", "email": null}},
        {"identity": {"serviceAccountID": id}},
        {"identity": null, "createdBy": {}},
    ]}))
    .unwrap();
    assert!(matches!(role.grants[0].identity, Some(Identity::UserInfo(_))), "{role:?}");
    assert!(matches!(role.grants[1].identity, Some(Identity::TeamInfo(_))), "{role:?}");
    assert_eq!(role.grants[1].created_by.as_ref().unwrap().user_id, None);
    assert_eq!(role.grants[2].identity, Some(Identity::Other(json!({"serviceAccountID": id}))));
    assert_eq!(role.grants[3].identity, None);
}

#[test]
fn a_serialized_response_contains_no_secret_and_none_is_read_back() {
    use singlestore_management::types::{CreateWorkspaceGroupResponse, SecretCreate};
    let id = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";
    let made: CreateWorkspaceGroupResponse =
        serde_json::from_value(json!({"workspaceGroupID": id, "adminPassword": "canary-1"})).unwrap();
    let kept = serde_json::to_value(&made).unwrap();
    assert_eq!(kept, json!({"workspaceGroupID": id}), "left out, not replaced by a word");
    let again: CreateWorkspaceGroupResponse = serde_json::from_value(kept).unwrap();
    assert!(again.admin_password.is_none());
    // What an earlier version or another tool wrote instead of it is not a password.
    for word in ["[redacted]", " [redacted] "] {
        let old = json!({"workspaceGroupID": id, "adminPassword": word});
        assert!(serde_json::from_value::<CreateWorkspaceGroupResponse>(old).is_err(), "{word:?}");
        assert!(serde_json::from_value::<SecretCreate>(json!({"name": "n", "value": word})).is_err(), "{word:?}");
    }
    let sent = serde_json::to_value(SecretCreate::new("n", "canary-2")).unwrap();
    assert_eq!(sent["value"], "canary-2", "what is sent has to have it");
}
