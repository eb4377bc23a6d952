//! Sweeps over all groups.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use singlestore_management::{ErrorKind, RetryPolicy, WorkspaceGroupId};
use singlestore_management_emulator::Emulator;

use super::list_server::{Server, Step, groups, response, status, uuid};
use super::support::{builder, client};

/// An emulator with this many groups of one workspace each.
fn seeded(groups: usize) -> Emulator {
    let emulator = Emulator::start().unwrap();
    for number in 0..groups {
        let group = emulator.insert_workspace_group(json!({"name": format!("g{number}")})).unwrap();
        emulator.insert_workspace(json!({"name": "w", "workspaceGroupID": group})).unwrap();
    }
    emulator
}

#[tokio::test]
async fn all_workspaces_are_listed_with_their_groups() {
    let emulator = seeded(30);
    let client = client(&emulator);
    let mut all = client.workspaces().list_all().with_concurrency(4);
    let (mut names, mut ids) = (HashSet::new(), HashSet::new());
    while let Some(workspace) = all.try_next().await.unwrap() {
        assert_eq!(workspace.workspace_group_id, Some(workspace.group_id));
        names.insert(workspace.group_name.to_string());
        ids.insert(workspace.into_inner().workspace_id);
    }
    assert_eq!((names.len(), ids.len(), all.finished_groups().len()), (30, 30, 30));
    assert!(all.failed_groups().is_empty());
}

/// A server with this many groups of one workspace each; some of them fail or are gone.
fn server(count: usize, failing: impl Fn(usize) -> Option<u16> + Send + Sync + 'static) -> Server {
    Server::start(move |_, path| {
        if path.starts_with("/v1/workspaceGroups") {
            return vec![Step::Send(response(&groups(count)))];
        }
        let number = (0..count).find(|number| path.contains(&uuid(*number))).unwrap();
        let (group, workspace) = (uuid(number), uuid(100_000 + number));
        vec![Step::Send(match failing(number) {
            Some(code) => status(code, "no"),
            None => response(&format!(
                r#"[{{"workspaceID":"{workspace}","workspaceGroupID":"{group}","name":"w","size":"S-00","state":"ACTIVE"}}]"#
            )),
        })]
    })
}

#[tokio::test]
async fn a_group_that_fails_is_an_error_that_names_it_and_the_others_follow() {
    let server = server(20, |number| match number {
        3 => Some(404),
        7 => Some(500),
        _ => None,
    });
    let client = server.builder().retry(RetryPolicy::none()).build().unwrap();
    let mut all = client.workspaces().list_all();
    let (mut count, mut errors) = (0, Vec::new());
    while let Some(workspace) = all.next().await {
        match workspace {
            Ok(_) => count += 1,
            Err(error) => errors.push(error),
        }
    }
    assert_eq!((count, errors.len(), all.finished_groups().len()), (18, 2, 18));
    errors.sort_by_key(|error| error.status().map(|status| status.as_u16()));
    println!("{}\n{}", errors[0], errors[1]);
    assert!(errors[0].to_string().contains("group-3") && errors[0].to_string().contains(&uuid(3)));
    assert!(errors[1].to_string().contains("group-7"));
    let failed: HashSet<WorkspaceGroupId> = all.failed_groups().into_iter().collect();
    assert_eq!(failed, HashSet::from([uuid(3).parse().unwrap(), uuid(7).parse().unwrap()]));
}

#[tokio::test]
async fn a_sweep_continues_with_the_remaining_groups() {
    let server = server(40, |_| None);
    let mut all = server.client().workspaces().list_all().with_concurrency(0).with_max_items(10);
    let mut seen = HashSet::new();
    while let Some(workspace) = all.try_next().await.unwrap() {
        seen.insert(workspace.workspace_id);
    }
    let (token, finished) = (all.resume_token().to_string(), all.finished_groups());
    assert!(finished.len() >= 9 && finished.len() <= 10, "{}", finished.len());
    let mut rest = server.client().workspaces().list_all().resume(token);
    while let Some(workspace) = rest.try_next().await.unwrap() {
        seen.insert(workspace.workspace_id);
    }
    assert_eq!((seen.len(), rest.yielded()), (40, 40 - finished.len() as u64));
    let left = server.client().workspaces().list_all().with_finished_groups(finished.clone());
    assert_eq!(left.try_collect::<Vec<_>>().await.unwrap().len(), 40 - finished.len());
    let sent = server.requests();
    let logs = server.client().audit_logs().list().items().resume_token();
    let error = server.client().workspaces().list_all().resume(logs).try_next().await.unwrap_err();
    assert_eq!((error.kind(), server.requests()), (ErrorKind::InvalidRequest, sent));
}

