//! The result of transferring a folder.

use crate::order::sorted;
use crate::{Error, ErrorKind};

/// What happened to each file of a folder.
///
/// A file that fails does not end the transfer: check the field `failed`, or turn the report into an error with
/// [`into_result`](Self::into_result).
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
/// # let folder = std::env::temp_dir().join(format!("doc-folder-report-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # std::fs::write(folder.join("a.csv"), "id\n1\n")?;
/// let report = client.stage().upload_folder(group, &folder, "in").await?;
/// for file in &report.failed {
///     println!("{}: {}", file.path, file.error);
/// }
/// let report = report.into_result()?;
/// println!("{} bytes in {} files", report.bytes(), report.moved.len());
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok(()) }
/// ```
#[derive(Debug, Default)]
#[non_exhaustive]
#[must_use = "files may have failed; see `failed` or `into_result`"]
pub struct FolderReport {
    /// What was transferred, or with `dry_run` what would be.
    pub moved: Vec<MovedFile>,
    /// What was skipped, and why.
    pub skipped: Vec<SkippedFile>,
    /// What could not be transferred, or has a refused name.
    pub failed: Vec<FailedFile>,
}

/// A file that was transferred.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MovedFile {
    /// Its path below the folder.
    pub path: String,
    /// Its size.
    pub bytes: u64,
}

/// A file that was skipped.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SkippedFile {
    /// Its path below the folder.
    pub path: String,
    /// Why.
    pub reason: SkipReason,
}

/// Why a file was skipped.
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
/// # let folder = std::env::temp_dir().join(format!("doc-skip-reason-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # std::fs::write(folder.join("a.csv"), "id\n1\n")?;
/// use singlestore_management::files::SkipReason;
///
/// client.stage().upload_folder(group, &folder, "in").await?;
/// let again = client.stage().upload_folder(group, &folder, "in").await?;
/// assert_eq!(again.skipped[0].reason, SkipReason::SameSize);
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SkipReason {
    /// The other side has a file of the same path and size. An edit that keeps the size is not detected.
    SameSize,
    /// It matches a pattern of the caller.
    Ignored,
    /// It is a symbolic link, or there is one where it would be written.
    Symlink,
    /// It is neither a file nor a folder.
    NotAFile,
    /// It is a partial file, left by a download that was killed, as `.NAME.RANDOM.part`.
    Unfinished,
}

/// A file that could not be transferred.
#[derive(Debug)]
#[non_exhaustive]
pub struct FailedFile {
    /// Its path below the folder, as far as it can be represented.
    pub path: String,
    /// Why.
    pub error: Error,
}

impl FolderReport {
    /// The number of bytes that were transferred.
    pub fn bytes(&self) -> u64 {
        self.moved.iter().map(|file| file.bytes).sum()
    }

    /// Whether nothing failed.
    pub fn is_complete(&self) -> bool {
        self.failed.is_empty()
    }

    /// The report if nothing failed.
    ///
    /// # Errors
    /// The error of the first file that failed, with the number of the others.
    pub fn into_result(mut self) -> Result<Self, Error> {
        if self.failed.is_empty() {
            return Ok(self);
        }
        let others = self.failed.len() - 1;
        let FailedFile { path, error } = self.failed.swap_remove(0);
        let text = if others == 0 { path } else { format!("{path}, and {others} others failed") };
        Err(error.with_remark(text))
    }

    pub(crate) fn moved(&mut self, path: impl Into<String>, bytes: u64) {
        self.moved.push(MovedFile { path: path.into(), bytes });
    }

    pub(crate) fn skipped(&mut self, path: impl Into<String>, reason: SkipReason) {
        self.skipped.push(SkippedFile { path: path.into(), reason });
    }

    pub(crate) fn failed(&mut self, path: impl Into<String>, error: Error) {
        self.failed.push(FailedFile { path: path.into(), error });
    }

    pub(crate) fn refused(&mut self, path: impl Into<String>, why: &str) {
        let path = path.into();
        let error = Error::new(ErrorKind::InvalidRequest, format!("the name {path:?} is refused: {why}"));
        self.failed(path, error);
    }

    /// Sorted, so that the order does not depend on which file was faster.
    pub(crate) fn sorted(mut self) -> Self {
        self.moved = sorted(self.moved, |file| file.path.clone());
        self.skipped = sorted(self.skipped, |file| file.path.clone());
        self.failed = sorted(self.failed, |file| file.path.clone());
        self
    }
}
