//! The page in a real browser; skipped, with a message, where there is none.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use singlestore_management_emulator::{Control, Emulator};
use support::call;

fn browser() -> Option<&'static str> {
    let runs = |name: &&str| {
        Command::new(name)
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    };
    ["chromium", "chromium-browser", "google-chrome"].into_iter().find(runs)
}

/// The page as the browser has it after its scripts have run.
fn rendered(browser: &str, url: &str, width: u32) -> String {
    let profile = tempfile::tempdir().unwrap();
    let output = Command::new(browser)
        .args([
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--virtual-time-budget=4000",
            "--dump-dom",
        ])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("--window-size={width},900"))
        .arg(url)
        .stderr(Stdio::null())
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_page_shows_deployments_files_and_violations_as_text() {
    let Some(browser) = browser() else {
        eprintln!("skipped: there is no Chromium here");
        return;
    };
    let emulator = Arc::new(Emulator::start().unwrap());
    let control = Control::builder().start(emulator.clone()).unwrap();
    let name = "<img src=x onerror=\"document.title='owned'\">";
    emulator.insert_workspace_group(json!({"name": name, "state": "SUSPENDED"})).unwrap();
    emulator.insert_file("files/shared", "<b>bold.txt", b"x").unwrap();
    call(&emulator, "GET", "/v1/regions?typo=1", Value::Null);
    for width in [1280, 390] {
        let page = rendered(browser, control.url(), width);
        assert!(page.contains("&lt;img src=x onerror="), "the name of the group is not shown: {page}");
        assert!(!page.contains("<img") && !page.contains("<b>bold") && !page.contains("<title>owned"));
        assert!(page.contains("SUSPENDED") && page.contains("&lt;b&gt;bold.txt"));
        assert!(page.contains("class=\"violation\"") && page.contains("query parameter typo is unknown"));
        assert!(page.contains("1 violations") && page.matches("<button type=\"button\">").count() == 12);
    }
    assert_eq!(emulator.request_count(), 1, "the page itself must not be in the log");
}

/// A browser under remote control, which is a WebSocket with JSON in it.
struct Driven {
    child: Child,
    socket: TcpStream,
    number: u64,
    _profile: tempfile::TempDir,
}

/// The pages open in a browser. The connection is kept, so the announced length marks the end of the list.
fn targets(authority: &str) -> Option<Value> {
    let mut stream = TcpStream::connect(authority).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(60))).ok()?;
    stream.write_all(format!("GET /json HTTP/1.1\r\nHost: {authority}\r\n\r\n").as_bytes()).ok()?;
    let mut got = Vec::new();
    loop {
        let mut piece = [0; 4096];
        let length = stream.read(&mut piece).ok().filter(|length| *length > 0)?;
        got.extend_from_slice(&piece[..length]);
        if let Some(targets) = support::parse(&got).and_then(|reply| serde_json::from_slice(&reply.body).ok()) {
            return Some(targets);
        }
    }
}

