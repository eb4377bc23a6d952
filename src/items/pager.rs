//! A paged list: an ordinary call for each page, repeated after a temporary failure.

use std::collections::{HashSet, VecDeque};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use reqwest::Request;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use tokio::time::{Sleep, sleep};

use super::allowance::Allowance;
use super::array::{ArrayDecoder, Step, Stop};
use super::asking::Asking;
use super::source::{Settings, member_of, raw_id};
use super::walk::{Bounds, Next, PageFacts, Walk};
use crate::operation::Pagination;
use crate::order::sorted;
use crate::request::BoxFuture;
use crate::request::list::{Key, Listing, hash_of};
use crate::resume_token::{Cursor, Place, ResumeToken};
use crate::transport::call::CallState;
use crate::transport::core::{Core, Reply};
use crate::transport::outcome::AttemptOutcome;
use crate::transport::send;
use crate::{Error, ErrorKind};

/// The shortest time between two requests of a followed list; without it they would flood the service.
const LEAST_INTERVAL: Duration = Duration::from_millis(100);

/// How many times in a row a page may fail, with all attempts of its call, before the list ends.
const FAILURES: u32 = 10;

/// An element of a page, with its id even if it cannot be decoded.
pub(super) struct Entry<T> {
    pub item: Result<T, Error>,
    pub id: Option<String>,
    number: Option<i64>,
}

/// A page.
pub(super) struct Loaded<T> {
    pub entries: VecDeque<Entry<T>>,
    /// Where the page begins.
    pub cursor: Cursor,
    /// How many of its elements were already yielded.
    pub skipped: u64,
}

/// Fetches the pages of one list.
pub(super) struct Pager<T> {
    listing: Listing<T>,
    walk: Walk,
    asking: Asking<Reply>,
    allowance: Option<Allowance>,
    failures: u32,
    /// The final error; nothing follows it.
    last_words: Option<Error>,
    done: bool,
    begun: bool,
    backwards: bool,
    /// Where an earlier reader of the list stopped within the first page.
    resumed: Option<Place>,
    /// How long to wait for new elements, if the list is followed beyond its end.
    follow: Option<Duration>,
    wait: Option<Pin<Box<Sleep>>>,
    /// What has been seen of the page that a followed list requests again.
    shown: HashSet<Key>,
}

#[inline]
pub(super) fn send_page(core: Arc<Core>, state: Arc<CallState>, request: Request) -> BoxFuture<Result<Reply, Error>> {
    Box::pin(async move { send::send(&core, &state, Box::new(request)).await })
}

impl<T: DeserializeOwned> Pager<T> {
    pub(super) fn new(listing: Listing<T>, backwards: bool) -> Self {
        Self {
            walk: Walk::new(listing.list.pagination, None),
            listing,
            asking: Asking::new(send_page),
            allowance: None,
            failures: 0,
            last_words: None,
            done: false,
            begun: false,
            backwards,
            resumed: None,
            follow: None,
            wait: None,
            shown: HashSet::new(),
        }
    }

    pub(super) fn follow(mut self, interval: Duration) -> Self {
        self.follow = Some(interval.max(LEAST_INTERVAL));
        self
    }

    /// Whether requesting the next page may need the last element of this one, so that the next is requested first.
    pub(super) fn goes_by_last_element(&self) -> bool {
        matches!(self.listing.list.pagination, Pagination::Keyset { .. })
    }

    pub(super) fn cursor(&self) -> &Cursor {
        self.walk.at()
    }

    pub(super) fn token(&self, cursor: Cursor, position: u64, last_id: Option<String>) -> ResumeToken {
        if !self.begun
            && let Some(token) = &self.listing.resume
        {
            return token.clone();
        }
        ResumeToken::of(&Place { cursor, position, last_id, ..Place::of(self.listing.info.id, self.filters()) })
    }

    pub(super) fn pause(&mut self) {
        self.asking.pause();
    }

