//! Lists that the service sends whole, read element by element.

use std::collections::HashSet;
use std::time::Duration;

use futures_core::{FusedStream, Stream};
use singlestore_management::types::WorkspaceGroup;
use singlestore_management::{ErrorKind, Items, RetryPolicy};
use singlestore_management_emulator::Emulator;

use super::list_server::{Server, Step, group, groups, response, status, uuid};
use super::support::{client, until};

#[test]
fn items_is_what_stream_users_expect() {
    fn check<S: Stream + FusedStream + Send + Unpin + 'static>() {}
    check::<Items<WorkspaceGroup>>();
}

#[tokio::test]
async fn nothing_is_sent_before_the_first_poll_and_the_end_stays_the_end() {
    let server = Server::saying(response(&groups(3)));
    let mut items = server.client().workspace_groups().list().items();
    assert_eq!(server.requests(), 0);
    let mut names = Vec::new();
    while let Some(group) = items.try_next().await.unwrap() {
        names.push(group.name);
    }
    assert_eq!((names.len(), items.yielded(), server.requests()), (3, 3, 1));
    assert!(items.next().await.is_none() && items.is_terminated());
    assert_eq!(server.requests(), 1);
    let all = server.client().workspace_groups().list().await.unwrap();
    assert_eq!(all.len(), 3, "awaiting the request gives what it gave");
}

