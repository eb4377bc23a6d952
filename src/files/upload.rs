//! Uploads of single files.

use std::future::IntoFuture;
use std::time::Duration;

use super::body::{Content, UploadBody};
use super::calls::Caller;
use super::frame::{Frame, media_type};
use super::progress::{Callback, Meter, TransferProgress};
use super::remote_path::RemotePath;
use super::senders::Uploading;
use super::space::{Space, Verb};
use crate::operation::CallOptions;
use crate::{BoxFuture, Client, Error, ErrorKind};

/// An upload of one file; await it, or set its options first.
///
/// # Overwriting
///
/// Whether the service replaces an existing file is not known. By default the upload checks first, and fails with
/// [`Error::is_already_exists`] if there is a file. Between that check and the upload another program may store the same path;
/// the service decides what happens then. With [`overwrite(true)`](Self::overwrite) an existing file is deleted before the new
/// one is sent. If the upload then fails, the old file is gone, and the error says so.
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
/// let stage = client.stage();
/// stage.upload(group, "a.csv", "id\n1\n").await?;
/// let error = stage.upload(group, "a.csv", "id\n2\n").await.unwrap_err();
/// assert!(error.is_already_exists());
///
/// let report = stage.upload(group, "a.csv", "id\n2\n").overwrite(true).await?;
/// assert!(report.replaced && report.bytes == 5);
/// # Ok(()) }
/// ```
///
/// # Errors
/// [`ErrorKind::InvalidRequest`] for a path that ends in `/` or leads out of the space, [`ErrorKind::LocalFile`] if the content
/// cannot be read, [`ErrorKind::FileChanged`] if it changes while it is sent, and the errors of any call.
#[must_use = "an upload does nothing until it is awaited"]
pub struct Upload {
    client: Client,
    space: Space,
    path: String,
    body: UploadBody,
    overwrite: bool,
    content_type: Option<String>,
    progress: Option<Callback>,
    options: CallOptions,
}

impl std::fmt::Debug for Upload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Upload").field("path", &self.path).field("body", &self.body).finish_non_exhaustive()
    }
}

/// The result of an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UploadReport {
    /// The path of the file.
    pub path: String,
    /// The size of its content.
    pub bytes: u64,
    /// How many attempts the transfer took.
    pub attempts: u32,
    /// Whether a file at that path was deleted first.
    pub replaced: bool,
    /// What is not certain, in words; `None` after an ordinary upload.
    ///
    /// The response to an attempt may be lost. If the service then says that the file exists, and it has the size of
    /// the content, the upload counts as done, but another program may have stored that file.
    pub uncertainty: Option<String>,
}

impl Upload {
    pub(crate) fn new(client: &Client, space: Space, path: String, body: UploadBody) -> Self {
        let (client, options) = (client.clone(), CallOptions::default());
        Self { client, space, path, body, overwrite: false, content_type: None, progress: None, options }
    }

    /// Sets whether an existing file is deleted first. Default `false`: it is an error.
    pub fn overwrite(mut self, overwrite: bool) -> Self {
        self.overwrite = overwrite;
        self
    }

    /// Sets the content type of the part that holds the file. None is sent by default, as in the vendor's own clients.
    pub fn content_type(mut self, content_type: impl Into<String>) -> Self {
        self.content_type = Some(content_type.into());
        self
    }

    /// Sets a progress callback, called at most once per 256 KiB or 100 ms, and at the end. Each attempt counts from
    /// zero again.
    pub fn on_progress(mut self, progress: impl FnMut(TransferProgress) + Send + 'static) -> Self {
        self.progress = Some(Box::new(progress));
        self
    }

