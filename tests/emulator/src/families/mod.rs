//! Behaviour, one file for each family of operations.

mod clusters;
mod firewall;
mod organizations;
mod password;
mod projects;
mod regions;
mod seed;
mod workspace_groups;
mod workspaces;

use crate::http::answer::Answer;
use crate::world::{Call, Reply, World};

pub(crate) use seed::{complete, furnish};

/// Behaviour of one operation.
pub(crate) type Handler = fn(&mut World, &Call<'_>) -> Reply;

/// Finds the behaviour of an operation; one without answers samples.
pub(crate) fn handler(operation: &str) -> Option<Handler> {
    let families = [
        workspace_groups::handler,
        workspaces::handler,
        clusters::handler,
        regions::handler,
        projects::handler,
        organizations::handler,
    ];
    families.iter().find_map(|family| family(operation))
}

/// Answers a request to the store behind pre-signed URLs.
pub(crate) fn storage(_world: &World, _path: &str, _query: &[(String, String)]) -> Answer {
    Answer::text(404, "The specified key does not exist.")
}
