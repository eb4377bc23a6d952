//! Bytes into a JSON value, within limits: what comes from the network may not be a document at all.

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_saphyr::options::{AliasLimits, DuplicateKeyPolicy, Options};
use serde_saphyr::{Budget, Error};

/// The published document has a quarter of a megabyte; this leaves room for many years of growth.
pub const MAX_BYTES: usize = 16 * 1024 * 1024;
const MAX_DEPTH: usize = 100;

/// Reads an OpenAPI 3.0 document from YAML or JSON. `name` is used in messages.
pub fn read_openapi(name: &str, bytes: &[u8]) -> Result<Value, String> {
    let text = as_text(name, bytes)?;
    let value = parse_yaml(name, text)?;
    check_version(name, &value)?;
    for key in ["info", "paths"] {
        if !value.get(key).is_some_and(Value::is_object) {
            return Err(format!(
                "{name} has no `{key}` object, so it is not a whole OpenAPI document; was it cut off while it was copied?"
            ));
        }
    }
    Ok(value)
}

/// Parses YAML (a superset of JSON) of bounded size, depth and alias expansion.
pub fn parse_yaml(name: &str, text: &str) -> Result<Value, String> {
    if text.trim_start().starts_with('{') {
        return serde_json::from_str::<Unique>(text)
            .map(|unique| unique.0)
            .map_err(|error| format!("{name} is not valid JSON: {error}."));
    }
    if let Some(line) = second_document(text) {
        return Err(format!(
            "{name} is not readable as YAML: a second document begins at line {line}; one is expected."
        ));
    }
    serde_saphyr::from_str_with_options(text, yaml_options()).map_err(|error| yaml_error(name, &error))
}

/// A JSON value without duplicate keys: the parser would keep the last and drop the others.
struct Unique(Value);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(UniqueVisitor).map(Unique)
    }
}

struct UniqueVisitor;

impl<'de> Visitor<'de> for UniqueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Unique(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(list.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = serde_json::Map::new();
        while let Some((key, Unique(value))) = entries.next_entry::<String, _>()? {
            if map.contains_key(&key) {
                return Err(serde::de::Error::custom(format!("the key `{key}` comes twice in one object")));
            }
            map.insert(key, value);
        }
        Ok(map.into())
    }
}

/// The line at which a document ends before the text does. The parser ignores what follows if that is malformed.
fn second_document(text: &str) -> Option<usize> {
    let mut content = false;
    for (index, line) in text.lines().enumerate() {
        let marker = ["---", "..."]
            .iter()
            .any(|mark| line.strip_prefix(mark).is_some_and(|rest| !rest.starts_with(|c: char| !c.is_whitespace())));
        if marker && content {
            return Some(index + 1);
        }
        content |= !marker && !line.trim_start().starts_with(['#', '%']) && !line.trim().is_empty();
    }
    None
}

fn as_text<'a>(name: &str, bytes: &'a [u8]) -> Result<&'a str, String> {
    if bytes.len() > MAX_BYTES {
        return Err(format!(
            "{name} has more than {MAX_BYTES} bytes, and no more is read; check that it is the OpenAPI document."
        ));
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|error| format!("{name} is not UTF-8 text (first bad byte at {}).", error.valid_up_to()))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let start = text.trim_start();
    if start.is_empty() {
        return Err(format!("{name} is empty; fetch it again."));
    }
    if start.starts_with('<') {
        return Err(format!(
            "{name} is an HTML or XML page, not an OpenAPI document; a proxy or a login page may have responded instead."
        ));
    }
    Ok(text)
}

fn check_version(name: &str, value: &Value) -> Result<(), String> {
    if !value.is_object() {
        return Err(format!("{name} is not an OpenAPI document: its top level must be a mapping of keys to values."));
    }
    if value.get("swagger").is_some() {
        return Err(format!("{name} is Swagger 2; only OpenAPI 3.0 is understood. Convert it first."));
    }
    match value.get("openapi") {
        Some(Value::String(version)) if version.starts_with("3.0.") => Ok(()),
        Some(version) => Err(format!(
            "{name} says `openapi: {version}`; only 3.0.x is understood, because the generator knows no other. \
             Convert it to 3.0 first."
        )),
        None => Err(format!("{name} has no `openapi` key, so it is not an OpenAPI document.")),
    }
}

fn yaml_error(name: &str, error: &Error) -> String {
    let place =
        error.location().map(|at| format!(" at line {}, column {}", at.line(), at.column())).unwrap_or_default();
    let reason = error.to_string();
    let reason = reason.lines().next().unwrap_or("unreadable");
    let reason = reason.split_once(" at line ").map_or(reason, |(reason, _)| reason);
    format!("{name} is not readable as YAML{place}: {reason}.")
}

/// Limits for reading YAML, whoever wrote it.
pub fn yaml_options() -> Options {
    let mut budget = Budget::default();
    budget.max_reader_input_bytes = Some(MAX_BYTES);
    budget.max_events = 1_000_000;
    budget.max_aliases = 10_000;
    budget.max_anchors = 10_000;
    budget.max_depth = MAX_DEPTH;
    budget.max_nodes = 300_000;
    budget.max_total_scalar_bytes = MAX_BYTES;
    let mut aliases = AliasLimits::default();
    aliases.max_total_replayed_events = 200_000;
    let mut options = Options::default();
    options.budget = Some(budget);
    options.duplicate_keys = DuplicateKeyPolicy::Error;
    options.alias_limits = aliases;
    // `no`, `on` and `off` are strings in YAML 1.2.
    options.strict_booleans = true;
    options.with_snippet = false;
    options
}
