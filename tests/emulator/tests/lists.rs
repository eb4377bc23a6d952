//! Pages in every form that the document allows, and lists that break in the middle.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

mod support;

use std::io::Write;
use std::time::Duration;

use serde_json::{Value, json};
use singlestore_management_emulator::{Emulator, Fault, PageTokens};
use support::{good, parse, raw, request};

fn audit_page(emulator: &Emulator, token: Option<&str>) -> (Vec<Value>, Option<String>) {
    let target = token.map_or("/v1/auditLogs".to_owned(), |token| format!("/v1/auditLogs?nextToken={token}"));
    let page = good(emulator, "GET", &target, Value::Null);
    let entries = page.get("auditLogs").and_then(Value::as_array).cloned().unwrap_or_default();
    (entries, page.get("nextToken").map(|token| token.as_str().unwrap().to_owned()))
}

/// Follows tokens for at most this many pages; returns the number of elements and all tokens.
fn walk(tokens: PageTokens, pages: usize) -> (usize, Vec<Option<String>>) {
    let emulator = Emulator::builder().page_size(10).page_tokens(tokens).start().unwrap();
    emulator.seed_audit_logs(25);
    let (mut count, mut seen) = (0, Vec::<Option<String>>::new());
    for _ in 0..pages {
        let token = seen.last().cloned().flatten();
        let (entries, next) = audit_page(&emulator, token.as_deref());
        count += entries.len();
        let end = next.as_deref().is_none_or(str::is_empty);
        seen.push(next);
        if end {
            break;
        }
    }
    assert_eq!(emulator.violations(), Vec::<String>::new());
    (count, seen)
}

#[test]
fn audit_logs_end_in_each_way() {
    let (count, tokens) = walk(PageTokens::Kept, 5);
    assert_eq!(count, 25);
    assert_eq!(tokens[2], tokens[3]);
    assert_eq!(walk(PageTokens::Absent, 5).1[2], None);
    assert_eq!(walk(PageTokens::Empty, 5).1[2], Some(String::new()));
    let (_, repeated) = walk(PageTokens::Repeated, 3);
    assert_eq!(repeated[1], repeated[2]);
    let (count, alternating) = walk(PageTokens::Alternating, 8);
    assert!(count == 25 && alternating[3] != alternating[4] && alternating[3] == alternating[5]);
    let (count, endless) = walk(PageTokens::Endless, 12);
    let different: std::collections::BTreeSet<_> = endless.iter().collect();
    assert_eq!((count, different.len()), (25, 12));
}

#[test]
fn a_kept_token_finds_what_is_new() {
    let emulator = Emulator::start().unwrap();
    emulator.seed_audit_logs(3);
    let (_, token) = audit_page(&emulator, None);
    assert_eq!(audit_page(&emulator, token.as_deref()).0.len(), 0);
    emulator.seed_audit_logs(2);
    assert_eq!(audit_page(&emulator, token.as_deref()).0.len(), 2);
}

#[test]
fn cloud_functions_page_by_the_last_id_even_if_it_was_deleted() {
    let emulator = Emulator::builder().page_size(2).start().unwrap();
    let make =
        |number: usize| emulator.insert("cloud_function", json!({"name": format!("f{number}"), "status": "Active"}));
    let ids: Vec<String> = (0..5).map(|number| make(number).unwrap()).collect();
    let get =
        |offset: &str| support::call(&emulator, "GET", &format!("/v1/cloudfunctions{offset}"), Value::Null).json();
    let first = get("");
    assert_eq!(
        (first["cloudFunctions"].as_array().unwrap().len(), &first["metadata"]["hasNextPage"]),
        (2, &json!(true))
    );
    emulator.set_fields(&ids[1], json!({"status": "Deleted"}));
    let second = get(&format!("?offsetID={}", ids[1]));
    assert_eq!(second["cloudFunctions"][0]["serviceID"], ids[2]);
    let last = get(&format!("?offsetID={}", ids[3]));
    assert_eq!((&last["metadata"]["hasNextPage"], &last["metadata"]["totalCount"]), (&json!(false), &json!(4)));

    let bare = Emulator::builder().without_page_metadata().without_empty_pages().start().unwrap();
    assert_eq!(good(&bare, "GET", "/v1/cloudfunctions", Value::Null), json!({}));
}

