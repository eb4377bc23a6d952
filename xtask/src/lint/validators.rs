//! What the generator accepts and other tools refuse: `nullable` without a type, and examples that contradict their format.

use super::Finding;
use super::fix::{remove, update};
use super::walk::schemas;
use crate::openapi::child;
use serde_json::{Map, Value, json};

pub fn check(document: &Value, findings: &mut Vec<Finding>) {
    for schema in schemas(document) {
        let map = schema.map;
        if map.get("nullable") == Some(&Value::Bool(true)) && !map.contains_key("type") && !map.contains_key("$ref") {
            let message = "`nullable` without `type` has no meaning in OpenAPI 3.0, and validators stop at it.";
            let finding = Finding::warning(&schema.pointer, message);
            findings.push(match fix_of(&schema.pointer, map) {
                Some(fix) => finding.with_fix(fix),
                None => finding,
            });
        }
    }
    examples(document, "", findings);
}

/// The type implied by the rest of the schema; in a union, the branch that gets `nullable`.
fn fix_of(pointer: &str, map: &Map<String, Value>) -> Option<String> {
    let kind = |kind: &str| Some(update(pointer, "The rest of the schema implies it.", &json!({"type": kind})));
    for (key, name) in [("items", "array"), ("properties", "object"), ("additionalProperties", "object")] {
        if map.contains_key(key) {
            return kind(name);
        }
    }
    let values = map.get("enum").and_then(Value::as_array);
    if map.contains_key("format") || values.is_some_and(|values| values.iter().all(|v| v.is_string() || v.is_null())) {
        return kind("string");
    }
    let (key, index) = ["oneOf", "anyOf"].iter().find_map(|key| {
        let branches = map.get(*key)?.as_array()?;
        Some((*key, branches.iter().position(|branch| branch.get("type").is_some())?))
    })?;
    let branch = update(&format!("{pointer}/{key}/{index}"), "It may be null.", &json!({"nullable": true}));
    Some(format!("{branch}{}", remove(&child(pointer, "nullable"), "It belongs to the branch that has a type.")))
}

/// Every example next to a format: of a schema, and of what has a schema.
fn examples(value: &Value, pointer: &str, findings: &mut Vec<Finding>) {
    match value {
        Value::Object(map) => {
            let schema = map.get("schema").and_then(Value::as_object).unwrap_or(map);
            if let (Some(Value::String(format)), Some(Value::String(example))) =
                (schema.get("format"), map.get("example"))
                && !fits(format, example)
            {
                let place = child(pointer, "example");
                let message = format!("the example `{example}` contradicts its format `{format}`.");
                let fix = remove(&place, "It is not a value of its format.");
                findings.push(Finding::warning(&place, message).with_fix(fix));
            }
            for (key, inner) in map.iter().filter(|(key, inner)| {
                // The contents of an example or an extension are not schemas; a property of that name is one.
                let data = ["example", "examples", "default", "enum"].contains(&key.as_str()) || key.starts_with("x-");
                !data || pointer.ends_with("/properties") && inner.is_object()
            }) {
                examples(inner, &child(pointer, key), findings);
            }
        }
        Value::Array(items) => {
            items
                .iter()
                .enumerate()
                .for_each(|(index, inner)| examples(inner, &format!("{pointer}/{index}"), findings));
        }
        _ => {}
    }
}

/// Whether a string matches a format. Formats without a grammar accept any.
fn fits(format: &str, text: &str) -> bool {
    match format {
        "uuid" => shape(text, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"),
        "date" => is_date(text),
        "date-time" => is_date_time(text),
        "email" => text.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.')),
        "ipv4" => text.parse::<std::net::Ipv4Addr>().is_ok(),
        "ipv6" => text.parse::<std::net::Ipv6Addr>().is_ok(),
        "uri" | "url" => text.split_once(':').is_some_and(|(scheme, rest)| !scheme.is_empty() && !rest.is_empty()),
        _ => true,
    }
}

/// `x` stands for a hexadecimal digit, `0` for a decimal one.
fn shape(text: &str, shape: &str) -> bool {
    text.len() == shape.len()
        && text.chars().zip(shape.chars()).all(|(c, wanted)| match wanted {
            'x' => c.is_ascii_hexdigit(),
            '0' => c.is_ascii_digit(),
            other => c == other,
        })
}

fn within(text: Option<&str>, low: u32, high: u32) -> bool {
    text.and_then(|text| text.parse().ok()).is_some_and(|number: u32| (low..=high).contains(&number))
}

fn is_date(text: &str) -> bool {
    shape(text, "0000-00-00") && within(text.get(5..7), 1, 12) && within(text.get(8..10), 1, 31)
}

/// As in RFC 3339.
fn is_date_time(text: &str) -> bool {
    let Some((date, time)) = text.split_once(['T', 't']) else { return false };
    let Some((clock, rest)) = time.split_at_checked(8) else { return false };
    let fraction = rest.strip_prefix('.').map(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit()));
    // A point is followed by digits.
    let zone = fraction.filter(|zone| zone.len() + 1 < rest.len()).unwrap_or(rest);
    is_date(date)
        && shape(clock, "00:00:00")
        && within(clock.get(..2), 0, 23)
        && within(clock.get(3..5), 0, 59)
        && within(clock.get(6..8), 0, 60)
        && (matches!(zone, "Z" | "z") || shape(zone, "+00:00") || shape(zone, "-00:00"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_are_held_against_their_format() {
        for (format, text, want) in [
            ("uuid", "3f2504e0-4f89-41d3-9a0c-0305e82c3301", true),
            ("uuid", "3f2504e0", false),
            ("uuid", "3f2504e0-4f89-41d3-9a0c-0305e82c330g", false),
            ("date-time", "2026-09-18T12:39:20.43888Z", true),
            ("date-time", "2026-09-18T12:39:20+02:00", true),
            ("date-time", "2026-09-18 12:39:20", false),
            ("date-time", "2026-09-18T12:39:20", false),
            ("date-time", "2026-09-18T12:39:20.Z", false),
            ("date-time", "2026-09-18T24:39:20Z", false),
            ("date-time", "ä", false),
            ("date", "2026-09-18", true),
            ("date", "2026-13-18", false),
            ("email", "a@example.com", true),
            ("email", "a", false),
            ("ipv4", "1.2.3.4", true),
            ("ipv4", "1.2.3", false),
            ("ipv6", "::1", true),
            ("uri", "https://example.com", true),
            ("uri", "example", false),
            ("password", "anything", true),
        ] {
            assert_eq!(fits(format, text), want, "{format} {text}");
        }
    }
}
