//! Billing: usage, and estimates for planned resources.

use super::handle;
use crate::requests::{GetBillingUsage, GetBillingUsageV2, SimulateBillingUsage};
use crate::types::SimulateUsageRequest;
use crate::{Client, Timestamp};

handle! {
    /// Billing: usage, and estimates for planned resources.
    ///
    /// ```
    /// # use singlestore_management_emulator::Emulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::builder().polls_until_ready(0).polls_until_settled(0).start()?;
    /// # let quick = std::time::Duration::from_millis(1);
    /// # let client = singlestore_management::Client::builder().poll_interval(quick, quick)
    /// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
    /// let usage = client.billing().usage("2026-09-01T00:00:00Z", "2026-10-01T00:00:00Z").aggregate_by("day").await?;
    /// for metric in usage.billing_usage.unwrap_or_default() {
    ///     println!("{:?}: {} rows", metric.metric, metric.usage.map_or(0, |rows| rows.len()));
    /// }
    /// # Ok(()) }
    /// ```
    Billing, billing, "Billing: usage, and estimates for planned resources."
}

impl Billing {
    /// Gets the usage of a period, for each metric, resource and interval, in one response. Amounts are strings, and
    /// metrics are returned under different names than they are requested by. Recent rows still change, so read the
    /// last few days again later.
    pub fn usage(&self, start: impl Into<Timestamp>, end: impl Into<Timestamp>) -> GetBillingUsage<Client> {
        GetBillingUsage::new(start, end).with_client(&self.client)
    }

    /// The same through the v2 interface. SDKs use it; the vendor does not publish it.
    pub fn usage_v2(&self, start: impl Into<Timestamp>, end: impl Into<Timestamp>) -> GetBillingUsageV2<Client> {
        GetBillingUsageV2::new(start, end).with_client(&self.client)
    }

    /// Estimates the usage of planned resources. A beta of the vendor; its sizes and states have names of their own.
    #[inline]
    pub fn simulate(&self, request: SimulateUsageRequest) -> SimulateBillingUsage<Client> {
        SimulateBillingUsage::new(request).with_client(&self.client)
    }
}
