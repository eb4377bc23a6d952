//! `create_once` of each family: how it creates, how it lists, and how its items are read.

use std::time::SystemTime;

use super::{CreateOnce, Plan, Seen};
use crate::request::Operation;
use crate::requests::{
    CreateCluster, CreateVirtualCluster, CreateVirtualWorkspace, CreateWorkspace, CreateWorkspaceGroup,
};
use crate::types::{
    Cluster, ClusterCreate, ClusterState, SharedTierCreateVirtualCluster, SharedTierCreateVirtualWorkspace,
    SharedTierVirtualCluster, SharedTierVirtualWorkspace, Workspace, WorkspaceCreate, WorkspaceGroup,
    WorkspaceGroupCreate, WorkspaceGroupState, WorkspaceState,
};
use crate::{
    ClusterId, Clusters, Timestamp, VirtualClusterId, VirtualClusters, VirtualWorkspaceId, VirtualWorkspaces,
    WorkspaceGroupId, WorkspaceGroups, WorkspaceId, Workspaces,
};

/// The plan of a family. `read` gives the id and the time of creation of a live item that could be the created one.
macro_rules! plan {
    ($handle:ident, $body:ident, $operation:ident, $kind:literal, dated: $dated:literal,
     list: $list:expr, made: $made:expr, read: $read:expr $(,)?) => {{
        let (creator, lister) = ($handle.clone(), $handle.clone());
        let name = $body.name.clone();
        let wanted = $body.clone();
        let (list, read) = ($list, $read);
        CreateOnce::new(Plan {
            kind: $kind,
            name,
            operation: $operation::<()>::INFO,
            create: Box::new(move |left| {
                let request = creator.create($body.clone()).with_deadline(left);
                Box::pin(async move { request.await.map($made) })
            }),
            list: Box::new(move |left| {
                let request = list(&lister).with_deadline(left);
                Box::pin(request.send())
            }),
            read: Box::new(move |item| {
                let (id, created): (_, Option<SystemTime>) = read(&wanted, item)?;
                Some(Seen { id, created })
            }),
            dated: $dated,
        })
    }};
}

impl WorkspaceGroups {
    /// Creates a group exactly once: after a lost answer it looks for the group before it reports a failure.
    ///
    /// ```
    /// # use singlestore_management_emulator::{Emulator, Fault};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::start()?;
    /// # let client = singlestore_management::Client::builder()
    /// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
    /// # let region = client.regions().list().await?.remove(0).region_id;
    /// # emulator.inject(Fault::reset().after_effect().on_operation("create_workspace_group"));
    /// use singlestore_management::CreateOutcome;
    /// use singlestore_management::types::WorkspaceGroupCreate;
    ///
    /// let body = WorkspaceGroupCreate::new("tenants", ["203.0.113.0/24"]).region_id(region);
    /// match client.workspace_groups().create_once(body).await {
    ///     Ok(group) if group.recovered => println!("{} is there; its admin password is lost", group.id),
    ///     Ok(group) => println!("{} is there, with the password {:?}", group.id, group.admin_password),
    ///     Err(error) if error.create_outcome() == Some(CreateOutcome::Unknown) => return Err(error.into()),
    ///     Err(error) => println!("nothing was created: {error}"),
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`create`](Self::create), with what is known in [`create_outcome`](crate::Error::create_outcome). The group that
    /// is already there is in [`last_value`](crate::Error::last_value), if it could be seen.
    pub fn create_once(&self, group: WorkspaceGroupCreate) -> CreateOnce<WorkspaceGroup, WorkspaceGroupId> {
        plan! {
            self, group, CreateWorkspaceGroup, "workspace group", dated: true,
            list: |handle: &WorkspaceGroups| handle.list(),
            made: |answer| (answer.workspace_group_id, answer.admin_password),
            read: |wanted: &WorkspaceGroupCreate, item: &WorkspaceGroup| {
                let fits = item.name == wanted.name && item.state != WorkspaceGroupState::Terminated;
                fits.then_some((item.workspace_group_id, item.created_at.as_ref().and_then(Timestamp::to_system_time)))
            },
        }
    }
}

