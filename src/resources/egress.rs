//! Exports of tables to a lake, for workspace groups (v1) and clusters (v2).

use super::handle;
use crate::requests::{
    CreateClusterEgressIdentity, CreateWorkspaceGroupEgressIdentity, DropClusterEgress, DropWorkspaceGroupEgress,
    GetClusterEgressStatus, GetWorkspaceGroupEgressStatus, ResumeClusterEgress, ResumeWorkspaceGroupEgress,
    StartClusterEgress, StartWorkspaceGroupEgress, SuspendClusterEgress, SuspendWorkspaceGroupEgress,
};
use crate::types::{
    EgressIdentityRequest, EgressRef, EgressStart, EgressStatus, EgressStatusQuery, GetClusterEgressStatusResponse,
    GetWorkspaceGroupEgressStatusResponse,
};
use crate::{Client, ClusterId, Error, ErrorKind, Verdict, WaitState, Waiter, WorkspaceGroupId};

handle! {
    /// Exports of tables to a lake. SDKs use these calls; the vendor does not publish them.
    Egress, egress, "Exports of tables to a lake."
}

impl Egress {
    /// Creates the identity that exports use; storage and catalog must admit it before the first export.
    pub fn create_identity(
        &self,
        group: impl Into<WorkspaceGroupId>,
        request: EgressIdentityRequest,
    ) -> CreateWorkspaceGroupEgressIdentity<Client> {
        CreateWorkspaceGroupEgressIdentity::new(group, request).with_client(&self.client)
    }

    /// Starts an export. It goes on after the response; see [`status`](Self::status).
    pub fn start(&self, group: impl Into<WorkspaceGroupId>, export: EgressStart) -> StartWorkspaceGroupEgress<Client> {
        StartWorkspaceGroupEgress::new(group, export).with_client(&self.client)
    }

    /// Suspends an export.
    pub fn suspend(
        &self,
        group: impl Into<WorkspaceGroupId>,
        egress_id: impl Into<String>,
    ) -> SuspendWorkspaceGroupEgress<Client> {
        SuspendWorkspaceGroupEgress::new(group, EgressRef::new(egress_id)).with_client(&self.client)
    }

    /// Resumes a suspended export.
    pub fn resume(
        &self,
        group: impl Into<WorkspaceGroupId>,
        egress_id: impl Into<String>,
    ) -> ResumeWorkspaceGroupEgress<Client> {
        ResumeWorkspaceGroupEgress::new(group, EgressRef::new(egress_id)).with_client(&self.client)
    }

    /// Deletes an export.
    pub fn delete(
        &self,
        group: impl Into<WorkspaceGroupId>,
        egress_id: impl Into<String>,
    ) -> DropWorkspaceGroupEgress<Client> {
        DropWorkspaceGroupEgress::new(group, EgressRef::new(egress_id)).with_client(&self.client)
    }

    /// Gets the status of one export, or of all: ask by id or by scope, not both. A GET with a body, which some proxies
    /// do not pass on.
    pub fn status(
        &self,
        group: impl Into<WorkspaceGroupId>,
        query: EgressStatusQuery,
    ) -> GetWorkspaceGroupEgressStatus<Client> {
        GetWorkspaceGroupEgressStatus::new(group, query).with_client(&self.client)
    }

    /// Waits until an export has ended.
    ///
    /// No list of the statuses is known. `Completed`, `Succeeded`, `Finished` and `Done` are taken for success, `Failed`,
    /// `Error`, `Canceled` and `Dropped` for failure, whatever their case; any other is waited on. For others make a
    /// [`Waiter`] of your own.
    pub fn wait_until_done(
        &self,
        group: impl Into<WorkspaceGroupId>,
        egress_id: impl Into<String>,
    ) -> Waiter<EgressStatus> {
        let (handle, group, id) = (self.clone(), group.into(), egress_id.into());
        let name = format!("export {id}");
        let waiter = Waiter::new(
            name,
            move |left| {
                let request = handle.status(group, EgressStatusQuery::new().egress_id(&id)).with_deadline(left);
                let id = id.clone();
                async move {
                    match request.await? {
                        GetWorkspaceGroupEgressStatusResponse::EgressStatus(status) => Ok(status),
                        GetWorkspaceGroupEgressStatusResponse::Array(all) => among(all, &id),
                        GetWorkspaceGroupEgressStatusResponse::Other(_) => Err(unreadable()),
                    }
                }
            },
            judge,
        );
        waiter.at_pace_of(&self.client)
    }

