//! Workspaces (v1).

mod all_of_group;
mod delegation;
mod private_connections;

pub use all_of_group::GroupChange;

use super::{find, handle};
use crate::items::{Group, Sweep};
use crate::request::Operation;
use crate::requests::{
    CreateWorkspace, GetWorkspace, ListWorkspaceGroups, ListWorkspaces, ResumeWorkspace, SuspendWorkspace,
    TerminateWorkspace, UpdateWorkspace,
};
use crate::types::{Workspace, WorkspaceCreate, WorkspaceGroup, WorkspaceGroupState, WorkspaceState, WorkspaceUpdate};
use crate::{Client, Error, InGroup, Items, WaitState, Waiter, WorkspaceGroupId, WorkspaceId};

handle! {
    /// Workspaces: the compute of a workspace group.
    Workspaces, workspaces, "Workspaces: the compute of a workspace group (v1)."
}

impl Workspaces {
    /// Lists the workspaces of a group; [`list_all`](Self::list_all) those of all groups.
    pub fn list(&self, group: impl Into<WorkspaceGroupId>) -> ListWorkspaces<Client> {
        ListWorkspaces::new(group).with_client(&self.client)
    }

    /// Lists the workspaces of all groups, several groups at a time: see [`Items`] and [`InGroup`].
    ///
    /// The service has no such list. The ids and names of the groups are read first, without the terminated ones; then
    /// each group is asked. The order is not determined. A group that fails, or vanished meanwhile, is an error that names
    /// it, and the others follow.
    ///
    /// ```
    /// # use singlestore_management_emulator::Emulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::start()?;
    /// # let client = singlestore_management::Client::builder()
    /// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
    /// let mut all = client.workspaces().list_all();
    /// while let Some(workspace) = all.next().await {
    ///     match workspace {
    ///         Ok(workspace) => println!("{}/{}: {}", workspace.group_name, workspace.name, workspace.state),
    ///         Err(error) => eprintln!("{error}"),
    ///     }
    /// }
    /// # Ok(()) }
    /// ```
    pub fn list_all(&self) -> Items<InGroup<Workspace>> {
        let groups = ListWorkspaceGroups::new().with_client(&self.client).items();
        let as_group = |group: WorkspaceGroup| {
            let is_live = group.state != WorkspaceGroupState::Terminated;
            is_live.then(|| Group { id: group.workspace_group_id, name: group.name.into() })
        };
        let handle = self.clone();
        Sweep::items("all_workspaces", groups, as_group, move |group| handle.list(group).items())
    }

    /// Gets a workspace. A terminated one is still there, with the state `TERMINATED`.
    pub fn get(&self, id: impl Into<WorkspaceId>) -> GetWorkspace<Client> {
        GetWorkspace::new(id).with_client(&self.client)
    }

    /// Creates a workspace. It is ready minutes later; see [`wait_until_ready`](Self::wait_until_ready).
    ///
    /// # Errors
    /// [`Error::is_already_exists`] if a live workspace of the group has the name, [`Error::is_out_of_credits`].
    pub fn create(&self, workspace: WorkspaceCreate) -> CreateWorkspace<Client> {
        CreateWorkspace::new(workspace).with_client(&self.client)
    }

    /// Changes a workspace: size, scale, cache, auto-suspend. Send only what is to change.
    pub fn update(&self, id: impl Into<WorkspaceId>, change: WorkspaceUpdate) -> UpdateWorkspace<Client> {
        UpdateWorkspace::new(id, change).with_client(&self.client)
    }

    /// Suspends a workspace: its compute is released, its data stays.
    pub fn suspend(&self, id: impl Into<WorkspaceId>) -> SuspendWorkspace<Client> {
        SuspendWorkspace::new(id).with_client(&self.client)
    }

    /// Resumes a suspended workspace.
    pub fn resume(&self, id: impl Into<WorkspaceId>) -> ResumeWorkspace<Client> {
        ResumeWorkspace::new(id).with_client(&self.client)
    }

    /// Terminates a workspace for good. The databases of the group stay.
    pub fn terminate(&self, id: impl Into<WorkspaceId>) -> TerminateWorkspace<Client> {
        TerminateWorkspace::new(id).with_client(&self.client)
    }

    /// Finds the live workspace of that name in a group.
    ///
    /// # Errors
    /// [`Error::is_not_found`] if there is none; [`ErrorKind::Ambiguous`](crate::ErrorKind::Ambiguous) if there are several.
    pub async fn find_by_name(&self, group: impl Into<WorkspaceGroupId>, name: &str) -> Result<Workspace, Error> {
        let all = self.list(group).items();
        let is_match = |w: &Workspace| w.name == name && w.state != WorkspaceState::Terminated;
        find::only("workspace", name, all, is_match, |workspace| workspace.workspace_id)
            .await
            .map_err(|error| error.with_operation(ListWorkspaces::<()>::INFO))
    }

    /// Waits until a workspace can be connected to: state `ACTIVE`, then an endpoint.
    pub fn wait_until_ready(&self, id: impl Into<WorkspaceId>) -> Waiter<Workspace> {
        self.waiter(id.into(), |workspace| {
            WaitState::by_name(workspace.state.as_str(), &["ACTIVE"], &["FAILED", "TERMINATED"])
                .with_endpoint(workspace.endpoint.as_deref())
        })
    }

    /// Waits until a change of size is through: the workspace reports the size, and is `ACTIVE`.
    pub fn wait_until_resized(&self, id: impl Into<WorkspaceId>, size: impl Into<String>) -> Waiter<Workspace> {
        let size = size.into();
        self.wait_until_ready(id).and(move |workspace| {
            let now = workspace.size.as_deref().unwrap_or("unknown");
            if now == size { Ok(()) } else { Err(format!("of the size {now} instead of {size}")) }
        })
    }

    /// Waits until a workspace is suspended.
    pub fn wait_until_suspended(&self, id: impl Into<WorkspaceId>) -> Waiter<Workspace> {
        self.waiter(id.into(), |workspace| {
            WaitState::by_name(workspace.state.as_str(), &["SUSPENDED"], &["FAILED", "TERMINATED"])
        })
    }

    /// Waits until a workspace is terminated.
    pub fn wait_until_terminated(&self, id: impl Into<WorkspaceId>) -> Waiter<Workspace> {
        self.waiter(id.into(), |workspace| WaitState::by_name(workspace.state.as_str(), &["TERMINATED"], &[]))
            .until_gone()
    }

    fn waiter(
        &self,
        id: WorkspaceId,
        judge: impl Fn(&Workspace) -> WaitState + Send + Sync + 'static,
    ) -> Waiter<Workspace> {
        let handle = self.clone();
        let fetch = move |left| handle.get(id).with_deadline(left);
        Waiter::polling(&self.client, format!("workspace {id}"), fetch, judge)
    }
}
