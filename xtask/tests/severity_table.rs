//! The table of severities in `spec/README.md`: identical to the code, and every row tried.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

use serde_json::{Value, json};
use xtask::diff::{RULES, Severity, diff};

#[test]
fn the_readme_shows_the_table_of_the_code() {
    let readme = include_str!("../../spec/README.md");
    let shown: Vec<&str> =
        readme.lines().filter(|line| line.starts_with("| `") && line.matches('|').count() == 6).collect();
    let rows: Vec<String> = RULES
        .iter()
        .map(|rule| {
            let (sent, read) = (rule.in_request.name(), rule.in_response.name());
            format!("| `{}` | {} | {sent} | {read} | {} |", rule.id, rule.what, rule.why)
        })
        .collect();
    assert_eq!(shown, rows, "expected:\n{}", rows.join("\n"));
}

/// One operation that sends `Sent` and responds with `Read`, each with the same properties.
fn base() -> Value {
    let thing = json!({
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {"type": "string"},
            "state": {"type": "string", "enum": ["ON", "OFF"]},
            "count": {"type": "integer"},
            "note": {"type": "string"},
            "inner": {"type": "object", "title": "Inner", "properties": {"x": {"type": "string"}}},
            "choice": {"oneOf": [{"$ref": "#/components/schemas/Left"}, {"$ref": "#/components/schemas/Right"}]},
        },
    });
    json!({
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "paths": {"/v1/things/{thingID}": {"post": {
            "operationId": "change_thing",
            "tags": ["Things"],
            "parameters": [
                {"in": "path", "name": "thingID", "required": true, "schema": {"type": "string"}},
                {"in": "query", "name": "limit", "schema": {"type": "integer"}},
                {"in": "query", "name": "kind", "required": true, "schema": {"type": "string"}},
            ],
            "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Sent"}}}},
            "responses": {
                "200": {"description": "ok", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Read"}}}},
                "404": {"description": "gone"},
            },
        }}},
        "components": {"schemas": {
            "Sent": thing, "Read": thing,
            "Left": {"type": "object", "properties": {"l": {"type": "string"}}},
            "Right": {"type": "object", "properties": {"r": {"type": "string"}}},
            "Other": {"type": "object", "properties": {"o": {"type": "string"}}},
        }},
    })
}

const OPERATION: &str = "/paths/~1v1~1things~1{thingID}/post";

/// Sets a value, or removes it when it is `None`. `OP` stands for the operation.
fn set(document: &mut Value, pointer: &str, value: Option<Value>) {
    let pointer = pointer.replace("OP", OPERATION);
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let key = key.replace("~1", "/");
    match (document.pointer_mut(parent).unwrap(), value) {
        (Value::Object(map), Some(value)) => drop(map.insert(key, value)),
        (Value::Object(map), None) => drop(map.remove(&key).unwrap()),
        (Value::Array(items), Some(value)) if key == "-" => items.push(value),
        (Value::Array(items), Some(value)) => items[key.parse::<usize>().unwrap()] = value,
        (Value::Array(items), None) => drop(items.remove(key.parse().unwrap())),
        other => panic!("{other:?}"),
    }
}

