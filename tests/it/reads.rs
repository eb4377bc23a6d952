//! A read changes nothing, however it fails: its outcome is never unknown.

use std::time::Duration;

use serde_json::json;
use singlestore_management::types::WorkspaceGroup;
use singlestore_management::{RetryPolicy, WorkspaceGroupId};
use singlestore_management_emulator::{Emulator, Fault};

use crate::support::builder;

#[tokio::test]
async fn no_failed_read_has_an_unknown_outcome() {
    let emulator = Emulator::builder().polls_until_ready(0).start().unwrap();
    let group = emulator.insert_workspace_group(json!({"name": "g"})).unwrap();
    let group: WorkspaceGroupId = group.parse().unwrap();
    emulator.insert_file(&format!("stage/{group}"), "a.csv", b"a").unwrap();
    let limit = Duration::from_millis(300);
    let client = builder(&emulator).retry(RetryPolicy::none()).deadline(limit).read_timeout(limit).build().unwrap();
    type Case = (&'static str, fn() -> Fault);
    let faults: [Case; 6] = [
        ("reset", Fault::reset),
        ("500", || Fault::status(500)),
        ("503", || Fault::status(503)),
        ("garbage", || Fault::status(200).body("{")),
        ("page", || Fault::status(200).content_type("text/html").body("<html>Sign in</html>")),
        ("stall", || Fault::stall(Duration::from_secs(3_600))),
    ];
    for (name, fault) in faults {
        emulator.inject(fault().always());
        let (groups, stage) = (client.workspace_groups(), client.stage());
        let patience = Duration::ZERO;
        let outcomes = [
            ("get", groups.get(group).await.map(drop)),
            ("list", groups.list().await.map(drop)),
            ("items", groups.list().items().try_next().await.map(drop)),
            ("find", groups.find_by_name("g").await.map(drop)),
            ("wait", groups.wait_until_ready(group).with_error_tolerance(patience).await.map(drop)),
            ("raw", client.request("GET", "/v1/workspaceGroups").send().await.map(drop)),
            ("metadata", stage.metadata(group, "a.csv").await.map(drop)),
            ("exists", stage.exists(group, "a.csv").await.map(drop)),
            ("download", stage.download(group, "a.csv").bytes().await.map(drop)),
            ("walk", stage.walk(group, "").try_next().await.map(drop)),
        ];
        for (what, outcome) in outcomes {
            // Requests to the caller's own paths and downloads are not inspected.
            let Err(error) = outcome else {
                assert!(matches!(what, "raw" | "download"), "{name}, {what}");
                continue;
            };
            assert!(!error.is_outcome_unknown(), "{name}, {what}: {error}");
            assert!(!error.to_string().contains("is unknown"), "{name}, {what}: {error}");
        }
        // The control: a write.
        let error = client.request("DELETE", format!("/v1/workspaceGroups/{group}")).fetch::<WorkspaceGroup>().await;
        let error = error.unwrap_err();
        assert!(error.is_outcome_unknown(), "{name}: {error}");
        emulator.clear_faults();
    }
    assert_eq!(emulator.violations(), Vec::<String>::new());
}
