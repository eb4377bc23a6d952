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
use crate::{Client, Error, InGroup, IntoId, Items, WaitState, Waiter, WorkspaceGroupId, WorkspaceId};

handle! {
    /// Workspaces: the compute of a workspace group.
    ///
    /// ```
    /// # use singlestore_management_emulator::Emulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::builder().polls_until_ready(0).polls_until_settled(0).start()?;
    /// # let quick = std::time::Duration::from_millis(1);
    /// # let client = singlestore_management::Client::builder().poll_interval(quick, quick)
    /// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
    /// # let group: singlestore_management::WorkspaceGroupId =
    /// #     emulator.insert_workspace_group(serde_json::json!({"name": "tenants"}))?.parse()?;
    /// use singlestore_management::types::{WorkspaceCreate, WorkspaceUpdate};
    ///
    /// let made = client.workspaces().create(WorkspaceCreate::new("tenant-42", group).size("S-00")).await?;
    /// let workspace = client.workspaces().wait_until_ready(made.workspace_id).await?;
    /// println!("{} is reached at {:?}", workspace.name, workspace.endpoint);
    ///
    /// client.workspaces().update(&workspace, WorkspaceUpdate::new().size("S-1")).await?;
    /// client.workspaces().wait_until_resized(&workspace, "S-1").await?;
    /// client.workspaces().suspend(&workspace).await?;
    /// # Ok(()) }
    /// ```
    Workspaces, workspaces, "Workspaces: the compute of a workspace group (v1)."
}

impl Workspaces {
    /// Lists the workspaces of a group; [`list_all`](Self::list_all) lists those of all groups.
    pub fn list(&self, group: impl IntoId<WorkspaceGroupId>) -> ListWorkspaces<Client> {
        ListWorkspaces::new(group).with_client(&self.client)
    }

    /// Lists the workspaces of all groups, several groups at a time: see [`Items`] and [`InGroup`].
    ///
    /// The service has no such list. The ids and names of the groups are read first, without the terminated ones; then
    /// each group is asked. The order is not determined. A group that fails, or has vanished in the meantime, is an
    /// error that names it, and the others follow.
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
    #[inline]
    pub fn list_all(&self) -> Items<InGroup<Workspace>> {
        let groups = ListWorkspaceGroups::new().with_client(&self.client).items();
        let as_group = |group: WorkspaceGroup| {
            let is_live = group.state != WorkspaceGroupState::Terminated;
            is_live.then(|| Group { id: group.workspace_group_id, name: group.name.into() })
        };
        let handle = self.clone();
        Sweep::items("all_workspaces", groups, as_group, move |group| handle.list(group).items())
    }

    /// Gets a workspace. A terminated one can still be read, with the state `TERMINATED`.
    pub fn get(&self, id: impl IntoId<WorkspaceId>) -> GetWorkspace<Client> {
        GetWorkspace::new(id).with_client(&self.client)
    }

    /// Creates a workspace. It is ready minutes later; see [`wait_until_ready`](Self::wait_until_ready).
    ///
    /// # Errors
    /// [`Error::is_already_exists`] if a live workspace of the group has the name, [`Error::is_out_of_credits`].
    #[inline]
    pub fn create(&self, workspace: WorkspaceCreate) -> CreateWorkspace<Client> {
        CreateWorkspace::new(workspace).with_client(&self.client)
    }

    /// Changes a workspace: size, scale, cache, auto-suspend. Send only what should change.
    ///
    /// ```
    /// # use singlestore_management_emulator::Emulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::builder().polls_until_ready(0).polls_until_settled(0).start()?;
    /// # let quick = std::time::Duration::from_millis(1);
    /// # let client = singlestore_management::Client::builder().poll_interval(quick, quick)
    /// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
    /// # let group: singlestore_management::WorkspaceGroupId =
    /// #     emulator.insert_workspace_group(serde_json::json!({"name": "tenants"}))?.parse()?;
    /// # let workspace: singlestore_management::WorkspaceId = emulator
    /// #     .insert_workspace(serde_json::json!({"name": "tenant-42", "workspaceGroupID": group, "state": "ACTIVE"}))?.parse()?;
    /// use singlestore_management::types::{AutoSuspend, SuspendType, WorkspaceUpdate};
    ///
    /// let pause = AutoSuspend::new().suspend_type(SuspendType::Idle).suspend_after_seconds(20 * 60);
    /// client.workspaces().update(workspace, WorkspaceUpdate::new().auto_suspend(pause)).await?;
    /// # Ok(()) }
    /// ```
    pub fn update(&self, id: impl IntoId<WorkspaceId>, change: WorkspaceUpdate) -> UpdateWorkspace<Client> {
        UpdateWorkspace::new(id, change).with_client(&self.client)
    }

