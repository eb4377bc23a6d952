//! Shared by the hand-written servers: reading the head of a request, and resetting a connection.

use std::io::Read;
use std::net::TcpStream;
use std::time::Duration;

/// The head of a request.
#[derive(Debug)]
pub(crate) struct Head {
    /// The first line.
    pub(crate) line: String,
    headers: Vec<(String, String)>,
}

impl Head {
    /// Path and query.
    pub(crate) fn target(&self) -> &str {
        self.line.split(' ').nth(1).unwrap_or_default()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(have, _)| have.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The length of the body; zero if none is announced.
    pub(crate) fn length(&self) -> usize {
        self.header("content-length").map_or(0, |value| value.parse().unwrap())
    }
}

/// Reads the head of a request and none of its body; `None` if the connection ends first.
pub(crate) fn read_head(mut stream: &TcpStream) -> Option<Head> {
    let (mut text, mut byte) = (Vec::new(), [0]);
    while !text.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        text.push(byte[0]);
    }
    let text = String::from_utf8(text).unwrap();
    let headers = text.lines().filter_map(|line| line.split_once(": "));
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    Some(Head { line: text.lines().next().unwrap_or_default().to_owned(), headers })
}

/// Closes a connection so that the peer sees a reset.
pub(crate) fn reset(stream: TcpStream) {
    socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
    drop(stream);
}
