//! The facade: a method for each operation, look-ups by name, and waits.

use std::collections::BTreeSet;
use std::future::IntoFuture;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use singlestore_management::types::{EgressStatusQuery, FlowCreate, JobCreate, JobCreateV2, PrivateConnectionCreate};
use singlestore_management::{Client, Error, ErrorKind, OPERATIONS, Waiter, WorkspaceGroupId};
use singlestore_management_emulator::spec::SampleRequest;

use crate::support::client;
use singlestore_management_emulator::{Emulator, Fault, Spec};
use uuid::Uuid;

/// Any id: it becomes the type that a method asks for.
const ID: Uuid = Uuid::from_u128(0x3f25_04e0_4f89_41d3_9a0c_0305_e82c_3301);

fn sample(operation: &str, full: bool) -> SampleRequest {
    let spec = Spec::load().unwrap();
    spec.sample_request(spec.operation(operation).unwrap(), full)
}

/// The smallest body that the API description allows for an operation.
fn body<T: DeserializeOwned>(operation: &str) -> T {
    let bytes = sample(operation, false).body.unwrap_or_else(|| b"{}".to_vec());
    serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("{operation}: {error}"))
}

/// Sends requests and remembers which failed.
#[derive(Default)]
struct Calls {
    failures: Vec<String>,
}

impl Calls {
    async fn make<T>(&mut self, request: impl IntoFuture<Output = Result<T, Error>>) {
        if let Err(error) = request.await {
            self.failures.push(error.to_string());
        }
    }
}

async fn deployments(client: &Client, calls: &mut Calls) {
    calls.make(client.workspace_groups().list()).await;
    calls.make(client.workspace_groups().get(ID)).await;
    calls.make(client.workspace_groups().create(body("create_workspace_group"))).await;
    calls.make(client.workspace_groups().update(ID, body("update_workspace_group"))).await;
    calls.make(client.workspace_groups().terminate(ID)).await;
    calls.make(client.workspaces().list(ID)).await;
    calls.make(client.workspaces().get(ID)).await;
    calls.make(client.workspaces().create(body("create_workspace"))).await;
    calls.make(client.workspaces().update(ID, body("update_workspace"))).await;
    calls.make(client.workspaces().suspend(ID)).await;
    calls.make(client.workspaces().resume(ID)).await;
    calls.make(client.workspaces().terminate(ID)).await;
    calls.make(client.clusters().list()).await;
    calls.make(client.clusters().get(ID)).await;
    calls.make(client.clusters().create(body("create_cluster"))).await;
    calls.make(client.clusters().update(ID, body("update_cluster"))).await;
    calls.make(client.clusters().suspend(ID)).await;
    calls.make(client.clusters().resume(ID)).await;
    calls.make(client.clusters().terminate(ID)).await;
    calls.make(client.regions().list()).await;
    calls.make(client.regions().list_v2()).await;
    calls.make(client.regions().list_shared_tier()).await;
    calls.make(client.regions().list_shared_tier_v2()).await;
}

