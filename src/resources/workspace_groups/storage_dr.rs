//! Disaster recovery of the storage of a workspace group.

use super::WorkspaceGroups;
use crate::requests::{
    FailbackStorageDr, FailoverStorageDr, GetStorageDrStatus, ListStorageDrRegions, SetupStorageDr,
    StartStorageDrPreProvision, StopStorageDrPreProvision, UpdateStorageRetentionPeriod,
};
use crate::types::{RetentionPeriodParams, StorageDrSetup, StorageDrStatus, StorageDrStatusComputeStorageDrType};
use crate::{Client, IntoId, IntoInteger, WaitState, Waiter, WorkspaceGroupId};

impl WorkspaceGroups {
    /// Gets the progress of a group's recovery operation, and the state of each replicated database.
    pub fn storage_dr_status(&self, id: impl IntoId<WorkspaceGroupId>) -> GetStorageDrStatus<Client> {
        GetStorageDrStatus::new(id).with_client(&self.client)
    }

    /// Waits until the recovery operation of this kind has completed. One that `Failed`, `Expired` or was `Canceled`
    /// ends the wait with an error.
    ///
    /// The service shows only the latest operation: the wait continues until it shows one of this kind. So start the
    /// operation first; an earlier one of the same kind that has completed would be taken for it.
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
    /// use singlestore_management::types::{StorageDrSetup, StorageDrStatusComputeStorageDrType};
    ///
    /// let groups = client.workspace_groups();
    /// let region = groups.storage_dr_regions(group).await?.remove(0);
    /// groups.setup_storage_dr(group, StorageDrSetup::new(["sales"], &region)).await?;
    /// groups.failover_storage_dr(group).await?;
    /// let failover = StorageDrStatusComputeStorageDrType::Failover;
    /// groups.wait_until_storage_dr_completed(group, failover).await?;
    /// # Ok(()) }
    /// ```
    pub fn wait_until_storage_dr_completed(
        &self,
        id: impl IntoId<WorkspaceGroupId>,
        operation: StorageDrStatusComputeStorageDrType,
    ) -> Waiter<StorageDrStatus> {
        let (id, handle) = (id.into(), self.clone());
        let fetch = move |left| handle.storage_dr_status(id).with_deadline(left);
        Waiter::polling(
            &self.client,
            format!("storage DR of the group {id}"),
            fetch,
            move |status: &StorageDrStatus| {
                let Some(compute) = &status.compute else { return WaitState::pending("without an operation") };
                let (kind, state) = (compute.storage_dr_type.as_str(), compute.storage_dr_state.as_str());
                match kind.trim().eq_ignore_ascii_case(operation.as_str()) {
                    true => WaitState::by_name(state, &["Completed"], &["Failed", "Expired", "Canceled"]),
                    false => WaitState::pending(format!("{state}, in the operation {kind}")),
                }
            },
        )
    }

    /// Lists the regions that the storage of a group can be replicated to.
    pub fn storage_dr_regions(&self, id: impl IntoId<WorkspaceGroupId>) -> ListStorageDrRegions<Client> {
        ListStorageDrRegions::new(id).with_client(&self.client)
    }

    /// Starts to replicate databases of a group to another region. The response is empty; see
    /// [`storage_dr_status`](Self::storage_dr_status).
    pub fn setup_storage_dr(&self, id: impl IntoId<WorkspaceGroupId>, setup: StorageDrSetup) -> SetupStorageDr<Client> {
        SetupStorageDr::new(id, setup).with_client(&self.client)
    }

    /// Starts the failover of a group to the region that was set up. The response is empty; see
    /// [`storage_dr_status`](Self::storage_dr_status).
    pub fn failover_storage_dr(&self, id: impl IntoId<WorkspaceGroupId>) -> FailoverStorageDr<Client> {
        FailoverStorageDr::new(id).with_client(&self.client)
    }

    /// Starts the return of a group to its primary region after a failover. The response is empty.
    pub fn failback_storage_dr(&self, id: impl IntoId<WorkspaceGroupId>) -> FailbackStorageDr<Client> {
        FailbackStorageDr::new(id).with_client(&self.client)
    }

    /// Prepares the other region ahead of a failover. The response is empty.
    pub fn start_storage_dr_pre_provision(
        &self,
        id: impl IntoId<WorkspaceGroupId>,
    ) -> StartStorageDrPreProvision<Client> {
        StartStorageDrPreProvision::new(id).with_client(&self.client)
    }

    /// Ends the preparation of the other region. The response is empty.
    pub fn stop_storage_dr_pre_provision(
        &self,
        id: impl IntoId<WorkspaceGroupId>,
    ) -> StopStorageDrPreProvision<Client> {
        StopStorageDrPreProvision::new(id).with_client(&self.client)
    }

    /// Sets how many minutes of storage history are kept. No call shows the period.
    pub fn update_storage_retention_period(
        &self,
        id: impl IntoId<WorkspaceGroupId>,
        minutes: impl IntoInteger,
    ) -> UpdateStorageRetentionPeriod<Client> {
        UpdateStorageRetentionPeriod::new(id, RetentionPeriodParams::new(minutes)).with_client(&self.client)
    }
}
