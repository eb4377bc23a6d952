//! What firewall readings mean: before a change, whether they can be believed; after it, whether it has landed.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::time::Instant;

use super::networks;
use crate::{Error, Verdict, WaitState};

/// How long, and for how many polls at least, a firewall that this change did not ask for must be seen before it is attributed
/// to another caller: until then it may be a stale reading, and this change may still appear.
const FOREIGN_FOR: Duration = Duration::from_secs(60);
const FOREIGN_POLLS: u32 = 3;

/// Everything, as a range.
const EVERYTHING: &str = "0.0.0.0/0";

pub(super) type Ranges = BTreeSet<String>;

/// A firewall as a set; one that admits everything becomes that single range, as on the service.
pub(super) fn reported(ranges: Option<&[String]>, allow_all: Option<bool>) -> Ranges {
    collapsed(ranges.unwrap_or_default().iter().map(|range| range.trim().to_owned()).collect(), allow_all == Some(true))
}

fn collapsed(ranges: Ranges, everything: bool) -> Ranges {
    match everything || ranges.contains(EVERYTHING) {
        true => Ranges::from([EVERYTHING.to_owned()]),
        false => ranges,
    }
}

/// The change to make.
#[derive(Clone, Debug, Default)]
pub(super) struct Change {
    base: Option<Ranges>,
    added: Ranges,
    removed: Ranges,
}

impl Change {
    pub(super) fn add(&mut self, range: String) {
        let range = range.trim().to_owned();
        self.removed.remove(&range);
        self.added.insert(range);
    }

    pub(super) fn remove(&mut self, range: String) {
        let range = range.trim().to_owned();
        self.added.remove(&range);
        self.removed.insert(range);
    }

    pub(super) fn set(&mut self, ranges: impl Iterator<Item = String>) {
        let ranges = ranges.map(|range| range.trim().to_owned()).collect();
        *self = Self { base: Some(ranges), ..Self::default() };
    }

    /// Whether it replaces everything that is there.
    pub(super) fn replaces(&self) -> bool {
        self.base.is_some()
    }

    /// The firewall as it should be afterwards.
    pub(super) fn applied_to(&self, base: &Ranges) -> Result<Ranges, Error> {
        let base = self.base.as_ref().unwrap_or(base);
        if let Some(range) = self.removed.iter().find(|range| *range != EVERYTHING)
            && base.contains(EVERYTHING)
            && !self.removed.contains(EVERYTHING)
        {
            let text =
                format!("{range} cannot be removed from a firewall that admits everything; `set` the ranges to admit");
            return Err(Error::invalid_request(text));
        }
        let kept: Ranges = base.difference(&self.removed).cloned().collect();
        let gone = self.removed.iter().filter(|range| *range != EVERYTHING && !base.contains(*range));
        for range in gone {
            // A range added by this same change is meant to be there.
            if let Some(entry) =
                kept.iter().find(|entry| !self.added.contains(*entry) && networks::overlap(entry, range))
            {
                let text = format!(
                    "{range} is not in the firewall in this spelling, and {entry} admits all or part of it; remove \
                     {entry}, and add what should stay"
                );
                return Err(Error::invalid_request(text));
            }
        }
        Ok(collapsed(kept.into_iter().chain(self.added.iter().cloned()).collect(), false))
    }

    /// Whether a firewall is as this change wants it, whatever else others have changed.
    fn holds(&self, wanted: &Ranges, seen: &Ranges) -> bool {
        if self.replaces() || wanted.contains(EVERYTHING) || seen.contains(EVERYTHING) {
            return wanted == seen;
        }
        self.added.is_subset(seen) && self.removed.is_disjoint(seen)
    }
}

/// Reads until the firewall is stable: a change based on a stale reading overwrites a newer one.
pub(super) struct Steady {
    last: Option<(Ranges, Instant)>,
    empty_for: Duration,
}

impl Steady {
    pub(super) fn new(empty_for: Duration) -> Self {
        Self { last: None, empty_for }
    }

