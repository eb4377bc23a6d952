//! Everything below a folder, one listing at a time.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use super::calls::Caller;
use super::remote_path::RemotePath;
use super::space::{Space, Verb};
use crate::items::{Items, ResumeToken, Settings, Source};
use crate::operation::CallOptions;
use crate::resume_token::Place;
use crate::types::{FileObject, FileObjectContent, FileType};
use crate::{BoxFuture, Client, Error, ErrorKind};

/// The longest path that is followed: a listing that contains itself must not be walked forever.
const MAX_PATH: usize = 4096;

/// Walks a folder and everything below it.
pub(crate) struct Walker {
    caller: Caller,
    trail: Trail,
    /// The listing that is being read.
    listing: Option<Mutex<BoxFuture<Result<FileObject, Error>>>>,
    /// Why there is nothing to walk.
    refusal: Option<Error>,
}

/// The state of a walk, without I/O.
#[derive(Debug, Default)]
struct Trail {
    /// The folders to list, the next one last.
    folders: Vec<RemotePath>,
    entries: VecDeque<FileObject>,
}

impl Walker {
    pub(crate) fn new(caller: Caller, folder: RemotePath) -> Self {
        let trail = Trail { folders: vec![folder], entries: VecDeque::new() };
        Self { caller, trail, listing: None, refusal: None }
    }

    /// Everything below a folder as a stream.
    #[inline]
    pub(crate) fn items(client: &Client, space: &Space, path: &str) -> Items<FileObject> {
        let caller = Caller::new(client, space, CallOptions::default());
        let folder = RemotePath::folder(path).and_then(|folder| match folder.is_root() {
            true => Ok(folder),
            false => space.need_folders().map(|()| folder),
        });
        Items::new(match folder {
            Ok(folder) => Self::new(caller, folder),
            Err(error) => Self { caller, trail: Trail::default(), listing: None, refusal: Some(error) },
        })
    }

    /// The next entry: a file, or a folder before its content. A folder that cannot be listed is an error, and the
    /// others follow.
    pub(crate) async fn next(&mut self) -> Option<Result<FileObject, Error>> {
        std::future::poll_fn(|context| self.poll(context)).await
    }

    #[inline]
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<FileObject, Error>>> {
        if let Some(error) = self.refusal.take() {
            return Poll::Ready(Some(Err(error)));
        }
        loop {
            if let Some(entry) = self.trail.entries.pop_front() {
                return Poll::Ready(Some(Ok(entry)));
            }
            let Some(folder) = self.trail.folders.last().cloned() else { return Poll::Ready(None) };
            let listing = self.listing.get_or_insert_with(|| {
                let (caller, folder) = (self.caller.clone(), folder.clone());
                Mutex::new(Box::pin(async move { caller.get(&folder).await }))
            });
            let work = listing.get_mut().unwrap_or_else(PoisonError::into_inner);
            let outcome = ready!(work.as_mut().poll(context));
            self.listing = None;
            self.trail.folders.pop();
            if let Err(error) = outcome.and_then(|listed| self.trail.add(&folder, listed)) {
                return Poll::Ready(Some(Err(error)));
            }
        }
    }
}

impl Source<FileObject> for Walker {
    #[inline]
    fn poll_next(
        &mut self,
        context: &mut Context<'_>,
        _settings: &Settings,
    ) -> Poll<Option<Result<FileObject, Error>>> {
        self.poll(context)
    }

    /// The next poll lists the folder again.
    fn pause(&mut self) {
        self.listing = None;
    }

    fn resume_token(&self) -> ResumeToken {
        let root = self.caller.space.operation(Verb::Get, &RemotePath::root());
        ResumeToken::of(&Place::of(root.id, 0))
    }
}

impl Trail {
    /// Takes the listing of a folder.
    fn add(&mut self, folder: &RemotePath, listed: FileObject) -> Result<(), Error> {
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
            // An entry outside this folder is returned, but not followed.
            if let Ok(path) = RemotePath::parse(&entry.path)
                && path.as_str().len() > folder.as_str().len()
                && path.as_str().starts_with(folder.as_str())
            {
                below.push(path);
            }
        }
        self.folders.extend(below.into_iter().rev());
        self.entries = entries;
        Ok(())
    }
}

impl std::fmt::Debug for Walker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Walker").field("trail", &self.trail).finish_non_exhaustive()
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

impl FileObject {
    /// The content of a folder, as just listed by the service; `None` for a file.
    ///
    /// ```
    /// # use singlestore_management_emulator::Emulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::start()?;
    /// # let client = singlestore_management::Client::builder()
    /// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
    /// use singlestore_management::types::FileLocation;
    ///
    /// client.files().upload(FileLocation::Shared, "hello.ipynb", "{}").await?;
    /// let folder = client.files().list(FileLocation::Shared).await?;
    /// let names: Vec<_> = folder.entries().iter().map(|entry| entry.name.as_str()).collect();
    /// assert_eq!(names, ["hello.ipynb"]);
    /// # Ok(()) }
    /// ```
    pub fn entries(&self) -> &[FileObject] {
        match &self.content {
            Some(FileObjectContent::Array(entries)) => entries,
            _ => &[],
        }
    }
}
