//! Downloads of whole folders of a Stage.

use std::collections::{HashSet, VecDeque};
use std::path::{Path, PathBuf};

use super::local::{self, Place};
use super::names;
use super::patterns::Patterns;
use super::report::{FolderReport, SkipReason};
use super::{CONCURRENCY, Outcome, folder_options, run_all};
use crate::files::calls::Caller;
use crate::files::digest::Digest;
use crate::files::disk;
use crate::files::download::fetch;
use crate::files::progress::Meter;
use crate::files::remote_path::RemotePath;
use crate::files::space::Space;
use crate::files::transfer::Transfer;
use crate::files::walk::{Walker, size_of};
use crate::operation::CallOptions;
use crate::order::sorted;
use crate::{Client, Error};

/// A download of a folder and everything below it; await it, or set its options first.
///
/// Files that are missing here, or differ in size, are downloaded; to resume an interrupted download, run it again. **An edit
/// that keeps the size of a file is not detected.** Files that exist only here are not deleted. A process that is killed leaves
/// the files in progress next to their targets, as `.NAME.RANDOM.part`.
///
/// Names come from the server, so each is checked. Names that leave the folder, or that mean something else on some system
/// (backslashes, `:`, control characters, device names, a trailing dot or space, names equal except for case or for composed
/// and decomposed accents), are refused and reported as failed. No name is rewritten. Nothing is written through a symbolic
/// link.
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
/// # let folder = std::env::temp_dir().join(format!("doc-download-folder-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # client.stage().create_folder(group, "in").await?;
/// # client.stage().upload(group, "in/a.csv", "id\n1\n").await?;
/// let report = client.stage().download_folder(group, "in", &folder).await?.into_result()?;
/// assert_eq!(report.moved[0].path, "a.csv");
/// assert_eq!(std::fs::read(folder.join("a.csv"))?, b"id\n1\n");
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok(()) }
/// ```
///
/// # Errors
/// [`ErrorKind::LocalFile`](crate::ErrorKind::LocalFile) if the folder cannot be created,
/// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) for a space without folders, and [`Error::is_not_found`] if
/// there is no such folder. A file that fails is in the report.
#[must_use = "a download does nothing until it is awaited"]
pub struct DownloadFolder {
    client: Client,
    space: Space,
    remote: String,
    local: PathBuf,
    ignore: Patterns,
    concurrency: usize,
    dry_run: bool,
    options: CallOptions,
}

folder_options!(DownloadFolder);

/// A file to download.
struct Job {
    caller: Caller,
    remote: RemotePath,
    size: Option<u64>,
    root: PathBuf,
    path: String,
    dry_run: bool,
}

/// An entry below the folder.
struct Found {
    path: String,
    size: Option<u64>,
}

impl DownloadFolder {
    pub(crate) fn new(client: &Client, space: Space, remote: String, local: PathBuf) -> Self {
        let (ignore, options) = (Patterns::default(), CallOptions::default());
        Self { client: client.clone(), space, remote, local, ignore, concurrency: CONCURRENCY, dry_run: false, options }
    }

    async fn run(self) -> Result<FolderReport, Error> {
        self.space.need_folders()?;
        let root = RemotePath::folder(&self.remote)?;
        let ignored = self.ignore.compile()?;
        let caller = Caller::new(&self.client, &self.space, self.options);
        let mut report = FolderReport::default();
        let mut found = list(&caller, &root, &mut report).await?;
        found.retain(|entry| {
            let left_out = ignored.contains(&entry.path);
            if left_out {
                report.skipped(entry.path.clone(), SkipReason::Ignored);
            }
            !left_out
        });
        refuse(&mut found, &mut report);
        let found = sorted(found, |entry| entry.path.clone());

        let (local, dry_run) = (self.local, self.dry_run);
        let made = local.clone();
        let (folders, files): (Vec<Found>, Vec<Found>) = found.into_iter().partition(|entry| entry.path.ends_with('/'));
        let mut report = disk::run(move || {
            if !dry_run {
                std::fs::create_dir_all(&made).map_err(|source| {
                    disk::error(format!("the folder {} cannot be created", made.display()), source)
                })?;
            }
            make_folders(&made, folders, dry_run, &mut report);
            Ok(report)
        })
        .await?;
        let mut jobs = VecDeque::new();
        for Found { path, size } in files {
            match root.join(&path) {
                Ok(remote) => {
                    let (caller, root) = (caller.clone(), local.clone());
                    jobs.push_back((path.clone(), Job { caller, remote, size, root, path, dry_run }));
                }
                Err(error) => report.failed(path, error),
            }
        }
        run_all(jobs, self.concurrency, &mut report, |job| Box::pin(receive(job))).await;
        Ok(report.sorted())
    }
}

/// Everything below the folder. If the folder does not exist there is nothing to do; a subfolder that fails is reported.
async fn list(caller: &Caller, root: &RemotePath, report: &mut FolderReport) -> Result<Vec<Found>, Error> {
    let mut walker = Walker::new(caller.clone(), root.clone());
    let mut found = Vec::new();
    let mut first = true;
    while let Some(entry) = walker.next().await {
        match entry {
            Ok(entry) => match entry.path.strip_prefix(root.as_str()) {
                Some(path) => found.push(Found { path: path.to_owned(), size: size_of(&entry) }),
                None => report.refused(entry.path, "it is not below the folder that was listed"),
            },
            Err(error) if first => return Err(error),
            Err(error) => report.failed("", error),
        }
        first = false;
    }
    Ok(found)
}

/// Removes what must not be written.
fn refuse(found: &mut Vec<Found>, report: &mut FolderReport) {
    found.retain(|entry| {
        let refusal = names::refusal(&entry.path);
        if let Some(why) = refusal {
            report.refused(entry.path.clone(), why);
        }
        refusal.is_none()
    });
    let colliding = names::collisions(found.iter().map(|entry| entry.path.as_str()));
    let colliding: HashSet<String> = colliding.into_iter().map(str::to_owned).collect();
    found.retain(|entry| {
        let collides = colliding.contains(&entry.path);
        if collides {
            report
                .refused(entry.path.clone(), "another name equals it except for case or the Unicode form of an accent");
        }
        !collides
    });
}

fn make_folders(root: &Path, folders: Vec<Found>, dry_run: bool, report: &mut FolderReport) {
    for Found { path, .. } in folders {
        match local::folder(root, &path, dry_run) {
            Ok(Some(_)) => {}
            Ok(None) => report.skipped(path, SkipReason::Symlink),
            Err(error) => report.failed(path, error),
        }
    }
}

async fn receive(job: Job) -> Result<Outcome, Error> {
    let Job { caller, remote, size, root, path, dry_run } = job;
    let target = match disk::run(move || local::place(&root, &path, size, dry_run)).await? {
        Place::Write(target) => target,
        Place::Skip(reason) => return Ok(Outcome::Skipped(reason)),
    };
    if dry_run {
        return Ok(Outcome::Moved(size.unwrap_or(0)));
    }
    let transfer = Transfer::new(caller, remote, Meter::default(), true, true).expecting(size);
    let report = fetch(transfer, target, Digest::default()).await?;
    Ok(Outcome::Moved(report.bytes))
}
