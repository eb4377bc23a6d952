//! Service accounts.

use super::handle;
use crate::requests::{CreateServiceAccount, DeleteServiceAccount, UpdateServiceAccount};
use crate::types::{ServiceAccountCreate, ServiceAccountUpdate};
use crate::{Client, ServiceAccountId};

handle! {
    /// Service accounts: users of the organization that are programs. No call lists or reads them as such.
    ServiceAccounts, service_accounts, "Service accounts: users that are programs."
}

impl ServiceAccounts {
    /// Creates an account. Keep the id of the response: changing and deleting the account need it.
    pub fn create(&self, account: ServiceAccountCreate) -> CreateServiceAccount<Client> {
        CreateServiceAccount::new(account).with_client(&self.client)
    }

    /// Changes name or description.
    pub fn update(
        &self,
        id: impl Into<ServiceAccountId>,
        change: ServiceAccountUpdate,
    ) -> UpdateServiceAccount<Client> {
        UpdateServiceAccount::new(id, change).with_client(&self.client)
    }

    /// Deletes an account.
    pub fn delete(&self, id: impl Into<ServiceAccountId>) -> DeleteServiceAccount<Client> {
        DeleteServiceAccount::new(id).with_client(&self.client)
    }
}
