//! Flow instances.

use super::{find, handle};
use crate::request::Operation;
use crate::requests::{CreateFlow, DeleteFlow, GetFlow, ListFlows};
use crate::types::{Flow, FlowCreate};
use crate::{Client, Error, FlowId, IntoId, Timestamp, WaitState, Waiter};

handle! {
    /// Flow instances: they bring data into a database. An instance cannot be changed after its creation.
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
    /// # let workspace: singlestore_management::WorkspaceId = emulator
    /// #     .insert_workspace(serde_json::json!({"name": "tenant-42", "workspaceGroupID": group, "state": "ACTIVE"}))?.parse()?;
    /// use singlestore_management::types::FlowCreate;
    ///
    /// let flow = client.flows().create(FlowCreate::new("ingest", "sales", "admin", workspace)).await?;
    /// let flow = client.flows().wait_until_ready(flow.flow_id).await?;
    /// println!("{} is reached at {:?}", flow.name, flow.endpoint);
    /// # Ok(()) }
    /// ```
    Flows, flows, "Flow instances: they bring data into a database."
}

impl Flows {
    /// Lists the instances of the organization.
    #[inline]
    pub fn list(&self) -> ListFlows<Client> {
        ListFlows::new().with_client(&self.client)
    }

    /// Gets an instance. A deleted one may still be readable, with the status `Deleted`. For an unknown id the service
    /// has an error of its own, which is [`Error::is_not_found`] too.
    pub fn get(&self, id: impl IntoId<FlowId>) -> GetFlow<Client> {
        GetFlow::new(id).with_client(&self.client)
    }

    /// Creates an instance for a database of a workspace, or of a cluster, whose id is then given in place of the
    /// workspace id. The response is only the id; see [`wait_until_ready`](Self::wait_until_ready).
    #[inline]
    pub fn create(&self, flow: FlowCreate) -> CreateFlow<Client> {
        CreateFlow::new(flow).with_client(&self.client)
    }

    /// Deletes an instance.
    pub fn delete(&self, id: impl IntoId<FlowId>) -> DeleteFlow<Client> {
        DeleteFlow::new(id).with_client(&self.client)
    }

    /// Finds the live instance with that name.
    ///
    /// # Errors
    /// [`Error::is_not_found`] if there is none; [`ErrorKind::Ambiguous`](crate::ErrorKind::Ambiguous) if there are several.
    #[inline]
    pub async fn find_by_name(&self, name: &str) -> Result<Flow, Error> {
        let all = self.list().items();
        let is_match = |flow: &Flow| flow.name == name && !is_deleted(flow);
        find::only("Flow instance", &format!("the name {name:?}"), all, is_match, |flow| flow.flow_id)
            .await
            .map_err(|error| error.with_operation(<ListFlows>::INFO))
    }

    /// Waits until an instance can be used, for 30 min unless another deadline is set: the status `Running`, which
    /// comes first, and then endpoint, user and database, for which the service writes `unknown` until they exist.
    pub fn wait_until_ready(&self, id: impl IntoId<FlowId>) -> Waiter<Flow> {
        let (id, handle) = (id.into(), self.clone());
        let fetch = move |left| handle.get(id).with_deadline(left);
        Waiter::polling(&self.client, format!("Flow instance {id}"), fetch, readiness)
    }

    /// Waits until an instance is deleted: the status `Deleted`, a deletion time, or the service itself saying that it
    /// no longer knows the instance.
    pub fn wait_until_deleted(&self, id: impl IntoId<FlowId>) -> Waiter<Flow> {
        let (id, handle) = (id.into(), self.clone());
        let fetch = move |left| handle.get(id).with_deadline(left);
        let judge = |flow: &Flow| match is_deleted(flow) {
            true => WaitState::reached("Deleted"),
            false => WaitState::pending(flow.status.as_deref().unwrap_or("without a status")),
        };
        Waiter::polling(&self.client, format!("Flow instance {id}"), fetch, judge).until_gone()
    }
}

fn is_deleted(flow: &Flow) -> bool {
    let by_status = flow.status.as_deref().is_some_and(|status| status.trim().eq_ignore_ascii_case("Deleted"));
    by_status || flow.deleted_at.as_ref().is_some_and(Timestamp::is_set)
}

fn readiness(flow: &Flow) -> WaitState {
    let status = flow.status.as_deref().unwrap_or("without a status");
    let needed = [("endpoint", &flow.endpoint), ("user", &flow.user_name), ("database", &flow.database_name)];
    let lacking: Vec<&str> =
        needed.iter().filter(|(_, value)| !is_known(value.as_deref())).map(|(name, _)| *name).collect();
    let state = WaitState::by_name(status, &["Running"], &["Deleted"]);
    if lacking.is_empty() { state } else { state.lacking(&format!("without {}", lacking.join(", "))) }
}

/// Until a value exists, the service leaves it out, or writes an empty string or this word.
fn is_known(value: Option<&str>) -> bool {
    value.is_some_and(|text| !text.trim().is_empty() && !text.trim().eq_ignore_ascii_case("unknown"))
}
