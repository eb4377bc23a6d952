//! Stage: the files of a cluster (v2).

use super::handle;
use crate::files::{Space, file_verbs};
use crate::requests::ListClusterStageFiles;
use crate::{Client, ClusterId};

handle! {
    /// Stage: the files of a cluster. See [`files`](crate::files) for a guide.
    ClusterStage, cluster_stage, "Stage: the files of a cluster (v2). See [`files`](crate::files) for a guide."
}

impl ClusterStage {
    /// Lists the root folder: the entries are the `content` of the response. [`metadata`](Self::metadata) lists other
    /// folders, and [`walk`](Self::walk) all below one.
    pub fn list(&self, cluster: impl Into<ClusterId>) -> ListClusterStageFiles<Client> {
        ListClusterStageFiles::new(cluster).with_client(&self.client)
    }

    fn space(&self, cluster: impl Into<ClusterId>) -> Space {
        Space::ClusterStage(cluster.into())
    }
}

file_verbs!(ClusterStage, cluster: ClusterId);
