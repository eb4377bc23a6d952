//! Uploads to servers that break off, stall, and refuse: the same bytes in the end, or a clear error.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use singlestore_management::files::UploadBody;
use singlestore_management::{Client, ClientBuilder, WorkspaceGroupId};

use crate::sockets::{read_head, reset};
use crate::support::quick_retries;

/// More than the buffers of a connection hold, so that an upload cannot be over before it is cut.
const SIZE: usize = 12 << 20;
const POINTS: [usize; 4] = [SIZE / 100, SIZE / 2, SIZE / 100 * 99, SIZE];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Close,
    Reset,
    Stall,
    Refuse,
}

/// An API that has no file yet, and treats the first upload specially.
struct Server {
    url: String,
    /// The bodies of the uploads that were received in full.
    taken: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Server {
    fn start(at: usize, end: End) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let taken: Arc<Mutex<Vec<Vec<u8>>>> = Arc::default();
        let all = taken.clone();
        std::thread::spawn(move || {
            let mut uploads = 0;
            for stream in listener.incoming() {
                let Ok(stream) = stream else { break };
                let Some(head) = read_head(&stream) else { continue };
                if !head.line.starts_with("PUT") {
                    respond(&stream, "404 Not Found", "path not found");
                    continue;
                }
                uploads += 1;
                let all = all.clone();
                let cut = (uploads == 1 || end == End::Refuse).then_some(at);
                std::thread::spawn(move || take(stream, head.length(), cut, end, &all));
            }
        });
        Self { url, taken }
    }

    fn builder(&self) -> ClientBuilder {
        Client::builder().base_url(&self.url).api_key("key").retry(quick_retries())
    }
}

fn respond(mut stream: &TcpStream, status: &str, body: &str) {
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    let _ = stream.write_all(format!("{head}{body}").as_bytes());
}

fn take(stream: TcpStream, length: usize, cut: Option<usize>, end: End, taken: &Mutex<Vec<Vec<u8>>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let want = cut.map_or(length, |at| if at == SIZE { length } else { at });
    let mut body = vec![0; want];
    if reader.read_exact(&mut body).is_err() {
        return;
    }
    match cut.map(|_| end) {
        None => {
            let begin = body.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
            let boundary = body.as_slice().lines().next().unwrap().unwrap().len();
            taken.lock().unwrap().push(body[begin..length - boundary - 6].to_vec());
            respond(&stream, "200 OK", "{\"name\":\"f\",\"path\":\"f\"}");
        }
        Some(End::Close) => {}
        // Stops reading, and keeps the connection.
        Some(End::Stall) => loop {
            std::thread::park();
        },
        Some(End::Refuse) => respond(&stream, "413 Payload Too Large", "too large for us"),
        Some(End::Reset) => {
            drop(reader);
            reset(stream);
        }
    }
}

fn group() -> WorkspaceGroupId {
    "3f2504e0-4f89-41d3-9a0c-0305e82c3301".parse().unwrap()
}

#[tokio::test]
async fn an_upload_interrupted_anywhere_is_resent_whole() {
    let local = tempfile::NamedTempFile::new().unwrap();
    let content: Vec<u8> = (0..SIZE).map(|n| (n % 251) as u8).collect();
    std::fs::write(local.path(), &content).unwrap();
    for end in [End::Close, End::Reset, End::Stall] {
        let silence = Duration::from_secs(if end == End::Stall { 4 } else { 60 });
        let uploads = POINTS.map(|at| {
            let (path, content) = (local.path(), &content);
            async move {
                let server = Server::start(at, end);
                let client = server.builder().read_timeout(silence).build().unwrap();
                let seen: Arc<Mutex<Vec<(u32, u64)>>> = Arc::default();
                let sink = seen.clone();
                let upload = client.stage().upload(group(), "f", UploadBody::from_path(path));
                let upload = upload.on_progress(move |p| sink.lock().unwrap().push((p.attempt, p.bytes)));
                let report = upload.await.unwrap();
                assert_eq!((report.bytes, report.attempts), (SIZE as u64, 2), "{at} {end:?}");
                let seen = seen.lock().unwrap();
                assert!(seen.contains(&(2, 0)) && seen.is_sorted(), "the second attempt starts again: {seen:?}");
                assert_eq!(seen.last(), Some(&(2, SIZE as u64)));
                let taken = server.taken.lock().unwrap();
                assert!(taken.len() == 1 && taken[0] == *content, "{at} {end:?}");
            }
        });
        let [a, b, c, d] = uploads;
        tokio::join!(a, b, c, d);
    }
}

#[tokio::test]
async fn an_early_refusal_is_read_or_explained() {
    for at in POINTS {
        let server = Server::start(at, End::Refuse);
        let client = server.builder().build().unwrap();
        let error = client.stage().upload(group(), "f", vec![0; SIZE]).with_max_attempts(2).await.unwrap_err();
        let text = error.to_string();
        assert!(text.contains("too large for us") || text.contains("perhaps the file is too large"), "{at}: {text}");
        assert!(server.taken.lock().unwrap().is_empty());
    }
}
