//! The kinds of resources in an organization.

/// A kind of resource: its name for tests and the field that holds its id.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) id: &'static str,
    pub(crate) number: u16,
    /// The service's name for it in `... not found`.
    pub(crate) title: &'static str,
}

pub(crate) mod kinds {
    use super::Kind;

    macro_rules! kinds {
        ($($constant:ident = $number:literal $name:literal $id:literal $title:literal;)*) => {
            $(pub(crate) const $constant: Kind = Kind { name: $name, id: $id, number: $number, title: $title };)*

            /// All kinds.
            pub(crate) const ALL: &[&Kind] = &[$(&$constant),*];
        };
    }

    kinds! {
        WORKSPACE_GROUP = 1 "workspace_group" "workspaceGroupID" "workspace group";
        WORKSPACE = 2 "workspace" "workspaceID" "workspace";
        CLUSTER = 3 "cluster" "clusterID" "cluster";
        PROJECT = 4 "project" "projectID" "project";
        REGION = 5 "region" "regionID" "region";
        STARTER = 6 "starter" "virtualWorkspaceID" "virtual workspace";
        STARTER_USER = 7 "starter_user" "userID" "user";
        SECRET = 8 "secret" "secretID" "secret";
        TEAM = 9 "team" "teamID" "team";
        USER = 10 "user" "userID" "user";
        INVITATION = 11 "invitation" "invitationID" "invitation";
        JOB = 12 "job" "jobID" "job";
        PRIVATE_CONNECTION = 13 "private_connection" "privateConnectionID" "private connection";
        FLOW = 14 "flow" "flowID" "flow";
        CLOUD_FUNCTION = 15 "cloud_function" "serviceID" "cloud function";
        ROLE = 16 "role" "roleID" "role";
        AUDIT_LOG = 17 "audit_log" "auditID" "audit log";
        SERVICE_ACCOUNT = 18 "service_account" "serviceAccountID" "service account";
        CLOUD_PRINCIPAL = 19 "cloud_principal" "cloudPrincipalID" "cloud principal";
        EXPORT = 20 "export" "egressID" "export";
        STORAGE_DR = 21 "storage_dr" "storageDRID" "storage DR";
    }
}

impl Kind {
    /// The field that names an item's owner, for the kind whose lists are limited to one owner.
    pub(crate) fn owner(&self) -> Option<&'static str> {
        (self.number == kinds::WORKSPACE.number).then_some(kinds::WORKSPACE_GROUP.id)
    }

    /// Finds a kind by the name that tests use.
    pub(crate) fn named(name: &str) -> Option<&'static Kind> {
        kinds::ALL.iter().copied().find(|kind| kind.name == name)
    }
}
