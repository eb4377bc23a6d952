//! Creating exactly once, although the answer may get lost on the way.
//!
//! The service has no idempotency keys. What it has is names that are unique among live things, and times of creation;
//! after a failure that leaves the outcome open, this looks for what the call may have made.

mod kinds;
mod look;

use std::fmt::Display;
use std::future::IntoFuture;
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use look::{Candidates, Seen, judge};

use crate::error::span;
use crate::operation::OperationInfo;
use crate::transport::retry_after::server_time;
use crate::{BoxFuture, CreateOutcome, Error, ErrorKind, Response, Secret};

/// How far the clocks of the service may differ among themselves.
const SLACK: Duration = Duration::from_secs(5);
/// How far our clock may be off, when the service does not tell its own.
const OWN_CLOCK_SLACK: Duration = Duration::from_secs(60);

/// How long a look may take, however little of the time for looking is left.
const SHORTEST_LOOK: Duration = Duration::from_secs(30);

/// What [`create_once`](crate::WorkspaceGroups::create_once) made.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Created<I> {
    /// Its id.
    pub id: I,
    /// The password of `admin`, if the service made one and its answer arrived. It is lost with a lost answer, and nothing
    /// shows it again: set your own in the request, or change it afterwards.
    pub admin_password: Option<Secret>,
    /// Whether the answer got lost and the thing was found by its name.
    pub recovered: bool,
}

/// A creation that survives a lost answer: it looks for what it may have made before it reports a failure.
///
/// Made by `create_once` of [`WorkspaceGroups`](crate::WorkspaceGroups::create_once),
/// [`Workspaces`](crate::Workspaces::create_once), [`Clusters`](crate::Clusters::create_once),
/// [`VirtualWorkspaces`](crate::VirtualWorkspaces::create_once) and
/// [`VirtualClusters`](crate::VirtualClusters::create_once). Await it, or set its options first. An error says in
/// [`create_outcome`](Error::create_outcome) what is known.
///
/// Its limits:
/// - It tells its own creation from others by the name, and by the time of creation as the clock of the service has it. What
///   another caller makes under the same name while an answer of this one gets lost may be taken for its own.
/// - Lists lag. What does not show up in the time of [`with_search_timeout`](Self::with_search_timeout) is reported as unknown, not as absent.
/// - A cancelled call looks for nothing.
#[must_use = "nothing is created until it is awaited"]
pub struct CreateOnce<T, I> {
    plan: Plan<T, I>,
    deadline: Duration,
    patience: Duration,
    first_look: Duration,
    longest_pause: Duration,
    repeats: u32,
}

/// What differs between the families.
struct Plan<T, I> {
    kind: &'static str,
    name: String,
    operation: &'static OperationInfo,
    create: Call<(I, Option<Secret>)>,
    list: Call<Response<Vec<T>>>,
    read: Read<T, I>,
    /// Whether items say when they were created. Those that do not are compared with a list taken before the call.
    dated: bool,
}

type Read<T, I> = Box<dyn Fn(&T) -> Option<Seen<I>> + Send + Sync>;

type Call<T> = Box<dyn Fn(Duration) -> BoxFuture<Result<T, Error>> + Send + Sync>;

impl<T, I> std::fmt::Debug for CreateOnce<T, I> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Plan { kind, name, .. } = &self.plan;
        f.debug_struct("CreateOnce").field("kind", kind).field("name", name).finish_non_exhaustive()
    }
}

