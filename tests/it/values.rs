//! Values of the crate's types: what was read can be sent, and what looks like a value behaves like one.

use serde_json::json;
use singlestore_management::requests::ResumeWorkspace;
use singlestore_management::types::{
    AutoSuspend, CloudProvider, ControlAccessAction, DeploymentType, EgressCatalog, EgressRef, EgressStart,
    EgressStatus, EgressStorage, JobCreate, JobCreateV2, SharedTierProvider, SuspendType, UpdateWindow, Workspace,
    WorkspaceCreate, WorkspaceGroup, WorkspaceGroupCreate, WorkspaceState,
};
use singlestore_management::{Client, EgressId, Error, JobTarget, RunNotebook, TargetId, Timestamp, WorkspaceId};
use singlestore_management_emulator::Emulator;

use crate::support::client;

const ID: &str = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";

/// Copies this group under another name.
fn copy_of(group: WorkspaceGroup, name: &str) -> WorkspaceGroupCreate {
    WorkspaceGroupCreate::new(name, group.firewall_ranges.unwrap_or_default())
        .maybe_region_id(group.region_id)
        .maybe_project_id(group.project_id)
        .maybe_expires_at(group.expires_at)
        .maybe_deployment_type(group.deployment_type)
        .maybe_update_window(group.update_window)
        .maybe_allow_all_traffic(group.allow_all_traffic)
        .maybe_opt_in_preview_feature(group.opt_in_preview_feature)
}

async fn copied(client: &Client) -> Result<WorkspaceGroup, Error> {
    let region = client.regions().list().await?.remove(0).region_id;
    let create = WorkspaceGroupCreate::new("first", ["203.0.113.0/24"]).region_id(region);
    let first = client.workspace_groups().create(create.update_window(UpdateWindow::new(1, 3))).await?;
    // Ranges are applied late.
    let groups = client.workspace_groups();
    let quick = std::time::Duration::from_millis(1);
    let landed = |id| groups.wait_until_firewall(id, ["203.0.113.0/24"]).with_poll_interval(quick, quick);
    let first = landed(first.workspace_group_id).await?;
    let second = groups.create(copy_of(first, "second")).await?;
    landed(second.workspace_group_id).await
}

#[tokio::test]
async fn a_group_is_copied_with_another_name() {
    let emulator = Emulator::builder().polls_until_ready(0).start().unwrap();
    let group = copied(&client(&emulator)).await.unwrap();
    assert_eq!(group.name, "second");
    assert_eq!(group.firewall_ranges.as_deref(), Some(&["203.0.113.0/24".to_owned()][..]));
    assert!(emulator.violations().is_empty(), "{:?}", emulator.violations());
}

#[test]
fn settings_reported_by_a_workspace_are_accepted_by_a_creation() {
    let read = json!({"workspaceID": ID, "name": "w", "workspaceGroupID": ID, "size": "S-00", "deploymentType": "PRODUCTION",
        "autoSuspend": {"suspendType": "IDLE", "idleAfterSeconds": 600}, "state": "ACTIVE"});
    let read: Workspace = serde_json::from_value(read).unwrap();
    let group = read.workspace_group_id.unwrap();
    let create = WorkspaceCreate::new("copy", group).maybe_size(read.size).maybe_auto_suspend(read.auto_suspend);
    let sent = serde_json::to_value(create).unwrap();
    assert_eq!(sent["size"], "S-00");
    assert_eq!(sent["autoSuspend"], json!({"suspendType": "IDLE", "suspendAfterSeconds": 600}));
    let nothing = serde_json::to_value(WorkspaceCreate::new("copy", group).maybe_size(None::<String>)).unwrap();
    assert_eq!(nothing.get("size"), None);
    let _: DeploymentType = read.deployment_type.unwrap();
    assert_eq!(AutoSuspend::new().suspend_type(SuspendType::Disabled).suspend_type, Some(SuspendType::Disabled));
}

#[test]
fn enums_behave_like_values() {
    assert!(
        WorkspaceState::Active == "ACTIVE" && "active" == WorkspaceState::Active && WorkspaceState::Active != "FAILED"
    );
    assert!(WorkspaceState::Active.is_known() && !WorkspaceState::from("NEW").is_known());
    let variants = WorkspaceState::variants();
    assert_eq!(variants.len(), WorkspaceState::KNOWN.len());
    assert!(variants.iter().zip(WorkspaceState::KNOWN).all(|(variant, known)| variant == known));
    assert_eq!(WorkspaceState::parse(" suspended "), Ok(WorkspaceState::Suspended));
    let refused = WorkspaceState::parse("HIBERNATING").unwrap_err();
    assert!(refused.to_string().contains("\"HIBERNATING\" is not one of") && refused.to_string().contains("SUSPENDED"));
    assert_eq!(refused.known(), WorkspaceState::KNOWN);
    let sorted: std::collections::BTreeSet<_> = variants.iter().cloned().collect();
    assert_eq!(sorted.len(), variants.len());
    assert_eq!(WorkspaceState::default(), WorkspaceState::from(""));
    for (provider, spelled) in
        [(CloudProvider::Azure, "AZURE"), (CloudProvider::Aws, "AWS"), (CloudProvider::Gcp, "GCP")]
    {
        assert_eq!(SharedTierProvider::from(provider).as_str(), spelled);
    }
}

