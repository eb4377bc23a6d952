//! A list over all groups, combined from the lists of each.

use std::collections::{HashSet, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::source::{Groups, Member, Progress, Settings, Source, SweepProgress};
use super::stream::Items;
use crate::resume_token::{Place, ResumeToken};
use crate::{Error, IntoId, WorkspaceGroupId};

/// How many groups are read at once by default.
const CONCURRENCY: usize = 8;

/// A value that belongs to a workspace group.
///
/// It dereferences to the value.
///
/// ```
/// # use singlestore_management_emulator::Emulator;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let emulator = Emulator::builder().polls_until_ready(0).start()?;
/// # let client = singlestore_management::Client::builder()
/// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
/// # let group = emulator.insert_workspace_group(serde_json::json!({"name": "g"}))?;
/// # let group: singlestore_management::WorkspaceGroupId = group.parse()?;
/// # emulator.insert_workspace(serde_json::json!({"name": "w", "workspaceGroupID": group.to_string()}))?;
/// let mut all = client.workspaces().list_all();
/// while let Some(workspace) = all.try_next().await? {
///     println!("{} of {}: {}", workspace.name, workspace.group_name, workspace.state);
/// }
/// # assert_eq!(all.yielded(), 1);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InGroup<T> {
    /// The group.
    pub group_id: WorkspaceGroupId,
    /// Its name.
    pub group_name: Arc<str>,
    /// The value.
    pub value: T,
}

impl<T> InGroup<T> {
    /// Returns the value without its group.
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T> std::ops::Deref for InGroup<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// A group to be read.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub id: WorkspaceGroupId,
    pub name: Arc<str>,
}

/// Opens the list of a group.
type Open<T> = Box<dyn Fn(WorkspaceGroupId) -> Items<T> + Send>;

/// The source of the elements of all groups. `G` is the element type of the list of groups.
pub(crate) struct Sweep<G, T> {
    operation: &'static str,
    groups: Option<Items<G>>,
    as_group: fn(G) -> Option<Group>,
    open: Open<T>,
    waiting: VecDeque<Group>,
    running: VecDeque<Box<dyn Member<InGroup<T>>>>,
    progress: Progress,
}

impl<G: 'static, T: Send + 'static> Sweep<G, T> {
    pub(crate) fn items(
        operation: &'static str,
        groups: Items<G>,
        as_group: fn(G) -> Option<Group>,
        open: impl Fn(WorkspaceGroupId) -> Items<T> + Send + 'static,
    ) -> Items<InGroup<T>> {
        Items::new(Self {
            operation,
            groups: Some(groups),
            as_group,
            open: Box::new(open),
            waiting: VecDeque::new(),
            running: VecDeque::new(),
            progress: Progress {
                done: 0,
                total: 0,
                on_end: None,
                concurrency: CONCURRENCY,
                finished: HashSet::new(),
                failed: Vec::new(),
                resume: None,
            },
        })
    }
}

impl<G, T: Send + 'static> Groups<InGroup<T>> for Sweep<G, T> {
    fn poll_groups(&mut self, context: &mut Context<'_>, settings: &Settings) -> Poll<Option<Error>> {
        if let Some(token) = self.progress.resume.take() {
            match token.place(self.operation, 0) {
                Ok(place) => self.progress.finished.extend(place.groups),
                Err(error) => {
                    self.groups = None;
                    return Poll::Ready(Some(error));
                }
            }
        }
        while let Some(groups) = &mut self.groups {
            let Poll::Ready(group) = groups.source().poll_next(context, settings) else { return Poll::Pending };
            match group {
                Some(Ok(group)) => {
                    let group = (self.as_group)(group).filter(|group| !self.progress.finished.contains(&group.id));
                    self.waiting.extend(group);
                    self.progress.total = self.waiting.len();
                }
                Some(Err(error)) => {
                    // A group that cannot be read is just missing; a list of groups that cannot be read is fatal.
                    if error.item_index().is_none() {
                        self.groups = None;
                        self.waiting.clear();
                    }
                    return Poll::Ready(Some(error));
                }
                None => self.groups = None,
            }
        }
        Poll::Ready(None)
    }

    fn begin(&mut self) -> Option<Box<dyn Member<InGroup<T>>>> {
        let group = self.waiting.pop_front()?;
        let items = (self.open)(group.id);
        Some(Box::new(OneGroup { group, items, has_failed: false, is_complete: false }))
    }

    fn end(&mut self, member: &dyn Member<InGroup<T>>) {
        let progress = &mut self.progress;
        let (group_id, is_complete) = (member.group(), member.is_complete());
        match is_complete {
            true => drop(progress.finished.insert(group_id)),
            false => progress.failed.push(group_id),
        }
        progress.done += 1;
        let (done, total) = (progress.done, progress.total);
        if let Some(on_end) = &mut progress.on_end {
            on_end(SweepProgress { group_id, is_complete, done, total });
        }
    }

    fn state(&mut self) -> &mut Progress {
        &mut self.progress
    }
}

