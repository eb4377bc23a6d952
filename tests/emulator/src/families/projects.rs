//! Projects; both versions respond alike.

use serde_json::{Value, json};

use crate::http::response::Response;
use crate::world::{Call, Handler, Item, Reply, World, clock, kinds};

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "list_projects" | "list_projects_v2" => list,
        "create_project" => create,
        "get_project" | "get_project_v2" => get,
        "update_project" => update,
        "delete_project" => delete,
        _ => return None,
    })
}

fn list(world: &mut World, _call: &Call<'_>) -> Reply {
    Ok(Response::json(&Value::Array(world.values(&kinds::PROJECT))))
}

fn get(world: &mut World, call: &Call<'_>) -> Reply {
    let item = world.find(&kinds::PROJECT, call.path("projectID"))?;
    Ok(Response::json(&item.observe()))
}

/// Project names are not unique, so no check is made.
fn create(world: &mut World, call: &Call<'_>) -> Reply {
    let id = world.new_id(&kinds::PROJECT);
    let item =
        Item::new(json!({"name": call.text("name"), "edition": call.text("edition"), "createdAt": clock::now()}));
    world.insert(&kinds::PROJECT, &id, item);
    Ok(Response::json(&json!({"projectID": id})))
}

/// Only the name changes; the edition is fixed.
fn update(world: &mut World, call: &Call<'_>) -> Reply {
    let item = world.find(&kinds::PROJECT, call.path("projectID"))?;
    call.copy(&["name"], &mut item.value);
    Ok(Response::json(&json!({"projectID": call.path("projectID")})))
}

fn delete(world: &mut World, call: &Call<'_>) -> Reply {
    let id = call.path("projectID");
    world.find(&kinds::PROJECT, id)?;
    world.remove(&kinds::PROJECT, id);
    Ok(Response::json(&json!({"projectID": id})))
}
