//! Users of the organization and invitations to it.

use regex_lite::Regex;
use serde_json::{Map, Value, json};

use crate::http::response::Response;
use crate::world::{Call, Handler, Item, Reply, World, clock, kinds, refuse};

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "list_users" => list,
        "add_user" => add,
        "get_current_user" => current,
        "get_user" => get,
        "remove_user" => remove,
        "list_invitations" => list_invitations,
        "create_invitation" => invite,
        "get_invitation" => get_invitation,
        "revoke_invitation" => revoke,
        _ => return None,
    })
}

/// The owner of the key: the first user.
pub(super) fn current_id(world: &World) -> String {
    world.all(&kinds::USER).next().map(|user| user.text("userID").to_owned()).unwrap_or_default()
}

/// Makes a user from an email address.
pub(super) fn user(email: &str) -> Item {
    let first = email.split('@').next().unwrap_or_default();
    Item::new(json!({"email": email, "firstName": first, "lastName": "Example", "userKind": "Standard"}))
}

/// Reads a filter that the service takes as a regular expression.
pub(super) fn filter(call: &Call<'_>, name: &str) -> Reply<Option<Regex>> {
    match call.query(name).filter(|text| !text.is_empty()).map(Regex::new) {
        None => Ok(None),
        Some(Ok(regex)) => Ok(Some(regex)),
        Some(Err(error)) => refuse(400, format!("invalid regular expression in {name}: {error}")),
    }
}

fn list(world: &mut World, call: &Call<'_>) -> Reply {
    let email = filter(call, "email")?;
    let wanted =
        world.all(&kinds::USER).filter(|user| email.as_ref().is_none_or(|email| email.is_match(user.text("email"))));
    Ok(Response::json(&wanted.map(|user| Value::Object(user.value.clone())).collect()))
}

fn current(world: &mut World, _call: &Call<'_>) -> Reply {
    let id = current_id(world);
    Ok(Response::json(&world.find(&kinds::USER, &id)?.observe()))
}

fn get(world: &mut World, call: &Call<'_>) -> Reply {
    Ok(Response::json(&world.find(&kinds::USER, call.path("userID"))?.observe()))
}

/// Adds somebody who already has an account with the vendor; the emulator assumes that everybody has.
fn add(world: &mut World, call: &Call<'_>) -> Reply {
    let email = call.text("email").unwrap_or_default().to_owned();
    if world.all(&kinds::USER).any(|user| user.text("email").eq_ignore_ascii_case(&email)) {
        return refuse(400, format!("user {email} already exists"));
    }
    let id = world.new_id(&kinds::USER);
    world.insert(&kinds::USER, &id, user(&email));
    Ok(Response::empty(200))
}

fn remove(world: &mut World, call: &Call<'_>) -> Reply {
    let id = call.path("userID");
    world.find(&kinds::USER, id)?;
    world.remove(&kinds::USER, id);
    Ok(Response::json(&json!({"userID": id})))
}

fn list_invitations(world: &mut World, call: &Call<'_>) -> Reply {
    let (email, state) = (filter(call, "email")?, filter(call, "state")?);
    let fits = |regex: &Option<Regex>, text: &str| regex.as_ref().is_none_or(|regex| regex.is_match(text));
    let wanted =
        world.all(&kinds::INVITATION).filter(|item| fits(&email, item.text("email")) && fits(&state, item.state()));
    Ok(Response::json(&wanted.map(|item| Value::Object(item.value.clone())).collect()))
}

fn invite(world: &mut World, call: &Call<'_>) -> Reply {
    let id = world.new_id(&kinds::INVITATION);
    let mut value = Map::new();
    value.insert("teamIDs".to_owned(), json!([]));
    call.copy(&["email", "teamIDs"], &mut value);
    value.insert("invitationID".to_owned(), id.clone().into());
    value.insert("state".to_owned(), "Pending".into());
    value.insert("createdAt".to_owned(), clock::now().into());
    world.insert(&kinds::INVITATION, &id, Item::new(Value::Object(value.clone())));
    Ok(Response::json(&Value::Object(value)))
}

fn get_invitation(world: &mut World, call: &Call<'_>) -> Reply {
    Ok(Response::json(&world.find(&kinds::INVITATION, call.path("invitationID"))?.observe()))
}

/// A revoked invitation can still be read.
fn revoke(world: &mut World, call: &Call<'_>) -> Reply {
    let item = world.find(&kinds::INVITATION, call.path("invitationID"))?;
    item.set("state", "Revoked");
    item.set("actedAt", clock::now());
    Ok(Response::json(&json!({"invitationID": call.path("invitationID")})))
}
