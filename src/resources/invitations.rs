//! Invitations.

use super::handle;
use crate::requests::{CreateInvitation, GetInvitation, ListInvitations, RevokeInvitation};
use crate::types::UserInvitationCreate;
use crate::{Client, InvitationId};

handle! {
    /// Invitations: how people come into the organization. A beta of the vendor.
    Invitations, invitations, "Invitations: how people come into the organization."
}

impl Invitations {
    /// Lists the invitations, whatever became of them: look at the state, or filter by it.
    pub fn list(&self) -> ListInvitations<Client> {
        ListInvitations::new().with_client(&self.client)
    }

    /// Gets an invitation. A revoked one is still there, with the state `Revoked`.
    pub fn get(&self, id: impl Into<InvitationId>) -> GetInvitation<Client> {
        GetInvitation::new(id).with_client(&self.client)
    }

    /// Invites a person by mail address, also one without an account, and into teams if you like. There is no user id
    /// before the person accepts.
    pub fn create(&self, invitation: UserInvitationCreate) -> CreateInvitation<Client> {
        CreateInvitation::new(invitation).with_client(&self.client)
    }

    /// Withdraws an invitation. Whoever has accepted stays; [`Users::remove`](crate::Users::remove) is for them.
    pub fn revoke(&self, id: impl Into<InvitationId>) -> RevokeInvitation<Client> {
        RevokeInvitation::new(id).with_client(&self.client)
    }
}
