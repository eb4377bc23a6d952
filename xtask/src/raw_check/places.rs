//! From a line of generated code to the place in the document that it was made from.

use crate::naming::{field, pascal};
use crate::openapi::{child, entries, operations, resolve};
use serde_json::Value;

/// The JSON pointer of what a line was made from; empty if unknown.
pub fn place(document: &Value, code: &str, line: usize) -> String {
    let lines: Vec<&str> = code.lines().collect();
    let at = line.saturating_sub(1).min(lines.len().saturating_sub(1));
    // Items inside a module, and methods, are indented by four spaces.
    let Some(start) = (0..=at).rev().find(|line| lines.get(*line).is_some_and(|line| is_item(line))) else {
        return String::new();
    };
    // What a macro makes has its name in one of the next lines.
    let named = lines[start..].iter().take(24).find(|line| line.trim_start().starts_with("pub enum "));
    let owner = named.filter(|_| lines[start].contains("open_enum!")).unwrap_or(&lines[start]);
    // The table of an object begins with its name.
    let table = lines[start..].iter().take(2).copied().collect::<String>();
    let table = ["object! {", "by_serde! {", "written! {"]
        .iter()
        .filter(|call| lines[start].contains(*call))
        .find_map(|call| table.split_once(call))
        .map(|(_, table)| table.split('{').next().unwrap_or_default());
    let names: Vec<&str> = table.unwrap_or(owner).split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    let mut all: Vec<(String, String)> = Vec::new();
    for (path, _, method, operation) in operations(document) {
        let pointer = child(&child("/paths", path), method);
        let id = operation.get("operationId").and_then(Value::as_str).unwrap_or_default();
        all.push((id.to_owned(), pointer.clone()));
        all.push((pascal(id), pointer));
    }
    for (name, schema) in document.get("components").into_iter().flat_map(|all| entries(all, "schemas")) {
        let rust_name = schema.get("x-rust-name").and_then(Value::as_str).map_or_else(|| pascal(name), str::to_owned);
        all.push((rust_name, child("/components/schemas", name)));
    }
    let exact = names.iter().rev().find_map(|name| all.iter().find(|(known, _)| known == name));
    // What is made inside of another begins with its name.
    let longest = || {
        let inside = all
            .iter()
            .filter(|(known, _)| !known.is_empty() && names.iter().any(|name| name.starts_with(known.as_str())));
        inside.max_by_key(|(known, _)| known.len())
    };
    let Some((_, pointer)) = exact.or_else(longest) else { return String::new() };
    property(document, pointer, &lines[at..]).unwrap_or_else(|| pointer.clone())
}

fn is_item(line: &str) -> bool {
    let Some(text) = line.strip_prefix("    ").filter(|text| !text.starts_with(' ')) else { return false };
    let starts = [
        "pub struct ",
        "pub enum ",
        "impl",
        "pub(crate) fn ",
        "crate::open_enum!",
        "crate::request::awaitable!",
        "crate::de::object::object!",
        "crate::de::by_serde::by_serde!",
        "crate::ser::written!",
    ];
    starts.iter().any(|start| text.starts_with(start))
}

/// The property whose field follows, if there is one.
fn property(document: &Value, pointer: &str, after: &[&str]) -> Option<String> {
    let declared = after.iter().take(6).find_map(|line| line.trim().strip_prefix("pub ")?.split_once(": "))?;
    let schema = resolve(document, document.pointer(pointer)?)?;
    let (name, _) = entries(schema, "properties").find(|(name, _)| field(name) == declared.0.trim_end_matches('_'))?;
    Some(child(&child(pointer, "properties"), name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_lines_of_an_item_belong_to_what_it_was_made_from() {
        let document = json!({
            "paths": {"/a": {"get": {"operationId": "list_things"}}},
            "components": {"schemas": {
                "Thing": {"properties": {"a": {}}},
                "Kind": {"type": "string"},
            }},
        });
        let code = "pub mod types {\n    pub struct Thing {\n        pub a: u8,\n    }\n    crate::open_enum! {\n        #[doc = \"x\"]\n        \
                    pub enum Kind { A = \"a\" }\n    }\n    pub struct ListThings;\n    crate::de::object::object! {\n        Thing { required : \
                    0 \"list_things\" list_things required,; }\n    }\n    crate::ser::written! {\n        Kind { \"list_things\" .list_things, }\n    }\n}\n";
        for (line, pointer) in [
            (1, ""),
            (2, "/components/schemas/Thing/properties/a"),
            (5, "/components/schemas/Kind"),
            (7, "/components/schemas/Kind"),
            (9, "/paths/~1a/get"),
            (10, "/components/schemas/Thing"),
            (11, "/components/schemas/Thing"),
            (13, "/components/schemas/Kind"),
            (14, "/components/schemas/Kind"),
            (99, "/components/schemas/Kind"),
        ] {
            assert_eq!(place(&document, code, line), pointer, "{line}");
        }
        assert_eq!(place(&document, "", 1), "");
    }
}
