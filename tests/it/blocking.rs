//! Calls without async: from plain threads, many at once, and refused where they would block a runtime.

use std::time::Duration;

use serde_json::json;
use singlestore_management::blocking::{Call as _, Client};
use singlestore_management::{ErrorKind, WorkspaceGroupId};
use singlestore_management_emulator::{Emulator, Fault};

use crate::support::{builder, client, quick_retries};

#[test]
fn a_request_a_look_up_and_a_waiter_end_without_a_runtime_of_the_caller() {
    let emulator = Emulator::builder().polls_until_ready(2).start().unwrap();
    let client: Client = client(&emulator);
    let id = emulator.insert_workspace_group(json!({"name": "tenants"})).unwrap();
    let id: WorkspaceGroupId = id.parse().unwrap();
    assert_eq!(client.workspace_groups().list().call().unwrap().len(), 1);
    let group = client
        .workspace_groups()
        .wait_until_ready(id)
        .with_poll_interval(Duration::from_millis(1), Duration::from_millis(2))
        .call()
        .unwrap();
    assert_eq!(group.workspace_group_id, id);
    assert_eq!(client.workspace_groups().find_by_name("tenants").call().unwrap().name, "tenants");
    let response = client.regions().list().send().call().unwrap();
    assert_eq!(response.status(), 200);
}

#[test]
fn retries_and_errors_are_those_of_the_async_client() {
    let emulator = Emulator::start().unwrap();
    let client = builder(&emulator).retry(quick_retries()).build().unwrap();
    emulator.inject(Fault::status(503));
    let response = client.regions().list().send().call().unwrap();
    assert_eq!(response.attempts().len(), 2);
    let unknown: WorkspaceGroupId = "3f2504e0-4f89-41d3-9a0c-0305e82c3301".parse().unwrap();
    assert!(client.workspace_groups().get(unknown).call().unwrap_err().is_not_found());
}

#[test]
fn many_threads_share_one_client() {
    let emulator = Emulator::start().unwrap();
    let client = client(&emulator);
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                for _ in 0..8 {
                    client.regions().list().call().unwrap();
                }
            });
        }
    });
    assert_eq!(emulator.requests().len(), 128);
}

#[test]
fn a_blocking_call_inside_a_runtime_is_an_error_that_says_what_to_do_and_sends_nothing() {
    let emulator = Emulator::start().unwrap();
    let client = client(&emulator);
    for runtime in [tokio::runtime::Builder::new_current_thread(), tokio::runtime::Builder::new_multi_thread()] {
        let mut runtime = runtime;
        let runtime = runtime.enable_all().build().unwrap();
        let error = runtime.block_on(async { client.regions().list().call().unwrap_err() });
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains("await"), "{error}");
    }
    assert!(emulator.requests().is_empty());
    assert!(client.regions().list().call().is_ok(), "the control: the same call outside of a runtime");
}

#[test]
fn waits_creations_and_terminations_end_without_the_trait() {
    let emulator = Emulator::builder().polls_until_ready(1).start().unwrap();
    let pace = Duration::from_millis(1);
    let client = builder(&emulator).poll_interval(pace, pace).build().unwrap();
    let region: singlestore_management::RegionId =
        emulator.items("region")[0]["regionID"].as_str().unwrap().parse().unwrap();
    let body = singlestore_management::types::WorkspaceGroupCreate::new("g", ["203.0.113.0/24"]).region_id(region);
    let groups = client.workspace_groups();
    let id = singlestore_management::CreateOnce::call(groups.create_once(body)).unwrap().id;
    singlestore_management::Waiter::call(groups.wait_until_ready(id)).unwrap();
    singlestore_management::Termination::call(groups.terminate(id).ok_if_gone()).unwrap();
}
