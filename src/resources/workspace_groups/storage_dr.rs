//! Disaster recovery of the storage of a workspace group.

use super::WorkspaceGroups;
use crate::requests::{
    FailbackStorageDr, FailoverStorageDr, GetStorageDrStatus, ListStorageDrRegions, SetupStorageDr,
    StartStorageDrPreProvision, StopStorageDrPreProvision, UpdateStorageRetentionPeriod,
};
use crate::types::{RetentionPeriodParams, StorageDrSetup, StorageDrStatus, StorageDrStatusComputeStorageDrType};
use crate::{Client, WaitState, Waiter, WorkspaceGroupId};

impl WorkspaceGroups {
    /// Gets how far the recovery operation of a group is, and the state of each replicated database.
    pub fn storage_dr_status(&self, id: impl Into<WorkspaceGroupId>) -> GetStorageDrStatus<Client> {
        GetStorageDrStatus::new(id).with_client(&self.client)
    }

    /// Waits until the recovery operation of this kind has completed. One that `Failed`, `Expired` or was `Canceled` ends
    /// the wait with an error.
    ///
    /// The service shows the latest operation alone: until it shows one of this kind, it is waited for. So start the
    /// operation first; an earlier one of the same kind that has completed is taken for it.
    pub fn wait_until_storage_dr_completed(
        &self,
        id: impl Into<WorkspaceGroupId>,
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
    pub fn storage_dr_regions(&self, id: impl Into<WorkspaceGroupId>) -> ListStorageDrRegions<Client> {
        ListStorageDrRegions::new(id).with_client(&self.client)
    }

    /// Starts to replicate databases of a group to another region. The response is empty; see
    /// [`storage_dr_status`](Self::storage_dr_status).
    pub fn setup_storage_dr(&self, id: impl Into<WorkspaceGroupId>, setup: StorageDrSetup) -> SetupStorageDr<Client> {
        SetupStorageDr::new(id, setup).with_client(&self.client)
    }

    /// Starts the failover of a group to the region that was set up. The response is empty; see
    /// [`storage_dr_status`](Self::storage_dr_status).
    pub fn failover_storage_dr(&self, id: impl Into<WorkspaceGroupId>) -> FailoverStorageDr<Client> {
        FailoverStorageDr::new(id).with_client(&self.client)
    }

    /// Starts the return of a group to its primary region after a failover. The response is empty.
    pub fn failback_storage_dr(&self, id: impl Into<WorkspaceGroupId>) -> FailbackStorageDr<Client> {
        FailbackStorageDr::new(id).with_client(&self.client)
    }

    /// Prepares the other region ahead of a failover. The response is empty.
    pub fn start_storage_dr_pre_provision(
        &self,
        id: impl Into<WorkspaceGroupId>,
    ) -> StartStorageDrPreProvision<Client> {
        StartStorageDrPreProvision::new(id).with_client(&self.client)
    }

    /// Ends the preparation of the other region. The response is empty.
    pub fn stop_storage_dr_pre_provision(&self, id: impl Into<WorkspaceGroupId>) -> StopStorageDrPreProvision<Client> {
        StopStorageDrPreProvision::new(id).with_client(&self.client)
    }

    /// Sets for how many minutes the history of the storage is kept. No call shows the period.
    pub fn update_storage_retention_period(
        &self,
        id: impl Into<WorkspaceGroupId>,
        minutes: impl Into<i64>,
    ) -> UpdateStorageRetentionPeriod<Client> {
        UpdateStorageRetentionPeriod::new(id, RetentionPeriodParams::new(minutes)).with_client(&self.client)
    }
}
