//! Service accounts and cloud principals: identities that are not people.

use serde_json::{Map, Value};

use super::users::current_id;
use crate::http::response::Response;
use crate::world::{Call, Handler, Item, Kind, Reply, World, kinds};

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "create_service_account" | "create_cloud_principal" => create,
        "update_service_account" | "update_cloud_principal" => update,
        "delete_service_account" | "delete_cloud_principal" => delete,
        _ => return None,
    })
}

fn kind(call: &Call<'_>) -> &'static Kind {
    if call.operation.id.ends_with("_service_account") { &kinds::SERVICE_ACCOUNT } else { &kinds::CLOUD_PRINCIPAL }
}

fn create(world: &mut World, call: &Call<'_>) -> Reply {
    let kind = kind(call);
    let (id, by) = (world.new_id(kind), current_id(world));
    let mut value = Map::new();
    value.insert("description".to_owned(), "".into());
    call.copy(&["name", "description", "cloudPrincipal"], &mut value);
    value.insert("email".to_owned(), format!("{id}@accounts.emulator.invalid").into());
    value.insert("createdBy".to_owned(), by.into());
    value.insert(kind.id.to_owned(), id.clone().into());
    world.insert(kind, &id, Item::new(Value::Object(value.clone())));
    Ok(Response::json(&Value::Object(value)))
}

fn update(world: &mut World, call: &Call<'_>) -> Reply {
    let kind = kind(call);
    let item = world.find(kind, call.path(kind.id))?;
    call.copy(&["name", "description"], &mut item.value);
    Ok(Response::json(&Value::Object(item.value.clone())))
}

fn delete(world: &mut World, call: &Call<'_>) -> Reply {
    let kind = kind(call);
    let id = call.path(kind.id);
    world.find(kind, id)?;
    world.remove(kind, id);
    Ok(Response::json(&Value::Object([(kind.id.to_owned(), Value::from(id))].into_iter().collect())))
}
