//! Cloud principals.

use super::handle;
use crate::requests::{CreateCloudPrincipal, DeleteCloudPrincipal, UpdateCloudPrincipal};
use crate::types::{CloudPrincipalCreate, CloudPrincipalUpdate};
use crate::{Client, CloudPrincipalId};

handle! {
    /// Cloud principals: identities of a cloud provider that act in the organization. The service lists none of them.
    CloudPrincipals, cloud_principals, "Cloud principals: identities of a cloud provider that act in the organization."
}

impl CloudPrincipals {
    /// Creates a principal. Keep the id of the response: no call lists or reads principals.
    pub fn create(&self, principal: CloudPrincipalCreate) -> CreateCloudPrincipal<Client> {
        CreateCloudPrincipal::new(principal).with_client(&self.client)
    }

    /// Changes name or description. Another identity needs another principal.
    pub fn update(
        &self,
        id: impl Into<CloudPrincipalId>,
        change: CloudPrincipalUpdate,
    ) -> UpdateCloudPrincipal<Client> {
        UpdateCloudPrincipal::new(id, change).with_client(&self.client)
    }

    /// Deletes a principal.
    pub fn delete(&self, id: impl Into<CloudPrincipalId>) -> DeleteCloudPrincipal<Client> {
        DeleteCloudPrincipal::new(id).with_client(&self.client)
    }
}
