//! Clusters (v2): one flat resource instead of groups with workspaces.

use serde_json::{Map, Value, json};

use super::{firewall, password};
use crate::http::response::Response;
use crate::world::{Call, Handler, Item, Reply, World, clock, kinds, refuse};

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "list_clusters" => list,
        "create_cluster" => create,
        "get_cluster" => get,
        "update_cluster" => update,
        "terminate_cluster" => terminate,
        "suspend_cluster" => suspend,
        "resume_cluster" => resume,
        _ => return None,
    })
}

/// Fields that a cluster copies from a request unchanged.
const PLAIN: &[&str] = &[
    "deploymentType",
    "kai",
    "multiAZ",
    "optInPreviewFeature",
    "updateWindow",
    "autoScale",
    "autoSuspend",
    "sizeConfig",
    "cacheConfig",
];

fn list(world: &mut World, call: &Call<'_>) -> Reply {
    let project = call.query("projectID");
    let wanted = |item: &Item| project.is_none_or(|project| item.text("projectID").eq_ignore_ascii_case(project));
    // Terminated clusters are listed with live ones, whatever the documented default of the filter.
    let terminated = call.query("includeTerminated") != Some("false");
    Ok(world.list(&kinds::CLUSTER, terminated, wanted))
}

fn get(world: &mut World, call: &Call<'_>) -> Reply {
    world.look(&kinds::CLUSTER, call.path("clusterID"))
}

fn create(world: &mut World, call: &Call<'_>) -> Reply {
    let (region, project) = validate(world, call)?;
    let name = call.text("name").unwrap_or_default().to_owned();
    let expiry = call.text("expiresAt").map(read_expiry).transpose()?;
    // The service says "workspace" here too.
    world.has_credits("workspace", &name)?;
    world.take_creation_lock("workspace", &name)?;
    world.name_is_free(&kinds::CLUSTER, "workspace", &name, |_| true)?;

    let id = world.new_id(&kinds::CLUSTER);
    let group = world.new_id(&kinds::WORKSPACE_GROUP);
    let mut value = Map::new();
    value.insert("deploymentType".to_owned(), "PRODUCTION".into());
    call.copy(PLAIN, &mut value);
    value.insert("name".to_owned(), name.into());
    value.insert("groupID".to_owned(), group.clone().into());
    value.insert("projectID".to_owned(), project.into());
    value.insert("provider".to_owned(), region.text("provider").into());
    value.insert("region".to_owned(), region.text("regionName").into());
    value.insert("createdAt".to_owned(), clock::now().into());
    value.insert("state".to_owned(), "PENDING".into());
    // Other fields without a value are omitted; this one is null until the firewall is applied.
    value.insert("allowAllTraffic".to_owned(), Value::Null);
    value.insert("firewallRanges".to_owned(), json!([]));
    if let Some(expiry) = expiry {
        value.insert("expiresAt".to_owned(), expiry.into());
    }
    let mut item = Item::new(Value::Object(value));
    item.endpoint = Some(world.endpoint(&id, region.text("regionName")));
    let (ready, settled) = (world.config.polls_until_ready, world.config.polls_until_settled);
    item.later(ready, json!({"state": "ACTIVE"}));
    item.later(ready.saturating_add(settled), json!({"endpoint": true}));
    item.later(
        ready.saturating_add(settled.saturating_mul(2)),
        firewall::landed(call.field("firewallRanges"), call.field("allowAllTraffic")),
    );
    world.create(&kinds::CLUSTER, &id, item);
    // A password in the request is ignored: the generated one is shown here and never again.
    let generated = password::generate(world.next());
    world.set_admin(&id, &generated);
    Ok(Response::json(&json!({"clusterID": id, "groupID": group, "adminPassword": generated})))
}

/// Checks in the order of the live service: region, project, firewall, size, name, and only then whether the region exists.
fn validate(world: &World, call: &Call<'_>) -> Reply<(Item, String)> {
    let Some(region) = call.text("region").filter(|region| !region.is_empty()) else {
        return refuse(400, "region is required");
    };
    let Some(project) = call.text("projectID") else {
        return refuse(400, "projectID is required");
    };
    let project = world.get(&kinds::PROJECT, project).map(|project| project.text("projectID").to_owned());
    let Some(project) = project else {
        return refuse(404, "project not found");
    };
    if call.field("firewallRanges").is_none() {
        return refuse(400, "firewallRanges cannot be null (indicate empty list [] to disallow all inbound traffic)");
    }
    firewall::check(call)?;
    let Some(size) = call.field("sizeConfig") else {
        return refuse(400, "sizeConfig is required");
    };
    check_size(size)?;
    check_name(call.text("name").unwrap_or_default())?;
    let provider = call.text("provider").unwrap_or_default();
    if !["aws", "azure", "gcp"].iter().any(|known| known.eq_ignore_ascii_case(provider)) {
        return refuse(400, format!("invalid provider {provider:?}; value must be aws or azure or gcp"));
    }
    let known = world
        .all(&kinds::REGION)
        .find(|item| item.text("regionName") == region && item.text("provider").eq_ignore_ascii_case(provider));
    match known {
        Some(known) => Ok((known.clone(), project)),
        None => refuse(400, format!("region {region} not found for provider {provider}")),
    }
}

