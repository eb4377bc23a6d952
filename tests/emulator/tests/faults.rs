//! Every fault does what it says, on the wire.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

mod support;

use std::io;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use singlestore_management_emulator::{Emulator, Fault};
use support::{call, parse, raw, request, try_call};

fn project(name: &str) -> Value {
    json!({"name": name, "edition": "STANDARD"})
}

fn create(emulator: &Emulator, name: &str) -> io::Result<u16> {
    let body = project(name).to_string().into_bytes();
    try_call(emulator, "POST", "/v1/projects", &[("Content-Type", "application/json")], &body).map(|reply| reply.status)
}

/// Every byte that a GET of the projects puts on the wire.
fn bytes(emulator: &Emulator) -> io::Result<Vec<u8>> {
    let key = format!("Bearer {}", emulator.api_key());
    raw(emulator.url(), &request("GET", "/v1/projects", &[("Authorization", &key)], b""))
}

fn announced_and_sent(response: &[u8]) -> (usize, usize) {
    let reply = parse(response).unwrap();
    (reply.header("content-length").unwrap().parse().unwrap(), reply.body.len())
}

#[test]
fn a_status_fault_strikes_its_operation_a_set_number_of_times_without_effect() {
    let emulator = Emulator::start().unwrap();
    emulator.inject(Fault::status(503).body("busy").header("Retry-After", "3").times(2).on_operation("create_project"));
    assert_eq!(call(&emulator, "GET", "/v1/projects", Value::Null).status, 200);
    let reply = call(&emulator, "POST", "/v1/projects", project("p"));
    assert_eq!((reply.status, reply.text().as_str(), reply.header("retry-after")), (503, "busy", Some("3")));
    assert_eq!((create(&emulator, "p").unwrap(), emulator.live_count("project")), (503, 1));
    assert_eq!((create(&emulator, "p").unwrap(), emulator.live_count("project")), (200, 2));
    let statuses: Vec<Option<u16>> =
        emulator.requests_of("create_project").iter().map(|request| request.status).collect();
    assert_eq!(statuses, [Some(503), Some(503), Some(200)]);
}

#[test]
fn responses_are_lost_before_or_after_the_effect() {
    let emulator = Emulator::start().unwrap();
    for fault in [Fault::reset_before_body(), Fault::reset()] {
        emulator.inject(fault);
        assert_eq!(create(&emulator, "p").unwrap_err().kind(), io::ErrorKind::ConnectionReset);
        assert_eq!(emulator.live_count("project"), 1);
    }
    emulator.inject(Fault::close());
    assert_eq!(create(&emulator, "p").unwrap_err().kind(), io::ErrorKind::Other);
    emulator.inject(Fault::reset().after_effect());
    assert_eq!(create(&emulator, "p").unwrap_err().kind(), io::ErrorKind::ConnectionReset);
    emulator.inject(Fault::status(502).after_effect());
    assert_eq!(create(&emulator, "q").unwrap(), 502);
    assert_eq!(emulator.live_count("project"), 3);
    let statuses: Vec<Option<u16>> = emulator.requests().iter().map(|request| request.status).collect();
    assert_eq!(statuses, [None, None, None, None, Some(502)]);
}

#[test]
fn broken_bodies_are_broken_in_the_way_they_say() {
    let emulator = Emulator::start().unwrap();
    let whole = parse(&bytes(&emulator).unwrap()).unwrap().body;
    emulator.inject(Fault::truncated());
    assert_eq!(announced_and_sent(&bytes(&emulator).unwrap()), (whole.len(), whole.len() / 2));
    emulator.inject(Fault::wrong_length(-3));
    assert_eq!(announced_and_sent(&bytes(&emulator).unwrap()), (whole.len() - 3, whole.len()));
    emulator.inject(Fault::wrong_length(5));
    assert_eq!(announced_and_sent(&bytes(&emulator).unwrap()), (whole.len() + 5, whole.len()));
    emulator.inject(Fault::cut_json());
    assert_eq!(announced_and_sent(&bytes(&emulator).unwrap()), (whole.len() / 2, whole.len() / 2));
    emulator.inject(Fault::empty_body());
    assert_eq!(announced_and_sent(&bytes(&emulator).unwrap()), (0, 0));
    emulator.inject(Fault::garbage());
    assert!(parse(&bytes(&emulator).unwrap()).is_none());
    emulator.inject(Fault::reset_in_body());
    assert_eq!(bytes(&emulator).unwrap_err().kind(), io::ErrorKind::ConnectionReset);
    emulator.inject(Fault::oversize(3));
    let large = parse(&bytes(&emulator).unwrap()).unwrap();
    assert!(large.body.len() > 3 << 20 && large.json()[0].is_string());
    assert_eq!((parse(&bytes(&emulator).unwrap()).unwrap().body, emulator.faults_left()), (whole, 0));
}