impl<T, I> CreateOnce<T, I>
where
    T: Send + Sync + 'static,
    I: Copy + PartialEq + Display + Send + Sync + 'static,
{
    fn new(plan: Plan<T, I>) -> Self {
        Self {
            plan,
            deadline: Duration::from_secs(15 * 60),
            patience: Duration::from_secs(3 * 60),
            first_look: Duration::from_secs(1),
            longest_pause: Duration::from_secs(15),
            repeats: 0,
        }
    }

    /// Sets the time limit of everything together. Default 15 min.
    pub fn with_deadline(mut self, limit: Duration) -> Self {
        self.deadline = limit;
        self
    }

    /// Sets how long it looks for what it may have made, after the answer got lost. Default 3 min. A look that has begun may
    /// take 30 s more.
    pub fn with_search_timeout(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Sets the wait between two looks: the first, and the longest, to which it grows. Default 1 s and 15 s.
    pub fn with_search_interval(mut self, first: Duration, longest: Duration) -> Self {
        self.first_look = first;
        self.longest_pause = longest.max(first);
        self
    }

    /// Sets how often the creation is repeated when nothing of it was to be seen. Default never.
    ///
    /// That is safe as far as the service refuses a second live thing of one name, and it is said to. Starters, of which
    /// nobody knows that, are not repeated.
    pub fn with_retry_if_absent(mut self, times: u32) -> Self {
        self.repeats = times;
        self
    }

    async fn run(self) -> Result<Created<I>, Error> {
        let (start, local) = (Instant::now(), SystemTime::now());
        let before = match self.plan.dated {
            true => None,
            false => Some(self.names_before().await?),
        };
        let before = before.unwrap_or_default();
        let mut call = Attempting { once: &self, start, local, sent: start, before, open: false };
        let mut repeats = if self.plan.dated { self.repeats } else { 0 };
        loop {
            let error = match (self.plan.create)(call.left()).await {
                Ok((id, admin_password)) => return Ok(Created { id, admin_password, recovered: false }),
                Err(error) => error,
            };
            if error.is_outcome_unknown() && !call.open {
                (call.open, call.sent) = (true, last_attempt(&error).max(start));
            }
            if !call.open && !error.is_already_exists() {
                return Err(error.with_create_outcome(CreateOutcome::NotCreated, None));
            }
            tracing::info!(operation = self.plan.operation.id, "looking for what a lost answer may have made");
            let candidates = call.look(error.is_already_exists()).await;
            if repeats > 0 && matches!(candidates, Ok((Candidates::Nothing, _))) && call.open && !call.left().is_zero()
            {
                repeats -= 1;
                continue;
            }
            return call.report(candidates, error);
        }
    }

    /// The ids of what has the name before anything is sent. If there is one, that is the end: afterwards nobody could tell.
    async fn names_before(&self) -> Result<Vec<I>, Error> {
        let listed = (self.plan.list)(self.deadline).await;
        let items = listed.map_err(|error| error.with_create_outcome(CreateOutcome::NotCreated, None))?.into_inner();
        let seen: Vec<_> = items.iter().filter_map(|item| (self.plan.read)(item)).collect();
        match seen.first() {
            None => Ok(Vec::new()),
            Some(first) => {
                let Plan { kind, name, operation, .. } = &self.plan;
                let text = format!("a {kind} of the name {name:?} is already there: {}; nothing was sent", first.id);
                let error = Error::new(ErrorKind::AlreadyExists, text).with_operation(operation);
                let id = first.id;
                let error = error.with_create_outcome(CreateOutcome::AlreadyExists, None);
                let item = items.into_iter().find(|item| (self.plan.read)(item).is_some_and(|seen| seen.id == id));
                Err(match item {
                    Some(item) => error.with_last_value(item),
                    None => error,
                })
            }
        }
    }
}

/// A creation under way.
struct Attempting<'a, T, I> {
    once: &'a CreateOnce<T, I>,
    start: Instant,
    local: SystemTime,
    /// When the attempt began that left the outcome open. What came into being before it, while this call waited for the
    /// lock perhaps, is somebody else's.
    sent: Instant,
    before: Vec<I>,
    /// Whether an attempt of ours may have made something.
    open: bool,
}

/// When the last attempt of a call that has just ended began.
fn last_attempt(error: &Error) -> Instant {
    let now = Instant::now();
    let took = error.attempts().last().map_or(error.elapsed(), |attempt| attempt.elapsed);
    now.checked_sub(took).unwrap_or(now)
}

type Looked<T, I> = Result<(Candidates<I>, Option<T>), Error>;

