//! A scripted API and storage that break off, stall, or change what they say.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::json;
use singlestore_management::{Client, ClientBuilder, WorkspaceGroupId};

use crate::sockets::{Head, read_head, reset};
use crate::support::quick_retries;

pub(crate) const SIZE: usize = 200_000;

pub(crate) fn content() -> Vec<u8> {
    (0..SIZE).map(|n| (n % 251) as u8).collect()
}

/// A request for the content, as the storage saw it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) range: Option<usize>,
    pub(crate) if_match: Option<String>,
    pub(crate) authorization: bool,
    pub(crate) url: String,
}

/// What the storage sends: a head, then this much of a body, and then the connection ends or hangs.
pub(crate) struct Script {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
    pub(crate) end: End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Close,
    /// With a reset, which may overtake what was sent before it.
    Reset,
    Stall,
    /// Goes on and on: chunk after chunk.
    Endless,
}

type Storage = Box<dyn Fn(usize, &Seen) -> Script + Send + Sync>;

/// An API that redirects to a scripted storage, and knows the size of the file.
pub(crate) struct Server {
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    pub(crate) fn start(storage: impl Fn(usize, &Seen) -> Script + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let (log, base) = (seen.clone(), url.clone());
        let storage: Arc<Storage> = Arc::new(Box::new(storage));
        std::thread::spawn(move || {
            let mut urls = 0;
            for stream in listener.incoming() {
                let Ok(stream) = stream else { break };
                let Some(request) = read_head(&stream).as_ref().map(seen_of) else { continue };
                let path = request.url.as_str();
                let script = if path.starts_with("/storage") {
                    let mut log = log.lock().unwrap();
                    log.push(request.clone());
                    storage(log.len(), &request)
                } else if path.contains("metadata") {
                    ok(&[], json!({"name": "f", "path": "f", "size": SIZE}).to_string().as_bytes())
                } else {
                    urls += 1;
                    Script {
                        head: format!(
                            "HTTP/1.1 307 Temporary Redirect\r\nLocation: {base}/storage/{urls}?X-Amz-Signature=canary\r\nContent-Length: 0\r\n"
                        ),
                        body: Vec::new(),
                        end: End::Close,
                    }
                };
                std::thread::spawn(move || play(stream, &script));
            }
        });
        Self { url, seen }
    }

    pub(crate) fn client(&self) -> Client {
        self.builder().build().unwrap()
    }

    pub(crate) fn builder(&self) -> ClientBuilder {
        Client::builder().base_url(&self.url).api_key("key").retry(quick_retries().with_max_attempts(5))
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

fn seen_of(head: &Head) -> Seen {
    let range = head.header("range");
    Seen {
        range: range.and_then(|range| range.trim_start_matches("bytes=").trim_end_matches('-').parse().ok()),
        if_match: head.header("if-match").map(str::to_owned),
        authorization: head.header("authorization").is_some(),
        url: head.target().to_owned(),
    }
}

fn play(mut stream: TcpStream, script: &Script) {
    let _ = write!(stream, "{}Connection: close\r\n\r\n", script.head);
    let _ = stream.write_all(&script.body);
    match script.end {
        End::Close => {}
        // Until the client disconnects.
        End::Stall => drop(stream.read(&mut [0; 1])),
        End::Endless => {
            let chunk = [b"4000\r\n".as_slice(), &[7; 0x4000], b"\r\n"].concat();
            (0..4096).all(|_| stream.write_all(&chunk).is_ok());
        }
        End::Reset => reset(stream),
    }
}

pub(crate) fn head(status: &str, headers: &[(&str, &str)], length: usize) -> String {
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n{headers}")
}

pub(crate) fn ok(headers: &[(&str, &str)], body: &[u8]) -> Script {
    ok_as("200 OK", headers, body)
}

pub(crate) fn ok_as(status: &str, headers: &[(&str, &str)], body: &[u8]) -> Script {
    Script { head: head(status, headers, body.len()), body: body.to_vec(), end: End::Close }
}

pub(crate) fn part(from: usize, etag: &str) -> Script {
    let range = format!("bytes {from}-{}/{SIZE}", SIZE - 1);
    let body = content()[from..].to_vec();
    Script {
        head: head("206 Partial Content", &[("Content-Range", &range), ("ETag", etag)], body.len()),
        body,
        end: End::Close,
    }
}

pub(crate) fn status(status: &str, body: &str) -> Script {
    Script { head: head(status, &[], body.len()), body: body.as_bytes().to_vec(), end: End::Close }
}

/// The whole file, announced in full, cut off at a byte.
pub(crate) fn cut(at: usize, etag: &str, end: End) -> Script {
    Script { head: head("200 OK", &[("ETag", etag)], SIZE), body: content()[..at].to_vec(), end }
}

pub(crate) fn group() -> WorkspaceGroupId {
    "3f2504e0-4f89-41d3-9a0c-0305e82c3301".parse().unwrap()
}
