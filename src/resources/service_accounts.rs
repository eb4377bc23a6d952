//! Service accounts.

use super::handle;
use crate::requests::{CreateServiceAccount, DeleteServiceAccount, UpdateServiceAccount};
use crate::types::{ServiceAccountCreate, ServiceAccountUpdate};
use crate::{Client, IntoId, ServiceAccountId};

handle! {
    /// Service accounts: users of the organization that are programs. No call lists or reads them as such.
    ///
    /// ```
    /// # use singlestore_management_emulator::Emulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::builder().polls_until_ready(0).polls_until_settled(0).start()?;
    /// # let quick = std::time::Duration::from_millis(1);
    /// # let client = singlestore_management::Client::builder().poll_interval(quick, quick)
    /// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
    /// use singlestore_management::types::ServiceAccountCreate;
    ///
    /// let account = client.service_accounts().create(ServiceAccountCreate::new("deployer")).await?;
    /// client.service_accounts().delete(&account).await?;
    /// # Ok(()) }
    /// ```
    ServiceAccounts, service_accounts, "Service accounts: users that are programs."
}

impl ServiceAccounts {
    /// Creates an account. Keep the id from the response: changing and deleting the account need it.
    #[inline]
    pub fn create(&self, account: ServiceAccountCreate) -> CreateServiceAccount<Client> {
        CreateServiceAccount::new(account).with_client(&self.client)
    }

    /// Changes the name or description.
    pub fn update(
        &self,
        id: impl IntoId<ServiceAccountId>,
        change: ServiceAccountUpdate,
    ) -> UpdateServiceAccount<Client> {
        UpdateServiceAccount::new(id, change).with_client(&self.client)
    }

    /// Deletes an account.
    pub fn delete(&self, id: impl IntoId<ServiceAccountId>) -> DeleteServiceAccount<Client> {
        DeleteServiceAccount::new(id).with_client(&self.client)
    }
}
