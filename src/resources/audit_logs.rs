//! Audit logs.

use super::handle;
use crate::Client;
use crate::requests::ListAuditLogs;

handle! {
    /// Audit logs: who did what in the organization.
    AuditLogs, audit_logs, "Audit logs: who did what in the organization."
}

impl AuditLogs {
    /// Lists the entries. They come in pages: awaiting the request gives one, `items()` reads them all, and `follow` waits
    /// for new ones; see [`items`](crate::items).
    pub fn list(&self) -> ListAuditLogs<Client> {
        ListAuditLogs::new().with_client(&self.client)
    }
}
