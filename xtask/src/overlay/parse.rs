//! Parses the overlay document into actions. Every mistake is reported, not only the first.

use super::{Action, Adds, Change, Expect, Overlay};
use crate::document::parse_yaml;
use serde_json::Value;
use serde_json_path::JsonPath;

/// Reads an overlay; the errors are messages, one per mistake.
pub fn parse(name: &str, text: &str) -> Result<Overlay, Vec<String>> {
    let document = parse_yaml(name, text).map_err(|error| vec![error])?;
    let lines = action_lines(text);
    let mut errors = Vec::new();
    let version = document.get("overlay").and_then(Value::as_str).unwrap_or_default();
    if !["1.0.", "1.1."].iter().any(|start| version.starts_with(start)) {
        errors.push(format!(
            "{name} must say `overlay: 1.0.0` or `overlay: 1.1.0`; no other version of the format is understood."
        ));
    }
    unknown(name, &document, &["overlay", "info", "extends", "actions"], &mut errors);
    match document.get("info").filter(|info| info.is_object()) {
        Some(info) => {
            unknown(&format!("`info` of {name}"), info, &["title", "version", "description"], &mut errors);
            for key in ["title", "version"].into_iter().filter(|key| !info.get(key).is_some_and(Value::is_string)) {
                errors.push(format!("`info` of {name} must have a `{key}`, which is a string."));
            }
        }
        None => errors.push(format!("{name} must have `info` with a `title` and a `version`.")),
    }
    let extends = match document.get("extends") {
        None => None,
        Some(value) => {
            match value.as_str().map(|file| file.strip_prefix("./").unwrap_or(file)).filter(|file| is_plain_name(file))
            {
                Some(file) => Some(file.to_owned()),
                None => {
                    errors.push(format!(
                    "{name} extends {value}; it must be the plain name of a file in the same directory, so that nothing \
                     outside of it is read or written."
                ));
                    None
                }
            }
        }
    };
    let mut actions = Vec::new();
    match document.get("actions").and_then(Value::as_array) {
        Some(items) => {
            for (index, item) in items.iter().enumerate() {
                let place = match lines.get(index) {
                    Some(line) => format!("{name}:{line}"),
                    None => name.to_owned(),
                };
                match action(index + 1, &place, item, version) {
                    Ok(_) if items[..index].contains(item) => {
                        errors.push(format!("{place}: action {} is listed twice; remove one.", index + 1));
                    }
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

/// Reports unknown keys; `x-` keys are allowed.
fn unknown(name: &str, holder: &Value, known: &[&str], errors: &mut Vec<String>) {
    let keys = holder.as_object().into_iter().flatten().map(|(key, _)| key);
    for key in keys.filter(|key| !known.contains(&key.as_str()) && !key.starts_with("x-")) {
        errors.push(format!("`{key}` is not a key of {name}; it has {} and `x-` keys.", known.join(", ")));
    }
}

/// Whether a file name stays in its directory.
fn is_plain_name(file: &str) -> bool {
    !file.is_empty() && !file.starts_with('.') && !file.contains(['/', '\\', ':'])
}

/// The line of every action; empty if the text is JSON, which has no positions.
fn action_lines(text: &str) -> Vec<u64> {
    #[derive(serde::Deserialize)]
    struct Places {
        actions: Vec<serde_saphyr::Spanned<serde::de::IgnoredAny>>,
    }
    let places: Result<Places, _> = serde_saphyr::from_str_with_options(text, crate::document::yaml_options());
    places.map(|places| places.actions.iter().map(|action| action.referenced.line()).collect()).unwrap_or_default()
}

fn action(number: usize, place: &str, item: &Value, version: &str) -> Result<Action, String> {
    let map = item.as_object().ok_or("an action must be a mapping")?;
    let mut known = vec!["target", "description", "update", "remove"];
    if !version.starts_with("1.0.") {
        known.push("copy");
    }
    if let Some(key) = map.keys().find(|key| !known.contains(&key.as_str()) && !key.starts_with("x-")) {
        let since = if key == "copy" { " before `overlay: 1.1.0`" } else { "" };
        return Err(format!("`{key}` is not a key of an action{since}; it has {} and `x-` keys", known.join(", ")));
    }
    let target = map.get("target").and_then(Value::as_str).ok_or("`target` is missing")?;
    let path = JsonPath::parse(target).map_err(|error| format!("the target is not a JSONPath: {error}"))?;
    let reason = map.get("description").and_then(Value::as_str).unwrap_or_default();
    if reason.trim().is_empty() {
        return Err("`description` is missing; say why the rule is there".to_owned());
    }
    let remove = map.get("remove").map_or(Ok(false), |flag| flag.as_bool().ok_or("`remove` must be true or false"))?;
    let change = match (map.get("update"), map.get("copy")) {
        // What is removed is not updated.
        _ if remove => Change::Remove,
        (Some(update), None) => Change::Update(update.clone()),
        (None, Some(from)) => {
            let from = from.as_str().ok_or("`copy` must be a JSONPath")?;
            Change::Copy(JsonPath::parse(from).map_err(|error| format!("`copy` is not a JSONPath: {error}"))?)
        }
        (Some(_), Some(_)) => return Err("an action has either `update` or `copy`".to_owned()),
        (None, None) => return Err("an action needs `update` or `remove: true`, or it does nothing".to_owned()),
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
        let text = "overlay: 2.0.0\nextends: ../../etc/hosts\nactoins: []\ninfo: {title: t, author: a}\nactions:\n- target: $.a\n  update: 1\n- target: '$.a['\n  description: x\n  remove: true\n- target: $.a\n  description: x\n  upsert: 1\n- target: $.a\n  description: x\n  remove: true\n  x-expect: {cuont: 1}\n- target: $.a\n  description: x\n  update: 1\n  x-adds: things\n- target: $.a\n  description: x\n  remove: sure\n- target: $.a\n  description: x\n- target: $.a\n  description: x\n  update: 1\n  copy: $.b\n- &last\n  target: $.a\n  description: x\n  update: 2\n- *last\n";
        let errors = parse("o.yaml", text).err().unwrap();
        let wanted = [
            "must say `overlay: 1.0.0` or",
            "`actoins` is not a key of o.yaml",
            "`author` is not a key of `info` of o.yaml",
            "`info` of o.yaml must have a `version`",
            "extends \"../../etc/hosts\"",
            "o.yaml:6: action 1 ($.a): `description` is missing",
            "o.yaml:8: action 2 ($.a[): the target is not a JSONPath",
            "o.yaml:11: action 3 ($.a): `upsert`",
            "o.yaml:14: action 4 ($.a): `x-expect` has no key `cuont`",
            "o.yaml:18: action 5 ($.a): `x-adds: \"things\"`",
            "o.yaml:22: action 6 ($.a): `remove` must be true or false",
            "o.yaml:25: action 7 ($.a): an action needs `update`",
            "o.yaml:27: action 8 ($.a): an action has either",
            "action 10 is listed twice",
        ];
        assert_eq!(errors.len(), wanted.len(), "{errors:#?}");
        for (error, wanted) in errors.iter().zip(wanted) {
            assert!(error.contains(wanted), "{error}\n{wanted}");
        }
    }

    #[test]
    fn both_versions_are_read_and_copy_belongs_to_the_newer() {
        let text = |version: &str, key: &str| {
            format!(
                "overlay: {version}\ninfo: {{title: t, version: 1.0.0}}\nextends: ./published.yaml\nx-own: 1\nactions:\n- target: $.a\n  description: x\n  {key}\n"
            )
        };
        for (version, key, fine) in [
            ("1.0.0", "update: 1", true),
            ("1.0.1", "remove: true", true),
            ("1.1.0", "copy: $.b", true),
            ("1.0.0", "copy: $.b", false),
            ("1.2.0", "update: 1", false),
        ] {
            let parsed = parse("o.yaml", &text(version, key));
            assert_eq!(parsed.is_ok(), fine, "{version} {key}: {:?}", parsed.as_ref().err());
            assert!(parsed.map_or(true, |overlay| overlay.extends.as_deref() == Some("published.yaml")));
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
