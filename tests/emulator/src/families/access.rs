//! Access control: grants of roles on organizations, groups, teams and secrets.

use serde_json::{Value, json};

use super::roles::BUILT_IN;
use crate::http::response::Response;
use crate::world::{Call, Grant, Handler, Reply, World, clock, kinds, refuse};

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "get_organization_access_controls"
        | "get_workspace_group_access_controls"
        | "get_team_access_controls"
        | "get_secret_access_controls" => show,
        "update_organization_access_controls"
        | "update_workspace_group_access_controls"
        | "update_team_access_controls"
        | "update_secret_access_controls" => change,
        "list_user_identity_roles" | "list_team_identity_roles" => identity_roles,
        _ => return None,
    })
}

/// The resource that a path names. A workspace group is a `Cluster` here.
fn resource(world: &mut World, call: &Call<'_>) -> Reply<(&'static str, String)> {
    let candidates = [
        ("Cluster", "workspaceGroupID", &kinds::WORKSPACE_GROUP),
        ("Team", "teamID", &kinds::TEAM),
        ("Secret", "secretID", &kinds::SECRET),
    ];
    for (name, parameter, kind) in candidates {
        let id = call.path(parameter);
        if !id.is_empty() {
            world.find(kind, id)?;
            return Ok((name, id.to_ascii_lowercase()));
        }
    }
    let id = call.path("organizationID");
    if id.eq_ignore_ascii_case(&world.config.organization_id) {
        Ok(("Organization", id.to_ascii_lowercase()))
    } else {
        refuse(404, "organization not found")
    }
}

fn show(world: &mut World, call: &Call<'_>) -> Reply {
    let (_, id) = resource(world, call)?;
    let mut names: Vec<&str> = BUILT_IN.to_vec();
    for grant in world.grants.iter().filter(|grant| grant.resource == id) {
        if !names.contains(&grant.role.as_str()) {
            names.push(&grant.role);
        }
    }
    let roles = names.iter().map(|role| {
        let grants = world.grants.iter().filter(|grant| grant.resource == id && grant.role == *role);
        let shown: Vec<Value> =
            grants.map(|grant| json!({"identity": identity(world, &grant.identity), "createdAt": grant.at})).collect();
        json!({"role": role, "description": format!("{role} of this resource"), "grants": shown})
    });
    Ok(Response::json(&roles.collect()))
}

/// A user or a team, distinguished only by its fields.
fn identity(world: &World, id: &str) -> Value {
    let (item, fields) = match world.get(&kinds::USER, id) {
        Some(user) => (Some(user), ["userID", "email", "firstName", "lastName"].as_slice()),
        None => (world.get(&kinds::TEAM, id), ["teamID", "name", "description"].as_slice()),
    };
    let kept = item.into_iter().flat_map(|item| item.value.iter()).filter(|(name, _)| fields.contains(&name.as_str()));
    Value::Object(kept.map(|(name, value)| (name.clone(), value.clone())).collect())
}

fn change(world: &mut World, call: &Call<'_>) -> Reply {
    let (resource_type, id) = resource(world, call)?;
    for (role, who) in entries(call, "revokes") {
        world
            .grants
            .retain(|grant| !(grant.resource == id && grant.role.eq_ignore_ascii_case(&role) && grant.identity == who));
    }
    for (role, who) in entries(call, "grants") {
        if world.get(&kinds::USER, &who).is_none() && world.get(&kinds::TEAM, &who).is_none() {
            return refuse(404, format!("user or team {who} not found"));
        }
        let known =
            world.grants.iter().any(|grant| grant.resource == id && grant.role == role && grant.identity == who);
        if !known {
            world.grants.push(Grant { resource_type, resource: id.clone(), role, identity: who, at: clock::now() });
        }
    }
    Ok(Response::empty(200))
}

/// The role and identity of every entry in one list of a body; lists may be null.
fn entries(call: &Call<'_>, list: &str) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for entry in call.field(list).and_then(Value::as_array).into_iter().flatten() {
        let role = entry.get("role").and_then(Value::as_str).unwrap_or_default();
        for who in ["users", "teams"]
            .iter()
            .filter_map(|field| entry.get(*field)?.as_array())
            .flatten()
            .filter_map(Value::as_str)
        {
            out.push((role.to_owned(), who.to_ascii_lowercase()));
        }
    }
    out
}

fn identity_roles(world: &mut World, call: &Call<'_>) -> Reply {
    let (kind, parameter) =
        if call.path("userID").is_empty() { (&kinds::TEAM, "teamID") } else { (&kinds::USER, "userID") };
    let id = call.path(parameter).to_ascii_lowercase();
    world.find(kind, &id)?;
    let wanted = call.query("resourceType");
    let grants = world
        .grants
        .iter()
        .filter(|grant| grant.identity == id && wanted.is_none_or(|wanted| wanted == grant.resource_type));
    let shown = grants
        .map(|grant| json!({"resourceType": grant.resource_type, "resourceID": grant.resource, "role": grant.role}));
    Ok(Response::json(&shown.collect()))
}
