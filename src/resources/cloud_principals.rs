//! Cloud principals.

use super::handle;
use crate::requests::{CreateCloudPrincipal, DeleteCloudPrincipal, UpdateCloudPrincipal};
use crate::types::{CloudPrincipalCreate, CloudPrincipalUpdate};
use crate::{Client, CloudPrincipalId, IntoId};

handle! {
    /// Cloud principals: identities of a cloud provider that act in the organization. The service lists none of them.
    ///
    /// ```
    /// # use singlestore_management_emulator::Emulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::builder().polls_until_ready(0).polls_until_settled(0).start()?;
    /// # let quick = std::time::Duration::from_millis(1);
    /// # let client = singlestore_management::Client::builder().poll_interval(quick, quick)
    /// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
    /// use singlestore_management::types::CloudPrincipalCreate;
    ///
    /// let arn = "arn:aws:iam::123456789012:role/loader";
    /// let principal = client.cloud_principals().create(CloudPrincipalCreate::new("loader", arn)).await?;
    /// client.cloud_principals().delete(&principal).await?;
    /// # Ok(()) }
    /// ```
    CloudPrincipals, cloud_principals, "Cloud principals: identities of a cloud provider that act in the organization."
}

impl CloudPrincipals {
    /// Creates a principal. Keep the id from the response: no call lists or reads principals.
    #[inline]
    pub fn create(&self, principal: CloudPrincipalCreate) -> CreateCloudPrincipal<Client> {
        CreateCloudPrincipal::new(principal).with_client(&self.client)
    }

    /// Changes the name or description. A different identity needs another principal.
    pub fn update(
        &self,
        id: impl IntoId<CloudPrincipalId>,
        change: CloudPrincipalUpdate,
    ) -> UpdateCloudPrincipal<Client> {
        UpdateCloudPrincipal::new(id, change).with_client(&self.client)
    }

    /// Deletes a principal.
    pub fn delete(&self, id: impl IntoId<CloudPrincipalId>) -> DeleteCloudPrincipal<Client> {
        DeleteCloudPrincipal::new(id).with_client(&self.client)
    }
}
