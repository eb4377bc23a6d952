//! Look-ups by name that may find nothing.

use crate::types::{
    Cluster, Flow, OrganizationSecret, Project, SharedTierVirtualCluster, SharedTierVirtualWorkspace, Team, Workspace,
    WorkspaceGroup,
};
use crate::{
    Clusters, Error, ErrorKind, Flows, IntoId, Projects, Secrets, Teams, VirtualClusters, VirtualWorkspaces,
    WorkspaceGroupId, WorkspaceGroups, Workspaces,
};

/// `None` if the look-up found nothing. A 404 for the list itself is still an error.
fn found<T>(result: Result<T, Error>) -> Result<Option<T>, Error> {
    match result {
        Ok(item) => Ok(Some(item)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

macro_rules! find_by_name_opt {
    ($($handle:ident $item:ident $what:literal;)*) => {$(
        impl $handle {
            #[doc = concat!("Finds the ", $what, " with that name, or `None`.")]
            ///
            /// # Errors
            /// [`ErrorKind::Ambiguous`] if there are several, and the errors of the list.
            #[inline]
            pub async fn find_by_name_opt(&self, name: &str) -> Result<Option<$item>, Error> {
                found(self.find_by_name(name).await)
            }
        }
    )*};
}

find_by_name_opt! {
    Clusters Cluster "live cluster";
    Flows Flow "live instance";
    Projects Project "project";
    Secrets OrganizationSecret "secret";
    Teams Team "team";
    VirtualClusters SharedTierVirtualCluster "starter cluster";
    VirtualWorkspaces SharedTierVirtualWorkspace "starter workspace";
}

impl WorkspaceGroups {
    /// Finds the live group with that name, or `None`.
    ///
    /// ```
    /// # use singlestore_management_emulator::Emulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::start()?;
    /// # let client = singlestore_management::Client::builder()
    /// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
    /// match client.workspace_groups().find_by_name_opt("tenants").await? {
    ///     Some(group) => println!("{} is {}", group.name, group.state),
    ///     None => println!("there is no group of that name"),
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Ambiguous`] if there are several, and the errors of the list.
    #[inline]
    pub async fn find_by_name_opt(&self, name: &str) -> Result<Option<WorkspaceGroup>, Error> {
        found(self.find_by_name(name).await)
    }
}

impl Workspaces {
    /// Finds the live workspace with that name in a group, or `None`.
    ///
    /// # Errors
    /// [`ErrorKind::Ambiguous`] if there are several, and the errors of the list.
    pub async fn find_by_name_opt(
        &self,
        group: impl IntoId<WorkspaceGroupId>,
        name: &str,
    ) -> Result<Option<Workspace>, Error> {
        found(self.find_by_name(group, name).await)
    }
}
