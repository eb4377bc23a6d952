//! Disk I/O, away from the threads that serve connections.

use std::any::Any;
use std::io;

use crate::{Error, ErrorKind};

/// Work as the runtime sees it: one type for all, since every type of its own would compile the task code once more.
pub(crate) type Work = Box<dyn FnOnce() -> Box<dyn Any + Send> + Send>;

/// Runs blocking work.
pub(crate) async fn run<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    crate::transport::runtime::check()?;
    let work: Work = Box::new(move || Box::new(work()));
    let stopped = match tokio::task::spawn_blocking(work).await.map(|done| done.downcast::<Result<T, Error>>()) {
        Ok(Ok(outcome)) => return *outcome,
        // It is always what `work` returned.
        Ok(Err(_)) => return Err(Error::new(ErrorKind::LocalFile, "the disk operation returned an unexpected type")),
        Err(stopped) => stopped,
    };
    Err(Error::new(ErrorKind::LocalFile, "the disk operation was stopped").with_source(stopped))
}

/// An error about a local file, with the message of the operating system.
pub(crate) fn error(what: impl std::fmt::Display, source: io::Error) -> Error {
    let error = Error::new(ErrorKind::LocalFile, format!("{what}: {source}"));
    error.with_source(source)
}
