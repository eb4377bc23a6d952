//! Built-in and custom roles; both versions see the same custom roles.

use serde_json::{Map, Value, json};

use crate::http::response::Response;
use crate::world::{Call, Handler, Item, Reply, World, clock, kinds, refuse};

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "list_roles" | "list_roles_v2" => list,
        "create_role" | "create_role_v2" => create,
        "get_role" | "get_role_v2" => get,
        "replace_role" | "replace_role_v2" => replace,
        "delete_role" | "delete_role_v2" => delete,
        _ => return None,
    })
}

/// Roles that exist from the start.
pub(super) const BUILT_IN: &[&str] = &["Owner", "Operator", "Writer", "Reader"];

/// Inserts the built-in roles of every resource type.
pub(super) fn seed(world: &mut World) {
    for resource in ["Organization", "Cluster", "Team", "Secret"] {
        for role in BUILT_IN {
            let item = Item::new(json!({
                "role": role, "resourceType": resource, "description": format!("{role} of a {resource}"), "isCustom": false,
                "inherits": [], "permissions": [format!("View {resource}")],
            }));
            let id = world.new_id(&kinds::ROLE);
            world.insert(&kinds::ROLE, &id, item);
        }
    }
}

/// The resource type of a request; v2 keeps its custom roles on the organization.
fn resource<'a>(call: &'a Call<'_>) -> &'a str {
    if call.operation.is_v2() { "Organization" } else { call.path("resourceType") }
}

fn shown(item: &Item, call: &Call<'_>) -> Value {
    let mut value = item.value.clone();
    value.remove("roleID");
    if call.operation.is_v2() {
        let permissions = value.remove("permissions").unwrap_or_default();
        let specified = item.hidden.get("permissions").cloned();
        let bare = json!([{"resourceType": item.text("resourceType"), "permissions": permissions}]);
        for field in ["resourceType", "inherits", "isCustom"] {
            value.remove(field);
        }
        value.insert("permissions".to_owned(), specified.unwrap_or(bare));
    }
    Value::Object(value)
}

fn list(world: &mut World, call: &Call<'_>) -> Reply {
    let wanted = world.all(&kinds::ROLE).filter(|item| item.text("resourceType") == resource(call));
    Ok(Response::json(&wanted.map(|item| shown(item, call)).collect()))
}

fn find(world: &World, call: &Call<'_>, role: &str) -> Option<String> {
    let mut fits =
        world.all(&kinds::ROLE).filter(|item| item.text("resourceType") == resource(call) && item.text("role") == role);
    fits.next().map(|item| item.text("roleID").to_owned())
}

fn found<'a>(world: &'a mut World, call: &Call<'_>) -> Reply<&'a mut Item> {
    match find(world, call, call.path("role")) {
        Some(id) => world.find(&kinds::ROLE, &id),
        None => refuse(404, "role not found"),
    }
}

fn get(world: &mut World, call: &Call<'_>) -> Reply {
    Ok(Response::json(&shown(found(world, call)?, call)))
}

fn create(world: &mut World, call: &Call<'_>) -> Reply {
    let role = call.text("role").unwrap_or_default();
    if find(world, call, role).is_some() {
        return refuse(400, format!("role {role} already exists"));
    }
    let now = clock::now();
    let mut value = Map::new();
    for (field, content) in [("role", role), ("resourceType", resource(call)), ("createdAt", &now), ("updatedAt", &now)]
    {
        value.insert(field.to_owned(), content.into());
    }
    value.insert("isCustom".to_owned(), true.into());
    let mut item = Item::new(Value::Object(value));
    define(call, &mut item);
    let response = shown(&item, call);
    let id = world.new_id(&kinds::ROLE);
    world.insert(&kinds::ROLE, &id, item);
    Ok(Response::json(&response))
}

/// Replaces the definition with that of a body; omitted parts are removed.
fn define(call: &Call<'_>, item: &mut Item) {
    item.set("description", call.text("description").unwrap_or_default());
    item.set("inherits", call.field("inherits").cloned().unwrap_or(json!([])));
    let permissions = call.field("permissions").cloned().unwrap_or(json!([]));
    if call.operation.is_v2() {
        item.set("permissions", json!([]));
        item.hidden.insert("permissions".to_owned(), permissions);
    } else {
        item.set("permissions", permissions);
    }
}

fn replace(world: &mut World, call: &Call<'_>) -> Reply {
    let item = found(world, call)?;
    refuse_built_in(item)?;
    define(call, item);
    item.set("updatedAt", clock::now());
    Ok(Response::json(&shown(item, call)))
}

fn delete(world: &mut World, call: &Call<'_>) -> Reply {
    let item = found(world, call)?;
    refuse_built_in(item)?;
    let id = item.text("roleID").to_owned();
    world.remove(&kinds::ROLE, &id);
    Ok(Response::json(&true.into()))
}

fn refuse_built_in(item: &Item) -> Reply<()> {
    if item.value.get("isCustom") == Some(&Value::Bool(true)) {
        Ok(())
    } else {
        refuse(400, "built-in roles cannot be changed")
    }
}
