//! One handle for each resource family. A method returns the request of its operation, bound to the client: await it, or
//! set its options first.

mod clusters;
mod find;
mod organizations;
mod projects;
mod regions;
mod workspace_groups;
mod workspaces;

pub use clusters::Clusters;
pub use organizations::Organizations;
pub use projects::Projects;
pub use regions::Regions;
pub use workspace_groups::WorkspaceGroups;
pub use workspaces::Workspaces;

/// Declares a handle and the method of the client that makes it.
macro_rules! handle {
    ($(#[$meta:meta])* $name:ident, $method:ident, $method_doc:literal) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        pub struct $name {
            client: crate::Client,
        }

        impl crate::Client {
            #[doc = $method_doc]
            pub fn $method(&self) -> $name {
                $name { client: self.clone() }
            }
        }
    };
}

pub(crate) use handle;
