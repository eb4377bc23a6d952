//! A creation under way: the list before it, the request, the search after a lost response, and the report.

use std::fmt::Display;
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use super::baseline::{Baseline, Candidate, Candidates, Sent};
use super::{CreateOnce, Created};
use crate::error::span;
use crate::transport::retry_after::server_time;
use crate::{CreateOutcome, Error, ErrorKind, Response};

/// How long one list request may take, however little of the search time is left.
const SHORTEST_LOOK: Duration = Duration::from_secs(30);

pub(super) struct Run<'a, T, I> {
    once: &'a CreateOnce<T, I>,
    start: Instant,
    baseline: Baseline<I>,
    /// When the baseline was complete.
    listed: Instant,
    /// What had the name in the baseline.
    before: Vec<T>,
    /// When the attempt that may have created something was sent, if there was one.
    open: Option<Instant>,
}

/// What the search has found.
struct Findings<T, I> {
    candidates: Option<Candidates<I>>,
    /// The items with the name in the last list that could be read.
    items: Vec<T>,
    /// Why the last list request failed, if it did.
    last_error: Option<Error>,
    /// How long the search took.
    took: Duration,
}

impl<T, I> Findings<T, I>
where
    I: Copy + PartialEq,
{
    fn created(&self) -> Option<I> {
        self.candidates.as_ref().and_then(Candidates::created)
    }

    /// Whether the last list request succeeded and showed nothing with the name.
    fn is_absent(&self) -> bool {
        self.last_error.is_none() && self.candidates.as_ref().is_some_and(Candidates::is_empty)
    }
}

