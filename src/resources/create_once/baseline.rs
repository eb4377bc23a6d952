//! What a list says about a creation whose response was lost: pure decisions.

use std::time::{Duration, SystemTime};

/// How far the clocks of the service may differ from each other.
const CLOCK_DOUBT: Duration = Duration::from_secs(10);
/// How far back a creation time may lie if somebody else had time to create the same name: the `Date` header has whole seconds
/// only.
const GRANULARITY: Duration = Duration::from_secs(2);
/// How old the baseline may be when the request goes out for nobody to have created the name in between.
const FRESH: Duration = Duration::from_secs(5);

/// A live resource with the name that is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Candidate<I> {
    /// Its id, if the list has it.
    pub id: Option<I>,
    /// When it was created, if known.
    pub created: Option<SystemTime>,
    /// Whether it has a name; one without may be the one, or any other.
    pub named: bool,
    /// Whether it is being terminated.
    pub ending: bool,
}

/// What is known about the time before the creation.
#[derive(Debug)]
pub(super) enum Baseline<I> {
    /// Nothing: only the creation time tells new from old.
    CreatedSince,
    /// A list from before the creation: anything not in it is new.
    NotAmong(Vec<I>),
}

/// When the attempt that may have created something was sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sent {
    /// By the clock of the service, if it reported its time.
    pub at: Option<SystemTime>,
    /// What that clock says now.
    pub now: Option<SystemTime>,
    /// How long after the baseline.
    pub after_baseline: Duration,
}

/// Whether a candidate may be what the attempt created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Age {
    /// It was created by the attempt, or at the same time.
    New,
    /// It existed before.
    Old,
    /// Not known.
    Doubtful,
}

impl<I: PartialEq> Baseline<I> {
    pub(super) fn age(&self, candidate: &Candidate<I>, sent: Sent) -> Age {
        let Some(id) = &candidate.id else { return Age::Doubtful };
        match self {
            Baseline::NotAmong(before) if before.contains(id) => Age::Old,
            _ if !candidate.named => Age::Doubtful,
            Baseline::NotAmong(_) => {
                let slack = if sent.after_baseline <= FRESH { CLOCK_DOUBT } else { GRANULARITY };
                match is_earlier(candidate, sent, slack) {
                    // It was created before, and appeared in the list late.
                    Some(true) => Age::Doubtful,
                    // Without times the list alone decides.
                    Some(false) | None => Age::New,
                }
            }
            // It cannot have been created in the future: one of the clocks is off.
            Baseline::CreatedSince if is_to_come(candidate, sent) => Age::Doubtful,
            Baseline::CreatedSince => match is_earlier(candidate, sent, Duration::ZERO) {
                Some(false) => Age::New,
                Some(true) if is_earlier(candidate, sent, CLOCK_DOUBT) == Some(true) => Age::Old,
                _ => Age::Doubtful,
            },
        }
    }
}

/// Whether a candidate was created before the attempt was sent, by more than the slack; `None` if the times are not known.
fn is_earlier<I>(candidate: &Candidate<I>, sent: Sent, slack: Duration) -> Option<bool> {
    Some(candidate.created? < sent.at?.checked_sub(slack)?)
}

/// Whether a candidate's creation time is later than now, beyond the margin of error of the clocks.
fn is_to_come<I>(candidate: &Candidate<I>, sent: Sent) -> bool {
    let latest = sent.now.and_then(|now| now.checked_add(CLOCK_DOUBT));
    candidate.created.zip(latest).is_some_and(|(created, latest)| created > latest)
}

/// What a list shows for the name.
#[derive(Debug)]
pub(super) struct Candidates<I> {
    pub new: Vec<I>,
    pub doubtful: Vec<Candidate<I>>,
    pub old: Vec<Candidate<I>>,
}

