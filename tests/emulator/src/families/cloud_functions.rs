//! Cloud functions, the one list that is paged by the id of the last item.

use serde_json::{Map, Value, json};

use super::users::current_id;
use crate::http::response::Response;
use crate::world::{Call, Handler, Item, Reply, World, clock, is_live, kinds, refuse};

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "list_cloud_functions" => list,
        "create_cloud_function" => create,
        "get_cloud_function" => get,
        "update_cloud_function" => update,
        "delete_cloud_function" => delete,
        "get_cloud_function_token" => token,
        _ => return None,
    })
}

fn list(world: &mut World, call: &Call<'_>) -> Reply {
    let limit = call.query("limit").and_then(|text| text.parse::<usize>().ok()).unwrap_or(usize::MAX);
    let limit = limit.clamp(1, world.config.page_size);
    let start = call.query("offsetID").filter(|id| !id.is_empty());
    // A deleted function still marks a position in the list, so that a client may delete while listing.
    if start.is_some_and(|last| world.get(&kinds::CLOUD_FUNCTION, last).is_none()) {
        return refuse(404, "cloud function not found");
    }
    let live = |item: &&Item| is_live(&item.value);
    let mut rest = world.page(&kinds::CLOUD_FUNCTION, start, false).filter(live);
    let page: Vec<Value> = rest.by_ref().take(limit).map(|item| Value::Object(item.value.clone())).collect();
    let more = rest.next().is_some();
    let mut shown = Map::new();
    if !world.config.no_page_metadata {
        let total = world.all(&kinds::CLOUD_FUNCTION).filter(live).count();
        let metadata = json!({
            "count": page.len(), "totalCount": total, "hasNextPage": more, "hasPreviousPage": start.is_some(),
        });
        shown.insert("metadata".to_owned(), metadata);
    }
    if !(page.is_empty() && world.config.empty_pages_absent) {
        shown.insert("cloudFunctions".to_owned(), page.into());
    }
    Ok(Response::json(&Value::Object(shown)))
}

fn create(world: &mut World, call: &Call<'_>) -> Reply {
    if call.text("notebookPath").is_some() == call.text("image").is_some() {
        return refuse(400, "exactly one of notebookPath and image is required");
    }
    let target = call.text("targetType").unwrap_or_default().replace('_', "");
    if target.eq_ignore_ascii_case("VirtualWorkspace") && call.text("databaseName").is_none() {
        return refuse(400, "databaseName is required for virtual workspace targets");
    }
    let (id, by) = (world.new_id(&kinds::CLOUD_FUNCTION), current_id(world));
    let now = clock::now();
    let mut value = Map::new();
    value.insert("name".to_owned(), format!("function-{}", world.next()).into());
    call.copy(&["name", "description"], &mut value);
    value.insert("createdBy".to_owned(), by.into());
    value.insert("createdAt".to_owned(), now.clone().into());
    value.insert("lastUpdatedAt".to_owned(), now.into());
    value.insert("status".to_owned(), "Initializing".into());
    let mut item = Item::new(Value::Object(value));
    let ready = world.config.polls_until_ready;
    item.later(ready, json!({"status": "Active", "endpoint": format!("https://fn-{id}.emulator.invalid")}));
    world.insert(&kinds::CLOUD_FUNCTION, &id, item);
    // The create response uses a different name for the id than the resource does.
    Ok(Response::json(&json!({"cloudFunctionID": id})))
}

fn get(world: &mut World, call: &Call<'_>) -> Reply {
    Ok(Response::json(&world.find(&kinds::CLOUD_FUNCTION, call.path("cloudfunctionID"))?.observe()))
}

fn update(world: &mut World, call: &Call<'_>) -> Reply {
    let item = world.find_live(&kinds::CLOUD_FUNCTION, call.path("cloudfunctionID"))?;
    if call.query("lastKnownUpdatedAt").is_some_and(|known| known != item.text("lastUpdatedAt")) {
        return refuse(409, "the cloud function was changed meanwhile");
    }
    call.copy(&["name", "description"], &mut item.value);
    item.set("lastUpdatedAt", clock::now());
    Ok(Response::json(&Value::Object(item.value.clone())))
}

fn delete(world: &mut World, call: &Call<'_>) -> Reply {
    let item = world.find_live(&kinds::CLOUD_FUNCTION, call.path("cloudfunctionID"))?;
    item.forget_later();
    item.set("status", "Deleted");
    Ok(Response::json(&Value::Object(item.value.clone())))
}

fn token(world: &mut World, call: &Call<'_>) -> Reply {
    world.find_live(&kinds::CLOUD_FUNCTION, call.path("cloudfunctionID"))?;
    let until = clock::expiry("1h").map(clock::rfc3339).unwrap_or_default();
    let number = world.next();
    Ok(Response::json(&json!({"jwt": format!("emulated.function.token{number}"), "expiresAt": until})))
}
