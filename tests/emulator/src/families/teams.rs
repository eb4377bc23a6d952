//! Teams and their members.

use serde_json::{Map, Value, json};

use super::users::filter;
use crate::http::response::Response;
use crate::world::{Call, Handler, Item, Kind, Reply, World, clock, kinds, refuse};

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "list_teams" => list,
        "create_team" => create,
        "get_team" => get,
        "update_team" => update,
        "delete_team" => delete,
        _ => return None,
    })
}

fn list(world: &mut World, call: &Call<'_>) -> Reply {
    let (name, description) = (filter(call, "name")?, filter(call, "description")?);
    let wanted = world.all(&kinds::TEAM).filter(|team| {
        name.as_ref().is_none_or(|name| name.is_match(team.text("name")))
            && description.as_ref().is_none_or(|description| description.is_match(team.text("description")))
    });
    Ok(Response::json(&wanted.map(|team| Value::Object(team.value.clone())).collect()))
}

/// Takes only name and description; members are added by PATCH.
fn create(world: &mut World, call: &Call<'_>) -> Reply {
    let name = call.text("name").unwrap_or_default().to_owned();
    world.name_is_free(&kinds::TEAM, "team", &name, |_| true)?;
    let id = world.new_id(&kinds::TEAM);
    let mut value = Map::new();
    value.insert("description".to_owned(), "".into());
    call.copy(&["name", "description"], &mut value);
    value.insert("teamID".to_owned(), id.clone().into());
    value.insert("createdAt".to_owned(), clock::now().into());
    value.insert("memberUsers".to_owned(), json!([]));
    value.insert("memberTeams".to_owned(), json!([]));
    world.insert(&kinds::TEAM, &id, Item::new(Value::Object(value.clone())));
    Ok(Response::json(&Value::Object(value)))
}

fn get(world: &mut World, call: &Call<'_>) -> Reply {
    Ok(Response::json(&world.find(&kinds::TEAM, call.path("teamID"))?.observe()))
}

fn update(world: &mut World, call: &Call<'_>) -> Reply {
    let id = call.path("teamID").to_owned();
    world.find(&kinds::TEAM, &id)?;
    let added_users = [
        members(world, call, &kinds::USER, "addMemberUserIDs", "userID")?,
        members(world, call, &kinds::USER, "addMemberUserEmails", "email")?,
    ]
    .concat();
    let added_teams = members(world, call, &kinds::TEAM, "addMemberTeamIDs", "teamID")?;
    let team = world.find(&kinds::TEAM, &id)?;
    call.copy(&["name", "description"], &mut team.value);
    let users: &[(&str, &str)] = &[("removeMemberUserIDs", "userID"), ("removeMemberUserEmails", "email")];
    change(call, &mut team.value, "memberUsers", added_users, users);
    change(call, &mut team.value, "memberTeams", added_teams, &[("removeMemberTeamIDs", "teamID")]);
    Ok(Response::json(&json!({"teamID": id})))
}

/// Looks up what is to be added, and responds with 404 for anything unknown.
fn members(world: &World, call: &Call<'_>, kind: &Kind, list: &str, key: &str) -> Reply<Vec<Value>> {
    let mut found = Vec::new();
    for wanted in call.field(list).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
        let Some(item) = world.all(kind).find(|item| item.text(key).eq_ignore_ascii_case(wanted)) else {
            return refuse(404, format!("{} {wanted} not found", kind.title));
        };
        let fields = ["userID", "email", "firstName", "lastName", "teamID", "name", "description"];
        let kept = item.value.iter().filter(|(name, _)| fields.contains(&name.as_str()));
        found.push(Value::Object(kept.map(|(name, value)| (name.clone(), value.clone())).collect()));
    }
    Ok(found)
}

fn change(call: &Call<'_>, team: &mut Map<String, Value>, list: &str, added: Vec<Value>, removed: &[(&str, &str)]) {
    let mut members = team.get(list).and_then(Value::as_array).cloned().unwrap_or_default();
    for member in added {
        if !members.contains(&member) {
            members.push(member);
        }
    }
    for (field, key) in removed {
        let gone = call.field(field).and_then(Value::as_array).cloned().unwrap_or_default();
        members.retain(|member| member.get(*key).is_none_or(|id| !gone.contains(id)));
    }
    team.insert(list.to_owned(), members.into());
}

fn delete(world: &mut World, call: &Call<'_>) -> Reply {
    let id = call.path("teamID");
    world.find(&kinds::TEAM, id)?;
    world.remove(&kinds::TEAM, id);
    Ok(Response::json(&json!({"teamID": id})))
}