    /// Sets the time limit of the whole upload, retries included. By default it is limited only by the server's silence
    /// and the number of attempts; a reader that yields nothing is waited for.
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.options.deadline = Some(deadline);
        self
    }

    /// Sets the maximum number of attempts.
    pub fn with_max_attempts(mut self, attempts: u32) -> Self {
        self.options.max_attempts = Some(attempts);
        self
    }

    async fn run(self) -> Result<UploadReport, Error> {
        let path = RemotePath::file(&self.path)?;
        if path.as_str().contains('/') {
            self.space.need_folders()?;
        }
        let content_type = self.content_type.as_deref().map(media_type).transpose()?;
        let frame = Frame::new(content_type.as_ref())?;
        let caller = Caller::new(&self.client, &self.space, self.options);
        let content = caller.before_deadline(self.body.open()).await?.ok_or_else(|| {
            Error::new(
                ErrorKind::Timeout,
                "the deadline of the upload passed while its content was read; nothing was sent",
            )
        })??;
        let replaced = clear(&caller, &path, self.overwrite).await?;
        put(&caller, &path, &content, &frame, &Meter::new(self.progress), replaced).await
    }
}

/// Makes sure that nothing is at a path: checks, or deletes what is there. Returns whether something was deleted.
pub(crate) async fn clear(caller: &Caller, path: &RemotePath, overwrite: bool) -> Result<bool, Error> {
    if overwrite {
        return match caller.delete(path).await {
            Ok(()) => Ok(true),
            Err(error) if error.is_missing_path() => Ok(false),
            Err(error) if error.is_outcome_unknown() => {
                Err(error.with_remark("the existing file was to be deleted first, and may be gone; nothing was stored"))
            }
            Err(error) => Err(error.with_remark("the existing file was to be deleted first; nothing was stored")),
        };
    }
    match caller.find(path).await? {
        None => Ok(false),
        Some(_) => Err(exists(path)),
    }
}

fn exists(path: &RemotePath) -> Error {
    Error::new(ErrorKind::AlreadyExists, format!("{path} already exists, and nothing was changed"))
        .with_advice("choose another path, or replace it with `overwrite(true)`")
}

/// Sends the content to a path where nothing exists.
pub(crate) async fn put(
    caller: &Caller,
    path: &RemotePath,
    content: &Content,
    frame: &Frame,
    meter: &Meter,
    replaced: bool,
) -> Result<UploadReport, Error> {
    let sender = Uploading::new(&caller.core.http, content, frame, meter);
    let outcome = caller.transfer(Verb::Put, path, &sender, |_| {}).await;
    let (attempts, sent) = sender.done();
    let bytes = content.length();
    let report = |uncertainty| UploadReport {
        path: path.as_str().to_owned(),
        bytes: bytes.unwrap_or(sent),
        attempts,
        replaced,
        uncertainty,
    };
    let error = match outcome {
        Ok(_) => {
            meter.tell(bytes.unwrap_or(sent), bytes, attempts, true);
            return Ok(report(None));
        }
        Err(error) => error,
    };
    // A response was lost, and the service says that the file exists: it may be ours.
    let refused = error.is_already_exists() || error.is_conflict();
    let error = match refused && error.was_open_before() {
        true => match caller.find(path).await {
            Ok(Some(found)) if bytes.is_some() && found.size.and_then(|size| u64::try_from(size).ok()) == bytes => {
                meter.tell(bytes.unwrap_or(0), bytes, attempts, true);
                let text = "the response to an earlier attempt was lost, and a file of this size exists: probably this \
                            upload, unless another program stored one at the same moment";
                return Ok(report(Some(text.to_owned())));
            }
            Ok(Some(found)) => {
                let size = found.size.map_or_else(|| "of unknown size".to_owned(), |size| format!("of {size} bytes"));
                error.with_remark(format!("the response to an earlier attempt was lost, and there is a file {size}"))
            }
            Ok(None) => error.with_remark("the response to an earlier attempt was lost, and there is no such file now"),
            Err(_) => {
                error.with_remark("the response to an earlier attempt was lost, and what is there cannot be seen")
            }
        },
        false => error,
    };
    Err(if replaced { error.with_remark("the old file is gone: it was deleted before the upload") } else { error })
}

crate::request::not_a_future::not_a_future!(Upload);

impl IntoFuture for Upload {
    type Output = Result<UploadReport, Error>;
    type IntoFuture = BoxFuture<Self::Output>;

    #[inline]
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}