    /// Suspends a workspace: its compute is released, its data stays.
    pub fn suspend(&self, id: impl IntoId<WorkspaceId>) -> SuspendWorkspace<Client> {
        SuspendWorkspace::new(id).with_client(&self.client)
    }

    /// Resumes a suspended workspace.
    ///
    /// ```
    /// # use singlestore_management_emulator::Emulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::builder().polls_until_ready(0).polls_until_settled(0).start()?;
    /// # let quick = std::time::Duration::from_millis(1);
    /// # let client = singlestore_management::Client::builder().poll_interval(quick, quick)
    /// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
    /// # let group: singlestore_management::WorkspaceGroupId =
    /// #     emulator.insert_workspace_group(serde_json::json!({"name": "tenants"}))?.parse()?;
    /// # let workspace: singlestore_management::WorkspaceId = emulator
    /// #     .insert_workspace(serde_json::json!({"name": "tenant-42", "workspaceGroupID": group, "state": "ACTIVE"}))?.parse()?;
    /// # client.workspaces().suspend(workspace).await?;
    /// # client.workspaces().wait_until_suspended(workspace).await?;
    /// client.workspaces().resume(workspace).disable_auto_suspend(true).await?;
    /// client.workspaces().wait_until_ready(workspace).await?;
    /// # Ok(()) }
    /// ```
    pub fn resume(&self, id: impl IntoId<WorkspaceId>) -> ResumeWorkspace<Client> {
        ResumeWorkspace::new(id).with_client(&self.client)
    }

    /// Terminates a workspace permanently. The databases of the group remain.
    ///
    /// ```
    /// # use singlestore_management_emulator::Emulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::builder().polls_until_ready(0).polls_until_settled(0).start()?;
    /// # let quick = std::time::Duration::from_millis(1);
    /// # let client = singlestore_management::Client::builder().poll_interval(quick, quick)
    /// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
    /// # let group: singlestore_management::WorkspaceGroupId =
    /// #     emulator.insert_workspace_group(serde_json::json!({"name": "tenants"}))?.parse()?;
    /// # let workspace: singlestore_management::WorkspaceId = emulator
    /// #     .insert_workspace(serde_json::json!({"name": "tenant-42", "workspaceGroupID": group, "state": "ACTIVE"}))?.parse()?;
    /// use std::time::Duration;
    ///
    /// client.workspaces().terminate(workspace).when_possible(Duration::from_secs(600)).ok_if_gone().await?;
    /// client.workspaces().wait_until_terminated(workspace).await?;
    /// # Ok(()) }
    /// ```
    pub fn terminate(&self, id: impl IntoId<WorkspaceId>) -> TerminateWorkspace<Client> {
        TerminateWorkspace::new(id).with_client(&self.client)
    }

    /// Finds the live workspace with that name in a group.
    ///
    /// # Errors
    /// [`Error::is_not_found`] if there is none; [`ErrorKind::Ambiguous`](crate::ErrorKind::Ambiguous) if there are several.
    pub async fn find_by_name(&self, group: impl IntoId<WorkspaceGroupId>, name: &str) -> Result<Workspace, Error> {
        let all = self.list(group).items();
        let is_match = |w: &Workspace| w.name == name && w.state != WorkspaceState::Terminated;
        find::only("workspace", &format!("the name {name:?}"), all, is_match, |workspace| workspace.workspace_id)
            .await
            .map_err(|error| error.with_operation(<ListWorkspaces>::INFO))
    }

    /// Waits until a workspace accepts connections: state `ACTIVE`, then an endpoint.
    pub fn wait_until_ready(&self, id: impl IntoId<WorkspaceId>) -> Waiter<Workspace> {
        self.waiter(id.into(), |workspace| {
            WaitState::by_name(workspace.state.as_str(), &["ACTIVE"], &["FAILED", "TERMINATED"])
                .with_endpoint(workspace.endpoint.as_deref())
        })
    }

    /// Waits until a change of size is complete: the workspace reports the size, and is `ACTIVE`.
    pub fn wait_until_resized(&self, id: impl IntoId<WorkspaceId>, size: impl Into<String>) -> Waiter<Workspace> {
        let size = size.into();
        self.wait_until_ready(id).and(move |workspace| {
            let now = workspace.size.as_deref().unwrap_or("unknown");
            if now == size { Ok(()) } else { Err(format!("of the size {now} instead of {size}")) }
        })
    }

    /// Waits until a workspace is suspended.
    pub fn wait_until_suspended(&self, id: impl IntoId<WorkspaceId>) -> Waiter<Workspace> {
        self.waiter(id.into(), |workspace| {
            WaitState::by_name(workspace.state.as_str(), &["SUSPENDED"], &["FAILED", "TERMINATED"])
        })
    }

    /// Waits until a workspace is terminated.
    pub fn wait_until_terminated(&self, id: impl IntoId<WorkspaceId>) -> Waiter<Workspace> {
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