impl<I: Copy + PartialEq> Candidates<I> {
    pub(super) fn of(found: impl IntoIterator<Item = Candidate<I>>, baseline: &Baseline<I>, sent: Sent) -> Self {
        let mut candidates = Self { new: Vec::new(), doubtful: Vec::new(), old: Vec::new() };
        for candidate in found {
            match (baseline.age(&candidate, sent), candidate.id) {
                (Age::New, Some(id)) => candidates.new.push(id),
                (Age::Old, _) => candidates.old.push(candidate),
                _ => candidates.doubtful.push(candidate),
            }
        }
        candidates
    }

    /// The one that the attempt created, if nothing else can be it.
    pub(super) fn created(&self) -> Option<I> {
        match (&self.new[..], &self.doubtful[..]) {
            ([id], []) => Some(*id),
            _ => None,
        }
    }

    /// Whether nothing with the name is listed.
    pub(super) fn is_empty(&self) -> bool {
        self.new.is_empty() && self.doubtful.is_empty() && self.old.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn dated(id: u8, seconds: u64) -> Candidate<u8> {
        Candidate { id: Some(id), created: Some(at(seconds)), named: true, ending: false }
    }

    fn undated(id: u8) -> Candidate<u8> {
        Candidate { created: None, ..dated(id, 0) }
    }

    const CLOCK: Sent = Sent { at: None, now: None, after_baseline: Duration::ZERO };

    #[test]
    fn within_the_clock_margin_the_time_alone_decides_nothing() {
        let sent = Sent { at: Some(at(100)), now: Some(at(120)), ..CLOCK };
        for (candidate, sent, want) in [
            (dated(1, 100), sent, Age::New),
            (dated(1, 99), sent, Age::Doubtful),
            (dated(1, 90), sent, Age::Doubtful),
            (dated(1, 89), sent, Age::Old),
            (undated(1), sent, Age::Doubtful),
            (dated(1, 100), CLOCK, Age::Doubtful),
            (dated(1, 10), CLOCK, Age::Doubtful),
            (dated(1, 119), sent, Age::New),
            (dated(1, 130), sent, Age::New),
            (dated(1, 131), sent, Age::Doubtful),
            (dated(1, 32_000_000_000), sent, Age::Doubtful),
        ] {
            assert_eq!(Baseline::CreatedSince.age(&candidate, sent), want, "{candidate:?} {sent:?}");
        }
    }

    #[test]
    fn with_an_earlier_list_times_only_raise_doubt() {
        let baseline = Baseline::NotAmong(vec![1]);
        let fresh = Sent { at: Some(at(100)), ..CLOCK };
        let late = Sent { after_baseline: Duration::from_secs(6), ..fresh };
        let nameless = |id| Candidate { named: false, ..dated(id, 100) };
        for (candidate, sent, want) in [
            (dated(1, 200), fresh, Age::Old),
            (dated(2, 100), fresh, Age::New),
            (dated(2, 93), fresh, Age::New),
            (dated(2, 89), fresh, Age::Doubtful),
            (dated(2, 99), late, Age::New),
            (dated(2, 93), late, Age::Doubtful),
            (dated(2, 0), CLOCK, Age::New),
            (undated(2), fresh, Age::New),
            (nameless(1), fresh, Age::Old),
            (nameless(2), fresh, Age::Doubtful),
            (Candidate { id: None, ..dated(2, 100) }, fresh, Age::Doubtful),
        ] {
            assert_eq!(baseline.age(&candidate, sent), want, "{candidate:?} {sent:?}");
        }
    }

    #[test]
    fn only_a_single_new_candidate_without_doubtful_ones_is_the_created_one() {
        let baseline = Baseline::NotAmong(vec![1]);
        let sent = Sent { at: Some(at(100)), now: Some(at(100)), ..CLOCK };
        for (found, want) in [
            (vec![], None),
            (vec![dated(1, 5)], None),
            (vec![dated(1, 5), dated(2, 100)], Some(2)),
            (vec![dated(2, 100), dated(3, 100)], None),
            (vec![dated(2, 100), dated(3, 5)], None),
        ] {
            assert_eq!(Candidates::of(found.clone(), &baseline, sent).created(), want, "{found:?}");
        }
    }
}
