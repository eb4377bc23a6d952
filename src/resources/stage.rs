//! Stage: the files of a workspace group or a starter workspace (v1).

use super::handle;
use crate::requests::{DeleteStageFile, GetStageFile, ListStageFiles, MoveStageFile, UploadStageFile};
use crate::types::MoveStageFileBody;
use crate::{Client, DeploymentId, VirtualWorkspaceId, WorkspaceGroupId};

handle! {
    /// Stage: the files of a workspace group or a starter workspace. Paths have no slash at the front.
    Stage, stage, "Stage: the files of a workspace group or a starter workspace (v1)."
}

impl Stage {
    /// Lists the root folder: the entries are the `content` of the answer. [`get`](Self::get) lists other folders.
    pub fn list(&self, deployment: impl Into<DeploymentId>) -> ListStageFiles<Client> {
        ListStageFiles::new(deployment).with_client(&self.client)
    }

    /// Gets what the service knows of a file, or lists a folder, whose path ends in `/`: without the slash a folder is
    /// not found. The content of a file is not in the answer.
    pub fn get(&self, deployment: impl Into<DeploymentId>, path: impl Into<String>) -> GetStageFile<Client> {
        GetStageFile::new(deployment, path).metadata(true).with_client(&self.client)
    }

    /// Uploads a file into a folder that exists. The body is a form (`multipart/form-data`) whose part `file` is the
    /// content; `content_type` names its boundary. Whether a file that is already there is replaced is not known:
    /// remove it first.
    ///
    /// A path that ends in `/`, an empty body and `is_file(false)` make a folder.
    pub fn upload(
        &self,
        deployment: impl Into<DeploymentId>,
        path: impl Into<String>,
        content_type: impl Into<String>,
        body: impl Into<reqwest::Body>,
    ) -> UploadStageFile<Client> {
        UploadStageFile::new(deployment, path, content_type, body).with_client(&self.client)
    }

    /// Gives a file or folder another path. Both paths of a folder end in `/`.
    pub fn rename(
        &self,
        deployment: impl Into<DeploymentId>,
        path: impl Into<String>,
        new_path: impl Into<String>,
    ) -> MoveStageFile<Client> {
        MoveStageFile::new(deployment, path, MoveStageFileBody::new(new_path)).with_client(&self.client)
    }

    /// Removes a file; or, if the path ends in `/`, a folder with all that is in it. A folder stays when its last file
    /// goes.
    pub fn remove(&self, deployment: impl Into<DeploymentId>, path: impl Into<String>) -> DeleteStageFile<Client> {
        DeleteStageFile::new(deployment, path).with_client(&self.client)
    }
}

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
