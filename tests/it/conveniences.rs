//! What every caller would write around a call: get or create, terminate when possible, all of a group, waiting for the rest.

use std::time::Duration;

use serde_json::json;
use singlestore_management::types::{
    CloudFunctionCreate, EgressCatalog, EgressStart, EgressStorage, SharedTierCreateVirtualCluster,
    StorageDrStatusComputeStorageDrType, WorkspaceGroup, WorkspaceGroupCreate,
};
use singlestore_management::{
    Client, ClusterId, CreateOutcome, ErrorKind, FlowId, Terminated, WorkspaceGroupId, WorkspaceId,
};
use singlestore_management_emulator::{Emulator, Fault};

use crate::support::{builder, quick_retries};

fn client(emulator: &Emulator) -> Client {
    let pace = Duration::from_millis(1);
    builder(emulator).retry(quick_retries()).poll_interval(pace, pace).build().unwrap()
}

fn body(emulator: &Emulator, name: &str) -> WorkspaceGroupCreate {
    let region: singlestore_management::RegionId =
        emulator.items("region")[0]["regionID"].as_str().unwrap().parse().unwrap();
    WorkspaceGroupCreate::new(name, ["203.0.113.0/24"]).region_id(region)
}

fn posts(emulator: &Emulator) -> usize {
    emulator.requests().iter().filter(|request| request.method == "POST").count()
}

#[tokio::test]
async fn an_existing_resource_is_success_if_the_caller_says_so() {
    let emulator = Emulator::start().unwrap();
    let groups = client(&emulator).workspace_groups();
    let first = groups.create_once(body(&emulator, "a")).or_existing().await.unwrap();
    assert!(!first.existed && first.admin_password.is_some());
    let second = groups.create_once(body(&emulator, "a")).or_existing().await.unwrap();
    assert!(second.existed && !second.recovered && second.id == first.id && second.admin_password.is_none());
    assert_eq!(posts(&emulator), 2, "the service was asked");
    // One that is terminating is of no use.
    emulator.set_state(first.id.as_str(), "TERMINATING");
    let once = groups.create_once(body(&emulator, "a")).or_existing();
    let error = once.with_search_timeout(Duration::from_millis(20)).await.unwrap_err();
    assert_eq!(error.create_outcome(), Some(CreateOutcome::AlreadyExists));
    assert!(error.last_value::<WorkspaceGroup>().is_some(), "{error}");
}

#[tokio::test]
async fn an_existing_resource_that_is_not_listed_yet_is_waited_for() {
    let emulator = Emulator::builder().lists_behind(4).start().unwrap();
    let groups = client(&emulator).workspace_groups();
    let made = groups.create(body(&emulator, "a")).await.unwrap();
    let once = groups.find_or_create(body(&emulator, "a"));
    let found = once.with_search_interval(Duration::from_millis(1), Duration::from_millis(1)).await.unwrap();
    assert!(found.existed && found.id == made.workspace_group_id);
}

#[tokio::test]
async fn find_or_create_creates_nothing_if_the_resource_is_found() {
    let emulator = Emulator::start().unwrap();
    let client = client(&emulator);
    let made = client.workspace_groups().find_or_create(body(&emulator, "a")).await.unwrap();
    let found = client.workspace_groups().find_or_create(body(&emulator, "a")).await.unwrap();
    assert!(!made.existed && found.existed && made.id == found.id);
    assert_eq!(posts(&emulator), 1);

    let region = client.regions().list_shared_tier().await.unwrap().remove(0);
    let starter = SharedTierCreateVirtualCluster::new("s", "d", region.provider.as_str(), region.region_name);
    let made = client.virtual_clusters().find_or_create(starter.clone()).await.unwrap();
    let found = client.virtual_clusters().create_once(starter).or_existing().await.unwrap();
    assert!(!made.existed && found.existed && made.id == found.id);

    // Several with that name, and a list that fails: nothing is sent either.
    let second = emulator.insert_workspace_group(json!({"name": "a"})).unwrap();
    let error = client.workspace_groups().find_or_create(body(&emulator, "a")).await.unwrap_err();
    assert!(error.is_already_exists() && error.to_string().contains(&second), "{error}");
    emulator.inject(Fault::status(403).body("no").on_operation("list_workspace_groups"));
    let error = client.workspace_groups().find_or_create(body(&emulator, "b")).await.unwrap_err();
    assert_eq!(error.create_outcome(), Some(CreateOutcome::NotCreated), "{error}");
    assert_eq!(posts(&emulator), 2);
}

