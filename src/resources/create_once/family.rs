//! How each family creates, lists, and identifies resources.

use std::fmt::Display;
use std::time::{Duration, SystemTime};

use super::baseline::Candidate;
use crate::operation::OperationInfo;
use crate::request::Operation;
use crate::requests::{
    CreateCluster, CreateVirtualCluster, CreateVirtualWorkspace, CreateWorkspace, CreateWorkspaceGroup,
};
use crate::types::{
    Cluster, ClusterCreate, SharedTierCreateVirtualCluster, SharedTierCreateVirtualWorkspace, SharedTierVirtualCluster,
    SharedTierVirtualWorkspace, Workspace, WorkspaceCreate, WorkspaceGroup, WorkspaceGroupCreate,
};
use crate::{
    BoxFuture, ClusterId, Clusters, Error, Response, Secret, Timestamp, VirtualClusterId, VirtualClusters,
    VirtualWorkspaceId, VirtualWorkspaces, WorkspaceGroupId, WorkspaceGroups, WorkspaceId, Workspaces,
};

/// The result of a creation: the id, and the password of `admin` if the service generated one.
pub(super) type Made<I> = (I, Option<Secret>);

/// What creating once needs to know about a family.
pub(super) trait Family: Send + Sync {
    /// The element type of the list.
    type Item: Send + Sync + 'static;
    type Id: Copy + PartialEq + Display + Send + Sync + 'static;

    /// What the resource is called in messages.
    fn kind(&self) -> &'static str;
    fn operation(&self) -> &'static OperationInfo;
    /// The name of the new resource.
    fn name(&self) -> &str;
    /// Whether the service is known to refuse a second live resource with the same name.
    fn has_unique_names(&self) -> bool;
    fn create(&self, limit: Duration) -> BoxFuture<Result<Made<Self::Id>, Error>>;
    fn list(&self, limit: Duration) -> BoxFuture<Result<Response<Vec<Self::Item>>, Error>>;
    fn id(&self, item: &Self::Item) -> Option<Self::Id>;
    /// The candidate for an item that is live and, by its name, may be the created one.
    fn candidate(&self, item: &Self::Item) -> Option<Candidate<Self::Id>>;
}

/// A handle with the body of the creation.
pub(super) struct Creation<H, B> {
    pub handle: H,
    pub body: B,
}

/// The candidate for an item with a name, a creation time and a state, unless it is terminated.
fn deployment<I>(
    id: I,
    state: Option<&str>,
    created: Option<&Timestamp>,
    terminated: Option<&Timestamp>,
) -> Option<Candidate<I>> {
    let is = |name: &str| state.is_some_and(|state| state.trim().eq_ignore_ascii_case(name));
    let ended = is("TERMINATED") || terminated.is_some_and(Timestamp::is_set);
    let created = created.and_then(Timestamp::to_system_time);
    (!ended).then(|| Candidate { id: Some(id), created, named: true, ending: is("TERMINATING") })
}

/// The candidate for a starter, whose items have neither a state nor a time.
fn starter<I>(id: Option<I>, name: Option<&str>, wanted: &str) -> Option<Candidate<I>> {
    let candidate = Candidate { id, created: None::<SystemTime>, named: name.is_some(), ending: false };
    name.is_none_or(|name| name == wanted).then_some(candidate)
}

impl Family for Creation<WorkspaceGroups, WorkspaceGroupCreate> {
    type Item = WorkspaceGroup;
    type Id = WorkspaceGroupId;

    fn kind(&self) -> &'static str {
        "workspace group"
    }

    fn operation(&self) -> &'static OperationInfo {
        <CreateWorkspaceGroup>::INFO
    }

    fn name(&self) -> &str {
        &self.body.name
    }

    fn has_unique_names(&self) -> bool {
        true
    }

    #[inline]
    fn create(&self, limit: Duration) -> BoxFuture<Result<Made<Self::Id>, Error>> {
        let request = self.handle.create(self.body.clone()).with_deadline(limit);
        Box::pin(async move { request.await.map(|created| (created.workspace_group_id, created.admin_password)) })
    }

    #[inline]
    fn list(&self, limit: Duration) -> BoxFuture<Result<Response<Vec<Self::Item>>, Error>> {
        self.handle.list().with_deadline(limit).send()
    }

    fn id(&self, item: &Self::Item) -> Option<Self::Id> {
        Some(item.workspace_group_id)
    }

    fn candidate(&self, item: &Self::Item) -> Option<Candidate<Self::Id>> {
        let (created, terminated) = (item.created_at.as_ref(), item.terminated_at.as_ref());
        let candidate = deployment(item.workspace_group_id, Some(item.state.as_str()), created, terminated);
        candidate.filter(|_| item.name == self.body.name)
    }
}

impl Family for Creation<Workspaces, WorkspaceCreate> {
    type Item = Workspace;
    type Id = WorkspaceId;

