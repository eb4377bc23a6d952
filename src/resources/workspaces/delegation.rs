//! The identity of a workspace at its cloud provider and its delegated entities.

use super::Workspaces;
use crate::requests::{
    AddWorkspaceDelegatedEntities, GetWorkspaceIdentity, ListWorkspaceDelegatedEntities,
    RemoveWorkspaceDelegatedEntities,
};
use crate::types::{DelegatedEntitiesAppend, DelegatedEntitiesRemove};
use crate::{Client, IntoId, WorkspaceId};

impl Workspaces {
    /// Gets the identity that a workspace has at its cloud provider.
    pub fn identity(&self, id: impl IntoId<WorkspaceId>) -> GetWorkspaceIdentity<Client> {
        GetWorkspaceIdentity::new(id).with_client(&self.client)
    }

    /// Lists the delegated entities of a workspace, with the time when each was added.
    pub fn delegated_entities(&self, id: impl IntoId<WorkspaceId>) -> ListWorkspaceDelegatedEntities<Client> {
        ListWorkspaceDelegatedEntities::new(id).with_client(&self.client)
    }

    /// Adds delegated entities to the existing ones.
    pub fn add_delegated_entities(
        &self,
        id: impl IntoId<WorkspaceId>,
        entities: DelegatedEntitiesAppend,
    ) -> AddWorkspaceDelegatedEntities<Client> {
        AddWorkspaceDelegatedEntities::new(id, entities).with_client(&self.client)
    }

    /// Removes delegated entities. The call succeeds even if only some could be removed: check `failed` in the response.
    pub fn remove_delegated_entities(
        &self,
        id: impl IntoId<WorkspaceId>,
        entities: DelegatedEntitiesRemove,
    ) -> RemoveWorkspaceDelegatedEntities<Client> {
        RemoveWorkspaceDelegatedEntities::new(id).body(entities).with_client(&self.client)
    }
}
