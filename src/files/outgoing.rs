//! The body of one attempt of an upload.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::io::ReadBuf;
use tokio::task::JoinHandle;

use super::body::{Changed, Content, OpenFile, PIECE, TakenReader};
use super::frame::Frame as Form;
use super::progress::Meter;

/// How much of a reader is taken at once.
const READ: usize = 64 << 10;

/// What is known of a body after its attempt.
#[derive(Debug, Default)]
pub(crate) struct Fate {
    sent: AtomicU64,
    problem: Mutex<Option<io::Error>>,
}

impl Fate {
    /// The bytes of the content that were handed to the connection.
    pub(crate) fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// What went wrong on this side.
    pub(crate) fn take_problem(&self) -> Option<io::Error> {
        self.problem.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

enum Source {
    Bytes(Bytes),
    File(Arc<OpenFile>, Option<JoinHandle<io::Result<Bytes>>>),
    Reader(Mutex<TakenReader>),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Prefix,
    Content,
    Suffix,
    End,
}

/// Frame, content, frame: with the content read as it is sent.
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
    /// Opens the content for an attempt; nothing for a reader that an earlier attempt took.
    pub(crate) fn open(content: &Content, form: &Form, attempt: u32, meter: &Meter, fate: &Arc<Fate>) -> Option<Self> {
        let source = match content {
            Content::Bytes(bytes) => Source::Bytes(bytes.clone()),
            Content::File(file) => Source::File(file.clone(), None),
            Content::Reader(reader, _) => {
                Source::Reader(Mutex::new(reader.lock().unwrap_or_else(PoisonError::into_inner).take()?))
            }
        };
        let (form, meter, fate) = (form.clone(), meter.clone(), fate.clone());
        Some(Self { step: Step::Prefix, form, source, length: content.length(), sent: 0, attempt, meter, fate })
    }

    /// The next piece of the content; none at its end.
    fn poll_content(&mut self, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        match &mut self.source {
            Source::Bytes(left) if left.is_empty() => Poll::Ready(None),
            Source::Bytes(left) => Poll::Ready(Some(Ok(left.split_to(left.len().min(PIECE))))),
            Source::File(file, pending) => {
                let read = |offset: u64| {
                    let (file, room) = (file.clone(), file.room(offset));
                    tokio::task::spawn_blocking(move || file.read(offset, room))
                };
                // Of an empty file one read makes sure that it is still empty.
                if self.sent > 0 && self.sent == file.length() {
                    return Poll::Ready(None);
                }
                let job = pending.get_or_insert_with(|| read(self.sent));
                let outcome = ready!(Pin::new(job).poll(context));
                *pending = None;
                let piece = match outcome {
                    Ok(Ok(piece)) => piece,
                    Ok(Err(error)) => return Poll::Ready(Some(Err(error))),
                    Err(stopped) => return Poll::Ready(Some(Err(io::Error::other(stopped)))),
                };
                let next = self.sent + piece.len() as u64;
                if next < file.length() {
                    // The disk works while the connection sends.
                    *pending = Some(read(next));
                }
                if piece.is_empty() { Poll::Ready(None) } else { Poll::Ready(Some(Ok(piece))) }
            }
            Source::Reader(reader) => {
                let reader = reader.get_mut().unwrap_or_else(PoisonError::into_inner);
                let mut piece = vec![0; READ];
                let mut space = ReadBuf::new(&mut piece);
                let outcome = reader.as_mut().poll_read(context, &mut space);
                if self.length == Some(self.sent) && outcome.is_pending() {
                    // All is here; a pipe need not be closed.
                    return Poll::Ready(None);
                }
                if let Err(error) = ready!(outcome) {
                    return Poll::Ready(Some(Err(error)));
                }
                let read = space.filled().len();
                piece.truncate(read);
                let next = self.sent + read as u64;
                match self.length {
                    Some(length) if next > length => Poll::Ready(Some(Err(Changed::error(format!(
                        "the reader gave more than the {length} bytes announced"
                    ))))),
                    Some(length) if read == 0 && next < length => {
                        let text = format!("the reader ended after {next} of the {length} bytes announced");
                        Poll::Ready(Some(Err(Changed::error(text))))
                    }
                    _ if read == 0 => Poll::Ready(None),
                    _ => Poll::Ready(Some(Ok(piece.into()))),
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
                        // The connection gets an error that says nothing; the call is told the true one.
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