type Edit = (&'static str, Option<Value>);

/// A row and edits that make the new document from the base; `SIDE` is tried with `Sent` and with `Read`.
fn cases() -> Vec<(&'static str, Vec<Edit>)> {
    let property = |name: &str| -> &'static str { format!("/components/schemas/SIDE/properties/{name}").leak() };
    let text = || Some(json!({"type": "string"}));
    let reference = |name: &str| Some(json!({"$ref": format!("#/components/schemas/{name}")}));
    let optional_body = || json!({"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Sent"}}}});
    vec![
        (
            "operation-added",
            vec![(
                "/paths/~1v1~1new",
                Some(json!({"get": {"operationId": "list_new", "responses": {"200": {"description": "ok"}}}})),
            )],
        ),
        ("operation-removed", vec![("OP", None)]),
        ("operation-renamed", vec![("OP/operationId", Some(json!("alter_thing")))]),
        (
            "operation-moved",
            vec![
                ("/paths/~1v2~1things~1{thingID}", Some(base()["paths"]["/v1/things/{thingID}"].clone())),
                ("/paths/~1v1~1things~1{thingID}", None),
            ],
        ),
        ("deprecated-changed", vec![("OP/deprecated", Some(json!(true)))]),
        ("tag-changed", vec![("OP/tags/0", Some(json!("Stuff")))]),
        ("text-changed", vec![("OP/description", Some(json!("Changes it.")))]),
        ("failure-changed", vec![("OP/responses/404", None)]),
        ("extension-changed", vec![("OP/x-note", Some(json!(1)))]),
        ("other-changed", vec![("/components/schemas/SIDE/additionalProperties", Some(json!(false)))]),
        (
            "parameter-added",
            vec![("OP/parameters/-", Some(json!({"in": "query", "name": "new", "schema": {"type": "string"}})))],
        ),
        (
            "parameter-added-required",
            vec![(
                "OP/parameters/-",
                Some(json!({"in": "query", "name": "new", "required": true, "schema": {"type": "string"}})),
            )],
        ),
        (
            "parameters-reordered",
            vec![
                (
                    "<OP/parameters/-",
                    Some(json!({"in": "query", "name": "more", "required": true, "schema": {"type": "string"}})),
                ),
                (
                    "OP/parameters/2",
                    Some(json!({"in": "query", "name": "more", "required": true, "schema": {"type": "string"}})),
                ),
                (
                    "OP/parameters/-",
                    Some(json!({"in": "query", "name": "kind", "required": true, "schema": {"type": "string"}})),
                ),
            ],
        ),
        ("parameter-removed", vec![("OP/parameters/1", None)]),
        ("parameter-now-required", vec![("OP/parameters/1/required", Some(json!(true)))]),
        ("parameter-now-optional", vec![("OP/parameters/2/required", None)]),
        (
            "path-parameter-renamed",
            vec![
                ("/paths/~1v1~1things~1{id}", Some(base()["paths"]["/v1/things/{thingID}"].clone())),
                ("/paths/~1v1~1things~1{id}/post/parameters/0/name", Some(json!("id"))),
                ("/paths/~1v1~1things~1{thingID}", None),
            ],
        ),
        ("body-now-optional", vec![("OP/requestBody/required", None)]),
        ("body-removed", vec![("OP/requestBody", None)]),
        ("body-added", vec![("<OP/requestBody", None), ("OP/requestBody", Some(optional_body()))]),
        ("body-added-required", vec![("<OP/requestBody", None)]),
        ("body-now-required", vec![("<OP/requestBody/required", None)]),
        (
            "media-type-changed",
            vec![("OP/responses/200/content", Some(json!({"text/plain": {"schema": {"type": "string"}}})))],
        ),
        ("response-added", vec![("<OP/responses/200/content", None)]),
        ("response-removed", vec![("OP/responses/200/content", None)]),
        (
            "status-changed",
            vec![
                ("OP/responses/201", Some(base().pointer(&format!("{OPERATION}/responses/200")).unwrap().clone())),
                ("OP/responses/200", None),
            ],
        ),
        ("schema-added", vec![("/components/schemas/New", text())]),
        ("schema-removed", vec![("/components/schemas/Other", None)]),
        (
            "schema-renamed",
            vec![
                ("/components/schemas/Another", Some(base()["components"]["schemas"]["Other"].clone())),
                ("/components/schemas/Other", None),
            ],
        ),
        ("schema-use-added", vec![("/components/schemas/Sent/properties/other", reference("Other"))]),
        ("schema-use-removed", vec![("</components/schemas/Sent/properties/other", reference("Other"))]),
        (
            "schema-patch-changed",
            vec![
                ("<OP/operationId", Some(json!("change_thing"))),
                (
                    "/paths/~1v1~1things~1{thingID}/patch",
                    Some(json!({
                        "operationId": "patch_thing",
                        "parameters": [{"in": "path", "name": "thingID", "required": true, "schema": {"type": "string"}}],
                        "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Sent"}}}},
                        "responses": {"200": {"description": "ok"}},
                    })),
                ),
            ],
        ),
        ("property-added", vec![(property("new"), text())]),
        (
            "property-added-required",
            vec![(property("new"), text()), ("/components/schemas/SIDE/required/-", Some(json!("new")))],
        ),
        ("property-removed", vec![(property("note"), None)]),
        ("property-now-required", vec![("/components/schemas/SIDE/required/-", Some(json!("note")))]),
        ("property-now-optional", vec![("/components/schemas/SIDE/required/0", None)]),
        ("nullable-changed", vec![(property("name/nullable"), Some(json!(true)))]),
        ("nullable-optional-changed", vec![(property("note/nullable"), Some(json!(true)))]),
        ("type-changed", vec![(property("count/type"), Some(json!("number")))]),
        ("type-changed", vec![(property("note"), reference("Other"))]),
        ("type-changed", vec![(property("inner"), Some(json!({"type": "object", "title": "Inner"})))]),
        ("format-changed", vec![(property("note/format"), Some(json!("date-time")))]),
        ("format-changed", vec![(property("count/format"), Some(json!("int32")))]),
        ("format-noted", vec![(property("count/format"), Some(json!("int64")))]),
        ("id-type-changed", vec![("/x-id-types", Some(json!({"thingID": "ThingId"})))]),
        ("title-changed", vec![(property("inner/title"), Some(json!("Core")))]),
        ("enum-value-added", vec![(property("state/enum/-"), Some(json!("BROKEN")))]),
        ("enum-value-removed", vec![(property("state/enum/1"), None)]),
        ("enum-added", vec![(property("note/enum"), Some(json!(["A"])))]),
        ("enum-removed", vec![(property("state/enum"), None)]),
        ("variant-added", vec![(property("choice/oneOf/-"), reference("Other"))]),
        ("variant-removed", vec![(property("choice/oneOf/1"), None)]),
        ("pagination-changed", vec![("OP/x-pagination", Some(json!({"style": "none"})))]),
        ("limit-changed", vec![(property("note/maxLength"), Some(json!(10)))]),
    ]
}

