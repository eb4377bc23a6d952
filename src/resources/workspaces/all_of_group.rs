//! Operations on all workspaces of a group.

use super::Workspaces;
use crate::types::{Workspace, WorkspaceState};
use crate::{Error, IntoId, WaitState, Waiter, WorkspaceGroupId, WorkspaceId};

/// What happened to each workspace of a group; see [`Workspaces::suspend_all`].
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
/// let change = client.workspaces().suspend_all(group).await?;
/// for (workspace, error) in &change.failed {
///     println!("{workspace}: {error}");
/// }
/// println!("{} suspended, {} were already", change.changed.len(), change.unchanged.len());
/// # Ok(()) }
/// ```
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct GroupChange {
    /// Those whose change the service has accepted.
    pub changed: Vec<WorkspaceId>,
    /// Those that needed no change.
    pub unchanged: Vec<WorkspaceId>,
    /// Those whose change failed, with the reason.
    pub failed: Vec<(WorkspaceId, Error)>,
}

impl GroupChange {
    /// The ids of those that were changed, or the first failure.
    ///
    /// # Errors
    /// The first of [`failed`](Self::failed).
    #[inline]
    pub fn into_result(self) -> Result<Vec<WorkspaceId>, Error> {
        match self.failed.into_iter().next() {
            Some((_, error)) => Err(error),
            None => Ok(self.changed),
        }
    }
}

impl Workspaces {
    /// Suspends every workspace of a group that is not already suspended, one after the other. A failure does not keep
    /// the others from being suspended.
    ///
    /// ```
    /// # use singlestore_management_emulator::Emulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::start()?;
    /// # let client = singlestore_management::Client::builder()
    /// #     .base_url(emulator.url()).api_key(emulator.api_key())
    /// #     .poll_interval(std::time::Duration::from_millis(1), std::time::Duration::from_millis(1)).build()?;
    /// # let id = emulator.insert_workspace_group(serde_json::json!({"name": "tenants"}))?;
    /// # emulator.insert_workspace(serde_json::json!({"name": "w", "workspaceGroupID": id}))?;
    /// # let group: singlestore_management::WorkspaceGroupId = id.parse()?;
    /// let workspaces = client.workspaces();
    /// let suspended = workspaces.suspend_all(group).await?.into_result()?;
    /// workspaces.wait_until_all_suspended(group).await?;
    /// println!("{} workspaces were suspended", suspended.len());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// The errors of the list. Failures for single workspaces are in the result.
    pub async fn suspend_all(&self, group: impl IntoId<WorkspaceGroupId>) -> Result<GroupChange, Error> {
        let mut change = GroupChange::default();
        for workspace in self.live(group.into()).await? {
            let id = workspace.workspace_id;
            if workspace.state == WorkspaceState::Suspended {
                change.unchanged.push(id);
                continue;
            }
            match self.suspend(id).await {
                Ok(_) => change.changed.push(id),
                Err(error) => change.failed.push((id, error)),
            }
        }
        Ok(change)
    }

    /// Resumes every suspended workspace of a group, one after the other. A failure does not keep the others from being
    /// resumed.
    ///
    /// # Errors
    /// The errors of the list. Failures for single workspaces are in the result.
    pub async fn resume_all(&self, group: impl IntoId<WorkspaceGroupId>) -> Result<GroupChange, Error> {
        let mut change = GroupChange::default();
        for workspace in self.live(group.into()).await? {
            let id = workspace.workspace_id;
            if workspace.state != WorkspaceState::Suspended {
                change.unchanged.push(id);
                continue;
            }
            match self.resume(id).await {
                Ok(_) => change.changed.push(id),
                Err(error) => change.failed.push((id, error)),
            }
        }
        Ok(change)
    }

    /// Waits until every workspace of a group is suspended.
    pub fn wait_until_all_suspended(&self, group: impl IntoId<WorkspaceGroupId>) -> Waiter<Vec<Workspace>> {
        self.wait_for_all(group.into(), "SUSPENDED")
    }

    /// Waits until every workspace of a group is `ACTIVE` and has an endpoint.
    pub fn wait_until_all_ready(&self, group: impl IntoId<WorkspaceGroupId>) -> Waiter<Vec<Workspace>> {
        self.wait_for_all(group.into(), "ACTIVE").and(|workspaces| {
            let endpoint = |one: &&Workspace| one.endpoint.as_ref().is_none_or(|endpoint| endpoint.trim().is_empty());
            match workspaces.iter().filter(|one| is_live(one)).find(endpoint) {
                Some(one) => Err(format!("{} without an endpoint", one.name)),
                None => Ok(()),
            }
        })
    }

    fn wait_for_all(&self, group: WorkspaceGroupId, state: &'static str) -> Waiter<Vec<Workspace>> {
        let handle = self.clone();
        let fetch = move |left| handle.list(group).with_deadline(left);
        Waiter::polling(&self.client, format!("workspaces of the group {group}"), fetch, move |workspaces| {
            judge(workspaces, state)
        })
    }

    async fn live(&self, group: WorkspaceGroupId) -> Result<Vec<Workspace>, Error> {
        let mut workspaces: Vec<Workspace> = self.list(group).await?;
        workspaces.retain(is_live);
        Ok(workspaces)
    }
}

fn is_live(workspace: &Workspace) -> bool {
    workspace.state != WorkspaceState::Terminated
}

fn judge(workspaces: &[Workspace], wanted: &str) -> WaitState {
    let other = |one: &&Workspace| is_live(one) && !one.state.as_str().trim().eq_ignore_ascii_case(wanted);
    let text = |one: &Workspace| format!("{} is {}", one.name, one.state);
    match (workspaces.iter().find(|one| one.state == WorkspaceState::Failed), workspaces.iter().find(other)) {
        (Some(failed), _) => WaitState::failed(text(failed)),
        (None, Some(one)) => WaitState::pending(text(one)),
        (None, None) => WaitState::reached(format!("all are {wanted}")),
    }
}