impl Drop for Driven {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Driven {
    fn start(browser: &str, url: &str) -> Driven {
        let profile = tempfile::tempdir().unwrap();
        let mut child = Command::new(browser)
            .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--remote-debugging-port=0"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg(url)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut lines = lines.map_while(Result::ok);
        let line = lines.find(|line| line.starts_with("DevTools listening on ws://")).unwrap();
        // Not reading would block the browser on a full pipe.
        std::thread::spawn(move || lines.for_each(drop));
        let authority = line.split('/').nth(2).unwrap().to_owned();
        let list = || targets(&authority);
        let page = (0..2_400).find_map(|_| {
            std::thread::sleep(Duration::from_millis(50));
            let targets = list()?;
            let page = targets.as_array()?.iter().find(|target| target["type"] == "page" && target["url"] == url)?;
            Some(page["webSocketDebuggerUrl"].as_str()?.to_owned())
        });
        let path = page.unwrap().split_once(&authority).unwrap().1.to_owned();
        let mut socket = TcpStream::connect(&authority).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(120))).unwrap();
        let hello = format!(
            "GET {path} HTTP/1.1\r\nHost: {authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        );
        socket.write_all(hello.as_bytes()).unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            socket.read_exact(&mut byte).unwrap();
            head.extend(byte);
        }
        Driven { child, socket, number: 0, _profile: profile }
    }

    fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.number += 1;
        let text = json!({"id": self.number, "method": method, "params": parameters}).to_string();
        // A text frame with an all-zero mask, which leaves the text unchanged.
        let length = u16::try_from(text.len()).unwrap().to_be_bytes();
        let frame = [&[0x81, 0x80 | 126][..], &length, &[0; 4], text.as_bytes()].concat();
        self.socket.write_all(&frame).unwrap();
        loop {
            let message = self.message();
            if message["id"] == self.number {
                return message["result"].clone();
            }
        }
    }

    fn message(&mut self) -> Value {
        let mut head = [0; 2];
        self.socket.read_exact(&mut head).unwrap();
        let mut extended = vec![
            0;
            match head[1] {
                126 => 2,
                127 => 8,
                _ => 0,
            }
        ];
        self.socket.read_exact(&mut extended).unwrap();
        let long = extended.iter().fold(0_usize, |length, byte| length << 8 | usize::from(*byte));
        let mut text = vec![0; if extended.is_empty() { usize::from(head[1]) } else { long }];
        self.socket.read_exact(&mut text).unwrap();
        serde_json::from_slice(&text).unwrap_or_default()
    }

    fn evaluate(&mut self, script: &str) -> Value {
        let script = json!({"expression": script, "awaitPromise": true, "returnByValue": true});
        self.call("Runtime.evaluate", script)["result"]["value"].clone()
    }

    /// Waits until a script returns true, for two minutes at most.
    fn wait_for(&mut self, script: &str) {
        let met = (0..2_400).any(|_| {
            std::thread::sleep(Duration::from_millis(50));
            self.evaluate(script) == true
        });
        assert!(met, "{script}: {}", self.evaluate("document.body.innerText"));
    }

    fn click(&mut self, label: &str) {
        let found = self.evaluate(&format!(
            "(() => {{ const all = [...document.querySelectorAll('button')].filter((b) => b.textContent === '{label}'); \
             all.forEach((b) => b.click()); return all.length; }})()"
        ));
        assert_eq!(found, 1, "{label}");
    }
}

/// Whether the clock of the emulator is an hour ahead of the machine's.
fn is_ahead(emulator: &Emulator) -> bool {
    let reply = call(emulator, "GET", "/v1/regions", Value::Null);
    let date = httpdate::parse_http_date(reply.header("date").unwrap()).unwrap();
    date > std::time::SystemTime::now() + Duration::from_secs(1800)
}