#[test]
fn every_row_of_the_table_has_the_severity_that_it_says() {
    let mut tried = std::collections::BTreeSet::new();
    for (id, edits) in cases() {
        let rule = RULES.iter().find(|rule| rule.id == id).unwrap_or_else(|| panic!("no row {id}"));
        for (side, severity) in [("Sent", rule.in_request), ("Read", rule.in_response)] {
            let (mut old, mut new) = (base(), base());
            for (pointer, value) in &edits {
                // `<` marks an edit of the old document.
                match pointer.strip_prefix('<') {
                    Some(pointer) => set(&mut old, &pointer.replace("SIDE", side), value.clone()),
                    None => set(&mut new, &pointer.replace("SIDE", side), value.clone()),
                }
            }
            let found = diff(&old, &new);
            let change = found.changes.iter().find(|change| change.rule == id);
            let change = change.unwrap_or_else(|| panic!("{id} ({side}) gave {:#?}", found.changes));
            assert_eq!(change.severity, severity, "{id} ({side})");
            assert!(found.changes.iter().all(|change| change.rule != "unknown"), "{:#?}", found.changes);
            assert!(diff(&new, &new).changes.is_empty());
        }
        tried.insert(id);
    }
    // What only the generated code shows is tested in `judge.rs`.
    let of_documents =
        RULES.iter().map(|rule| rule.id).filter(|id| !id.starts_with("interface-") && *id != "variant-renamed");
    let missing: Vec<_> = of_documents.filter(|id| !tried.contains(id)).collect();
    assert!(missing.is_empty(), "no case for {missing:?}");
}

#[test]
fn a_type_that_is_sent_and_read_has_the_worse_severity() {
    let mut old = base();
    set(&mut old, "/components/schemas/Sent/properties/other", Some(json!({"$ref": "#/components/schemas/Other"})));
    set(&mut old, "/components/schemas/Read/properties/other", Some(json!({"$ref": "#/components/schemas/Other"})));
    let mut new = old.clone();
    set(&mut new, "/components/schemas/Other/properties/must", Some(json!({"type": "string"})));
    set(&mut new, "/components/schemas/Other/required", Some(json!(["must"])));
    let found = diff(&old, &new);
    assert_eq!(found.changes.len(), 1, "{:#?}", found.changes);
    assert_eq!((found.changes[0].rule, found.severity()), ("property-added-required", Some(Severity::Breaking)));
    assert_eq!(found.changes[0].items, ["types::Other::must"]);
}

#[test]
fn the_order_of_keys_lists_of_names_and_enum_values_means_nothing() {
    let mut new = base();
    set(&mut new, "/components/schemas/Sent/properties/state/enum", Some(json!(["OFF", "ON"])));
    let parameters = new.pointer_mut(&format!("{OPERATION}/parameters")).unwrap();
    parameters.as_array_mut().unwrap().reverse();
    assert!(diff(&base(), &new).changes.is_empty());
}
