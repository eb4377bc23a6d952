//! Control over HTTP, and what keeps other sites away from it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

mod support;

use std::io::{Read, Write};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use singlestore_management_emulator::{Control, Emulator};
use support::{Reply, call, good, parse, raw};

struct Setup {
    emulator: Arc<Emulator>,
    control: Control,
}

fn setup() -> Setup {
    let emulator = Arc::new(Emulator::builder().polls_until_ready(0).start().unwrap());
    let control = Control::builder().start(emulator.clone()).unwrap();
    Setup { emulator, control }
}

impl Setup {
    fn authority(&self) -> &str {
        self.control.url().trim_start_matches("http://").split('/').next().unwrap()
    }

    fn send(&self, method: &str, path: &str, host: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let mut head = format!("{method} /_emulator/{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
        parse(&raw(&format!("http://{}", self.authority()), head.as_bytes()).unwrap()).unwrap()
    }

    fn ask(&self, method: &str, path: &str, body: Value) -> Reply {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.send(method, path, self.authority(), &[("Content-Type", "application/json")], &body)
    }

    fn json(&self, method: &str, path: &str, body: Value) -> Value {
        let reply = self.ask(method, path, body);
        assert!(reply.status < 300, "{method} {path}: {} {}", reply.status, reply.text());
        reply.json()
    }
}

#[test]
fn faults_state_and_log_are_accessible_over_http() {
    let setup = setup();
    let group = setup.json("POST", "items/workspace_group", json!({"name": "g"}));
    setup.json(
        "POST",
        "faults",
        json!({"kind": "status", "status": 503, "headers": {"Retry-After": "1"}, "operation": "list_regions"}),
    );
    assert_eq!(call(&setup.emulator, "GET", "/v1/workspaceGroups", Value::Null).status, 200);
    let failed = call(&setup.emulator, "GET", "/v1/regions", Value::Null);
    assert_eq!((failed.status, failed.header("retry-after")), (503, Some("1")));
    assert_eq!(call(&setup.emulator, "GET", "/v1/regions", Value::Null).status, 200);
    let log = setup.json("GET", "requests?operation=list_regions", Value::Null);
    assert_eq!(
        log["requests"].as_array().unwrap().iter().map(|entry| &entry["status"]).collect::<Vec<_>>(),
        [503, 200]
    );
    let after = setup.json("GET", &format!("requests?since={}", log["requests"][0]["sequence"]), Value::Null);
    assert_eq!(after["requests"].as_array().unwrap().len(), 1);
    let id = group["id"].as_str().unwrap();
    setup.json("POST", &format!("deployments/{id}/state"), json!({"state": "FAILED"}));
    assert_eq!(setup.json("GET", "items/workspace_group", Value::Null)[0]["state"], "FAILED");
    setup.json("POST", "files/files/shared", json!({"path": "a.txt", "content": "x"}));
    assert_eq!(setup.json("GET", "files/files/shared", Value::Null), json!(["a.txt"]));
    let state = setup.json("GET", "state", Value::Null);
    assert_eq!((&state["requests"], &state["live"]["workspace_group"]), (&json!(3), &json!(1)));
    setup.json("POST", "keys/expire", json!({}));
    assert_eq!(call(&setup.emulator, "GET", "/v1/regions", Value::Null).status, 401);
    assert!(setup.json("GET", "coverage", Value::Null)["list_regions"].as_u64().unwrap() >= 3);
}

#[test]
fn a_wait_for_requests_ends_when_they_arrive() {
    let setup = setup();
    let none = setup.json("GET", "requests?wait=1&timeout_ms=20", Value::Null);
    assert_eq!((&none["complete"], none["requests"].as_array().unwrap().len()), (&json!(false), 0));
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| setup.json("GET", "requests?wait=2&timeout_ms=30000", Value::Null));
        for _ in 0..2 {
            std::thread::sleep(Duration::from_millis(20));
            call(&setup.emulator, "GET", "/v1/regions", Value::Null);
        }
        assert_eq!(waiting.join().unwrap()["complete"], true);
    });
}

