//! Lists and downloads as iterators.

use bytes::Bytes;

use crate::block_on::block_on;
use crate::files::DownloadStream;
use crate::{Error, Items};

/// The elements of a list, or the pieces of a download, each fetched by a blocking call.
///
/// Created by a `for` loop over [`Items`] or a [`DownloadStream`], by value or by `&mut`.
///
/// ```
/// # use singlestore_management_emulator::Emulator;
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let emulator = Emulator::start()?;
/// # emulator.insert_workspace_group(serde_json::json!({"name": "tenants"}))?;
/// # let client = singlestore_management::blocking::Client::builder()
/// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
/// let names: Result<Vec<_>, _> =
///     client.workspace_groups().list().items().into_iter().map(|group| Ok(group?.name)).collect();
/// # let names: Result<Vec<String>, singlestore_management::Error> = names;
/// assert_eq!(names?, ["tenants"]);
/// # Ok(()) }
/// ```
///
/// # Errors
/// Inside a task of a Tokio runtime the first and only element is [`ErrorKind::Config`](crate::ErrorKind::Config).
#[derive(Debug)]
#[must_use = "an iterator does nothing until it is read"]
pub struct Iter<S> {
    source: S,
    refused: bool,
}

impl<S> Iter<S> {
    fn new(source: S) -> Self {
        Self { source, refused: false }
    }

    /// What `call` returned; `None` after a refusal, which would otherwise repeat forever.
    fn next_of<T>(&mut self, call: impl AsyncFnOnce(&mut S) -> Option<Result<T, Error>>) -> Option<Result<T, Error>> {
        if self.refused {
            return None;
        }
        let source = &mut self.source;
        match block_on(async { Ok(call(source).await) }) {
            Ok(next) => next,
            Err(refusal) => {
                self.refused = true;
                Some(Err(refusal))
            }
        }
    }
}

impl<T> Iterator for Iter<Items<T>> {
    type Item = Result<T, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_of(async |items| items.next().await)
    }
}

impl<T> Iterator for Iter<&mut Items<T>> {
    type Item = Result<T, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_of(async |items| items.next().await)
    }
}

impl Iterator for Iter<DownloadStream> {
    type Item = Result<Bytes, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_of(async |pieces| pieces.next().await)
    }
}

impl Iterator for Iter<&mut DownloadStream> {
    type Item = Result<Bytes, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_of(async |pieces| pieces.next().await)
    }
}

/// Without async: each element is fetched by a blocking call; see [`blocking`](crate::blocking).
impl<T> IntoIterator for Items<T> {
    type Item = Result<T, Error>;
    type IntoIter = Iter<Self>;

    fn into_iter(self) -> Self::IntoIter {
        Iter::new(self)
    }
}

/// Without async; the list remains usable afterwards, for its [`resume_token`](Items::resume_token).
impl<'a, T> IntoIterator for &'a mut Items<T> {
    type Item = Result<T, Error>;
    type IntoIter = Iter<&'a mut Items<T>>;

    fn into_iter(self) -> Self::IntoIter {
        Iter::new(self)
    }
}

/// Without async: each piece is fetched by a blocking call; see [`blocking`](crate::blocking).
impl IntoIterator for DownloadStream {
    type Item = Result<Bytes, Error>;
    type IntoIter = Iter<Self>;

    fn into_iter(self) -> Self::IntoIter {
        Iter::new(self)
    }
}

/// Without async; the stream remains usable afterwards.
impl<'a> IntoIterator for &'a mut DownloadStream {
    type Item = Result<Bytes, Error>;
    type IntoIter = Iter<&'a mut DownloadStream>;

    fn into_iter(self) -> Self::IntoIter {
        Iter::new(self)
    }
}
