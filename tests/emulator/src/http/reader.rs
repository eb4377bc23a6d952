//! Reads requests from a connection: head first, body when somebody wants it.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Largest head that is read; a client that sends more is broken.
const HEAD_LIMIT: usize = 64 * 1024;

/// Request line and headers.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
}

impl Head {
    /// Value of a header; names are kept in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn wants_close(&self) -> bool {
        self.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"))
    }
}

/// What a request's body turned out to be.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) bytes: Vec<u8>,
    /// False when the connection ended before the announced length.
    pub(crate) complete: bool,
}

/// A connection with the bytes that were read and not used yet.
pub(crate) struct Reader {
    pub(crate) stream: TcpStream,
    buffer: Vec<u8>,
}

impl Reader {
    pub(crate) fn new(stream: TcpStream) -> Reader {
        Reader { stream, buffer: Vec::with_capacity(8 * 1024) }
    }

    async fn fill(&mut self) -> io::Result<bool> {
        self.buffer.reserve(16 * 1024);
        Ok(self.stream.read_buf(&mut self.buffer).await? > 0)
    }

    /// Reads the next head; `None` when the client closed the connection between requests.
    pub(crate) async fn head(&mut self) -> io::Result<Option<Head>> {
        loop {
            if let Some((head, used)) = parse(&self.buffer)? {
                self.buffer.drain(..used);
                return Ok(Some(head));
            }
            if self.buffer.len() > HEAD_LIMIT {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "the request head is larger than 64 KiB"));
            }
            if !self.fill().await? {
                return Ok(None);
            }
        }
    }

    /// Reads the body that a head announces.
    pub(crate) async fn body(&mut self, head: &Head) -> io::Result<Received> {
        let chunked =
            head.header("transfer-encoding").is_some_and(|value| value.to_ascii_lowercase().contains("chunked"));
        let length = head.header("content-length").and_then(|value| value.parse::<usize>().ok()).unwrap_or(0);
        if (chunked || length > 0)
            && head.header("expect").is_some_and(|value| value.eq_ignore_ascii_case("100-continue"))
        {
            self.stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
        }
        if chunked { self.chunks().await } else { self.exactly(length).await }
    }

    async fn exactly(&mut self, length: usize) -> io::Result<Received> {
        while self.buffer.len() < length {
            if !self.fill().await? {
                return Ok(Received { bytes: std::mem::take(&mut self.buffer), complete: false });
            }
        }
        let rest = self.buffer.split_off(length);
        Ok(Received { bytes: std::mem::replace(&mut self.buffer, rest), complete: true })
    }

    async fn chunks(&mut self) -> io::Result<Received> {
        let mut bytes = Vec::new();
        loop {
            let Some(line) = self.line().await? else {
                return Ok(Received { bytes, complete: false });
            };
            let size = line.split(';').next().unwrap_or_default().trim();
            let size = usize::from_str_radix(size, 16)
                .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "a chunk size is not hexadecimal"))?;
            if size == 0 {
                // Trailers end with an empty line.
                while self.line().await?.is_some_and(|line| !line.is_empty()) {}
                return Ok(Received { bytes, complete: true });
            }
            let part = self.exactly(size).await?;
            bytes.extend_from_slice(&part.bytes);
            if !part.complete {
                return Ok(Received { bytes, complete: false });
            }
            self.line().await?;
        }
    }

    async fn line(&mut self) -> io::Result<Option<String>> {
        loop {
            if let Some(end) = self.buffer.windows(2).position(|pair| pair == b"\r\n") {
                let line = String::from_utf8_lossy(self.buffer.get(..end).unwrap_or_default()).into_owned();
                self.buffer.drain(..end + 2);
                return Ok(Some(line));
            }
            if !self.fill().await? {
                return Ok(None);
            }
        }
    }
}

fn parse(buffer: &[u8]) -> io::Result<Option<(Head, usize)>> {
    let mut headers = [httparse::EMPTY_HEADER; 128];
    let mut request = httparse::Request::new(&mut headers);
    let status =
        request.parse(buffer).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.to_string()))?;
    let httparse::Status::Complete(used) = status else {
        return Ok(None);
    };
    let head = Head {
        method: request.method.unwrap_or_default().to_owned(),
        target: request.path.unwrap_or_default().to_owned(),
        headers: request
            .headers
            .iter()
            .map(|header| (header.name.to_ascii_lowercase(), String::from_utf8_lossy(header.value).into_owned()))
            .collect(),
    };
    Ok(Some((head, used)))
}
