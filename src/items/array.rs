//! The array of a list, decoded element by element as its bytes arrive. It does no I/O, keeps at most one element, and
//! looks at every byte a bounded number of times, wherever the pieces are cut.

use std::ops::Range;

use bytes::Bytes;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::error::Category;

use super::scan::{Scan, is_delimiter, is_space};
use crate::{Error, ErrorKind};

/// The default maximum size of an element: 4 MiB.
pub(super) const MAX_ITEM_BYTES: usize = 4 << 20;

/// How much of an element that cannot be decoded is kept in its error.
const SHOWN: usize = 4 << 10;

/// What comes next in the array.
#[derive(Debug)]
pub(super) enum Step<T> {
    /// An element, or the error for one that is not of its type.
    Item(Result<T, Bad>),
    /// The pieces so far contain no further element.
    NeedMore,
    /// The array and its envelope are complete.
    End,
}

/// An element that is valid JSON but does not fit its type.
#[derive(Debug)]
pub(super) struct Bad {
    pub error: Error,
    /// The whole element.
    pub raw: Vec<u8>,
}

/// Why reading the array cannot continue.
#[derive(Debug)]
pub(super) enum Stop {
    /// This is not the JSON of a list. Another response may be.
    Syntax(Error),
    /// The response ended before the array did.
    Cut(Error),
    /// An element exceeds the limit, and would do so in every other response.
    TooLarge(Error),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Before the first byte that is not white space.
    Start,
    /// After `{` (first) or after `,` in the envelope.
    Key { first: bool },
    /// After the key of another member.
    Member,
    /// After the key of the list.
    List,
    /// After `[` (first) or after `,`.
    Element { first: bool },
    /// After an element.
    Between,
    /// After a member of the envelope.
    AfterMember,
    /// After everything.
    Tail,
}

/// Decodes one response.
#[derive(Debug)]
pub(super) struct ArrayDecoder {
    /// The key of the envelope, if the document names one; a bare array is accepted as well.
    envelope: Option<&'static str>,
    max_item_bytes: usize,
    state: State,
    enveloped: bool,
    /// The piece being read, and the position in it.
    piece: Bytes,
    at: usize,
    /// The beginning of a value that continues in the next piece, with the scan for its end.
    partial: Vec<u8>,
    scan: Option<Scan>,
    /// The key of the envelope whose value comes next.
    name: Option<String>,
    /// Whether the envelope has unknown members.
    strange: bool,
    /// The other members of the envelope that are kept, undecoded: the token or the metadata of a page.
    keep: Vec<&'static str>,
    members: Vec<(String, Vec<u8>)>,
    has_list: bool,
    finished: bool,
    index: u64,
    received: u64,
    /// How many bytes were looked at, counting every time.
    work: u64,
}

/// Where a complete value is.
enum Value {
    InPiece(Range<usize>),
    InPartial,
}

impl ArrayDecoder {
    pub(super) fn new(envelope: Option<&'static str>, keep: Vec<&'static str>, max_item_bytes: usize) -> Self {
        Self {
            envelope,
            max_item_bytes,
            state: State::Start,
            enveloped: false,
            piece: Bytes::new(),
            at: 0,
            partial: Vec::new(),
            scan: None,
            name: None,
            strange: false,
            keep,
            members: Vec::new(),
            has_list: false,
            finished: false,
            index: 0,
            received: 0,
            work: 0,
        }
    }

    /// Takes the next piece; the previous one must have been read to its end ([`Step::NeedMore`]).
    pub(super) fn feed(&mut self, piece: Bytes) {
        self.received = self.received.saturating_add(piece.len() as u64);
        self.piece = piece;
        self.at = 0;
    }

    /// The response has ended.
    pub(super) fn finish(&mut self) {
        self.finished = true;
        // Only the end of the response ends a bare `null`; any other unfinished value is cut.
        let is_null = self.state == State::Start && self.partial == b"null";
        self.piece = Bytes::from_static(if is_null { b" " } else { b"" });
        self.at = 0;
    }

    /// How many elements were yielded.
    pub(super) fn index(&self) -> u64 {
        self.index
    }

    #[cfg(test)]
    pub(super) fn work(&self) -> u64 {
        self.work
    }

