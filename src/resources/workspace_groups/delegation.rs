//! Grants on a workspace group, its identity at the cloud provider and its delegated entities.

use super::WorkspaceGroups;
use crate::requests::{
    AddWorkspaceGroupDelegatedEntities, GetWorkspaceGroupAccessControls, GetWorkspaceGroupIdentity,
    ListWorkspaceGroupDelegatedEntities, RemoveWorkspaceGroupDelegatedEntities, UpdateWorkspaceGroupAccessControls,
};
use crate::types::{ControlAccessAction, DelegatedEntitiesAppend, DelegatedEntitiesRemove};
use crate::{Client, IntoId, WorkspaceGroupId};

impl WorkspaceGroups {
    /// Gets the roles on a group and who holds them. Their resource type is called `Cluster`.
    pub fn access_controls(&self, id: impl IntoId<WorkspaceGroupId>) -> GetWorkspaceGroupAccessControls<Client> {
        GetWorkspaceGroupAccessControls::new(id).with_client(&self.client)
    }

    /// Grants and revokes roles on a group. The response is empty.
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
    /// use singlestore_management::types::ControlAccessAction;
    ///
    /// let me = client.users().current().await?;
    /// client.workspace_groups().update_access_controls(group, ControlAccessAction::grant("Owner").user(&me)).await?;
    /// # Ok(()) }
    /// ```
    pub fn update_access_controls(
        &self,
        id: impl IntoId<WorkspaceGroupId>,
        action: ControlAccessAction,
    ) -> UpdateWorkspaceGroupAccessControls<Client> {
        UpdateWorkspaceGroupAccessControls::new(id, action).with_client(&self.client)
    }

    /// Gets the identity that a group has at its cloud provider.
    pub fn identity(&self, id: impl IntoId<WorkspaceGroupId>) -> GetWorkspaceGroupIdentity<Client> {
        GetWorkspaceGroupIdentity::new(id).with_client(&self.client)
    }

    /// Lists the delegated entities of a group, with the time when each was added.
    pub fn delegated_entities(&self, id: impl IntoId<WorkspaceGroupId>) -> ListWorkspaceGroupDelegatedEntities<Client> {
        ListWorkspaceGroupDelegatedEntities::new(id).with_client(&self.client)
    }

    /// Adds delegated entities to the existing ones.
    pub fn add_delegated_entities(
        &self,
        id: impl IntoId<WorkspaceGroupId>,
        entities: DelegatedEntitiesAppend,
    ) -> AddWorkspaceGroupDelegatedEntities<Client> {
        AddWorkspaceGroupDelegatedEntities::new(id, entities).with_client(&self.client)
    }

    /// Removes delegated entities. The call succeeds even if only some could be removed: check `failed` in the response.
    pub fn remove_delegated_entities(
        &self,
        id: impl IntoId<WorkspaceGroupId>,
        entities: DelegatedEntitiesRemove,
    ) -> RemoveWorkspaceGroupDelegatedEntities<Client> {
        RemoveWorkspaceGroupDelegatedEntities::new(id).body(entities).with_client(&self.client)
    }
}
