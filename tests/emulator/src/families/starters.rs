//! Starter workspaces of the shared tier and their users; both versions see the same ones, with different names for the id.

use serde_json::{Map, Value, json};

use super::password;
use super::regions::is_shared;
use super::workspace_groups::find_project;
use crate::http::response::Response;
use crate::world::{Call, Handler, Item, Reply, SqlChange, World, clock, kinds, refuse};

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "list_virtual_workspaces" | "list_virtual_clusters" => list,
        "create_virtual_workspace" | "create_virtual_cluster" => create,
        "get_virtual_workspace" | "get_virtual_cluster" => get,
        "terminate_virtual_workspace" | "terminate_virtual_cluster" => terminate,
        "create_virtual_workspace_user" | "create_virtual_cluster_user" => create_user,
        "update_virtual_workspace_user" | "update_virtual_cluster_user" => update_user,
        "delete_virtual_workspace_user" | "delete_virtual_cluster_user" => delete_user,
        _ => return None,
    })
}

fn id_field(call: &Call<'_>) -> &'static str {
    if call.operation.is_v2() { "virtualClusterID" } else { "virtualWorkspaceID" }
}

/// The id has a different name in each version.
fn shown(item: &Item, call: &Call<'_>) -> Value {
    let mut value = item.value.clone();
    let id = value.remove("virtualWorkspaceID").unwrap_or_default();
    value.insert(id_field(call).to_owned(), id);
    Value::Object(value)
}

fn list(world: &mut World, call: &Call<'_>) -> Reply {
    let listed = |item: &mut Item| if item.is_unlisted() { None } else { Some(shown(item, call)) };
    Ok(Response::json(&world.all_mut(&kinds::STARTER).filter_map(listed).collect()))
}

fn get(world: &mut World, call: &Call<'_>) -> Reply {
    Ok(Response::json(&shown(world.find(&kinds::STARTER, call.path(id_field(call)))?, call)))
}

fn create(world: &mut World, call: &Call<'_>) -> Reply {
    let name = call.text("name").unwrap_or_default().to_owned();
    let (provider, code) = (call.text("provider").unwrap_or_default(), call.text("regionName").unwrap_or_default());
    // Upper case only, although the list of regions has `Azure`.
    if !["AWS", "AZURE", "GCP"].contains(&provider) {
        return refuse(500, "Unspecified is not a valid CloudServiceProvider");
    }
    let project = find_project(world, call)?;
    let fits = |region: &Item| {
        is_shared(region) && region.text("regionName") == code && region.text("provider").eq_ignore_ascii_case(provider)
    };
    if !world.all(&kinds::REGION).any(fits) {
        let text = format!(
            "error creating virtual workspace ({name}): no shared tier region found for provider {provider} and region {code}"
        );
        return refuse(500, text);
    }
    world.name_is_free(&kinds::STARTER, "virtual workspace", &name, |_| true)?;
    let id = world.new_id(&kinds::STARTER);
    let mut value = Map::new();
    call.copy(&["name", "databaseName"], &mut value);
    value.insert("projectID".to_owned(), project.get("projectID").cloned().unwrap_or_default());
    let shared = || (format!("svc-{id}-shared-dml.{code}.emulator.invalid"), 3333);
    let (endpoint, port) = world.config.database.clone().unwrap_or_else(shared);
    value.insert("endpoint".to_owned(), endpoint.into());
    value.insert("mysqlDmlPort".to_owned(), port.into());
    if let Some(database) = call.text("databaseName") {
        world.sql.push(SqlChange::Database { name: database.to_owned() });
    }
    value.insert("websocketPort".to_owned(), 443.into());
    let mut item = Item::new(Value::Object(value));
    item.unlisted = world.config.lists_behind;
    item.unlisted_until = clock::instant().checked_add(world.config.lists_behind_for);
    world.insert(&kinds::STARTER, &id, item);
    Ok(Response::json(&Value::Object([(id_field(call).to_owned(), Value::from(id))].into_iter().collect())))
}

/// A starter disappears from the lists at once, with its users.
fn terminate(world: &mut World, call: &Call<'_>) -> Reply {
    let id = call.path(id_field(call)).to_owned();
    let database = world.find(&kinds::STARTER, &id)?.text("databaseName").to_owned();
    world.remove(&kinds::STARTER, &id);
    let users: Vec<String> = world
        .all(&kinds::STARTER_USER)
        .filter(|user| user.text("starterID") == id)
        .map(|user| user.text("userID").to_owned())
        .collect();
    for user in users {
        if let Some(gone) = world.remove(&kinds::STARTER_USER, &user) {
            world.sql.push(SqlChange::NoUser { name: gone.text("userName").to_owned() });
        }
    }
    if !database.is_empty() {
        world.sql.push(SqlChange::NoDatabase { name: database });
    }
    Ok(Response::json(&true.into()))
}

fn create_user(world: &mut World, call: &Call<'_>) -> Reply {
    let starter = call.path(id_field(call)).to_owned();
    let owner = world.find(&kinds::STARTER, &starter)?;
    let (project, database) = (owner.text("projectID").to_owned(), owner.text("databaseName").to_owned());
    let name = call.text("userName").unwrap_or_default().to_owned();
    if let Some(chosen) = call.text("password") {
        password::check(chosen)?;
    }
    // Unique across all starters of the project; the service gives no better message.
    if world.all(&kinds::STARTER_USER).any(|user| user.text("userName") == name && user.text("projectID") == project) {
        return refuse(500, "Internal Server Error");
    }
    let number = world.next();
    let chosen = call.text("password").map_or_else(|| password::generate(number), str::to_owned);
    let id = world.new_id(&kinds::STARTER_USER);
    world.sql.push(SqlChange::User { name: name.clone(), password: chosen.clone(), database });
    let item = Item::new(json!({"userName": name, "starterID": starter, "projectID": project}));
    world.insert(&kinds::STARTER_USER, &id, item);
    Ok(Response::json(&json!({"userID": id, "password": chosen})))
}

fn find_user(world: &mut World, call: &Call<'_>) -> Reply<String> {
    let starter = call.path(id_field(call)).to_owned();
    world.find(&kinds::STARTER, &starter)?;
    let user = world.find(&kinds::STARTER_USER, call.path("userID"))?;
    if user.text("starterID") == starter { Ok(user.text("userID").to_owned()) } else { refuse(404, "user not found") }
}

fn update_user(world: &mut World, call: &Call<'_>) -> Reply {
    let user = find_user(world, call)?;
    if let Some(chosen) = call.text("password") {
        password::check(chosen)?;
        let name = world.find(&kinds::STARTER_USER, &user)?.text("userName").to_owned();
        world.sql.push(SqlChange::Password { name, password: chosen.to_owned() });
    }
    Ok(Response::json(&true.into()))
}

fn delete_user(world: &mut World, call: &Call<'_>) -> Reply {
    let id = find_user(world, call)?;
    if let Some(gone) = world.remove(&kinds::STARTER_USER, &id) {
        world.sql.push(SqlChange::NoUser { name: gone.text("userName").to_owned() });
    }
    Ok(Response::json(&true.into()))
}
