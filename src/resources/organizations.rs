//! Organizations.

use super::handle;
use crate::requests::{
    GetCurrentOrganization, GetCurrentOrganizationV2, GetOrganizationAccessControls, UpdateOrganizationAccessControls,
};
use crate::types::ControlAccessAction;
use crate::{Client, IntoId, OrganizationId};

handle! {
    /// The organization that owns everything else.
    ///
    /// ```
    /// # use singlestore_management_emulator::Emulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::builder().polls_until_ready(0).polls_until_settled(0).start()?;
    /// # let quick = std::time::Duration::from_millis(1);
    /// # let client = singlestore_management::Client::builder().poll_interval(quick, quick)
    /// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
    /// let organization = client.organizations().current().await?;
    /// println!("{:?} has the id {}", organization.name, organization.org_id);
    /// # Ok(()) }
    /// ```
    Organizations, organizations, "The organization that owns everything else."
}

impl Client {
    /// Checks with the service whether it accepts the key, and returns the organization that the key belongs to.
    ///
    /// ```
    /// # use singlestore_management_emulator::Emulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::start()?;
    /// # let client = singlestore_management::Client::builder()
    /// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
    /// let organization = client.check().await?;
    /// println!("the key belongs to {}", organization.org_id);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// A key that the service does not accept, and anything else that keeps the client from working.
    #[inline]
    pub fn check(&self) -> GetCurrentOrganization<Client> {
        self.organizations().current()
    }
}

impl Organizations {
    /// Gets the organization of the credentials: the cheapest call to check whether a key works.
    #[inline]
    pub fn current(&self) -> GetCurrentOrganization<Client> {
        GetCurrentOrganization::new().with_client(&self.client)
    }

    /// The same through the v2 interface.
    #[inline]
    pub fn current_v2(&self) -> GetCurrentOrganizationV2<Client> {
        GetCurrentOrganizationV2::new().with_client(&self.client)
    }

    /// Gets the roles of the organization and who holds them.
    pub fn access_controls(&self, id: impl IntoId<OrganizationId>) -> GetOrganizationAccessControls<Client> {
        GetOrganizationAccessControls::new(id).with_client(&self.client)
    }

    /// Grants and revokes roles of the organization.
    pub fn update_access_controls(
        &self,
        id: impl IntoId<OrganizationId>,
        action: ControlAccessAction,
    ) -> UpdateOrganizationAccessControls<Client> {
        UpdateOrganizationAccessControls::new(id, action).with_client(&self.client)
    }
}