impl<'a, T, I> Run<'a, T, I>
where
    T: Send + Sync + 'static,
    I: Copy + PartialEq + Display + Send + Sync + 'static,
{
    pub(super) fn new(once: &'a CreateOnce<T, I>) -> Self {
        let start = Instant::now();
        Self { once, start, baseline: Baseline::CreatedSince, listed: start, before: Vec::new(), open: None }
    }

    pub(super) async fn run(mut self) -> Result<Created<I>, Error> {
        crate::transport::runtime::check()?;
        if let Some(existing) = self.take_baseline().await? {
            return Ok(existing);
        }
        let mut repetitions = if self.once.family.has_unique_names() { self.once.repetitions } else { 0 };
        loop {
            let error = match self.once.family.create(self.time_to_create()).await {
                Ok((id, admin_password)) => {
                    return Ok(Created { id, admin_password, recovered: false, existed: false });
                }
                Err(error) => error,
            };
            let refused = error.is_already_exists();
            if error.is_outcome_unknown() {
                self.open.get_or_insert(last_attempt(&error).max(self.start));
            }
            if self.open.is_none() {
                return match refused {
                    true => self.exists(error).await,
                    false => Err(error.with_create_outcome(CreateOutcome::NotCreated, None)),
                };
            }
            tracing::info!(
                operation = self.once.family.operation().id,
                "looking for what a lost response may have created"
            );
            let findings = self.search(self.once.patience, |findings| findings.created().is_some()).await;
            if let Some(id) = findings.created() {
                return Ok(Created { id, admin_password: None, recovered: true, existed: false });
            }
            // Another attempt is useful only if the last one was not refused for a reason of its own.
            let may_repeat = !refused && (error.is_outcome_unknown() || error.is_retryable());
            if repetitions > 0 && may_repeat && findings.is_absent() && !self.time_to_create().is_zero() {
                repetitions -= 1;
                continue;
            }
            return Err(self.unknown(error, refused, findings));
        }
    }

    fn left(&self) -> Duration {
        self.once.deadline.saturating_sub(self.start.elapsed())
    }

    /// The time for an attempt: a part of the deadline is reserved for searching.
    fn time_to_create(&self) -> Duration {
        self.left().saturating_sub(self.once.patience.min(self.once.deadline / 3))
    }

    /// Lists existing resources before anything is sent. Returns a result if that settles the matter.
    async fn take_baseline(&mut self) -> Result<Option<Created<I>>, Error> {
        let family = &self.once.family;
        if !self.once.baseline && !self.once.find_first {
            return Ok(None);
        }
        let listed = family.list((self.once.deadline / 4).min(2 * SHORTEST_LOOK)).await;
        self.listed = Instant::now();
        let items = match listed {
            Ok(listed) => listed.into_inner(),
            // The creation time must then suffice.
            Err(error) if family.has_unique_names() && !self.once.find_first => {
                tracing::warn!(operation = family.operation().id, %error, "no list from before the creation");
                return Ok(None);
            }
            Err(error) => return Err(error.with_create_outcome(CreateOutcome::NotCreated, None)),
        };
        self.baseline = Baseline::NotAmong(items.iter().filter_map(|item| family.id(item)).collect());
        let named = |item: &T| family.candidate(item).filter(|candidate| candidate.named);
        let there: Vec<Candidate<I>> = items.iter().filter_map(named).collect();
        self.before = items.into_iter().filter(|item| named(item).is_some()).collect();
        if self.once.find_first
            && let Some(id) = usable(&there)
        {
            return Ok(Some(existing(id)));
        }
        // If the service is not known to refuse a second one, the two could not be told apart afterwards.
        match there.first() {
            Some(_) if !family.has_unique_names() || self.once.find_first && there.len() > 1 => {
                if self.once.or_existing
                    && let Some(id) = usable(&there)
                {
                    return Ok(Some(existing(id)));
                }
                let (kind, name) = (family.kind(), family.name());
                let text = format!("a {kind} with the name {name:?} already exists: {}; nothing was sent", ids(&there));
                let error = Error::new(ErrorKind::AlreadyExists, text).with_operation(family.operation());
                Err(self.with_item(error.with_create_outcome(CreateOutcome::AlreadyExists, None), Vec::new(), &[]))
            }
            _ => Ok(None),
        }
    }

    /// The service has refused the name, and no resource of ours can have it.
    async fn exists(mut self, error: Error) -> Result<Created<I>, Error> {
        let once = self.once;
        let all = |findings: &Findings<T, I>| -> Vec<Candidate<I>> {
            findings.items.iter().filter_map(|item| once.family.candidate(item)).collect()
        };
        // A caller that wants the existing resource needs its id; for others one list request is enough.
        let patience = if once.or_existing { once.patience } else { Duration::ZERO };
        let findings = self.search(patience, |findings| usable(&all(findings)).is_some()).await;
        let there = all(&findings);
        if once.or_existing
            && let Some(id) = usable(&there)
        {
            return Ok(existing(id));
        }
        let remark = match (&there[..], &findings.last_error) {
            ([], Some(failure)) => Some(format!("looking for it failed: {failure}")),
            ([], None) => Some("it is not listed yet".to_owned()),
            ([one], _) => one.id.map(|id| format!("its id is {id}")),
            _ => Some(format!("their ids are {}", ids(&there))),
        };
        let error = error.with_create_outcome(CreateOutcome::AlreadyExists, remark);
        if findings.last_error.is_none() {
            // A resource that is no longer listed does not have the name.
            self.before.clear();
        }
        Err(self.with_item(error, findings.items, &[]))
    }

    /// Searches until `found` is satisfied or patience runs out; at least once.
    async fn search(&self, patience: Duration, found: impl Fn(&Findings<T, I>) -> bool) -> Findings<T, I> {
        let family = &self.once.family;
        let begun = Instant::now();
        let mut findings = Findings { candidates: None, items: Vec::new(), last_error: None, took: Duration::ZERO };
        let mut pause = self.once.first_look;
        loop {
            // A list request that hangs must not use up all the time.
            let limit = (patience / 4).max(SHORTEST_LOOK).min(self.left());
            match family.list(limit).await {
                Ok(response) => {
                    let sent = self.sent(&response);
                    let items: Vec<T> =
                        response.into_inner().into_iter().filter(|item| family.candidate(item).is_some()).collect();
                    let listed = items.iter().filter_map(|item| family.candidate(item));
                    findings.candidates = Some(Candidates::of(listed, &self.baseline, sent));
                    (findings.items, findings.last_error) = (items, None);
                }
                // Whatever the error: a proxy's page or a refused token now says nothing about a minute later.
                Err(error) => findings.last_error = Some(error),
            }
            findings.took = begun.elapsed();
            let left = patience.saturating_sub(findings.took).min(self.left());
            if found(&findings) || left.is_zero() {
                return findings;
            }
            tokio::time::sleep(pause.min(left)).await;
            pause = pause.max(Duration::from_millis(1)).saturating_mul(2).min(self.once.longest_pause);
        }
    }

    /// When the open attempt was sent, by the clock of the service: its current time, less what has passed since.
    fn sent(&self, response: &Response<Vec<T>>) -> Sent {
        let open = self.open.unwrap_or(self.start);
        let now = server_time(response.headers());
        let at = now.and_then(|now: SystemTime| now.checked_sub(open.elapsed()));
        Sent { at, now, after_baseline: open.saturating_duration_since(self.listed) }
    }

    /// No certain evidence was found.
    fn unknown(mut self, error: Error, refused: bool, findings: Findings<T, I>) -> Error {
        let (kind, name) = (self.once.family.kind(), self.once.family.name());
        let took = span(findings.took);
        let (new, doubtful, old) = match &findings.candidates {
            Some(found) => (&found.new[..], &found.doubtful[..], &found.old[..]),
            None => (&[][..], &[][..], &[][..]),
        };
        let mut remark = match (new, doubtful, old) {
            ([_, _, ..], ..) => {
                let ids: Vec<String> = new.iter().map(ToString::to_string).collect();
                format!("{} {kind}s with the name {name:?} appeared: {}", ids.len(), ids.join(", "))
            }
            (_, [_, ..], _) => {
                let ids = ids(doubtful);
                format!("the {kind} {ids} has the name {name:?}, and whether this call created it cannot be told")
            }
            (_, [], [_, ..]) => {
                let ids = ids(old);
                format!("the {kind} {ids} had the name {name:?} before, and no new one appeared within {took}")
            }
            _ if findings.candidates.is_none() => format!("looking for the {kind} {name:?} failed as well"),
            _ => format!("no {kind} with the name {name:?} appeared within {took}"),
        };
        if refused {
            remark.push_str("; the retry was refused, perhaps because the first attempt created it");
        }
        if let Some(failure) = &findings.last_error {
            remark.push_str(&format!("; the last look failed: {failure}"));
        }
        remark.push_str("; look again before you repeat it");
        let preferred: Vec<I> = new.iter().copied().chain(doubtful.iter().filter_map(|one| one.id)).collect();
        let error = error.with_create_outcome(CreateOutcome::Unknown, Some(remark));
        self.with_item(error, findings.items, &preferred)
    }

    /// Adds the item that the error is about: a preferred one among those found, or else any of them, or else one from before.
    fn with_item(&mut self, error: Error, mut found: Vec<T>, preferred: &[I]) -> Error {
        let family = &self.once.family;
        let position = found.iter().position(|item| family.id(item).is_some_and(|id| preferred.contains(&id)));
        let item = match position {
            Some(position) => Some(found.swap_remove(position)),
            None => found.into_iter().chain(self.before.drain(..)).next(),
        };
        match item {
            Some(item) => error.with_last_value(item),
            None => error,
        }
    }
}

/// When the last attempt of a call that has just ended began.
fn last_attempt(error: &Error) -> Instant {
    let now = Instant::now();
    let took = error.attempts().last().map_or(error.elapsed(), |attempt| attempt.elapsed);
    now.checked_sub(took).unwrap_or(now)
}

/// The one that can be used instead of a new one: the only one, and not being terminated.
fn usable<I: Copy>(there: &[Candidate<I>]) -> Option<I> {
    match there {
        [Candidate { id: Some(id), named: true, ending: false, .. }] => Some(*id),
        _ => None,
    }
}

fn existing<I>(id: I) -> Created<I> {
    Created { id, admin_password: None, recovered: false, existed: true }
}

fn ids<I: Display>(candidates: &[Candidate<I>]) -> String {
    let ids =
        candidates.iter().map(|one| one.id.as_ref().map_or_else(|| "without an id".to_owned(), ToString::to_string));
    ids.collect::<Vec<_>>().join(", ")
}
