//! Uploads of whole folders to a Stage.

use std::collections::{HashMap, VecDeque};
use std::path::PathBuf;

use super::local::{self, LocalEntry};
use super::patterns::Patterns;
use super::report::{FolderReport, SkipReason};
use super::{CONCURRENCY, Outcome, folder_options, run_all};
use crate::files::body::UploadBody;
use crate::files::calls::Caller;
use crate::files::disk;
use crate::files::frame::Frame;
use crate::files::progress::Meter;
use crate::files::remote_path::RemotePath;
use crate::files::space::Space;
use crate::files::upload::{clear, put};
use crate::files::verbs::create_parents;
use crate::files::walk::{Walker, size_of};
use crate::operation::CallOptions;
use crate::{Client, Error, ErrorKind};

/// An upload of a folder and everything below it; await it, or set its options first.
///
/// Files that are missing there, or differ in size, are sent; a file of a different size is deleted and sent again. To resume
/// an interrupted upload, run it again. **An edit that keeps the size of a file is not detected.** Files that exist only there
/// are not deleted. Symbolic links, and partial files left by a download that was killed (`.NAME.RANDOM.part`), are skipped;
/// names that are not UTF-8, or that no path of the service can have, are reported as failed. Empty folders are created, except
/// in the space `models`, which creates folders by itself.
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
/// # let folder = std::env::temp_dir().join(format!("doc-upload-folder-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # std::fs::write(folder.join("a.csv"), "id\n1\n")?;
/// let report = client.stage().upload_folder(group, &folder, "in").with_concurrency(8).await?;
/// assert_eq!((report.moved.len(), report.bytes()), (1, 5));
/// // Files that are already there, with the same size, are skipped.
/// let report = client.stage().upload_folder(group, &folder, "in").await?;
/// assert_eq!((report.moved.len(), report.skipped.len()), (0, 1));
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok(()) }
/// ```
///
/// # Errors
/// [`ErrorKind::LocalFile`] if the folder cannot be read, [`ErrorKind::InvalidRequest`] for a space without folders, and the
/// errors of the calls that list the remote folder. A file that fails is in the report.
#[must_use = "an upload does nothing until it is awaited"]
pub struct UploadFolder {
    client: Client,
    space: Space,
    local: PathBuf,
    remote: String,
    ignore: Patterns,
    concurrency: usize,
    dry_run: bool,
    options: CallOptions,
}

folder_options!(UploadFolder);

/// A file to send.
struct Job {
    caller: Caller,
    local: LocalEntry,
    remote: RemotePath,
    exists: bool,
}

impl UploadFolder {
    pub(crate) fn new(client: &Client, space: Space, local: PathBuf, remote: String) -> Self {
        let (ignore, options) = (Patterns::default(), CallOptions::default());
        Self { client: client.clone(), space, local, remote, ignore, concurrency: CONCURRENCY, dry_run: false, options }
    }

    async fn run(self) -> Result<FolderReport, Error> {
        self.space.need_folders()?;
        let root = RemotePath::folder(&self.remote)?;
        let ignored = self.ignore.compile()?;
        let local = self.local;
        let (entries, mut report) = disk::run(move || {
            let mut report = FolderReport::default();
            let entries = local::scan(&local, &ignored, &mut report)?;
            Ok((entries, report))
        })
        .await?;
        let caller = Caller::new(&self.client, &self.space, self.options);
        let there = list(&caller, &root).await?;
        let makes_folders = !self.space.makes_parents() && !self.dry_run;
        if makes_folders && there.is_none() {
            create_parents(&caller, &root).await?;
        }
        let there = there.unwrap_or_default();
        let mut jobs = VecDeque::new();
        let mut broken: Option<String> = None;
        for entry in entries {
            if broken.as_ref().is_some_and(|folder| entry.path.starts_with(folder)) {
                report.failed(entry.path, Error::new(ErrorKind::NotFound, "the parent folder could not be created"));
                continue;
            }
            let remote = match root.join(&entry.path) {
                Ok(remote) => remote,
                Err(error) => {
                    report.failed(entry.path, error);
                    continue;
                }
            };
            let found = there.get(remote.as_str());
            if remote.is_folder() {
                if makes_folders
                    && found.is_none()
                    && let Err(error) = create_parents(&caller, &remote).await
                {
                    broken = Some(entry.path.clone());
                    report.failed(entry.path, error);
                }
                continue;
            }
            match found {
                Some(size) if *size == Some(entry.size) => report.skipped(entry.path, SkipReason::SameSize),
                _ if self.dry_run => report.moved(entry.path, entry.size),
                found => {
                    let (exists, path) = (found.is_some(), entry.path.clone());
                    jobs.push_back((path, Job { caller: caller.clone(), local: entry, remote, exists }));
                }
            }
        }
        run_all(jobs, self.concurrency, &mut report, |job| Box::pin(send(job))).await;
        Ok(report.sorted())
    }
}

/// The sizes of the remote files, by path; folders have none. `None` if the folder itself does not exist.
async fn list(caller: &Caller, root: &RemotePath) -> Result<Option<HashMap<String, Option<u64>>>, Error> {
    let mut walker = Walker::new(caller.clone(), root.clone());
    let mut there = HashMap::new();
    let mut first = true;
    while let Some(entry) = walker.next().await {
        match entry {
            Ok(entry) => there.insert(entry.path.clone(), size_of(&entry)),
            Err(error) if first && error.is_missing_path() => return Ok(None),
            Err(error) => return Err(error),
        };
        first = false;
    }
    Ok(Some(there))
}

async fn send(job: Job) -> Result<Outcome, Error> {
    let Job { caller, local, remote, exists } = job;
    let content = UploadBody::from_path(&local.place).open().await?;
    let frame = Frame::new(None)?;
    // What the listing does not contain need not be looked up again.
    let replaced = if exists { clear(&caller, &remote, true).await? } else { false };
    let report = put(&caller, &remote, &content, &frame, &Meter::default(), replaced).await?;
    Ok(Outcome::Moved(report.bytes))
}
