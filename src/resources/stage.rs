//! Stage: the files of a workspace group or a starter workspace (v1).

use super::handle;
use crate::files::{Space, file_verbs};
use crate::requests::ListStageFiles;
use crate::{Client, DeploymentId, VirtualWorkspaceId, WorkspaceGroupId};

handle! {
    /// Stage: the files of a workspace group or a starter workspace. See [`files`](crate::files) for a guide.
    Stage, stage, "Stage: the files of a workspace group or a starter workspace (v1). See [`files`](crate::files) for a guide."
}

impl Stage {
    /// Lists the root folder: the entries are the `content` of the response. [`metadata`](Self::metadata) lists other
    /// folders, and [`walk`](Self::walk) all below one.
    pub fn list(&self, deployment: impl Into<DeploymentId>) -> ListStageFiles<Client> {
        ListStageFiles::new(deployment).with_client(&self.client)
    }

    fn space(&self, deployment: impl Into<DeploymentId>) -> Space {
        Space::Stage(deployment.into())
    }
}

file_verbs!(Stage, deployment: DeploymentId);

/// A Stage belongs to a workspace group or to a starter workspace, and is named by the id of either.
impl From<WorkspaceGroupId> for DeploymentId {
    fn from(id: WorkspaceGroupId) -> Self {
        Self::from_uuid(*id.as_uuid())
    }
}

/// A Stage belongs to a workspace group or to a starter workspace, and is named by the id of either.
impl From<VirtualWorkspaceId> for DeploymentId {
    fn from(id: VirtualWorkspaceId) -> Self {
        Self::from_uuid(*id.as_uuid())
    }
}
