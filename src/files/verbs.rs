//! Operations on files and folders other than transferring their content.

use std::future::IntoFuture;
use std::time::Duration;

use super::calls::Caller;
use super::download_url::DownloadUrl;
use super::remote_path::RemotePath;
use super::senders::{Opened, Opening};
use super::space::{Space, Verb};
use super::upload::clear;
use crate::operation::CallOptions;
use crate::types::FileObject;
use crate::{BoxFuture, Client, Error, ErrorKind};

type Run<T> = Box<dyn FnOnce(CallOptions) -> BoxFuture<Result<T, Error>> + Send>;

/// A call about a file or a folder; await it, or set its options first.
///
/// ```
/// # use singlestore_management_emulator::Emulator;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let emulator = Emulator::builder().polls_until_ready(0).start()?;
/// # let client = singlestore_management::Client::builder()
/// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
/// # let group = emulator.insert_workspace_group(serde_json::json!({"name": "g"}))?;
/// # let group: singlestore_management::WorkspaceGroupId = group.parse()?;
/// # client.stage().upload(group, "a.csv", "id\n1\n").await?;
/// use std::time::Duration;
///
/// let stage = client.stage();
/// assert!(stage.exists(group, "a.csv").with_deadline(Duration::from_secs(60)).await?);
/// stage.delete(group, "a.csv").await?;
/// assert!(!stage.exists(group, "a.csv").await?);
/// # Ok(()) }
/// ```
#[must_use = "a call does nothing until it is awaited"]
pub struct FileCall<T> {
    run: Run<T>,
    options: CallOptions,
}

impl<T> FileCall<T> {
    fn new<F, W>(client: &Client, space: Space, work: W) -> Self
    where
        F: Future<Output = Result<T, Error>> + Send + 'static,
        W: FnOnce(Caller) -> F + Send + 'static,
    {
        let client = client.clone();
        let run: Run<T> = Box::new(move |options| Box::pin(work(Caller::new(&client, &space, options))));
        Self { run, options: CallOptions::default() }
    }

    /// Sets the time limit of the whole call, retries included.
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.options.deadline = Some(deadline);
        self
    }

    /// Sets the time limit of each attempt.
    pub fn with_attempt_timeout(mut self, timeout: Duration) -> Self {
        self.options.attempt_timeout = Some(timeout);
        self
    }

    /// Sets the maximum number of attempts, the first included. Zero counts as one.
    pub fn with_max_attempts(mut self, attempts: u32) -> Self {
        self.options.max_attempts = Some(attempts);
        self
    }
}

impl<T> std::fmt::Debug for FileCall<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileCall").field("options", &self.options).finish_non_exhaustive()
    }
}

crate::request::not_a_future::not_a_future!(FileCall<T>);

impl<T> IntoFuture for FileCall<T> {
    type Output = Result<T, Error>;
    type IntoFuture = BoxFuture<Self::Output>;

    #[inline]
    fn into_future(self) -> Self::IntoFuture {
        (self.run)(self.options)
    }
}

/// Looks up a path as written, and then as a folder.
async fn find(caller: &Caller, path: &RemotePath) -> Result<FileObject, Error> {
    if path.is_folder() {
        if !path.is_root() {
            caller.space.need_folders()?;
        }
        return caller.get(path).await;
    }
    match caller.get(path).await {
        // The service does not find a folder without its trailing slash.
        Err(error) if error.is_missing_path() && caller.space.has_folders() => {
            caller.find(&path.as_folder()).await?.ok_or(error)
        }
        outcome => outcome,
    }
}

#[inline]
pub(crate) fn metadata(client: &Client, space: Space, path: String) -> FileCall<FileObject> {
    FileCall::new(client, space, move |caller| async move { find(&caller, &RemotePath::parse(&path)?).await })
}

#[inline]
pub(crate) fn exists(client: &Client, space: Space, path: String) -> FileCall<bool> {
    FileCall::new(client, space, move |caller| async move {
        match find(&caller, &RemotePath::parse(&path)?).await {
            Ok(_) => Ok(true),
            Err(error) if error.is_missing_path() => Ok(false),
            Err(error) => Err(error),
        }
    })
}