async fn deployments_beside_their_state(client: &Client, calls: &mut Calls) {
    calls.make(client.workspace_groups().access_controls(ID)).await;
    calls
        .make(client.workspace_groups().update_access_controls(ID, body("update_workspace_group_access_controls")))
        .await;
    calls.make(client.workspace_groups().identity(ID)).await;
    calls.make(client.workspace_groups().delegated_entities(ID)).await;
    calls
        .make(client.workspace_groups().add_delegated_entities(ID, body("add_workspace_group_delegated_entities")))
        .await;
    calls
        .make(
            client.workspace_groups().remove_delegated_entities(ID, body("remove_workspace_group_delegated_entities")),
        )
        .await;
    calls.make(client.workspace_groups().private_connections(ID)).await;
    calls.make(client.workspace_groups().metrics(ID, ID)).await;
    calls.make(client.workspace_groups().storage_dr_status(ID)).await;
    calls.make(client.workspace_groups().storage_dr_regions(ID)).await;
    calls.make(client.workspace_groups().setup_storage_dr(ID, body("setup_storage_dr"))).await;
    calls.make(client.workspace_groups().failover_storage_dr(ID)).await;
    calls.make(client.workspace_groups().failback_storage_dr(ID)).await;
    calls.make(client.workspace_groups().start_storage_dr_pre_provision(ID)).await;
    calls.make(client.workspace_groups().stop_storage_dr_pre_provision(ID)).await;
    calls.make(client.workspace_groups().update_storage_retention_period(ID, 60)).await;
    calls.make(client.workspaces().identity(ID)).await;
    calls.make(client.workspaces().delegated_entities(ID)).await;
    calls.make(client.workspaces().add_delegated_entities(ID, body("add_workspace_delegated_entities"))).await;
    calls.make(client.workspaces().remove_delegated_entities(ID, body("remove_workspace_delegated_entities"))).await;
    calls.make(client.workspaces().private_connections(ID, ID)).await;
    calls.make(client.workspaces().kai_private_connection(ID)).await;
    calls.make(client.workspaces().outbound_allow_list(ID)).await;
    calls.make(client.private_connections().get(ID)).await;
    calls.make(client.private_connections().create(body("create_private_connection"))).await;
    calls.make(client.private_connections().update(ID, body("update_private_connection"))).await;
    calls.make(client.private_connections().delete(ID)).await;
}

async fn starters(client: &Client, calls: &mut Calls) {
    calls.make(client.virtual_workspaces().list()).await;
    calls.make(client.virtual_workspaces().get(ID)).await;
    calls.make(client.virtual_workspaces().create(body("create_virtual_workspace"))).await;
    calls.make(client.virtual_workspaces().terminate(ID)).await;
    calls.make(client.virtual_workspaces().create_user(ID, body("create_virtual_workspace_user"))).await;
    calls.make(client.virtual_workspaces().update_user(ID, ID, body("update_virtual_workspace_user"))).await;
    calls.make(client.virtual_workspaces().delete_user(ID, ID)).await;
    calls.make(client.virtual_clusters().list()).await;
    calls.make(client.virtual_clusters().get(ID)).await;
    calls.make(client.virtual_clusters().create(body("create_virtual_cluster"))).await;
    calls.make(client.virtual_clusters().terminate(ID)).await;
    calls.make(client.virtual_clusters().create_user(ID, body("create_virtual_cluster_user"))).await;
    calls.make(client.virtual_clusters().update_user(ID, ID, body("update_virtual_cluster_user"))).await;
    calls.make(client.virtual_clusters().delete_user(ID, ID)).await;
}

async fn people(client: &Client, calls: &mut Calls) {
    calls.make(client.organizations().current()).await;
    calls.make(client.organizations().current_v2()).await;
    calls.make(client.organizations().access_controls(ID)).await;
    calls.make(client.organizations().update_access_controls(ID, body("update_organization_access_controls"))).await;
    calls.make(client.projects().list()).await;
    calls.make(client.projects().list_v2()).await;
    calls.make(client.projects().get(ID)).await;
    calls.make(client.projects().get_v2(ID)).await;
    calls.make(client.projects().create(body("create_project"))).await;
    calls.make(client.projects().update(ID, body("update_project"))).await;
    calls.make(client.projects().delete(ID)).await;
    calls.make(client.users().list()).await;
    calls.make(client.users().current()).await;
    calls.make(client.users().get(ID)).await;
    calls.make(client.users().add("new@example.com")).await;
    calls.make(client.users().remove(ID)).await;
    calls.make(client.users().identity_roles(ID)).await;
    calls.make(client.invitations().list()).await;
    calls.make(client.invitations().get(ID)).await;
    calls.make(client.invitations().create(body("create_invitation"))).await;
    calls.make(client.invitations().revoke(ID)).await;
    calls.make(client.teams().list()).await;
    calls.make(client.teams().get(ID)).await;
    calls.make(client.teams().create(body("create_team"))).await;
    calls.make(client.teams().update(ID, body("update_team"))).await;
    calls.make(client.teams().delete(ID)).await;
    calls.make(client.teams().access_controls(ID)).await;
    calls.make(client.teams().update_access_controls(ID, body("update_team_access_controls"))).await;
    calls.make(client.teams().identity_roles(ID)).await;
    calls.make(client.service_accounts().create(body("create_service_account"))).await;
    calls.make(client.service_accounts().update(ID, body("update_service_account"))).await;
    calls.make(client.service_accounts().delete(ID)).await;
    calls.make(client.cloud_principals().create(body("create_cloud_principal"))).await;
    calls.make(client.cloud_principals().update(ID, body("update_cloud_principal"))).await;
    calls.make(client.cloud_principals().delete(ID)).await;
}

