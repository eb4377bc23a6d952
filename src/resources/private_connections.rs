//! Private connections (v1).

use super::handle;
use crate::requests::{
    CreatePrivateConnection, DeletePrivateConnection, GetPrivateConnection, UpdatePrivateConnection,
};
use crate::types::{PrivateConnection, PrivateConnectionCreate, PrivateConnectionStatus, PrivateConnectionUpdate};
use crate::{Client, IntoId, PrivateConnectionId, WaitState, Waiter};

handle! {
    /// Private connections: links between a deployment and a customer's network.
    /// [`WorkspaceGroups`](crate::WorkspaceGroups) and [`Workspaces`](crate::Workspaces) list them.
    ///
    /// ```
    /// # use singlestore_management_emulator::Emulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::builder().polls_until_ready(0).polls_until_settled(0).start()?;
    /// # let quick = std::time::Duration::from_millis(1);
    /// # let client = singlestore_management::Client::builder().poll_interval(quick, quick)
    /// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
    /// # let group: singlestore_management::WorkspaceGroupId =
    /// #     emulator.insert_workspace_group(serde_json::json!({"name": "tenants"}))?.parse()?;
    /// use singlestore_management::types::{PrivateConnectionCreate, PrivateConnectionType};
    ///
    /// let create = PrivateConnectionCreate::new(group).type_(PrivateConnectionType::Inbound).allow_list("123456789012");
    /// let made = client.private_connections().create(create).await?;
    /// let connection = client.private_connections().wait_until_active(made.private_connection_id).await?;
    /// println!("{:?}", connection.endpoint);
    /// # Ok(()) }
    /// ```
    PrivateConnections, private_connections, "Private connections: links between a deployment and the network of a customer."
}

impl PrivateConnections {
    /// Gets a connection. A deleted one can still be read, with the status `DELETED` and perhaps an error message.
    pub fn get(&self, id: impl IntoId<PrivateConnectionId>) -> GetPrivateConnection<Client> {
        GetPrivateConnection::new(id).with_client(&self.client)
    }

    /// Creates a connection; the response is only the id, and the connection becomes `ACTIVE` later. An inbound one
    /// needs an allow list, or, for Kai, endpoint and workspace instead; an outbound one needs the service name. Leave
    /// the ports out unless the account may choose them.
    #[inline]
    pub fn create(&self, connection: PrivateConnectionCreate) -> CreatePrivateConnection<Client> {
        CreatePrivateConnection::new(connection).with_client(&self.client)
    }

    /// Replaces the allow list of an inbound connection, the only thing that can be changed. Reads may return the old
    /// list for a while.
    pub fn update(
        &self,
        id: impl IntoId<PrivateConnectionId>,
        change: PrivateConnectionUpdate,
    ) -> UpdatePrivateConnection<Client> {
        UpdatePrivateConnection::new(id, change).with_client(&self.client)
    }

    /// Deletes a connection; see [`wait_until_deleted`](Self::wait_until_deleted).
    pub fn delete(&self, id: impl IntoId<PrivateConnectionId>) -> DeletePrivateConnection<Client> {
        DeletePrivateConnection::new(id).with_client(&self.client)
    }

    /// Waits until a connection is `ACTIVE`, for 30 min unless another deadline is set.
    pub fn wait_until_active(&self, id: impl IntoId<PrivateConnectionId>) -> Waiter<PrivateConnection> {
        self.waiter(id.into(), |connection| WaitState::by_name(status(connection), &["ACTIVE"], &["DELETED"]))
    }

    /// Waits until a connection is `DELETED`, for 30 min unless another deadline is set. If the service does not know
    /// it at all, the wait ends with an error that is [`Error::is_not_found`](crate::Error::is_not_found).
    pub fn wait_until_deleted(&self, id: impl IntoId<PrivateConnectionId>) -> Waiter<PrivateConnection> {
        self.waiter(id.into(), |connection| WaitState::by_name(status(connection), &["DELETED"], &[])).until_gone()
    }

    fn waiter(
        &self,
        id: PrivateConnectionId,
        judge: impl Fn(&PrivateConnection) -> WaitState + Send + Sync + 'static,
    ) -> Waiter<PrivateConnection> {
        let handle = self.clone();
        let fetch = move |left| handle.get(id).with_deadline(left);
        Waiter::polling(&self.client, format!("private connection {id}"), fetch, judge)
    }
}

fn status(connection: &PrivateConnection) -> &str {
    connection.status.as_ref().map_or("without a status", PrivateConnectionStatus::as_str)
}
