//! What a schema says about a single value: kind, format, enum, nullable, limits, texts.

use super::change::Recorder;
use super::flat::Flat;
use super::place::Place;
use super::resolve::reference;
use super::rules::Rule;
use crate::naming::pascal;
use serde_json::Value;

/// What kind of value it is, for people.
pub fn kind(schema: &Value) -> String {
    if let Some(name) = reference(schema) {
        return format!("`{name}`");
    }
    if let Some([only]) = schema.get("allOf").and_then(Value::as_array).map(Vec::as_slice) {
        return kind(only);
    }
    schema.as_object().map_or_else(
        || "anything".to_owned(),
        |map| kind_of(&map.iter().map(|(key, value)| (key.as_str(), value)).collect()),
    )
}

pub fn kind_of(schema: &Flat<'_>) -> String {
    let declared = schema.get("type").and_then(|kind| kind.as_str());
    let implied =
        [("properties", "object"), ("items", "array"), ("oneOf", "union"), ("anyOf", "union"), ("enum", "string")];
    let kind = declared.or_else(|| implied.iter().find(|(key, _)| schema.contains_key(*key)).map(|(_, kind)| *kind));
    match kind {
        Some("string") => "a string".to_owned(),
        Some("array") => "a list".to_owned(),
        // Rust has a struct for the former and a map for the latter.
        Some("object") if schema.contains_key("properties") => "an object".to_owned(),
        Some("object") => "an object with any keys".to_owned(),
        Some("integer") => "a whole number".to_owned(),
        Some("number") => "a number".to_owned(),
        Some("boolean") => "true or false".to_owned(),
        Some("union") => "a union".to_owned(),
        Some(other) => format!("`{other}`"),
        None => "anything".to_owned(),
    }
}

pub fn compare(recorder: &mut Recorder<'_>, place: &Place, old: &Flat<'_>, new: &Flat<'_>) {
    let different = |key: &str| old.get(key) != new.get(key);
    if different("format") {
        format(recorder, place, old, new);
    }
    values(recorder, place, old, new);
    let flag = |schema: &Flat<'_>| schema.get("nullable").is_some_and(|value| **value == Value::Bool(true));
    nullable_between(recorder, place, flag(old), flag(new));
    const LIMITS: [&str; 13] = [
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "minLength",
        "maxLength",
        "pattern",
        "minItems",
        "maxItems",
        "uniqueItems",
        "minProperties",
        "maxProperties",
    ];
    for key in LIMITS.into_iter().filter(|key| different(key)) {
        let show = |value: Option<&&Value>| value.map_or("none".to_owned(), |value| value.to_string());
        let text = format!("has another limit: `{key}` {} -> {}", show(old.get(key)), show(new.get(key)));
        place.note(recorder, Rule::LimitChanged, &text);
    }
    if different("deprecated") {
        place.note(recorder, Rule::DeprecatedChanged, "is or is no longer deprecated");
    }
    for key in ["description", "default", "example", "readOnly", "writeOnly", "discriminator", "externalDocs"] {
        if different(key) {
            place.note(recorder, Rule::TextChanged, &format!("has another `{key}`"));
        }
    }
    let keys = old.keys().chain(new.keys());
    for key in keys.filter(|key| key.starts_with("x-") && **key != "x-rust-name" && different(key)) {
        place.note(recorder, Rule::ExtensionChanged, &format!("has another `{key}`"));
    }
    let closed = |schema: &Flat<'_>| schema.get("additionalProperties").and_then(|value| value.as_bool());
    if closed(old) != closed(new) {
        place.note(recorder, Rule::OtherChanged, "says something else on further properties");
    }
}

/// The texts next to a reference.
pub fn texts(recorder: &mut Recorder<'_>, place: &Place, old: &Value, new: &Value) {
    for key in ["description", "deprecated", "default", "example", "readOnly", "writeOnly"] {
        if old.get(key) != new.get(key) {
            place.note(recorder, Rule::TextChanged, &format!("has another `{key}`"));
        }
    }
}

pub fn nullable(recorder: &mut Recorder<'_>, place: &Place, old: &Value, new: &Value) {
    let flag = |schema: &Value| schema.get("nullable") == Some(&Value::Bool(true));
    nullable_between(recorder, place, flag(old), flag(new));
}

fn nullable_between(recorder: &mut Recorder<'_>, place: &Place, old: bool, new: bool) {
    if old != new {
        let rule = if place.optional { Rule::NullableOptionalChanged } else { Rule::NullableChanged };
        place.note(recorder, rule, if new { "can now be null" } else { "can no longer be null" });
    }
}

/// The format, as far as it determines a Rust type; the others are plain strings.
fn format(recorder: &mut Recorder<'_>, place: &Place, old: &Flat<'_>, new: &Flat<'_>) {
    let of = |schema: &Flat<'_>| schema.get("format").and_then(|format| format.as_str()).unwrap_or("none").to_owned();
    let makes_type = |format: &str| {
        ["date-time", "password", "binary", "uuid"].contains(&format)
            || format.starts_with("int")
            || format.starts_with("uint")
            || format == "float"
    };
    let (before, after) = (of(old), of(new));
    // The default sizes, which a missing format means.
    let usual = |format: &str| ["none", "int64", "double"].contains(&format);
    let same = usual(&before) && usual(&after) || !makes_type(&before) && !makes_type(&after);
    let rule = if same { Rule::FormatNoted } else { Rule::FormatChanged };
    place.note(recorder, rule, &format!("has the format `{after}` in place of `{before}`"));
}

fn values(recorder: &mut Recorder<'_>, place: &Place, old: &Flat<'_>, new: &Flat<'_>) {
    let list = |schema: &Flat<'_>| -> Option<Vec<Value>> {
        Some(schema.get("enum")?.as_array()?.iter().filter(|value| !value.is_null()).cloned().collect())
    };
    match (list(old), list(new)) {
        (Some(old), Some(new)) => {
            for value in old.iter().filter(|value| !new.contains(value)) {
                value_changed(recorder, place, Rule::EnumValueRemoved, "lost", value);
            }
            for value in new.iter().filter(|value| !old.contains(value)) {
                value_changed(recorder, place, Rule::EnumValueAdded, "got", value);
            }
        }
        (Some(_), None) => place.note(recorder, Rule::EnumRemoved, "lists no values any more"),
        (None, Some(_)) => place.note(recorder, Rule::EnumAdded, "lists its values now"),
        (None, None) => {}
    }
}

fn value_changed(recorder: &mut Recorder<'_>, place: &Place, rule: Rule, verb: &str, value: &Value) {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let item = format!("types::{}::{}", place.type_name, pascal(&text));
    place.note_items(recorder, rule, &format!("{verb} the value `{text}`"), vec![item]);
}
