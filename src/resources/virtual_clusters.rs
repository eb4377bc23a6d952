//! Starter clusters: the shared tier (v2).

use super::{find, handle};
use crate::request::Operation;
use crate::requests::{
    CreateVirtualCluster, CreateVirtualClusterUser, DeleteVirtualClusterUser, GetVirtualCluster, ListVirtualClusters,
    TerminateVirtualCluster, UpdateVirtualClusterUser,
};
use crate::types::{
    SharedTierCreateUser, SharedTierCreateVirtualCluster, SharedTierUpdateUser, SharedTierVirtualCluster,
};
use crate::{Client, Error, IntoId, UserId, VirtualClusterId};

handle! {
    /// Starter clusters: a database each, on shared machines.
    ///
    /// ```
    /// # use singlestore_management_emulator::Emulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::builder().polls_until_ready(0).polls_until_settled(0).start()?;
    /// # let quick = std::time::Duration::from_millis(1);
    /// # let client = singlestore_management::Client::builder().poll_interval(quick, quick)
    /// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
    /// use singlestore_management::types::{SharedTierCreateUser, SharedTierCreateVirtualCluster};
    ///
    /// let region = client.regions().list_shared_tier_v2().await?.remove(0);
    /// let create = SharedTierCreateVirtualCluster::new("trial", "sales", region.provider, region.region_name);
    /// let made = client.virtual_clusters().create(create).await?;
    /// let user = client.virtual_clusters().create_user(made.virtual_cluster_id, SharedTierCreateUser::new("reader")).await?;
    /// println!("the password of the user is shown once: {:?}", user.password);
    /// # Ok(()) }
    /// ```
    VirtualClusters, virtual_clusters, "Starter clusters: a database each, on shared machines (v2)."
}

impl VirtualClusters {
    /// Lists the starter clusters. Terminated ones are not included.
    #[inline]
    pub fn list(&self) -> ListVirtualClusters<Client> {
        ListVirtualClusters::new().with_client(&self.client)
    }

    /// Gets a starter cluster: its database, and where to connect.
    pub fn get(&self, id: impl IntoId<VirtualClusterId>) -> GetVirtualCluster<Client> {
        GetVirtualCluster::new(id).with_client(&self.client)
    }

    /// Creates a starter cluster; the response is only the id. Only regions of the shared tier work, see
    /// [`Regions`](crate::Regions); the service responds with 500 for any other.
    #[inline]
    pub fn create(&self, cluster: SharedTierCreateVirtualCluster) -> CreateVirtualCluster<Client> {
        CreateVirtualCluster::new(cluster).with_client(&self.client)
    }

    /// Terminates a starter cluster permanently, with its database. It is gone at once.
    pub fn terminate(&self, id: impl IntoId<VirtualClusterId>) -> TerminateVirtualCluster<Client> {
        TerminateVirtualCluster::new(id).with_client(&self.client)
    }

    /// Creates a database user. No call lists users, so keep the id from the response, and the password if the service
    /// generated it. The name must not be used in any starter deployment of the project: otherwise the service responds
    /// with 500, without a reason.
    pub fn create_user(
        &self,
        id: impl IntoId<VirtualClusterId>,
        user: SharedTierCreateUser,
    ) -> CreateVirtualClusterUser<Client> {
        CreateVirtualClusterUser::new(id, user).with_client(&self.client)
    }

    /// Changes the password of a database user.
    pub fn update_user(
        &self,
        id: impl IntoId<VirtualClusterId>,
        user: impl IntoId<UserId>,
        change: SharedTierUpdateUser,
    ) -> UpdateVirtualClusterUser<Client> {
        UpdateVirtualClusterUser::new(id, user, change).with_client(&self.client)
    }

    /// Deletes a database user.
    pub fn delete_user(
        &self,
        id: impl IntoId<VirtualClusterId>,
        user: impl IntoId<UserId>,
    ) -> DeleteVirtualClusterUser<Client> {
        DeleteVirtualClusterUser::new(id, user).with_client(&self.client)
    }

    /// Finds the starter cluster with that name.
    ///
    /// # Errors
    /// [`Error::is_not_found`] if there is none; [`ErrorKind::Ambiguous`](crate::ErrorKind::Ambiguous) if there are several.
    #[inline]
    pub async fn find_by_name(&self, name: &str) -> Result<SharedTierVirtualCluster, Error> {
        let all = self.list().items();
        let is_match = |item: &SharedTierVirtualCluster| item.name.as_deref() == Some(name);
        let id = |item: &SharedTierVirtualCluster| {
            item.virtual_cluster_id.map_or_else(|| "no id".to_owned(), |id| id.to_string())
        };
        find::only("starter cluster", &format!("the name {name:?}"), all, is_match, id)
            .await
            .map_err(|error| error.with_operation(<ListVirtualClusters>::INFO))
    }
}