#[tokio::test]
async fn a_look_up_distinguishes_nothing_found_from_a_failure() {
    let emulator = Emulator::start().unwrap();
    let client = client(&emulator);
    assert!(client.workspace_groups().find_by_name_opt("a").await.unwrap().is_none());
    assert!(client.teams().find_by_name_opt("a").await.unwrap().is_none());
    let id = emulator.insert_workspace_group(json!({"name": "a"})).unwrap();
    let found = client.workspace_groups().find_by_name_opt("a").await.unwrap().expect("the group");
    assert_eq!(found.workspace_group_id.to_string(), id);
    assert!(client.workspaces().find_by_name_opt(found.workspace_group_id, "w").await.unwrap().is_none());
    emulator.inject(Fault::proxy_page(404).always());
    client.workspace_groups().find_by_name_opt("a").await.expect_err("a page of a proxy is no list");
}

#[tokio::test]
async fn a_termination_waits_until_it_is_possible() {
    let emulator = Emulator::builder().polls_until_ready(3).start().unwrap();
    let client = client(&emulator);
    let groups = client.workspace_groups();
    let id = groups.create(body(&emulator, "a")).await.unwrap().workspace_group_id;
    let error = groups.terminate(id).await.unwrap_err();
    assert!(error.is_pending(), "{error}");
    let minute = Duration::from_secs(60);
    assert_eq!(groups.terminate(id).when_possible(minute).await.unwrap(), Terminated::Accepted);
    assert!(emulator.requests_of("terminate_workspace_group").len() > 2);

    // The limit passes; the refusal is of a different kind; it is gone.
    let stays = emulator.insert_cluster(json!({"name": "c"})).unwrap();
    emulator.set_state(&stays, "TRANSITIONING");
    let stays: ClusterId = stays.parse().unwrap();
    let error = client.clusters().terminate(stays).when_possible(Duration::from_millis(20)).await.unwrap_err();
    assert!(error.is_pending() && error.to_string().contains("it was not possible within 20ms"), "{error}");
    let occupied = emulator.insert_workspace_group(json!({"name": "g"})).unwrap();
    emulator.insert_workspace(json!({"name": "w", "workspaceGroupID": occupied})).unwrap();
    let occupied: WorkspaceGroupId = occupied.parse().unwrap();
    emulator.clear_requests();
    groups.terminate(occupied).when_possible(minute).await.expect_err("it has workspaces");
    assert_eq!(emulator.requests().len(), 1, "what waiting does not change is not waited for");
    groups.terminate(occupied).force(true).when_possible(minute).await.unwrap();

    let unknown: ClusterId = "3f2504e0-4f89-41d3-9a0c-0305e82c3301".parse().unwrap();
    assert!(client.clusters().terminate(unknown).when_possible(minute).await.unwrap_err().is_not_found());
    let gone = client.clusters().terminate(unknown).when_possible(minute).ok_if_gone().await.unwrap();
    assert_eq!(gone, Terminated::Gone);
    assert_eq!(client.clusters().terminate(unknown).ok_if_gone().await.unwrap(), Terminated::Gone);
}

#[tokio::test]
async fn all_workspaces_of_a_group_are_suspended_and_resumed() {
    let emulator = Emulator::builder().polls_until_ready(1).start().unwrap();
    let workspaces = client(&emulator).workspaces();
    let id = emulator.insert_workspace_group(json!({"name": "g"})).unwrap();
    let group: WorkspaceGroupId = id.parse().unwrap();
    let made: Vec<WorkspaceId> = ["a", "b", "c"]
        .map(|name| emulator.insert_workspace(json!({"name": name, "workspaceGroupID": id})).unwrap())
        .iter()
        .map(|id| id.parse().unwrap())
        .collect();
    emulator.set_state(made[2].as_str(), "SUSPENDED");
    // One fails; the others are suspended all the same.
    emulator.inject(Fault::status(403).body("no").on_operation("suspend_workspace"));
    let change = workspaces.suspend_all(group).await.unwrap();
    assert_eq!((change.changed.len(), change.unchanged.clone(), change.failed.len()), (1, vec![made[2]], 1));
    assert!(change.failed[0].1.is_forbidden());
    assert!(change.into_result().unwrap_err().is_forbidden());
    emulator.advance();
    assert_eq!(workspaces.suspend_all(group).await.unwrap().into_result().unwrap().len(), 1);
    assert_eq!(workspaces.wait_until_all_suspended(group).await.unwrap().len(), 3);
    emulator.advance();
    assert_eq!(workspaces.resume_all(group).await.unwrap().changed.len(), 3);
    workspaces.wait_until_all_ready(group).await.unwrap();
    emulator.set_state(made[0].as_str(), "FAILED");
    let error = workspaces.wait_until_all_ready(group).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WaitFailed);
    assert!(error.to_string().contains("a is FAILED"), "{error}");
}

