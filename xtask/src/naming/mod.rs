//! Names for operations without one, and names in Rust's spelling.

mod operation_id;

pub use crate::codegen::names::pascal;
pub use operation_id::operation_id;

use crate::openapi::operations;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// `list_workspaces` from `listWorkspaces`.
pub fn snake(text: &str) -> String {
    heck::ToSnakeCase::to_snake_case(text.replace('\'', "").as_str())
}

/// The name of a field or setter.
pub fn field(name: &str) -> String {
    crate::codegen::names::plural(&snake(name))
}

/// Path and method.
pub type Key = (String, String);

/// The name of every operation: its operationId, or one derived from method and path. Existing names come first, so a derived
/// name never takes one away; the rest follow in path order.
pub fn names(document: &Value) -> BTreeMap<Key, String> {
    let mut named = BTreeMap::new();
    let mut nameless = BTreeSet::new();
    let mut taken = BTreeSet::new();
    for (path, _, method, operation) in operations(document).filter(|(.., operation)| operation.is_object()) {
        let key = (path.to_owned(), method.to_owned());
        match operation.get("operationId").and_then(Value::as_str) {
            Some(id) => {
                // Two names that give the same type collide as well: `oauth2` and `oauth_2`.
                taken.insert(pascal(id));
                named.insert(key, id.to_owned());
            }
            None => {
                nameless.insert(key);
            }
        }
    }
    for key in nameless {
        let id = operation_id(&key.1, &key.0, &|name| taken.contains(&pascal(name)));
        taken.insert(pascal(&id));
        named.insert(key, id);
    }
    named
}

/// Names every operation without a name, and returns which.
pub fn name_all(document: &mut Value) -> Vec<(Key, String)> {
    let mut made = Vec::new();
    for (key, id) in names(document) {
        let operation = document
            .get_mut("paths")
            .and_then(|paths| paths.get_mut(&key.0))
            .and_then(|item| item.get_mut(&key.1))
            .and_then(Value::as_object_mut);
        if let Some(operation) = operation
            && !operation.contains_key("operationId")
        {
            operation.insert("operationId".to_owned(), Value::String(id.clone()));
            made.push((key, id));
        }
    }
    made
}
