//! Files in and out: upload to and download from a Stage or a file space, with progress, whole folders, and constant memory.
//!
//! [`Client::stage`](crate::Client::stage) has the files of workspace groups and starter workspaces,
//! [`Client::cluster_stage`](crate::Client::cluster_stage) those of clusters, and [`Client::files`](crate::Client::files)
//! the spaces `personal`, `shared` and `models`. All three have the same methods.
//!
//! ```
//! # use singlestore_management_emulator::Emulator;
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let emulator = Emulator::start()?;
//! # let client = singlestore_management::Client::builder()
//! #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
//! # let group = emulator.insert_workspace_group(serde_json::json!({"name": "g"}))?;
//! # let group: singlestore_management::WorkspaceGroupId = group.parse()?;
//! # let folder = tempfile::tempdir()?;
//! # let (local, copy) = (folder.path().join("data.csv"), folder.path().join("copy.csv"));
//! # std::fs::write(&local, "id,name\n1,a\n")?;
//! use singlestore_management::files::UploadBody;
//!
//! let stage = client.stage();
//! stage.create_folder(group, "in/2026").parents(true).await?;
//! stage
//!     .upload(group, "in/2026/data.csv", UploadBody::from_path(&local))
//!     .overwrite(true)
//!     .on_progress(|progress| println!("{} of {:?} bytes", progress.bytes, progress.total))
//!     .await?;
//! let report = stage.download(group, "in/2026/data.csv").to_file(&copy).await?;
//! println!("{} bytes after {} attempts", report.bytes, report.attempts);
//! # assert_eq!(std::fs::read(&local)?, std::fs::read(&copy)?);
//! # Ok(()) }
//! ```
//!
//! # Paths
//!
//! Paths are relative to the root. One leading slash is removed, so that `/data.csv` and `data.csv` are the same. Parts `.` and
//! `..`, also percent-encoded, backslashes, empty parts and control characters are refused before anything is sent. The path of
//! a folder may end in `/`, the path of a file must not; only [`move_to`](crate::Stage::move_to) tells folders from files by
//! the slash.
//!
//! # Upload
//!
//! The content is a string, bytes, a file, or a reader ([`UploadBody`]). A file is read in pieces while it is sent, and one
//! that changes in the meantime is an error ([`ErrorKind::FileChanged`](crate::ErrorKind::FileChanged)): the service would
//! store neither the old nor the new content. Files and bytes are sent again after a failure; a reader cannot be.
//!
//! Whether the service replaces an existing file is not known. By default an existing file is an error; with
//! [`overwrite(true)`](Upload::overwrite) it is deleted first. Neither is atomic: another program may store the same path in
//! between. Parent folders must exist: [`create_folder(..).parents(true)`](CreateFolder::parents) creates them. The space
//! `models` creates those above a file by itself and has no empty folders, so creating one there is refused; `personal` and
//! `shared` have no folders.
//!
//! # Download
//!
//! [`to_file`](Download::to_file), [`bytes`](Download::bytes), [`to_writer`](Download::to_writer) and
//! [`stream`](Download::stream) say where the content goes. The service redirects to a storage with a pre-signed URL, which is
//! followed without the credentials; [`download_url`](crate::Stage::download_url) returns that URL for other programs. An
//! interrupted transfer is resumed where it stopped, if the storage vouches for the version; see [`Download`].
//!
//! # Folders
//!
//! [`walk`](crate::Stage::walk) lists everything below a folder as a stream.
//!
//! ```
//! # use singlestore_management_emulator::Emulator;
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let emulator = Emulator::start()?;
//! # let client = singlestore_management::Client::builder()
//! #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
//! # let group = emulator.insert_workspace_group(serde_json::json!({"name": "g"}))?;
//! # let group: singlestore_management::WorkspaceGroupId = group.parse()?;
//! # emulator.insert_file(&format!("stage/{group}"), "in/2026/data.csv", b"1,2")?;
//! let mut entries = client.stage().walk(group, "in/");
//! while let Some(entry) = entries.try_next().await? {
//!     println!("{} {:?}", entry.path, entry.size);
//! }
//! # assert_eq!(entries.yielded(), 2);
//! # Ok(()) }
//! ```
//!
//! [`upload_folder`](crate::Stage::upload_folder) and [`download_folder`](crate::Stage::download_folder) transfer files that
//! are missing on the other side or differ in size there, so an interrupted transfer is resumed by running it again; an edit
//! that keeps the size of a file is not detected. Names that leave the folder are refused one by one. [`FolderReport`] says
//! what was transferred, skipped, and failed.
//!
//! # Coming from the Python SDK
//!
//! ```python
//! stage = manage_workspaces().get_workspace_group(group).stage
//! stage.upload_file("data.csv", "in/data.csv", overwrite=True)
//! stage.download_file("in/data.csv", "copy.csv", overwrite=True)
//! ```
//!
//! ```no_run
//! // no_run: it takes the key from the environment.
//! # use singlestore_management::{Client, Error, WorkspaceGroupId, files::UploadBody};
//! # async fn program(group: WorkspaceGroupId) -> Result<(), Error> {
//! let stage = Client::from_env()?.stage();
//! stage.upload(group, "in/data.csv", UploadBody::from_path("data.csv")).overwrite(true).await?;
//! stage.download(group, "in/data.csv").to_file("copy.csv").await?;
//! # Ok(()) }
//! ```
//!
//! # Time limits
//!
//! A transfer may take as long as bytes keep moving. It ends with the client's silence limit
//! ([`read_timeout`](crate::ClientBuilder::read_timeout)), or after a number of consecutive attempts that bring nothing. Time
//! spent waiting for your own reader or writer does not count as silence of the server; `with_deadline`, which limits the whole
//! transfer, covers it too.
mod body;
mod buffers;
mod calls;
mod digest;
mod disk;
mod download;
mod download_url;
mod folder;
mod frame;
mod handles;
mod outgoing;
mod part_file;
mod progress;
mod remote_path;
mod resume;
mod senders;
mod space;
mod storage;
mod transfer;
mod upload;
pub(crate) mod verbs;
mod visit;
mod walk;
mod worker;

pub use body::UploadBody;
pub use download::{Download, DownloadReport, DownloadStream};
pub use download_url::DownloadUrl;
pub use folder::{DownloadFolder, FailedFile, FolderReport, MovedFile, SkipReason, SkippedFile, UploadFolder};
pub(crate) use handles::file_verbs;
pub use progress::TransferProgress;
pub(crate) use space::Space;
pub use upload::{Upload, UploadReport};
pub use verbs::{CreateFolder, FileCall, MoveTo};

#[inline]
pub(crate) fn walk(client: &crate::Client, space: &Space, path: &str) -> crate::Items<crate::types::FileObject> {
    walk::Walker::items(client, space, path)
}
