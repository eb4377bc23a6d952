//! Runs a future to completion on the calling thread, for callers without async.

use std::future::{Future, IntoFuture};
use std::pin::pin;
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use tokio::runtime::{Builder, Handle};

use crate::Error;

/// The runtime behind all blocking calls of the process: it drives sockets and timers on its own thread, while the calling
/// threads poll their calls.
static RUNTIME: OnceLock<Result<Handle, String>> = OnceLock::new();

/// Blocks until the call has ended.
pub(crate) fn block_on<F, T>(call: F) -> Result<T, Error>
where
    F: IntoFuture<Output = Result<T, Error>>,
{
    let around = Handle::try_current().ok();
    if around.as_ref().is_some_and(is_async) {
        return Err(inside());
    }
    let runtime = RUNTIME.get_or_init(start).as_ref().map_err(|reason| {
        Error::config(format!("the runtime for blocking calls did not start: {reason}"))
            .with_advice("raise the limits of the process for threads and open files")
    })?;
    if around.is_none() { runtime.block_on(call.into_future()) } else { poll_here(runtime, call.into_future()) }
}

fn inside() -> Error {
    Error::config("a blocking call was made inside a Tokio runtime, where it would stop other tasks").with_advice(
        "await the request instead of `call()`; or make the call where blocking is allowed \
         (`tokio::task::spawn_blocking`, `std::thread::spawn`)",
    )
}

/// Whether the thread polls tasks for the runtime it belongs to. The threads of `spawn_blocking` belong to one too, but may
/// block.
///
/// Tokio does not say, but it treats the two differently: it counts what a task does, and a yield inside a runtime wakes later,
/// elsewhere at once. Each check finds what the other misses: the first the future of `block_on`, the second what is
/// `unconstrained`. Neither finds what is `unconstrained` in a future that a multi-threaded runtime's `block_on` polls itself,
/// where blocking stops no tasks except those of a `LocalSet` in that future. Nothing here may rely on the verdict for anything
/// else: see [`poll_here`].
fn is_async(around: &Handle) -> bool {
    // A call made from a callback of another blocking call, which it would stop.
    let is_nested = matches!(RUNTIME.get(), Some(Ok(own)) if own.id() == around.id());
    is_nested || is_counted() || is_woken_later()
}

fn is_counted() -> bool {
    /// More than a task may do in one go; Tokio keeps that budget in a byte.
    const ENOUGH: usize = 256;
    let mut context = Context::from_waker(Waker::noop());
    let mut taken = Vec::new();
    let mut is_counted = false;
    while taken.len() < ENOUGH {
        match tokio::task::coop::poll_proceed(&mut context) {
            Poll::Ready(unit) => taken.push(unit),
            Poll::Pending => {
                is_counted = true;
                break;
            }
        }
    }
    // Each restores the budget as it was when taken, so the first must be dropped last.
    while taken.pop().is_some() {}
    is_counted
}

fn is_woken_later() -> bool {
    let signal = Arc::new(Signal::default());
    let mut turn = pin!(tokio::task::yield_now());
    let poll = turn.as_mut().poll(&mut Context::from_waker(&Waker::from(signal.clone())));
    poll.is_pending() && !signal.is_set()
}

/// Like `Handle::block_on`, but does not panic on a thread that polls for a runtime.
fn poll_here<F: Future>(runtime: &Handle, call: F) -> F::Output {
    let _entered = runtime.enter();
    let signal = Arc::new(Signal::default());
    let waker = Waker::from(signal.clone());
    let mut call = pin!(call);
    loop {
        if let Poll::Ready(output) = call.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        signal.wait();
    }
}

/// Records that it was woken.
#[derive(Default)]
struct Signal {
    woken: Mutex<bool>,
    changed: Condvar,
}

impl Signal {
    fn is_set(&self) -> bool {
        *self.woken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait(&self) {
        let woken = self.woken.lock().unwrap_or_else(PoisonError::into_inner);
        let mut woken = self.changed.wait_while(woken, |woken| !*woken).unwrap_or_else(PoisonError::into_inner);
        *woken = false;
    }
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        *self.woken.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_one();
    }
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
