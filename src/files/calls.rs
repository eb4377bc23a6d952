//! The calls that file operations are made of.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;
use tokio::time::Instant;

use super::remote_path::RemotePath;
use super::space::{Space, Verb};
use crate::operation::CallOptions;
use crate::request::refuse_page;
use crate::transport::attempt::Sender;
use crate::transport::call::CallState;
use crate::transport::core::{Core, Reply};
use crate::transport::send;
use crate::types::FileObject;
use crate::{Client, Error};

/// Longer than any transfer.
const NEVER: Duration = Duration::from_secs(365 * 24 * 3600);

/// How long to wait for a response that is optional.
const HASTY: Duration = Duration::from_secs(10);

/// A space, and the options of the work done in it. All calls together share one deadline.
#[derive(Clone)]
pub(crate) struct Caller {
    pub(crate) core: Arc<Core>,
    pub(crate) space: Space,
    options: CallOptions,
    started: Instant,
}

impl Caller {
    pub(crate) fn new(client: &Client, space: &Space, options: CallOptions) -> Self {
        Self { core: client.core().clone(), space: space.clone(), options, started: Instant::now() }
    }

    /// When the deadline set by the caller passes.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.options.deadline.map(|limit| self.started + limit.min(NEVER))
    }

    /// Waits for work of the caller, such as its own reader or writer, until the deadline; `None` once it has passed.
    pub(crate) async fn before_deadline<T>(&self, work: impl Future<Output = T>) -> Result<Option<T>, Error> {
        crate::transport::runtime::check()?;
        match self.deadline() {
            Some(deadline) => Ok(tokio::time::timeout_at(deadline, work).await.ok()),
            None => Ok(Some(work.await)),
        }
    }

    pub(crate) fn max_attempts(&self) -> u32 {
        self.options.max_attempts.unwrap_or(self.core.policy.max_attempts).max(1)
    }

    /// The options with the remaining time of the deadline.
    fn left(&self) -> CallOptions {
        let deadline = self.deadline().map(|end| end.saturating_duration_since(Instant::now()));
        CallOptions { deadline, ..self.options.clone() }
    }

    /// The options of a call that transfers a file: only a deadline set by the caller ends it.
    fn unlimited(&self) -> CallOptions {
        let mut options = self.left();
        options.deadline.get_or_insert(NEVER);
        options
    }

    /// Boxed, so that the compiler checks once whether the future is `Send`, and not for everything that awaits it.
    #[inline]
    fn send<'a>(
        &'a self,
        sender: &'a dyn Sender,
        state: &'a CallState,
        request: reqwest::Request,
    ) -> Pin<Box<dyn Future<Output = Result<Reply, Error>> + Send + 'a>> {
        Box::pin(send::send_with(&self.core, sender, state, Box::new(request)))
    }

    async fn call(
        &self,
        verb: Verb,
        path: &RemotePath,
        query: Option<(&str, &str)>,
        json: Option<Bytes>,
    ) -> Result<(Reply, Arc<CallState>), Error> {
        let state = Arc::new(CallState::new(self.space.operation(verb, path), self.left()));
        let request = self.space.request(&self.core.base, verb, path, query, json)?;
        let reply = self.send(&self.core.http, &state, request).await?;
        Ok((reply, state))
    }

    /// The same, ignoring the body of the response.
    async fn call_empty(
        &self,
        verb: Verb,
        path: &RemotePath,
        query: Option<(&str, &str)>,
        json: Option<Bytes>,
    ) -> Result<(), Error> {
        let (reply, state) = self.call(verb, path, query, json).await?;
        refuse_page(&reply, &state)
    }

    /// Sends a request with a sender of its own, for as long as it takes.
    pub(crate) async fn transfer(
        &self,
        verb: Verb,
        path: &RemotePath,
        sender: &dyn Sender,
        adapt: impl FnOnce(&mut reqwest::Request),
    ) -> Result<u32, Error> {
        // A request for a file's location ends with the headers; one that sends a file takes as long as it takes.
        let options = if verb == Verb::Put { self.unlimited() } else { self.left() };
        let state = CallState::new(self.space.operation(verb, path), options);
        let mut request = self.space.request(&self.core.base, verb, path, None, None)?;
        adapt(&mut request);
        let reply = self.send(sender, &state, request).await?;
        refuse_page(&reply, &state)?;
        let (_, attempts, _) = state.learned();
        Ok(u32::try_from(attempts.len()).unwrap_or(u32::MAX))
    }

    /// The same space with a short deadline and no retries, for calls whose response is optional.
    pub(crate) fn hasty(&self) -> Self {
        let limit = self.left().deadline.unwrap_or(HASTY).min(HASTY);
        let options = CallOptions { deadline: Some(limit), max_attempts: Some(1), ..CallOptions::default() };
        Self { options, started: Instant::now(), ..self.clone() }
    }

    /// Asks for the metadata of a file with a sender of its own.
    pub(crate) async fn metadata_through(&self, path: &RemotePath, sender: &dyn Sender) -> Result<(), Error> {
        let state = CallState::new(self.space.operation(Verb::Get, path), self.left());
        let request = self.space.request(&self.core.base, Verb::Get, path, Some(("metadata", "true")), None)?;
        self.send(sender, &state, request).await.map(drop)
    }

    /// The metadata of exactly this path; a folder's path ends in `/`.
    pub(crate) async fn get(&self, path: &RemotePath) -> Result<FileObject, Error> {
        // A folder is listed with and without the flag; leaving it out is right under both readings of the interface.
        let query = (!path.is_folder()).then_some(("metadata", "true"));
        let (reply, state) = self.call(Verb::Get, path, query, None).await?;
        decode(&reply.body, path).map_err(|source| {
            let mut error = crate::decode::failure(&reply.body, source);
            error.inner_mut().headers.clone_from(&reply.headers);
            state.complete(error)
        })
    }

    /// The metadata of a path; `None` if there is nothing. A Stage that does not exist is an error.
    pub(crate) async fn find(&self, path: &RemotePath) -> Result<Option<FileObject>, Error> {
        match self.get(path).await {
            Ok(object) => Ok(Some(object)),
            Err(error) if error.is_missing_path() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Deletes exactly this path.
    pub(crate) async fn delete(&self, path: &RemotePath) -> Result<(), Error> {
        self.call_empty(Verb::Delete, path, None, None).await
    }

    /// Creates one folder, whose parent exists.
    pub(crate) async fn create_folder(&self, path: &RemotePath) -> Result<(), Error> {
        self.call_empty(Verb::Put, path, Some(("isFile", "false")), None).await
    }

    pub(crate) async fn rename(&self, from: &RemotePath, to: &RemotePath) -> Result<(), Error> {
        let body = serde_json::json!({"newPath": to.as_str()}).to_string();
        self.call_empty(Verb::Move, from, None, Some(body.into())).await
    }
}

impl std::fmt::Debug for Caller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Caller").field("space", &self.space).field("options", &self.options).finish_non_exhaustive()
    }
}

/// Reads an object. It may lack a name and a path, since the caller has just named them; its entries need one of the two.
fn decode(body: &[u8], path: &RemotePath) -> Result<FileObject, serde_json::Error> {
    let strict = serde_json::from_slice(body);
    if strict.is_ok() {
        return strict;
    }
    let Ok(mut value) = serde_json::from_slice::<Value>(body) else { return strict };
    complete(&mut value, path.name(), path.as_str());
    if let Some(entries) = value.get_mut("content").and_then(Value::as_array_mut) {
        for entry in entries {
            let named = |key: &str| entry.get(key).and_then(Value::as_str).map(str::to_owned);
            let from_name = named("name").map(|name| format!("{}{name}", path.as_str()));
            let Some(below) = named("path").or(from_name) else { continue };
            let name = below.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned();
            complete(entry, &name, &below);
        }
    }
    serde_json::from_value(value)
}

fn complete(value: &mut Value, name: &str, path: &str) {
    let Some(object) = value.as_object_mut() else { return };
    for (key, text) in [("name", name), ("path", path)] {
        if object.get(key).is_none_or(Value::is_null) {
            object.insert(key.to_owned(), text.into());
        }
    }
}
