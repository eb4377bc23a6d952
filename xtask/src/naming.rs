//! Names for operations that nobody has named yet, and Rust's spelling of names.

// The generator keeps its own private; the lint and this must agree on names.
#[allow(clippy::duplicate_mod)]
#[path = "../../build/lint/names.rs"]
mod names;

pub use names::{field, operation_id, pascal, snake};

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const METHODS: [&str; 7] = ["get", "put", "post", "delete", "patch", "head", "options"];

/// Path and method.
pub type Key = (String, String);

/// The name of every operation: its operationId, or one made from method and path. The names that exist come first, so
/// a made name never takes one away; the rest go in the order of their paths.
pub fn names(document: &Value) -> BTreeMap<Key, String> {
    let mut named = BTreeMap::new();
    let mut nameless = BTreeSet::new();
    let mut taken = BTreeSet::new();
    for (path, item) in document.get("paths").and_then(Value::as_object).into_iter().flatten() {
        for method in METHODS {
            let Some(operation) = item.get(method).filter(|operation| operation.is_object()) else { continue };
            let key = (path.clone(), method.to_owned());
            match operation.get("operationId").and_then(Value::as_str) {
                Some(id) => {
                    // Two names of one type collide as well: `oauth2` and `oauth_2`.
                    taken.insert(pascal(id));
                    named.insert(key, id.to_owned());
                }
                None => {
                    nameless.insert(key);
                }
            }
        }
    }
    for key in nameless {
        let id = names::operation_id(&key.1, &key.0, &|name| taken.contains(&pascal(name)));
        taken.insert(pascal(&id));
        named.insert(key, id);
    }
    named
}

/// Names every operation that has no name, and says which.
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
