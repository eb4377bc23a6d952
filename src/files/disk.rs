//! Work on the disk, away from the threads that serve connections.

use std::io;

use crate::{Error, ErrorKind};

/// Runs work that blocks.
pub(crate) async fn run<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    crate::transport::runtime::check()?;
    match tokio::task::spawn_blocking(work).await {
        Ok(outcome) => outcome,
        Err(stopped) => Err(Error::new(ErrorKind::LocalFile, "the work on the disk was stopped").with_source(stopped)),
    }
}

/// An error of a local file, with the words of the operating system.
pub(crate) fn error(what: impl std::fmt::Display, source: io::Error) -> Error {
    let error = Error::new(ErrorKind::LocalFile, format!("{what}: {source}"));
    error.with_source(source)
}
