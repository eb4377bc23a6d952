//! Exports of tables, under groups (v1) and clusters (v2).

use serde_json::{Value, json};

use crate::http::response::Response;
use crate::world::{Call, Handler, Item, Reply, World, kinds, refuse};

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "create_workspace_group_egress_identity" | "create_cluster_egress_identity" => identity,
        "start_workspace_group_egress" | "start_cluster_egress" => start,
        "suspend_workspace_group_egress" | "suspend_cluster_egress" => suspend,
        "resume_workspace_group_egress" | "resume_cluster_egress" => resume,
        "drop_workspace_group_egress" | "drop_cluster_egress" => drop_export,
        "get_workspace_group_egress_status" | "get_cluster_egress_status" => status,
        _ => return None,
    })
}

fn owner(world: &mut World, call: &Call<'_>) -> Reply<String> {
    let (kind, id) = match call.path("clusterID") {
        "" => (&kinds::WORKSPACE_GROUP, call.path("workspaceGroupID")),
        cluster => (&kinds::CLUSTER, cluster),
    };
    world.find_live(kind, id)?;
    Ok(id.to_ascii_lowercase())
}

fn identity(world: &mut World, call: &Call<'_>) -> Reply {
    let id = owner(world, call)?;
    Ok(Response::json(&json!({"identity": format!("arn:aws:iam::000000000000:role/egress-{id}")})))
}

fn start(world: &mut World, call: &Call<'_>) -> Reply {
    let owner = owner(world, call)?;
    let id = world.new_id(&kinds::EXPORT);
    let mut item = Item::new(json!({"status": "Initializing", "statusMsg": ""}));
    item.hidden.insert("owner".to_owned(), owner.into());
    let ready = world.config.polls_until_ready;
    item.later(ready, json!({"status": "Running"}));
    world.insert(&kinds::EXPORT, &id, item);
    Ok(Response::json(&json!({"egressID": id})))
}

fn find<'a>(world: &'a mut World, call: &Call<'_>) -> Reply<&'a mut Item> {
    let owner = Value::from(owner(world, call)?);
    let item = world.find(&kinds::EXPORT, call.text("egressID").unwrap_or_default())?;
    if item.hidden.get("owner") == Some(&owner) { Ok(item) } else { refuse(404, "export not found") }
}

fn set(world: &mut World, call: &Call<'_>, status: &str) -> Reply {
    let item = find(world, call)?;
    item.forget_later();
    item.set("status", status);
    Ok(Response::empty(200))
}

fn suspend(world: &mut World, call: &Call<'_>) -> Reply {
    set(world, call, "Suspended")
}

fn resume(world: &mut World, call: &Call<'_>) -> Reply {
    set(world, call, "Running")
}

fn drop_export(world: &mut World, call: &Call<'_>) -> Reply {
    let id = find(world, call)?.text("egressID").to_owned();
    world.remove(&kinds::EXPORT, &id);
    Ok(Response::empty(200))
}

/// One object for an id, an array for a scope; both come in the body of the GET.
fn status(world: &mut World, call: &Call<'_>) -> Reply {
    if call.text("egressID").is_some() {
        return Ok(Response::json(&find(world, call)?.observe()));
    }
    if call.text("scope") != Some("all") {
        return refuse(400, "either egressID or scope is required");
    }
    let owner = Value::from(owner(world, call)?);
    let wanted = |item: &Item| item.hidden.get("owner") == Some(&owner);
    Ok(world.list(&kinds::EXPORT, true, wanted))
}
