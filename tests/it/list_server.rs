//! A server that sends exactly what a test prescribes, byte by byte.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use singlestore_management::{Client, ClientBuilder};

use super::sockets::{read_head, reset};
use super::support::quick_retries;

/// What the server does next on a connection.
pub(crate) enum Step {
    Send(Vec<u8>),
    /// Breaks the connection with a reset.
    Reset,
    /// Sends nothing more until the client gives up.
    Hang,
}

/// The path and query of a request, with its number, counting from zero.
type Script = dyn Fn(usize, &str) -> Vec<Step> + Send + Sync;

pub(crate) struct Server {
    url: String,
    count: Arc<AtomicUsize>,
    paths: Arc<Mutex<Vec<String>>>,
}

/// A client of such a server, usable from another process too.
pub(crate) fn builder(url: &str) -> ClientBuilder {
    Client::builder().base_url(url).api_key("0123456789abcdef").retry(quick_retries())
}

impl Server {
    pub(crate) fn start(script: impl Fn(usize, &str) -> Vec<Step> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (count, paths) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Vec::new())));
        let script: Arc<Script> = Arc::new(script);
        let server = Self { url, count: count.clone(), paths: paths.clone() };
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (script, count, paths) = (script.clone(), count.clone(), paths.clone());
                std::thread::spawn(move || serve(stream, &*script, &count, &paths));
            }
        });
        server
    }

    /// A server that always sends the same response.
    pub(crate) fn saying(response: Vec<u8>) -> Self {
        Self::start(move |_, _| vec![Step::Send(response.clone())])
    }

    pub(crate) fn requests(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }

    pub(crate) fn paths(&self) -> Vec<String> {
        self.paths.lock().unwrap().clone()
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn builder(&self) -> ClientBuilder {
        builder(&self.url)
    }

    pub(crate) fn client(&self) -> Client {
        self.builder().build().unwrap()
    }
}

fn serve(mut stream: TcpStream, script: &Script, count: &AtomicUsize, paths: &Mutex<Vec<String>>) {
    let Some(head) = read_head(&stream) else { return };
    let path = head.target().to_owned();
    paths.lock().unwrap().push(path.clone());
    let number = count.fetch_add(1, Ordering::SeqCst);
    for step in script(number, &path) {
        match step {
            Step::Send(bytes) => {
                if stream.write_all(&bytes).is_err() {
                    return;
                }
            }
            Step::Reset => return reset(stream),
            Step::Hang => return drop(stream.read(&mut [0; 1])),
        }
    }
}

/// A response whose body ends with the connection, so that its length is unknown.
pub(crate) fn response(body: &str) -> Vec<u8> {
    status(200, body)
}

pub(crate) fn status(status: u16, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status} x\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n{body}").into_bytes()
}

/// An id that is different for each number.
pub(crate) fn uuid(number: usize) -> String {
    format!("00000000-0000-4000-8000-{number:012x}")
}

/// A workspace group, as the service lists it.
pub(crate) fn group(number: usize) -> String {
    format!(r#"{{"workspaceGroupID":"{}","name":"group-{number}","state":"ACTIVE"}}"#, uuid(number))
}

/// A list of groups.
pub(crate) fn groups(count: usize) -> String {
    format!("[{}]", (0..count).map(group).collect::<Vec<_>>().join(","))
}
