//! `create_once` and `find_or_create` of each family.

use super::CreateOnce;
use super::family::Creation;
use crate::types::{
    Cluster, ClusterCreate, SharedTierCreateVirtualCluster, SharedTierCreateVirtualWorkspace, SharedTierVirtualCluster,
    SharedTierVirtualWorkspace, Workspace, WorkspaceCreate, WorkspaceGroup, WorkspaceGroupCreate,
};
use crate::{
    ClusterId, Clusters, VirtualClusterId, VirtualClusters, VirtualWorkspaceId, VirtualWorkspaces, WorkspaceGroupId,
    WorkspaceGroups, WorkspaceId, Workspaces,
};

impl WorkspaceGroups {
    /// Creates a group exactly once: after a lost response it looks for the group before it reports a failure.
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
    ///     Ok(group) if group.recovered => println!("{} was created; its admin password is lost", group.id),
    ///     Ok(group) => println!("{} was created, with the password {:?}", group.id, group.admin_password),
    ///     Err(error) if error.create_outcome() == Some(CreateOutcome::Unknown) => return Err(error.into()),
    ///     Err(error) => println!("nothing was created: {error}"),
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Those of [`create`](Self::create), with the outcome in [`create_outcome`](crate::Error::create_outcome). The
    /// resource that has the name is in [`last_value`](crate::Error::last_value), if it was found.
    #[inline]
    pub fn create_once(&self, group: WorkspaceGroupCreate) -> CreateOnce<WorkspaceGroup, WorkspaceGroupId> {
        CreateOnce::new(Creation { handle: self.clone(), body: group })
    }

    /// Finds the live group with that name, or creates it [once](Self::create_once).
    ///
    /// The list may lag behind: if the service then refuses the name, the group that has it is looked for. An existing
    /// group is returned as it is; compare it with the request if that matters.
    ///
    /// ```
    /// # use singlestore_management_emulator::Emulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::start()?;
    /// # let client = singlestore_management::Client::builder()
    /// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
    /// # let region = client.regions().list().await?.remove(0).region_id;
    /// use singlestore_management::types::WorkspaceGroupCreate;
    ///
    /// let body = WorkspaceGroupCreate::new("tenants", ["203.0.113.0/24"]).region_id(region);
    /// let first = client.workspace_groups().find_or_create(body.clone()).await?;
    /// let second = client.workspace_groups().find_or_create(body).await?;
    /// assert!(!first.existed && second.existed && first.id == second.id);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Those of [`create_once`](Self::create_once); if several have the name, an error with
    /// [`is_already_exists`](crate::Error::is_already_exists) and their ids.
    #[inline]
    pub fn find_or_create(&self, group: WorkspaceGroupCreate) -> CreateOnce<WorkspaceGroup, WorkspaceGroupId> {
        let mut once = self.create_once(group);
        (once.or_existing, once.find_first) = (true, true);
        once
    }
}

impl Workspaces {
    /// Creates a workspace exactly once: after a lost response it looks for the workspace before it reports a failure.
    ///
    /// # Errors
    /// Those of [`create`](Self::create), with the outcome in [`create_outcome`](crate::Error::create_outcome). The
    /// resource that has the name is in [`last_value`](crate::Error::last_value), if it was found.
    #[inline]
    pub fn create_once(&self, workspace: WorkspaceCreate) -> CreateOnce<Workspace, WorkspaceId> {
        CreateOnce::new(Creation { handle: self.clone(), body: workspace })
    }

    /// Finds the live workspace with that name, or creates it [once](Self::create_once).
    ///
    /// The list may lag behind: if the service then refuses the name, the workspace that has it is looked for. An
    /// existing workspace is returned as it is; compare it with the request if that matters.
    ///
    /// # Errors
    /// Those of [`create_once`](Self::create_once); if several have the name, an error with
    /// [`is_already_exists`](crate::Error::is_already_exists) and their ids.
    #[inline]
    pub fn find_or_create(&self, workspace: WorkspaceCreate) -> CreateOnce<Workspace, WorkspaceId> {
        let mut once = self.create_once(workspace);
        (once.or_existing, once.find_first) = (true, true);
        once
    }
}

