//! Metrics as text, believed to be in the Prometheus exposition format.

use crate::http::response::Response;
use crate::world::{Call, Handler, Reply, World, kinds, refuse};

pub(super) fn handler(operation: &str) -> Option<Handler> {
    (operation == "get_workspace_group_metrics").then_some(text as Handler)
}

fn text(world: &mut World, call: &Call<'_>) -> Reply {
    if !call.path("organizationID").eq_ignore_ascii_case(&world.config.organization_id) {
        return refuse(404, "organization not found");
    }
    let group = call.path("workspaceGroupID");
    world.find(&kinds::WORKSPACE_GROUP, group)?;
    let mut lines = vec![
        "# HELP singlestoredb_cloud_cpu_usage_percentage Share of the compute in use.".to_owned(),
        "# TYPE singlestoredb_cloud_cpu_usage_percentage gauge".to_owned(),
    ];
    for workspace in
        world.all(&kinds::WORKSPACE).filter(|item| item.text("workspaceGroupID").eq_ignore_ascii_case(group))
    {
        let (id, name) = (workspace.text("workspaceID"), workspace.text("name"));
        lines.push(format!(
            "singlestoredb_cloud_cpu_usage_percentage{{workspace_id=\"{id}\",workspace_name=\"{name}\"}} 12.5"
        ));
    }
    Ok(Response::bytes(200, "text/plain", (lines.join("\n") + "\n").into_bytes()))
}
