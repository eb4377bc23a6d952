//! A chain of documents grown from our own, and what a report must say of each step.
#![allow(dead_code)] // Every test file uses its own part.

use serde_json::{Value, json};

/// Severity, rule and subject of a change.
pub type Said = (&'static str, &'static str, &'static str);

pub struct Step {
    pub name: &'static str,
    pub edit: fn(&mut Value),
    /// What the report says when the step is taken, and when it is undone.
    pub forward: &'static [Said],
    pub backward: &'static [Said],
}

const A: &str = "additive";
const B: &str = "breaking";

const REORDERED: &[Said] = &[
    ("breaking", "parameters-reordered", "GET /v1/billing/usage"),
    ("breaking", "parameters-reordered", "GET /v1/jobs/{jobID}/executions"),
    ("breaking", "parameters-reordered", "GET /v2/billing/usage"),
    ("breaking", "parameters-reordered", "GET /v2/jobs/{jobID}/executions"),
];

pub const STEPS: &[Step] = &[
    Step {
        name: "an operation and its schema come",
        edit: |document| {
            set(
                document,
                "/components/schemas/Widget",
                json!({"type": "object", "properties": {"size": {"type": "integer"}}}),
            );
            set(
                document,
                "/paths/~1v1~1widgets",
                json!({"get": {
                    "operationId": "list_widgets", "tags": ["Widgets"], "description": "Lists the widgets.",
                    "responses": {"200": {"description": "OK", "content": {"application/json": {"schema": {
                        "type": "array", "items": {"$ref": "#/components/schemas/Widget"},
                    }}}}},
                }}),
            );
        },
        forward: &[(A, "operation-added", "GET /v1/widgets"), (A, "schema-added", "schema Widget")],
        backward: &[(B, "operation-removed", "GET /v1/widgets"), (B, "schema-removed", "schema Widget")],
    },
    Step {
        name: "an operation is renamed",
        edit: |document| set(document, "/paths/~1v1~1teams/get/operationId", json!("list_all_teams")),
        forward: &[(B, "operation-renamed", "GET /v1/teams")],
        backward: &[(B, "operation-renamed", "GET /v1/teams")],
    },
    Step {
        name: "parameters come",
        edit: |document| {
            push(
                document,
                "/paths/~1v1~1regions/get/parameters",
                json!({"in": "query", "name": "kind", "schema": {"type": "string"}}),
            );
            push(
                document,
                "/paths/~1v1~1teams/get/parameters",
                json!({"in": "query", "name": "area", "required": true, "schema": {"type": "string"}}),
            );
        },
        forward: &[(A, "parameter-added", "GET /v1/regions"), (B, "parameter-added-required", "GET /v1/teams")],
        backward: &[(B, "parameter-removed", "GET /v1/regions"), (B, "parameter-removed", "GET /v1/teams")],
    },
    Step {
        name: "a property gets another type",
        edit: |document| set(document, "/components/schemas/Project/properties/name/type", json!("integer")),
        forward: &[(B, "type-changed", "schema Project")],
        backward: &[(B, "type-changed", "schema Project")],
    },
    // The order has a meaning only where it is the order of the arguments of `new`.
    Step { name: "everything is reordered", edit: reverse_lists, forward: REORDERED, backward: REORDERED },
    Step {
        name: "properties come, sent and received",
        edit: |document| {
            for schema in ["Team", "TeamCreate"] {
                set(document, &format!("/components/schemas/{schema}/properties/kind"), json!({"type": "string"}));
                push(document, &format!("/components/schemas/{schema}/required"), json!("kind"));
            }
            set(
                document,
                "/components/schemas/Team/properties/color",
                json!({"type": "string", "enum": ["RED", "BLUE"]}),
            );
        },
        forward: &[
            (A, "property-added", "schema Team"),
            (A, "property-added-required", "schema Team"),
            (B, "property-added-required", "schema TeamCreate"),
        ],
        backward: &[
            (B, "property-removed", "schema Team"),
            (B, "property-removed", "schema Team"),
            (B, "property-removed", "schema TeamCreate"),
        ],
    },
    Step {
        name: "enum values come and go",
        edit: |document| {
            push(document, "/components/schemas/Workspace/properties/state/enum", json!("HIBERNATING"));
            set(document, "/components/schemas/Team/properties/color/enum", json!(["BLUE"]));
        },
        forward: &[(A, "enum-value-added", "schema Workspace"), (B, "enum-value-removed", "schema Team")],
        backward: &[(A, "enum-value-added", "schema Team"), (B, "enum-value-removed", "schema Workspace")],
    },
    Step {
        name: "a schema is renamed everywhere",
        edit: |document| {
            let text =
                document.to_string().replace("#/components/schemas/TeamInfo\"", "#/components/schemas/TeamSummary\"");
            *document = serde_json::from_str(&text).unwrap();
            let schema = remove(document, "/components/schemas/TeamInfo");
            set(document, "/components/schemas/TeamSummary", schema);
        },
        forward: &[(B, "schema-renamed", "schema TeamSummary")],
        backward: &[(B, "schema-renamed", "schema TeamInfo")],
    },
    Step {
        name: "an operation moves to another path",
        edit: |document| {
            let operation = remove(document, "/paths/~1v1~1flow/get");
            set(document, "/paths/~1v3~1flow", json!({"get": operation}));
        },
        forward: &[(A, "operation-moved", "GET /v3/flow")],
        backward: &[(A, "operation-moved", "GET /v1/flow")],
    },
    Step {
        name: "an operation, a parameter, a property and a schema go",
        edit: |document| {
            remove(document, "/paths/~1v1~1secrets~1{secretID}/delete");
            remove(document, "/paths/~1v1~1widgets");
            remove(document, "/components/schemas/Widget");
            remove(document, "/components/schemas/Team/properties/color");
            document
                .pointer_mut("/paths/~1v1~1regions/get/parameters")
                .unwrap()
                .as_array_mut()
                .unwrap()
                .retain(|parameter| parameter["name"] != "kind");
        },
        forward: &[
            (B, "operation-removed", "DELETE /v1/secrets/{secretID}"),
            (B, "operation-removed", "GET /v1/widgets"),
            (B, "parameter-removed", "GET /v1/regions"),
            (B, "property-removed", "schema Team"),
            (B, "schema-removed", "schema Widget"),
        ],
        backward: &[
            (A, "operation-added", "DELETE /v1/secrets/{secretID}"),
            (A, "operation-added", "GET /v1/widgets"),
            (A, "parameter-added", "GET /v1/regions"),
            (A, "property-added", "schema Team"),
            (A, "schema-added", "schema Widget"),
        ],
    },
    Step {
        name: "texts, failures and vendor keys change",
        edit: |document| {
            set(document, "/paths/~1v1~1projects/get/description", json!("Returns the projects."));
            set(document, "/paths/~1v1~1projects/get/responses/418", json!({"description": "Teapot"}));
            set(document, "/paths/~1v1~1projects/get/x-vendor", json!({"stable": true}));
            set(document, "/components/schemas/Region/properties/region/maxLength", json!(64));
        },
        forward: &TEXTS,
        backward: &TEXTS,
    },
];

const TEXTS: [Said; 4] = [
    ("documentation", "extension-changed", "GET /v1/projects"),
    ("documentation", "failure-changed", "GET /v1/projects"),
    ("documentation", "limit-changed", "schema Region"),
    ("documentation", "text-changed", "GET /v1/projects"),
];

/// The documents of the chain: the first one and one after each step.
pub fn documents(first: Value) -> Vec<Value> {
    let mut documents = vec![first];
    for step in STEPS {
        let mut next = documents[documents.len() - 1].clone();
        (step.edit)(&mut next);
        documents.push(next);
    }
    documents
}

pub fn set(document: &mut Value, pointer: &str, value: Value) {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let parent = document.pointer_mut(parent).unwrap_or_else(|| panic!("{pointer}"));
    parent.as_object_mut().unwrap().insert(key.replace("~1", "/"), value);
}

fn remove(document: &mut Value, pointer: &str) -> Value {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let parent = document.pointer_mut(parent).unwrap_or_else(|| panic!("{pointer}"));
    parent.as_object_mut().unwrap().remove(&key.replace("~1", "/")).unwrap_or_else(|| panic!("{pointer}"))
}

fn push(document: &mut Value, pointer: &str, value: Value) {
    document.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")).as_array_mut().unwrap().push(value);
}

/// Reverses every list whose order has no meaning.
fn reverse_lists(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map.iter_mut() {
                if let Value::Array(items) = inner
                    && ["parameters", "required", "enum"].contains(&key.as_str())
                {
                    items.reverse();
                }
                reverse_lists(inner);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(reverse_lists),
        _ => {}
    }
}
