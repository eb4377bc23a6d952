//! A client of thirty lines: no client library may come between these tests and the bytes.
#![allow(dead_code)]

pub mod mysql;

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;
use singlestore_management_emulator::Emulator;

/// A response.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(have, _)| have.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// Sends raw bytes to a base URL and reads until the connection ends.
pub fn raw(url: &str, bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(url.strip_prefix("http://").unwrap())?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    stream.write_all(bytes)?;
    let mut response = Vec::new();
    stream.read_to_end(&mut response)?;
    Ok(response)
}

pub fn request(method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut head = format!("{method} {target} HTTP/1.1\r\nHost: emulator\r\nConnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if !body.is_empty() {
        head.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    [head.as_bytes(), b"\r\n", body].concat()
}

pub fn parse(response: &[u8]) -> Option<Reply> {
    let end = response.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&response[..end]).into_owned();
    let mut lines = head.lines();
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    Some(Reply { status, headers, body: response[end + 4..].to_vec() })
}

/// One request with the emulator's own key; an empty body means none.
pub fn call(emulator: &Emulator, method: &str, target: &str, body: Value) -> Reply {
    let bytes = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    try_call(emulator, method, target, &[("Content-Type", "application/json")], &bytes).unwrap()
}

pub fn try_call(
    emulator: &Emulator,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> io::Result<Reply> {
    let key = format!("Bearer {}", emulator.api_key());
    let mut all = vec![("Authorization", key.as_str())];
    all.extend(headers.iter().filter(|(name, _)| !body.is_empty() || *name != "Content-Type"));
    let response = raw(emulator.url(), &request(method, target, &all, body))?;
    parse(&response).ok_or_else(|| io::Error::other("the response is not HTTP"))
}

/// Calls with JSON and checks that the response is a success that fits the interface document.
pub fn good(emulator: &Emulator, method: &str, target: &str, body: Value) -> Value {
    let reply = call(emulator, method, target, body);
    assert_eq!(reply.status, 200, "{method} {target}: {}", reply.text());
    let spec = singlestore_management_emulator::Spec::load().unwrap();
    let found = spec.route(method, target.split('?').next().unwrap()).unwrap();
    let trimmed = target.contains("fields=");
    let problems = if trimmed { Vec::new() } else { spec.validate_response(found.operation, 200, &reply.body) };
    assert_eq!(problems, Vec::<String>::new(), "{method} {target}: {}", reply.text());
    if reply.body.is_empty() { Value::Null } else { reply.json() }
}

/// Calls and expects an error, which is always plain text.
pub fn refusal(emulator: &Emulator, method: &str, target: &str, body: Value) -> (u16, String) {
    let reply = call(emulator, method, target, body);
    assert!(reply.status >= 400, "{method} {target}: {}", reply.status);
    assert!(reply.header("content-type").unwrap().starts_with("text/plain"));
    (reply.status, reply.text())
}

/// A text field of a response.
pub fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_else(|| panic!("no {field} in {value}")).to_owned()
}
