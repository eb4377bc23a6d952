//! Replication of a group's storage to a second region. Its behavior has not been recorded; this is what the document suggests.

use serde_json::{Value, json};

use crate::http::response::Response;
use crate::world::{Call, Handler, Item, Reply, World, kinds, refuse};

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "list_storage_dr_regions" => regions,
        "setup_storage_dr" => setup,
        "get_storage_dr_status" => status,
        "failover_storage_dr" => failover,
        "failback_storage_dr" => failback,
        "start_storage_dr_pre_provision" => start_pre_provision,
        "stop_storage_dr_pre_provision" => stop_pre_provision,
        _ => return None,
    })
}

/// Every region except the group's own.
fn regions(world: &mut World, call: &Call<'_>) -> Reply {
    let own = world.find(&kinds::WORKSPACE_GROUP, call.path("workspaceGroupID"))?.text("regionID").to_owned();
    let others = world.all(&kinds::REGION).filter(|region| region.text("regionID") != own);
    let shown = others.map(|region| {
        json!({"regionID": region.text("regionID"), "region": region.text("region"), "provider": region.text("provider")})
    });
    Ok(Response::json(&shown.collect()))
}

fn compute(kind: &str, state: &str) -> Value {
    json!({"storageDRType": kind, "storageDRState": state, "completedWorkspaces": 0, "totalWorkspaces": 0, "completedAttachments": 0, "totalAttachments": 0})
}

fn setup(world: &mut World, call: &Call<'_>) -> Reply {
    let group = call.path("workspaceGroupID").to_owned();
    world.find_live(&kinds::WORKSPACE_GROUP, &group)?;
    let region = call.text("regionID").unwrap_or_default();
    let name = match world.get(&kinds::REGION, region) {
        Some(region) => region.text("region").to_owned(),
        None => return refuse(400, "region not found"),
    };
    let databases = call.field("databaseNames").and_then(Value::as_array).cloned().unwrap_or_default();
    let storage = |state: &str| -> Vec<Value> {
        databases
            .iter()
            .map(|database| json!({"databaseName": database, "region": name, "duplicationState": state}))
            .collect()
    };
    let mut item = Item::new(json!({"compute": compute("Failback", "Completed"), "storage": storage("Pending")}));
    item.later(world.config.polls_until_ready, json!({"storage": storage("Active")}));
    world.insert(&kinds::STORAGE_DR, &group, item);
    Ok(Response::empty(200))
}

fn found<'a>(world: &'a mut World, call: &Call<'_>) -> Reply<&'a mut Item> {
    let group = call.path("workspaceGroupID");
    world.find(&kinds::WORKSPACE_GROUP, group)?;
    match world.get_mut(&kinds::STORAGE_DR, group) {
        Some(item) => Ok(item),
        None => refuse(400, "storage DR is not set up for this workspace group"),
    }
}

fn status(world: &mut World, call: &Call<'_>) -> Reply {
    let mut value = found(world, call)?.observe();
    if let Some(fields) = value.as_object_mut() {
        fields.remove(kinds::STORAGE_DR.id);
    }
    Ok(Response::json(&value))
}

/// Starts a change, which completes after some polls of the status.
fn begin(world: &mut World, call: &Call<'_>, kind: &str) -> Reply {
    let ready = world.config.polls_until_ready;
    let item = found(world, call)?;
    if item.value.get("compute").and_then(|compute| compute.get("storageDRState")) == Some(&json!("Active")) {
        return refuse(409, "another storage DR operation is running");
    }
    item.set("compute", compute(kind, "Active"));
    item.later(ready, json!({"compute": compute(kind, "Completed")}));
    Ok(Response::empty(200))
}

fn failover(world: &mut World, call: &Call<'_>) -> Reply {
    begin(world, call, "Failover")
}

fn failback(world: &mut World, call: &Call<'_>) -> Reply {
    begin(world, call, "Failback")
}

fn start_pre_provision(world: &mut World, call: &Call<'_>) -> Reply {
    begin(world, call, "PreProvisionStart")
}

fn stop_pre_provision(world: &mut World, call: &Call<'_>) -> Reply {
    begin(world, call, "PreProvisionStop")
}
