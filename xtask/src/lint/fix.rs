//! Overlay actions as text, ready to paste.

use serde_json::Value;

/// The RFC 9535 path of a JSON pointer, in its most readable form.
pub fn path(pointer: &str) -> String {
    let mut path = "$".to_owned();
    for part in pointer.split('/').skip(1) {
        let name = part.replace("~1", "/").replace("~0", "~");
        let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if plain && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            path.push('.');
            path.push_str(&name);
        } else if !name.is_empty() && name.chars().all(|c| c.is_ascii_digit()) && is_list(&path) {
            path.push_str(&format!("[{name}]"));
        } else {
            path.push_str(&format!("[{}]", quoted(&name)));
        }
    }
    path
}

/// Digits are positions in these lists; elsewhere they are keys, such as a status or a property named `1`.
fn is_list(path: &str) -> bool {
    const LISTS: [&str; 9] =
        ["parameters", "allOf", "oneOf", "anyOf", "enum", "required", "tags", "servers", "security"];
    let Some((parent, last)) = path.rsplit_once('.') else { return false };
    LISTS.contains(&last) && parent != "$.components"
}

/// An action that merges `update` (JSON is YAML) into a place.
pub fn update(pointer: &str, why: &str, update: &Value) -> String {
    format!("- target: {}\n  description: {why}\n  update: {update}\n", scalar(&path(pointer)))
}

/// An action that removes a place.
pub fn remove(pointer: &str, why: &str) -> String {
    format!("- target: {}\n  description: {why}\n  remove: true\n", scalar(&path(pointer)))
}

/// An action that removes one string from a list.
pub fn remove_entry(list: &str, entry: &str, why: &str) -> String {
    remove_where(list, &[("@", entry)], why)
}

/// An action that removes the entries of a list in which these keys have these values: unlike a position, they stay valid when
/// another action has removed something before.
pub fn remove_where(list: &str, conditions: &[(&str, &str)], why: &str) -> String {
    let conditions: Vec<_> = conditions.iter().map(|(what, text)| format!("{what} == {}", quoted(text))).collect();
    let target = format!("{}[?{}]", path(list), conditions.join(" && "));
    format!("- target: {}\n  description: {why}\n  remove: true\n", scalar(&target))
}

/// A string of a JSONPath.
fn quoted(text: &str) -> String {
    let mut quoted = "'".to_owned();
    for c in text.chars() {
        match c {
            '\\' | '\'' => quoted.extend(['\\', c]),
            c if crate::codegen::is_unseen(c) => quoted.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted + "'"
}

/// Plain where YAML allows it, else quoted; a JSON string is a YAML string.
fn scalar(text: &str) -> String {
    let odd = text.contains(": ") || text.contains(" #") || text.contains(['\n', '\t', '\\', '"']);
    if odd { Value::String(text.to_owned()).to_string() } else { text.to_owned() }
}
