//! Secrets; the live service wraps in an envelope what the document shows bare.

use serde_json::{Map, Value, json};

use super::users::current_id;
use crate::http::response::Response;
use crate::world::{Call, Handler, Item, Reply, World, clock, kinds, refuse};

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "list_secrets" | "list_secrets_v2" => list,
        "create_secret" | "create_secret_v2" => create,
        "get_secret" => get,
        "update_secret" => update,
        "delete_secret" | "delete_secret_v2" => delete,
        _ => return None,
    })
}

/// Values are shown only when a secret is requested by name.
fn list(world: &mut World, call: &Call<'_>) -> Reply {
    let name = call.query("name");
    let wanted = world.all(&kinds::SECRET).filter(|item| name.is_none_or(|name| item.text("name") == name));
    let shown = wanted.map(|item| {
        let mut value = item.value.clone();
        if name.is_none() {
            value.remove("value");
        }
        Value::Object(value)
    });
    Ok(Response::json(&json!({"secrets": shown.collect::<Vec<Value>>()})))
}

fn create(world: &mut World, call: &Call<'_>) -> Reply {
    let name = call.text("name").unwrap_or_default().to_owned();
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return refuse(400, "secret name may contain letters, digits and underscores only");
    }
    world.name_is_free(&kinds::SECRET, "secret", &name, |_| true)?;
    let (id, by, now) = (world.new_id(&kinds::SECRET), current_id(world), clock::now());
    let mut value = Map::new();
    call.copy(&["name", "value"], &mut value);
    for (field, text) in
        [("secretID", &id), ("createdBy", &by), ("lastUpdatedBy", &by), ("createdAt", &now), ("lastUpdatedAt", &now)]
    {
        value.insert(field.to_owned(), text.clone().into());
    }
    world.insert(&kinds::SECRET, &id, Item::new(Value::Object(value.clone())));
    Ok(Response::json(&json!({"secret": value})))
}

fn get(world: &mut World, call: &Call<'_>) -> Reply {
    let item = world.find(&kinds::SECRET, call.path("secretID"))?;
    Ok(Response::json(&json!({"secret": item.value})))
}

fn update(world: &mut World, call: &Call<'_>) -> Reply {
    let item = world.find(&kinds::SECRET, call.path("secretID"))?;
    call.copy(&["value"], &mut item.value);
    item.set("lastUpdatedAt", clock::now());
    // Bare, as expected by the one client that calls this.
    Ok(Response::json(&Value::Object(item.value.clone())))
}

fn delete(world: &mut World, call: &Call<'_>) -> Reply {
    let id = call.path("secretID");
    world.find(&kinds::SECRET, id)?;
    world.remove(&kinds::SECRET, id);
    Ok(Response::json(&json!({"secretID": id})))
}