async fn roles_and_secrets(client: &Client, calls: &mut Calls) {
    calls.make(client.roles().list("Team")).await;
    calls.make(client.roles().get("Team", "Owner")).await;
    calls.make(client.roles().create("Team", body("create_role"))).await;
    calls.make(client.roles().replace("Team", "Reader", body("replace_role"))).await;
    calls.make(client.roles().delete("Team", "Reader")).await;
    calls.make(client.roles().list_v2()).await;
    calls.make(client.roles().get_v2("Reader")).await;
    calls.make(client.roles().create_v2(body("create_role_v2"))).await;
    calls.make(client.roles().replace_v2("Reader", body("replace_role_v2"))).await;
    calls.make(client.roles().delete_v2("Reader")).await;
    calls.make(client.roles().permissions()).await;
    calls.make(client.roles().permissions_of("Team")).await;
    calls.make(client.secrets().list()).await;
    calls.make(client.secrets().get(ID)).await;
    calls.make(client.secrets().create(body("create_secret"))).await;
    calls.make(client.secrets().update(ID, body("update_secret"))).await;
    calls.make(client.secrets().delete(ID)).await;
    calls.make(client.secrets().list_v2()).await;
    calls.make(client.secrets().create_v2(body("create_secret_v2"))).await;
    calls.make(client.secrets().delete_v2(ID)).await;
    calls.make(client.secrets().access_controls(ID)).await;
    calls.make(client.secrets().update_access_controls(ID, body("update_secret_access_controls"))).await;
    calls.make(client.audit_logs().list()).await;
    calls.make(client.billing().usage("2026-09-01T00:00:00Z", "2026-09-02T00:00:00Z")).await;
    calls.make(client.billing().usage_v2("2026-09-01T00:00:00Z", "2026-09-02T00:00:00Z")).await;
    calls.make(client.billing().simulate(body("simulate_billing_usage"))).await;
}

async fn workloads(client: &Client, calls: &mut Calls) {
    calls.make(client.jobs().create(body::<JobCreate>("create_job"))).await;
    calls.make(client.jobs().get(ID)).await;
    calls.make(client.jobs().delete(ID)).await;
    calls.make(client.jobs().executions(ID, 1, 10)).await;
    calls.make(client.jobs().parameters(ID)).await;
    calls.make(client.jobs().runtimes()).await;
    calls.make(client.jobs().create_v2(body::<JobCreateV2>("create_job_v2"))).await;
    calls.make(client.jobs().get_v2(ID)).await;
    calls.make(client.jobs().delete_v2(ID)).await;
    calls.make(client.jobs().executions_v2(ID, 1, 10)).await;
    calls.make(client.jobs().parameters_v2(ID)).await;
    calls.make(client.jobs().runtimes_v2()).await;
    calls.make(client.cloud_functions().list()).await;
    calls.make(client.cloud_functions().get(ID)).await;
    calls.make(client.cloud_functions().create(body("create_cloud_function"))).await;
    calls.make(client.cloud_functions().update(ID, body("update_cloud_function"))).await;
    calls.make(client.cloud_functions().delete(ID)).await;
    calls.make(client.cloud_functions().token(ID)).await;
    calls.make(client.flows().list()).await;
    calls.make(client.flows().get(ID)).await;
    calls.make(client.flows().create(body("create_flow"))).await;
    calls.make(client.flows().delete(ID)).await;
    calls.make(client.inference().list_models()).await;
    calls.make(client.inference().start_model("model")).await;
    calls.make(client.inference().stop_model("model")).await;
    calls.make(client.inference().delete_model("model")).await;
    calls.make(client.inference().get_api("project", "model")).await;
    calls.make(client.egress().create_identity(ID, body("create_workspace_group_egress_identity"))).await;
    calls.make(client.egress().start(ID, body("start_workspace_group_egress"))).await;
    calls.make(client.egress().suspend(ID, "export")).await;
    calls.make(client.egress().resume(ID, "export")).await;
    calls.make(client.egress().delete(ID, "export")).await;
    calls.make(client.egress().status(ID, EgressStatusQuery::new().egress_id("export"))).await;
    calls.make(client.egress().create_identity_v2(ID, body("create_cluster_egress_identity"))).await;
    calls.make(client.egress().start_v2(ID, body("start_cluster_egress"))).await;
    calls.make(client.egress().suspend_v2(ID, "export")).await;
    calls.make(client.egress().resume_v2(ID, "export")).await;
    calls.make(client.egress().delete_v2(ID, "export")).await;
    calls.make(client.egress().status_v2(ID, EgressStatusQuery::new().egress_id("export"))).await;
}

