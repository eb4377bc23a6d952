//! The private connections of a workspace.

use super::Workspaces;
use crate::requests::{
    GetWorkspaceKaiPrivateConnection, ListWorkspaceOutboundAllowList, ListWorkspacePrivateConnections,
};
use crate::{Client, IntoId, WorkspaceGroupId, WorkspaceId};

impl Workspaces {
    /// Lists the private connections of a workspace, for which the service also needs the group. Deleted ones may be
    /// included, with the status `DELETED`.
    pub fn private_connections(
        &self,
        id: impl IntoId<WorkspaceId>,
        group: impl IntoId<WorkspaceGroupId>,
    ) -> ListWorkspacePrivateConnections<Client> {
        ListWorkspacePrivateConnections::new(id, group).with_client(&self.client)
    }

    /// Gets the name of the service for a private connection to Kai, the MongoDB-compatible interface.
    pub fn kai_private_connection(&self, id: impl IntoId<WorkspaceId>) -> GetWorkspaceKaiPrivateConnection<Client> {
        GetWorkspaceKaiPrivateConnection::new(id).with_client(&self.client)
    }

    /// Lists what the far end of outbound private connections has to allow.
    pub fn outbound_allow_list(&self, id: impl IntoId<WorkspaceId>) -> ListWorkspaceOutboundAllowList<Client> {
        ListWorkspaceOutboundAllowList::new(id).with_client(&self.client)
    }
}