impl<G, T: Send + 'static> Source<InGroup<T>> for Sweep<G, T> {
    fn poll_next(&mut self, context: &mut Context<'_>, settings: &Settings) -> Poll<Option<Result<InGroup<T>, Error>>> {
        match self.poll_groups(context, settings) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(Some(error)) => return Poll::Ready(Some(Err(error))),
            Poll::Ready(None) => {}
        }
        // What is under way comes first: a group that begins must not take its place.
        self.running.iter_mut().for_each(|member| member.unpause());
        loop {
            while self.running.len() < self.progress.concurrency {
                let Some(member) = self.begin() else { break };
                self.running.push_back(member);
            }
            let mut has_ended = false;
            // Each once, and the one that yielded last goes to the end, so that none is left behind.
            for _ in 0..self.running.len() {
                let Some(mut member) = self.running.pop_front() else { break };
                match member.poll_next(context) {
                    Poll::Ready(Some(item)) => {
                        self.running.push_back(member);
                        return Poll::Ready(Some(item));
                    }
                    Poll::Ready(None) => {
                        self.end(&*member);
                        has_ended = true;
                    }
                    Poll::Pending => self.running.push_back(member),
                }
            }
            if self.running.is_empty() && self.waiting.is_empty() {
                return Poll::Ready(None);
            }
            if !has_ended {
                return Poll::Pending;
            }
        }
    }

    fn pause(&mut self) {
        if let Some(groups) = &mut self.groups {
            groups.source().pause();
        }
        self.running.iter_mut().for_each(|member| member.pause());
    }

    fn resume_token(&self) -> ResumeToken {
        if let Some(token) = &self.progress.resume {
            return token.clone();
        }
        let mut groups: Vec<WorkspaceGroupId> = self.progress.finished.iter().copied().collect();
        groups.sort_unstable();
        ResumeToken::of(&Place { groups, ..Place::of(self.operation, 0) })
    }

    fn groups(&mut self) -> Option<&mut dyn Groups<InGroup<T>>> {
        Some(self)
    }
}

/// One group being read.
struct OneGroup<T> {
    group: Group,
    items: Items<T>,
    has_failed: bool,
    is_complete: bool,
}

impl<T: Send> Member<InGroup<T>> for OneGroup<T> {
    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<InGroup<T>, Error>>> {
        let settings = self.items.settings();
        let Poll::Ready(item) = self.items.source().poll_next(context, &settings) else { return Poll::Pending };
        Poll::Ready(match item {
            Some(Ok(value)) => {
                Some(Ok(InGroup { group_id: self.group.id, group_name: self.group.name.clone(), value }))
            }
            Some(Err(error)) => {
                self.has_failed |= error.item_index().is_none();
                Some(
                    Err(error.with_remark(format!("in the workspace group {:?} ({})", self.group.name, self.group.id))),
                )
            }
            None => {
                self.is_complete = !self.has_failed;
                None
            }
        })
    }

    fn pause(&mut self) {
        self.items.source().pause();
    }

    fn unpause(&mut self) {
        self.items.source().unpause();
    }

    fn group(&self) -> WorkspaceGroupId {
        self.group.id
    }

    fn is_complete(&self) -> bool {
        self.is_complete
    }
}

/// A list over all groups.
impl<T> Items<InGroup<T>> {
    /// Sets how many groups are read at once. Default 8; 0 is treated as 1. The client's rate limit, concurrency limit
    /// and retry budget apply as well.
    pub fn with_concurrency(mut self, groups: usize) -> Self {
        if let Some(sweep) = self.source().groups() {
            sweep.state().concurrency = groups.max(1);
        }
        self
    }

    /// Sets a function to be called for every finished group: for a progress bar, or to record the groups that a later
    /// process can leave out.
    pub fn with_progress(mut self, on_end: impl FnMut(SweepProgress) + Send + 'static) -> Self {
        if let Some(sweep) = self.source().groups() {
            sweep.state().on_end = Some(Box::new(on_end));
        }
        self
    }

    /// Leaves out groups, such as those that [`finished_groups`](Self::finished_groups) named in an earlier process.
    pub fn with_finished_groups(mut self, groups: impl IntoIterator<Item = impl IntoId<WorkspaceGroupId>>) -> Self {
        if let Some(sweep) = self.source().groups() {
            sweep.state().finished.extend(groups.into_iter().map(Into::into));
        }
        self
    }