#[tokio::test]
async fn a_failed_list_of_groups_is_not_a_short_sweep() {
    let server = Server::saying(status(403, "no"));
    let (items, errors) = server.client().workspaces().list_all().collect_with_errors().await;
    assert_eq!((items.len(), errors.len(), server.requests()), (0, 1, 1));
}

#[tokio::test]
async fn a_sweep_leaves_a_request_slot_for_calls_in_its_loop() {
    let emulator = seeded(12);
    let client = builder(&emulator).max_concurrent_requests(1).build().unwrap();
    let mut all = client.workspaces().list_all();
    let mut count = 0;
    while let Some(workspace) = all.try_next().await.unwrap() {
        client.workspaces().get(workspace.workspace_id).await.unwrap();
        count += 1;
    }
    assert_eq!(count, 12);
}

#[tokio::test]
async fn work_runs_in_the_slots_of_the_groups_without_timing_anything_out() {
    let server = server(6, |number| (number == 5).then_some(404));
    let client = server.builder().deadline(Duration::from_secs(2)).build().unwrap();
    let (now, most, done, failed) =
        <(Arc<AtomicUsize>, Arc<AtomicUsize>, Arc<AtomicUsize>, Arc<AtomicUsize>)>::default();
    let all = client.workspaces().list_all().with_concurrency(3);
    all.for_each(|workspace| {
        let (now, most, done, failed) = (now.clone(), most.clone(), done.clone(), failed.clone());
        async move {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            // Longer than any call may take.
            tokio::time::sleep(Duration::from_millis(2_200)).await;
            now.fetch_sub(1, Ordering::SeqCst);
            match workspace {
                Ok(_) => done.fetch_add(1, Ordering::SeqCst),
                Err(_) => failed.fetch_add(1, Ordering::SeqCst),
            };
        }
    })
    .await;
    let count = |number: &AtomicUsize| number.load(Ordering::SeqCst);
    assert_eq!((count(&done), count(&failed), count(&most)), (5, 1, 3));
}

/// A server of 40 groups, whose first responses wait until this many requests are there at once; and the largest number seen at
/// once.
fn busy_server(wanted: usize) -> (Server, Arc<AtomicUsize>) {
    let (now, most) = <(AtomicUsize, Arc<AtomicUsize>)>::default();
    let seen = most.clone();
    let server = server(40, move |_| {
        most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        let started = Instant::now();
        while most.load(Ordering::SeqCst) < wanted && started.elapsed() < Duration::from_secs(120) {
            std::thread::sleep(Duration::from_millis(1));
        }
        // One too many would arrive while the others are here.
        std::thread::sleep(Duration::from_millis(3));
        // Before the response, after which the client may send the next one.
        now.fetch_sub(1, Ordering::SeqCst);
        None
    });
    (server, seen)
}

#[tokio::test]
async fn a_sweep_respects_the_limit_of_concurrent_requests() {
    let (server, most) = busy_server(2);
    let limited = server.builder().max_concurrent_requests(2).build().unwrap();
    assert_eq!(limited.workspaces().list_all().try_collect::<Vec<_>>().await.unwrap().len(), 40);
    assert_eq!(most.load(Ordering::SeqCst), 2);
    // The control.
    let (server, most) = busy_server(5);
    assert_eq!(server.client().workspaces().list_all().try_collect::<Vec<_>>().await.unwrap().len(), 40);
    assert!(most.load(Ordering::SeqCst) > 4, "without a limit there are as many as groups at once");
}