/// The file methods check before they act, so they make more than one request.
async fn files(client: &Client, calls: &mut Calls) {
    calls.make(client.files().list("shared")).await;
    calls.make(client.files().list_v2("shared")).await;
    for files in [client.files(), client.files().v2()] {
        calls.make(files.metadata("shared", "a.txt")).await;
        calls.make(files.upload("shared", "a.txt", "1,2").overwrite(true)).await;
        calls.make(files.move_to("shared", "a.txt", "b.txt").overwrite(true)).await;
        calls.make(files.delete("shared", "b.txt")).await;
    }
    calls.make(client.stage().list(ID)).await;
    calls.make(client.stage().metadata(ID, "a.txt")).await;
    calls.make(client.stage().upload(ID, "a.txt", "1,2").overwrite(true)).await;
    calls.make(client.stage().move_to(ID, "a.txt", "b.txt").overwrite(true)).await;
    calls.make(client.stage().delete(ID, "b.txt")).await;
    calls.make(client.cluster_stage().list(ID)).await;
    calls.make(client.cluster_stage().metadata(ID, "a.txt")).await;
    calls.make(client.cluster_stage().upload(ID, "a.txt", "1,2").overwrite(true)).await;
    calls.make(client.cluster_stage().move_to(ID, "a.txt", "b.txt").overwrite(true)).await;
    calls.make(client.cluster_stage().delete(ID, "b.txt")).await;
}

#[tokio::test]
async fn every_operation_has_a_method() {
    let emulator = Emulator::builder().stateless().start().unwrap();
    let client = client(&emulator);
    let mut calls = Calls::default();
    deployments(&client, &mut calls).await;
    deployments_beside_their_state(&client, &mut calls).await;
    starters(&client, &mut calls).await;
    people(&client, &mut calls).await;
    roles_and_secrets(&client, &mut calls).await;
    workloads(&client, &mut calls).await;
    let before = emulator.requests().len();
    files(&client, &mut calls).await;
    let failures = &calls.failures;
    assert!(failures.is_empty(), "{} calls failed:\n{}", failures.len(), failures.join("\n"));
    assert_eq!(emulator.violations(), Vec::<String>::new());

    let requests = emulator.requests();
    let reached: BTreeSet<&str> = requests.iter().filter_map(|request| request.operation.as_deref()).collect();
    let known: BTreeSet<&str> = OPERATIONS.iter().map(|operation| operation.id).collect();
    assert_eq!(known.difference(&reached).collect::<Vec<_>>(), Vec::<&&str>::new(), "no method leads to these");
    let files = OPERATIONS.iter().filter(|operation| operation.path.contains("/fs")).count();
    assert_eq!(reached.len(), known.len());
    assert_eq!(before, known.len() - files, "one method for each operation");
}

#[tokio::test]
async fn a_team_is_found_by_its_exact_name_and_not_by_a_pattern() {
    let emulator = Emulator::start().unwrap();
    let client = client(&emulator);
    emulator.insert("team", json!({"name": "data"})).unwrap();
    let wanted = emulator.insert("team", json!({"name": "d.ta"})).unwrap();
    let found = client.teams().find_by_name("d.ta").await.unwrap();
    assert_eq!(found.team_id.to_string(), wanted);
    let error = client.teams().find_by_name("dat").await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
    assert_eq!(error.operation(), Some("list_teams"));
}

