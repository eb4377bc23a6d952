//! Flow instances: immutable, and reported as running before they are usable.

use serde_json::{Map, Value, json};

use crate::http::response::Response;
use crate::world::{Call, Handler, Item, Reply, World, clock, kinds, refuse};

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "list_flows" => list,
        "create_flow" => create,
        "get_flow" => get,
        "delete_flow" => delete,
        _ => return None,
    })
}

fn list(world: &mut World, call: &Call<'_>) -> Reply {
    Ok(world.list(&kinds::FLOW, call.flag("includeTerminated"), |_| true))
}

fn create(world: &mut World, call: &Call<'_>) -> Reply {
    let workspace = call.text("workspaceID").unwrap_or_default();
    // The workspace of v1 or the cluster of v2.
    if world.find_live(&kinds::WORKSPACE, workspace).is_err() {
        world.find_live(&kinds::CLUSTER, workspace)?;
    }
    let id = world.new_id(&kinds::FLOW);
    let mut value = Map::new();
    value.insert("size".to_owned(), "F1".into());
    call.copy(&["name", "size", "workspaceID"], &mut value);
    value.insert("createdAt".to_owned(), clock::now().into());
    value.insert("status".to_owned(), "Pending".into());
    // The string stands for "not yet"; the status runs ahead of it.
    for field in ["userName", "databaseName", "endpoint"] {
        value.insert(field.to_owned(), "unknown".into());
    }
    let mut item = Item::new(Value::Object(value));
    let (ready, settled) = (world.config.polls_until_ready, world.config.polls_until_settled);
    item.later(ready, json!({"status": "Running"}));
    let endpoint = format!("flow-{id}.emulator.invalid");
    item.later(
        ready.saturating_add(settled),
        json!({"userName": call.text("userName"), "databaseName": call.text("databaseName"), "endpoint": endpoint}),
    );
    world.insert(&kinds::FLOW, &id, item);
    Ok(Response::json(&json!({"flowID": id})))
}

fn get(world: &mut World, call: &Call<'_>) -> Reply {
    match world.get_mut(&kinds::FLOW, call.path("flowID")) {
        Some(item) => Ok(Response::json(&item.observe())),
        // The live service does not respond with 404 here.
        None => refuse(500, "failed to get flow connector"),
    }
}

fn delete(world: &mut World, call: &Call<'_>) -> Reply {
    let item = world.find(&kinds::FLOW, call.path("flowID"))?;
    item.forget_later();
    item.set("status", "Deleted");
    item.set("deletedAt", clock::now());
    Ok(Response::json(&json!({"flowID": call.path("flowID")})))
}
