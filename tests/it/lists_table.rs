//! The document states for every list how it is read.

use std::collections::BTreeSet;

use serde_json::Value;
use singlestore_management::{OPERATIONS, SPEC_JSON};

/// Responses that contain a list but are not one: the response is a single resource.
const NOT_LISTS: [&str; 3] = [
    // A role with what it allows.
    "get_role",
    "get_role_v2",
    // A replica set with its databases.
    "get_storage_dr_status",
];

#[test]
fn every_list_of_the_document_says_how_it_is_read() {
    let document: Value = serde_json::from_str(SPEC_JSON).unwrap();
    let resolve = |schema: &Value| {
        let mut schema = schema.clone();
        while let Some(reference) = schema["$ref"].as_str() {
            schema = document.pointer(&reference[1..]).unwrap().clone();
        }
        schema
    };
    let ids: BTreeSet<&str> = document["x-id-types"].as_object().unwrap().keys().map(String::as_str).collect();
    let (mut missing, mut found) = (Vec::new(), BTreeSet::new());
    for (path, item) in document["paths"].as_object().unwrap() {
        let Some(operation) = item.get("get") else { continue };
        let id = operation["operationId"].as_str().unwrap();
        let responses = operation["responses"].as_object().unwrap();
        let schemas = responses.iter().filter(|(status, _)| status.starts_with('2'));
        let schemas = schemas.filter_map(|(_, response)| response.pointer("/content/application~1json/schema"));
        for schema in schemas.map(resolve) {
            let properties = schema["properties"].as_object().cloned().unwrap_or_default();
            // A resource has its own id; an envelope around a list has none.
            let is_resource = properties.keys().any(|name| ids.contains(name.as_str()));
            let holds_a_list = |schema: &Value| {
                let schema = resolve(schema);
                schema["type"] == "array" && resolve(&schema["items"])["type"] == "object"
            };
            let envelope = !is_resource && properties.values().any(holds_a_list);
            if (schema["type"] == "array" || envelope) && !NOT_LISTS.contains(&id) {
                found.insert(id.to_owned());
                if operation.get("x-pagination").is_none() {
                    missing.push(format!("{id} (GET {path})"));
                }
            }
        }
    }
    assert!(missing.is_empty(), "these lists do not say how they are read: {missing:?}");
    let known: BTreeSet<String> = OPERATIONS
        .iter()
        .filter(|operation| operation.list.is_some())
        .map(|operation| operation.id.to_owned())
        .collect();
    assert_eq!(known, found, "the table of operations has the same lists");
    assert!(known.len() > 40, "{}", known.len());
}
