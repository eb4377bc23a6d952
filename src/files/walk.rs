//! Everything below a folder, one listing at a time.

use std::collections::VecDeque;

use super::calls::Caller;
use super::remote_path::RemotePath;
use crate::types::{FileObject, FileObjectContent, FileType};
use crate::{Error, ErrorKind};

/// The longest path that is followed: a listing that contains itself must not be walked for ever.
const MAX_PATH: usize = 4096;

/// Goes through a folder and all below it, the deepest first.
pub(crate) struct Walker {
    caller: Caller,
    /// What is to be listed, the next one last.
    folders: Vec<RemotePath>,
    entries: VecDeque<FileObject>,
}

impl Walker {
    pub(crate) fn new(caller: Caller, folder: RemotePath) -> Self {
        Self { caller, folders: vec![folder], entries: VecDeque::new() }
    }

    /// The next entry: a file, or a folder before what is in it. A folder that cannot be listed is an error, after which
    /// the others follow.
    pub(crate) async fn next(&mut self) -> Option<Result<FileObject, Error>> {
        loop {
            if let Some(entry) = self.entries.pop_front() {
                return Some(Ok(entry));
            }
            let folder = self.folders.pop()?;
            match self.list(&folder).await {
                Ok(entries) => self.entries = entries,
                Err(error) => return Some(Err(error)),
            }
        }
    }

    async fn list(&mut self, folder: &RemotePath) -> Result<VecDeque<FileObject>, Error> {
        let listed = self.caller.get(folder).await?;
        let mut entries = match listed.content {
            Some(FileObjectContent::Array(entries)) => VecDeque::from(entries),
            _ => VecDeque::new(),
        };
        let mut below = Vec::new();
        for entry in &mut entries {
            place(entry, folder);
            if !is_folder(entry) {
                continue;
            }
            if entry.path.len() > MAX_PATH {
                let text = format!("the folders below {folder} are nested too deeply");
                return Err(Error::new(ErrorKind::Decode, text));
            }
            // What is not below this folder is shown, and not followed.
            if let Ok(path) = RemotePath::parse(&entry.path)
                && path.as_str().len() > folder.as_str().len()
                && path.as_str().starts_with(folder.as_str())
            {
                below.push(path);
            }
        }
        self.folders.extend(below.into_iter().rev());
        Ok(entries)
    }
}

impl std::fmt::Debug for Walker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Walker").field("folders", &self.folders).finish_non_exhaustive()
    }
}

/// Whether an entry is a folder, by its kind or by its path.
fn is_folder(entry: &FileObject) -> bool {
    entry.path.ends_with('/') || entry.type_ == Some(FileType::Directory)
}

/// The size of a file; a folder has none.
pub(crate) fn size_of(entry: &FileObject) -> Option<u64> {
    entry.size.filter(|_| !is_folder(entry)).and_then(|size| u64::try_from(size).ok())
}

/// Gives an entry its path from the root, and a folder its slash.
fn place(entry: &mut FileObject, folder: &RemotePath) {
    if let Some(rest) = entry.path.strip_prefix('/') {
        entry.path = rest.to_owned();
    }
    if entry.path.is_empty() {
        entry.path = format!("{}{}", folder.as_str(), entry.name);
    }
    if is_folder(entry) && !entry.path.ends_with('/') {
        entry.path.push('/');
    }
}
