//! Users of the organization.

use super::handle;
use crate::requests::{AddUser, GetCurrentUser, GetUser, ListUserIdentityRoles, ListUsers, RemoveUser};
use crate::types::AddUserBody;
use crate::{Client, IntoId, UserId};

handle! {
    /// Users of the organization.
    ///
    /// ```
    /// # use singlestore_management_emulator::Emulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::builder().polls_until_ready(0).polls_until_settled(0).start()?;
    /// # let quick = std::time::Duration::from_millis(1);
    /// # let client = singlestore_management::Client::builder().poll_interval(quick, quick)
    /// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
    /// for user in client.users().list().await? {
    ///     println!("{:?} has the id {}", user.email, user.user_id);
    /// }
    /// # Ok(()) }
    /// ```
    Users, users, "Users of the organization."
}

impl Users {
    /// Lists the users; the filter `email` is a regular expression. A person who has not accepted an invitation is not
    /// included: see [`Invitations`](crate::Invitations).
    #[inline]
    pub fn list(&self) -> ListUsers<Client> {
        ListUsers::new().with_client(&self.client)
    }

    /// Gets the user that the credentials belong to.
    #[inline]
    pub fn current(&self) -> GetCurrentUser<Client> {
        GetCurrentUser::new().with_client(&self.client)
    }

    /// Gets a user.
    pub fn get(&self, id: impl IntoId<UserId>) -> GetUser<Client> {
        GetUser::new(id).with_client(&self.client)
    }

    /// Adds a person who already has an account; anybody else needs an [invitation](crate::Invitations::create). The
    /// response is empty: look up the id.
    pub fn add(&self, email: impl Into<String>) -> AddUser<Client> {
        AddUser::new(AddUserBody::new(email)).with_client(&self.client)
    }

    /// Removes a user from the organization. Invitations of the same person remain: revoke them too.
    pub fn remove(&self, id: impl IntoId<UserId>) -> RemoveUser<Client> {
        RemoveUser::new(id).with_client(&self.client)
    }

    /// Lists the roles that a user holds, one entry for each resource and role.
    pub fn identity_roles(&self, id: impl IntoId<UserId>) -> ListUserIdentityRoles<Client> {
        ListUserIdentityRoles::new(id).with_client(&self.client)
    }
}
