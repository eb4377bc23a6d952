//! Puts responses on the wire, whole or disturbed.

use std::io;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::sleep;

use super::Action;
use crate::http::response::Response;

/// Time that bytes get to arrive before the reset that would discard them.
const ARRIVAL: Duration = Duration::from_millis(20);

/// What becomes of the connection.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    KeepAlive,
    Close,
}

/// Closes a connection so that the other side sees a reset.
pub(crate) fn reset(stream: &TcpStream) {
    // Failing means that the connection is gone already, which is what was wanted.
    let _ = stream.set_zero_linger();
}

/// Sends what the fault makes of the real response; without a fault the response itself.
pub(crate) async fn deliver(
    stream: &mut TcpStream,
    fault: Option<&Action>,
    real: Response,
    close: bool,
) -> io::Result<Next> {
    let half = real.body.len() / 2;
    match fault {
        None => whole(stream, &real, close).await,
        Some(Action::Respond(response)) => whole(stream, response, close).await,
        Some(Action::Latency(time)) => {
            sleep(*time).await;
            whole(stream, &real, close).await
        }
        Some(Action::NewerServer) => whole(stream, &real, close).await,
        Some(Action::Empty) => whole(stream, &Response { body: Vec::new(), ..real }, close).await,
        Some(Action::CutJson) => {
            let body = real.body.get(..half).unwrap_or_default().to_vec();
            whole(stream, &Response { body, ..real }, close).await
        }
        Some(Action::CloseAfterResponse) => {
            whole(stream, &real, false).await?;
            Ok(Next::Close)
        }
        Some(Action::Close) => Ok(Next::Close),
        Some(Action::Reset | Action::ResetBeforeBody) => {
            reset(stream);
            Ok(Next::Close)
        }
        Some(Action::ResetInBody) => {
            part(stream, &real, real.body.len(), half).await?;
            sleep(ARRIVAL).await;
            reset(stream);
            Ok(Next::Close)
        }
        Some(Action::Truncate) => part(stream, &real, real.body.len(), half).await,
        Some(Action::WrongLength(difference)) => {
            let announced = i64::try_from(real.body.len()).unwrap_or(i64::MAX).saturating_add(*difference);
            let announced = usize::try_from(announced).unwrap_or(0);
            part(stream, &real, announced, real.body.len()).await
        }
        Some(Action::Stall(time)) => {
            sleep(*time).await;
            Ok(Next::Close)
        }
        Some(Action::Garbage(bytes)) => {
            stream.write_all(bytes).await?;
            stream.flush().await?;
            Ok(Next::Close)
        }
        Some(Action::Oversize(mebibytes)) => oversize(stream, *mebibytes, close).await,
        Some(Action::Slow { bytes, pause }) => {
            stream.write_all(&real.head(real.body.len(), close)).await?;
            for piece in real.body.chunks(*bytes) {
                stream.write_all(piece).await?;
                stream.flush().await?;
                sleep(*pause).await;
            }
            Ok(next(close))
        }
    }
}

async fn whole(stream: &mut TcpStream, response: &Response, close: bool) -> io::Result<Next> {
    let mut head = response.head(response.body.len(), close);
    if response.body.len() < 64 * 1024 {
        head.extend_from_slice(&response.body);
        stream.write_all(&head).await?;
    } else {
        stream.write_all(&head).await?;
        stream.write_all(&response.body).await?;
    }
    stream.flush().await?;
    Ok(next(close))
}

/// Announces one length, sends another, and gives up the connection.
async fn part(stream: &mut TcpStream, response: &Response, announced: usize, sent: usize) -> io::Result<Next> {
    stream.write_all(&response.head(announced, false)).await?;
    stream.write_all(response.body.get(..sent).unwrap_or(&response.body)).await?;
    stream.flush().await?;
    Ok(Next::Close)
}

async fn oversize(stream: &mut TcpStream, mebibytes: usize, close: bool) -> io::Result<Next> {
    const MEBIBYTE: usize = 1024 * 1024;
    let response = Response::json(&serde_json::Value::Null);
    // An array that holds one long string is valid JSON whatever the operation responds with.
    let (open, end) = (b"[\"".as_slice(), b"\"]".as_slice());
    stream.write_all(&response.head(open.len() + mebibytes * MEBIBYTE + end.len(), close)).await?;
    stream.write_all(open).await?;
    let filler = vec![b'x'; MEBIBYTE];
    for _ in 0..mebibytes {
        stream.write_all(&filler).await?;
    }
    stream.write_all(end).await?;
    stream.flush().await?;
    Ok(next(close))
}

fn next(close: bool) -> Next {
    if close { Next::Close } else { Next::KeepAlive }
}
