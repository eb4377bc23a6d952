//! Stage: the files of a cluster (v2).

use super::handle;
use crate::files::{Space, file_verbs};
use crate::requests::ListClusterStageFiles;
use crate::{Client, ClusterId, IntoId};

handle! {
    /// Stage: the files of a cluster. See [`files`](crate::files) for a guide.
    ///
    /// ```
    /// # use singlestore_management_emulator::Emulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::builder().polls_until_ready(0).polls_until_settled(0).start()?;
    /// # let quick = std::time::Duration::from_millis(1);
    /// # let client = singlestore_management::Client::builder().poll_interval(quick, quick)
    /// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
    /// # let cluster: singlestore_management::ClusterId =
    /// #     emulator.insert_cluster(serde_json::json!({"name": "tenant-42", "state": "ACTIVE"}))?.parse()?;
    /// client.cluster_stage().upload(cluster, "hello.txt", "Hello").await?;
    /// let text = client.cluster_stage().download(cluster, "hello.txt").bytes().await?;
    /// assert_eq!(text, "Hello");
    /// # Ok(()) }
    /// ```
    ClusterStage, cluster_stage, "Stage: the files of a cluster (v2). See [`files`](crate::files) for a guide."
}

impl ClusterStage {
    /// Lists the root folder: the entries are the `content` of the response. [`metadata`](Self::metadata) lists other
    /// folders, and [`walk`](Self::walk) everything below one.
    pub fn list(&self, cluster: impl IntoId<ClusterId>) -> ListClusterStageFiles<Client> {
        ListClusterStageFiles::new(cluster).with_client(&self.client)
    }

    fn space(&self, cluster: impl IntoId<ClusterId>) -> Space {
        Space::ClusterStage(cluster.into())
    }
}

file_verbs!(ClusterStage, cluster: IntoId<ClusterId>);