    /// The names of the parameters that select the page.
    fn page_parameters(&self) -> Vec<&'static str> {
        match self.listing.list.pagination {
            Pagination::None => Vec::new(),
            Pagination::Token { send, .. } | Pagination::Keyset { send, .. } => vec![send],
            Pagination::Range { first, last, .. } => vec![first, last],
        }
    }

    /// A hash of everything that determines which elements the list has.
    fn filters(&self) -> u64 {
        let Ok(request) = &self.listing.request else { return 0 };
        let pages = self.page_parameters();
        let mut pairs: Vec<(String, String)> =
            (request.url().query_pairs().into_owned()).filter(|(name, _)| !pages.contains(&name.as_str())).collect();
        pairs.extend(self.listing.core.organization.map(|id| ("organizationID".to_owned(), id.to_string())));
        pairs.sort();
        let path = request.url().path().strip_prefix(self.listing.core.base.path().trim_end_matches('/'));
        let text = format!("{path:?}{pairs:?}");
        // The lower half of the hash distinguishes filters well enough.
        hash_of(text.as_bytes()) as u64
    }

    /// Validates the request before anything is sent.
    fn begin(&mut self) -> Result<(), Error> {
        let request = match &mut self.listing.request {
            Ok(request) => request,
            Err(error) => return Err(error.take().unwrap_or_else(|| Error::invalid_request("there is no request"))),
        };
        let value = |name: &str| {
            let mut pairs = request.url().query_pairs();
            pairs.find(|(have, _)| have == name).map(|(_, value)| value.into_owned())
        };
        if let (Some(_), Pagination::Token { follow_refuses, .. }) = (self.follow, self.listing.list.pagination) {
            for name in follow_refuses {
                if value(name).is_some_and(|value| value != "false") {
                    return Err(Error::invalid_request(format!("a list with `{name}` cannot be followed")));
                }
            }
        }
        if let Pagination::Range { first, last, .. } = self.listing.list.pagination {
            let number = |name| value(name).and_then(|text| text.parse::<i64>().ok());
            let (Some(first), Some(last)) = (number(first), number(last)) else {
                return Err(Error::invalid_request("the range of the list has no ends"));
            };
            let bounds = Bounds { first, last, backwards: self.backwards };
            self.walk = Walk::new(self.listing.list.pagination, Some(bounds));
        }
        // The caller may choose the first page.
        match self.listing.list.pagination {
            Pagination::Token { send, .. } => value(send).map(Cursor::Token),
            Pagination::Keyset { send, .. } => value(send).map(Cursor::After),
            _ => None,
        }
        .into_iter()
        .for_each(|cursor| self.walk.go_to(cursor));
        if let Some(token) = &self.listing.resume {
            let place = token.place(self.listing.info.id, self.filters())?;
            self.walk.go_to(place.cursor.clone());
            self.resumed = Some(place);
        }
        Ok(())
    }

    /// The request for the current page.
    fn request(&self) -> Option<Request> {
        let mut request = self.listing.request.as_ref().ok()?.try_clone()?;
        let names = self.page_parameters();
        let values = match self.walk.at() {
            Cursor::Start => Vec::new(),
            Cursor::Token(text) | Cursor::After(text) => vec![text.clone()],
            Cursor::Range(first, last) => vec![first.to_string(), last.to_string()],
        };
        let pairs: Vec<(String, String)> = (request.url().query_pairs().into_owned())
            .filter(|(name, _)| values.is_empty() || !names.contains(&name.as_str()))
            .chain(names.iter().map(|name| (*name).to_owned()).zip(values.iter().cloned()))
            .collect();
        match pairs.is_empty() {
            true => request.url_mut().set_query(None),
            false => drop(request.url_mut().query_pairs_mut().clear().extend_pairs(pairs)),
        }
        Some(request)
    }

    fn end(&mut self, error: Error) -> Poll<Option<Result<Loaded<T>, Error>>> {
        self.done = true;
        Poll::Ready(Some(Err(error.with_operation(self.listing.info))))
    }

    /// The next page.
    pub(super) fn poll_page(
        &mut self,
        context: &mut Context<'_>,
        settings: &Settings,
    ) -> Poll<Option<Result<Loaded<T>, Error>>> {
        if !self.begun && !self.done {
            let outcome = self.begin();
            self.begun = true;
            if let Err(error) = outcome {
                return self.end(error);
            }
            self.done = self.walk.is_empty();
        }
        if let Some(error) = self.last_words.take() {
            return self.end(error);
        }
        loop {
            if self.done {
                return Poll::Ready(None);
            }
            if let Some(wait) = &mut self.wait {
                if wait.as_mut().poll(context).is_pending() {
                    return Poll::Pending;
                }
                self.wait = None;
            }
            let Some(request) = self.request() else {
                return self.end(Error::invalid_request("the request of a list cannot be sent twice"));
            };
            let Listing { core, info, options, .. } = &self.listing;
            let allowance = self.allowance.get_or_insert_with(|| Allowance::new(core, info, options));
            let Poll::Ready(outcome) = self.asking.poll(context, core, info, options, &request, allowance) else {
                return Poll::Pending;
            };
            match outcome.and_then(|reply| self.read(reply, settings)) {
                Ok(Some((entries, facts))) => {
                    if let Some(mut allowance) = self.allowance.take() {
                        allowance.succeeded(&self.listing.core);
                    }
                    self.failures = 0;
                    if let Some(loaded) = self.advance(entries, &facts) {
                        return Poll::Ready(Some(loaded));
                    }
                }
                // The response was not a page, and another request is made.
                Ok(None) => {}
                Err(error) => return self.failed(error),
            }
        }
    }

    /// Handles a page that could not be fetched.
    fn failed(&mut self, error: Error) -> Poll<Option<Result<Loaded<T>, Error>>> {
        self.allowance = None;
        let status = error.status().map_or(0, |status| status.as_u16());
        let by_cursor = matches!(self.walk.at(), Cursor::Token(_) | Cursor::After(_));
        if by_cursor && error.kind() == ErrorKind::Api && matches!(status, 400 | 404 | 410 | 422) {
            let text = format!("the service no longer accepts the cursor of the list ({status})");
            let mut error = error;
            let inner = error.inner_mut();
            inner.kind = ErrorKind::CursorExpired;
            inner.message = text;
            return self.end(error.with_advice("read the list from its beginning"));
        }
        self.failures += 1;
        if (error.is_retryable() || error.kind() == ErrorKind::Decode) && self.failures < FAILURES {
            return Poll::Ready(Some(Err(error)));
        }
        self.end(error)
    }

    /// Reads the body of a page; none if the call is to be repeated.
    #[expect(clippy::type_complexity, reason = "the two halves of a page, or no page, or an error")]
    fn read(&mut self, reply: Reply, settings: &Settings) -> Result<Option<(VecDeque<Entry<T>>, PageFacts)>, Error> {
        let list = self.listing.list;
        let (keep, number) = match list.pagination {
            Pagination::Token { receive, .. } => (vec![receive], None),
            Pagination::Keyset { more, .. } => (vec![more.split('.').next().unwrap_or(more)], None),
            Pagination::Range { number, .. } => (Vec::new(), Some(number)),
            Pagination::None => (Vec::new(), None),
        };
        let mut decoder = ArrayDecoder::new(list.items, keep, settings.max_item_bytes);
        decoder.feed(reply.body.clone());
        let mut entries = VecDeque::new();
        let stop = loop {
            match decoder.next::<Box<RawValue>>() {
                Ok(Step::Item(Ok(raw))) => {
                    let index = decoder.index().saturating_sub(1);
                    let item = decoder.decode::<T>(index, raw.get());
                    let id = list.item_id.and_then(|name| raw_id(raw.get().as_bytes(), name));
                    let number = number.and_then(|name| member_of(raw.get().as_bytes(), name)?.as_i64());
                    entries.push_back(Entry { item, id, number });
                }
                // Every element is valid JSON.
                Ok(Step::Item(Err(bad))) => {
                    entries.push_back(Entry { item: Err(bad.error), id: None, number: None });
                }
                Ok(Step::NeedMore) => decoder.finish(),
                Ok(Step::End) => break None,
                Err(stop) => break Some(stop),
            }
        };
        let allowance = self.allowance.as_mut();
        if let Some(stop) = stop {
            let (ending, mut error) = match stop {
                Stop::Syntax(error) | Stop::Cut(error) => (AttemptOutcome::Broken, error),
                Stop::TooLarge(error) => (AttemptOutcome::Final, error),
            };
            let inner = error.inner_mut();
            (inner.status, inner.headers) = (Some(reply.status), reply.headers);
            let Some(allowance) = allowance else { return Err(error) };
            let elapsed = allowance.last_attempt();
            return match allowance.broke(&self.listing.core, &ending, &error, elapsed) {
                Some(delay) => {
                    self.asking = Asking::new(send_page).after(delay);
                    Ok(None)
                }
                None => Err(allowance.complete(error)),
            };
        }
        if let Some(allowance) = allowance {
            for entry in &mut entries {
                if let Err(error) = &mut entry.item {
                    let plain = std::mem::replace(error, Error::new(ErrorKind::Decode, String::new()));
                    *error = allowance.complete(plain);
                }
            }
        }
        let facts = facts(&decoder, list.pagination, &entries);
        Ok(Some((entries, facts)))
    }

    /// Moves on after a page; none if the page is not to be yielded.
    fn advance(&mut self, entries: VecDeque<Entry<T>>, facts: &PageFacts) -> Option<Result<Loaded<T>, Error>> {
        let cursor = self.walk.at().clone();
        let mut loaded = Loaded { entries, cursor: cursor.clone(), skipped: 0 };
        if self.backwards {
            let entries = sorted(loaded.entries.into(), |entry| std::cmp::Reverse(entry.number));
            loaded.entries = entries.into();
        }
        if let Some(place) = self.resumed.take()
            && let Err(error) = skip(&mut loaded, &place)
        {
            self.done = true;
            return Some(Err(error.with_operation(self.listing.info)));
        }
        if self.follow.is_some() {
            let shown = &mut self.shown;
            let key = |entry: &Entry<T>| entry.id.as_ref().map(|id| hash_of(id.as_bytes()));
            loaded.entries.retain(|entry| key(entry).is_none_or(|key| shown.insert(key)));
        }
        match self.walk.next(facts) {
            Next::Ask(_) => {
                if let (Some(interval), true) = (self.follow, loaded.entries.is_empty()) {
                    self.wait = Some(Box::pin(sleep(interval)));
                }
                self.shown.clear();
            }
            Next::End | Next::Repeated if self.follow.is_some() => {
                // New elements appear after the same token, next to those that were already seen.
                self.wait = self.follow.map(|interval| Box::pin(sleep(interval)));
            }
            Next::End => self.done = true,
            Next::Repeated => {
                self.done = true;
                return None;
            }
            Next::Stuck { why, repeated } => {
                let error = Error::new(ErrorKind::Pagination, why).with_operation(self.listing.info);
                if repeated {
                    self.done = true;
                    return Some(Err(error));
                }
                self.last_words = Some(error);
            }
        }
        let is_idle = loaded.entries.is_empty() && self.follow.is_some();
        (!is_idle).then_some(Ok(loaded))
    }
}

