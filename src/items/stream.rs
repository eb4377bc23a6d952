//! One type for every list.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_core::{FusedStream, Stream};
use serde::de::DeserializeOwned;

use super::paged::{Page, PagedItems, Pages};
use super::pager::Pager;
use super::source::{Settings, Source};
use super::whole::Whole;
use crate::Error;
use crate::operation::Pagination;
use crate::request::list::Listing;
use crate::resume_token::ResumeToken;

/// The elements of a list, one by one, however long the list is.
///
/// See the [module](crate::items) for how it handles pages, errors and broken connections. It is a [`Stream`]; its own
/// methods do not need a stream crate.
///
/// ```
/// # use singlestore_management_emulator::Emulator;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let emulator = Emulator::start()?;
/// # let client = singlestore_management::Client::builder()
/// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
/// let mut clusters = client.clusters().list().items();
/// while let Some(cluster) = clusters.try_next().await? {
///     println!("{}", cluster.name);
/// }
/// println!("{} clusters", clusters.yielded());
/// # Ok(()) }
/// ```
#[must_use = "a stream does nothing until it is polled"]
#[doc(alias = "pagination")]
#[doc(alias = "pager")]
#[doc(alias = "stream")]
pub struct Items<T> {
    source: Box<dyn Source<T>>,
    settings: Settings,
    yielded: u64,
    max_items: u64,
    ended: bool,
}

impl<T> std::fmt::Debug for Items<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Items").field("yielded", &self.yielded).field("ended", &self.ended).finish_non_exhaustive()
    }
}

impl<T> Items<T> {
    pub(crate) fn new(source: impl Source<T> + 'static) -> Self {
        let settings = Settings::default();
        Self { source: Box::new(source), settings, yielded: 0, max_items: u64::MAX, ended: false }
    }

    pub(super) fn source(&mut self) -> &mut dyn Source<T> {
        &mut *self.source
    }

    pub(super) fn settings(&self) -> Settings {
        self.settings
    }

    pub(super) fn count(&mut self) {
        self.yielded += 1;
    }

    pub(super) fn is_full(&self) -> bool {
        self.yielded >= self.max_items
    }

    /// Ends the list after this many elements; errors do not count.
    pub fn with_max_items(mut self, n: u64) -> Self {
        self.max_items = n;
        self
    }

    /// Sets the maximum size of an element. Default 4 MiB. A larger one ends the list with
    /// [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge).
    pub fn with_max_item_bytes(mut self, bytes: usize) -> Self {
        self.settings.max_item_bytes = bytes;
        self
    }

    /// Reads each response to its end before yielding its first element, for a server or proxy that drops idle
    /// connections. It takes the memory of the whole response, at most `max_response_bytes`.
    pub fn with_buffered_body(mut self) -> Self {
        self.settings.buffered = true;
        self
    }

    /// How many elements have been yielded.
    pub fn yielded(&self) -> u64 {
        self.yielded
    }

    /// The current position in the list, for another process to continue from: see [`ResumeToken`].
    ///
    /// For a list without pages, which can only be read from its beginning, the token only says which list it is.
    pub fn resume_token(&self) -> ResumeToken {
        self.source.resume_token()
    }

    /// The next element; none at the end.
    ///
    /// Dropping the future loses nothing.
    // Named like the method of `StreamExt`, which does the same.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Next<'_, T> {
        Next { items: self }
    }

    /// The next element; none at the end.
    ///
    /// Dropping the future loses nothing. After an error about one element, or a temporary one, the next call
    /// continues.
    ///
    /// # Errors
    /// Same as for any call; [`Error::item_index`] says which element could not be read.
    pub fn try_next(&mut self) -> TryNext<'_, T> {
        TryNext { next: self.next() }
    }

    /// Collects the elements. It stops at the first error, and what was read until then is lost;
    /// [`collect_with_errors`](Self::collect_with_errors) keeps it.
    ///
    /// # Errors
    /// The first error of the list.
    pub async fn try_collect<C: Default + Extend<T>>(mut self) -> Result<C, Error> {
        let mut collection = C::default();
        while let Some(item) = self.try_next().await? {
            collection.extend(std::iter::once(item));
        }
        Ok(collection)
    }

    /// Reads the list to its end and returns all elements that could be read, and all errors on the way.
    pub async fn collect_with_errors(mut self) -> (Vec<T>, Vec<Error>) {
        let (mut items, mut errors) = (Vec::new(), Vec::new());
        while let Some(item) = self.next().await {
            match item {
                Ok(item) => items.push(item),
                Err(error) => errors.push(error),
            }
        }
        (items, errors)
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<T, Error>>> {
        if self.ended || self.yielded >= self.max_items {
            self.ended = true;
            return Poll::Ready(None);
        }
        let item = ready!(self.source.poll_next(context, &self.settings));
        self.source.pause();
        match &item {
            Some(Ok(_)) => self.yielded += 1,
            Some(Err(_)) => {}
            None => self.ended = true,
        }
        Poll::Ready(item)
    }
}