#[test]
fn slow_faults_take_their_time() {
    let emulator = Emulator::start().unwrap();
    let pause = Duration::from_millis(60);
    let size = parse(&bytes(&emulator).unwrap()).unwrap().body.len();
    for (fault, responded) in
        [(Fault::latency(pause), true), (Fault::stall(pause), false), (Fault::slow_body(size / 2 + 1, pause / 2), true)]
    {
        emulator.inject(fault);
        let start = Instant::now();
        assert_eq!(parse(&bytes(&emulator).unwrap()).is_some(), responded);
        assert!(start.elapsed() >= pause);
    }
}

#[test]
fn proxies_and_redirects_respond_instead_of_the_service() {
    let emulator = Emulator::start().unwrap();
    emulator.inject(Fault::proxy_page(502).on_path("/v1/pro"));
    let reply = call(&emulator, "GET", "/v1/projects", Value::Null);
    assert_eq!((reply.status, reply.header("content-type")), (502, Some("text/html")));
    assert!(reply.text().contains("<html>"));
    emulator.inject(Fault::redirect(307, "http://127.0.0.1:1/elsewhere"));
    let reply = call(&emulator, "GET", "/v1/projects", Value::Null);
    assert_eq!((reply.status, reply.header("location")), (307, Some("http://127.0.0.1:1/elsewhere")));
}

#[test]
fn a_response_of_a_newer_server_holds_what_a_newer_server_may_send() {
    let emulator = Emulator::start().unwrap();
    emulator.insert_workspace_group(json!({"name": "g"})).unwrap();
    emulator.inject(Fault::newer_server());
    let group = call(&emulator, "GET", "/v1/workspaceGroups", Value::Null).json()[0].clone();
    assert_eq!(json!([group["state"], group["name"], group["expiresAt"]]), json!(["FROM_THE_FUTURE", "g", null]));
    assert!(
        group["createdAt"].as_str().unwrap().ends_with("+0000 UTC") && group["fromTheFuture"].is_object(),
        "{group}"
    );
    assert!(group.as_object().unwrap().contains_key("expiresAt"));
}

#[test]
fn connections_are_refused_at_a_dead_port_and_while_the_emulator_is_down() {
    let emulator = Emulator::start().unwrap();
    assert_eq!(raw(emulator.refused_url(), b"").unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
    emulator.go_down().unwrap();
    assert_eq!(bytes(&emulator).unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
    emulator.go_down().unwrap();
    emulator.come_up().unwrap();
    emulator.come_up().unwrap();
    assert_eq!(parse(&bytes(&emulator).unwrap()).unwrap().status, 200);
}

#[test]
fn a_kept_connection_can_be_dropped_between_requests() {
    let emulator = Emulator::start().unwrap();
    emulator.inject(Fault::close_after_response());
    let key = format!("Bearer {}", emulator.api_key());
    let kept = String::from_utf8(request("GET", "/v1/projects", &[("Authorization", &key)], b""))
        .unwrap()
        .replace("Connection: close\r\n", "");
    // Without the fault this would wait for the next request until the read timeout.
    let response = parse(&raw(emulator.url(), kept.as_bytes()).unwrap()).unwrap();
    assert_eq!((response.status, response.header("connection")), (200, None));
}
