//! Disaster recovery of the storage of a workspace group.

use super::WorkspaceGroups;
use crate::requests::{
    FailbackStorageDr, FailoverStorageDr, GetStorageDrStatus, ListStorageDrRegions, SetupStorageDr,
    StartStorageDrPreProvision, StopStorageDrPreProvision, UpdateStorageRetentionPeriod,
};
use crate::types::{RetentionPeriodParams, StorageDrSetup};
use crate::{Client, WorkspaceGroupId};

impl WorkspaceGroups {
    /// Gets how far the recovery operation of a group is, and the state of each replicated database.
    pub fn storage_dr_status(&self, id: impl Into<WorkspaceGroupId>) -> GetStorageDrStatus<Client> {
        GetStorageDrStatus::new(id).with_client(&self.client)
    }

    /// Lists the regions that the storage of a group can be replicated to.
    pub fn storage_dr_regions(&self, id: impl Into<WorkspaceGroupId>) -> ListStorageDrRegions<Client> {
        ListStorageDrRegions::new(id).with_client(&self.client)
    }

    /// Starts to replicate databases of a group to another region. The answer is empty; see
    /// [`storage_dr_status`](Self::storage_dr_status).
    pub fn setup_storage_dr(&self, id: impl Into<WorkspaceGroupId>, setup: StorageDrSetup) -> SetupStorageDr<Client> {
        SetupStorageDr::new(id, setup).with_client(&self.client)
    }

    /// Starts the failover of a group to the region that was set up. The answer is empty; see
    /// [`storage_dr_status`](Self::storage_dr_status).
    pub fn failover_storage_dr(&self, id: impl Into<WorkspaceGroupId>) -> FailoverStorageDr<Client> {
        FailoverStorageDr::new(id).with_client(&self.client)
    }

    /// Starts the return of a group to its primary region after a failover. The answer is empty.
    pub fn failback_storage_dr(&self, id: impl Into<WorkspaceGroupId>) -> FailbackStorageDr<Client> {
        FailbackStorageDr::new(id).with_client(&self.client)
    }

    /// Prepares the other region ahead of a failover. The answer is empty.
    pub fn start_storage_dr_pre_provision(
        &self,
        id: impl Into<WorkspaceGroupId>,
    ) -> StartStorageDrPreProvision<Client> {
        StartStorageDrPreProvision::new(id).with_client(&self.client)
    }

    /// Ends the preparation of the other region. The answer is empty.
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
