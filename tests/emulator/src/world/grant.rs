//! Granted roles.

/// One role of one identity on one resource.
#[derive(Debug, Clone)]
pub(crate) struct Grant {
    pub(crate) resource_type: &'static str,
    pub(crate) resource: String,
    pub(crate) role: String,
    pub(crate) identity: String,
    pub(crate) at: String,
}
