//! Calls without async: from plain threads, many at once, and refused where they would block a runtime.

use std::time::Duration;

use serde_json::json;
use singlestore_management::blocking::{AsyncReader, AsyncWriter, Call as _, Client};
use singlestore_management::files::UploadBody;
use singlestore_management::{ErrorKind, WorkspaceGroupId};
use singlestore_management_emulator::{Emulator, Fault};

use crate::support::{builder, client, quick_retries};

#[test]
fn requests_look_ups_and_waiters_need_no_runtime_of_the_caller() {
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
fn retries_and_errors_are_the_same_as_with_the_async_client() {
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
        for word in ["await", "spawn_blocking", "std::thread::spawn"] {
            assert!(error.to_string().contains(word), "{error}");
        }
    }
    assert!(emulator.requests().is_empty());
    assert!(client.regions().list().call().is_ok(), "the control: the same call outside of a runtime");
}

#[test]
fn waits_creations_and_terminations_work_without_the_trait() {
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

/// Both kinds of runtime, the second with one thread, so that a call that blocked it would block all of it.
fn runtimes() -> [tokio::runtime::Runtime; 2] {
    let many = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    [tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap(), many]
}

#[test]
fn where_a_runtime_allows_blocking_a_call_is_made() {
    let emulator = Emulator::start().unwrap();
    let client = client(&emulator);
    for runtime in runtimes() {
        let (in_thread, of_runtime) = (client.clone(), client.clone());
        let regions = runtime.block_on(async move {
            // Nor does it block a connection of the runtime's own.
            of_runtime.regions().list().await.unwrap();
            tokio::task::spawn_blocking(move || in_thread.regions().list().call()).await.unwrap()
        });
        regions.unwrap();
    }
    let client = crate::support::client(&emulator);
    for runtime in runtimes() {
        let _entered = runtime.enter();
        client.regions().list().call().unwrap();
    }
    let [_, many] = runtimes();
    let in_place = || tokio::task::block_in_place(|| client.regions().list().call());
    many.block_on(async { in_place() }).unwrap();
    let in_task = client.clone();
    let task = many.spawn(async move { tokio::task::block_in_place(|| in_task.regions().list().call()) });
    many.block_on(task).unwrap().unwrap();
}

#[test]
fn a_wait_in_spawn_blocking_sleeps_and_retries_as_usual() {
    let emulator = Emulator::builder().polls_until_ready(2).start().unwrap();
    let pace = Duration::from_millis(1);
    let client = builder(&emulator).retry(quick_retries()).poll_interval(pace, pace).build().unwrap();
    let id: WorkspaceGroupId = emulator.insert_workspace_group(json!({"name": "tenants"})).unwrap().parse().unwrap();
    emulator.inject(Fault::status(503));
    for runtime in runtimes() {
        let client = client.clone();
        let work = move || client.workspace_groups().wait_until_ready(id).call();
        let group = runtime.block_on(async { tokio::task::spawn_blocking(work).await.unwrap() }).unwrap();
        assert_eq!(group.workspace_group_id, id);
    }
}

#[test]
fn tasks_of_every_kind_are_told_to_await_and_keep_their_coop_budget() {
    let emulator = Emulator::start().unwrap();
    let client = client(&emulator);
    let refused = |client: &Client| assert_eq!(client.regions().list().call().unwrap_err().kind(), ErrorKind::Config);
    for runtime in runtimes() {
        let own = client.clone();
        runtime.block_on(async {
            refused(&own);
            assert!(tokio::task::coop::has_budget_remaining());
        });
        let own = client.clone();
        runtime.block_on(runtime.spawn(async move { refused(&own) })).unwrap();
        let own = client.clone();
        runtime.block_on(runtime.spawn(tokio::task::unconstrained(async move { refused(&own) }))).unwrap();
        let own = client.clone();
        let local = tokio::task::LocalSet::new();
        let task = local.spawn_local(async move { refused(&own) });
        runtime.block_on(local);
        runtime.block_on(task).unwrap();
        // A runtime inside a thread that may block.
        let own = client.clone();
        let nested =
            runtime.spawn_blocking(move || tokio::runtime::Handle::current().block_on(async { refused(&own) }));
        runtime.block_on(nested).unwrap();
    }
    let [one, _] = runtimes();
    one.block_on(tokio::task::unconstrained(async { refused(&client) }));
    let (local, own) = (tokio::task::LocalSet::new(), client.clone());
    let task = local.spawn_local(tokio::task::unconstrained(async move { refused(&own) }));
    one.block_on(local);
    one.block_on(task).unwrap();
    assert!(emulator.requests().is_empty());
}

/// Tokio does not distinguish this future from the thread that it runs on. Blocking there stops no other thread, and nothing
/// panics.
#[test]
fn an_unconstrained_future_of_a_runtime_with_many_threads_blocks_only_itself() {
    let emulator = Emulator::start().unwrap();
    let client = client(&emulator);
    let [_, many] = runtimes();
    let other = many.spawn(async { 1 });
    many.block_on(tokio::task::unconstrained(async { client.regions().list().call() })).unwrap();
    assert_eq!(many.block_on(other).unwrap(), 1);
    // As do the tasks of a set that such a future drives.
    let local = tokio::task::LocalSet::new();
    let task = local.spawn_local(tokio::task::unconstrained(async move { client.regions().list().call() }));
    many.block_on(local);
    many.block_on(task).unwrap().unwrap();
}

#[test]
fn a_call_inside_a_blocking_call_is_refused_on_a_plain_thread_and_in_spawn_blocking() {
    let emulator = Emulator::start().unwrap();
    let client = client(&emulator);
    let nested = move || async { client.regions().list().call() }.call().unwrap_err().kind();
    assert_eq!(nested(), ErrorKind::Config);
    let [one, _] = runtimes();
    assert_eq!(one.block_on(one.spawn_blocking(nested)).unwrap(), ErrorKind::Config);
}

#[test]
fn a_list_is_an_iterator_that_ends_after_a_refusal() {
    let emulator = Emulator::start().unwrap();
    let client = client(&emulator);
    for name in ["a", "b", "c"] {
        emulator.insert_workspace_group(json!({"name": name})).unwrap();
    }
    let mut names = Vec::new();
    for group in client.workspace_groups().list().items() {
        names.push(group.unwrap().name);
    }
    names.sort();
    assert_eq!(names, ["a", "b", "c"]);
    let mut items = client.workspace_groups().list().items();
    assert_eq!((&mut items).into_iter().take(2).count(), 2);
    assert_eq!(items.yielded(), 2);
    assert_eq!(items.into_iter().count(), 1, "it goes on where it was");
    let [one, _] = runtimes();
    let kinds: Vec<_> = one.block_on(async {
        let items = client.workspace_groups().list().items().into_iter();
        items.take(10).map(|item| item.unwrap_err().kind()).collect()
    });
    assert_eq!(kinds, [ErrorKind::Config]);
}

#[test]
fn files_are_transferred_through_std_readers_and_writers() {
    let emulator = Emulator::builder().polls_until_ready(0).start().unwrap();
    let client = client(&emulator);
    let id: WorkspaceGroupId = emulator.insert_workspace_group(json!({"name": "g"})).unwrap().parse().unwrap();
    let content: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (folder.path().join("from"), folder.path().join("to"));
    std::fs::write(&from, &content).unwrap();
    for length in [Some(content.len() as u64), None] {
        let body = UploadBody::from_reader(AsyncReader::new(std::fs::File::open(&from).unwrap()), length);
        let report = client.stage().upload(id, "a.bin", body).overwrite(true).call().unwrap();
        assert_eq!(report.bytes, content.len() as u64);
        let mut file = std::fs::File::create(&to).unwrap();
        client.stage().download(id, "a.bin").to_writer(&mut AsyncWriter::new(&mut file)).call().unwrap();
        assert!(std::fs::read(&to).unwrap() == content);
    }
    let mut pieces = client.stage().download(id, "a.bin").stream().call().unwrap();
    let first = (&mut pieces).into_iter().next().unwrap().unwrap();
    let mut read = first.to_vec();
    for piece in pieces {
        read.extend_from_slice(&piece.unwrap());
    }
    assert!(read == content);
}

#[test]
fn errors_and_panics_of_a_reader_and_a_writer_are_errors_of_the_transfer() {
    struct Bad;
    impl std::io::Read for Bad {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the tape is torn"))
        }
    }
    impl std::io::Write for Bad {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the tape is full"))
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let emulator = Emulator::builder().polls_until_ready(0).start().unwrap();
    let client = client(&emulator);
    let id: WorkspaceGroupId = emulator.insert_workspace_group(json!({"name": "g"})).unwrap().parse().unwrap();
    struct Worse;
    impl std::io::Read for Worse {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            std::panic::resume_unwind(Box::new("no words"))
        }
    }
    for length in [Some(8), None] {
        let body = UploadBody::from_reader(AsyncReader::new(Worse), length);
        let error = client.stage().upload(id, "a", body).call().unwrap_err();
        assert!(error.to_string().contains("the reader panicked"), "{error}");
        let body = UploadBody::from_reader(AsyncReader::new(Bad), length);
        let error = client.stage().upload(id, "a", body).call().unwrap_err();
        assert!(error.to_string().contains("the tape is torn"), "{error}");
    }
    client.stage().upload(id, "a", "abc").call().unwrap();
    let error = client.stage().download(id, "a").to_writer(&mut AsyncWriter::new(Bad)).call().unwrap_err();
    assert!(error.to_string().contains("the tape is full"), "{error}");
}
