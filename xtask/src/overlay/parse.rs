//! The overlay document into actions. Every mistake is listed, not only the first.

use super::{Action, Change, Expect, Overlay};
use serde_json::Value;
use serde_json_path::JsonPath;

/// Reads an overlay from its parsed YAML; the errors are sentences, one per mistake.
pub fn parse(name: &str, document: &Value) -> Result<Overlay, Vec<String>> {
    let mut errors = Vec::new();
    match document.get("overlay").and_then(Value::as_str) {
        Some(version) if version.starts_with("1.0.") => {}
        _ => errors.push(format!("{name} must say `overlay: 1.0.0`; no other version of the format is understood.")),
    }
    let extends = match document.get("extends") {
        None => None,
        Some(value) => match value.as_str().filter(|file| is_plain_name(file)) {
            Some(file) => Some(file.to_owned()),
            None => {
                errors.push(format!(
                    "{name} extends {value}; it must be the plain name of a file in the same directory, so that nothing \
                     outside of it is read or written."
                ));
                None
            }
        },
    };
    let mut actions = Vec::new();
    match document.get("actions").and_then(Value::as_array) {
        Some(items) => {
            for (index, item) in items.iter().enumerate() {
                match action(index, item) {
                    Ok(action) => actions.push(action),
                    Err(reason) => {
                        let target = item.get("target").and_then(Value::as_str).unwrap_or("no target");
                        errors.push(format!("{name}, action {} ({target}): {reason}.", index + 1));
                    }
                }
            }
        }
        None => errors.push(format!("{name} has no list `actions`.")),
    }
    if errors.is_empty() { Ok(Overlay { extends, actions }) } else { Err(errors) }
}

fn is_plain_name(file: &str) -> bool {
    !file.is_empty() && !file.starts_with('.') && !file.contains(['/', '\\', ':'])
}

fn action(index: usize, item: &Value) -> Result<Action, String> {
    let map = item.as_object().ok_or("an action must be a mapping")?;
    const KEYS: [&str; 4] = ["target", "description", "update", "remove"];
    if let Some(key) = map.keys().find(|key| !KEYS.contains(&key.as_str()) && !key.starts_with("x-")) {
        return Err(format!("`{key}` is not a key of an action; it has {} and `x-` keys", KEYS.join(", ")));
    }
    let target = map.get("target").and_then(Value::as_str).ok_or("`target` is missing")?;
    let path = JsonPath::parse(target).map_err(|error| format!("the target is not a JSONPath: {error}"))?;
    let reason = map.get("description").and_then(Value::as_str).unwrap_or_default();
    if reason.trim().is_empty() {
        return Err("`description` is missing; say why the rule is there".to_owned());
    }
    let change = match (map.get("update"), map.get("remove")) {
        (Some(update), None | Some(Value::Bool(false))) => Change::Update(update.clone()),
        (None, Some(Value::Bool(true))) => Change::Remove,
        _ => return Err("an action needs either `update` or `remove: true`".to_owned()),
    };
    let adds = match map.get("x-adds") {
        None => None,
        Some(Value::String(kind)) if ["operations", "schemas", "parameters", "tags"].contains(&kind.as_str()) => {
            Some(kind.clone())
        }
        Some(other) => {
            return Err(format!("`x-adds: {other}` is not one of operations, schemas, parameters and tags"));
        }
    };
    Ok(Action {
        index,
        target: target.to_owned(),
        path,
        reason: reason.trim().to_owned(),
        expect: map.get("x-expect").map(Expect::parse).transpose()?.unwrap_or_default(),
        adds,
        change,
    })
}
