//! Whether a deployment already is in the state that a call would bring about. The service's messages for that case are not on
//! record, so the state that was read decides.

use crate::types::{Cluster, ClusterState, Workspace, WorkspaceGroup};

fn is(state: &str, wanted: &str) -> bool {
    state.trim().eq_ignore_ascii_case(wanted)
}

impl Workspace {
    /// Whether it is suspended, so that there is nothing to suspend: state `SUSPENDED`.
    ///
    /// ```
    /// # use singlestore_management_emulator::Emulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::start()?;
    /// # let client = singlestore_management::Client::builder()
    /// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
    /// # let group = emulator.insert_workspace_group(serde_json::json!({"name": "g"}))?;
    /// # let workspace = serde_json::json!({"name": "w", "workspaceGroupID": group, "state": "SUSPENDED"});
    /// # let id: singlestore_management::WorkspaceId = emulator.insert_workspace(workspace)?.parse()?;
    /// let workspace = client.workspaces().get(id).await?;
    /// if !workspace.is_already_suspended() {
    ///     client.workspaces().suspend(id).await?;
    /// }
    /// assert_eq!(emulator.count_of("suspend_workspace"), 0);
    /// # Ok(()) }
    /// ```
    #[inline]
    pub fn is_already_suspended(&self) -> bool {
        is(self.state.as_str(), "SUSPENDED")
    }

    /// Whether it is running, so that there is nothing to resume: state `ACTIVE`.
    #[inline]
    pub fn is_already_active(&self) -> bool {
        is(self.state.as_str(), "ACTIVE")
    }

    /// Whether it is terminated: state `TERMINATED`.
    #[inline]
    pub fn is_already_terminated(&self) -> bool {
        is(self.state.as_str(), "TERMINATED")
    }
}

impl WorkspaceGroup {
    /// Whether it is running: state `ACTIVE`.
    #[inline]
    pub fn is_already_active(&self) -> bool {
        is(self.state.as_str(), "ACTIVE")
    }

    /// Whether it is terminated: state `TERMINATED`.
    #[inline]
    pub fn is_already_terminated(&self) -> bool {
        is(self.state.as_str(), "TERMINATED")
    }
}

impl Cluster {
    fn is(&self, wanted: &str) -> bool {
        self.state.as_ref().is_some_and(|state: &ClusterState| is(state.as_str(), wanted))
    }

    /// Whether it is suspended, so that there is nothing to suspend: state `SUSPENDED`.
    #[inline]
    pub fn is_already_suspended(&self) -> bool {
        self.is("SUSPENDED")
    }

    /// Whether it is running, so that there is nothing to resume: state `ACTIVE`.
    #[inline]
    pub fn is_already_active(&self) -> bool {
        self.is("ACTIVE")
    }

    /// Whether it is terminated: state `TERMINATED`.
    #[inline]
    pub fn is_already_terminated(&self) -> bool {
        self.is("TERMINATED")
    }
}

#[cfg(test)]
mod tests {
    use crate::types::{Cluster, Workspace};

    #[test]
    fn the_state_that_was_read_decides() {
        let id = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";
        for (state, want) in [
            ("SUSPENDED", [true, false, false]),
            ("ACTIVE", [false, true, false]),
            ("TERMINATED", [false, false, true]),
            ("SUSPENDING", [false; 3]),
            ("NEW", [false; 3]),
        ] {
            let workspace: Workspace =
                serde_json::from_value(serde_json::json!({"name": "n", "workspaceID": id, "state": state})).unwrap();
            let seen =
                [workspace.is_already_suspended(), workspace.is_already_active(), workspace.is_already_terminated()];
            assert_eq!(seen, want, "{state}");
            let cluster: Cluster =
                serde_json::from_value(serde_json::json!({"name": "n", "clusterID": id, "state": state})).unwrap();
            let seen = [cluster.is_already_suspended(), cluster.is_already_active(), cluster.is_already_terminated()];
            assert_eq!(seen, want, "{state}");
        }
    }
}
