//! Transfers of whole folders, up and down.

mod download_folder;
mod local;
mod names;
mod patterns;
mod report;
mod upload_folder;

use std::collections::VecDeque;

use tokio::task::JoinSet;

pub use download_folder::DownloadFolder;
pub use report::{FailedFile, FolderReport, MovedFile, SkipReason, SkippedFile};
pub use upload_folder::UploadFolder;

use crate::{BoxFuture, Error, ErrorKind};

/// How many files are transferred at once by default.
const CONCURRENCY: usize = 4;

/// Runs jobs, up to a limit at once, and passes their outcomes to the report. Dropping the future stops them.
async fn run_all<J>(
    mut jobs: VecDeque<(String, J)>,
    concurrency: usize,
    report: &mut FolderReport,
    run: fn(J) -> BoxFuture<Result<Outcome, Error>>,
) {
    let mut running = JoinSet::new();
    loop {
        while running.len() < concurrency.max(1)
            && let Some((path, job)) = jobs.pop_front()
        {
            let work = run(job);
            running.spawn(async move { (path, work.await) });
        }
        match running.join_next().await {
            None => return,
            Some(Ok((path, Ok(Outcome::Moved(bytes))))) => report.moved(path, bytes),
            Some(Ok((path, Ok(Outcome::Skipped(reason))))) => report.skipped(path, reason),
            Some(Ok((path, Err(error)))) => report.failed(path, error),
            Some(Err(stopped)) => {
                let error = Error::new(ErrorKind::LocalFile, "a transfer was stopped").with_source(stopped);
                report.failed("", error);
            }
        }
    }
}

/// How the transfer of one file ended.
enum Outcome {
    Moved(u64),
    Skipped(SkipReason),
}

/// The options of both directions.
macro_rules! folder_options {
    ($name:ident) => {
        impl $name {
            /// Skips files that match a pattern (feature `glob`).
            ///
            /// Patterns are relative to the root of the folder; `*` stops at `/`; a pattern without `/` matches at any
            /// depth. A folder that matches is skipped with everything in it.
            #[cfg(feature = "glob")]
            pub fn ignore(mut self, pattern: impl Into<String>) -> Self {
                self.ignore.add(pattern.into());
                self
            }

            /// Sets how many files are transferred, and open, at once. Default 4.
            pub fn with_concurrency(mut self, files: usize) -> Self {
                self.concurrency = files;
                self
            }

            /// Sets whether only the report is made and nothing is transferred. Default `false`.
            pub fn dry_run(mut self, dry_run: bool) -> Self {
                self.dry_run = dry_run;
                self
            }

            /// Sets the time limit of the whole transfer. By default there is none.
            pub fn with_deadline(mut self, deadline: std::time::Duration) -> Self {
                self.options.deadline = Some(deadline);
                self
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name))
                    .field("local", &self.local)
                    .field("remote", &self.remote)
                    .finish_non_exhaustive()
            }
        }

        crate::request::not_a_future::not_a_future!($name);

        impl std::future::IntoFuture for $name {
            type Output = Result<FolderReport, crate::Error>;
            type IntoFuture = crate::BoxFuture<Self::Output>;

            #[inline]
            fn into_future(self) -> Self::IntoFuture {
                Box::pin(self.run())
            }
        }
    };
}

use folder_options;
