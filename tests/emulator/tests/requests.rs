//! Credentials, checks against the interface document, and the record of requests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

mod support;

use serde_json::{Value, json};
use singlestore_management_emulator::{Emulator, Fault, Spec};
use support::{call, parse, raw, request, try_call};

fn with_key(emulator: &Emulator, key: &str, target: &str) -> u16 {
    let header = format!("Bearer {key}");
    parse(&raw(emulator.url(), &request("GET", target, &[("Authorization", &header)], b"")).unwrap()).unwrap().status
}

#[test]
fn keys_expire_and_tokens_need_an_organization() {
    let jwt = "aaa.bbb.ccc";
    let emulator = Emulator::builder().api_key("first").start().unwrap();
    let organization = format!("/v1/projects?organizationID={}", emulator.organization_id());
    emulator.accept_key(jwt);
    assert_eq!(parse(&raw(emulator.url(), &request("GET", "/v1/projects", &[], b"")).unwrap()).unwrap().status, 401);
    assert_eq!(
        [with_key(&emulator, "first", "/v1/projects"), with_key(&emulator, "other", "/v1/projects")],
        [200, 401]
    );
    assert_eq!([with_key(&emulator, jwt, "/v1/projects"), with_key(&emulator, jwt, &organization)], [401, 200]);
    emulator.expire_keys();
    assert_eq!(with_key(&emulator, "first", "/v1/projects"), 401);
    emulator.accept_key("second");
    assert_eq!(with_key(&emulator, "second", &organization), 200);
    assert_eq!(emulator.violations(), Vec::<String>::new());
}

#[test]
fn violations_are_recorded_and_the_strict_ones_are_refused() {
    let emulator = Emulator::start().unwrap();
    let group = emulator.insert_workspace_group(json!({"name": "g"})).unwrap();
    let target = format!("/v1/workspaceGroups/{group}");
    let cases = [
        ("GET", "/v1/projects?bogus=1", Value::Null, 200, "bogus"),
        ("GET", &format!("{target}?organizationID=x"), Value::Null, 200, ""),
        ("PATCH", &target, json!({"bogus": 1}), 200, "unknown field \"bogus\""),
        ("PATCH", &target, json!({"firewallRanges": null}), 200, ""),
        ("PATCH", &target, json!({"firewallRanges": "all"}), 400, "must be of type array"),
        ("PATCH", &target, json!({"deploymentType": "TOY"}), 400, "not one of"),
        ("PATCH", &target, json!([]), 400, "must be of type object"),
        ("PATCH", &target, Value::Null, 400, "needs a body"),
        ("POST", "/v1/teams", json!({}), 400, "name is required"),
        ("POST", "/v2/secrets", json!({"name": "a", "value": "b", "more": 1}), 400, "more"),
        ("DELETE", &format!("{target}?force=True"), Value::Null, 400, "force"),
        ("GET", "/v1/auditLogs?limit=10.0", Value::Null, 400, "limit"),
        ("GET", "/v1/files/fs/nowhere", Value::Null, 400, "location"),
    ];
    for (method, target, body, status, violation) in cases {
        emulator.clear_requests();
        let reply = call(&emulator, method, target, body);
        assert_eq!(reply.status, status, "{method} {target}: {}", reply.text());
        let found = emulator.violations().join("; ");
        assert!(
            if violation.is_empty() { found.is_empty() } else { found.contains(violation) },
            "{method} {target}: {found}"
        );
    }
}

#[test]
fn requests_are_recorded_with_secrets_masked() {
    let emulator = Emulator::builder().api_key("canary-key").start().unwrap();
    let body = json!({"name": "x", "firewallRanges": [], "adminPassword": "canary-password"});
    call(&emulator, "POST", "/v1/workspaceGroups?organizationID=o%20rg", body.clone());
    let recorded = &emulator.requests()[0];
    assert!(!format!("{recorded:?} {}", String::from_utf8_lossy(&recorded.body)).contains("canary"), "{recorded:?}");
    assert_eq!(recorded.raw_body_with_secrets(), body.to_string().as_bytes());
    assert_eq!(recorded.operation.as_deref(), Some("create_workspace_group"));
    assert_eq!(
        (recorded.query_value("organizationID"), recorded.header("authorization")),
        (Some("o rg"), Some("Bearer ***"))
    );
    assert_eq!(
        (recorded.method.as_str(), recorded.path.as_str(), recorded.status),
        ("POST", "/v1/workspaceGroups", Some(400))
    );
}

#[test]
fn connections_are_kept_bodies_may_be_chunked_and_short_ones_have_no_effect() {
    let emulator = Emulator::start().unwrap();
    let key = format!("Authorization: Bearer {}\r\nHost: e\r\nContent-Type: application/json\r\n", emulator.api_key());
    let chunked = format!(
        "POST /v1/projects HTTP/1.1\r\n{key}Transfer-Encoding: chunked\r\n\r\n10\r\n{{\"name\":\"chunked\r\n17\r\n\",\"edition\":\"STANDARD\"}}\n\r\n0\r\n\r\n"
    );
    let second = format!("GET /v1/projects HTTP/1.1\r\n{key}Connection: close\r\n\r\n");
    let response = raw(emulator.url(), (chunked + &second).as_bytes()).unwrap();
    assert_eq!(String::from_utf8_lossy(&response).matches("HTTP/1.1 200").count(), 2);
    assert_eq!(emulator.live_count("project"), 2);
    let mut stream = std::net::TcpStream::connect(emulator.url().strip_prefix("http://").unwrap()).unwrap();
    let short = format!("POST /v1/projects HTTP/1.1\r\n{key}Content-Length: 99\r\n\r\n{{}}");
    std::io::Write::write_all(&mut stream, short.as_bytes()).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    assert_eq!(std::io::Read::read_to_end(&mut stream, &mut Vec::new()).unwrap(), 0);
    assert!(emulator.violations()[0].contains("ended after 2 bytes"));
    assert_eq!(emulator.live_count("project"), 2);
}

