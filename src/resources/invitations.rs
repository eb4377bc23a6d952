//! Invitations.

use super::handle;
use crate::requests::{CreateInvitation, GetInvitation, ListInvitations, RevokeInvitation};
use crate::types::UserInvitationCreate;
use crate::{Client, IntoId, InvitationId};

handle! {
    /// Invitations: how people join the organization. A beta of the vendor.
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
    /// Lists the invitations in every state: check the state, or filter by it.
    #[inline]
    pub fn list(&self) -> ListInvitations<Client> {
        ListInvitations::new().with_client(&self.client)
    }

    /// Gets an invitation. A revoked one can still be read, with the state `Revoked`.
    pub fn get(&self, id: impl IntoId<InvitationId>) -> GetInvitation<Client> {
        GetInvitation::new(id).with_client(&self.client)
    }

    /// Invites a person by email address, even without an account, optionally into teams. There is no user id before
    /// the person accepts.
    #[inline]
    pub fn create(&self, invitation: UserInvitationCreate) -> CreateInvitation<Client> {
        CreateInvitation::new(invitation).with_client(&self.client)
    }

    /// Withdraws an invitation. Someone who has accepted stays; use [`Users::remove`](crate::Users::remove) for them.
    pub fn revoke(&self, id: impl IntoId<InvitationId>) -> RevokeInvitation<Client> {
        RevokeInvitation::new(id).with_client(&self.client)
    }
}