    /// Leaves out the groups that were finished when an earlier process took a [`resume_token`](Self::resume_token). A
    /// token of another list is rejected before anything is sent.
    pub fn resume(mut self, token: impl Into<ResumeToken>) -> Self {
        if let Some(sweep) = self.source().groups() {
            sweep.state().resume = Some(token.into());
        }
        self
    }

    /// The groups that were yielded completely, including those that were left out.
    pub fn finished_groups(&mut self) -> Vec<WorkspaceGroupId> {
        let mut groups: Vec<WorkspaceGroupId> =
            self.source().groups().map(|sweep| sweep.state().finished.iter().copied().collect()).unwrap_or_default();
        groups.sort_unstable();
        groups
    }

    /// The groups that failed or vanished.
    pub fn failed_groups(&mut self) -> Vec<WorkspaceGroupId> {
        self.source().groups().map(|sweep| sweep.state().failed.clone()).unwrap_or_default()
    }

    /// Calls `f` for every element and every error, and runs what it returns: as many at once as
    /// [`with_concurrency`](Self::with_concurrency) says, each in the slot of its group. However long the
    /// work takes, the client's time limits do not run.
    ///
    /// ```
    /// # use singlestore_management_emulator::Emulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::start()?;
    /// # let client = singlestore_management::Client::builder()
    /// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
    /// let workspaces = client.workspaces();
    /// let all = workspaces.list_all().with_concurrency(4);
    /// all.for_each(|workspace| {
    ///     let workspaces = workspaces.clone();
    ///     async move {
    ///         match workspace {
    ///             Ok(workspace) => println!("{:?}", workspaces.suspend(workspace.workspace_id).await),
    ///             Err(error) => eprintln!("{error}"),
    ///         }
    ///     }
    /// })
    /// .await;
    /// # Ok(()) }
    /// ```
    pub async fn for_each<F, W>(mut self, mut f: F)
    where
        F: FnMut(Result<InGroup<T>, Error>) -> W,
        W: Future<Output = ()>,
    {
        self.drive(&mut f).await;
    }

    async fn drive<F, W>(&mut self, f: &mut F)
    where
        F: FnMut(Result<InGroup<T>, Error>) -> W,
        W: Future<Output = ()>,
    {
        loop {
            let settings = self.settings();
            let outcome = std::future::poll_fn(|context| match self.source().groups() {
                Some(sweep) => sweep.poll_groups(context, &settings),
                None => Poll::Ready(None),
            });
            match outcome.await {
                Some(error) => f(Err(error)).await,
                None => break,
            }
        }
        let mut places: Vec<WorkPlace<T, W>> = Vec::new();
        std::future::poll_fn(|context| self.poll_places(context, &mut places, f)).await;
    }

    fn poll_places<F, W>(&mut self, context: &mut Context<'_>, places: &mut Vec<WorkPlace<T, W>>, f: &mut F) -> Poll<()>
    where
        F: FnMut(Result<InGroup<T>, Error>) -> W,
        W: Future<Output = ()>,
    {
        loop {
            let mut is_full = self.is_full();
            if let Some(sweep) = self.source().groups() {
                while !is_full && places.len() < sweep.state().concurrency {
                    let Some(member) = sweep.begin() else { break };
                    places.push(WorkPlace { member, work: None });
                }
            }
            let mut has_moved = false;
            let mut at = 0;
            while let Some(place) = places.get_mut(at) {
                if let Some(work) = &mut place.work {
                    if work.as_mut().poll(context).is_pending() {
                        at += 1;
                        continue;
                    }
                    (place.work, has_moved) = (None, true);
                }
                match if is_full { Poll::Ready(None) } else { place.member.poll_next(context) } {
                    Poll::Pending => at += 1,
                    Poll::Ready(Some(item)) => {
                        if item.is_ok() {
                            self.count();
                            is_full = self.is_full();
                        }
                        (place.work, has_moved) = (Some(Box::pin(f(item))), true);
                        // The work that has begun must be polled once, or nothing wakes it.
                    }
                    Poll::Ready(None) => {
                        has_moved = true;
                        let place = places.swap_remove(at);
                        if let Some(sweep) = self.source().groups() {
                            sweep.end(&*place.member);
                        }
                    }
                }
            }
            if places.is_empty() && (is_full || !has_moved) {
                return Poll::Ready(());
            }
            if !has_moved {
                return Poll::Pending;
            }
        }
    }
}

/// A slot of the concurrent work.
struct WorkPlace<T, W> {
    member: Box<dyn Member<InGroup<T>>>,
    work: Option<Pin<Box<W>>>,
}
