//! Invitations.

use super::handle;
use crate::requests::{CreateInvitation, GetInvitation, ListInvitations, RevokeInvitation};
use crate::types::UserInvitationCreate;
use crate::{Client, IntoId, InvitationId};

handle! {
    /// Invitations: how people come into the organization. A beta of the vendor.
    ///
    /// ```
    /// # use singlestore_management_emulator::Emulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::builder().polls_until_ready(0).polls_until_settled(0).start()?;
    /// # let quick = std::time::Duration::from_millis(1);
    /// # let client = singlestore_management::Client::builder().poll_interval(quick, quick)
    /// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
    /// use singlestore_management::types::UserInvitationCreate;
    ///
    /// let invitation = client.invitations().create(UserInvitationCreate::new("new@example.com")).await?;
    /// let id = invitation.invitation_id.ok_or("the response has no id")?;
    /// client.invitations().revoke(id).await?;
    /// # Ok(()) }
    /// ```
    Invitations, invitations, "Invitations: how people come into the organization."
}

impl Invitations {
    /// Lists the invitations, whatever became of them: look at the state, or filter by it.
    pub fn list(&self) -> ListInvitations<Client> {
        ListInvitations::new().with_client(&self.client)
    }

    /// Gets an invitation. A revoked one is still there, with the state `Revoked`.
    pub fn get(&self, id: impl IntoId<InvitationId>) -> GetInvitation<Client> {
        GetInvitation::new(id).with_client(&self.client)
    }

    /// Invites a person by mail address, also one without an account, and into teams if you like. There is no user id
    /// before the person accepts.
    pub fn create(&self, invitation: UserInvitationCreate) -> CreateInvitation<Client> {
        CreateInvitation::new(invitation).with_client(&self.client)
    }

    /// Withdraws an invitation. Whoever has accepted stays; [`Users::remove`](crate::Users::remove) is for them.
    pub fn revoke(&self, id: impl IntoId<InvitationId>) -> RevokeInvitation<Client> {
        RevokeInvitation::new(id).with_client(&self.client)
    }
}
