//! Audit logs.

use super::handle;
use crate::Client;
use crate::requests::ListAuditLogs;

handle! {
    /// Audit logs: who did what in the organization.
    ///
    /// ```
    /// # use singlestore_management_emulator::Emulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::builder().polls_until_ready(0).polls_until_settled(0).start()?;
    /// # let quick = std::time::Duration::from_millis(1);
    /// # let client = singlestore_management::Client::builder().poll_interval(quick, quick)
    /// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
    /// let mut log = client.audit_logs().list().start_date("2026-09-01T00:00:00Z").items();
    /// while let Some(entry) = log.try_next().await? {
    ///     println!("{:?}: {:?}", entry.created_at, entry.reason);
    /// }
    /// # Ok(()) }
    /// ```
    AuditLogs, audit_logs, "Audit logs: who did what in the organization."
}

impl AuditLogs {
    /// Lists the entries. They come in pages: awaiting the request returns one, `items()` reads them all, and `follow`
    /// waits for new ones; see [`items`](crate::items).
    #[inline]
    pub fn list(&self) -> ListAuditLogs<Client> {
        ListAuditLogs::new().with_client(&self.client)
    }
}
