//! Overlay actions as text, ready to be pasted.

use serde_json::Value;

/// The RFC 9535 path of a JSON pointer, in the form that reads best.
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
            path.push_str(&format!("['{}']", name.replace('\\', "\\\\").replace('\'', "\\'")));
        }
    }
    path
}

/// Digits are positions in these lists; elsewhere they are keys, such as a status or a property called `1`.
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
    let entry = entry.replace('\\', "\\\\").replace('\'', "\\'");
    let target = format!("{}[?@ == '{entry}']", path(list));
    format!("- target: {}\n  description: {why}\n  remove: true\n", scalar(&target))
}

/// Plain where YAML allows it, else quoted; a JSON string is a YAML string.
fn scalar(text: &str) -> String {
    let odd = text.contains(": ") || text.contains(" #") || text.contains(['\n', '\t', '\\', '"']);
    if odd { Value::String(text.to_owned()).to_string() } else { text.to_owned() }
}
