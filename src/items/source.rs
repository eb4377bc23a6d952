//! What the parts of a list share: settings, the source of elements, and the groups of a sweep.

use std::collections::HashSet;
use std::task::{Context, Poll};

use super::array::MAX_ITEM_BYTES;
use crate::resume_token::ResumeToken;
use crate::{Error, WorkspaceGroupId};

/// The parts of a sweep, for its driver.
pub(crate) trait Groups<T> {
    /// Reads the list of groups; none once it is known.
    fn poll_groups(&mut self, context: &mut Context<'_>, settings: &Settings) -> Poll<Option<Error>>;
    /// Starts another group, if one is left.
    fn begin(&mut self) -> Option<Box<dyn Member<T>>>;
    /// Finishes a group.
    fn end(&mut self, member: &dyn Member<T>);
    fn state(&mut self) -> &mut Progress;
}

/// One group being read.
pub(crate) trait Member<T>: Send {
    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<T, Error>>>;
    fn pause(&mut self);
    fn unpause(&mut self);
    fn group(&self) -> WorkspaceGroupId;
    /// Whether all of it was read.
    fn is_complete(&self) -> bool;
}

/// A group that a sweep has finished, and how many there are.
///
/// ```
/// # use singlestore_management_emulator::Emulator;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let emulator = Emulator::builder().polls_until_ready(0).start()?;
/// # let client = singlestore_management::Client::builder()
/// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
/// # let group = emulator.insert_workspace_group(serde_json::json!({"name": "g"}))?;
/// let mut all = client.workspaces().list_all().with_progress(|group| {
///     println!("{} of {} groups: {}", group.done, group.total, group.group_id);
/// });
/// while all.try_next().await?.is_some() {}
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SweepProgress {
    /// The group.
    pub group_id: WorkspaceGroupId,
    /// Whether all of it was yielded; false for a group that failed or vanished.
    pub is_complete: bool,
    /// How many groups are finished, including this one; those that were left out do not count.
    pub done: usize,
    /// How many there are in total.
    pub total: usize,
}

/// Called for every group that ends.
type OnEnd = Box<dyn FnMut(SweepProgress) + Send>;

/// How far a sweep has come.
pub(crate) struct Progress {
    pub(super) done: usize,
    pub(super) total: usize,
    pub(super) on_end: Option<OnEnd>,
    pub(super) concurrency: usize,
    pub(super) finished: HashSet<WorkspaceGroupId>,
    pub(super) failed: Vec<WorkspaceGroupId>,
    pub(super) resume: Option<ResumeToken>,
}

/// What the reader of a list has set.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    pub(super) max_item_bytes: usize,
    pub(super) buffered: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { max_item_bytes: MAX_ITEM_BYTES, buffered: false }
    }
}

/// The source of a list's elements.
pub(crate) trait Source<T>: Send {
    /// The next element. After the end, and after an error that ends the list, there are no more.
    fn poll_next(&mut self, context: &mut Context<'_>, settings: &Settings) -> Poll<Option<Result<T, Error>>>;

    /// Polling pauses: nothing is kept from others, and no time counts until the next poll.
    fn pause(&mut self);

    /// Polling resumes: what is under way counts as a request again.
    fn unpause(&mut self) {}

    /// The current position in the list.
    fn resume_token(&self) -> ResumeToken;

    /// The groups, of a list that combines the lists of several groups.
    fn groups(&mut self) -> Option<&mut dyn Groups<T>> {
        None
    }
}

/// A member of an object, undecoded.
pub(super) fn member_of(raw: &[u8], name: &str) -> Option<serde_json::Value> {
    let object = serde_json::from_slice::<serde_json::Value>(raw).ok()?;
    object.get(name).cloned()
}

/// The id of an element, whether or not the rest can be decoded.
pub(super) fn raw_id(raw: &[u8], name: &str) -> Option<String> {
    match member_of(raw, name)? {
        serde_json::Value::String(text) => {
            // In the form that the type of the id uses.
            let id = uuid::Uuid::try_parse(text.trim()).map(|uuid| uuid.as_hyphenated().to_string());
            Some(id.unwrap_or(text))
        }
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
