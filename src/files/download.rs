//! Downloads of single files.

use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::io::AsyncWrite;

use super::calls::Caller;
use super::digest::Digest;
use super::disk;
use super::part_file::PartFile;
use super::progress::{Callback, Meter, TransferProgress};
use super::remote_path::RemotePath;
use super::space::Space;
use super::transfer::{Event, Transfer};
use crate::operation::CallOptions;
use crate::{BoxFuture, Client, Error, ErrorKind};

/// A download of one file: to a file, into memory, to a writer, or as a stream.
///
/// The bytes are the stored ones: no content encoding is undone. The download is complete once all announced bytes have
/// arrived. An interrupted download resumes where it stopped if the storage names the version of the file; otherwise
/// [`to_file`](Self::to_file) and [`bytes`](Self::bytes) start over, at most twice, and [`stream`](Self::stream) and
/// [`to_writer`](Self::to_writer) fail, since what they handed out cannot be taken back.
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
/// let content = client.stage().download(group, "a.csv").max_bytes(1 << 20).bytes().await?;
/// assert_eq!(&content[..], b"id\n1\n");
/// # Ok(()) }
/// ```
///
/// # Errors
/// [`Error::is_not_found`] if the service has no such file; [`ErrorKind::InvalidRequest`] for a path that ends in `/`;
/// [`ErrorKind::Storage`] if the storage behind the service does not serve the file; [`ErrorKind::LocalFile`] for disk errors;
/// and the errors of any call.
#[must_use = "a download does nothing until it is told where to write"]
pub struct Download {
    client: Client,
    space: Space,
    path: String,
    limit: Option<usize>,
    verify: bool,
    digest: Digest,
    progress: Option<Callback>,
    options: CallOptions,
}

impl std::fmt::Debug for Download {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Download").field("path", &self.path).finish_non_exhaustive()
    }
}

/// The result of a download.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DownloadReport {
    /// The size of the file.
    pub bytes: u64,
    /// How many requests for its content were made; more than one if the download was interrupted.
    pub attempts: u32,
    /// The SHA-256 hash of the content in hexadecimal, if `sha256` was set (feature `sha256`).
    pub sha256: Option<String>,
}

impl Download {
    pub(crate) fn new(client: &Client, space: Space, path: String) -> Self {
        Self {
            client: client.clone(),
            space,
            path,
            limit: None,
            verify: true,
            digest: Digest::None,
            progress: None,
            options: CallOptions::default(),
        }
    }

    /// Sets a progress callback, called at most once per 256 KiB or 100 ms, and at the end. A download that starts over
    /// counts from zero again.
    pub fn on_progress(mut self, progress: impl FnMut(TransferProgress) + Send + 'static) -> Self {
        self.progress = Some(Box::new(progress));
        self
    }

    /// Sets the largest file that [`bytes`](Self::bytes) reads into memory. The default is the client's response limit,
    /// 256 MiB.
    pub fn max_bytes(mut self, limit: usize) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Sets whether the number of bytes is compared at the end with the size in the file's metadata. This takes another
    /// call, unless the storage itself has stated the size twice. Default `true`. If the metadata is not available at
    /// once, nothing is compared.
    pub fn verify_size(mut self, verify: bool) -> Self {
        self.verify = verify;
        self
    }

    /// Computes the SHA-256 hash of the content during the download; it is in the report.
    #[cfg(feature = "sha256")]
    pub fn sha256(mut self, wanted: bool) -> Self {
        self.digest = if wanted { Digest::sha256() } else { Digest::None };
        self
    }