impl<T, I> Attempting<'_, T, I>
where
    T: Send + Sync + 'static,
    I: Copy + PartialEq + Display + Send + Sync + 'static,
{
    fn left(&self) -> Duration {
        self.once.deadline.saturating_sub(self.start.elapsed())
    }

    /// Looks until something certain is to be seen, or patience ends. A name that is taken, without a lost answer of ours,
    /// is looked at once: what is there belongs to somebody else.
    async fn look(&self, taken: bool) -> Looked<T, I> {
        let begun = Instant::now();
        let patience = if taken && !self.open { Duration::ZERO } else { self.once.patience };
        let mut pause = self.once.first_look;
        loop {
            // A list that hangs must not take all the time there is.
            let limit = patience.saturating_sub(begun.elapsed()).max(SHORTEST_LOOK).min(self.left());
            let outcome = (self.once.plan.list)(limit).await;
            let left = patience.saturating_sub(begun.elapsed()).min(self.left());
            let (certain, outcome) = match outcome {
                Ok(response) => {
                    let since = self.since(&response);
                    let (candidates, item) = self.evaluate(response.into_inner(), since);
                    (
                        matches!(candidates, Candidates::New(_) | Candidates::Old(_) | Candidates::Several(_)),
                        Ok((candidates, item)),
                    )
                }
                Err(error) => (!error.is_retryable(), Err(error)),
            };
            if certain || left.is_zero() {
                return outcome;
            }
            tokio::time::sleep(pause.min(left)).await;
            pause = pause.max(Duration::from_millis(1)).saturating_mul(2).min(self.once.longest_pause);
        }
    }

    /// When the open attempt began, by the clock of the service: its time now, less what has passed since.
    fn since(&self, response: &Response<Vec<T>>) -> Option<SystemTime> {
        if !self.once.plan.dated {
            return None;
        }
        match server_time(response.headers()) {
            Some(now) => now.checked_sub(self.sent.elapsed().saturating_add(SLACK)),
            None => self.local.checked_add(self.sent - self.start)?.checked_sub(OWN_CLOCK_SLACK),
        }
    }

    fn evaluate(&self, items: Vec<T>, since: Option<SystemTime>) -> (Candidates<I>, Option<T>) {
        let read = &self.once.plan.read;
        let seen: Vec<Seen<I>> = items.iter().filter_map(read).collect();
        let candidates = judge(&seen, since, &self.before);
        let item = match &candidates {
            Candidates::New(id) | Candidates::Old(id) | Candidates::Undated(id) => {
                items.into_iter().find(|item| read(item).is_some_and(|seen| seen.id == *id))
            }
            Candidates::Several(_) | Candidates::Nothing => None,
        };
        (candidates, item)
    }

    /// What was seen, together with the failure that made it necessary to look.
    fn report(&self, looked: Looked<T, I>, error: Error) -> Result<Created<I>, Error> {
        let Plan { kind, name, .. } = &self.once.plan;
        let (candidates, item) = match looked {
            Ok(seen) => seen,
            Err(failure) => {
                let text = format!("looking for the {kind} {name:?} failed as well: {failure}");
                let outcome = if self.open { CreateOutcome::Unknown } else { CreateOutcome::AlreadyExists };
                return Err(error.with_create_outcome(outcome, Some(text)));
            }
        };
        let (outcome, remark) = match &candidates {
            Candidates::New(id) if self.open => return Ok(Created { id: *id, admin_password: None, recovered: true }),
            Candidates::New(id) | Candidates::Old(id) => {
                (CreateOutcome::AlreadyExists, Some(format!("its id is {id}")))
            }
            _ if !self.open => (CreateOutcome::AlreadyExists, None),
            Candidates::Undated(id) => {
                let text = format!("the {kind} {id} has the name {name:?}, and does not say when it was created");
                (CreateOutcome::Unknown, Some(text))
            }
            Candidates::Several(ids) => {
                let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
                let text = format!("{} {kind}s of the name {name:?} appeared: {}", ids.len(), ids.join(", "));
                (CreateOutcome::Unknown, Some(text))
            }
            Candidates::Nothing => {
                let patience = span(self.once.patience.min(self.start.elapsed()));
                let text = format!(
                    "no {kind} of the name {name:?} appeared within {patience}, so probably none was created; look \
                     again before you repeat it"
                );
                (CreateOutcome::Unknown, Some(text))
            }
        };
        let error = error.with_create_outcome(outcome, remark);
        Err(match item {
            Some(item) => error.with_last_value(item),
            None => error,
        })
    }
}

impl<T, I> IntoFuture for CreateOnce<T, I>
where
    T: Send + Sync + 'static,
    I: Copy + PartialEq + Display + Send + Sync + 'static,
{
    type Output = Result<Created<I>, Error>;
    type IntoFuture = BoxFuture<Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}
