//! Workspaces (v1).

use serde_json::{Map, Value, json};

use crate::http::response::Response;
use crate::world::{Call, Handler, Item, Reply, World, clock, kinds, name_is_free, refuse};

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "list_workspaces" => list,
        "create_workspace" => create,
        "get_workspace" => get,
        "update_workspace" => update,
        "terminate_workspace" => terminate,
        "suspend_workspace" => suspend,
        "resume_workspace" => resume,
        _ => return None,
    })
}

fn list(world: &mut World, call: &Call<'_>) -> Reply {
    let group = call.query("workspaceGroupID").unwrap_or_default();
    world.find(&kinds::WORKSPACE_GROUP, group)?;
    Ok(world.list_of(&kinds::WORKSPACE, group, call.flag("includeTerminated")))
}

fn get(world: &mut World, call: &Call<'_>) -> Reply {
    world.look(&kinds::WORKSPACE, call.path("workspaceID"))
}

fn create(world: &mut World, call: &Call<'_>) -> Reply {
    let name = call.text("name").unwrap_or_default().to_owned();
    let group = call.text("workspaceGroupID").unwrap_or_default().to_owned();
    if name.is_empty() {
        return refuse(400, "name is required");
    }
    check_size(call)?;
    let owner = world.find_live(&kinds::WORKSPACE_GROUP, &group)?;
    let region = owner.text("regionName").to_owned();
    world.has_credits("workspace", &name)?;
    let names = world.all_of(&kinds::WORKSPACE, &group);
    name_is_free(&kinds::WORKSPACE, "workspace", &name, names)?;

    let id = world.new_id(&kinds::WORKSPACE);
    let mut value = Map::new();
    value.insert("size".to_owned(), "S-00".into());
    value.insert("scaleFactor".to_owned(), 1.into());
    value.insert("cacheConfig".to_owned(), 1.into());
    call.copy(&["name", "workspaceGroupID", "size", "scaleFactor", "cacheConfig", "autoScale"], &mut value);
    show_auto_suspend(call, &mut value);
    value.retain(|_, value| !value.is_null());
    value.insert("kaiEnabled".to_owned(), call.field("enableKai").cloned().unwrap_or(false.into()));
    value.insert("deploymentType".to_owned(), "PRODUCTION".into());
    value.insert("createdAt".to_owned(), clock::now().into());
    value.insert("state".to_owned(), "PENDING".into());
    let mut item = Item::new(Value::Object(value));
    item.endpoint = Some(world.endpoint(&id, &region));
    let (ready, settled) = (world.config.polls_until_ready, world.config.polls_until_settled);
    item.later(ready, json!({"state": "ACTIVE"}));
    item.later(ready.saturating_add(settled), json!({"endpoint": true}));
    world.create(&kinds::WORKSPACE, &id, item);
    Ok(Response::json(&json!({"workspaceID": id})))
}

fn update(world: &mut World, call: &Call<'_>) -> Reply {
    let id = call.path("workspaceID").to_owned();
    let (ready, settled) = (world.config.polls_until_ready, world.config.polls_until_settled);
    check_size(call)?;
    let item = world.find_live(&kinds::WORKSPACE, &id)?;
    if item.state() == "SUSPENDED" {
        return refuse(409, "workspace cannot be changed while it is in state SUSPENDED");
    }
    let mut set = Map::new();
    call.copy(&["size", "scaleFactor", "cacheConfig", "autoScale", "deploymentType"], &mut set);
    show_auto_suspend(call, &mut set);
    if let Some(kai) = call.field("enableKai") {
        set.insert("kaiEnabled".to_owned(), kai.clone());
    }
    let resized = ["size", "scaleFactor", "cacheConfig"]
        .iter()
        .any(|name| set.get(*name).is_some_and(|new| item.value.get(*name) != Some(new)));
    if resized {
        // The change is accepted, and for a while the workspace still shows its old values and ACTIVE.
        item.later(settled, json!({"state": "PENDING"}));
        set.insert("state".to_owned(), "ACTIVE".into());
        item.later(ready.saturating_add(settled), Value::Object(set));
    } else {
        item.later(settled, Value::Object(set));
    }
    Ok(Response::json(&json!({"workspaceID": id})))
}

fn terminate(world: &mut World, call: &Call<'_>) -> Reply {
    let id = call.path("workspaceID").to_owned();
    let (settled, refuse_pending) = (world.config.polls_until_settled, world.config.refuse_pending_termination);
    let item = world.find(&kinds::WORKSPACE, &id)?;
    if item.state() == "PENDING" && refuse_pending {
        // Retrying later works: a refusal counts as a poll.
        item.observe();
        return refuse(409, "workspace cannot be terminated while it is in state PENDING");
    }
    if item.state() != "TERMINATED" {
        item.forget_later();
        item.later(settled, json!({"state": "TERMINATED"}));
    }
    Ok(Response::json(&json!({"workspaceID": id})))
}

fn suspend(world: &mut World, call: &Call<'_>) -> Reply {
    let id = call.path("workspaceID").to_owned();
    let ready = world.config.polls_until_ready;
    let item = world.find_live(&kinds::WORKSPACE, &id)?;
    if item.state() != "ACTIVE" {
        return refuse(400, format!("workspace cannot be suspended while it is in state {}", item.state()));
    }
    item.forget_later();
    item.set("state", "PENDING");
    item.later(ready, json!({"state": "SUSPENDED"}));
    Ok(Response::json(&json!({"workspaceID": id})))
}

fn resume(world: &mut World, call: &Call<'_>) -> Reply {
    let id = call.path("workspaceID").to_owned();
    let (ready, settled) = (world.config.polls_until_ready, world.config.polls_until_settled);
    let item = world.find_live(&kinds::WORKSPACE, &id)?;
    if item.state() != "SUSPENDED" {
        return refuse(400, format!("workspace cannot be resumed while it is in state {}", item.state()));
    }
    if call.field("disableAutoSuspend") == Some(&json!(true)) {
        item.value.remove("autoSuspend");
    }
    item.set("state", "PENDING");
    item.later(ready, json!({"state": "ACTIVE", "lastResumedAt": clock::now()}));
    item.later(ready.saturating_add(settled), json!({"endpoint": true}));
    Ok(Response::json(&json!({"workspaceID": id})))
}

fn check_size(call: &Call<'_>) -> Reply<()> {
    let valid = |size: &str| {
        size.strip_prefix("S-")
            .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
    };
    match call.text("size") {
        Some(size) if !valid(size) => refuse(400, format!("invalid workspace size {size:?}")),
        _ => Ok(()),
    }
}

/// What is written as `suspendAfterSeconds` is read under two other names, and DISABLED is not returned at all.
fn show_auto_suspend(call: &Call<'_>, into: &mut Map<String, Value>) {
    let Some(wanted) = call.field("autoSuspend") else {
        return;
    };
    let seconds = wanted.get("suspendAfterSeconds").cloned().unwrap_or_default();
    let shown = match wanted.get("suspendType").and_then(Value::as_str) {
        Some("IDLE") => json!({"suspendType": "IDLE", "idleAfterSeconds": seconds}),
        Some("SCHEDULED") => json!({"suspendType": "SCHEDULED", "scheduledAfterSeconds": seconds}),
        _ => Value::Null,
    };
    into.insert("autoSuspend".to_owned(), shown);
}
