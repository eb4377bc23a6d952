//! Starter workspaces: the shared tier (v1).

use super::{find, handle};
use crate::request::Operation;
use crate::requests::{
    CreateVirtualWorkspace, CreateVirtualWorkspaceUser, DeleteVirtualWorkspaceUser, GetVirtualWorkspace,
    ListVirtualWorkspaces, TerminateVirtualWorkspace, UpdateVirtualWorkspaceUser,
};
use crate::types::{
    SharedTierCreateUser, SharedTierCreateVirtualWorkspace, SharedTierUpdateUser, SharedTierVirtualWorkspace,
};
use crate::{Client, Error, IntoId, UserId, VirtualWorkspaceId};

handle! {
    /// Starter workspaces, which the API calls virtual workspaces: a database each, on shared machines.
    ///
    /// ```
    /// # use singlestore_management_emulator::Emulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::builder().polls_until_ready(0).polls_until_settled(0).start()?;
    /// # let quick = std::time::Duration::from_millis(1);
    /// # let client = singlestore_management::Client::builder().poll_interval(quick, quick)
    /// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
    /// use singlestore_management::types::{SharedTierCreateUser, SharedTierCreateVirtualWorkspace};
    ///
    /// let region = client.regions().list_shared_tier().await?.remove(0);
    /// let create = SharedTierCreateVirtualWorkspace::new("trial", "sales", region.provider, region.region_name);
    /// let made = client.virtual_workspaces().create(create).await?;
    /// let id = made.virtual_workspace_id;
    /// let user = client.virtual_workspaces().create_user(id, SharedTierCreateUser::new("reader")).await?;
    /// println!("the password of the user is shown once: {:?}", user.password);
    /// # Ok(()) }
    /// ```
    VirtualWorkspaces, virtual_workspaces, "Starter workspaces, which the API calls virtual workspaces: a database each, on shared machines (v1)."
}

impl VirtualWorkspaces {
    /// Lists the starter workspaces. Terminated ones are not included.
    #[inline]
    pub fn list(&self) -> ListVirtualWorkspaces<Client> {
        ListVirtualWorkspaces::new().with_client(&self.client)
    }

    /// Gets a starter workspace: its database, and where to connect.
    pub fn get(&self, id: impl IntoId<VirtualWorkspaceId>) -> GetVirtualWorkspace<Client> {
        GetVirtualWorkspace::new(id).with_client(&self.client)
    }

    /// Creates a starter workspace; the response is only the id. Only regions of the shared tier work, see
    /// [`Regions`](crate::Regions); the service responds with 500 for any other.
    #[inline]
    pub fn create(&self, workspace: SharedTierCreateVirtualWorkspace) -> CreateVirtualWorkspace<Client> {
        CreateVirtualWorkspace::new(workspace).with_client(&self.client)
    }

    /// Terminates a starter workspace permanently, with its database. It is gone at once.
    pub fn terminate(&self, id: impl IntoId<VirtualWorkspaceId>) -> TerminateVirtualWorkspace<Client> {
        TerminateVirtualWorkspace::new(id).with_client(&self.client)
    }

    /// Creates a database user. No call lists users, so keep the id from the response, and the password if the service
    /// generated it. The name must not be used in any starter deployment of the project: otherwise the service responds
    /// with 500, without a reason.
    pub fn create_user(
        &self,
        id: impl IntoId<VirtualWorkspaceId>,
        user: SharedTierCreateUser,
    ) -> CreateVirtualWorkspaceUser<Client> {
        CreateVirtualWorkspaceUser::new(id, user).with_client(&self.client)
    }

    /// Changes the password of a database user.
    pub fn update_user(
        &self,
        id: impl IntoId<VirtualWorkspaceId>,
        user: impl IntoId<UserId>,
        change: SharedTierUpdateUser,
    ) -> UpdateVirtualWorkspaceUser<Client> {
        UpdateVirtualWorkspaceUser::new(id, user, change).with_client(&self.client)
    }

    /// Deletes a database user.
    pub fn delete_user(
        &self,
        id: impl IntoId<VirtualWorkspaceId>,
        user: impl IntoId<UserId>,
    ) -> DeleteVirtualWorkspaceUser<Client> {
        DeleteVirtualWorkspaceUser::new(id, user).with_client(&self.client)
    }

    /// Finds the starter workspace with that name.
    ///
    /// # Errors
    /// [`Error::is_not_found`] if there is none; [`ErrorKind::Ambiguous`](crate::ErrorKind::Ambiguous) if there are several.
    #[inline]
    pub async fn find_by_name(&self, name: &str) -> Result<SharedTierVirtualWorkspace, Error> {
        let all = self.list().items();
        let is_match = |item: &SharedTierVirtualWorkspace| item.name.as_deref() == Some(name);
        let id = |item: &SharedTierVirtualWorkspace| {
            item.virtual_workspace_id.map_or_else(|| "no id".to_owned(), |id| id.to_string())
        };
        find::only("starter workspace", &format!("the name {name:?}"), all, is_match, id)
            .await
            .map_err(|error| error.with_operation(<ListVirtualWorkspaces>::INFO))
    }
}
