//! Delegated entities of groups and workspaces.

use serde_json::{Value, json};

use crate::http::response::Response;
use crate::world::{Call, Handler, Item, Reply, World, clock, kinds};

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "list_workspace_group_delegated_entities" | "list_workspace_delegated_entities" => list,
        "add_workspace_group_delegated_entities" | "add_workspace_delegated_entities" => add,
        "remove_workspace_group_delegated_entities" | "remove_workspace_delegated_entities" => remove,
        _ => return None,
    })
}

/// Stored in the owner, but not shown in its own responses.
const FIELD: &str = "delegatedEntities";

fn owner<'a>(world: &'a mut World, call: &Call<'_>) -> Reply<&'a mut Item> {
    match call.path("workspaceID") {
        "" => world.find(&kinds::WORKSPACE_GROUP, call.path("workspaceGroupID")),
        workspace => world.find(&kinds::WORKSPACE, workspace),
    }
}

fn entities(item: &Item) -> Vec<Value> {
    item.hidden.get(FIELD).and_then(Value::as_array).cloned().unwrap_or_default()
}

fn list(world: &mut World, call: &Call<'_>) -> Reply {
    Ok(Response::json(&entities(owner(world, call)?).into()))
}

fn add(world: &mut World, call: &Call<'_>) -> Reply {
    let item = owner(world, call)?;
    let mut all = entities(item);
    for entity in call.field("entities").and_then(Value::as_array).into_iter().flatten() {
        if !all.iter().any(|have| have.get("entity") == Some(entity)) {
            all.push(json!({"entity": entity, "createdAt": clock::now()}));
        }
    }
    item.hidden.insert(FIELD.to_owned(), all.clone().into());
    Ok(Response::json(&all.into()))
}

/// Takes the names from the query, repeated or comma-separated, or from the body, and always responds with 207.
fn remove(world: &mut World, call: &Call<'_>) -> Reply {
    let queried = call.query.iter().filter(|(name, _)| name == "entities").flat_map(|(_, value)| value.split(','));
    let given = call.field("entities").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let names: Vec<&str> = queried.chain(given).map(str::trim).filter(|name| !name.is_empty()).collect();
    let item = owner(world, call)?;
    let mut all = entities(item);
    let known = |name: &str| all.iter().any(|have| have.get("entity").and_then(Value::as_str) == Some(name));
    let (deleted, failed): (Vec<&str>, Vec<&str>) = names.into_iter().partition(|name| known(name));
    all.retain(|have| !have.get("entity").and_then(Value::as_str).is_some_and(|name| deleted.contains(&name)));
    item.hidden.insert(FIELD.to_owned(), all.into());
    Ok(Response { status: 207, ..Response::json(&json!({"deleted": deleted, "failed": failed})) })
}
