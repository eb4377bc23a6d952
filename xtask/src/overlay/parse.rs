//! The overlay document into actions. Every mistake is listed, not only the first.

use super::{Action, Adds, Change, Expect, Overlay};
use crate::document::parse_yaml;
use serde_json::Value;
use serde_json_path::JsonPath;

/// Reads an overlay; the errors are sentences, one per mistake.
pub fn parse(name: &str, text: &str) -> Result<Overlay, Vec<String>> {
    let document = parse_yaml(name, text).map_err(|error| vec![error])?;
    let lines = action_lines(text);
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
                let place = match lines.get(index) {
                    Some(line) => format!("{name}:{line}"),
                    None => name.to_owned(),
                };
                match action(index + 1, &place, item) {
                    Ok(action) => actions.push(action),
                    Err(reason) => {
                        let target = item.get("target").and_then(Value::as_str).unwrap_or("no target");
                        errors.push(format!("{place}: action {} ({target}): {reason}.", index + 1));
                    }
                }
            }
        }
        None => errors.push(format!("{name} has no list `actions`.")),
    }
    if errors.is_empty() { Ok(Overlay { extends, actions }) } else { Err(errors) }
}

/// Whether a file name stays in its directory.
fn is_plain_name(file: &str) -> bool {
    !file.is_empty() && !file.starts_with('.') && !file.contains(['/', '\\', ':'])
}

/// The line of every action; empty when the text is JSON, which has no places.
fn action_lines(text: &str) -> Vec<u64> {
    #[derive(serde::Deserialize)]
    struct Places {
        actions: Vec<serde_saphyr::Spanned<serde::de::IgnoredAny>>,
    }
    let places: Result<Places, _> = serde_saphyr::from_str_with_options(text, crate::document::yaml_options());
    places.map(|places| places.actions.iter().map(|action| action.referenced.line()).collect()).unwrap_or_default()
}

fn action(number: usize, place: &str, item: &Value) -> Result<Action, String> {
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
    let adds = match map.get("x-adds").map(|value| (value, value.as_str().unwrap_or_default())) {
        None => None,
        Some((_, "operations")) => Some(Adds::Operations),
        Some((_, "schemas")) => Some(Adds::Schemas),
        Some((_, "parameters")) => Some(Adds::Parameters),
        Some((_, "tags")) => Some(Adds::Tags),
        Some((other, _)) => {
            return Err(format!("`x-adds: {other}` is not one of operations, schemas, parameters and tags"));
        }
    };
    Ok(Action {
        number,
        place: place.to_owned(),
        target: target.to_owned(),
        path,
        reason: reason.trim().to_owned(),
        expect: map.get("x-expect").map(Expect::parse).transpose()?.unwrap_or_default(),
        adds,
        change,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_is_listed_with_its_line() {
        let text = "overlay: 2.0.0\nextends: ../../etc/hosts\nactions:\n- target: $.a\n  update: 1\n- target: '$.a['\n  description: x\n  remove: true\n- target: $.a\n  description: x\n  upsert: 1\n- target: $.a\n  description: x\n  remove: true\n  x-expect: {cuont: 1}\n- target: $.a\n  description: x\n  update: 1\n  x-adds: things\n";
        let errors = parse("o.yaml", text).err().unwrap();
        let wanted = [
            "must say `overlay: 1.0.0`",
            "extends \"../../etc/hosts\"",
            "o.yaml:4: action 1 ($.a): `description` is missing",
            "o.yaml:6: action 2 ($.a[): the target is not a JSONPath",
            "o.yaml:9: action 3 ($.a): `upsert`",
            "o.yaml:12: action 4 ($.a): `x-expect` has no key `cuont`",
            "o.yaml:16: action 5 ($.a): `x-adds: \"things\"`",
        ];
        assert_eq!(errors.len(), wanted.len(), "{errors:#?}");
        for (error, wanted) in errors.iter().zip(wanted) {
            assert!(error.contains(wanted), "{error}\n{wanted}");
        }
    }

    #[test]
    fn a_file_name_cannot_leave_its_directory() {
        for file in ["..", ".", "../x", "a/b", "/etc/hosts", "a\\b", "c:x", "", ".hidden"] {
            assert!(!is_plain_name(file), "{file}");
        }
        assert!(is_plain_name("published.yaml"));
    }
}