#[test]
fn a_reset_restores_the_state_after_seeding() {
    let setup = setup();
    setup.json(
        "POST",
        "seed",
        json!({"workspace_groups": [{"name": "seeded"}], "files": {"files/shared": {"a": "x"}}}),
    );
    setup.emulator.mark();
    let create = || good(&setup.emulator, "POST", "/v1/projects", json!({"name": "p", "edition": "STANDARD"}));
    let tomorrow = || {
        let reply = call(&setup.emulator, "GET", "/v1/regions", Value::Null);
        let date = httpdate::parse_http_date(reply.header("date").unwrap()).unwrap();
        date > std::time::SystemTime::now() + Duration::from_secs(43_200)
    };
    let first = create();
    setup.json("POST", "time", json!({"advanceMilliseconds": 86_400_000}));
    assert!(tomorrow());
    setup.json("POST", "items/workspace_group", json!({"name": "later"}));
    setup.json("POST", "faults", json!({"kind": "reset", "always": true}));
    setup.json("POST", "keys/revoke", json!({"key": setup.emulator.api_key()}));
    setup.json("POST", "creation-lock", json!({"times": 5}));
    setup.json("POST", "files/files/shared", json!({"path": "b", "content": "y"}));
    setup.json("POST", "reset", json!({}));
    assert_eq!((setup.emulator.live_count("workspace_group"), setup.emulator.faults_left()), (1, 0));
    assert_eq!(setup.emulator.files("files/shared"), ["a"]);
    assert_eq!(setup.emulator.file("files/shared", "a"), Some(b"x".to_vec()));
    assert!(setup.emulator.requests().is_empty() && !tomorrow());
    assert_eq!(create(), first);
}

#[test]
fn a_request_under_way_leaves_nothing_behind_a_reset() {
    let setup = setup();
    let body = br#"{"name": "p", "edition": "STANDARD"}"#;
    let key = format!("Bearer {}", setup.emulator.api_key());
    let headers = [("Authorization", key.as_str()), ("Content-Type", "application/json")];
    let bytes = support::request("POST", "/v1/projects?typo=1", &headers, body);
    let mut stream = std::net::TcpStream::connect(setup.emulator.url().trim_start_matches("http://")).unwrap();
    stream.write_all(&bytes[..bytes.len() - 5]).unwrap();
    assert!((0..600).any(|_| {
        std::thread::sleep(Duration::from_millis(20));
        setup.emulator.most_at_once() > 0
    }));
    setup.json("POST", "reset", json!({}));
    stream.write_all(&bytes[bytes.len() - 5..]).unwrap();
    let mut response = Vec::new();
    stream.read_to_end(&mut response).unwrap();
    assert_eq!(parse(&response).unwrap().status, 503);
    assert_eq!((setup.emulator.live_count("project"), setup.emulator.request_count()), (1, 0));
    assert_eq!(setup.emulator.violations(), Vec::<String>::new());

    // Many requests and many resets: the log and the resources are from the same time.
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let emulator = &setup.emulator;
            scope.spawn(move || {
                for number in 0..60 {
                    let body = json!({"name": format!("p-{thread}-{number}"), "edition": "STANDARD"});
                    assert!([200, 503].contains(&call(emulator, "POST", "/v1/projects", body).status));
                }
            });
        }
        for _ in 0..20 {
            setup.json("POST", "reset", json!({}));
            setup.json("GET", "requests?wait=3&timeout_ms=2000", Value::Null);
        }
    });
    let created = setup.emulator.requests_of("create_project").iter().filter(|it| it.status == Some(200)).count();
    assert_eq!((setup.emulator.live_count("project"), setup.emulator.dropped_requests()), (1 + created, 0));
}

#[test]
fn other_sites_are_refused() {
    let setup = setup();
    let own = setup.authority().to_owned();
    let json_type = ("Content-Type", "application/json");
    let status =
        |method: &str, host: &str, headers: &[(&str, &str)]| setup.send(method, "reset", host, headers, "{}").status;
    assert_eq!(status("POST", &own, &[json_type]), 200);
    assert_eq!(status("POST", "localhost:1", &[json_type]), 200);
    assert_eq!(status("POST", "rebound.example.com", &[json_type]), 403);
    assert_eq!(status("POST", "127.0.0.1.example.com", &[json_type]), 403);
    assert_eq!(status("POST", &own, &[json_type, ("Origin", "https://example.com")]), 403);
    assert_eq!(status("POST", &own, &[json_type, ("Origin", "null")]), 403);
    assert_eq!(status("POST", &own, &[json_type, ("Origin", &format!("http://{own}"))]), 200);
    assert_eq!(status("POST", &own, &[("Content-Type", "application/x-www-form-urlencoded")]), 415);
    assert_eq!(status("POST", &own, &[("Content-Type", "text/plain")]), 415);
    let preflight = setup.send("OPTIONS", "reset", &own, &[("Origin", "https://example.com")], "");
    assert!(preflight.status == 403 && preflight.header("access-control-allow-origin").is_none());
    assert!(setup.emulator.requests().is_empty());
}

