//! The organization that the credentials belong to.

use serde_json::json;

use crate::http::response::Response;
use crate::world::{Call, Config, Handler, Reply, World};

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "get_current_organization" | "get_current_organization_v2" => current,
        _ => return None,
    })
}

/// These ranges admit callers of the API; they are not a database firewall.
fn current(world: &mut World, _call: &Call<'_>) -> Reply {
    let Config { organization_id, organization_name, .. } = &world.config;
    Ok(Response::json(&json!({"orgID": organization_id, "name": organization_name, "firewallRanges": ["0.0.0.0/0"]})))
}