#[inline]
pub(crate) fn is_folder(client: &Client, space: Space, path: String) -> FileCall<bool> {
    FileCall::new(client, space, move |caller| async move {
        let path = RemotePath::folder(&path)?;
        if path.is_root() {
            return Ok(true);
        }
        if !caller.space.has_folders() {
            return Ok(false);
        }
        Ok(caller.find(&path).await?.is_some())
    })
}

#[inline]
pub(crate) fn delete(client: &Client, space: Space, path: String) -> FileCall<()> {
    FileCall::new(client, space, move |caller| async move {
        // With a trailing slash the service would delete the folder and everything in it.
        let path = RemotePath::file(&path)?;
        caller.delete(&path).await
    })
}

#[inline]
pub(crate) fn delete_folder(client: &Client, space: Space, path: String) -> FileCall<()> {
    FileCall::new(client, space, move |caller| async move {
        caller.space.need_folders()?;
        let path = RemotePath::folder(&path)?;
        if path.is_root() {
            return Err(Error::invalid_request("the root folder cannot be deleted; name the folder"));
        }
        caller.delete(&path).await
    })
}

#[inline]
pub(crate) fn download_url(client: &Client, space: Space, path: String) -> FileCall<DownloadUrl> {
    FileCall::new(client, space, move |caller| async move {
        let path = RemotePath::file(&path)?;
        let opening = Opening::new(&caller.core.http);
        caller.transfer(Verb::Get, &path, &opening, |_| {}).await?;
        match opening.take() {
            Some(Opened::Elsewhere(url)) => Ok(DownloadUrl::new(url.as_str())),
            _ => {
                let text = format!("the service serves {path} itself, and has no URL for it");
                let error = Error::new(ErrorKind::Redirect, text).with_advice("use `download`");
                Err(error.with_operation(caller.space.operation(Verb::Get, &path)))
            }
        }
    })
}

/// The creation of a folder; await it, or set its options first.
///
/// ```
/// # use singlestore_management_emulator::Emulator;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let emulator = Emulator::builder().polls_until_ready(0).start()?;
/// # let client = singlestore_management::Client::builder()
/// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
/// # let group = emulator.insert_workspace_group(serde_json::json!({"name": "g"}))?;
/// # let group: singlestore_management::WorkspaceGroupId = group.parse()?;
/// client.stage().create_folder(group, "in/2026/11").parents(true).await?;
/// assert!(client.stage().is_folder(group, "in/2026").await?);
/// # Ok(()) }
/// ```
#[must_use = "a call does nothing until it is awaited"]
#[derive(Debug)]
pub struct CreateFolder {
    client: Client,
    space: Space,
    path: String,
    parents: bool,
    options: CallOptions,
}

impl CreateFolder {
    pub(crate) fn new(client: &Client, space: Space, path: String) -> Self {
        Self { client: client.clone(), space, path, parents: false, options: CallOptions::default() }
    }

    /// Sets whether parent folders are created too, and an existing folder is left as it is. Default `false`.
    pub fn parents(mut self, parents: bool) -> Self {
        self.parents = parents;
        self
    }

    /// Sets the time limit of the whole operation, retries included.
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.options.deadline = Some(deadline);
        self
    }

    async fn run(self) -> Result<(), Error> {
        self.space.need_folders()?;
        if self.space.makes_parents() {
            let text = "this space has no empty folders: it makes those above a file when the file is uploaded";
            return Err(Error::invalid_request(text));
        }
        let path = RemotePath::folder(&self.path)?;
        if path.is_root() {
            return if self.parents {
                Ok(())
            } else {
                Err(Error::invalid_request("the path of a folder must not be empty"))
            };
        }
        let caller = Caller::new(&self.client, &self.space, self.options);
        if self.parents { create_parents(&caller, &path).await } else { caller.create_folder(&path).await }
    }
}

crate::request::not_a_future::not_a_future!(CreateFolder);

impl IntoFuture for CreateFolder {
    type Output = Result<(), Error>;
    type IntoFuture = BoxFuture<Self::Output>;