    /// Decodes an element that was kept undecoded.
    // From bytes like the other elements: decoding from a string would compile the same code again.
    pub(super) fn decode<T: DeserializeOwned>(&self, index: u64, raw: &str) -> Result<T, Error> {
        serde_json::from_slice(raw.as_bytes()).map_err(|source| self.item_error(index, raw.as_bytes(), source))
    }

    /// A member of the envelope, undecoded.
    pub(super) fn member(&self, name: &str) -> Option<&[u8]> {
        self.members.iter().find(|(have, _)| have == name).map(|(_, raw)| raw.as_slice())
    }

    /// The next element.
    pub(super) fn next<T: DeserializeOwned>(&mut self) -> Result<Step<T>, Stop> {
        loop {
            let has_more = if self.scan.is_some() { self.at < self.piece.len() } else { self.skip_space() };
            if !has_more {
                return self.at_the_end_of_a_piece();
            }
            let byte = self.piece[self.at];
            let goes_on = match self.state {
                State::Start => match byte {
                    b'[' if self.scan.is_none() => self.pass(State::Element { first: true }),
                    b'{' if self.scan.is_none() && self.envelope.is_some() => {
                        self.enveloped = true;
                        self.pass(State::Key { first: true })
                    }
                    _ => self.null(State::Tail)?,
                },
                State::Key { first: true } if byte == b'}' && self.scan.is_none() && self.name.is_none() => {
                    self.pass(State::AfterMember);
                    self.at -= 1;
                    true
                }
                State::Key { .. } => self.key()?,
                State::List if byte == b'[' && self.scan.is_none() => self.pass(State::Element { first: true }),
                State::List => self.null(State::AfterMember)?,
                State::Member => self.other_member()?,
                State::AfterMember => match byte {
                    b',' => self.pass(State::Key { first: false }),
                    b'}' if !self.has_list && self.strange => return Err(self.without_list()),
                    b'}' => self.pass(State::Tail),
                    _ => return Err(self.syntax(None)),
                },
                State::Element { first: true } if byte == b']' && self.scan.is_none() => self.end_of_list(),
                State::Element { .. } => match self.element()? {
                    Some(item) => {
                        self.state = State::Between;
                        self.index += 1;
                        return Ok(Step::Item(item));
                    }
                    None => false,
                },
                State::Between => match byte {
                    b',' => self.pass(State::Element { first: false }),
                    b']' => self.end_of_list(),
                    _ => return Err(self.syntax(None)),
                },
                // Only white space may follow, and that has been skipped.
                State::Tail => return Err(self.syntax(None)),
            };
            if !goes_on {
                return self.at_the_end_of_a_piece();
            }
        }
    }

    /// Continues after one byte. These steps report whether the piece may contain more.
    fn pass(&mut self, state: State) -> bool {
        self.at += 1;
        self.state = state;
        true
    }

    fn end_of_list(&mut self) -> bool {
        self.pass(if self.enveloped { State::AfterMember } else { State::Tail })
    }

    /// Whether anything is left of the piece after the white space.
    fn skip_space(&mut self) -> bool {
        while let Some(byte) = self.piece.get(self.at) {
            if !is_space(*byte) {
                return true;
            }
            self.at += 1;
            self.work += 1;
        }
        false
    }

    fn at_the_end_of_a_piece<T>(&self) -> Result<Step<T>, Stop> {
        match (self.finished, self.state) {
            (true, State::Tail) => Ok(Step::End),
            (true, _) => {
                let text = match self.received {
                    0 => "the service responded with success and an empty body where a list was expected".to_owned(),
                    received => format!("the response ends in the middle of the list, after {received} bytes"),
                };
                Err(Stop::Cut(Error::new(ErrorKind::Transport, text)))
            }
            (false, _) => Ok(Step::NeedMore),
        }
    }

