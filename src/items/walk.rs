//! From page to page: a pure decision from what a page contains to what to request next.

use std::collections::HashSet;

use crate::operation::Pagination;
use crate::request::list::{Key, hash_of};
use crate::resume_token::Cursor;

/// How many consecutive empty pages are skipped.
const EMPTY_PAGES: u32 = 10;
/// How many numbers are requested at once.
const WINDOW: i64 = 100;

/// What is known about a page.
#[derive(Clone, Debug, Default)]
pub(super) struct PageFacts {
    pub count: usize,
    pub token: Option<String>,
    pub more: Option<bool>,
    pub last_id: Option<String>,
    /// The smallest and the largest number of the page.
    pub numbers: Option<(i64, i64)>,
}

/// What to do after a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Ask for the next page.
    Ask(Cursor),
    /// That was the last one.
    End,
    /// The page repeated an earlier one, and there is no other: its elements are dropped.
    Repeated,
    /// The pages would never end.
    Stuck { why: &'static str, repeated: bool },
}

/// The range of numbers to walk, and in which direction.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub first: i64,
    pub last: i64,
    pub backwards: bool,
}

/// The path through the pages.
#[derive(Debug)]
pub(super) struct Walk {
    pagination: Pagination,
    bounds: Option<Bounds>,
    at: Cursor,
    seen: HashSet<Key>,
    empty: u32,
}

impl Walk {
    pub(super) fn new(pagination: Pagination, bounds: Option<Bounds>) -> Self {
        let at = match bounds {
            Some(Bounds { last, backwards: true, .. }) => Cursor::Range(last.saturating_sub(WINDOW - 1), last),
            Some(Bounds { first, .. }) => Cursor::Range(first, first.saturating_add(WINDOW - 1)),
            None => Cursor::Start,
        };
        let mut walk = Self { pagination, bounds, at: Cursor::Start, seen: HashSet::new(), empty: 0 };
        walk.go_to(at);
        walk
    }

    /// The page to request.
    pub(super) fn at(&self) -> &Cursor {
        &self.at
    }

    /// Continues somewhere else.
    pub(super) fn go_to(&mut self, cursor: Cursor) {
        if let Cursor::Token(text) | Cursor::After(text) = &cursor {
            self.seen.insert(hash_of(text.as_bytes()));
        }
        self.at = match (cursor, self.bounds) {
            (Cursor::Range(first, last), Some(bounds)) => Cursor::Range(first.max(bounds.first), last.min(bounds.last)),
            (cursor, _) => cursor,
        };
    }

    /// Whether the range to walk contains no number.
    pub(super) fn is_empty(&self) -> bool {
        matches!(self.at, Cursor::Range(first, last) if first > last)
    }

    /// What follows the requested page.
    pub(super) fn next(&mut self, page: &PageFacts) -> Next {
        let next = match self.pagination {
            Pagination::Token { .. } => self.by_token(page),
            Pagination::Keyset { .. } => self.by_id(page),
            Pagination::Range { .. } => self.by_numbers(page),
            Pagination::None => Next::End,
        };
        if let Next::Ask(cursor) = &next {
            self.go_to(cursor.clone());
        }
        next
    }

    fn by_token(&mut self, page: &PageFacts) -> Next {
        let token = page.token.as_deref().filter(|token| !token.is_empty());
        let Some(token) = token else { return Next::End };
        if matches!(&self.at, Cursor::Token(sent) if sent == token) {
            return Next::End;
        }
        if self.seen.contains(&hash_of(token.as_bytes())) {
            return Next::Stuck { why: "the service returned a token that it had returned before", repeated: false };
        }
        self.empty = if page.count == 0 { self.empty + 1 } else { 0 };
        if self.empty > EMPTY_PAGES {
            return Next::Stuck {
                why: "the service returned a new token with ten empty pages in a row",
                repeated: false,
            };
        }
        Next::Ask(Cursor::Token(token.to_owned()))
    }

    fn by_id(&mut self, page: &PageFacts) -> Next {
        let goes_on = page.more == Some(true);
        if page.count == 0 {
            let why = "the service says that another page follows an empty one";
            return if goes_on { Next::Stuck { why, repeated: false } } else { Next::End };
        }
        let Some(id) = page.last_id.as_deref() else {
            let why = "the last element of the page has no id to continue from";
            return if page.more == Some(false) { Next::End } else { Next::Stuck { why, repeated: false } };
        };
        if self.seen.contains(&hash_of(id.as_bytes())) {
            let why = "the service says that another page follows, but returns the same one again";
            return if goes_on { Next::Stuck { why, repeated: true } } else { Next::Repeated };
        }
        if page.more == Some(false) { Next::End } else { Next::Ask(Cursor::After(id.to_owned())) }
    }

    fn by_numbers(&mut self, page: &PageFacts) -> Next {
        let (Cursor::Range(from, to), Some(bounds)) = (&self.at, self.bounds) else { return Next::End };
        let (from, to) = (*from, *to);
        self.empty = if page.count == 0 { self.empty + 1 } else { 0 };
        if self.empty > EMPTY_PAGES {
            return Next::End;
        }
        // Numbers may be missing, so an empty range is not the end; the longer it lasts, the larger the steps.
        let width = WINDOW.saturating_mul(1 << self.empty);
        let (least, greatest) = page.numbers.unwrap_or((from, to));
        if greatest < from || least > to {
            return Next::Stuck { why: "the service returned numbers other than those requested", repeated: true };
        }
        if if bounds.backwards { least <= bounds.first } else { greatest >= bounds.last } {
            return Next::End;
        }
        let (first, last) = if bounds.backwards {
            (least.saturating_sub(width), least - 1)
        } else {
            (greatest + 1, greatest.saturating_add(width))
        };
        Next::Ask(Cursor::Range(first.max(bounds.first), last.min(bounds.last)))
    }
}

#[cfg(test)]
#[path = "walk_tests.rs"]
mod tests;
