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
use crate::{Client, ClusterId, EgressId, Error, ErrorKind, IntoId, Verdict, WaitState, Waiter, WorkspaceGroupId};

handle! {
    /// Exports of tables to a lake. SDKs use these calls; the vendor does not publish them.
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
    /// use singlestore_management::types::{EgressCatalog, EgressStart, EgressStorage};
    ///
    /// let catalog = EgressCatalog::new().catalog_type("GLUE").table_format("ICEBERG").catalog_region("us-east-1");
    /// let storage = EgressStorage::new().provider("S3").region("us-east-1");
    /// let export = client.egress().start(group, EgressStart::new(catalog, "sales", storage, "orders")).await?;
    /// # emulator.advance();
    /// # emulator.set_fields(export.egress_id.as_str(), serde_json::json!({"status": "Completed"}));
    /// let status = client.egress().wait_until_done(group, &export.egress_id).await?;
    /// println!("{}: {:?}", export.egress_id, status.status);
    /// # Ok(()) }
    /// ```
    Egress, egress, "Exports of tables to a lake."
}

impl Egress {
    /// Creates the identity that exports use; storage and catalog must authorize it before the first export.
    pub fn create_identity(
        &self,
        group: impl IntoId<WorkspaceGroupId>,
        request: EgressIdentityRequest,
    ) -> CreateWorkspaceGroupEgressIdentity<Client> {
        CreateWorkspaceGroupEgressIdentity::new(group, request).with_client(&self.client)
    }

    /// Starts an export. It continues after the response; see [`status`](Self::status).
    pub fn start(
        &self,
        group: impl IntoId<WorkspaceGroupId>,
        export: EgressStart,
    ) -> StartWorkspaceGroupEgress<Client> {
        StartWorkspaceGroupEgress::new(group, export).with_client(&self.client)
    }

    /// Suspends an export.
    pub fn suspend(
        &self,
        group: impl IntoId<WorkspaceGroupId>,
        egress_id: impl IntoId<EgressId>,
    ) -> SuspendWorkspaceGroupEgress<Client> {
        SuspendWorkspaceGroupEgress::new(group, EgressRef::new(egress_id)).with_client(&self.client)
    }

    /// Resumes a suspended export.
    pub fn resume(
        &self,
        group: impl IntoId<WorkspaceGroupId>,
        egress_id: impl IntoId<EgressId>,
    ) -> ResumeWorkspaceGroupEgress<Client> {
        ResumeWorkspaceGroupEgress::new(group, EgressRef::new(egress_id)).with_client(&self.client)
    }

    /// Deletes an export.
    pub fn delete(
        &self,
        group: impl IntoId<WorkspaceGroupId>,
        egress_id: impl IntoId<EgressId>,
    ) -> DropWorkspaceGroupEgress<Client> {
        DropWorkspaceGroupEgress::new(group, EgressRef::new(egress_id)).with_client(&self.client)
    }

    /// Gets the status of one export, or of all: ask by id or by scope, not both. It is a GET with a body, which some
    /// proxies do not forward.
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
    /// use singlestore_management::types::EgressStatusQuery;
    ///
    /// let all = client.egress().status(group, EgressStatusQuery::new().scope("all")).await?;
    /// println!("{all:?}");
    /// # Ok(()) }
    /// ```
    pub fn status(
        &self,
        group: impl IntoId<WorkspaceGroupId>,
        query: EgressStatusQuery,
    ) -> GetWorkspaceGroupEgressStatus<Client> {
        GetWorkspaceGroupEgressStatus::new(group, query).with_client(&self.client)
    }

    /// Waits until an export has ended.
    ///
    /// The list of statuses is not known. `Completed`, `Succeeded`, `Finished` and `Done` are taken as success,
    /// `Failed`, `Error`, `Canceled` and `Dropped` as failure, whatever their case; for any other status the wait
    /// continues. If you need others, make your own [`Waiter`].
    pub fn wait_until_done(
        &self,
        group: impl IntoId<WorkspaceGroupId>,
        egress_id: impl IntoId<EgressId>,
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
        cluster: impl IntoId<ClusterId>,
        request: EgressIdentityRequest,
    ) -> CreateClusterEgressIdentity<Client> {
        CreateClusterEgressIdentity::new(cluster, request).with_client(&self.client)
    }

    /// Starts an export of a cluster.
    pub fn start_v2(&self, cluster: impl IntoId<ClusterId>, export: EgressStart) -> StartClusterEgress<Client> {
        StartClusterEgress::new(cluster, export).with_client(&self.client)
    }

    /// Suspends an export of a cluster.
    pub fn suspend_v2(
        &self,
        cluster: impl IntoId<ClusterId>,
        egress_id: impl IntoId<EgressId>,
    ) -> SuspendClusterEgress<Client> {
        SuspendClusterEgress::new(cluster, EgressRef::new(egress_id)).with_client(&self.client)
    }

    /// Resumes a suspended export of a cluster.
    pub fn resume_v2(
        &self,
        cluster: impl IntoId<ClusterId>,
        egress_id: impl IntoId<EgressId>,
    ) -> ResumeClusterEgress<Client> {
        ResumeClusterEgress::new(cluster, EgressRef::new(egress_id)).with_client(&self.client)
    }

    /// Deletes an export of a cluster.
    pub fn delete_v2(
        &self,
        cluster: impl IntoId<ClusterId>,
        egress_id: impl IntoId<EgressId>,
    ) -> DropClusterEgress<Client> {
        DropClusterEgress::new(cluster, EgressRef::new(egress_id)).with_client(&self.client)
    }

    /// Gets the status of one export of a cluster, or of all.
    pub fn status_v2(
        &self,
        cluster: impl IntoId<ClusterId>,
        query: EgressStatusQuery,
    ) -> GetClusterEgressStatus<Client> {
        GetClusterEgressStatus::new(cluster, query).with_client(&self.client)
    }

    /// Waits until an export of a cluster has ended, like [`wait_until_done`](Self::wait_until_done).
    pub fn wait_until_done_v2(
        &self,
        cluster: impl IntoId<ClusterId>,
        egress_id: impl IntoId<EgressId>,
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

/// The requested export, if the service responds with all of them.
fn among(all: Vec<EgressStatus>, id: &EgressId) -> Result<EgressStatus, Error> {
    let found = all.into_iter().find(|status| status.egress_id.as_ref() == Some(id));
    found
        .ok_or_else(|| Error::new(ErrorKind::NotFound, format!("the export {id} is not among those of the deployment")))
}

fn unreadable() -> Error {
    Error::new(ErrorKind::Decode, "the status of the export is neither an object nor a list of them")
}