fn check_size(size: &Value) -> Reply<()> {
    let known = |size: &str| {
        size.strip_prefix("S-")
            .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
    };
    match size.get("size").and_then(Value::as_str) {
        Some(size) if !known(size) => refuse(400, format!("invalid size {size:?}")),
        _ => Ok(()),
    }
}

fn check_name(name: &str) -> Reply<()> {
    if name.is_empty() || name.len() > 32 {
        return refuse(400, "name: the length must be between 1 and 32");
    }
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if !name.bytes().all(inner) || name.starts_with('-') || name.ends_with('-') {
        return refuse(400, "name: must be in a valid format");
    }
    Ok(())
}

fn read_expiry(text: &str) -> Reply<String> {
    match clock::expiry(text) {
        Some(at) => Ok(clock::go_time(at)),
        None => refuse(400, format!("expiresAt: cannot parse {text:?} as a time or a duration")),
    }
}

fn update(world: &mut World, call: &Call<'_>) -> Reply {
    let (ready, settled) = (world.config.polls_until_ready, world.config.polls_until_settled);
    let item = world.find_live(&kinds::CLUSTER, call.path("clusterID"))?;
    if item.state() == "SUSPENDED" {
        return refuse(409, "cluster cannot be changed while it is in state SUSPENDED");
    }
    if call.field("kai") == Some(&json!(false)) && item.value.get("kai") != Some(&json!(true)) {
        // The service tries to tear down a proxy that does not exist.
        return refuse(500, "error updating workspace: failed to remove kai proxy");
    }
    firewall::check(call)?;
    if let Some(size) = call.field("sizeConfig") {
        check_size(size)?;
    }
    let mut set = Map::new();
    call.copy(PLAIN, &mut set);
    if let Some(expiry) = call.text("expiresAt") {
        set.insert("expiresAt".to_owned(), read_expiry(expiry)?.into());
    }
    set.insert("state".to_owned(), "ACTIVE".into());
    // `name` and `adminPassword` are accepted without effect, yet any change sends the cluster through PENDING.
    item.set("state", "PENDING");
    item.later(ready, Value::Object(set));
    if call.field("firewallRanges").is_some() || call.field("allowAllTraffic").is_some() {
        let kept = item.value.get("firewallRanges").cloned();
        let ranges = call.field("firewallRanges").cloned().or(kept);
        item.later(ready.saturating_add(settled), firewall::landed(ranges.as_ref(), call.field("allowAllTraffic")));
    }
    Ok(Response::json(&json!({"clusterID": call.path("clusterID")})))
}

fn terminate(world: &mut World, call: &Call<'_>) -> Reply {
    let (ready, refuse_pending) = (world.config.polls_until_ready, world.config.refuse_pending_termination);
    let item = world.find(&kinds::CLUSTER, call.path("clusterID"))?;
    let state = item.state().to_owned();
    if refuse_pending && ["PENDING", "TRANSITIONING"].contains(&state.as_str()) {
        // Retrying later works: a refusal counts as a poll.
        item.observe();
        return refuse(409, format!("cluster cannot be terminated while it is in state {state}"));
    }
    if !["TERMINATED", "TERMINATING"].contains(&item.state()) {
        item.forget_later();
        item.set("state", "TERMINATING");
        item.later(ready, json!({"state": "TERMINATED"}));
        let id = call.path("clusterID").to_owned();
        world.remove_admin(&id);
    }
    Ok(Response::json(&json!({"clusterID": call.path("clusterID")})))
}

fn suspend(world: &mut World, call: &Call<'_>) -> Reply {
    let ready = world.config.polls_until_ready;
    let item = world.find_live(&kinds::CLUSTER, call.path("clusterID"))?;
    if item.state() != "ACTIVE" {
        return refuse(400, format!("cluster cannot be suspended while it is in state {}", item.state()));
    }
    item.forget_later();
    item.set("state", "TRANSITIONING");
    item.later(ready, json!({"state": "SUSPENDED"}));
    Ok(Response::json(&json!({"clusterID": call.path("clusterID")})))
}

fn resume(world: &mut World, call: &Call<'_>) -> Reply {
    let (ready, settled) = (world.config.polls_until_ready, world.config.polls_until_settled);
    let item = world.find_live(&kinds::CLUSTER, call.path("clusterID"))?;
    if item.state() != "SUSPENDED" {
        return refuse(400, format!("cluster cannot be resumed while it is in state {}", item.state()));
    }
    if call.field("disableAutoSuspend") == Some(&json!(true)) {
        item.value.remove("autoSuspend");
    }
    item.set("state", "RESUMING");
    item.later(ready, json!({"state": "ACTIVE", "lastResumedAt": clock::now()}));
    item.later(ready.saturating_add(settled), json!({"endpoint": true}));
    Ok(Response::json(&json!({"clusterID": call.path("clusterID")})))
}
