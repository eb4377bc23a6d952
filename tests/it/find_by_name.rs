//! Looking things up by name where the service only lists, terminated namesakes included.

use serde_json::json;
use singlestore_management::{ErrorKind, WorkspaceGroupId};
use singlestore_management_emulator::{Emulator, Fault};

use crate::support::client;

#[tokio::test]
async fn a_terminated_namesake_is_skipped() {
    let emulator = Emulator::start().unwrap();
    let client = client(&emulator);
    let old = emulator.insert_cluster(json!({"name": "tenant"})).unwrap();
    emulator.set_state(&old, "TERMINATED");
    let error = client.clusters().find_by_name("tenant").await.unwrap_err();
    assert!(error.is_not_found() && error.kind() == ErrorKind::NotFound, "{error}");
    let live = emulator.insert_cluster(json!({"name": "tenant"})).unwrap();
    let listed = client.clusters().list().await.unwrap();
    assert_eq!(listed.iter().filter(|cluster| cluster.name == "tenant").count(), 2, "the list holds both");
    let found = client.clusters().find_by_name("tenant").await.unwrap();
    assert_eq!(found.cluster_id.to_string(), live);
}

#[tokio::test]
async fn an_unreadable_cluster_does_not_make_the_cluster_of_a_group_missing() {
    let emulator = Emulator::start().unwrap();
    let client = client(&emulator);
    let group: WorkspaceGroupId = emulator.insert_workspace_group(json!({"name": "g"})).unwrap().parse().unwrap();
    let error = client.clusters().find_by_group(group).await.unwrap_err();
    assert!(error.is_not_found() && error.to_string().contains("may lag"), "{error}");
    emulator.inject(Fault::status(200).content_type("application/json").body("[{\"clusterID\": 7}]"));
    let error = client.clusters().find_by_group(group).await.unwrap_err();
    assert!(!error.is_not_found() && error.item_index() == Some(0), "{error}");
    assert!(error.to_string().contains(&group.to_string()), "{error}");
}

#[tokio::test]
async fn two_live_namesakes_are_refused_with_the_ids_to_choose_from() {
    let emulator = Emulator::start().unwrap();
    let client = client(&emulator);
    let ids = [(); 2].map(|()| emulator.insert("project", json!({"name": "same", "edition": "STANDARD"})).unwrap());
    let error = client.projects().find_by_name("same").await.unwrap_err();
    println!("{error}");
    assert_eq!(error.kind(), ErrorKind::Ambiguous);
    assert!(ids.iter().all(|id| error.to_string().contains(id)), "{error}");
    assert_eq!(error.operation(), Some("list_projects"));
}

#[tokio::test]
async fn workspaces_are_looked_up_in_their_group() {
    let emulator = Emulator::start().unwrap();
    let client = client(&emulator);
    let [one, two] = ["one", "two"].map(|name| emulator.insert_workspace_group(json!({"name": name})).unwrap());
    let workspace = emulator.insert_workspace(json!({"name": "w", "workspaceGroupID": one})).unwrap();
    let id = |text: &str| text.parse::<WorkspaceGroupId>().unwrap();
    let found = client.workspaces().find_by_name(id(&one), "w").await.unwrap();
    assert_eq!(found.workspace_id.to_string(), workspace);
    assert!(client.workspaces().find_by_name(id(&two), "w").await.unwrap_err().is_not_found());
    let group = client.workspace_groups().find_by_name("two").await.unwrap();
    assert_eq!(group.workspace_group_id, id(&two));
    assert!(client.workspace_groups().find_by_name("TWO").await.unwrap_err().is_not_found(), "names are exact");
}