#[test]
fn the_buttons_do_what_they_say_by_mouse_and_by_keyboard() {
    let Some(browser) = browser() else {
        eprintln!("skipped: there is no Chromium here");
        return;
    };
    let emulator = Arc::new(Emulator::start().unwrap());
    let control = Control::builder().start(emulator.clone()).unwrap();
    emulator.insert_workspace_group(json!({"name": "seeded"})).unwrap();
    emulator.mark();
    let mut page = Driven::start(browser, control.url());
    page.wait_for("document.body.innerText.includes('seeded')");
    let waits = |count: usize| format!("document.body.innerText.includes('{count} faults waiting')");
    for (count, label) in [
        (1, "Next request: 500"),
        (2, "Next request: 503, retry after 1 s"),
        (3, "Next request: 429"),
        (4, "Next request: reset"),
        (5, "Next change: response lost"),
        (6, "Next request: 3 s late"),
    ] {
        page.click(label);
        page.wait_for(&waits(count));
    }
    assert_eq!(call(&emulator, "GET", "/v1/regions", Value::Null).status, 500);
    page.click("Forget faults");
    page.wait_for(&waits(0));
    assert_eq!(call(&emulator, "GET", "/v1/regions", Value::Null).status, 200);
    page.wait_for("document.getElementById('requests').innerText.includes('/v1/regions')");

    emulator.insert_workspace_group(json!({"name": "arrived-later"})).unwrap();
    page.wait_for("document.body.innerText.includes('arrived-later')");
    page.evaluate("[...document.querySelectorAll('button')].find((b) => b.textContent === 'Reset').focus()");
    for kind in ["keyDown", "keyUp"] {
        let key = json!({"type": kind, "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r"});
        page.call("Input.dispatchKeyEvent", key);
    }
    page.wait_for("!document.body.innerText.includes('arrived-later') && document.body.innerText.includes('seeded')");
    // For a pending group, and for one created while another is.
    let region = call(&emulator, "GET", "/v1/regions", Value::Null).json()[0]["regionID"].clone();
    let group = |name: &str| json!({"name": name, "regionID": region, "firewallRanges": []});
    page.click("Next creation: lock held");
    let held = (0..100).any(|number| {
        std::thread::sleep(Duration::from_millis(50));
        call(&emulator, "POST", "/v1/workspaceGroups", group(&format!("tried-{number}"))).status == 500
    });
    assert!(held);
    let clusters = json!({"name": "on-its-way", "state": "PENDING"});
    let id = emulator.insert_workspace_group(clusters).unwrap();
    emulator.script_states(&id, ["PENDING", "PENDING", "PENDING", "ACTIVE"]);
    page.wait_for("document.body.innerText.includes('on-its-way') && document.body.innerText.includes('PENDING')");
    page.click("Everything arrives");
    let arrived = (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(50));
        emulator.workspace_groups().iter().any(|group| group["name"] == "on-its-way" && group["state"] == "ACTIVE")
    });
    assert!(arrived);
    assert!(!is_ahead(&emulator));
    page.click("One hour later");
    let later = (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(50));
        is_ahead(&emulator)
    });
    assert!(later);
    page.click("Expire all keys");
    page.wait_for("document.getElementById('error').textContent === ''");
    let refused = (0..2_400).any(|_| {
        std::thread::sleep(Duration::from_millis(50));
        call(&emulator, "GET", "/v1/regions", Value::Null).status == 401
    });
    assert!(refused);
    let overflow = "document.documentElement.scrollWidth <= window.innerWidth";
    let phone = json!({"width": 390, "height": 800, "deviceScaleFactor": 1, "mobile": true});
    page.call("Emulation.setDeviceMetricsOverride", phone);
    page.wait_for(overflow);
}

#[test]
fn the_page_asks_for_the_token_once_and_sends_it() {
    let Some(browser) = browser() else {
        eprintln!("skipped: there is no Chromium here");
        return;
    };
    let emulator = Arc::new(Emulator::start().unwrap());
    let control = Control::builder().token("page-token").start(emulator.clone()).unwrap();
    emulator.insert_workspace_group(json!({"name": "seeded"})).unwrap();
    for (token, shows) in [("page-token", "seeded"), ("another", "the control token is missing or wrong")] {
        let mut page = Driven::start(browser, "about:blank");
        let source =
            format!("window.asked = []; window.prompt = (text) => {{ window.asked.push(text); return '{token}'; }};");
        page.call("Page.enable", json!({}));
        page.call("Page.addScriptToEvaluateOnNewDocument", json!({"source": source}));
        page.call("Page.navigate", json!({"url": control.url()}));
        page.wait_for(&format!("document.body.innerText.includes('{shows}')"));
        if token == "page-token" {
            page.click("Next request: 500");
            page.wait_for("document.body.innerText.includes('1 faults waiting')");
        }
        assert_eq!(page.evaluate("window.asked.join()"), "Control token", "it asks once");
    }
    assert_eq!(emulator.faults_left(), 1);
}

/// The page's own text, for machines without a browser.
const PAGE: &str = include_str!("../src/control/page.html");

/// A literal of the page's script as JSON.
fn literal(text: &str) -> Value {
    let quoted = regex_lite::Regex::new(r"([{,] *)([A-Za-z]+):").unwrap().replace_all(text, "$1\"$2\":");
    serde_json::from_str(&quoted).unwrap_or_else(|error| panic!("{error}: {quoted}"))
}

