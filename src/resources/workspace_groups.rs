//! Workspace groups (v1).

mod delegation;
mod storage_dr;

use std::future::IntoFuture;

use super::firewall_change::{FirewallChange, View};
use super::{find, handle};
use crate::firewall::firewall_matches;
use crate::request::Operation;
use crate::requests::{
    CreateWorkspaceGroup, GetWorkspaceGroup, GetWorkspaceGroupMetrics, ListWorkspaceGroupPrivateConnections,
    ListWorkspaceGroups, TerminateWorkspaceGroup, UpdateWorkspaceGroup,
};
use crate::types::{WorkspaceGroup, WorkspaceGroupCreate, WorkspaceGroupState, WorkspaceGroupUpdate};
use crate::{Client, Error, IntoId, OrganizationId, WaitState, Waiter, WorkspaceGroupId};

handle! {
    /// Workspace groups: region, firewall and databases, shared by the workspaces of a group.
    ///
    /// ```
    /// # use singlestore_management_emulator::Emulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::builder().polls_until_ready(0).polls_until_settled(0).start()?;
    /// # let quick = std::time::Duration::from_millis(1);
    /// # let client = singlestore_management::Client::builder().poll_interval(quick, quick)
    /// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
    /// use singlestore_management::types::{WorkspaceGroupCreate, WorkspaceGroupUpdate};
    ///
    /// let region = client.regions().list().await?.remove(0);
    /// let create = WorkspaceGroupCreate::new("tenants", ["203.0.113.0/24"]).region_id(&region);
    /// let made = client.workspace_groups().create(create).await?;
    /// let group = client.workspace_groups().wait_until_ready(made.workspace_group_id).await?;
    ///
    /// client.workspace_groups().update(&group, WorkspaceGroupUpdate::new().name("tenants-eu")).await?;
    /// client.workspace_groups().terminate(&group).await?;
    /// # Ok(()) }
    /// ```
    WorkspaceGroups, workspace_groups, "Workspace groups: what workspaces share (v1)."
}

impl WorkspaceGroups {
    /// Lists the groups of the organization. Terminated ones may be listed for a while, even if they are not asked for.
    #[inline]
    pub fn list(&self) -> ListWorkspaceGroups<Client> {
        ListWorkspaceGroups::new().with_client(&self.client)
    }

    /// Gets a group. A terminated one can still be read, with the state `TERMINATED`.
    pub fn get(&self, id: impl IntoId<WorkspaceGroupId>) -> GetWorkspaceGroup<Client> {
        GetWorkspaceGroup::new(id).with_client(&self.client)
    }

    /// Creates a group. It needs a region: by id, or by provider and name.
    ///
    /// The password of `admin` is in the response only if the service generated it, and it is never shown again. While
    /// another creation in the organization holds its lock, the call waits for the lock; see
    /// [`RetryPolicy::with_lock_attempts`](crate::RetryPolicy::with_lock_attempts).
    ///
    /// # Errors
    /// [`Error::is_already_exists`], [`Error::is_lock_conflict`], [`Error::is_out_of_credits`], [`Error::is_weak_password`].
    #[inline]
    pub fn create(&self, group: WorkspaceGroupCreate) -> CreateWorkspaceGroup<Client> {
        CreateWorkspaceGroup::new(group).with_client(&self.client)
    }

    /// Changes a group. Send only what should change; the firewall follows later.
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
    /// use singlestore_management::types::WorkspaceGroupUpdate;
    ///
    /// // A field that is not set stays as it is.
    /// let change = WorkspaceGroupUpdate::new().name("tenants-eu").clear_expires_at();
    /// client.workspace_groups().update(group, change).await?;
    /// # Ok(()) }
    /// ```
    pub fn update(
        &self,
        id: impl IntoId<WorkspaceGroupId>,
        change: WorkspaceGroupUpdate,
    ) -> UpdateWorkspaceGroup<Client> {
        UpdateWorkspaceGroup::new(id, change).with_client(&self.client)
    }

    /// Terminates a group permanently, with its databases. One that has workspaces needs `force(true)`.
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
    /// use std::time::Duration;
    ///
    /// let hour = Duration::from_secs(3600);
    /// client.workspace_groups().terminate(group).force(true).when_possible(hour).ok_if_gone().await?;
    /// client.workspace_groups().wait_until_terminated(group).await?;
    /// # Ok(()) }
    /// ```
    pub fn terminate(&self, id: impl IntoId<WorkspaceGroupId>) -> TerminateWorkspaceGroup<Client> {
        TerminateWorkspaceGroup::new(id).with_client(&self.client)
    }

    /// Lists the private connections of a group, inbound and outbound. Deleted ones may be included, with the status
    /// `DELETED`.
    pub fn private_connections(
        &self,
        id: impl IntoId<WorkspaceGroupId>,
    ) -> ListWorkspaceGroupPrivateConnections<Client> {
        ListWorkspaceGroupPrivateConnections::new(id).with_client(&self.client)
    }

    /// Gets the metrics of a group as a string, believed to be in the Prometheus format.
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
    /// let organization = client.check().await?;
    /// for line in client.workspace_groups().metrics(&organization, group).await?.lines() {
    ///     println!("{line}");
    /// }
    /// # Ok(()) }
    /// ```
    pub fn metrics(
        &self,
        organization: impl IntoId<OrganizationId>,
        id: impl IntoId<WorkspaceGroupId>,
    ) -> GetWorkspaceGroupMetrics<Client> {
        GetWorkspaceGroupMetrics::new(organization, id).with_client(&self.client)
    }

