//! The elements of a paged list, and the pages themselves.

use std::collections::VecDeque;
use std::task::{Context, Poll};

use serde::de::DeserializeOwned;

use super::pager::{Entry, Loaded, Pager};
use super::source::{Settings, Source};
use crate::Error;
use crate::resume_token::{Cursor, ResumeToken};

/// The source of elements.
pub(super) struct PagedItems<T> {
    pager: Pager<T>,
    page: VecDeque<Entry<T>>,
    cursor: Cursor,
    position: u64,
    last_id: Option<String>,
    /// The page after this one, if this one's last element is needed to request it.
    ahead: Option<Loaded<T>>,
    failed: Option<Error>,
    ended: bool,
}

impl<T: DeserializeOwned> PagedItems<T> {
    pub(super) fn new(pager: Pager<T>) -> Self {
        Self {
            pager,
            page: VecDeque::new(),
            cursor: Cursor::Start,
            position: 0,
            last_id: None,
            ahead: None,
            failed: None,
            ended: false,
        }
    }

    fn turn(&mut self, page: Loaded<T>) {
        (self.page, self.cursor, self.position) = (page.entries, page.cursor, page.skipped);
    }

    /// Whether to request the next page before yielding the last element of this one.
    fn wants_ahead(&self) -> bool {
        self.pager.goes_by_last_element()
            && self.page.len() == 1
            && self.ahead.is_none()
            && self.failed.is_none()
            && !self.ended
    }
}

impl<T: DeserializeOwned + Send> Source<T> for PagedItems<T> {
    fn poll_next(&mut self, context: &mut Context<'_>, settings: &Settings) -> Poll<Option<Result<T, Error>>> {
        loop {
            let is_ahead = self.wants_ahead();
            if !is_ahead {
                if let Some(entry) = self.page.pop_front() {
                    self.position += 1;
                    self.last_id = entry.id;
                    return Poll::Ready(Some(entry.item));
                }
                if let Some(error) = self.failed.take() {
                    return Poll::Ready(Some(Err(error)));
                }
                if let Some(page) = self.ahead.take() {
                    self.turn(page);
                    continue;
                }
                if self.ended {
                    return Poll::Ready(None);
                }
            }
            match self.pager.poll_page(context, settings) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Some(Ok(page))) if is_ahead => self.ahead = Some(page),
                Poll::Ready(Some(Ok(page))) => self.turn(page),
                Poll::Ready(Some(Err(error))) => self.failed = Some(error),
                Poll::Ready(None) => self.ended = true,
            }
        }
    }

    fn pause(&mut self) {
        self.pager.pause();
    }

    fn resume_token(&self) -> ResumeToken {
        if self.page.is_empty() && !self.ended {
            let cursor = self.ahead.as_ref().map_or_else(|| self.pager.cursor(), |page| &page.cursor);
            // The next page may be this one again, if the list is followed.
            if *cursor != self.cursor {
                return self.pager.token(cursor.clone(), 0, None);
            }
        }
        self.pager.token(self.cursor.clone(), self.position, self.last_id.clone())
    }
}

/// One page of a list.
///
/// It behaves like a slice of its elements, and iterates over them.
///
/// ```
/// # use singlestore_management_emulator::Emulator;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let emulator = Emulator::builder().polls_until_ready(0).start()?;
/// # let client = singlestore_management::Client::builder()
/// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
/// let mut pages = client.cloud_functions().list().limit(50).pages();
/// while let Some(page) = pages.try_next().await? {
///     println!("{} functions", page.len());
///     for function in page {
///         println!("{}", function.name);
///     }
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page<T> {
    /// The elements, without those that could not be decoded: their errors are yielded before the page.
    pub items: Vec<T>,
}

impl<T> std::ops::Deref for Page<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.items
    }
}

impl<T> IntoIterator for Page<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a Page<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.iter()
    }
}

/// The source of pages.
pub(super) struct Pages<T> {
    pager: Pager<T>,
    cursor: Cursor,
    handed: u64,
    last_id: Option<String>,
    ready: VecDeque<Result<Page<T>, Error>>,
    ended: bool,
}

impl<T: DeserializeOwned> Pages<T> {
    pub(super) fn new(pager: Pager<T>) -> Self {
        Self { pager, cursor: Cursor::Start, handed: 0, last_id: None, ready: VecDeque::new(), ended: false }
    }
}

impl<T: DeserializeOwned + Send> Source<Page<T>> for Pages<T> {
    fn poll_next(&mut self, context: &mut Context<'_>, settings: &Settings) -> Poll<Option<Result<Page<T>, Error>>> {
        loop {
            if let Some(page) = self.ready.pop_front() {
                return Poll::Ready(Some(page));
            }
            let page = match self.pager.poll_page(context, settings) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(None) => {
                    self.ended = true;
                    return Poll::Ready(None);
                }
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(error))),
                Poll::Ready(Some(Ok(page))) => page,
            };
            self.cursor = page.cursor;
            self.handed = page.skipped + page.entries.len() as u64;
            self.last_id = page.entries.back().and_then(|entry| entry.id.clone());
            let mut items = Vec::with_capacity(page.entries.len());
            for entry in page.entries {
                match entry.item {
                    Ok(item) => items.push(item),
                    Err(error) => self.ready.push_back(Err(error)),
                }
            }
            self.ready.push_back(Ok(Page { items }));
        }
    }

    fn pause(&mut self) {
        self.pager.pause();
    }

    fn resume_token(&self) -> ResumeToken {
        if !self.ready.is_empty() {
            // The errors of the page were yielded, but the page was not.
            return self.pager.token(self.cursor.clone(), 0, None);
        }
        if !self.ended && *self.pager.cursor() != self.cursor {
            return self.pager.token(self.pager.cursor().clone(), 0, None);
        }
        self.pager.token(self.cursor.clone(), self.handed, self.last_id.clone())
    }
}
