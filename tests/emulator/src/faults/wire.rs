//! Writes responses to the wire, whole or altered.

use std::io::{self, Read};
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use super::fault::{End, Place};
use super::{Action, items};
use crate::http::response::Response;

/// How long bytes have to arrive before the reset that would discard them.
const ARRIVAL: Duration = Duration::from_millis(20);

/// How many bytes of a file are read and sent at a time.
const PIECE: usize = 128 * 1024;

/// The system's buffer for a connection whose reader is watched.
const SMALL: usize = 8 * 1024;

/// What happens to the connection next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    KeepAlive,
    Close,
}

/// Closes a connection so that the peer sees a reset.
pub(crate) fn reset(stream: &TcpStream) {
    // If this fails, the connection is already gone, which is what was wanted.
    let _ = stream.set_zero_linger();
}

/// Sends what the fault makes of the real response; without a fault, the response itself.
pub(crate) async fn deliver(
    stream: &mut TcpStream,
    fault: Option<&Action>,
    real: Response,
    close: bool,
) -> io::Result<Next> {
    let (length, half) = (real.length(), real.length() / 2);
    match fault {
        None | Some(Action::NewerServer | Action::IgnoreRange | Action::ShiftRange(_)) => {
            whole(stream, &real, close).await
        }
        Some(Action::Respond(response)) => whole(stream, response, close).await,
        Some(Action::Latency(time)) => {
            sleep(*time).await;
            whole(stream, &real, close).await
        }
        Some(Action::Empty) => whole(stream, &Response { body: Vec::new(), file: None, ..real }, close).await,
        Some(Action::CutJson) => cut(stream, &real, half, End::Whole, close).await,
        Some(Action::CloseAfterResponse) => {
            whole(stream, &real, false).await?;
            Ok(Next::Close)
        }
        Some(Action::Close) => Ok(Next::Close),
        Some(Action::Reset | Action::ResetBeforeBody) => {
            reset(stream);
            Ok(Next::Close)
        }
        Some(Action::ResetInBody) => cut(stream, &real, half, End::Reset, close).await,
        Some(Action::Truncate) => cut(stream, &real, half, End::Close, close).await,
        Some(Action::Cut { after, end }) => {
            let place = match after {
                Place::Bytes(count) => length.min(*count),
                Place::Items(count) => items::end_of(&real.body, *count) as u64,
            };
            cut(stream, &real, place, *end, close).await
        }
        Some(Action::WrongLength(difference)) => {
            let announced = length.saturating_add_signed(*difference);
            stream.write_all(&real.head(Some(announced), false)).await?;
            send(stream, &real, length).await?;
            Ok(Next::Close)
        }
        Some(Action::Stall(time)) => {
            sleep(*time).await;
            Ok(Next::Close)
        }
        Some(Action::Garbage(bytes)) => {
            stream.write_all(bytes).await?;
            Ok(Next::Close)
        }
        Some(Action::Oversize(mebibytes)) => oversize(stream, *mebibytes, close).await,
        Some(Action::Slow { bytes, pause }) => {
            stream.write_all(&real.head(Some(length), close)).await?;
            let mut source = Source::new(&real, length)?;
            while let Some(piece) = source.piece(*bytes)? {
                stream.write_all(&piece).await?;
                sleep(*pause).await;
            }
            Ok(next(close))
        }
        Some(Action::ReplaceItem(index, with)) => {
            let body = items::replace(&real.body, *index, with);
            whole(stream, &Response { body, ..real }, close).await
        }
        Some(Action::ReplaceHeader(name, value)) => {
            let mut real = real;
            real.headers.retain(|(have, _)| !have.eq_ignore_ascii_case(name));
            whole(stream, &real.with_header(name, value), close).await
        }
        Some(Action::Chunked(bytes)) => {
            stream.write_all(&real.head(None, close)).await?;
            let mut source = Source::new(&real, length)?;
            while let Some(piece) = source.piece(*bytes)? {
                stream.write_all(format!("{:x}\r\n", piece.len()).as_bytes()).await?;
                stream.write_all(&piece).await?;
                stream.write_all(b"\r\n").await?;
            }
            stream.write_all(b"0\r\n\r\n").await?;
            Ok(next(close))
        }
        Some(Action::DropSlowReader(patience)) => watched(stream, &real, *patience, close).await,
    }
}