impl Clusters {
    /// Creates a cluster exactly once: after a lost response it looks for the cluster before it reports a failure.
    ///
    /// # Errors
    /// Those of [`create`](Self::create), with the outcome in [`create_outcome`](crate::Error::create_outcome). The
    /// resource that has the name is in [`last_value`](crate::Error::last_value), if it was found.
    #[inline]
    pub fn create_once(&self, cluster: ClusterCreate) -> CreateOnce<Cluster, ClusterId> {
        CreateOnce::new(Creation { handle: self.clone(), body: cluster })
    }

    /// Finds the live cluster with that name, or creates it [once](Self::create_once).
    ///
    /// The list may lag behind: if the service then refuses the name, the cluster that has it is looked for. An
    /// existing cluster is returned as it is; compare it with the request if that matters.
    ///
    /// # Errors
    /// Those of [`create_once`](Self::create_once); if several have the name, an error with
    /// [`is_already_exists`](crate::Error::is_already_exists) and their ids.
    #[inline]
    pub fn find_or_create(&self, cluster: ClusterCreate) -> CreateOnce<Cluster, ClusterId> {
        let mut once = self.create_once(cluster);
        (once.or_existing, once.find_first) = (true, true);
        once
    }
}

impl VirtualWorkspaces {
    /// Creates a starter workspace exactly once: after a lost response it looks for the starter workspace before it
    /// reports a failure.
    ///
    /// Starters have no creation time, and their names are not known to be unique: the list before the creation
    /// decides. A name that is in it is not created again.
    ///
    /// # Errors
    /// Those of [`create`](Self::create), with the outcome in [`create_outcome`](crate::Error::create_outcome). The
    /// resource that has the name is in [`last_value`](crate::Error::last_value), if it was found.
    #[inline]
    pub fn create_once(
        &self,
        workspace: SharedTierCreateVirtualWorkspace,
    ) -> CreateOnce<SharedTierVirtualWorkspace, VirtualWorkspaceId> {
        CreateOnce::new(Creation { handle: self.clone(), body: workspace })
    }

    /// Finds the live starter workspace with that name, or creates it [once](Self::create_once).
    ///
    /// The list may lag behind: if the service then refuses the name, the starter workspace that has it is looked for.
    /// An existing one is returned as it is; compare it with the request if that matters.
    ///
    /// # Errors
    /// Those of [`create_once`](Self::create_once); if several have the name, an error with
    /// [`is_already_exists`](crate::Error::is_already_exists) and their ids.
    #[inline]
    pub fn find_or_create(
        &self,
        workspace: SharedTierCreateVirtualWorkspace,
    ) -> CreateOnce<SharedTierVirtualWorkspace, VirtualWorkspaceId> {
        let mut once = self.create_once(workspace);
        (once.or_existing, once.find_first) = (true, true);
        once
    }
}

impl VirtualClusters {
    /// Creates a starter cluster exactly once: after a lost response it looks for the starter cluster before it reports
    /// a failure.
    ///
    /// Starters have no creation time, and their names are not known to be unique: the list before the creation
    /// decides. A name that is in it is not created again.
    ///
    /// # Errors
    /// Those of [`create`](Self::create), with the outcome in [`create_outcome`](crate::Error::create_outcome). The
    /// resource that has the name is in [`last_value`](crate::Error::last_value), if it was found.
    #[inline]
    pub fn create_once(
        &self,
        cluster: SharedTierCreateVirtualCluster,
    ) -> CreateOnce<SharedTierVirtualCluster, VirtualClusterId> {
        CreateOnce::new(Creation { handle: self.clone(), body: cluster })
    }

    /// Finds the live starter cluster with that name, or creates it [once](Self::create_once).
    ///
    /// The list may lag behind: if the service then refuses the name, the starter cluster that has it is looked for. An
    /// existing one is returned as it is; compare it with the request if that matters.
    ///
    /// # Errors
    /// Those of [`create_once`](Self::create_once); if several have the name, an error with
    /// [`is_already_exists`](crate::Error::is_already_exists) and their ids.
    #[inline]
    pub fn find_or_create(
        &self,
        cluster: SharedTierCreateVirtualCluster,
    ) -> CreateOnce<SharedTierVirtualCluster, VirtualClusterId> {
        let mut once = self.create_once(cluster);
        (once.or_existing, once.find_first) = (true, true);
        once
    }
}