    /// Reads one key of the envelope with its colon; false if the pieces end before it does.
    fn key(&mut self) -> Result<bool, Stop> {
        let Some(name) = self.name.take() else {
            let Some(value) = self.value()? else { return Ok(false) };
            let name = serde_json::from_slice::<String>(self.raw(&value));
            // The colon may be in another piece.
            self.name = Some(name.map_err(|source| self.syntax(Some(source)))?);
            self.leave(&value);
            return Ok(true);
        };
        if self.piece[self.at] != b':' {
            return Err(self.syntax(None));
        }
        let is_list = self.envelope == Some(name.as_str());
        if is_list && std::mem::replace(&mut self.has_list, true) {
            return Err(self.syntax(None));
        }
        self.strange |= !is_list && !self.keep.contains(&name.as_str());
        self.name = Some(name).filter(|_| !is_list);
        Ok(self.pass(if is_list { State::List } else { State::Member }))
    }

    /// Reads another member of the envelope; false if the pieces end before it does.
    fn other_member(&mut self) -> Result<bool, Stop> {
        let Some(value) = self.value()? else { return Ok(false) };
        if let Err(source) = serde_json::from_slice::<IgnoredAny>(self.raw(&value)) {
            return Err(self.syntax(Some(source)));
        }
        if let Some(name) = self.name.take().filter(|name| self.keep.contains(&name.as_str())) {
            let raw = self.raw(&value).to_vec();
            self.members.push((name, raw));
        }
        self.leave(&value);
        self.state = State::AfterMember;
        Ok(true)
    }

    /// Reads `null` where the list should be; false if the pieces end before that is known.
    fn null(&mut self, behind: State) -> Result<bool, Stop> {
        if self.scan.is_none() && self.piece[self.at] != b'n' {
            return Err(self.no_list());
        }
        let Some(value) = self.value()? else { return Ok(false) };
        if self.raw(&value) != b"null" {
            return Err(self.syntax(None));
        }
        self.leave(&value);
        self.state = behind;
        Ok(true)
    }

    /// The next element, if the pieces so far contain it.
    fn element<T: DeserializeOwned>(&mut self) -> Result<Option<Result<T, Bad>>, Stop> {
        if self.scan.is_none() {
            let rest = &self.piece[self.at..];
            let mut stream = serde_json::Deserializer::from_slice(rest).into_iter::<T>();
            match stream.next() {
                Some(Ok(item)) => {
                    let end = stream.byte_offset();
                    self.work += end as u64;
                    // A number at the end of a piece may continue in the next one.
                    if is_closed(rest[0]) || rest.get(end).is_some_and(|byte| is_delimiter(*byte)) {
                        if end > self.max_item_bytes {
                            return Err(self.too_large());
                        }
                        self.at += end;
                        return Ok(Some(Ok(item)));
                    }
                }
                Some(Err(source)) if source.classify() == Category::Syntax => return Err(self.syntax(Some(source))),
                // Cut, or not of its type: its end has to be searched for. Only a value that is cut was read to the
                // end.
                Some(Err(source)) if source.is_eof() => self.work += rest.len() as u64,
                _ => {}
            }
        }
        let Some(value) = self.value()? else { return Ok(None) };
        let raw = self.raw(&value);
        let length = raw.len() as u64;
        let item = match serde_json::from_slice::<T>(raw) {
            Ok(item) => Ok(item),
            Err(source) => {
                // What is not JSON is not an element either.
                if let Err(source) = serde_json::from_slice::<IgnoredAny>(raw) {
                    return Err(self.syntax(Some(source)));
                }
                if source.classify() == Category::Syntax {
                    return Err(self.syntax(Some(source)));
                }
                Err(Bad { error: self.item_error(self.index, raw, source), raw: raw.to_vec() })
            }
        };
        self.work += length;
        self.leave(&value);
        Ok(Some(item))
    }

    /// The value that begins here, or began in an earlier piece; none if it does not end in this one.
    fn value(&mut self) -> Result<Option<Value>, Stop> {
        let begun = self.scan.is_some();
        let mut scan = self.scan.take().unwrap_or_default();
        let rest = &self.piece[self.at..];
        let end = scan.end(rest);
        self.work += end.unwrap_or(rest.len()) as u64;
        let size = self.partial.len() + end.unwrap_or(rest.len());
        if size > self.max_item_bytes {
            return Err(self.too_large());
        }
        match end {
            Some(end) if !begun => Ok(Some(Value::InPiece(self.at..self.at + end))),
            Some(end) => {
                self.partial.extend_from_slice(&self.piece[self.at..self.at + end]);
                self.at += end;
                Ok(Some(Value::InPartial))
            }
            None if rest.is_empty() && !begun => Ok(None),
            None => {
                self.partial.extend_from_slice(rest);
                self.at = self.piece.len();
                self.scan = Some(scan);
                Ok(None)
            }
        }
    }

