//! Workspace groups (v1).

use serde_json::{Map, Value, json};

use super::{firewall, password};
use crate::http::response::Response;
use crate::world::{Call, Handler, Item, Reply, World, clock, is_live, kinds, refuse};

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "list_workspace_groups" => list,
        "create_workspace_group" => create,
        "get_workspace_group" => get,
        "update_workspace_group" => update,
        "terminate_workspace_group" => terminate,
        _ => return None,
    })
}

fn list(world: &mut World, call: &Call<'_>) -> Reply {
    Ok(world.list(&kinds::WORKSPACE_GROUP, call.flag("includeTerminated"), |_| true))
}

fn get(world: &mut World, call: &Call<'_>) -> Reply {
    world.look(&kinds::WORKSPACE_GROUP, call.path("workspaceGroupID"))
}

fn create(world: &mut World, call: &Call<'_>) -> Reply {
    let name = call.text("name").unwrap_or_default().to_owned();
    // The policy is checked before the region is looked up.
    if let Some(chosen) = call.text("adminPassword") {
        password::check(chosen)?;
    }
    if call.text("deploymentType") != Some("NON-PRODUCTION") && call.field("optInPreviewFeature") == Some(&json!(true))
    {
        return refuse(400, "optInPreviewFeature is available for NON-PRODUCTION deployments only");
    }
    firewall::check(call)?;
    let region = find_region(world, call)?;
    let project = find_project(world, call)?;
    world.has_credits("workspace group", &name)?;
    world.take_creation_lock("workspace group", &name)?;
    world.name_is_free(&kinds::WORKSPACE_GROUP, "workspace group", &name, |_| true)?;

    let id = world.new_id(&kinds::WORKSPACE_GROUP);
    let mut value = Map::new();
    for (field, from) in [("provider", "provider"), ("regionID", "regionID"), ("regionName", "regionName")] {
        value.insert(field.to_owned(), region.get(from).cloned().unwrap_or_default());
    }
    for (field, from) in [("projectID", "projectID"), ("projectName", "name")] {
        value.insert(field.to_owned(), project.get(from).cloned().unwrap_or_default());
    }
    value.insert("deploymentType".to_owned(), "PRODUCTION".into());
    value.insert("highAvailabilityTwoZones".to_owned(), false.into());
    value.insert("optInPreviewFeature".to_owned(), false.into());
    call.copy(
        &["name", "deploymentType", "highAvailabilityTwoZones", "optInPreviewFeature", "updateWindow"],
        &mut value,
    );
    if let Some(expiry) = call.text("expiresAt") {
        value.insert("expiresAt".to_owned(), read_expiry(expiry)?.into());
    }
    value.insert("createdAt".to_owned(), clock::now().into());
    value.insert("state".to_owned(), "PENDING".into());
    // The firewall is applied later, outside the state machine.
    value.insert("firewallRanges".to_owned(), json!([]));
    value.insert("allowAllTraffic".to_owned(), false.into());
    let mut item = Item::new(Value::Object(value));
    let (ready, settled) = (world.config.polls_until_ready, world.config.polls_until_settled);
    item.later(ready, json!({"state": "ACTIVE"}));
    item.later(
        ready.saturating_add(settled),
        firewall::landed(call.field("firewallRanges"), call.field("allowAllTraffic")),
    );
    world.create(&kinds::WORKSPACE_GROUP, &id, item);

    let mut response = json!({"workspaceGroupID": id});
    if call.text("adminPassword").is_none() {
        response["adminPassword"] = password::generate(world.next()).into();
    }
    let admin = call.text("adminPassword").or(response["adminPassword"].as_str()).unwrap_or_default().to_owned();
    world.set_admin(&id, &admin);
    Ok(Response::json(&response))
}

