//! What does not exist: a path, or the deployment in which it is looked for.

use serde_json::json;
use singlestore_management::{ClusterId, Error, ErrorKind, WorkspaceGroupId};
use singlestore_management_emulator::Emulator;

use crate::support::client;

const UNKNOWN: &str = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";

/// "There is no such file" would be taken as permission to continue, in the wrong deployment.
#[tokio::test]
async fn a_missing_deployment_is_not_reported_as_a_missing_path() {
    let emulator = Emulator::start().unwrap();
    let client = client(&emulator);
    let (stage, group) = (client.stage(), UNKNOWN.parse::<WorkspaceGroupId>().unwrap());
    let (clusters, cluster) = (client.cluster_stage(), UNKNOWN.parse::<ClusterId>().unwrap());
    let outcomes = [
        ("exists", stage.exists(group, "x").await.map(drop)),
        ("exists, folder", stage.exists(group, "x/").await.map(drop)),
        ("exists, root", stage.exists(group, "").await.map(drop)),
        ("is_folder", stage.is_folder(group, "x").await.map(drop)),
        ("metadata", stage.metadata(group, "x").await.map(drop)),
        ("upload", stage.upload(group, "x", "1").await.map(drop)),
        ("upload over", stage.upload(group, "x", "1").overwrite(true).await.map(drop)),
        ("move", stage.move_to(group, "x", "y").await.map(drop)),
        ("move over", stage.move_to(group, "x", "y").overwrite(true).await.map(drop)),
        ("create_folder", stage.create_folder(group, "x").parents(true).await.map(drop)),
        ("cluster exists", clusters.exists(cluster, "x").await.map(drop)),
        ("cluster is_folder", clusters.is_folder(cluster, "x").await.map(drop)),
        ("cluster metadata", clusters.metadata(cluster, "x").await.map(drop)),
    ];
    for (what, outcome) in outcomes {
        let error = outcome.expect_err(what);
        assert!(error.is_not_found() && !error.to_string().contains("path not found"), "{what}: {error}");
        assert!(error.to_string().contains("it never existed"), "{what}: {error}");
    }
    // The control: a missing path in an existing deployment.
    let group = emulator.insert_workspace_group(json!({"name": "g"})).unwrap();
    let group: WorkspaceGroupId = group.parse().unwrap();
    assert!(!stage.exists(group, "x").await.unwrap() && !stage.is_folder(group, "x").await.unwrap());
    assert!(stage.metadata(group, "x").await.unwrap_err().is_not_found());
}

/// A group with the file `df/a.csv`, and the name of its Stage.
fn group_with_folder(emulator: &Emulator) -> (String, WorkspaceGroupId) {
    let group = emulator.insert_workspace_group(json!({"name": "g"})).unwrap();
    let space = format!("stage/{group}");
    emulator.insert_file(&space, "df/a.csv", b"a").unwrap();
    (space, group.parse().unwrap())
}

#[tokio::test]
async fn a_file_instead_of_a_folder_is_hinted_at_and_vice_versa() {
    let emulator = Emulator::start().unwrap();
    let client = client(&emulator);
    let (space, group) = group_with_folder(&emulator);
    emulator.insert_file(&space, "f.csv", b"f").unwrap();
    let (stage, here) = (client.stage(), tempfile::tempdir().unwrap());
    let outcomes: [(&str, Result<(), Error>); 8] = [
        ("delete", stage.delete(group, "df").await),
        ("delete_folder", stage.delete_folder(group, "f.csv").await),
        ("walk", stage.walk(group, "f.csv").try_next().await.map(drop)),
        ("download_folder", stage.download_folder(group, "f.csv", here.path().join("f")).await.map(drop)),
        ("download", stage.download(group, "df").bytes().await.map(drop)),
        ("download_url", stage.download_url(group, "df").await.map(drop)),
        ("move_to", stage.move_to(group, "df", "dg").await),
        ("move_to over", stage.move_to(group, "df", "dg").overwrite(true).await),
    ];
    for (what, outcome) in outcomes {
        let error = outcome.expect_err(what);
        let text = error.to_string();
        assert!(error.is_not_found(), "{what}: {text}");
        assert!(text.contains("the path of a folder ends in `/`") && !text.contains("never existed"), "{what}: {text}");
    }
    // A file in a missing folder needs the folder.
    let error = stage.upload(group, "none/a.csv", "1").await.unwrap_err();
    assert!(error.to_string().contains("create_folder") && error.is_not_found(), "{error}");
    assert_ne!(error.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn a_folder_created_twice_keeps_its_content() {
    let emulator = Emulator::start().unwrap();
    let client = client(&emulator);
    let (space, group) = group_with_folder(&emulator);
    for parents in [false, true] {
        client.stage().create_folder(group, "df").parents(parents).await.unwrap();
        assert_eq!(emulator.file(&space, "df/a.csv").as_deref(), Some(b"a".as_slice()), "{parents}");
    }
}
