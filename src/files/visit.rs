//! What an observer is told about a request to the storage behind a pre-signed URL.

use std::panic::{AssertUnwindSafe, catch_unwind};

use http::StatusCode;
use reqwest::Url;
use tokio::time::Instant;

use super::calls::Caller;
use super::remote_path::RemotePath;
use super::space::Verb;
use crate::transport::observe::AttemptEvent;

/// A request to the storage under way. It is reported when it ends, or when it is dropped before that.
pub(crate) struct Visit {
    caller: Caller,
    path: RemotePath,
    host: String,
    attempt: u32,
    started: Instant,
    told: bool,
    pub(crate) status: Option<StatusCode>,
    pub(crate) bytes: u64,
}

impl Visit {
    pub(crate) fn begin(caller: &Caller, path: &RemotePath, url: &Url, attempt: u32) -> Self {
        let (caller, path, host) = (caller.clone(), path.clone(), url.host_str().unwrap_or_default().to_owned());
        Self { caller, path, host, attempt, started: Instant::now(), told: false, status: None, bytes: 0 }
    }

    /// It has ended; another request may follow.
    pub(crate) fn end(mut self, retry: Option<&str>) {
        self.told = true;
        self.tell(retry);
    }

    fn tell(&self, retry: Option<&str>) {
        let Some(observer) = &self.caller.core.observer else { return };
        // The path on the service: the path on the storage is part of the URL, which is kept secret.
        let request = self.caller.space.request(&self.caller.core.base, Verb::Get, &self.path, None, None);
        let operation = self.caller.space.operation(Verb::Get, &self.path);
        observer.on_attempt(&AttemptEvent {
            operation,
            path: request.as_ref().map_or(operation.path, |request| request.url().path()),
            attempt: self.attempt,
            host: Some(&self.host),
            status: self.status,
            elapsed: self.started.elapsed(),
            request_bytes: 0,
            response_bytes: self.bytes,
            retry,
        });
    }
}

impl Drop for Visit {
    /// The caller lost interest, or a disk or a writer failed.
    fn drop(&mut self) {
        if !self.told {
            // It may be dropped by a panic; a second panic, in the observer, would end the process.
            let _ = catch_unwind(AssertUnwindSafe(|| self.tell(None)));
        }
    }
}