#[test]
fn two_emulators_are_independent_and_stop_when_dropped() {
    let (first, second) = (Emulator::start().unwrap(), Emulator::start().unwrap());
    first.insert("team", json!({"name": "only here"})).unwrap();
    assert_eq!((first.live_count("team"), second.live_count("team")), (1, 0));
    let url = first.url().to_owned();
    drop(first);
    assert!(raw(&url, b"").is_err());
    assert_eq!(try_call(&second, "GET", "/v1/projects", &[], b"").unwrap().status, 200);
    assert!(second.insert("nonsense", json!({})).is_err() && second.insert("team", json!(1)).is_err());
}

#[test]
fn a_hundred_connections_at_once_are_served() {
    let emulator = Emulator::start().unwrap();
    let key = format!("Bearer {}", emulator.api_key());
    let bytes = request("GET", "/v1/organizations/current", &[("Authorization", &key)], b"");
    let address = emulator.url().strip_prefix("http://").unwrap();
    let mut open: Vec<_> = (0..100).map(|_| std::net::TcpStream::connect(address).unwrap()).collect();
    open.iter_mut().for_each(|stream| std::io::Write::write_all(stream, &bytes).unwrap());
    for stream in &mut open {
        let mut response = Vec::new();
        std::io::Read::read_to_end(stream, &mut response).unwrap();
        assert_eq!(parse(&response).unwrap().status, 200);
    }
    assert_eq!((emulator.requests().len(), emulator.connections()), (100, 100));
    let before = emulator.most_at_once();
    emulator.inject(Fault::stall(std::time::Duration::from_secs(3_600)).always());
    let held: Vec<_> = (0..=before).map(|_| std::net::TcpStream::connect(address).unwrap()).collect();
    held.iter().for_each(|mut stream| std::io::Write::write_all(&mut stream, &bytes).unwrap());
    let met = (0..60_000).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(2));
        emulator.most_at_once() == before + 1
    });
    assert!(met, "{} of {} at once", emulator.most_at_once(), before + 1);
}

#[test]
fn the_emulator_starts_and_stops_inside_a_runtime_with_a_paused_clock() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let emulator = Emulator::start().unwrap();
        assert_eq!(call(&emulator, "GET", "/v1/projects", Value::Null).status, 200);
    });
}

#[test]
fn damaged_requests_end_only_their_own_connection() {
    let emulator = Emulator::start().unwrap();
    let spec = Spec::load().unwrap();
    let key = format!("Bearer {}", emulator.api_key());
    // A small generator with a fixed seed: the same damage in every run.
    let mut seed = 20_260_617_u64;
    let mut random = |limit: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap() % limit
    };
    for operation in spec.operations() {
        let sample = spec.sample_request(operation, true);
        let kind = sample.content_type.clone().unwrap_or_else(|| "text/plain".to_owned());
        let headers = [("Authorization", key.as_str()), ("Content-Type", kind.as_str())];
        let whole = request(&sample.method, &sample.target(), &headers, &sample.body.clone().unwrap_or_default());
        for _ in 0..4 {
            let mut damaged = whole.clone();
            for _ in 0..=random(3) {
                let at = random(damaged.len());
                damaged[at] = [b'{', b'"', b'%', b'\n', b'0', b'/', 0xff, b' '][random(8)];
            }
            // Whatever the response, there is one: nothing hangs and nothing stops the server.
            let mut stream = std::net::TcpStream::connect(emulator.url().strip_prefix("http://").unwrap()).unwrap();
            std::io::Write::write_all(&mut stream, &damaged).unwrap();
            let _ = stream.shutdown(std::net::Shutdown::Write);
            stream.set_read_timeout(Some(std::time::Duration::from_secs(60))).unwrap();
            let ended = std::io::Read::read_to_end(&mut stream, &mut Vec::new());
            let late = ended.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock);
            assert!(!late, "{}", String::from_utf8_lossy(&damaged));
        }
    }
    assert_eq!(with_key(&emulator, emulator.api_key(), "/v1/projects"), 200);
}

#[test]
fn limits_headers_and_short_records_can_be_configured() {
    let emulator = Emulator::builder()
        .rate_limit(2, std::time::Duration::from_secs(3600))
        .response_header("X-Request-Id", "r-81")
        .keep_bodies_up_to(4)
        .start()
        .unwrap();
    let reply = call(&emulator, "POST", "/v1/projects", json!({"name": "p", "edition": "STANDARD"}));
    assert_eq!((reply.status, reply.header("x-request-id")), (200, Some("r-81")));
    assert_eq!(call(&emulator, "GET", "/v9/none", Value::Null).header("x-request-id"), Some("r-81"));
    let reply = call(&emulator, "GET", "/v1/projects", Value::Null);
    assert_eq!((reply.status, reply.header("retry-after")), (429, Some("3600")));
    let recorded = &emulator.requests()[0];
    assert_eq!((recorded.raw_body_with_secrets(), recorded.body_length), (b"{\"ed".as_slice(), 33));
}

#[test]
fn twenty_thousand_groups_are_listed() {
    let emulator = Emulator::start().unwrap();
    emulator.seed_workspace_groups(20_000);
    let start = std::time::Instant::now();
    let reply = call(&emulator, "GET", "/v1/workspaceGroups", Value::Null);
    println!("{} bytes in {:?}", reply.body.len(), start.elapsed());
    assert_eq!(reply.json().as_array().unwrap().len(), 20_000);
}
