//! Stage: the files of a workspace group or a starter workspace (v1).

use super::handle;
use crate::files::{Space, file_verbs};
use crate::requests::ListStageFiles;
use crate::{Client, DeploymentId, IntoId};

handle! {
    /// Stage: the files of a workspace group or a starter workspace. See [`files`](crate::files) for a guide.
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
    /// client.stage().create_folder(group, "in/2026").parents(true).await?;
    /// client.stage().upload(group, "in/2026/hello.txt", "Hello").await?;
    /// let text = client.stage().download(group, "in/2026/hello.txt").bytes().await?;
    /// assert_eq!(text, "Hello");
    /// # Ok(()) }
    /// ```
    Stage, stage, "Stage: the files of a workspace group or a starter workspace (v1). See [`files`](crate::files) for a guide."
}

impl Stage {
    /// Lists the root folder: see [`entries`](crate::types::FileObject::entries). [`metadata`](Self::metadata) lists
    /// other folders, and [`walk`](Self::walk) everything below one.
    pub fn list(&self, deployment: impl IntoId<DeploymentId>) -> ListStageFiles<Client> {
        ListStageFiles::new(deployment).with_client(&self.client)
    }

    fn space(&self, deployment: impl IntoId<DeploymentId>) -> Space {
        Space::Stage(deployment.into())
    }
}

file_verbs!(Stage, deployment: IntoId<DeploymentId>);
