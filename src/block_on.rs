//! Runs a future to its end on the calling thread, for callers without async.

use std::future::IntoFuture;
use std::sync::OnceLock;

use tokio::runtime::{Builder, Handle};

use crate::Error;

/// The runtime behind all blocking calls of the process: it drives sockets and timers on a thread of its own, while the
/// calling threads poll their calls.
static RUNTIME: OnceLock<Result<Handle, String>> = OnceLock::new();

/// Blocks until the call has ended.
pub(crate) fn block_on<F, T>(call: F) -> Result<T, Error>
where
    F: IntoFuture<Output = Result<T, Error>>,
{
    handle()?.block_on(call.into_future())
}

/// The runtime, unless the thread belongs to one already: to block there would stop everything else that runs on it.
pub(crate) fn handle() -> Result<&'static Handle, Error> {
    if Handle::try_current().is_ok() {
        return Err(Error::config("a blocking call was made inside a Tokio runtime, where it would stop other tasks")
            .with_advice(
                "await the request instead of `call()`; or make the call on a thread of its own (`std::thread::spawn`)",
            ));
    }
    RUNTIME.get_or_init(start).as_ref().map_err(|reason| {
        Error::config(format!("the runtime for blocking calls did not start: {reason}"))
            .with_advice("raise the limits of the process for threads and open files")
    })
}

fn start() -> Result<Handle, String> {
    let runtime = Builder::new_current_thread().enable_all().build().map_err(|error| error.to_string())?;
    let handle = runtime.handle().clone();
    std::thread::Builder::new()
        .name("singlestore-blocking".into())
        .spawn(move || runtime.block_on(std::future::pending::<()>()))
        .map_err(|error| error.to_string())?;
    Ok(handle)
}