#[tokio::test]
async fn flows_exports_and_recoveries_are_waited_for() {
    let emulator = Emulator::start().unwrap();
    let client = client(&emulator);
    let group: WorkspaceGroupId = emulator.insert_workspace_group(json!({"name": "g"})).unwrap().parse().unwrap();

    let flow = emulator.insert("flow", json!({"name": "f", "status": "Running"})).unwrap();
    emulator.set_fields(&flow, json!({"status": "Deleted"}));
    client.flows().wait_until_deleted(flow.parse::<FlowId>().unwrap()).await.unwrap();

    let start = EgressStart::new(EgressCatalog::new(), "d", EgressStorage::new(), "t");
    let id = client.egress().start(group, start).await.unwrap().egress_id;
    emulator.advance();
    for (status, message, fails) in [("completed", "", false), ("FAILED", "no access", true)] {
        emulator.set_fields(id.as_str(), json!({"status": status, "statusMsg": message}));
        let outcome = client.egress().wait_until_done(group, &id).await;
        assert_eq!(outcome.is_err(), fails, "{outcome:?}");
        if let Err(error) = outcome {
            assert!(error.to_string().contains("FAILED (no access)"), "{error}");
        }
    }

    let status = |kind: &str, state: &str| {
        let body = json!({"compute": {"storageDRType": kind, "storageDRState": state}, "storage": []}).to_string();
        Fault::status(200).content_type("application/json").body(body).on_operation("get_storage_dr_status")
    };
    emulator.inject(status("PreProvisionStart", "Completed"));
    emulator.inject(status("Failover", "Active"));
    emulator.inject(status("Failover", "Completed").always());
    let failover = StorageDrStatusComputeStorageDrType::Failover;
    client.workspace_groups().wait_until_storage_dr_completed(group, failover.clone()).await.unwrap();
    emulator.clear_faults();
    emulator.inject(status("Failover", "Expired").always());
    let error = client.workspace_groups().wait_until_storage_dr_completed(group, failover).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WaitFailed, "{error}");
}

#[tokio::test]
async fn a_cloud_function_is_waited_for_from_its_creation_to_its_end() {
    let emulator = Emulator::builder().polls_until_ready(2).start().unwrap();
    let functions = client(&emulator).cloud_functions();
    let made = functions.create(CloudFunctionCreate::new().notebook_path("a.ipynb")).await.unwrap();
    let id = made.cloud_function_id.unwrap();
    let ready = functions.wait_until_ready(id).await.unwrap();
    assert!(ready.endpoint.is_some() && ready.status == "Active", "{ready:?}");
    emulator.set_fields(id.as_str(), json!({"status": "Idle"}));
    functions.wait_until_ready(id).await.unwrap();
    functions.delete(id).await.unwrap();
    functions.wait_until_deleted(id).await.unwrap();
    let error = functions.wait_until_ready(id).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WaitFailed, "{error}");
}

#[tokio::test]
async fn a_firewall_range_is_added_and_removed_although_changes_land_late() {
    let emulator = Emulator::builder().polls_until_ready(2).polls_until_settled(2).start().unwrap();
    let client = client(&emulator);
    let groups = client.workspace_groups();
    let id = groups.create(body(&emulator, "a")).await.unwrap().workspace_group_id;
    // Its firewall has not landed yet.
    let group = groups.firewall(id).add("198.51.100.7/32").await.unwrap();
    assert_eq!(group.firewall_ranges.unwrap(), ["198.51.100.7/32", "203.0.113.0/24"]);
    let group = groups.firewall(id).remove("203.0.113.0/24").add("192.0.2.0/24").await.unwrap();
    assert_eq!(group.firewall_ranges.unwrap(), ["192.0.2.0/24", "198.51.100.7/32"]);
    assert_eq!(emulator.count_of("update_workspace_group"), 2);
    // The response to the change is lost; its effect is seen.
    emulator.inject(Fault::reset().after_effect().on_operation("update_workspace_group"));
    let group = groups.firewall(id).set(["0.0.0.0/0"]).await.unwrap();
    assert_eq!(group.allow_all_traffic, Some(true));
    assert_eq!(emulator.count_of("update_workspace_group"), 3);

    let group_id = id;
    let ranges = json!({"firewallRanges": ["203.0.113.0/24"], "endpoint": "svc.example.com"});
    let id: ClusterId = emulator.insert_cluster(ranges).unwrap().parse().unwrap();
    let cluster = client.clusters().firewall(id).add("192.0.2.0/24").await.unwrap();
    assert_eq!(cluster.firewall_ranges.unwrap(), ["192.0.2.0/24", "203.0.113.0/24"]);
    assert_eq!(emulator.violations(), [""; 0]);

    emulator.set_state(id.as_str(), "SUSPENDED");
    let error = client.clusters().firewall(id).add("192.0.2.1/32").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WaitFailed, "{error}");
    let error = groups.firewall(group_id).set(["everybody"]).await.unwrap_err();
    assert_eq!(error.status().map(|status| status.as_u16()), Some(400), "{error}");
}