    fn kind(&self) -> &'static str {
        "workspace"
    }

    fn operation(&self) -> &'static OperationInfo {
        <CreateWorkspace>::INFO
    }

    fn name(&self) -> &str {
        &self.body.name
    }

    fn has_unique_names(&self) -> bool {
        true
    }

    #[inline]
    fn create(&self, limit: Duration) -> BoxFuture<Result<Made<Self::Id>, Error>> {
        let request = self.handle.create(self.body.clone()).with_deadline(limit);
        Box::pin(async move { request.await.map(|created| (created.workspace_id, None)) })
    }

    #[inline]
    fn list(&self, limit: Duration) -> BoxFuture<Result<Response<Vec<Self::Item>>, Error>> {
        self.handle.list(self.body.workspace_group_id).with_deadline(limit).send()
    }

    fn id(&self, item: &Self::Item) -> Option<Self::Id> {
        Some(item.workspace_id)
    }

    fn candidate(&self, item: &Self::Item) -> Option<Candidate<Self::Id>> {
        let (created, terminated) = (item.created_at.as_ref(), item.terminated_at.as_ref());
        let candidate = deployment(item.workspace_id, Some(item.state.as_str()), created, terminated);
        candidate.filter(|_| item.name == self.body.name)
    }
}

impl Family for Creation<Clusters, ClusterCreate> {
    type Item = Cluster;
    type Id = ClusterId;

    fn kind(&self) -> &'static str {
        "cluster"
    }

    fn operation(&self) -> &'static OperationInfo {
        <CreateCluster>::INFO
    }

    fn name(&self) -> &str {
        &self.body.name
    }

    fn has_unique_names(&self) -> bool {
        true
    }

    #[inline]
    fn create(&self, limit: Duration) -> BoxFuture<Result<Made<Self::Id>, Error>> {
        let request = self.handle.create(self.body.clone()).with_deadline(limit);
        Box::pin(async move { request.await.map(|created| (created.cluster_id, created.admin_password)) })
    }

    #[inline]
    fn list(&self, limit: Duration) -> BoxFuture<Result<Response<Vec<Self::Item>>, Error>> {
        self.handle.list().with_deadline(limit).send()
    }

    fn id(&self, item: &Self::Item) -> Option<Self::Id> {
        Some(item.cluster_id)
    }

    fn candidate(&self, item: &Self::Item) -> Option<Candidate<Self::Id>> {
        let (created, terminated) = (item.created_at.as_ref(), item.terminated_at.as_ref());
        let state = item.state.as_ref().map(|state| state.as_str());
        let fits = item.name == self.body.name && item.project_id.is_none_or(|project| project == self.body.project_id);
        deployment(item.cluster_id, state, created, terminated).filter(|_| fits)
    }
}

impl Family for Creation<VirtualWorkspaces, SharedTierCreateVirtualWorkspace> {
    type Item = SharedTierVirtualWorkspace;
    type Id = VirtualWorkspaceId;

    fn kind(&self) -> &'static str {
        "starter workspace"
    }

    fn operation(&self) -> &'static OperationInfo {
        <CreateVirtualWorkspace>::INFO
    }

    fn name(&self) -> &str {
        &self.body.name
    }

    fn has_unique_names(&self) -> bool {
        false
    }

    #[inline]
    fn create(&self, limit: Duration) -> BoxFuture<Result<Made<Self::Id>, Error>> {
        let request = self.handle.create(self.body.clone()).with_deadline(limit);
        Box::pin(async move { request.await.map(|created| (created.virtual_workspace_id, None)) })
    }

    #[inline]
    fn list(&self, limit: Duration) -> BoxFuture<Result<Response<Vec<Self::Item>>, Error>> {
        self.handle.list().with_deadline(limit).send()
    }

    fn id(&self, item: &Self::Item) -> Option<Self::Id> {
        item.virtual_workspace_id
    }

    fn candidate(&self, item: &Self::Item) -> Option<Candidate<Self::Id>> {
        starter(item.virtual_workspace_id, item.name.as_deref(), &self.body.name)
    }
}

impl Family for Creation<VirtualClusters, SharedTierCreateVirtualCluster> {
    type Item = SharedTierVirtualCluster;
    type Id = VirtualClusterId;

    fn kind(&self) -> &'static str {
        "starter cluster"
    }

    fn operation(&self) -> &'static OperationInfo {
        <CreateVirtualCluster>::INFO
    }

    fn name(&self) -> &str {
        &self.body.name
    }

    fn has_unique_names(&self) -> bool {
        false
    }

    #[inline]
    fn create(&self, limit: Duration) -> BoxFuture<Result<Made<Self::Id>, Error>> {
        let request = self.handle.create(self.body.clone()).with_deadline(limit);
        Box::pin(async move { request.await.map(|created| (created.virtual_cluster_id, None)) })
    }

    #[inline]
    fn list(&self, limit: Duration) -> BoxFuture<Result<Response<Vec<Self::Item>>, Error>> {
        self.handle.list().with_deadline(limit).send()
    }

    fn id(&self, item: &Self::Item) -> Option<Self::Id> {
        item.virtual_cluster_id
    }

    fn candidate(&self, item: &Self::Item) -> Option<Candidate<Self::Id>> {
        starter(item.virtual_cluster_id, item.name.as_deref(), &self.body.name)
    }
}
