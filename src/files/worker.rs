//! The disk work of one transfer, piece by piece.

use std::any::Any;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::task::JoinHandle;

use super::disk;

/// How long the thread waits for the next piece. In a fast transfer that is cheaper than finding a thread each time; in a slow
/// one the thread is soon free for others, so that many stalled transfers hold none.
const LINGER: Duration = Duration::from_millis(5);

type Job<T> = Box<dyn FnOnce() -> io::Result<T> + Send>;

/// Runs one job at a time on a thread that may block.
pub(crate) struct Worker<T> {
    shared: Arc<Shared<T>>,
    thread: Option<JoinHandle<Box<dyn Any + Send>>>,
}

struct Shared<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

struct State<T> {
    job: Option<Job<T>>,
    outcome: Option<io::Result<T>>,
    /// The task waiting for the outcome.
    waiting: Option<Waker>,
    /// Whether a thread is running or starting.
    attended: bool,
    closed: bool,
}

impl<T: Send + 'static> Worker<T> {
    pub(crate) fn new() -> Self {
        let state = State { job: None, outcome: None, waiting: None, attended: false, closed: false };
        Self { shared: Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new() }), thread: None }
    }

    /// Starts a job, whose outcome must be awaited before the next.
    pub(crate) fn start(&mut self, job: impl FnOnce() -> io::Result<T> + Send + 'static) {
        let mut state = self.shared.lock();
        state.job = Some(Box::new(job));
        if std::mem::replace(&mut state.attended, true) {
            drop(state);
            self.shared.changed.notify_one();
        } else {
            drop(state);
            let shared = self.shared.clone();
            let work: disk::Work = Box::new(move || {
                shared.work();
                Box::new(())
            });
            self.thread = Some(tokio::task::spawn_blocking(work));
        }
    }

    /// The outcome of the job that was started.
    pub(crate) fn poll_outcome(&mut self, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        let mut state = self.shared.lock();
        if let Some(outcome) = state.outcome.take() {
            return Poll::Ready(outcome);
        }
        state.waiting = Some(context.waker().clone());
        drop(state);
        // A runtime that is shutting down runs nothing more.
        if let Some(thread) = &mut self.thread
            && let Poll::Ready(ended) = Pin::new(thread).poll(context)
        {
            self.thread = None;
            if let Err(stopped) = ended {
                return Poll::Ready(Err(io::Error::other(stopped)));
            }
        }
        Poll::Pending
    }

    /// Runs a job.
    pub(crate) async fn run(&mut self, job: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
        self.start(job);
        std::future::poll_fn(|context| self.poll_outcome(context)).await
    }
}

impl<T> Drop for Worker<T> {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.changed.notify_one();
    }
}

impl<T> Shared<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Works until nothing has come for a while, or the other side is gone.
    fn work(&self) {
        let mut state = self.lock();
        while !state.closed {
            let Some(job) = state.job.take() else {
                let waited = self.changed.wait_timeout(state, LINGER);
                let (guard, waited) = waited.unwrap_or_else(PoisonError::into_inner);
                state = guard;
                if waited.timed_out() && state.job.is_none() {
                    break;
                }
                continue;
            };
            drop(state);
            // A panic in a hash or a file must not leave the waiting task without an outcome.
            let outcome = catch_unwind(AssertUnwindSafe(job))
                .unwrap_or_else(|_| Err(io::Error::other("the disk operation panicked")));
            state = self.lock();
            state.outcome = Some(outcome);
            if let Some(waker) = state.waiting.take() {
                drop(state);
                waker.wake();
                state = self.lock();
            }
        }
        state.attended = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn jobs_run_one_after_another_even_after_the_thread_has_left() {
        let mut worker = Worker::new();
        for number in 0..20 {
            assert_eq!(worker.run(move || Ok(number)).await.unwrap(), number);
        }
        while worker.shared.lock().attended {
            tokio::task::yield_now().await;
        }
        let thread = worker.run(|| Ok(21)).await.unwrap();
        assert_eq!(thread, 21);
        assert!(worker.run(|| Err(io::ErrorKind::StorageFull.into())).await.is_err());
        let panicked = worker.run(|| panic!("no")).await.unwrap_err();
        assert!(panicked.to_string().contains("panicked"), "{panicked}");
        assert_eq!(worker.run(|| Ok(22)).await.unwrap(), 22);
    }

    #[tokio::test]
    async fn the_resources_of_a_job_are_dropped_although_nobody_waits() {
        let (held, mut worker) = (Arc::new(()), Worker::new());
        let job = held.clone();
        let (begin, begun) = std::sync::mpsc::channel();
        worker.start(move || {
            begun.recv().map_err(io::Error::other)?;
            Ok(job)
        });
        drop(worker);
        begin.send(()).unwrap();
        while Arc::strong_count(&held) > 1 {
            tokio::task::yield_now().await;
        }
    }

    #[test]
    fn a_runtime_that_has_ended_is_an_error() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let handle = runtime.handle().clone();
        drop(runtime);
        let _entered = handle.enter();
        let mut worker = Worker::new();
        worker.start(|| Ok(()));
        let outcome = worker.poll_outcome(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(outcome, Poll::Ready(Err(_))), "{outcome:?}");
    }
}