    #[inline]
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

/// Creates a folder and its parents, as far as they do not exist.
pub(crate) async fn create_parents(caller: &Caller, path: &RemotePath) -> Result<(), Error> {
    // From the innermost up until one exists: usually the first does.
    let mut missing = Vec::new();
    let mut all = path.parents();
    all.push(path.clone());
    for folder in all.into_iter().rev().filter(|folder| !folder.is_root()) {
        if caller.find(&folder).await?.is_some() {
            break;
        }
        missing.push(folder);
    }
    for folder in missing.into_iter().rev() {
        match caller.create_folder(&folder).await {
            Ok(()) => {}
            // Another program, or an attempt whose response was lost, may have created it in the meantime.
            Err(error) if error.is_already_exists() || error.is_conflict() => {
                if caller.find(&folder).await?.is_none() {
                    return Err(error);
                }
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// A move of a file or a folder; await it, or set its options first.
///
/// It checks the target first, and fails with [`Error::is_already_exists`] if something is there. Between that check and the
/// move another program may store the same path; the service decides what happens then.
///
/// ```
/// # use singlestore_management_emulator::Emulator;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let emulator = Emulator::builder().polls_until_ready(0).start()?;
/// # let client = singlestore_management::Client::builder()
/// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
/// # let group = emulator.insert_workspace_group(serde_json::json!({"name": "g"}))?;
/// # let group: singlestore_management::WorkspaceGroupId = group.parse()?;
/// # client.stage().upload(group, "a.csv", "id\n1\n").await?;
/// client.stage().move_to(group, "a.csv", "b.csv").overwrite(true).await?;
/// assert!(client.stage().exists(group, "b.csv").await?);
/// # Ok(()) }
/// ```
#[must_use = "a call does nothing until it is awaited"]
#[derive(Debug)]
pub struct MoveTo {
    client: Client,
    space: Space,
    from: String,
    to: String,
    overwrite: bool,
    options: CallOptions,
}

impl MoveTo {
    pub(crate) fn new(client: &Client, space: Space, from: String, to: String) -> Self {
        Self { client: client.clone(), space, from, to, overwrite: false, options: CallOptions::default() }
    }

    /// Sets whether a file at the target is deleted first. Default `false`: it is an error. A folder is never replaced.
    pub fn overwrite(mut self, overwrite: bool) -> Self {
        self.overwrite = overwrite;
        self
    }

    /// Sets the time limit of the whole operation, retries included.
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.options.deadline = Some(deadline);
        self
    }

    async fn run(self) -> Result<(), Error> {
        let (from, to) = (RemotePath::parse(&self.from)?, RemotePath::parse(&self.to)?);
        if from.is_root() || to.is_root() {
            return Err(Error::invalid_request("neither path of a move may be empty"));
        }
        if from.is_folder() != to.is_folder() {
            return Err(Error::invalid_request(format!(
                "{from} and {to} must both be files or both be folders, whose paths end in `/`"
            )));
        }
        if from == to {
            return Err(Error::invalid_request(format!("{from} cannot be moved to itself")));
        }
        if from.is_folder() && to.as_str().starts_with(from.as_str()) {
            return Err(Error::invalid_request(format!("the folder {from} cannot be moved into itself")));
        }
        if from.as_str().contains('/') || to.as_str().contains('/') {
            self.space.need_folders()?;
        }
        let caller = Caller::new(&self.client, &self.space, self.options);
        let overwrite = self.overwrite && !to.is_folder();
        if overwrite && caller.find(&from).await?.is_none() {
            // Nothing is deleted for a move that is not possible.
            let error = Error::new(ErrorKind::NotFound, format!("{from} does not exist, and nothing was changed"));
            return Err(error.with_advice(crate::error::OTHER_KIND));
        }
        let replaced = clear(&caller, &to, overwrite).await?;
        caller.rename(&from, &to).await.map_err(|error| match replaced {
            true => error.with_remark(format!("the old {to} is gone: it was deleted before the move")),
            false => error,
        })
    }
}

crate::request::not_a_future::not_a_future!(MoveTo);

impl IntoFuture for MoveTo {
    type Output = Result<(), Error>;
    type IntoFuture = BoxFuture<Self::Output>;

    #[inline]
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}