#[test]
fn lists_break_off_after_an_element() {
    let emulator = Emulator::start().unwrap();
    emulator.seed_workspace_groups(50);
    let key = format!("Bearer {}", emulator.api_key());
    let get = || raw(emulator.url(), &request("GET", "/v1/workspaceGroups", &[("Authorization", &key)], b""));
    let text = || parse(&get().unwrap()).unwrap().text();
    emulator.inject(Fault::end_after_items(3));
    let cut = text();
    assert!(serde_json::from_str::<Value>(&cut).is_err());
    assert_eq!(serde_json::from_str::<Value>(&format!("{cut}]")).unwrap().as_array().unwrap().len(), 3);
    emulator.inject(Fault::close_after_items(3));
    assert_eq!(text(), cut);
    emulator.inject(Fault::reset_after_items(3));
    assert!(get().is_err());
    emulator.inject(Fault::replace_item(5, json!({"name": 5})));
    assert_eq!(serde_json::from_str::<Value>(&text()).unwrap()[5], json!({"name": 5}));
    emulator.inject(Fault::chunked(7));
    let chunked = get().unwrap();
    assert!(String::from_utf8_lossy(&chunked).contains("\r\n7\r\n") && chunked.ends_with(b"\r\n0\r\n\r\n"));
    assert_eq!(serde_json::from_str::<Value>(&text()).unwrap().as_array().unwrap().len(), 50);
}

#[test]
fn a_client_that_does_not_read_is_dropped() {
    let emulator = Emulator::start().unwrap();
    emulator.seed_workspace_groups(20_000);
    let key = format!("Bearer {}", emulator.api_key());
    let bytes = request("GET", "/v1/workspaceGroups", &[("Authorization", &key)], b"");
    emulator.inject(Fault::drop_slow_reader(Duration::from_millis(50)));
    let mut stream = std::net::TcpStream::connect(emulator.url().strip_prefix("http://").unwrap()).unwrap();
    stream.write_all(&bytes).unwrap();
    // Reads nothing, and writes until the reset makes that fail.
    let dropped = (0..12_000).any(|_| {
        std::thread::sleep(Duration::from_millis(10));
        stream.write_all(b"x").is_err()
    });
    assert!(dropped, "two minutes of silence were borne");
    assert_eq!(parse(&raw(emulator.url(), &bytes).unwrap()).unwrap().json().as_array().unwrap().len(), 20_000);
}

#[test]
fn the_list_of_one_group_contains_only_that_group() {
    let emulator = Emulator::start().unwrap();
    let insert = |name: &str| emulator.insert_workspace_group(json!({"name": name})).unwrap();
    let (first, second) = (insert("a"), insert("b"));
    for number in 0..3 {
        let value = json!({"name": format!("w{number}"), "workspaceGroupID": first});
        emulator.insert_workspace(value).unwrap();
    }
    let moved = emulator.insert_workspace(json!({"name": "m", "workspaceGroupID": first})).unwrap();
    emulator.set_fields(&moved, json!({"workspaceGroupID": second}));
    let count = |group: &str| {
        let list = good(&emulator, "GET", &format!("/v1/workspaces?workspaceGroupID={group}"), Value::Null);
        list.as_array().unwrap().len()
    };
    assert_eq!((count(&first), count(&second), count(&first.to_uppercase())), (3, 1, 3));
}

#[test]
fn unknown_names_are_refused() {
    let emulator = Emulator::start().unwrap();
    let fails = |check: &dyn Fn()| std::panic::catch_unwind(std::panic::AssertUnwindSafe(check)).is_err();
    assert!(
        fails(&|| {
            emulator.live_count("worskpace");
        }) && !fails(&|| {
            emulator.live_count("workspace");
        })
    );
    assert!(fails(&|| drop(emulator.items("groups"))));
    assert!(fails(&|| drop(emulator.requests_of("typo"))) && !fails(&|| drop(emulator.requests_of("list_regions"))));
    assert!(
        fails(&|| {
            emulator.count_of("typo");
        }) && fails(&|| drop(Fault::reset().on_operation("typo")))
    );
    assert!(fails(&|| drop(emulator.files("files/typo"))) && fails(&|| drop(emulator.file("typo", "a"))));
    assert!(emulator.insert_file("files/typo", "a", b"x").is_err() && emulator.insert("typo", json!({})).is_err());
}