    /// Finds the live group with that name.
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
    /// let group = client.workspace_groups().find_by_name("tenants").await?;
    /// println!("{} has the id {}", group.name, group.workspace_group_id);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Error::is_not_found`] if there is none; [`ErrorKind::Ambiguous`](crate::ErrorKind::Ambiguous) if there are several.
    #[inline]
    pub async fn find_by_name(&self, name: &str) -> Result<WorkspaceGroup, Error> {
        let all = self.list().items();
        let is_match = |g: &WorkspaceGroup| g.name == name && g.state != WorkspaceGroupState::Terminated;
        find::only("workspace group", &format!("the name {name:?}"), all, is_match, |group| group.workspace_group_id)
            .await
            .map_err(|error| error.with_operation(<ListWorkspaceGroups>::INFO))
    }

    /// Waits until a group is `ACTIVE`.
    ///
    /// A group can stay `PENDING` until its first workspace, when its update window forbids changes;
    /// [`wait_for`](Self::wait_for) takes other states.
    pub fn wait_until_ready(&self, id: impl IntoId<WorkspaceGroupId>) -> Waiter<WorkspaceGroup> {
        self.wait_for(id, [WorkspaceGroupState::Active])
    }

    /// Waits until a group is in one of these states. `FAILED` and `TERMINATED` end the wait unless they are among them.
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
    /// use singlestore_management::types::WorkspaceGroupState::{Active, Pending};
    ///
    /// let group = client.workspace_groups().wait_for(group, [Active, Pending]).await?;
    /// println!("{} is {}", group.name, group.state);
    /// # Ok(()) }
    /// ```
    pub fn wait_for(
        &self,
        id: impl IntoId<WorkspaceGroupId>,
        states: impl IntoIterator<Item = WorkspaceGroupState>,
    ) -> Waiter<WorkspaceGroup> {
        let states: Vec<WorkspaceGroupState> = states.into_iter().collect();
        self.waiter(id.into(), move |group| {
            let reached: Vec<&str> = states.iter().map(WorkspaceGroupState::as_str).collect();
            WaitState::by_name(group.state.as_str(), &reached, &["FAILED", "TERMINATED"])
        })
    }

    /// Waits until a group is `ACTIVE` and its firewall admits the requested ranges. The firewall follows minutes after
    /// the state.
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
    /// use singlestore_management::types::WorkspaceGroupUpdate;
    ///
    /// let ranges = ["203.0.113.0/24", "198.51.100.7/32"];
    /// client.workspace_groups().update(group, WorkspaceGroupUpdate::new().firewall_ranges(ranges)).await?;
    /// client.workspace_groups().wait_until_firewall(group, ranges).await?;
    /// # Ok(()) }
    /// ```
    pub fn wait_until_firewall(
        &self,
        id: impl IntoId<WorkspaceGroupId>,
        ranges: impl IntoIterator<Item = impl Into<String>>,
    ) -> Waiter<WorkspaceGroup> {
        let wanted: Vec<String> = ranges.into_iter().map(Into::into).collect();
        self.wait_until_ready(id).and(move |group| {
            let there = firewall_matches(&wanted, group.firewall_ranges.as_deref(), group.allow_all_traffic);
            if there { Ok(()) } else { Err("with a firewall other than the requested one".to_owned()) }
        })
    }

    /// Changes the firewall of a group: adds, removes or sets ranges, and reads the firewall back to detect a lost
    /// update. See [`FirewallChange`].
    pub fn firewall(&self, id: impl IntoId<WorkspaceGroupId>) -> FirewallChange<WorkspaceGroup> {
        let (id, reads, writes) = (id.into(), self.clone(), self.clone());
        FirewallChange::new(
            &self.client,
            "workspace group",
            id,
            <UpdateWorkspaceGroup>::INFO,
            move |left| Box::pin(reads.get(id).with_deadline(left).into_future()),
            move |ranges, left| {
                let change = WorkspaceGroupUpdate::new().firewall_ranges(ranges);
                Box::pin(async move { writes.update(id, change).with_deadline(left).await.map(drop) })
            },
            |group| View {
                state: WaitState::by_name(group.state.as_str(), &["ACTIVE"], &["FAILED", "TERMINATED", "TERMINATING"]),
                ranges: group.firewall_ranges.as_deref(),
                allow_all: group.allow_all_traffic,
            },
        )
    }

    /// Waits until a group is terminated.
    pub fn wait_until_terminated(&self, id: impl IntoId<WorkspaceGroupId>) -> Waiter<WorkspaceGroup> {
        self.waiter(id.into(), |group| WaitState::by_name(group.state.as_str(), &["TERMINATED"], &[])).until_gone()
    }

    fn waiter(
        &self,
        id: WorkspaceGroupId,
        judge: impl Fn(&WorkspaceGroup) -> WaitState + Send + Sync + 'static,
    ) -> Waiter<WorkspaceGroup> {
        let handle = self.clone();
        let fetch = move |left| handle.get(id).with_deadline(left);
        Waiter::polling(&self.client, format!("workspace group {id}"), fetch, judge)
    }
}