/// What a page says about those that follow.
fn facts<T>(decoder: &ArrayDecoder, pagination: Pagination, entries: &VecDeque<Entry<T>>) -> PageFacts {
    let value = |name: &str| decoder.member(name).and_then(|raw| serde_json::from_slice(raw).ok());
    let value = |name: &str| value(name).unwrap_or(serde_json::Value::Null);
    let mut facts = PageFacts {
        count: entries.len(),
        last_id: entries.back().and_then(|entry| entry.id.clone()),
        ..PageFacts::default()
    };
    match pagination {
        Pagination::Token { receive, .. } => {
            facts.token = match value(receive) {
                serde_json::Value::String(token) => Some(token),
                serde_json::Value::Null => None,
                other => Some(other.to_string()),
            };
        }
        Pagination::Keyset { more, .. } => {
            let mut steps = more.split('.');
            let first = value(steps.next().unwrap_or_default());
            facts.more = steps.try_fold(&first, |value, step| value.get(step)).and_then(serde_json::Value::as_bool);
        }
        Pagination::Range { .. } => {
            let numbers = || entries.iter().filter_map(|entry| entry.number);
            facts.numbers = numbers().min().zip(numbers().max());
        }
        Pagination::None => {}
    }
    facts
}

/// Skips what an earlier reader was given of the page.
fn skip<T>(loaded: &mut Loaded<T>, place: &Place) -> Result<(), Error> {
    let position = usize::try_from(place.position).unwrap_or(usize::MAX);
    if position == 0 {
        return Ok(());
    }
    let count = match &place.last_id {
        None => position.min(loaded.entries.len()),
        Some(id) => {
            let is_it = |entry: &Entry<T>| entry.id.as_ref() == Some(id);
            let there = loaded.entries.get(position - 1).is_some_and(is_it).then_some(position);
            let found = there.or_else(|| loaded.entries.iter().position(is_it).map(|at| at + 1));
            found.ok_or_else(|| {
                let text = "the page that the resume token names no longer holds the element that was yielded last";
                Error::new(ErrorKind::CursorExpired, text).with_advice("read the list from its beginning")
            })?
        }
    };
    loaded.entries.drain(..count);
    loaded.skipped = count as u64;
    Ok(())
}