fn update(world: &mut World, call: &Call<'_>) -> Reply {
    let id = call.path("workspaceGroupID").to_owned();
    let settled = world.config.polls_until_settled;
    world.find_live(&kinds::WORKSPACE_GROUP, &id)?;
    firewall::check(call)?;
    // An empty password is refused, not ignored.
    if let Some(chosen) = call.text("adminPassword") {
        password::check(chosen)?;
    }
    if let Some(name) = call.text("name") {
        world.name_is_free(&kinds::WORKSPACE_GROUP, "workspace group", name, |item| {
            item.text("workspaceGroupID") != id
        })?;
    }
    let expiry = call.text("expiresAt").map(read_expiry).transpose()?;
    if let Some(chosen) = call.text("adminPassword") {
        world.set_admin(&id, chosen);
    }
    let item = world.find_live(&kinds::WORKSPACE_GROUP, &id)?;
    call.copy(&["name", "deploymentType", "updateWindow"], &mut item.value);
    if let Some(expiry) = expiry {
        item.set("expiresAt", expiry);
    }
    if call.field("firewallRanges").is_some() || call.field("allowAllTraffic").is_some() {
        let kept = item.value.get("firewallRanges").cloned();
        let ranges = call.field("firewallRanges").cloned().or(kept);
        item.later(settled, firewall::landed(ranges.as_ref(), call.field("allowAllTraffic")));
    }
    Ok(Response::json(&json!({"workspaceGroupID": id})))
}

fn terminate(world: &mut World, call: &Call<'_>) -> Reply {
    let id = call.path("workspaceGroupID").to_owned();
    let (settled, refuse_pending) = (world.config.polls_until_settled, world.config.refuse_pending_termination);
    let workspaces: Vec<String> = world
        .all_of(&kinds::WORKSPACE, &id)
        .filter(|item| is_live(&item.value))
        .map(|item| item.text("workspaceID").to_owned())
        .collect();
    let item = world.find(&kinds::WORKSPACE_GROUP, &id)?;
    if item.state() == "TERMINATED" {
        return Ok(Response::json(&json!({"workspaceGroupID": id})));
    }
    // `force` makes no difference here.
    if refuse_pending && item.state() == "PENDING" {
        // Retrying later works: a refusal counts as a poll.
        item.observe();
        return refuse(409, "workspace group cannot be terminated while it is in state PENDING");
    }
    if !workspaces.is_empty() && !call.flag("force") {
        return refuse(400, "workspace group is not empty; terminate its workspaces first or use force");
    }
    item.forget_later();
    item.lingers = settled;
    item.later(settled, json!({"state": "TERMINATED"}));
    for workspace in workspaces {
        let Ok(workspace) = world.find(&kinds::WORKSPACE, &workspace) else { continue };
        workspace.forget_later();
        workspace.enter("TERMINATED");
    }
    world.remove_admin(&id);
    Ok(Response::json(&json!({"workspaceGroupID": id})))
}

pub(super) fn read_expiry(text: &str) -> Reply<String> {
    match clock::expiry(text) {
        Some(at) => Ok(clock::rfc3339(at)),
        None => refuse(400, format!("expiresAt: cannot parse {text:?} as a time or a duration")),
    }
}

fn find_region(world: &World, call: &Call<'_>) -> Reply<Map<String, Value>> {
    let wanted = |region: &Item| match (call.text("regionID"), call.text("provider"), call.text("regionName")) {
        (Some(id), _, _) => region.text("regionID").eq_ignore_ascii_case(id),
        (None, Some(provider), Some(name)) => {
            region.text("provider").eq_ignore_ascii_case(provider) && region.text("regionName") == name
        }
        _ => false,
    };
    if call.text("regionID").is_none() && (call.text("provider").is_none() || call.text("regionName").is_none()) {
        return refuse(400, "either regionID or both provider and regionName are required");
    }
    match world.all(&kinds::REGION).find(|region| wanted(region)) {
        Some(region) => Ok(region.value.clone()),
        None => refuse(400, "region not found"),
    }
}

pub(super) fn find_project(world: &World, call: &Call<'_>) -> Reply<Map<String, Value>> {
    match call.text("projectID") {
        None => Ok(world.default_project()),
        Some(id) => match world.get(&kinds::PROJECT, id) {
            Some(project) => Ok(project.value.clone()),
            None => refuse(404, "project not found"),
        },
    }
}