impl<T> Stream for Items<T> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll(context)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, self.ended.then_some(0))
    }
}

impl<T> FusedStream for Items<T> {
    fn is_terminated(&self) -> bool {
        self.ended
    }
}

/// The next element of a list; see [`Items::next`].
#[derive(Debug)]
#[must_use = "a future does nothing until it is awaited"]
pub struct Next<'a, T> {
    items: &'a mut Items<T>,
}

impl<T> Future for Next<'_, T> {
    type Output = Option<Result<T, Error>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.items.poll(context)
    }
}

impl<T> Drop for Next<'_, T> {
    /// Nobody waits any longer, so nothing may be kept from others.
    fn drop(&mut self) {
        self.items.source.pause();
    }
}

/// The next element of a list; see [`Items::try_next`].
#[derive(Debug)]
#[must_use = "a future does nothing until it is awaited"]
pub struct TryNext<'a, T> {
    next: Next<'a, T>,
}

impl<T> Future for TryNext<'_, T> {
    type Output = Result<Option<T>, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.next).poll(context).map(Option::transpose)
    }
}

/// The elements of a list.
pub(crate) fn items<T: DeserializeOwned + Send + 'static>(listing: Listing<T>) -> Items<T> {
    match listing.list.pagination {
        Pagination::None => Items::new(Whole::new(listing)),
        _ => Items::new(PagedItems::new(Pager::new(listing, false))),
    }
}

/// The elements of a range of numbers, in descending order.
pub(crate) fn backwards<T: DeserializeOwned + Send + 'static>(listing: Listing<T>) -> Items<T> {
    Items::new(PagedItems::new(Pager::new(listing, true)))
}

/// The pages of a list.
pub(crate) fn pages<T: DeserializeOwned + Send + 'static>(listing: Listing<T>) -> Items<Page<T>> {
    Items::new(Pages::new(Pager::new(listing, false)))
}

/// The elements of a list, continuing beyond its end.
pub(crate) fn follow<T: DeserializeOwned + Send + 'static>(listing: Listing<T>, interval: Duration) -> Items<T> {
    Items::new(PagedItems::new(Pager::new(listing, false).follow(interval)))
}

/// Methods of every list request.
macro_rules! list_methods {
    ($name:ident, $item:ty) => {
        impl $name<crate::Client> {
            /// Reads the list element by element: see [`Items`](crate::Items). Nothing is sent before the first poll.
            #[inline]
            pub fn items(&self) -> crate::Items<$item> {
                crate::items::stream::items(self.client.listing(self))
            }
        }
    };
}

/// Additional methods of the requests of paged lists.
macro_rules! page_methods {
    ($name:ident, $item:ty) => {
        impl<C> $name<C> {
            /// Makes [`items`](Self::items) and [`pages`](Self::pages) continue where an earlier reader stopped: see
            /// [`ResumeToken`](crate::ResumeToken). A token of another list or of other filters is rejected before
            /// anything is sent.
            #[inline]
            pub fn resume(mut self, token: impl ::std::convert::Into<crate::ResumeToken>) -> Self {
                self.resume = ::std::option::Option::Some(token.into());
                self
            }
        }

        impl $name<crate::Client> {
            /// Reads the list page by page. Elements that cannot be read are errors before their page.
            #[inline]
            #[doc(alias = "pagination")]
            pub fn pages(&self) -> crate::Items<crate::items::Page<$item>> {
                crate::items::stream::pages(self.client.listing(self))
            }
        }
    };
}

/// Additional methods of the requests of lists that can be followed.
macro_rules! follow_methods {
    ($name:ident, $item:ty) => {
        impl $name<crate::Client> {
            /// Reads the list to its end and beyond: at each interval it requests what is new, at most ten times a
            /// second. Only a permanent error ends it.
            ///
            /// A descending order and an end of the time range are rejected: there would be nothing new.
            #[inline]
            pub fn follow(&self, interval: ::std::time::Duration) -> crate::Items<$item> {
                crate::items::stream::follow(self.client.listing(self), interval)
            }
        }
    };
}

pub(crate) use {follow_methods, list_methods, page_methods};
