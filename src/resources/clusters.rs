//! Clusters (v2).

use std::future::IntoFuture;

use super::firewall_change::{FirewallChange, View};
use super::{find, handle};
use crate::firewall::firewall_matches;
use crate::request::Operation;
use crate::requests::{
    CreateCluster, GetCluster, ListClusters, ResumeCluster, SuspendCluster, TerminateCluster, UpdateCluster,
};
use crate::types::{Cluster, ClusterCreate, ClusterState, ClusterUpdate};
use crate::{Client, ClusterId, Error, IntoId, WaitState, Waiter, WorkspaceGroupId};

handle! {
    /// Clusters: the deployments of the v2 interface, a single flat resource instead of groups with workspaces.
    ///
    /// ```
    /// # use singlestore_management_emulator::Emulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::builder().polls_until_ready(0).polls_until_settled(0).start()?;
    /// # let quick = std::time::Duration::from_millis(1);
    /// # let client = singlestore_management::Client::builder().poll_interval(quick, quick)
    /// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
    /// # let project = client.projects().list().await?.remove(0).project_id;
    /// use singlestore_management::types::{CloudProvider, ClusterCreate, ClusterSizeConfig, ClusterUpdate};
    ///
    /// let size = ClusterSizeConfig::new().size("S-00");
    /// let create = ClusterCreate::new("tenant-42", ["203.0.113.0/24"], project, "us-east-1", size);
    /// let made = client.clusters().create(create.provider(CloudProvider::Aws)).await?;
    /// let cluster = client.clusters().wait_until_ready(made.cluster_id).await?;
    /// println!("{} is reached at {:?}, with {:?}", cluster.name, cluster.endpoint, made.admin_password);
    ///
    /// client.clusters().suspend(&cluster).await?;
    /// client.clusters().wait_until_suspended(&cluster).await?;
    /// client.clusters().terminate(&cluster).await?;
    /// # Ok(()) }
    /// ```
    Clusters, clusters, "Clusters: the deployments of the v2 interface."
}

impl Clusters {
    /// Lists the clusters of the organization. Terminated ones have been seen next to live ones of the same name.
    #[inline]
    pub fn list(&self) -> ListClusters<Client> {
        ListClusters::new().with_client(&self.client)
    }

    /// Gets a cluster. A terminated one can still be read, with the state `TERMINATED`.
    pub fn get(&self, id: impl IntoId<ClusterId>) -> GetCluster<Client> {
        GetCluster::new(id).with_client(&self.client)
    }

    /// Creates a cluster. The name consists of lower-case letters, digits and inner hyphens, at most 32.
    ///
    /// The response holds the password of `admin`, which the service generates (one in the request is ignored) and
    /// never shows again: keep it. While another creation in the organization holds its lock, the call waits for the
    /// lock; see [`RetryPolicy::with_lock_attempts`](crate::RetryPolicy::with_lock_attempts).
    ///
    /// # Errors
    /// [`Error::is_already_exists`], [`Error::is_lock_conflict`], [`Error::is_out_of_credits`], [`Error::is_unknown_field`].
    #[inline]
    pub fn create(&self, cluster: ClusterCreate) -> CreateCluster<Client> {
        CreateCluster::new(cluster).with_client(&self.client)
    }

    /// Changes a cluster, which then goes through `PENDING`. Send only what should change: an unchanged size costs minutes.
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
    /// use singlestore_management::types::{ClusterSizeConfig, ClusterUpdate};
    ///
    /// let size = ClusterSizeConfig::new().size("S-1");
    /// client.clusters().update(cluster, ClusterUpdate::new().size_config(size)).await?;
    /// client.clusters().wait_until_ready(cluster).await?;
    /// # Ok(()) }
    /// ```
    pub fn update(&self, id: impl IntoId<ClusterId>, change: ClusterUpdate) -> UpdateCluster<Client> {
        UpdateCluster::new(id, change).with_client(&self.client)
    }

    /// Suspends a cluster: its compute is released, its data stays.
    pub fn suspend(&self, id: impl IntoId<ClusterId>) -> SuspendCluster<Client> {
        SuspendCluster::new(id).with_client(&self.client)
    }

    /// Resumes a suspended cluster.
    pub fn resume(&self, id: impl IntoId<ClusterId>) -> ResumeCluster<Client> {
        ResumeCluster::new(id).with_client(&self.client)
    }

    /// Terminates a cluster permanently, with its databases. One that is being created or changed is refused with 400 or 409.
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
    /// use std::time::Duration;
    ///
    /// client.clusters().terminate(cluster).when_possible(Duration::from_secs(600)).ok_if_gone().await?;
    /// # Ok(()) }
    /// ```
    pub fn terminate(&self, id: impl IntoId<ClusterId>) -> TerminateCluster<Client> {
        TerminateCluster::new(id).with_client(&self.client)
    }