    /// Sets the time limit of the whole download, retries included. By default it is limited only by silence and by the
    /// number of consecutive attempts that bring nothing.
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.options.deadline = Some(deadline);
        self
    }

    /// Sets the maximum number of consecutive attempts that bring nothing.
    pub fn with_max_attempts(mut self, attempts: u32) -> Self {
        self.options.max_attempts = Some(attempts);
        self
    }

    fn start(self, restartable: bool) -> Result<(Transfer, Digest), Error> {
        let path = RemotePath::file(&self.path)?;
        if path.as_str().contains('/') {
            self.space.need_folders()?;
        }
        let caller = Caller::new(&self.client, &self.space, self.options);
        let transfer = Transfer::new(caller, path, Meter::new(self.progress), restartable, self.verify);
        Ok((transfer, self.digest))
    }

    /// Writes the content to a file, which appears at its path only once it is complete.
    ///
    /// Until then the content is in a file next to it whose name ends in `.part`. An error, or dropping the future,
    /// removes that file. A target that is not a regular file is refused before anything is sent.
    ///
    /// The content is handed to the operating system, which writes it to disk at its own time. If the file must survive
    /// a power loss as soon as it exists, call [`sync_all`](std::fs::File::sync_all) on it and on its folder.
    ///
    /// # Errors
    /// The errors of a [`Download`].
    #[inline]
    pub fn to_file(self, target: impl AsRef<Path>) -> BoxFuture<Result<DownloadReport, Error>> {
        let target = target.as_ref().to_owned();
        Box::pin(async move {
            let (transfer, digest) = self.start(true)?;
            fetch(transfer, target, digest).await
        })
    }

    /// Reads the content into memory, up to a [limit](Self::max_bytes).
    ///
    /// # Errors
    /// The errors of a [`Download`].
    #[inline]
    pub fn bytes(self) -> BoxFuture<Result<Bytes, Error>> {
        Box::pin(async move {
            let limit = self.limit.unwrap_or(self.client.core().limits.response);
            let (mut transfer, _) = self.start(true)?;
            let mut content = BytesMut::new();
            let too_large = |size: u64| {
                let text = format!("the file has {size} bytes or more, and the limit in memory is {limit}");
                Error::new(ErrorKind::TooLarge, text).with_advice("raise `max_bytes`, or download to a file")
            };
            loop {
                match transfer.next().await? {
                    Event::Data(bytes) => {
                        let size = transfer.total().unwrap_or(0).max((content.len() + bytes.len()) as u64);
                        if size > limit as u64 {
                            return Err(too_large(size));
                        }
                        if content.is_empty() {
                            // The announced size is only a hint, and does not allocate memory by itself.
                            let announced = usize::try_from(transfer.total().unwrap_or(0)).unwrap_or(0);
                            content.reserve(announced.min(1 << 20));
                        }
                        content.extend_from_slice(&bytes);
                    }
                    Event::Restart => content.clear(),
                    Event::End => return Ok(content.freeze()),
                }
            }
        })
    }

    /// Writes the content to a writer as it arrives, and flushes the writer at the end.
    ///
    /// Tokio's `fs` feature provides a file that is an `AsyncWrite`. For a writer from the standard library, the
    /// `blocking` feature of this crate provides `blocking::AsyncWriter`.
    ///
    /// # Errors
    /// The errors of a [`Download`].
    pub async fn to_writer<W: AsyncWrite + Unpin + ?Sized>(self, writer: &mut W) -> Result<DownloadReport, Error> {
        let (transfer, mut digest) = self.start(false)?;
        let mut transfer = Box::new(transfer);
        loop {
            match Box::pin(transfer.next()).await? {
                Event::Data(bytes) => {
                    digest.update(&bytes);
                    let outcome = transfer.before_deadline(write_all(writer, &bytes)).await?;
                    if let Err(error) = outcome.map_or_else(|| Err(stuck()), |outcome| outcome.map_err(failed)) {
                        let written = transfer.offset().saturating_sub(bytes.len() as u64);
                        return Err(error.with_remark(format!("at least {written} bytes were written")));
                    }
                }
                Event::Restart => {}
                Event::End => break,
            }
        }
        let flushed = std::future::poll_fn(|context| Pin::new(&mut *writer).poll_flush(context));
        transfer.before_deadline(flushed).await?.ok_or_else(stuck)?.map_err(failed)?;
        Ok(DownloadReport { bytes: transfer.offset(), attempts: transfer.attempts(), sha256: digest.finish() })
    }

    /// Starts the download, and returns the content as a stream of pieces.
    ///
    /// The stream ends with an error if the content could not be read to its end; without one it is complete.
    ///
    /// # Errors
    /// The errors of a [`Download`].
    #[inline]
    pub fn stream(self) -> BoxFuture<Result<DownloadStream, Error>> {
        Box::pin(async move {
            let (transfer, _) = self.start(false)?;
            let mut transfer = Box::new(transfer);
            transfer.begin().await?;
            Ok(DownloadStream { size: transfer.total(), offset: 0, state: State::Idle(transfer) })
        })
    }
}