fn send(control: &Control, method: &str, path: &str, body: &str) -> support::Reply {
    let authority = control.url().trim_start_matches("http://").split('/').next().unwrap().to_owned();
    let kind = if method == "GET" { "" } else { "Content-Type: application/json\r\n" };
    let head = format!(
        "{method} /_emulator/{path} HTTP/1.1\r\nHost: {authority}\r\nOrigin: http://{authority}\r\n{kind}\
         Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    support::parse(&support::raw(&format!("http://{authority}"), head.as_bytes()).unwrap()).unwrap()
}

#[test]
fn every_request_of_the_page_exists_and_each_button_sends_its_own() {
    let emulator = Arc::new(Emulator::start().unwrap());
    let control = Control::builder().start(emulator.clone()).unwrap();
    emulator.insert_file("files/shared", "a", b"x").unwrap();
    let id = emulator.insert_workspace_group(json!({"name": "g", "state": "PENDING"})).unwrap();
    emulator.script_states(&id, ["PENDING", "PENDING", "ACTIVE"]);
    let asked: Vec<String> = regex_lite::Regex::new(r#"ask\("GET", "([^"]+)"( \+ (kind|space|since))?\)"#)
        .unwrap()
        .captures_iter(PAGE)
        .map(|found| {
            let variable = found.get(3).map_or("", |name| name.as_str());
            let value = match variable {
                "kind" => "workspace_group",
                "space" => "files/shared",
                "since" => "0",
                _ => "",
            };
            format!("{}{value}", &found[1])
        })
        .collect();
    assert_eq!(asked, ["state", "items/workspace_group", "files/files/shared", "requests?since=0"]);
    assert_eq!(PAGE.matches("ask(\"").count(), asked.len(), "the test sees all of them");
    for path in &asked {
        assert_eq!(send(&control, "GET", path, "").status, 200, "{path}");
    }
    for kind in ["workspace_group", "workspace", "cluster", "starter"] {
        assert!(PAGE.contains(&format!("[\"{kind}\", \"")), "{kind}");
        assert_eq!(send(&control, "GET", &format!("items/{kind}"), "").status, 200);
    }
    let actions = PAGE.split_once("const actions = ").unwrap().1.split_once("\n];").unwrap().0;
    let actions = literal(&format!("{}]", actions.trim_end_matches(',')));
    let mut labels = Vec::new();
    for action in actions.as_array().unwrap() {
        let text = |at: usize| action[at].as_str().unwrap();
        let body = action.get(3).map(Value::to_string).unwrap_or_default();
        let reply = send(&control, text(1), text(2), &body);
        assert!([200, 201].contains(&reply.status), "{}: {}", text(0), reply.text());
        labels.push(text(0).to_owned());
        match text(0) {
            "Next creation: lock held" => {
                assert_eq!(emulator.faults_left(), 6);
                emulator.clear_faults();
                let group =
                    json!({"name": "new", "firewallRanges": [], "regionID": emulator.items("region")[0]["regionID"]});
                let reply = call(&emulator, "POST", "/v1/workspaceGroups", group);
                assert!(reply.status == 500 && reply.text().contains("could not acquire lock"), "{}", reply.text());
            }
            "Expire all keys" => {
                assert_eq!(call(&emulator, "GET", "/v1/regions", Value::Null).status, 401);
                emulator.accept_key(emulator.api_key());
            }
            "Everything arrives" => assert_eq!(emulator.workspace_groups()[0]["state"], "ACTIVE"),
            "One hour later" => {
                assert!(is_ahead(&emulator));
                send(&control, "POST", "faults", r#"{"kind": "reset"}"#);
            }
            "Forget faults" => assert_eq!(emulator.faults_left(), 0),
            "Reset" => assert_eq!((emulator.live_count("workspace_group"), emulator.request_count()), (0, 0)),
            _ => assert_eq!(emulator.faults_left(), labels.len()),
        }
    }
    assert_eq!(labels.len(), 12);

    // Makes the page ask for a token; the page itself needs none.
    let control = Control::builder().token("t").start(emulator).unwrap();
    let refused = send(&control, "GET", "state", "");
    assert_eq!((refused.status, refused.header("www-authenticate")), (401, Some("Bearer")));
    assert_eq!(send(&control, "GET", "", "").status, 200);
}
