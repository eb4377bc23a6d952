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
use crate::{Client, Error, UserId, VirtualWorkspaceId};

handle! {
    /// Starter workspaces, which the API calls virtual workspaces: a database each, on shared machines.
    VirtualWorkspaces, virtual_workspaces, "Starter workspaces, which the API calls virtual workspaces: a database each, on shared machines (v1)."
}

impl VirtualWorkspaces {
    /// Lists the starter workspaces. Terminated ones are not among them.
    pub fn list(&self) -> ListVirtualWorkspaces<Client> {
        ListVirtualWorkspaces::new().with_client(&self.client)
    }

    /// Gets a starter workspace: its database, and where to connect to.
    pub fn get(&self, id: impl Into<VirtualWorkspaceId>) -> GetVirtualWorkspace<Client> {
        GetVirtualWorkspace::new(id).with_client(&self.client)
    }

    /// Creates a starter workspace; the response is the id alone. Only the regions of the shared tier will do, see
    /// [`Regions`](crate::Regions); the service responds 500 for any other.
    pub fn create(&self, workspace: SharedTierCreateVirtualWorkspace) -> CreateVirtualWorkspace<Client> {
        CreateVirtualWorkspace::new(workspace).with_client(&self.client)
    }

    /// Terminates a starter workspace for good, with its database. It is gone at once.
    pub fn terminate(&self, id: impl Into<VirtualWorkspaceId>) -> TerminateVirtualWorkspace<Client> {
        TerminateVirtualWorkspace::new(id).with_client(&self.client)
    }

    /// Creates a database user. No call lists users, so keep the id of the response, and the password, if the service
    /// made it. The name must be free in all starter deployments of the project: the service responds 500, without a
    /// reason, if it is not.
    pub fn create_user(
        &self,
        id: impl Into<VirtualWorkspaceId>,
        user: SharedTierCreateUser,
    ) -> CreateVirtualWorkspaceUser<Client> {
        CreateVirtualWorkspaceUser::new(id, user).with_client(&self.client)
    }

    /// Changes the password of a database user.
    pub fn update_user(
        &self,
        id: impl Into<VirtualWorkspaceId>,
        user: impl Into<UserId>,
        change: SharedTierUpdateUser,
    ) -> UpdateVirtualWorkspaceUser<Client> {
        UpdateVirtualWorkspaceUser::new(id, user, change).with_client(&self.client)
    }

    /// Deletes a database user.
    pub fn delete_user(
        &self,
        id: impl Into<VirtualWorkspaceId>,
        user: impl Into<UserId>,
    ) -> DeleteVirtualWorkspaceUser<Client> {
        DeleteVirtualWorkspaceUser::new(id, user).with_client(&self.client)
    }

    /// Finds the starter workspace of that name.
    ///
    /// # Errors
    /// [`Error::is_not_found`] if there is none; [`ErrorKind::Ambiguous`](crate::ErrorKind::Ambiguous) if there are several.
    pub async fn find_by_name(&self, name: &str) -> Result<SharedTierVirtualWorkspace, Error> {
        let all = self.list().items();
        let is_match = |item: &SharedTierVirtualWorkspace| item.name.as_deref() == Some(name);
        let id = |item: &SharedTierVirtualWorkspace| {
            item.virtual_workspace_id.map_or_else(|| "no id".to_owned(), |id| id.to_string())
        };
        find::only("starter workspace", name, all, is_match, id)
            .await
            .map_err(|error| error.with_operation(ListVirtualWorkspaces::<()>::INFO))
    }
}
