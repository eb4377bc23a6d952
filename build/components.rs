//! Components whose type is not their own: a secret is a secret wherever it appears, and a reference to a nullable
//! component may be null, not the component.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::openapi::component;

/// Replaces references to secrets, and moves `nullable` from the components to the references.
pub fn normalize(document: &mut Value) {
    let (mut secrets, mut nullable) = (BTreeSet::new(), BTreeSet::new());
    if let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) {
        for (name, schema) in schemas.iter_mut() {
            let Some(schema) = schema.as_object_mut() else { continue };
            // The type is named after the component; the title must not create a second one.
            if schema.get("title").is_some_and(Value::is_string) {
                schema.remove("title");
            }
            if schema.get("format") == Some(&json!("password")) && schema.get("type") == Some(&json!("string")) {
                secrets.insert(name.clone());
            }
            if schema.get("nullable") == Some(&Value::Bool(true)) && !schema.contains_key("$ref") {
                schema.remove("nullable");
                nullable.insert(name.clone());
            }
        }
        schemas.retain(|name, _| !secrets.contains(name));
    }
    if !secrets.is_empty() || !nullable.is_empty() {
        replace(document, &secrets, &nullable);
    }
}

fn replace(value: &mut Value, secrets: &BTreeSet<String>, nullable: &BTreeSet<String>) {
    if let Some(name) = component(value).map(str::to_owned) {
        let may_be_null = nullable.contains(&name);
        let text = value.get("description").cloned();
        if secrets.contains(&name) {
            *value = json!({"type": "string", "format": "password"});
        } else if may_be_null {
            *value = json!({"allOf": [value.clone()]});
        } else {
            return;
        }
        if let Some(map) = value.as_object_mut() {
            if may_be_null {
                map.insert("nullable".into(), Value::Bool(true));
            }
            map.extend(text.filter(Value::is_string).map(|text| ("description".to_owned(), text)));
        }
        return;
    }
    match value {
        Value::Object(map) => {
            branches(map, secrets, nullable);
            for (_, inner) in map.iter_mut().filter(|(key, _)| !["allOf", "oneOf", "anyOf"].contains(&key.as_str())) {
                replace(inner, secrets, nullable);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, secrets, nullable)),
        _ => {}
    }
}

/// A nullable branch makes the whole nullable: it cannot be an `Option` inside another type.
fn branches(map: &mut Map<String, Value>, secrets: &BTreeSet<String>, nullable: &BTreeSet<String>) {
    for key in ["allOf", "oneOf", "anyOf"] {
        // A property may have this name, and is a schema then.
        let Some(Value::Array(list)) = map.get_mut(key) else { continue };
        let mut may_be_null = false;
        for branch in list.iter_mut() {
            match component(branch) {
                Some(name) if nullable.contains(name) => may_be_null = true,
                _ => replace(branch, secrets, nullable),
            }
        }
        if let [only] = list.as_slice()
            && key == "allOf"
            && only.get("format") == Some(&json!("password"))
        {
            let only = only.clone();
            map.remove(key);
            map.extend(only.as_object().cloned().unwrap_or_default());
        }
        if may_be_null {
            map.insert("nullable".into(), Value::Bool(true));
        }
    }
}