#[tokio::test]
async fn a_permanent_failure_is_reported_once() {
    let server = Server::saying(status(403, "no"));
    let mut items = server.client().workspace_groups().list().items();
    let error = items.next().await.unwrap().unwrap_err();
    assert!(error.is_forbidden() && error.operation() == Some("list_workspace_groups"), "{error}");
    for _ in 0..3 {
        assert!(items.next().await.is_none());
    }
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn one_bad_element_of_twenty_thousand_costs_only_itself() {
    let elements: Vec<String> =
        (0..20_000).map(|n| if n == 5_000 { r#"{"name":5}"#.into() } else { group(n) }).collect();
    let server = Server::saying(response(&format!("[{}]", elements.join(","))));
    let (items, errors) = server.client().workspace_groups().list().items().collect_with_errors().await;
    assert_eq!((items.len(), errors.len()), (19_999, 1));
    println!("{}", errors[0]);
    assert_eq!(errors[0].kind(), ErrorKind::Decode);
    assert_eq!((errors[0].item_index(), errors[0].json_path()), (Some(5_000), Some("$[5000].name")));
    assert_eq!(errors[0].body(), br#"{"name":5}"#);
}

#[tokio::test]
async fn the_path_names_the_envelope_too() {
    let secret = |name: &str| format!(r#"{{"secretID":"{}","name":{name}}}"#, uuid(1));
    for body in [
        format!(r#"{{"secrets":[{},{}]}}"#, secret("\"a\""), secret("5")),
        format!(r#"[{},{}]"#, secret("\"a\""), secret("5")),
    ] {
        let server = Server::saying(response(&body));
        let (items, errors) = server.client().secrets().list().items().collect_with_errors().await;
        assert_eq!((items.len(), errors.len()), (1, 1));
        let path = errors[0].json_path().unwrap_or_default();
        assert_eq!(path, if body.starts_with('{') { "$.secrets[1].name" } else { "$[1].name" });
    }
    let server = Server::saying(response("null"));
    assert_eq!(server.client().secrets().list().items().try_collect::<Vec<_>>().await.unwrap().len(), 0);
}

/// The list, cut off before the element with this number, in the given way.
fn cut(count: usize, at: usize, reset: bool) -> Server {
    Server::start(move |number, _| {
        let whole = groups(count);
        if number > 0 {
            return vec![Step::Send(response(&whole))];
        }
        let end = whole.find(&format!("group-{at}\"")).unwrap();
        let mut steps = vec![Step::Send(response(&whole[..end]))];
        if reset {
            steps.push(Step::Reset);
        }
        steps
    })
}

#[tokio::test]
async fn a_break_in_the_middle_loses_nothing_and_hands_out_nothing_twice() {
    for at in [1, 1_000, 19_999] {
        for reset in [true, false] {
            let server = cut(20_000, at, reset);
            let groups: Vec<WorkspaceGroup> =
                server.client().workspace_groups().list().items().try_collect().await.unwrap();
            let ids: HashSet<_> = groups.iter().map(|group| group.workspace_group_id).collect();
            assert_eq!((groups.len(), ids.len()), (20_000, 20_000), "cut at {at}, reset: {reset}");
            assert_eq!(server.requests(), 2);
        }
    }
}

#[tokio::test]
async fn without_another_attempt_a_break_is_an_error_after_what_arrived() {
    for reset in [true, false] {
        let server = cut(2_000, 1_000, reset);
        let client = server.builder().retry(RetryPolicy::none()).build().unwrap();
        let mut items = client.workspace_groups().list().items();
        let error = loop {
            match items.try_next().await {
                Ok(Some(_)) => {}
                Ok(None) => panic!("the list was cut"),
                Err(error) => break error,
            }
        };
        println!("{error}");
        assert_eq!(error.kind(), ErrorKind::Transport);
        if !reset {
            // A reset may discard what the client has not read yet.
            assert_eq!(items.yielded(), 1_000);
        }
        assert!(items.next().await.is_none());
        assert_eq!((server.requests(), error.attempts().len()), (1, 1));
        assert_eq!(error.status().map(|status| status.as_u16()), Some(200));
    }
}

#[tokio::test]
async fn progress_does_not_restore_attempts() {
    let server = Server::start(|number, _| {
        let whole = groups(100);
        let end = whole.find(&format!("group-{}\"", 10 * (number + 1))).unwrap_or(whole.len());
        vec![Step::Send(response(&whole[..end]))]
    });
    let client = server.client();
    let mut items = client.workspace_groups().list().with_max_attempts(4).items();
    let error = loop {
        if let Err(error) = items.try_next().await.map(|item| item.expect("the list never ends")) {
            break error;
        }
    };
    assert_eq!((server.requests(), error.attempts().len(), items.yielded()), (4, 4, 40), "{error}");
}

#[tokio::test]
async fn a_break_is_an_error_if_the_document_names_no_id() {
    let server = Server::start(|_, _| {
        vec![Step::Send(response(r#"[{"provider":"AWS","region":"a","regionName":"a"},{"provider":"AW"#))]
    });
    let mut items = server.client().regions().list_v2().items();
    assert!(items.try_next().await.unwrap().is_some());
    let error = items.try_next().await.unwrap_err();
    assert!(error.to_string().contains("not listed again"), "{error}");
    assert!(items.try_next().await.unwrap().is_none());
    assert_eq!(server.requests(), 1);
    // What broke before anything was returned can be requested again.
    let server = Server::start(|number, _| vec![Step::Send(response(if number == 0 { "[" } else { "[]" }))]);
    assert!(server.client().regions().list_v2().items().try_next().await.unwrap().is_none());
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn anything_after_the_list_is_an_error() {
    let server = Server::saying(response(&format!("{}<html>", groups(3))));
    let (items, errors) = server.client().workspace_groups().list().items().collect_with_errors().await;
    assert_eq!((items.len(), errors.len()), (3, 1));
    assert_eq!(errors[0].kind(), ErrorKind::Decode);
    println!("{}", errors[0]);
    assert_eq!(server.requests(), 5, "another response could be whole");
}

#[tokio::test]
async fn a_large_element_is_final() {
    let server = Server::saying(response(&groups(3)));
    let (items, errors) =
        server.client().workspace_groups().list().items().with_max_item_bytes(40).collect_with_errors().await;
    assert_eq!((items.len(), errors.len(), server.requests()), (0, 1, 1));
    assert_eq!((errors[0].kind(), errors[0].item_index()), (ErrorKind::TooLarge, Some(0)));
}

#[tokio::test]
async fn a_buffered_body_is_read_before_the_first_element() {
    let server =
        Server::start(|_, _| vec![Step::Send(response("[")), Step::Send(groups(500).as_bytes()[1..].to_vec())]);
    let client = server.client();
    let items = client.workspace_groups().list().items().with_buffered_body();
    assert_eq!(items.try_collect::<Vec<_>>().await.unwrap().len(), 500);
    let client = server.builder().max_response_bytes(1_000).build().unwrap();
    let error = client.workspace_groups().list().items().with_buffered_body().try_next().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
}

#[tokio::test]
async fn a_list_ends_after_the_requested_number_of_elements() {
    let server = Server::saying(response(&groups(50)));
    let items = server.client().workspace_groups().list().items().with_max_items(7);
    assert_eq!(items.try_collect::<Vec<_>>().await.unwrap().len(), 7);
    let mut none = server.client().workspace_groups().list().items().with_max_items(0);
    assert!(none.next().await.is_none());
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn dropping_the_future_of_an_element_loses_nothing() {
    let server = Server::start(|_, _| {
        let (first, second) = (groups(200), groups(400));
        let rest = second[first.len() - 1..].to_owned();
        vec![Step::Send(response(&first[..first.len() - 1])), Step::Send(rest.into_bytes())]
    });
    let mut items = server.client().workspace_groups().list().items();
    let mut seen = HashSet::new();
    let mut dropped = 0;
    loop {
        tokio::select! {
            biased;
            item = items.try_next() => match item.unwrap() {
                Some(group) => assert!(seen.insert(group.workspace_group_id)),
                None => break,
            },
            () = tokio::task::yield_now() => dropped += 1,
        }
    }
    assert_eq!((seen.len(), server.requests()), (400, 1));
    assert!(dropped > 0, "the future was dropped while it waited");
}

/// An hour passes without a byte from the server.
async fn an_hour_passes() {
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(3_600)).await;
    tokio::time::resume();
}

#[tokio::test]
async fn time_counts_only_while_the_client_waits() {
    let server = Server::saying(response(&groups(4)));
    let client = server.builder().read_timeout(Duration::from_secs(60)).build().unwrap();
    let request = client.workspace_groups().list().with_deadline(Duration::from_secs(90));
    let mut items = request.with_attempt_timeout(Duration::from_secs(80)).items();
    let mut count = 0;
    while items.try_next().await.unwrap().is_some() {
        count += 1;
        an_hour_passes().await;
    }
    assert_eq!((count, server.requests()), (4, 1));
}

#[tokio::test]
async fn a_request_left_idle_for_an_hour_is_made_again() {
    let server = Server::start(|number, _| match number {
        0 => vec![Step::Hang],
        _ => vec![Step::Send(response(&groups(2)))],
    });
    let client = server.builder().retry(RetryPolicy::none()).build().unwrap();
    let mut items = client.workspace_groups().list().with_deadline(Duration::from_secs(30)).items();
    tokio::select! {
        _ = items.try_next() => panic!("the server says nothing"),
        () = until("the request arrives", || server.requests() == 1) => {}
    }
    an_hour_passes().await;
    assert!(items.try_next().await.unwrap().is_some(), "the deadline passed while nobody waited");
}

#[tokio::test]
async fn a_dead_server_is_detected_by_its_silence() {
    let server = Server::start(|_, _| {
        let whole = groups(2);
        vec![Step::Send(response(&whole[..whole.len() - 1])), Step::Hang]
    });
    let client = server.builder().read_timeout(Duration::from_secs(2)).retry(RetryPolicy::none());
    let mut items = client.build().unwrap().workspace_groups().list().items();
    assert!(items.try_next().await.unwrap().is_some());
    an_hour_passes().await;
    assert!(items.try_next().await.unwrap().is_some());
    an_hour_passes().await;
    let error = items.try_next().await.unwrap_err();
    assert!(error.is_timeout() && error.to_string().contains("sent nothing for 2.0s"), "{error}");
}

#[tokio::test]
async fn no_request_slot_is_held_between_elements() {
    let emulator = Emulator::start().unwrap();
    for number in 0..5 {
        emulator.insert_workspace_group(serde_json::json!({"name": format!("g{number}")})).unwrap();
    }
    let client = super::support::builder(&emulator).max_concurrent_requests(1).build().unwrap();
    let mut items = client.workspace_groups().list().items();
    let mut count = 0;
    while let Some(group) = items.try_next().await.unwrap() {
        client.workspace_groups().get(group.workspace_group_id).await.unwrap();
        count += 1;
    }
    assert_eq!(count, 5);
    // Nor by a list whose first poll was abandoned while its request was under way.
    let server = Server::start(|number, _| match number {
        0 => vec![Step::Hang],
        _ => vec![Step::Send(response(&groups(2)))],
    });
    let client = server.builder().max_concurrent_requests(1).build().unwrap();
    let mut items = client.workspace_groups().list().items();
    tokio::select! {
        _ = items.try_next() => panic!("the server says nothing"),
        () = until("the request arrives", || server.requests() == 1) => {}
    }
    assert_eq!(client.workspace_groups().list().await.unwrap().len(), 2);
}

#[tokio::test]
async fn find_by_name_fails_on_an_element_that_may_be_the_one() {
    let named = |number: usize, name: &str| group(number).replace(&format!("group-{number}"), name);
    let server = Server::saying(response(&format!(r#"[{},{{"name":"y"}}]"#, named(1, "x"))));
    let error = server.client().workspace_groups().find_by_name("x").await.unwrap_err();
    assert_eq!((error.kind(), error.item_index()), (ErrorKind::Decode, Some(1)), "{error}");
    let list = format!("[{},{},{}]", named(1, "x"), named(2, "x"), named(3, "x"));
    let server = Server::saying(response(&list));
    let error = server.client().workspace_groups().find_by_name("x").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Ambiguous);
    assert!((1..=3).all(|number| error.to_string().contains(&uuid(number))), "{error}");
}

#[tokio::test]
async fn the_emulator_lists_the_same_elements_both_ways() {
    let emulator = Emulator::start().unwrap();
    for number in 0..3 {
        emulator.insert_workspace_group(serde_json::json!({"name": format!("g{number}")})).unwrap();
    }
    let client = client(&emulator);
    let whole = client.workspace_groups().list().await.unwrap();
    let streamed: Vec<WorkspaceGroup> = client.workspace_groups().list().items().try_collect().await.unwrap();
    assert_eq!(whole, streamed);
}
