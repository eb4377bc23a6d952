//! The command: its one line, its exit codes, its signals.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]
#![cfg(unix)]

mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use support::{parse, raw, request};

fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_singlestore-management-emulator"));
    command.stdin(Stdio::null()).stderr(Stdio::piped()).stdout(Stdio::piped());
    command
}

struct Running {
    child: Child,
    line: Value,
}

impl Running {
    fn start(arguments: &[&str]) -> Running {
        Running::start_with(&[], arguments)
    }

    fn start_with(variables: &[(&str, &str)], arguments: &[&str]) -> Running {
        let mut command = command();
        command.envs(variables.iter().copied()).args(["--log", "none"]).args(arguments);
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let line = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line:?}"));
        Running { child, line }
    }

    fn url(&self, name: &str) -> String {
        self.line[name].as_str().unwrap().to_owned()
    }

    fn get(&self, token: &str, target: &str) -> u16 {
        let bytes = request("GET", target, &[("Authorization", token)], b"");
        parse(&raw(&self.url("url"), &bytes).unwrap()).unwrap().status
    }

    fn end(mut self, signal: &str) -> Option<i32> {
        send(&self.child, signal);
        ended(&mut self.child)
    }
}

fn send(child: &Child, signal: &str) {
    assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
}

/// The exit code of a process that exits; one that does not fails the test and is killed.
fn ended(child: &mut Child) -> Option<i32> {
    for _ in 0..1200 {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    child.kill().unwrap();
    panic!("it did not end");
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Stops it whatever the signal, and returns its code; `Running` has a `Drop`, so the child is waited for here.
fn stop(running: Running, signal: &str) -> Option<i32> {
    running.end(signal)
}

#[test]
fn it_prints_its_address_and_exits_on_a_signal_with_a_connection_open() {
    for signal in ["-INT", "-TERM"] {
        let running = Running::start(&[]);
        for name in ["url", "storage_url", "control_url", "version"] {
            assert!(running.line[name].is_string(), "{name}");
        }
        assert_eq!(running.line["pid"], running.child.id());
        assert_eq!(running.get("bearer any-token", "/v1/regions"), 200);
        assert_eq!(running.get("Bearer two words", "/v1/regions"), 401);
        let mut stalled = TcpStream::connect(running.url("url").trim_start_matches("http://")).unwrap();
        stalled.write_all(b"POST /v1/projects HTTP/1.1\r\nContent-Length: 1000\r\n\r\n{").unwrap();
        assert_eq!(stop(running, signal), Some(0));
    }
}

/// A control request that gets its response at once.
fn control(running: &Running, method: &str, path: &str, body: &str) {
    let url = running.url("control_url");
    let authority = url.trim_start_matches("http://").split('/').next().unwrap();
    let bytes = format!(
        "{method} /_emulator/{path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let reply = parse(&raw(&format!("http://{authority}"), bytes.as_bytes()).unwrap()).unwrap();
    assert!(reply.status < 300, "{}", reply.text());
}

/// Sends a request without waiting for its response.
fn begin(url: &str, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(url.trim_start_matches("http://").split('/').next().unwrap()).unwrap();
    stream.write_all(bytes).unwrap();
    stream
}

#[test]
fn stalled_responses_and_control_waits_do_not_delay_the_exit() {
    for signal in ["-INT", "-TERM"] {
        let running = Running::start(&[]);
        control(&running, "POST", "faults", r#"{"kind": "stall", "milliseconds": 3600000}"#);
        control(&running, "POST", "faults", r#"{"kind": "latency", "milliseconds": 3600000}"#);
        let get = request("GET", "/v1/regions", &[("Authorization", "Bearer x")], b"");
        let _open = [begin(&running.url("url"), &get), begin(&running.url("url"), &get)];
        control(&running, "GET", "requests?wait=2&timeout_ms=60000", "");
        let url = running.url("control_url");
        let authority = url.trim_start_matches("http://").split('/').next().unwrap().to_owned();
        let waiting = format!("GET /_emulator/requests?wait=9&timeout_ms=60000 HTTP/1.1\r\nHost: {authority}\r\n\r\n");
        let _waiting = begin(&url, waiting.as_bytes());
        let instance = "POST /_emulator/instances HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 2";
        let _instance = begin(&url, format!("{instance}\r\nHost: {authority}\r\n\r\n{{").as_bytes());
        assert_eq!(stop(running, signal), Some(0), "{signal}");
    }
}

#[cfg(feature = "sql")]
#[test]
fn a_hanging_database_does_not_delay_the_exit() {
    let database = support::mysql::Database::start();
    let running = Running::start(&["--sql-endpoint", &database.endpoint]);
    database.hang();
    let regions = request("GET", "/v1/regions", &[("Authorization", "Bearer x")], b"");
    let region = parse(&raw(&running.url("url"), &regions).unwrap()).unwrap().json()[0]["regionID"].clone();
    let group = serde_json::json!({"name": "g", "regionID": region, "firewallRanges": []}).to_string();
    let headers = [("Authorization", "Bearer x"), ("Content-Type", "application/json")];
    let _creation = begin(&running.url("url"), &request("POST", "/v1/workspaceGroups", &headers, group.as_bytes()));
    assert!((0..600).any(|_| {
        std::thread::sleep(Duration::from_millis(50));
        database.is_waited_for()
    }));
    assert_eq!(stop(running, "-TERM"), Some(0));
}

#[test]
fn every_signal_is_forwarded_to_the_command_and_its_exit_code_returned() {
    let script = "trap 'echo interrupted' INT; trap 'echo terminated; exit 9' TERM; echo ready; \
                  while :; do sleep 0.05; done";
    let mut child = command().args(["--log", "none", "exec", "--", "sh", "-c", script]).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert_eq!(lines.next().as_deref(), Some("ready"));
    for _ in 0..2 {
        send(&child, "-INT");
        assert_eq!(lines.next().as_deref(), Some("interrupted"));
    }
    send(&child, "-TERM");
    assert_eq!((lines.next().as_deref(), ended(&mut child)), (Some("terminated"), Some(9)));

    // A command killed by a signal has the code that a shell would give it.
    let mut child = command().args(["--log", "none", "exec", "--", "sh", "-c", "kill -9 $$"]).spawn().unwrap();
    assert_eq!(ended(&mut child), Some(137));
}

#[test]
fn mistakes_are_explained_and_have_exit_codes() {
    let ends = |arguments: &[&str]| {
        // An unnoticed mistake must end the run, not exhaust this test's patience.
        let output = command().args(arguments).args(["exec", "--", "true"]).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned(), output.stdout.len())
    };
    let directory = tempfile::tempdir().unwrap();
    let seed = directory.path().join("seed.json");
    std::fs::write(&seed, "{\n\"workspace_groups\": [{\"name\": \"a\",\n\"nmae\": 1}]}").unwrap();
    for (arguments, word) in [
        (vec!["--typo"], "--typo"),
        (vec!["--port", "seven"], "--port"),
        (vec!["--rate-limit", "fast"], "100/10s"),
        (vec!["--bind", "0.0.0.0"], "--control-token"),
        (vec!["--seed", seed.to_str().unwrap()], "seed.json:3: workspace_groups[0].nmae: unknown field"),
    ] {
        let (code, text, printed) = ends(&arguments);
        assert!(code == Some(2) && text.contains(word) && printed == 0, "{arguments:?}: {code:?} {text}");
    }
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for option in ["--port", "--storage-port", "--control-port"] {
        assert_eq!(ends(&[option, &port]).0, Some(3), "{option}");
    }
}

#[test]
fn variables_set_options_and_flags_win() {
    let mut child = command()
        .env("SINGLESTORE_EMULATOR_KEY", "from-variable")
        .env("SINGLESTORE_EMULATOR_LOG", "none")
        .args(["exec", "--", "sh", "-c", "echo $SINGLESTOREDB_MANAGEMENT_TOKEN; exit 7"])
        .spawn()
        .unwrap();
    let mut text = String::new();
    child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    assert_eq!((text.trim(), child.wait().unwrap().code()), ("from-variable", Some(7)));
    let output = command()
        .env("SINGLESTORE_EMULATOR_KEY", "from-variable")
        .args(["--key", "from-flag", "exec", "--", "sh", "-c", "echo $SINGLESTOREDB_MANAGEMENT_TOKEN"])
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "from-flag");
}

#[test]
fn variables_accept_the_spellings_that_people_use() {
    let unknown = |name: &str, value: &str| {
        let running = Running::start_with(&[(&format!("SINGLESTORE_EMULATOR_{name}"), value)], &[]);
        running.get("Bearer x", "/v1/typo");
        stop(running, "-TERM")
    };
    for yes in ["1", "true", "TRUE", "yes", "on"] {
        assert_eq!(unknown("FAIL_ON_VIOLATIONS", yes), Some(1), "{yes}");
    }
    for no in ["0", "false", "no", "off"] {
        assert_eq!(unknown("FAIL_ON_VIOLATIONS", no), Some(0), "{no}");
    }
    let mut maybe = command();
    maybe.env("SINGLESTORE_EMULATOR_FAIL_ON_VIOLATIONS", "maybe").args(["exec", "--", "true"]);
    assert_eq!(maybe.output().unwrap().status.code(), Some(2));
    // A compose file sets variables without a value to the empty string.
    for name in
        ["PORT", "KEY", "STRICT", "SEED", "RATE_LIMIT", "LOG", "BIND", "READY_AFTER", "PUBLIC_URL", "READY_FILE"]
    {
        assert_eq!(unknown(name, ""), Some(0), "{name}");
    }
    let running = Running::start_with(&[("SINGLESTORE_EMULATOR_ALLOW_HOST", "a.example,b.example")], &[]);
    let url = running.url("control_url").replace("/_emulator/", "");
    let status = |host: &str| {
        let bytes = format!("GET /_emulator/state HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        parse(&raw(&url, bytes.as_bytes()).unwrap()).unwrap().status
    };
    assert_eq!(["a.example", "b.example:80", "c.example"].map(status), [200, 200, 403]);
}

#[test]
fn a_seed_a_ready_file_and_a_health_check() {
    let directory = tempfile::tempdir().unwrap();
    let (seed, ready) = (directory.path().join("seed.json"), directory.path().join("ready.json"));
    std::fs::write(&seed, r#"{"workspace_groups": [{"name": "seeded"}]}"#).unwrap();
    let running = Running::start(&["--seed", seed.to_str().unwrap(), "--ready-file", ready.to_str().unwrap()]);
    let written: Value = serde_json::from_str(&std::fs::read_to_string(&ready).unwrap()).unwrap();
    assert_eq!(written, running.line);
    let bytes = request("GET", "/v1/workspaceGroups", &[("Authorization", "Bearer x")], b"");
    assert_eq!(parse(&raw(&running.url("url"), &bytes).unwrap()).unwrap().json()[0]["name"], "seeded");
    let healthy = |url: &str| command().args(["healthcheck", url]).status().unwrap().code();
    assert_eq!(healthy(&running.url("control_url")), Some(0));
    assert_eq!(healthy(&running.url("url")), Some(1));
}

#[test]
fn violations_set_the_exit_code_if_asked() {
    for (arguments, code) in [(vec!["--fail-on-violations"], 1), (vec![], 0)] {
        let running = Running::start(&arguments);
        assert_eq!(running.get("Bearer x", "/v1/regions?typo=1"), 200);
        assert_eq!(stop(running, "-TERM"), Some(code));
    }
}

#[test]
fn a_public_url_has_a_prefix_and_strict_refuses_samples() {
    let running = Running::start(&["--public-url", "http://proxy.example/management", "--strict"]);
    assert_eq!(running.get("Bearer x", "/management/v1/regions"), 200);
    assert_eq!(running.get("Bearer x", "/v1/models"), 501);
}

#[test]
fn twenty_run_at_once() {
    let all: Vec<Running> = (0..20).map(|_| Running::start(&[])).collect();
    assert!(all.iter().all(|running| running.get("Bearer x", "/v1/regions") == 200));
    let codes: Vec<Option<i32>> = all.into_iter().map(|running| stop(running, "-TERM")).collect();
    assert_eq!(codes, vec![Some(0); 20]);
}
