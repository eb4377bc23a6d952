//! Audit logs.

use super::handle;
use crate::Client;
use crate::requests::ListAuditLogs;

handle! {
    /// Audit logs: who did what in the organization.
    AuditLogs, audit_logs, "Audit logs: who did what in the organization."
}

impl AuditLogs {
    /// Lists one page of the entries. Hand the `nextToken` of the answer to the next call to get the next page, or keep
    /// the last one and ask later for what has happened since.
    pub fn list(&self) -> ListAuditLogs<Client> {
        ListAuditLogs::new().with_client(&self.client)
    }
}
