//! Stage: the files of a cluster (v2).

use super::handle;
use crate::requests::{
    DeleteClusterStageFile, GetClusterStageFile, ListClusterStageFiles, MoveClusterStageFile, UploadClusterStageFile,
};
use crate::types::MoveClusterStageFileBody;
use crate::{Client, ClusterId};

handle! {
    /// Stage: the files of a cluster. Paths have no slash at the front.
    ClusterStage, cluster_stage, "Stage: the files of a cluster (v2)."
}

impl ClusterStage {
    /// Lists the root folder: the entries are the `content` of the answer. [`get`](Self::get) lists other folders.
    pub fn list(&self, cluster: impl Into<ClusterId>) -> ListClusterStageFiles<Client> {
        ListClusterStageFiles::new(cluster).with_client(&self.client)
    }

    /// Gets what the service knows of a file, or lists a folder, whose path ends in `/`: without the slash a folder is
    /// not found. The content of a file is not in the answer.
    pub fn get(&self, cluster: impl Into<ClusterId>, path: impl Into<String>) -> GetClusterStageFile<Client> {
        GetClusterStageFile::new(cluster, path).metadata(true).with_client(&self.client)
    }

    /// Uploads a file into a folder that exists. The body is a form (`multipart/form-data`) whose part `file` is the
    /// content; `content_type` names its boundary. Whether a file that is already there is replaced is not known:
    /// remove it first.
    ///
    /// A path that ends in `/`, an empty body and `is_file(false)` make a folder.
    pub fn upload(
        &self,
        cluster: impl Into<ClusterId>,
        path: impl Into<String>,
        content_type: impl Into<String>,
        body: impl Into<reqwest::Body>,
    ) -> UploadClusterStageFile<Client> {
        UploadClusterStageFile::new(cluster, path, content_type, body).with_client(&self.client)
    }

    /// Gives a file or folder another path. Both paths of a folder end in `/`.
    pub fn rename(
        &self,
        cluster: impl Into<ClusterId>,
        path: impl Into<String>,
        new_path: impl Into<String>,
    ) -> MoveClusterStageFile<Client> {
        MoveClusterStageFile::new(cluster, path, MoveClusterStageFileBody::new(new_path)).with_client(&self.client)
    }

    /// Removes a file; or, if the path ends in `/`, a folder with all that is in it. A folder stays when its last file
    /// goes.
    pub fn remove(&self, cluster: impl Into<ClusterId>, path: impl Into<String>) -> DeleteClusterStageFile<Client> {
        DeleteClusterStageFile::new(cluster, path).with_client(&self.client)
    }
}
