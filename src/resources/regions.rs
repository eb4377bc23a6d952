//! Regions, v1 and v2.

use super::handle;
use crate::Client;
use crate::requests::{ListRegions, ListRegionsV2, ListSharedTierRegions, ListSharedTierRegionsV2};

handle! {
    /// Regions: where deployments can run.
    ///
    /// ```
    /// # use singlestore_management_emulator::Emulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::builder().polls_until_ready(0).polls_until_settled(0).start()?;
    /// # let quick = std::time::Duration::from_millis(1);
    /// # let client = singlestore_management::Client::builder().poll_interval(quick, quick)
    /// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
    /// use singlestore_management::types::CloudProvider;
    ///
    /// let regions = client.regions().list().await?;
    /// for region in regions.iter().filter(|region| region.provider == CloudProvider::Aws) {
    ///     println!("{} has the id {}", region.region, region.region_id);
    /// }
    /// # Ok(()) }
    /// ```
    Regions, regions, "Regions: where deployments can run."
}

impl Regions {
    /// Lists the regions with the ids that creating workspace groups takes (v1).
    #[inline]
    pub fn list(&self) -> ListRegions<Client> {
        ListRegions::new().with_client(&self.client)
    }

    /// Lists the regions with the names that creating clusters takes (v2). They have no ids.
    #[inline]
    pub fn list_v2(&self) -> ListRegionsV2<Client> {
        ListRegionsV2::new().with_client(&self.client)
    }

    /// Lists the regions of the shared tier (v1).
    #[inline]
    pub fn list_shared_tier(&self) -> ListSharedTierRegions<Client> {
        ListSharedTierRegions::new().with_client(&self.client)
    }

    /// Lists the regions of the shared tier (v2); the content is the same as in v1.
    #[inline]
    pub fn list_shared_tier_v2(&self) -> ListSharedTierRegionsV2<Client> {
        ListSharedTierRegionsV2::new().with_client(&self.client)
    }
}