    /// Finds the live cluster with that name.
    ///
    /// # Errors
    /// [`Error::is_not_found`] if there is none; [`ErrorKind::Ambiguous`](crate::ErrorKind::Ambiguous) if there are several.
    #[inline]
    pub async fn find_by_name(&self, name: &str) -> Result<Cluster, Error> {
        let all = self.list().items();
        let is_match = |c: &Cluster| c.name == name && c.state != Some(ClusterState::Terminated);
        find::only("cluster", &format!("the name {name:?}"), all, is_match, |cluster| cluster.cluster_id)
            .await
            .map_err(|error| error.with_operation(<ListClusters>::INFO))
    }

    /// Finds the live cluster behind a v1 workspace group: there is one cluster per group.
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
    /// # emulator.insert_cluster(serde_json::json!({"name": "tenants", "groupID": group, "state": "ACTIVE"}))?;
    /// // An id kept from v1.
    /// let cluster = client.clusters().find_by_group(group).await?;
    /// println!("{} is the cluster {}", cluster.name, cluster.cluster_id);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Error::is_not_found`] if no cluster says that it belongs to this group, which is the case if the group has
    /// several workspaces; [`ErrorKind::Ambiguous`](crate::ErrorKind::Ambiguous) if several do.
    pub async fn find_by_group(&self, group: impl IntoId<WorkspaceGroupId>) -> Result<Cluster, Error> {
        let group = group.into();
        let is_match =
            |cluster: &Cluster| cluster.group_id == Some(group) && cluster.state != Some(ClusterState::Terminated);
        let key = format!("the group {group}");
        find::only("cluster", &key, self.list().items(), is_match, |cluster| cluster.cluster_id)
            .await
            .map_err(|error| error.with_operation(<ListClusters>::INFO))
    }

    /// Waits until a cluster accepts connections: state `ACTIVE`, then an endpoint. The firewall follows later; see
    /// [`wait_until_firewall`](Self::wait_until_firewall).
    pub fn wait_until_ready(&self, id: impl IntoId<ClusterId>) -> Waiter<Cluster> {
        self.waiter(id.into(), |cluster| {
            WaitState::by_name(state(cluster), &["ACTIVE"], &["FAILED", "TERMINATED", "TERMINATING"])
                .with_endpoint(cluster.endpoint.as_deref())
        })
    }

    /// Waits until a cluster is ready and its firewall admits the requested ranges.
    pub fn wait_until_firewall(
        &self,
        id: impl IntoId<ClusterId>,
        ranges: impl IntoIterator<Item = impl Into<String>>,
    ) -> Waiter<Cluster> {
        let wanted: Vec<String> = ranges.into_iter().map(Into::into).collect();
        self.wait_until_ready(id).and(move |cluster| {
            let there = firewall_matches(&wanted, cluster.firewall_ranges.as_deref(), cluster.allow_all_traffic);
            if there { Ok(()) } else { Err("with a firewall other than the requested one".to_owned()) }
        })
    }

    /// Waits until a cluster is suspended.
    pub fn wait_until_suspended(&self, id: impl IntoId<ClusterId>) -> Waiter<Cluster> {
        self.waiter(id.into(), |cluster| {
            WaitState::by_name(state(cluster), &["SUSPENDED"], &["FAILED", "TERMINATED", "TERMINATING"])
        })
    }

    /// Changes the firewall of a cluster: adds, removes or sets ranges, and reads the firewall back to detect a lost
    /// update. See [`FirewallChange`].
    pub fn firewall(&self, id: impl IntoId<ClusterId>) -> FirewallChange<Cluster> {
        let (id, reads, writes) = (id.into(), self.clone(), self.clone());
        FirewallChange::new(
            &self.client,
            "cluster",
            id,
            <UpdateCluster>::INFO,
            move |left| Box::pin(reads.get(id).with_deadline(left).into_future()),
            move |ranges, left| {
                let change = ClusterUpdate::new().firewall_ranges(ranges);
                Box::pin(async move { writes.update(id, change).with_deadline(left).await.map(drop) })
            },
            |cluster| View {
                // A suspended one accepts no changes.
                state: WaitState::by_name(
                    state(cluster),
                    &["ACTIVE"],
                    &["FAILED", "SUSPENDED", "TERMINATED", "TERMINATING"],
                ),
                ranges: cluster.firewall_ranges.as_deref(),
                allow_all: cluster.allow_all_traffic,
            },
        )
    }

    /// Waits until a cluster is terminated.
    pub fn wait_until_terminated(&self, id: impl IntoId<ClusterId>) -> Waiter<Cluster> {
        self.waiter(id.into(), |cluster| {
            // Some clients wait for the time, others for the state; either is enough.
            match &cluster.terminated_at {
                Some(at) if at.is_set() => WaitState::reached(format!("terminated at {at}")),
                _ => WaitState::by_name(state(cluster), &["TERMINATED"], &[]),
            }
        })
        .until_gone()
    }

    fn waiter(&self, id: ClusterId, judge: impl Fn(&Cluster) -> WaitState + Send + Sync + 'static) -> Waiter<Cluster> {
        let handle = self.clone();
        let fetch = move |left| handle.get(id).with_deadline(left);
        Waiter::polling(&self.client, format!("cluster {id}"), fetch, judge)
    }
}

fn state(cluster: &Cluster) -> &str {
    cluster.state.as_ref().map_or("without a state", ClusterState::as_str)
}
