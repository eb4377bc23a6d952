//! What a rule expects to find. A rule that finds something else is stale: upstream has changed.

use serde_json::{Map, Value};

/// `x-expect` of an action. Without `count` at least one match is expected.
#[derive(Debug, Default)]
pub struct Expect {
    pub count: Option<usize>,
    /// A part that every match must contain.
    pub contains: Option<Value>,
    /// Keys that no match may have.
    pub lacks: Vec<String>,
}

impl Expect {
    pub fn parse(value: &Value) -> Result<Self, String> {
        let map = value.as_object().ok_or("`x-expect` must be a mapping of `count`, `contains` and `lacks`")?;
        let mut expect = Self::default();
        for (key, value) in map {
            match key.as_str() {
                "count" => {
                    let count = value.as_u64().and_then(|count| usize::try_from(count).ok());
                    expect.count = Some(count.ok_or("`x-expect.count` must be a whole number from 0")?);
                }
                "contains" => expect.contains = Some(value.clone()),
                "lacks" => expect.lacks = strings(value).ok_or("`x-expect.lacks` must be a list of keys")?,
                other => {
                    return Err(format!("`x-expect` has no key `{other}`; it has `count`, `contains` and `lacks`"));
                }
            }
        }
        Ok(expect)
    }

    /// Why this number of matches is not what the rule expects.
    pub fn count_complaint(&self, found: usize) -> Option<String> {
        match self.count {
            Some(count) if count != found => Some(format!("expects {count} matches and found {found}")),
            None if found == 0 => Some("matches nothing".to_owned()),
            _ => None,
        }
    }

    /// Why this match is not what the rule expects.
    pub fn match_complaint(&self, found: &Value) -> Option<String> {
        if let Some(key) = self.lacks.iter().find(|key| found.get(key.as_str()).is_some()) {
            return Some(format!("expects no `{key}` and found {}", brief(found.get(key.as_str()))));
        }
        let contains = self.contains.as_ref()?;
        let (place, wanted, found) = first_difference(contains, found, String::new())?;
        let place = if place.is_empty() { String::new() } else { format!(" at `{place}`") };
        Some(format!("expects {}{place} and found {}", brief(Some(wanted)), brief(found)))
    }
}

fn strings(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|item| item.as_str().map(str::to_owned)).collect()
}

/// The first place where `found` does not contain `wanted`: objects by key, lists as sets, scalars exactly.
fn first_difference<'a>(
    wanted: &'a Value,
    found: &'a Value,
    place: String,
) -> Option<(String, &'a Value, Option<&'a Value>)> {
    match (wanted, found) {
        (Value::Object(wanted), Value::Object(found)) => object_difference(wanted, found, &place),
        (Value::Array(wanted), Value::Array(items)) => wanted
            .iter()
            .find(|item| !items.iter().any(|other| first_difference(item, other, String::new()).is_none()))
            .map(|item| (place, item, Some(found))),
        _ if wanted == found => None,
        _ => Some((place, wanted, Some(found))),
    }
}

fn object_difference<'a>(
    wanted: &'a Map<String, Value>,
    found: &'a Map<String, Value>,
    place: &str,
) -> Option<(String, &'a Value, Option<&'a Value>)> {
    wanted.iter().find_map(|(key, wanted)| {
        let place = if place.is_empty() { key.clone() } else { format!("{place}.{key}") };
        match found.get(key) {
            Some(found) => first_difference(wanted, found, place),
            None => Some((place, wanted, None)),
        }
    })
}

/// A value on one short line.
fn brief(value: Option<&Value>) -> String {
    let Some(value) = value else { return "nothing".to_owned() };
    let text = value.to_string();
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("`{}...`", &text[..end]),
        None => format!("`{text}`"),
    }
}
