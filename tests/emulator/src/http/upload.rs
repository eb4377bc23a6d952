//! Extracts the single part of an upload from its multipart framing while it arrives.

use std::io;
use std::sync::Arc;

use crate::world::disk::{Disk, Stored, Writer};

/// The largest part headers that are read; a client that sends more is broken.
const HEAD_LIMIT: usize = 16 * 1024;

/// The part of an upload.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) content: Arc<Stored>,
}

/// The state of the parser.
#[derive(Debug)]
enum State {
    /// Bytes before the end of the part's headers.
    Head(Vec<u8>),
    /// Bytes that may be the beginning of the closing boundary.
    Content {
        name: String,
        writer: Writer,
        held: Vec<u8>,
    },
    /// Bytes after the closing boundary.
    Tail {
        part: Part,
        tail: Vec<u8>,
    },
    Broken(String),
}

/// An upload being received.
#[derive(Debug)]
pub(crate) struct Upload {
    disk: Arc<Disk>,
    opening: Vec<u8>,
    closing: Vec<u8>,
    state: State,
}

impl Upload {
    pub(crate) fn new(disk: Arc<Disk>, content_type: &str) -> Upload {
        let state = |problem: String| State::Broken(problem);
        let boundary = parameter(content_type, "boundary");
        let (state, boundary) = if !content_type.to_ascii_lowercase().starts_with("multipart/form-data") {
            (state(format!("request Content-Type isn't multipart/form-data: {content_type}")), String::new())
        } else {
            match boundary {
                None => (state("no multipart boundary param in Content-Type".to_owned()), String::new()),
                Some(boundary) => (State::Head(Vec::new()), boundary),
            }
        };
        let (opening, closing) = (format!("--{boundary}\r\n"), format!("\r\n--{boundary}"));
        Upload { disk, opening: opening.into_bytes(), closing: closing.into_bytes(), state }
    }

    pub(crate) fn feed(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.state {
            State::Broken(_) => Ok(()),
            State::Tail { tail, .. } => {
                tail.extend(bytes.iter().take(4_usize.saturating_sub(tail.len())));
                Ok(())
            }
            State::Head(head) => {
                head.extend_from_slice(bytes);
                self.head()
            }
            State::Content { held, .. } => {
                held.extend_from_slice(bytes);
                self.content()
            }
        }
    }

    fn head(&mut self) -> io::Result<()> {
        let State::Head(head) = &mut self.state else { return Ok(()) };
        let opened = find(head, &self.opening).map(|at| at + self.opening.len());
        let end = opened.and_then(|from| find(head.get(from..)?, b"\r\n\r\n").map(|at| (from, from + at)));
        let Some((from, end)) = end else {
            if head.len() > HEAD_LIMIT {
                self.state = State::Broken(match opened {
                    None => "multipart: the body does not begin with its boundary".to_owned(),
                    Some(_) => "multipart: the headers of the part do not end".to_owned(),
                });
            }
            return Ok(());
        };
        let lines = String::from_utf8_lossy(head.get(from..end).unwrap_or_default()).into_owned();
        let rest = head.split_off(end + 4);
        let disposition = lines.lines().find(|line| line.to_ascii_lowercase().starts_with("content-disposition:"));
        let name = disposition.map(|line| parameter(line, "name"));
        self.state = match name {
            None => State::Broken("multipart: the part has no Content-Disposition".to_owned()),
            Some(None) => State::Broken("multipart: the part has no name".to_owned()),
            // The content of an empty part ends with the boundary's own line break.
            Some(Some(name)) => State::Content { name, writer: self.disk.writer()?, held: rest },
        };
        self.content()
    }

    fn content(&mut self) -> io::Result<()> {
        let State::Content { name, writer, held } = &mut self.state else { return Ok(()) };
        match find(held, &self.closing) {
            Some(at) => {
                writer.write(held.get(..at).unwrap_or_default())?;
                let tail = held.iter().skip(at + self.closing.len()).take(4).copied().collect();
                let name = std::mem::take(name);
                let State::Content { writer, .. } = std::mem::replace(&mut self.state, State::Head(Vec::new())) else {
                    return Ok(());
                };
                self.state = State::Tail { part: Part { name, content: writer.finish() }, tail };
            }
            None => {
                let sure = held.len().saturating_sub(self.closing.len());
                writer.write(held.get(..sure).unwrap_or_default())?;
                held.drain(..sure);
            }
        }
        Ok(())
    }

    /// Ends the upload; the error message says what the client got wrong.
    pub(crate) fn finish(self) -> Result<Part, String> {
        match self.state {
            State::Broken(problem) => Err(problem),
            State::Head(head) if find(&head, &self.opening).is_none() => {
                Err("multipart: the body does not begin with its boundary".to_owned())
            }
            State::Head(_) => Err("multipart: the headers of the part do not end".to_owned()),
            State::Content { .. } => Err("multipart: NextPart: EOF".to_owned()),
            State::Tail { part, tail } if tail.starts_with(b"--") => Ok(part),
            State::Tail { .. } => {
                Err("multipart: there is more than one part, or the last boundary is not closed".to_owned())
            }
        }
    }
}

fn parameter(header: &str, name: &str) -> Option<String> {
    header.split(';').skip(1).find_map(|piece| {
        let (key, value) = piece.trim().split_once('=')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim_matches('"').to_owned())
    })
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    let first = *needle.first()?;
    let mut from = 0;
    // Looks for the first byte before comparing: uploads of many megabytes pass through here.
    while let Some(offset) = haystack.get(from..)?.iter().position(|byte| *byte == first) {
        let at = from + offset;
        if haystack.get(at..)?.starts_with(needle) {
            return Some(at);
        }
        from = at + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPE: &str = "multipart/form-data; boundary=\"b1\"";

    fn receive(kind: &str, body: &[u8], piece: usize) -> Result<(String, Vec<u8>), String> {
        let mut upload = Upload::new(Disk::new().unwrap(), kind);
        for piece in body.chunks(piece) {
            upload.feed(piece).unwrap();
        }
        upload.finish().map(|part| (part.name, part.content.read().unwrap()))
    }

    #[test]
    fn the_part_is_found_wherever_the_body_is_cut() {
        let head = "--b1\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\n";
        for content in ["x\r\n--b\r\n--b", "", "\r\n", "\r\n\r\n--b0"] {
            let body = format!("{head}{content}\r\n--b1--\r\n");
            for piece in 1..=body.len() {
                let expected = ("file".to_owned(), content.as_bytes().to_vec());
                assert_eq!(receive(TYPE, body.as_bytes(), piece), Ok(expected), "{content:?} in pieces of {piece}");
            }
        }
    }

    #[test]
    fn broken_frames_are_refused_with_a_reason() {
        for (kind, body, word) in [
            ("application/json", "{}", "isn't multipart"),
            (TYPE, "--b2\r\n", "begin"),
            (TYPE, "--b1\r\nA: b\r\n\r\nx", "Disposition"),
            (TYPE, "--b1\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nx", "EOF"),
            (TYPE, "--b1\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nx\r\n--b1\r\n", "more than one"),
            ("multipart/form-data", "", "boundary"),
        ] {
            let problem = receive(kind, body.as_bytes(), 3).unwrap_err();
            assert!(problem.contains(word), "{problem}");
        }
    }
}