    pub(super) fn judge(&mut self, state: WaitState, ranges: Option<&[String]>, allow_all: Option<bool>) -> WaitState {
        let seen = reported(ranges, allow_all);
        let since = match &self.last {
            Some((last, since)) if *last == seen => *since,
            known => {
                let first = known.is_none();
                let now = Instant::now();
                self.last = Some((seen.clone(), now));
                if !first {
                    return state.lacking("with a firewall that is changing");
                }
                now
            }
        };
        if seen.is_empty() && since.elapsed() < self.empty_for {
            return state.lacking("with an empty firewall, which may be one that has not landed yet");
        }
        state
    }
}

/// Reads a change back.
pub(super) struct ReadBack {
    change: Change,
    base: Ranges,
    wanted: Ranges,
    /// Ranges that somebody else added, or removed, between the first reading of this change and its landing.
    others_added: Ranges,
    others_removed: Ranges,
    last: Ranges,
    landed: bool,
    /// Since when, and for how many polls in a row, the last reading has been neither the old firewall nor this change.
    foreign: Option<(Instant, u32)>,
}

impl ReadBack {
    pub(super) fn new(change: Change, base: Ranges, wanted: Ranges) -> Self {
        let last = base.clone();
        let (others_added, others_removed) = Default::default();
        Self { change, base, wanted, others_added, others_removed, last, landed: false, foreign: None }
    }

    pub(super) fn judge(&mut self, state: WaitState, ranges: Option<&[String]>, allow_all: Option<bool>) -> WaitState {
        let seen = reported(ranges, allow_all);
        let same = seen == self.last;
        self.last.clone_from(&seen);
        // An empty one means that a firewall is being set up, and the old one that a change is under way.
        if seen != self.base && !seen.is_empty() {
            self.others_added
                .extend(seen.difference(&self.wanted).filter(|range| !self.base.contains(*range)).cloned());
            let kept = self.base.intersection(&self.wanted);
            if !seen.contains(EVERYTHING) {
                self.others_removed.extend(kept.filter(|range| !seen.contains(*range)).cloned());
            }
        }
        if self.change.holds(&self.wanted, &seen) {
            self.landed |= state.verdict() == Verdict::Reached;
            self.foreign = None;
            return state;
        }
        if seen == self.base || seen.is_empty() || state.verdict() != Verdict::Reached {
            self.foreign = None;
            return state.lacking("with a firewall other than the requested one");
        }
        let (since, polls) = match self.foreign {
            Some((since, polls)) if same => (since, polls.saturating_add(1)),
            _ => (Instant::now(), 1),
        };
        self.foreign = Some((since, polls));
        if self.landed || polls >= FOREIGN_POLLS && since.elapsed() >= FOREIGN_FOR {
            return WaitState::failed(format!("{} with a firewall of {}", state.text(), list(&seen)));
        }
        state.lacking("with a firewall other than the requested one")
    }

    /// The ranges of others that this change has overwritten.
    pub(super) fn overwritten(&self) -> Option<String> {
        let gone: Ranges = self.others_added.difference(&self.last).cloned().collect();
        let back: Ranges = self.others_removed.intersection(&self.last).cloned().collect();
        let mut parts = Vec::new();
        if !gone.is_empty() {
            parts.push(format!("{} was added in the meantime and is gone", list(&gone)));
        }
        if !back.is_empty() {
            parts.push(format!("{} was removed in the meantime and is back", list(&back)));
        }
        (!parts.is_empty()).then(|| format!("this change has overwritten another: {}", parts.join(", ")))
    }

    /// Whether another change has overwritten this one: the firewall is neither the old one nor the requested one.
    pub(super) fn lost(&self) -> Option<String> {
        let lost = !self.change.holds(&self.wanted, &self.last)
            && (self.last != self.base && !self.last.is_empty() || self.landed);
        lost.then(|| {
            let (last, wanted) = (list(&self.last), list(&self.wanted));
            let base = list(&self.base);
            format!("another change has overwritten this one: it is {last} instead of {wanted}, and was {base} before")
        })
    }
}

fn list(ranges: &Ranges) -> String {
    match ranges.is_empty() {
        true => "nothing".to_owned(),
        false => ranges.iter().map(String::as_str).collect::<Vec<_>>().join(", "),
    }
}