#[tokio::test]
async fn a_deleted_secret_does_not_hide_the_live_one_of_the_same_name() {
    let emulator = Emulator::start().unwrap();
    let client = client(&emulator);
    let old = json!({"name": "token", "value": "old", "deletedAt": "2026-09-01T00:00:00Z"});
    emulator.insert("secret", old).unwrap();
    let live = json!({"name": "token", "value": "new", "deletedAt": "0001-01-01T00:00:00Z"});
    let wanted = emulator.insert("secret", live).unwrap();
    let found = client.secrets().find_by_name("token").await.unwrap();
    assert_eq!(found.secret_id.to_string(), wanted);
    assert_eq!(found.value.unwrap().expose(), "new");
}

#[tokio::test]
async fn starters_with_the_same_name_are_refused_with_their_ids() {
    let emulator = Emulator::start().unwrap();
    let client = client(&emulator);
    let ids = [(); 2].map(|()| emulator.insert("starter", json!({"name": "same"})).unwrap());
    let only = emulator.insert("starter", json!({"name": "only"})).unwrap();
    let errors = [
        client.virtual_workspaces().find_by_name("same").await.unwrap_err(),
        client.virtual_clusters().find_by_name("same").await.unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.kind(), ErrorKind::Ambiguous);
        assert!(ids.iter().all(|id| error.to_string().contains(id)), "{error}");
    }
    let found = client.virtual_workspaces().find_by_name("only").await.unwrap();
    assert_eq!(found.virtual_workspace_id.unwrap().to_string(), only);
    let found = client.virtual_clusters().find_by_name("only").await.unwrap();
    assert_eq!(found.virtual_cluster_id.unwrap().to_string(), only);
}

#[tokio::test]
async fn a_deleted_flow_instance_is_skipped_when_the_list_still_shows_it() {
    let emulator = Emulator::start().unwrap();
    let client = client(&emulator);
    let live = Uuid::from_u128(7);
    let listed = json!([
        {"flowID": ID, "name": "sync", "status": "Deleted"},
        {"flowID": Uuid::from_u128(8), "name": "sync", "status": "Running", "deletedAt": "2026-09-01T00:00:00Z"},
        {"flowID": live, "name": "sync", "status": "Running"},
    ]);
    let response = Fault::status(200).content_type("application/json").body(listed.to_string());
    emulator.inject(response.on_operation("list_flows"));
    let found = client.flows().find_by_name("sync").await.unwrap();
    assert_eq!(found.flow_id.as_uuid(), &live);
}

fn quick<T: Clone + Send + Sync + 'static>(waiter: Waiter<T>) -> Waiter<T> {
    waiter.with_poll_interval(Duration::from_millis(1), Duration::from_millis(2)).with_deadline(Duration::from_secs(20))
}

/// The states that a waiter reports, in order and without duplicates.
fn watched<T: Clone + Send + Sync + 'static>(waiter: Waiter<T>) -> (Waiter<T>, Arc<Mutex<Vec<String>>>) {
    let states = Arc::new(Mutex::new(Vec::new()));
    let seen = states.clone();
    let waiter = waiter.with_progress(move |progress| {
        let mut seen = seen.lock().unwrap();
        if seen.last().is_none_or(|last: &String| last != progress.state) {
            seen.push(progress.state.to_owned());
        }
    });
    (waiter, states)
}

#[tokio::test]
async fn a_flow_instance_is_not_ready_while_its_endpoint_is_unknown() {
    let emulator = Emulator::builder().polls_until_ready(2).polls_until_settled(4).start().unwrap();
    let client = client(&emulator);
    let group = emulator.insert_workspace_group(json!({"name": "g"})).unwrap();
    let workspace = emulator.insert_workspace(json!({"name": "w", "workspaceGroupID": group})).unwrap();
    let workspace: Uuid = workspace.parse().unwrap();
    let id = client.flows().create(FlowCreate::new("sync", "sales", "loader", workspace)).await.unwrap().flow_id;
    let (waiter, states) = watched(quick(client.flows().wait_until_ready(id)));
    let flow = waiter.await.unwrap();
    assert_eq!((flow.database_name.as_deref(), flow.user_name.as_deref()), (Some("sales"), Some("loader")));
    let expected = ["Pending", "Running, without endpoint, user, database", "Running"];
    assert_eq!(*states.lock().unwrap(), expected);
}