    fn raw(&self, value: &Value) -> &[u8] {
        match value {
            Value::InPiece(range) => &self.piece[range.clone()],
            Value::InPartial => &self.partial,
        }
    }

    /// Continues after a value.
    fn leave(&mut self, value: &Value) {
        match value {
            Value::InPiece(range) => self.at = range.end,
            Value::InPartial => {
                self.partial.clear();
                // One large element must not hold its memory for the rest of the list.
                self.partial.shrink_to(64 << 10);
            }
        }
    }

    /// The error for anything other than a list, by its first byte.
    fn no_list(&self) -> Stop {
        let rest = &self.piece[self.at..];
        if let Err(page) = crate::decode::refuse_page(rest) {
            return Stop::Syntax(page);
        }
        let what = match rest.first() {
            Some(b'{') => "an object",
            Some(b'"') => "a string",
            Some(b'0'..=b'9' | b'-') => "a number",
            Some(b't' | b'f') => "a boolean",
            _ => "something that is not JSON",
        };
        let mut error = Error::new(ErrorKind::Decode, format!("a list was expected, but the response is {what}"));
        let inner = error.inner_mut();
        inner.json_path = Some(self.path_of_list());
        inner.body = Bytes::copy_from_slice(&rest[..rest.len().min(SHOWN)]);
        inner.body_truncated = rest.len() > SHOWN;
        Stop::Syntax(error)
    }

    /// The error for an object that does not contain the list.
    fn without_list(&self) -> Stop {
        let key = self.envelope.unwrap_or_default();
        Stop::Syntax(Error::new(ErrorKind::Decode, format!("the response is an object without the key `{key}`")))
    }

    fn path_of_list(&self) -> String {
        match self.envelope {
            Some(key) if self.enveloped => format!("$.{key}"),
            _ => "$".to_owned(),
        }
    }

    fn item_error(&self, index: u64, raw: &[u8], source: serde_json::Error) -> Error {
        let mut error = crate::decode::failure(raw, source);
        let place = format!("{}[{index}]", self.path_of_list());
        let inner = error.inner_mut();
        let within = inner.json_path.take().unwrap_or_default();
        inner.json_path = Some(format!("{place}{}", within.strip_prefix('$').unwrap_or_default()));
        inner.item_index = Some(index);
        inner.body = Bytes::copy_from_slice(&raw[..raw.len().min(SHOWN)]);
        inner.body_truncated = raw.len() > SHOWN;
        error
    }

    fn syntax(&self, source: Option<serde_json::Error>) -> Stop {
        let place = match self.state {
            State::Element { .. } | State::Between => {
                format!("at element {} of the list", self.index)
            }
            State::Tail => "after the end of the list".to_owned(),
            _ => "around the list".to_owned(),
        };
        // serde_json's message gives a line and column within a piece, which mean nothing to anyone.
        let why = source.map(|source| source.to_string()).unwrap_or_default();
        let why = why.split(" at line ").next().filter(|why| !why.is_empty() && !why.contains(['"', '`']));
        let why = why.map(|why| format!(": {why}")).unwrap_or_default();
        Stop::Syntax(Error::new(ErrorKind::Decode, format!("the response is not valid JSON {place}{why}")))
    }

    fn too_large(&self) -> Stop {
        let what = match self.state {
            State::Element { .. } => format!("element {} of the list", self.index),
            _ => "a part of the response outside the list".to_owned(),
        };
        let text = format!("{what} is larger than {} bytes", self.max_item_bytes);
        let mut error = Error::new(ErrorKind::TooLarge, text).with_advice("raise `with_max_item_bytes`");
        error.inner_mut().item_index = Some(self.index);
        Stop::TooLarge(error)
    }
}

/// Whether a value that begins with this byte also ends with a byte of its own.
fn is_closed(first: u8) -> bool {
    matches!(first, b'{' | b'[' | b'"')
}

#[cfg(test)]
#[path = "array_tests.rs"]
mod tests;