    /// Creates the identity that the exports of a cluster use.
    pub fn create_identity_v2(
        &self,
        cluster: impl Into<ClusterId>,
        request: EgressIdentityRequest,
    ) -> CreateClusterEgressIdentity<Client> {
        CreateClusterEgressIdentity::new(cluster, request).with_client(&self.client)
    }

    /// Starts an export of a cluster.
    pub fn start_v2(&self, cluster: impl Into<ClusterId>, export: EgressStart) -> StartClusterEgress<Client> {
        StartClusterEgress::new(cluster, export).with_client(&self.client)
    }

    /// Suspends an export of a cluster.
    pub fn suspend_v2(
        &self,
        cluster: impl Into<ClusterId>,
        egress_id: impl Into<String>,
    ) -> SuspendClusterEgress<Client> {
        SuspendClusterEgress::new(cluster, EgressRef::new(egress_id)).with_client(&self.client)
    }

    /// Resumes a suspended export of a cluster.
    pub fn resume_v2(
        &self,
        cluster: impl Into<ClusterId>,
        egress_id: impl Into<String>,
    ) -> ResumeClusterEgress<Client> {
        ResumeClusterEgress::new(cluster, EgressRef::new(egress_id)).with_client(&self.client)
    }

    /// Deletes an export of a cluster.
    pub fn delete_v2(&self, cluster: impl Into<ClusterId>, egress_id: impl Into<String>) -> DropClusterEgress<Client> {
        DropClusterEgress::new(cluster, EgressRef::new(egress_id)).with_client(&self.client)
    }

    /// Gets the status of one export of a cluster, or of all.
    pub fn status_v2(&self, cluster: impl Into<ClusterId>, query: EgressStatusQuery) -> GetClusterEgressStatus<Client> {
        GetClusterEgressStatus::new(cluster, query).with_client(&self.client)
    }

    /// Waits until an export of a cluster has ended, as [`wait_until_done`](Self::wait_until_done) does.
    pub fn wait_until_done_v2(
        &self,
        cluster: impl Into<ClusterId>,
        egress_id: impl Into<String>,
    ) -> Waiter<EgressStatus> {
        let (handle, cluster, id) = (self.clone(), cluster.into(), egress_id.into());
        let name = format!("export {id}");
        let waiter = Waiter::new(
            name,
            move |left| {
                let request = handle.status_v2(cluster, EgressStatusQuery::new().egress_id(&id)).with_deadline(left);
                let id = id.clone();
                async move {
                    match request.await? {
                        GetClusterEgressStatusResponse::EgressStatus(status) => Ok(status),
                        GetClusterEgressStatusResponse::Array(all) => among(all, &id),
                        GetClusterEgressStatusResponse::Other(_) => Err(unreadable()),
                    }
                }
            },
            judge,
        );
        waiter.at_pace_of(&self.client)
    }
}

fn judge(export: &EgressStatus) -> WaitState {
    let status = export.status.as_deref().unwrap_or("without a status");
    let state = WaitState::by_name(
        status,
        &["Completed", "Succeeded", "Finished", "Done"],
        &["Failed", "Error", "Canceled", "Cancelled", "Dropped"],
    );
    match (state.verdict(), export.status_msg.as_deref()) {
        (Verdict::Failed, Some(message)) if !message.trim().is_empty() => {
            WaitState::failed(format!("{status} ({message})"))
        }
        _ => state,
    }
}

/// The export that was asked for, where the service responds with all of them.
fn among(all: Vec<EgressStatus>, id: &str) -> Result<EgressStatus, Error> {
    let found = all.into_iter().find(|status| status.egress_id.as_deref() == Some(id));
    found
        .ok_or_else(|| Error::new(ErrorKind::NotFound, format!("the export {id} is not among those of the deployment")))
}

fn unreadable() -> Error {
    Error::new(ErrorKind::Decode, "the status of the export is neither an object nor a list of them")
}