#[tokio::test]
async fn the_wait_for_a_flow_instance_ends_when_it_is_deleted() {
    let emulator = Emulator::start().unwrap();
    let client = client(&emulator);
    let id = emulator.insert("flow", json!({"name": "sync", "status": "Deleted"})).unwrap();
    let id: Uuid = id.parse().unwrap();
    let error = quick(client.flows().wait_until_ready(id)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WaitFailed, "{error}");
}

#[tokio::test]
async fn a_private_connection_becomes_active_and_later_deleted() {
    let emulator = Emulator::start().unwrap();
    let client = client(&emulator);
    let connections = client.private_connections();
    let group: WorkspaceGroupId = emulator.insert_workspace_group(json!({"name": "g"})).unwrap().parse().unwrap();
    let wanted = PrivateConnectionCreate::new(group).allow_list("123456789012");
    let id = connections.create(wanted).await.unwrap().private_connection_id;
    let active = quick(connections.wait_until_active(id)).await.unwrap();
    assert_eq!(active.allow_list.as_deref(), Some("123456789012"));
    connections.delete(id).await.unwrap();
    let deleted = quick(connections.wait_until_deleted(id)).await.unwrap();
    assert!(deleted.error.is_some());
    let error = quick(connections.wait_until_active(id)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WaitFailed, "{error}");
    let error = quick(connections.wait_until_deleted(ID)).await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
}

/// A job as the emulator stores it.
fn job(mode: &str, completed: u32, terminated_at: Value) -> Value {
    json!({
        "schedule": {"mode": mode}, "executionConfig": {"createSnapshot": true, "notebookPath": "a.ipynb"},
        "completedExecutionsCount": completed, "jobMetadata": [], "terminatedAt": terminated_at,
    })
}

#[tokio::test]
async fn a_one_time_job_is_waited_for_through_either_interface() {
    let emulator = Emulator::start().unwrap();
    let jobs = client(&emulator).jobs();
    let id = jobs.create(body::<JobCreate>("create_job")).await.unwrap().job_id;
    let done = quick(jobs.wait_until_completed(id)).await.unwrap();
    assert_eq!(done.completed_executions_count, Some(1));
    let id = jobs.create_v2(body::<JobCreateV2>("create_job_v2")).await.unwrap().job_id;
    let done = quick(jobs.wait_until_completed_v2(id)).await.unwrap();
    assert_eq!(done.completed_executions_count, Some(1));
}

#[tokio::test]
async fn a_job_that_recurs_or_was_deleted_before_it_ran_is_not_waited_for() {
    let emulator = Emulator::start().unwrap();
    let jobs = client(&emulator).jobs();
    let hopeless = [job("Recurring", 3, Value::Null), job("Once", 0, json!("2026-09-01T00:00:00Z"))];
    for value in hopeless {
        let id: Uuid = emulator.insert("job", value).unwrap().parse().unwrap();
        let error = quick(jobs.wait_until_completed(id)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WaitFailed, "{error}");
    }
    let id: Uuid = emulator.insert("job", job("Once", 1, json!("2026-09-01T00:00:00Z"))).unwrap().parse().unwrap();
    quick(jobs.wait_until_completed(id)).await.unwrap();
}

#[tokio::test]
async fn every_wait_is_limited_to_half_an_hour_by_default() {
    let emulator = Emulator::start().unwrap();
    let client = client(&emulator);
    let waits = [
        format!("{:?}", client.flows().wait_until_ready(ID)),
        format!("{:?}", client.private_connections().wait_until_active(ID)),
        format!("{:?}", client.private_connections().wait_until_deleted(ID)),
        format!("{:?}", client.jobs().wait_until_completed(ID)),
        format!("{:?}", client.jobs().wait_until_completed_v2(ID)),
    ];
    for wait in waits {
        assert!(wait.contains("deadline: 1800s"), "{wait}");
    }
}
