//! Reads requests from a connection: the head first, the body when it is needed.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::upload::Upload;

/// The largest head that is read; a client that sends more is broken.
const HEAD_LIMIT: usize = 64 * 1024;

/// How many bytes are read at a time.
const BUFFER: usize = 32 * 1024;

/// Request line and headers.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
}

impl Head {
    /// The value of a header; names are stored in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn wants_close(&self) -> bool {
        self.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"))
    }
}

/// Where a request's body goes while it arrives: uploads to disk, everything else into memory.
pub(crate) struct Received {
    /// The body, or the beginning of an upload.
    pub(crate) bytes: Vec<u8>,
    /// How many bytes have arrived.
    pub(crate) length: usize,
    /// False when the connection ended before the announced length.
    pub(crate) complete: bool,
    /// The part of an upload.
    pub(crate) upload: Option<Upload>,
    kept: usize,
}

impl Received {
    /// A body that is kept in memory in full.
    pub(crate) fn whole() -> Received {
        Received { bytes: Vec::new(), length: 0, complete: true, upload: None, kept: usize::MAX }
    }

    /// An upload of which this many bytes are kept.
    pub(crate) fn upload(upload: Upload, kept: usize) -> Received {
        Received { upload: Some(upload), kept, ..Received::whole() }
    }

    fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.length += bytes.len();
        let kept = self.kept.saturating_sub(self.bytes.len()).min(bytes.len());
        self.bytes.extend_from_slice(bytes.get(..kept).unwrap_or_default());
        self.upload.as_mut().map_or(Ok(()), |upload| upload.feed(bytes))
    }
}

/// A connection with the bytes that were read but not yet used.
pub(crate) struct Reader {
    pub(crate) stream: TcpStream,
    buffer: Vec<u8>,
}

impl Reader {
    pub(crate) fn new(stream: TcpStream) -> Reader {
        Reader { stream, buffer: Vec::new() }
    }

    async fn fill(&mut self) -> io::Result<bool> {
        self.buffer.reserve(BUFFER);
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
    pub(crate) async fn body(&mut self, head: &Head, mut into: Received) -> io::Result<Received> {
        let chunked =
            head.header("transfer-encoding").is_some_and(|value| value.to_ascii_lowercase().contains("chunked"));
        let length = head.header("content-length").and_then(|value| value.parse::<usize>().ok()).unwrap_or(0);
        if (chunked || length > 0)
            && head.header("expect").is_some_and(|value| value.eq_ignore_ascii_case("100-continue"))
        {
            self.stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
        }
        into.complete = if chunked { self.chunks(&mut into).await? } else { self.exactly(length, &mut into).await? };
        // A large body must not leave its buffer to an idle connection.
        if self.buffer.is_empty() && self.buffer.capacity() > BUFFER {
            self.buffer = Vec::new();
        }
        Ok(into)
    }

    /// Reads this many bytes; false if the connection ended first.
    async fn exactly(&mut self, mut length: usize, into: &mut Received) -> io::Result<bool> {
        loop {
            let here = length.min(self.buffer.len());
            into.take(self.buffer.get(..here).unwrap_or_default())?;
            self.buffer.drain(..here);
            length -= here;
            if length == 0 {
                return Ok(true);
            }
            if !self.fill().await? {
                return Ok(false);
            }
        }
    }

    async fn chunks(&mut self, into: &mut Received) -> io::Result<bool> {
        loop {
            let Some(line) = self.line().await? else {
                return Ok(false);
            };
            let size = line.split(';').next().unwrap_or_default().trim();
            let size = usize::from_str_radix(size, 16)
                .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "a chunk size is not hexadecimal"))?;
            if size == 0 {
                // Trailers end with an empty line.
                while self.line().await?.is_some_and(|line| !line.is_empty()) {}
                return Ok(true);
            }
            if !self.exactly(size, into).await? {
                return Ok(false);
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