#[test]
fn ids_and_times_convert() {
    let id: WorkspaceId = ID.parse().unwrap();
    assert_eq!((String::from(id), id.as_str(), format!("{id:>38}")), (ID.to_owned(), ID, format!("  {ID}")));
    let text: &str = id.as_ref();
    assert_eq!(text, ID);
    assert_eq!(singlestore_management::uuid::Uuid::from(id), *id.as_uuid());
    assert!(WorkspaceId::default().as_uuid().is_nil());
    assert_eq!(String::from(Timestamp::from("2026-01-02T03:04:05Z")), "2026-01-02T03:04:05Z");
}

#[test]
fn a_resource_converts_to_its_id_and_an_export_is_named_by_any_string() {
    let read: Workspace = serde_json::from_value(json!({"workspaceID": ID, "name": "w"})).unwrap();
    assert_eq!(WorkspaceId::from(&read), read.workspace_id);
    assert_eq!(TargetId::from(read.workspace_id).to_string(), ID);
    let text: EgressId = serde_json::from_value(json!("e-17")).unwrap();
    let number: EgressId = serde_json::from_value(json!(17)).unwrap();
    assert_eq!((text.as_str(), number.as_ref(), format!("{number:?}")), ("e-17", "17", "EgressId(17)".to_owned()));
    assert_eq!(serde_json::to_value(EgressRef::new(&number)).unwrap(), json!({"egressID": "17"}));
    assert!(EgressId::default().as_str().is_empty() && String::from(EgressId::from("a")) == "a");
    for given in [json!(17), json!("17")] {
        let status: EgressStatus = serde_json::from_value(json!({"egressID": given})).unwrap();
        assert_eq!(status.egress_id, Some(number.clone()));
    }
    serde_json::from_value::<EgressId>(json!({"id": 1})).unwrap_err();
    let lake = EgressCatalog::new().catalog_type("GLUE").table_format("ICEBERG").catalog_region("us-east-1");
    let bucket = EgressStorage::new().provider("S3").region("us-east-1");
    let start = serde_json::to_value(EgressStart::new(lake, "sales", bucket, "orders")).unwrap();
    assert_eq!(start["catalogInfo"]["table_format"], "ICEBERG");
    assert_eq!((&start["databaseName"], &start["storageInfo"]["provider"]), (&json!("sales"), &json!("S3")));
}

#[test]
fn integers_of_any_width_are_accepted() {
    let seconds = |given: AutoSuspend| given.suspend_after_seconds.unwrap();
    let new = AutoSuspend::new;
    let given = [
        new().suspend_after_seconds(7),
        new().suspend_after_seconds(7_u8),
        new().suspend_after_seconds(7_u64),
        new().suspend_after_seconds(7_usize),
        new().suspend_after_seconds(7_i128),
        new().maybe_suspend_after_seconds(Some(7_i64)),
    ];
    assert!(given.into_iter().all(|given| seconds(given) == 7));
    assert_eq!(seconds(new().suspend_after_seconds(u64::MAX)), i64::MAX);
    assert_eq!(seconds(new().suspend_after_seconds(i128::MIN)), i64::MIN);
}

#[test]
fn requests_can_be_copied_and_the_parts_of_an_optional_body_are_setters() {
    let id: WorkspaceId = ID.parse().unwrap();
    let request = ResumeWorkspace::new(id).disable_auto_suspend(true);
    assert_eq!(format!("{:?}", request.clone()), format!("{request:?}"));
    assert!(format!("{request:?}").contains("disable_auto_suspend: Some(true)"), "{request:?}");
}

#[test]
fn jobs_and_grants_are_built_from_their_parts() {
    let workspace: WorkspaceId = ID.parse().unwrap();
    let job = RunNotebook::once("a.ipynb").on(JobTarget::workspace(workspace).resume()).parameter("p", "v");
    let v1 = serde_json::to_value(JobCreate::from(job.clone())).unwrap();
    assert_eq!(v1["targetConfig"], json!({"resumeTarget": true, "targetID": ID, "targetType": "Workspace"}));
    assert_eq!(v1["executionConfig"], json!({"createSnapshot": false, "notebookPath": "a.ipynb"}));
    assert_eq!(v1["schedule"]["mode"], "Once");
    assert_eq!(v1["parameters"], json!([{"name": "p", "type": "string", "value": "v"}]));
    let v2 = serde_json::to_value(JobCreateV2::from(job)).unwrap();
    assert_eq!(v2["targetConfig"]["targetType"], "Cluster");

    let user: singlestore_management::UserId = ID.parse().unwrap();
    let team: singlestore_management::TeamId = ID.parse().unwrap();
    let owners = ControlAccessAction::grant("Owner").user(user).user(user).team(team);
    let sent = serde_json::to_value(owners.and(ControlAccessAction::revoke("Reader").user(user))).unwrap();
    assert_eq!(
        sent,
        json!({
            "grants": [{"role": "Owner", "users": [ID], "teams": [ID]}],
            "revokes": [{"role": "Reader", "users": [ID], "teams": []}],
        })
    );
}