/// The body of a response, piece by piece.
enum Source<'a> {
    Memory(&'a [u8]),
    File(std::io::Take<std::fs::File>),
}

impl Source<'_> {
    fn new(response: &Response, length: u64) -> io::Result<Source<'_>> {
        Ok(match &response.file {
            None => {
                let length = usize::try_from(length).unwrap_or(usize::MAX);
                Source::Memory(response.body.get(..length).unwrap_or(&response.body))
            }
            Some(slice) => Source::File(slice.content.open(slice.start)?.take(slice.length.min(length))),
        })
    }

    fn piece(&mut self, at_most: usize) -> io::Result<Option<Vec<u8>>> {
        let piece = match self {
            Source::Memory(rest) => {
                let (piece, after) = rest.split_at(at_most.min(rest.len()));
                *rest = after;
                piece.to_vec()
            }
            Source::File(file) => {
                let mut piece = Vec::new();
                file.take(at_most as u64).read_to_end(&mut piece)?;
                piece
            }
        };
        Ok(Some(piece).filter(|piece| !piece.is_empty()))
    }
}

async fn send(stream: &mut TcpStream, response: &Response, length: u64) -> io::Result<()> {
    if response.file.is_none() {
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        return stream.write_all(response.body.get(..length).unwrap_or(&response.body)).await;
    }
    let mut source = Source::new(response, length)?;
    while let Some(piece) = source.piece(PIECE)? {
        stream.write_all(&piece).await?;
    }
    Ok(())
}

async fn whole(stream: &mut TcpStream, response: &Response, close: bool) -> io::Result<Next> {
    let mut head = response.head(Some(response.length()), close);
    if response.file.is_none() && response.body.len() < 64 * 1024 {
        head.extend_from_slice(&response.body);
        stream.write_all(&head).await?;
    } else {
        stream.write_all(&head).await?;
        send(stream, response, u64::MAX).await?;
    }
    Ok(next(close))
}

/// Sends the beginning of a body and ends in one of several ways.
async fn cut(stream: &mut TcpStream, response: &Response, sent: u64, end: End, close: bool) -> io::Result<Next> {
    let announced = if matches!(end, End::Whole) { sent } else { response.length() };
    let close = close && matches!(end, End::Whole);
    stream.write_all(&response.head(Some(announced), close)).await?;
    send(stream, response, sent).await?;
    match end {
        End::Whole => return Ok(next(close)),
        End::Close => {}
        End::Stall(time) => sleep(time).await,
        End::Reset => {
            sleep(ARRIVAL).await;
            reset(stream);
        }
    }
    Ok(Next::Close)
}

/// Sends a response to a client that must keep reading.
async fn watched(stream: &mut TcpStream, response: &Response, patience: Duration, close: bool) -> io::Result<Next> {
    socket2::SockRef::from(&*stream).set_send_buffer_size(SMALL)?;
    stream.write_all(&response.head(Some(response.length()), close)).await?;
    let mut source = Source::new(response, u64::MAX)?;
    while let Some(piece) = source.piece(SMALL)? {
        match timeout(patience, stream.write_all(&piece)).await {
            Ok(written) => written?,
            Err(_) => {
                reset(stream);
                return Ok(Next::Close);
            }
        }
    }
    Ok(next(close))
}

async fn oversize(stream: &mut TcpStream, mebibytes: usize, close: bool) -> io::Result<Next> {
    const MEBIBYTE: usize = 1024 * 1024;
    let response = Response::json(&serde_json::Value::Null);
    // An array of one long string is valid JSON whatever the operation.
    let (open, end) = (b"[\"".as_slice(), b"\"]".as_slice());
    let length = (open.len() + mebibytes * MEBIBYTE + end.len()) as u64;
    stream.write_all(&response.head(Some(length), close)).await?;
    stream.write_all(open).await?;
    let filler = vec![b'x'; MEBIBYTE];
    for _ in 0..mebibytes {
        stream.write_all(&filler).await?;
    }
    stream.write_all(end).await?;
    Ok(next(close))
}

fn next(close: bool) -> Next {
    if close { Next::Close } else { Next::KeepAlive }
}
