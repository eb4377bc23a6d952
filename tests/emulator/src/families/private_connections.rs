//! Private connections.

use serde_json::{Map, Value, json};

use crate::http::response::Response;
use crate::world::{Call, Handler, Item, Reply, World, clock, kinds, refuse};

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "create_private_connection" => create,
        "get_private_connection" => get,
        "update_private_connection" => update,
        "delete_private_connection" => delete,
        "list_workspace_group_private_connections" => list_of_group,
        "list_workspace_private_connections" => list_of_workspace,
        _ => return None,
    })
}

fn create(world: &mut World, call: &Call<'_>) -> Reply {
    world.find_live(&kinds::WORKSPACE_GROUP, call.text("workspaceGroupID").unwrap_or_default())?;
    if let Some(workspace) = call.text("workspaceID") {
        world.find_live(&kinds::WORKSPACE, workspace)?;
    }
    if call.field("sqlPort").is_some() || call.field("websocketsPort").is_some() {
        return refuse(400, "custom ports are not enabled for this account");
    }
    let outbound = call.text("type") == Some("OUTBOUND");
    let kai = call.text("kaiEndpointID").is_some();
    match (outbound, call.text("allowList"), call.text("serviceName")) {
        (true, _, None) => return refuse(400, "serviceName is required for outbound connections"),
        (false, None, _) if !kai => return refuse(400, "allowList is required for inbound connections"),
        (false, ..) if kai && call.text("workspaceID").is_none() => {
            return refuse(400, "workspaceID is required for Kai connections");
        }
        _ => {}
    }
    let id = world.new_id(&kinds::PRIVATE_CONNECTION);
    let now = clock::now();
    let mut value = Map::new();
    value.insert("type".to_owned(), "INBOUND".into());
    call.copy(&["type", "serviceName", "workspaceGroupID", "workspaceID"], &mut value);
    value.insert("createdAt".to_owned(), now.clone().into());
    value.insert("updatedAt".to_owned(), now.clone().into());
    value.insert("status".to_owned(), "PENDING".into());
    let mut item = Item::new(Value::Object(value));
    let ready = world.config.polls_until_ready;
    let mut landed = json!({"status": "ACTIVE", "activeAt": now, "endpoint": format!("vpce-{id}.emulator.invalid")});
    if let Some(list) = call.field("allowList") {
        landed["allowList"] = list.clone();
    }
    if let Some(endpoint) = call.field("kaiEndpointID") {
        landed["allowedPrivateLinkIDs"] = json!([endpoint]);
    }
    item.later(ready, landed);
    world.insert(&kinds::PRIVATE_CONNECTION, &id, item);
    Ok(Response::json(&json!({"privateConnectionID": id})))
}

fn get(world: &mut World, call: &Call<'_>) -> Reply {
    Ok(Response::json(&world.find(&kinds::PRIVATE_CONNECTION, call.path("connectionID"))?.observe()))
}

/// Only the allow list of inbound connections can change, and it takes effect later.
fn update(world: &mut World, call: &Call<'_>) -> Reply {
    let settled = world.config.polls_until_settled;
    let item = world.find_live(&kinds::PRIVATE_CONNECTION, call.path("connectionID"))?;
    if item.text("type") == "OUTBOUND" {
        return refuse(400, "outbound connections cannot be updated");
    }
    if let Some(list) = call.field("allowList") {
        item.later(settled, json!({"allowList": list, "updatedAt": clock::now()}));
    }
    Ok(Response::json(&json!({"privateConnectionID": call.path("connectionID")})))
}

/// A deleted connection can still be read, and then has an error.
fn delete(world: &mut World, call: &Call<'_>) -> Reply {
    let item = world.find(&kinds::PRIVATE_CONNECTION, call.path("connectionID"))?;
    item.forget_later();
    item.set("status", "DELETED");
    item.set("deletedAt", clock::now());
    item.set("error", "private connection was deleted");
    Ok(Response::json(&json!({"privateConnectionID": call.path("connectionID")})))
}

fn list_of_group(world: &mut World, call: &Call<'_>) -> Reply {
    let group = call.path("workspaceGroupID");
    world.find(&kinds::WORKSPACE_GROUP, group)?;
    let wanted = |item: &Item| item.text("workspaceGroupID").eq_ignore_ascii_case(group);
    Ok(world.list(&kinds::PRIVATE_CONNECTION, false, wanted))
}

fn list_of_workspace(world: &mut World, call: &Call<'_>) -> Reply {
    let workspace = call.path("workspaceID");
    world.find(&kinds::WORKSPACE, workspace)?;
    let wanted = |item: &Item| item.text("workspaceID").eq_ignore_ascii_case(workspace);
    Ok(world.list(&kinds::PRIVATE_CONNECTION, false, wanted))
}
