//! The behavior, one file for each family of operations.

mod access;
mod accounts;
mod audit_logs;
mod billing;
mod cloud_functions;
mod clusters;
mod delegated;
mod egress;
pub(crate) mod files;
mod firewall;
mod flow;
mod jobs;
mod metrics;
mod organizations;
mod password;
mod private_connections;
mod projects;
mod regions;
mod roles;
mod secrets;
mod seed;
mod starters;
mod storage_dr;
mod teams;
mod users;
mod workspace_groups;
mod workspaces;

use crate::world::{Call, Handler, Reply, World, kinds};

pub(crate) use seed::{complete, seed};

/// Finds the behavior of an operation; one without responds with samples.
pub(crate) fn handler(operation: &str) -> Option<Handler> {
    let families = [
        workspace_groups::handler,
        workspaces::handler,
        clusters::handler,
        regions::handler,
        projects::handler,
        organizations::handler,
        starters::handler,
        files::handler,
        secrets::handler,
        users::handler,
        teams::handler,
        jobs::handler,
        private_connections::handler,
        flow::handler,
        cloud_functions::handler,
        roles::handler,
        access::handler,
        audit_logs::handler,
        billing::handler,
        accounts::handler,
        storage_dr::handler,
        metrics::handler,
        egress::handler,
        delegated::handler,
    ];
    families.iter().find_map(|family| family(operation))
}

/// Responds with 404 when the path of an operation without behavior names a deployment that does not exist.
pub(crate) fn owner_exists(world: &mut World, call: &Call<'_>) -> Reply<()> {
    let owners = [
        ("workspaceGroupID", &kinds::WORKSPACE_GROUP),
        ("workspaceID", &kinds::WORKSPACE),
        ("clusterID", &kinds::CLUSTER),
    ];
    for (parameter, kind) in owners {
        let id = call.path(parameter);
        if !id.is_empty() {
            world.find(kind, id)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Spec;

    #[test]
    fn behavior_is_bound_to_operation_ids_of_the_document() {
        let spec = Spec::load().unwrap();
        let bound = spec.operations().iter().filter(|operation| handler(&operation.id).is_some()).count();
        // Fails when an operation id is renamed but its handler is not.
        assert!(bound >= 171, "only {bound} operations have behavior");
    }
}