impl Workspaces {
    /// Creates a workspace exactly once: after a lost answer it looks for the workspace before it reports a failure.
    ///
    /// # Errors
    /// As [`create`](Self::create), with what is known in [`create_outcome`](crate::Error::create_outcome).
    pub fn create_once(&self, workspace: WorkspaceCreate) -> CreateOnce<Workspace, WorkspaceId> {
        let group = workspace.workspace_group_id;
        plan! {
            self, workspace, CreateWorkspace, "workspace", dated: true,
            list: move |handle: &Workspaces| handle.list(group),
            made: |answer| (answer.workspace_id, None),
            read: |wanted: &WorkspaceCreate, item: &Workspace| {
                let fits = item.name == wanted.name && item.state != WorkspaceState::Terminated;
                fits.then_some((item.workspace_id, item.created_at.as_ref().and_then(Timestamp::to_system_time)))
            },
        }
    }
}

impl Clusters {
    /// Creates a cluster exactly once: after a lost answer it looks for the cluster before it reports a failure.
    ///
    /// # Errors
    /// As [`create`](Self::create), with what is known in [`create_outcome`](crate::Error::create_outcome).
    pub fn create_once(&self, cluster: ClusterCreate) -> CreateOnce<Cluster, ClusterId> {
        plan! {
            self, cluster, CreateCluster, "cluster", dated: true,
            list: |handle: &Clusters| handle.list(),
            made: |answer| (answer.cluster_id, answer.admin_password),
            read: |wanted: &ClusterCreate, item: &Cluster| {
                let fits = item.name == wanted.name
                    && item.project_id.is_none_or(|project| project == wanted.project_id)
                    && item.state != Some(ClusterState::Terminated);
                fits.then_some((item.cluster_id, item.created_at.as_ref().and_then(Timestamp::to_system_time)))
            },
        }
    }
}

impl VirtualWorkspaces {
    /// Creates a starter workspace exactly once: after a lost answer it looks for it before it reports a failure.
    ///
    /// Starters do not say when they were created, so one list is made before the creation. A name that is in it is not
    /// created again.
    ///
    /// # Errors
    /// As [`create`](Self::create), with what is known in [`create_outcome`](crate::Error::create_outcome).
    pub fn create_once(
        &self,
        workspace: SharedTierCreateVirtualWorkspace,
    ) -> CreateOnce<SharedTierVirtualWorkspace, VirtualWorkspaceId> {
        plan! {
            self, workspace, CreateVirtualWorkspace, "starter workspace", dated: false,
            list: |handle: &VirtualWorkspaces| handle.list(),
            made: |answer| (answer.virtual_workspace_id, None),
            read: |wanted: &SharedTierCreateVirtualWorkspace, item: &SharedTierVirtualWorkspace| {
                if item.name.as_ref() != Some(&wanted.name) {
                    return None;
                }
                item.virtual_workspace_id.map(|id| (id, None))
            },
        }
    }
}

impl VirtualClusters {
    /// Creates a starter cluster exactly once: after a lost answer it looks for it before it reports a failure.
    ///
    /// Starters do not say when they were created, so one list is made before the creation. A name that is in it is not
    /// created again.
    ///
    /// # Errors
    /// As [`create`](Self::create), with what is known in [`create_outcome`](crate::Error::create_outcome).
    pub fn create_once(
        &self,
        cluster: SharedTierCreateVirtualCluster,
    ) -> CreateOnce<SharedTierVirtualCluster, VirtualClusterId> {
        plan! {
            self, cluster, CreateVirtualCluster, "starter cluster", dated: false,
            list: |handle: &VirtualClusters| handle.list(),
            made: |answer| (answer.virtual_cluster_id, None),
            read: |wanted: &SharedTierCreateVirtualCluster, item: &SharedTierVirtualCluster| {
                if item.name.as_ref() != Some(&wanted.name) {
                    return None;
                }
                item.virtual_cluster_id.map(|id| (id, None))
            },
        }
    }
}