#[test]
fn a_token_is_required_if_set_and_mandatory_beyond_loopback() {
    let emulator = Arc::new(Emulator::start().unwrap());
    let everywhere = "0.0.0.0".parse().unwrap();
    let error = Control::builder().bind(everywhere).start(emulator.clone()).unwrap_err();
    assert!(error.to_string().contains("token"), "{error}");
    let control = Control::builder().token("secret").start(emulator.clone()).unwrap();
    let setup = Setup { emulator, control };
    assert_eq!(setup.ask("GET", "state", Value::Null).status, 401);
    assert_eq!(setup.send("GET", "state", setup.authority(), &[("Authorization", "bearer secret")], "").status, 200);
    assert_eq!(setup.ask("GET", "health", Value::Null).status, 200);
}

#[test]
fn unknown_names_are_refused_with_a_list_of_the_known_ones() {
    let setup = setup();
    for (method, path, body, word) in [
        ("GET", "items/worskpace", Value::Null, "workspace_group"),
        ("GET", "requests?operation=typo", Value::Null, "no operation"),
        ("GET", "requests?sinse=1", Value::Null, "since"),
        ("POST", "faults", json!({"kind": "typo"}), "closeAfterResponse"),
        ("POST", "faults", json!({"kind": "reset", "operation": "typo"}), "no operation"),
        ("POST", "seed", json!({"typo": 1}), "workspace_groups"),
        ("POST", "time", json!({"advanceSeconds": 1}), "advanceMilliseconds"),
        ("GET", "files/files/typo", Value::Null, "files/shared"),
        ("GET", "typo", Value::Null, "openapi.json"),
        ("POST", "instances", json!({"typo": 1}), "seed"),
    ] {
        let reply = setup.ask(method, path, body);
        assert!([400, 404].contains(&reply.status), "{method} {path}: {}", reply.status);
        assert!(reply.text().contains(word), "{method} {path}: {}", reply.text());
    }
}

#[test]
fn instances_are_independent() {
    let setup = setup();
    let ids: Vec<String> = (0..10)
        .map(|number| {
            let seed = json!({"seed": {"workspace_groups": [{"name": format!("g{number}")}]}});
            let made = setup.json("POST", "instances", seed);
            assert_ne!(made["url"], setup.emulator.url());
            support::text(&made, "id")
        })
        .collect();
    for id in &ids {
        setup.json("POST", &format!("instances/{id}/items/workspace_group"), json!({"name": "more"}));
    }
    let count = |id: &str| {
        setup.json("GET", &format!("instances/{id}/items/workspace_group"), Value::Null).as_array().unwrap().len()
    };
    setup.json("POST", &format!("instances/{}/reset", ids[3]), json!({}));
    let counts: Vec<usize> = ids.iter().map(|id| count(id)).collect();
    assert_eq!(counts, [2, 2, 2, 1, 2, 2, 2, 2, 2, 2]);
    setup.json("DELETE", &format!("instances/{}", ids[0]), Value::Null);
    assert_eq!(setup.ask("GET", &format!("instances/{}/state", ids[0]), Value::Null).status, 404);
    assert_eq!(setup.emulator.live_count("workspace_group"), 0);
}

#[test]
fn the_document_names_every_route() {
    let setup = setup();
    let document = setup.json("GET", "openapi.json", Value::Null);
    let paths = document["paths"].as_object().unwrap();
    assert!(paths.len() > 20);
    for (path, methods) in paths {
        for method in methods.as_object().unwrap().keys() {
            if path == "/down" || path == "/up" || path.starts_with("/instances") {
                continue;
            }
            let filled =
                path.replace("{kind}", "project").replace("{act}", "expire").replace("{space}", "files/shared");
            let reply = setup.ask(&method.to_uppercase(), filled.trim_start_matches('/'), Value::Null);
            let unknown = reply.status == 404 && reply.text().contains("no such route");
            assert!(!unknown && reply.status != 405, "{method} {path}: {}", reply.text());
        }
    }
}

#[test]
fn the_page_is_one_file_that_may_load_nothing_else() {
    let setup = setup();
    let page = setup.ask("GET", "", Value::Null);
    assert!(page.header("content-security-policy").unwrap().contains("default-src 'none'"));
    let text = page.text();
    assert!(
        text.contains("<title>") && !text.contains("innerHTML") && !text.contains("http://") && !text.contains("src=")
    );
}
