//! An API and a storage of the test, which break off, stall, and say other things than before.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::json;
use singlestore_management::{Client, ClientBuilder, WorkspaceGroupId};

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

/// What the storage sends: head, then so much of a body, and then the connection ends or hangs.
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
    /// Not soon: chunk after chunk.
    Endless,
}

type Storage = Box<dyn Fn(usize, &Seen) -> Script + Send + Sync>;

/// An API that redirects to a storage of the test, and knows the size of the file.
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
                let (path, request) = read_head(&stream);
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

fn read_head(stream: &TcpStream) -> (String, Seen) {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).unwrap_or(0);
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut seen = Seen { url: path.clone(), ..Seen::default() };
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 || line.trim().is_empty() {
            return (path, seen);
        }
        let Some((name, value)) = line.trim().split_once(": ") else { continue };
        match name.to_ascii_lowercase().as_str() {
            "range" => seen.range = value.trim_start_matches("bytes=").trim_end_matches('-').parse().ok(),
            "if-match" => seen.if_match = Some(value.to_owned()),
            "authorization" => seen.authorization = true,
            _ => {}
        }
    }
}

fn play(mut stream: TcpStream, script: &Script) {
    let _ = write!(stream, "{}Connection: close\r\n\r\n", script.head);
    let _ = stream.write_all(&script.body);
    match script.end {
        End::Close => {}
        // Until the client goes away.
        End::Stall => drop(stream.read(&mut [0; 1])),
        End::Endless => {
            let chunk = [b"4000\r\n".as_slice(), &[7; 0x4000], b"\r\n"].concat();
            (0..4096).all(|_| stream.write_all(&chunk).is_ok());
        }
        End::Reset => reset(stream),
    }
}

/// Closes a connection so that the other side sees a reset.
fn reset(stream: TcpStream) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    let _entered = runtime.enter();
    stream.set_nonblocking(true).unwrap();
    tokio::net::TcpStream::from_std(stream).unwrap().set_zero_linger().unwrap();
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

/// The whole file, announced whole, cut at a byte.
pub(crate) fn cut(at: usize, etag: &str, end: End) -> Script {
    Script { head: head("200 OK", &[("ETag", etag)], SIZE), body: content()[..at].to_vec(), end }
}

pub(crate) fn group() -> WorkspaceGroupId {
    "3f2504e0-4f89-41d3-9a0c-0305e82c3301".parse().unwrap()
}