fn failed(source: std::io::Error) -> Error {
    disk::error("the writer of the download failed", source)
}

fn stuck() -> Error {
    Error::new(ErrorKind::Timeout, "the deadline of the download passed while its writer took nothing")
}

/// Downloads to a file. Boxed, so that the compiler looks at its content, down to the connection, only once.
#[inline]
pub(crate) fn fetch(
    mut transfer: Transfer,
    target: PathBuf,
    digest: Digest,
) -> BoxFuture<Result<DownloadReport, Error>> {
    Box::pin(async move {
        let mut file = PartFile::create(&target, digest).await?;
        loop {
            match transfer.next().await? {
                Event::Data(bytes) => file.write(bytes).await?,
                Event::Restart => file.restart().await?,
                Event::End => break,
            }
        }
        let sha256 = file.finish().await?;
        Ok(DownloadReport { bytes: transfer.offset(), attempts: transfer.attempts(), sha256 })
    })
}

async fn write_all<W: AsyncWrite + Unpin + ?Sized>(writer: &mut W, mut bytes: &[u8]) -> std::io::Result<()> {
    while !bytes.is_empty() {
        let written = std::future::poll_fn(|context| Pin::new(&mut *writer).poll_write(context, bytes)).await?;
        if written == 0 {
            return Err(std::io::ErrorKind::WriteZero.into());
        }
        bytes = bytes.get(written..).unwrap_or_default();
    }
    Ok(())
}

type Step = (Box<Transfer>, Result<Event, Error>);

enum State {
    Idle(Box<Transfer>),
    Busy(std::sync::Mutex<BoxFuture<Step>>),
    Done,
}

/// The content of a file, piece by piece; made by [`Download::stream`].
///
/// It is a [`Stream`](futures_core::Stream), and [`next`](Self::next) returns its pieces without further traits.
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
/// let mut pieces = client.stage().download(group, "a.csv").stream().await?;
/// let mut lines = 0;
/// while let Some(piece) = pieces.next().await {
///     lines += piece?.iter().filter(|byte| **byte == b'\n').count();
/// }
/// assert_eq!(lines, 2);
/// # Ok(()) }
/// ```
#[must_use = "a stream does nothing unless it is read"]
pub struct DownloadStream {
    size: Option<u64>,
    offset: u64,
    state: State,
}

impl std::fmt::Debug for DownloadStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DownloadStream").field("size", &self.size).field("offset", &self.offset).finish_non_exhaustive()
    }
}

impl DownloadStream {
    /// The size of the file, if the server announced it.
    pub fn size(&self) -> Option<u64> {
        self.size
    }

    /// The number of bytes handed out so far.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// The next piece; `None` at the end. Without async, the stream is an iterator (feature `blocking`).
    ///
    /// # Errors
    /// The errors of the download; after one, the stream has ended.
    pub async fn next(&mut self) -> Option<Result<Bytes, Error>> {
        std::future::poll_fn(|context| self.poll_piece(context)).await
    }

    #[inline]
    fn poll_piece(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Error>>> {
        loop {
            match std::mem::replace(&mut self.state, State::Done) {
                State::Done => return Poll::Ready(None),
                State::Idle(mut transfer) => {
                    self.state = State::Busy(std::sync::Mutex::new(Box::pin(async move {
                        let event = transfer.next().await;
                        (transfer, event)
                    })));
                }
                State::Busy(mut step) => {
                    let work = step.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner);
                    let Poll::Ready((transfer, event)) = work.as_mut().poll(context) else {
                        self.state = State::Busy(step);
                        return Poll::Pending;
                    };
                    match event {
                        Ok(Event::Data(bytes)) => {
                            self.offset = transfer.offset();
                            self.state = State::Idle(transfer);
                            return Poll::Ready(Some(Ok(bytes)));
                        }
                        Ok(Event::Restart) => self.state = State::Idle(transfer),
                        Ok(Event::End) => return Poll::Ready(None),
                        Err(error) => return Poll::Ready(Some(Err(error))),
                    }
                }
            }
        }
    }
}

impl futures_core::Stream for DownloadStream {
    type Item = Result<Bytes, Error>;

    #[inline]
    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_piece(context)
    }
}
