//! One handle for each resource family. A method returns the request of its operation, bound to the client: await it, or set
//! its options first.

mod already;
mod audit_logs;
mod billing;
mod cloud_functions;
mod cloud_principals;
mod cluster_stage;
mod clusters;
mod create_once;
mod egress;
mod files;
mod find;
mod find_opt;
mod firewall_change;
mod flow;
mod given;
mod inference;
mod invitations;
mod jobs;
mod organizations;
mod own_id;
mod private_connections;
mod projects;
mod regions;
mod roles;
mod secrets;
mod service_accounts;
mod stage;
mod teams;
mod termination;
mod users;
mod virtual_clusters;
mod virtual_workspaces;
mod workspace_groups;
mod workspaces;

pub use audit_logs::AuditLogs;
pub use billing::Billing;
pub use cloud_functions::CloudFunctions;
pub use cloud_principals::CloudPrincipals;
pub use cluster_stage::ClusterStage;
pub use clusters::Clusters;
pub use create_once::{CreateOnce, Created};
pub use egress::Egress;
pub use files::Files;
pub use firewall_change::FirewallChange;
pub use flow::Flows;
pub use given::{JobTarget, RunNotebook};
pub use inference::Inference;
pub use invitations::Invitations;
pub use jobs::Jobs;
pub use organizations::Organizations;
pub use private_connections::PrivateConnections;
pub use projects::Projects;
pub use regions::Regions;
pub use roles::Roles;
pub use secrets::Secrets;
pub use service_accounts::ServiceAccounts;
pub use stage::Stage;
pub use teams::Teams;
pub use termination::{Terminated, Termination};
pub use users::Users;
pub use virtual_clusters::VirtualClusters;
pub use virtual_workspaces::VirtualWorkspaces;
pub use workspace_groups::WorkspaceGroups;
pub use workspaces::{GroupChange, Workspaces};

/// Declares a handle and the method of the client that makes it.
// The methods of handles that only make a request, or find one resource in a list, are inline: a program compiles those that it
// calls. What does more is compiled once, here.
macro_rules! handle {
    ($(#[$meta:meta])* $name:ident, $method:ident, $method_doc:literal) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        pub struct $name {
            client: crate::Client,
        }

        impl crate::Client {
            #[doc = $method_doc]
            #[inline]
            pub fn $method(&self) -> $name {
                $name { client: self.clone() }
            }
        }
    };
}

pub(crate) use handle;
