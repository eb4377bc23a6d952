//! What a call needs from the runtime that it is polled in. Without it Tokio panics; here it is an error that says what is
//! missing.

use std::net::{Ipv4Addr, UdpSocket};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use tokio::runtime::Handle;

use crate::Error;

/// Whether the call is inside a runtime that has timers.
pub(crate) fn check() -> Result<(), Error> {
    if Handle::try_current().is_err() {
        return Err(Error::config("there is no Tokio runtime, which this client needs for its sockets and timers")
            .with_advice(
                "await the call inside a Tokio runtime; the feature `blocking` has `call()` for programs without",
            ));
    }
    // A runtime does not say whether it has timers. Creating one without polling it costs next to nothing.
    match catch_unwind(|| drop(tokio::time::sleep(Duration::ZERO))) {
        Ok(()) => Ok(()),
        Err(_) => Err(Error::config("the Tokio runtime has no timers")
            .with_advice("build it with `enable_time()`, or `enable_all()`")),
    }
}

/// Whether the runtime has sockets. Finding out takes a socket, so a client asks once.
pub(crate) fn check_sockets() -> Result<(), Error> {
    let Ok(socket) = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)) else { return Ok(()) };
    if socket.set_nonblocking(true).is_err() {
        return Ok(());
    }
    match catch_unwind(AssertUnwindSafe(|| drop(tokio::net::UdpSocket::from_std(socket)))) {
        Ok(()) => Ok(()),
        Err(_) => Err(Error::config("the Tokio runtime has no sockets")
            .with_advice("build it with `enable_io()`, or `enable_all()`")),
    }
}

/// Lets the runtime poll its sockets, and the tasks behind them notice.
///
/// In a task of its own: the caller may be polled on a thread outside the runtime, where yielding does nothing. The second turn
/// is for runtimes that run what was woken last before what was woken first.
pub(super) async fn take_a_turn() {
    let turns = tokio::spawn(async {
        for _ in 0..2 {
            tokio::task::yield_now().await;
        }
    });
    // It fails only when the runtime shuts down, and the call with it.
    let _ = turns.await;
}
