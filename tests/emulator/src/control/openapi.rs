//! The interface document of the control interface, made from the same tables as the routes.

use serde_json::{Map, Value, json};

use crate::faults::{COMMON, KINDS};

/// Method, path, what it does, fields of the body.
const ROUTES: &[(&str, &str, &str, &[&str])] = &[
    ("get", "/health", "Reports that the emulator is running", &[]),
    ("get", "/openapi.json", "Returns this document", &[]),
    ("get", "/state", "Returns URLs, versions and counts", &[]),
    ("post", "/reset", "Returns to the state after seeding", &[]),
    (
        "post",
        "/seed",
        "Inserts the contents of a seed",
        &["workspace_groups", "workspaces", "clusters", "items", "files", "audit_logs", "groups"],
    ),
    ("get", "/items/{kind}", "Lists everything of a kind", &[]),
    ("post", "/items/{kind}", "Inserts one resource", &["*"]),
    ("post", "/deployments/{id}/state", "Sets a state, or a script of states", &["state", "states"]),
    ("patch", "/deployments/{id}", "Sets fields of a resource as given", &["*"]),
    ("post", "/settle", "Completes all pending changes", &[]),
    ("post", "/time", "Advances the clock", &["advanceMilliseconds"]),
    ("get", "/faults", "Returns how many faults are pending", &[]),
    ("post", "/faults", "Injects a fault", &["kind"]),
    ("delete", "/faults", "Forgets all faults", &[]),
    ("post", "/creation-lock", "Holds the lock for this many creations", &["times"]),
    ("post", "/failing-creations", "Makes this many deployments fail", &["times"]),
    ("post", "/credits", "Removes or restores the credits", &["available"]),
    ("post", "/keys/{act}", "Accepts, revokes (with a key) or expires keys", &["key"]),
    ("get", "/requests", "Returns requests: since, limit, operation, wait, timeout_ms", &[]),
    ("delete", "/requests", "Forgets all requests", &[]),
    ("get", "/storage-requests", "Returns requests to the store of files", &[]),
    ("get", "/violations", "Returns violations and their total", &[]),
    ("get", "/coverage", "Returns how often each operation was called", &[]),
    ("get", "/files/{space}", "Lists the paths of a space", &[]),
    ("post", "/files/{space}", "Inserts a text file", &["path", "content"]),
    ("post", "/urls", "Sets the URLs that clients use", &["publicUrl", "publicStorageUrl"]),
    ("post", "/urls/expire", "Expires all pre-signed URLs", &[]),
    ("post", "/down", "Closes the port of the interface", &[]),
    ("post", "/up", "Opens it again", &[]),
    ("get", "/instances", "Lists the other worlds", &[]),
    ("post", "/instances", "Starts a separate world; all routes exist below /instances/{id} too", &["seed"]),
    ("delete", "/instances/{id}", "Ends a world", &[]),
];

pub(super) fn document() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for (method, path, summary, fields) in ROUTES {
        let parameters: Vec<Value> = path
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
            .map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}))
            .collect();
        let mut operation =
            json!({"summary": summary, "responses": {"default": {"description": "JSON, or an error as text"}}});
        if !parameters.is_empty() {
            operation["parameters"] = parameters.into();
        }
        if !fields.is_empty() {
            let properties: Map<String, Value> =
                fields.iter().filter(|field| **field != "*").map(|field| ((*field).to_owned(), json!({}))).collect();
            let schema = match *path {
                "/faults" => json!({"$ref": "#/components/schemas/Fault"}),
                _ if fields.contains(&"*") => json!({"type": "object"}),
                _ => json!({"type": "object", "properties": properties, "additionalProperties": false}),
            };
            operation["requestBody"] = json!({"content": {"application/json": {"schema": schema}}});
        }
        let entry = paths.entry((*path).to_owned()).or_insert_with(|| json!({}));
        entry[*method] = operation;
    }
    let kinds: Vec<Value> = KINDS.iter().map(|(name, _)| Value::from(*name)).collect();
    let mut properties: Map<String, Value> = Map::new();
    for field in KINDS.iter().flat_map(|(_, fields)| *fields).chain(COMMON) {
        properties.insert((*field).to_owned(), json!({}));
    }
    properties.insert("kind".to_owned(), json!({"type": "string", "enum": kinds}));
    let fault =
        json!({"type": "object", "required": ["kind"], "properties": properties, "additionalProperties": false});
    json!({
        "openapi": "3.0.3",
        "info": {"title": "Control of the SingleStore Management emulator", "version": env!("CARGO_PKG_VERSION")},
        "servers": [{"url": "/_emulator"}], "paths": paths, "components": {"schemas": {"Fault": fault}},
    })
}
