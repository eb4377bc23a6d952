//! The body of one attempt of an upload.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::io::ReadBuf;

use super::body::{Changed, Content, OpenFile, PIECE, TakenReader};
use super::buffers::Buffers;
use super::frame::Frame as Form;
use super::progress::Meter;
use super::worker::Worker;
use crate::transport::upload;

/// How much of a reader is taken at once.
const READ: usize = 64 << 10;

/// What is known about a body after its attempt.
#[derive(Debug, Default)]
pub(crate) struct Fate {
    sent: AtomicU64,
    problem: Mutex<Option<io::Error>>,
}

impl Fate {
    /// The bytes of the content handed to the connection.
    pub(crate) fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// The failure on this side.
    pub(crate) fn take_problem(&self) -> Option<io::Error> {
        self.problem.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

enum Source {
    Bytes(Bytes),
    File(FilePieces),
    Reader(Mutex<TakenReader>, Vec<u8>),
}

/// A file that is read while it is sent.
struct FilePieces {
    file: Arc<OpenFile>,
    buffers: Buffers,
    disk: Worker<Vec<u8>>,
    /// Whether the next piece is being read.
    reading: bool,
}

impl FilePieces {
    fn new(file: Arc<OpenFile>) -> Self {
        Self { file, buffers: Buffers::default(), disk: Worker::new(), reading: false }
    }

    fn read(&mut self, offset: u64, mut buffer: Vec<u8>) {
        let file = self.file.clone();
        self.disk.start(move || file.read(offset, &mut buffer).map(|()| buffer));
        self.reading = true;
    }

    /// The piece at an offset; `None` at the end of the file.
    fn poll(&mut self, offset: u64, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        let length = self.file.length();
        // For an empty file, one read checks that it is still empty.
        if offset > 0 && offset == length {
            return Poll::Ready(None);
        }
        if !self.reading {
            let Poll::Ready(buffer) = self.buffers.poll_take(self.file.piece(offset), context) else {
                // It comes back once the server has taken its content.
                upload::held_up_by_the_connection();
                return Poll::Pending;
            };
            self.read(offset, buffer);
        }
        let outcome = ready!(self.disk.poll_outcome(context));
        self.reading = false;
        let piece = match outcome {
            Ok(piece) => self.buffers.lend(piece),
            Err(error) => return Poll::Ready(Some(Err(error))),
        };
        let next = offset + piece.len() as u64;
        if next < length
            && let Some(buffer) = self.buffers.take(self.file.piece(next))
        {
            // The disk reads while the connection sends.
            self.read(next, buffer);
        }
        Poll::Ready(if piece.is_empty() { None } else { Some(Ok(piece)) })
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Prefix,
    Content,
    Suffix,
    End,
}

/// Frame, content, frame, with the content read as it is sent.
pub(crate) struct Outgoing {
    step: Step,
    form: Form,
    source: Source,
    length: Option<u64>,
    sent: u64,
    attempt: u32,
    meter: Meter,
    fate: Arc<Fate>,
}

impl Outgoing {
    /// Opens the content for an attempt; `None` for a reader that an earlier attempt took.
    pub(crate) fn open(content: &Content, form: &Form, attempt: u32, meter: &Meter, fate: &Arc<Fate>) -> Option<Self> {
        let source = match content {
            Content::Bytes(bytes) => Source::Bytes(bytes.clone()),
            Content::File(file) => Source::File(FilePieces::new(file.clone())),
            Content::Reader(reader, _) => {
                let reader = reader.lock().unwrap_or_else(PoisonError::into_inner).take()?;
                Source::Reader(Mutex::new(reader), vec![0; READ])
            }
        };
        let (form, meter, fate) = (form.clone(), meter.clone(), fate.clone());
        Some(Self { step: Step::Prefix, form, source, length: content.length(), sent: 0, attempt, meter, fate })
    }

    /// The next piece of the content; `None` at its end.
    fn poll_content(&mut self, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        match &mut self.source {
            Source::Bytes(left) if left.is_empty() => Poll::Ready(None),
            Source::Bytes(left) => Poll::Ready(Some(Ok(left.split_to(left.len().min(PIECE))))),
            Source::File(pieces) => pieces.poll(self.sent, context),
            Source::Reader(reader, buffer) => {
                let reader = reader.get_mut().unwrap_or_else(PoisonError::into_inner);
                let mut space = ReadBuf::new(buffer);
                // A panic here would end the connection, and look like a network failure.
                let read = AssertUnwindSafe(|| reader.as_mut().poll_read(context, &mut space));
                let outcome = catch_unwind(read)
                    .unwrap_or_else(|_| Poll::Ready(Err(io::Error::other("the reader of the upload panicked"))));
                if self.length == Some(self.sent) && outcome.is_pending() {
                    // Everything has been read; a pipe need not be closed.
                    return Poll::Ready(None);
                }
                if let Err(error) = ready!(outcome) {
                    return Poll::Ready(Some(Err(error)));
                }
                let piece = Bytes::copy_from_slice(space.filled());
                let read = piece.len();
                let next = self.sent + read as u64;
                match self.length {
                    Some(length) if next > length => Poll::Ready(Some(Err(Changed::other_length(format!(
                        "the reader gave more than the {length} bytes announced"
                    ))))),
                    Some(length) if read == 0 && next < length => {
                        let text = format!("the reader ended after {next} of the {length} bytes announced");
                        Poll::Ready(Some(Err(Changed::other_length(text))))
                    }
                    _ if read == 0 => Poll::Ready(None),
                    _ => Poll::Ready(Some(Ok(piece))),
                }
            }
        }
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let this = &mut *self;
        loop {
            match this.step {
                Step::Prefix => {
                    this.step = Step::Content;
                    this.meter.tell(0, this.length, this.attempt, false);
                    return Poll::Ready(Some(Ok(Frame::data(this.form.prefix.clone()))));
                }
                Step::Content => match ready!(this.poll_content(context)) {
                    Some(Ok(piece)) => {
                        this.sent += piece.len() as u64;
                        this.fate.sent.store(this.sent, Ordering::Relaxed);
                        this.meter.tell(this.sent, this.length, this.attempt, false);
                        return Poll::Ready(Some(Ok(Frame::data(piece))));
                    }
                    Some(Err(error)) => {
                        // The connection gets an error without details; the call gets the real one.
                        this.step = Step::End;
                        *this.fate.problem.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                        return Poll::Ready(Some(Err(io::Error::other("the content of the upload cannot be read"))));
                    }
                    None => this.step = Step::Suffix,
                },
                Step::Suffix => {
                    this.step = Step::End;
                    return Poll::Ready(Some(Ok(Frame::data(this.form.suffix.clone()))));
                }
                Step::End => return Poll::Ready(None),
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.step == Step::End
    }

    fn size_hint(&self) -> SizeHint {
        let content = self.length.map(|length| length.saturating_sub(self.sent));
        let left = match self.step {
            Step::Prefix => content.and_then(|content| self.form.length(content)),
            Step::Content => content.map(|content| content.saturating_add(self.form.suffix.len() as u64)),
            Step::Suffix => Some(self.form.suffix.len() as u64),
            Step::End => Some(0),
        };
        left.map_or_else(SizeHint::new, SizeHint::with_exact)
    }
}
