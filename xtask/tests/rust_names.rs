//! Names of types that the overlay chooses, and types that several places share.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

use serde_json::{Value, json};
use xtask::codegen::generate;

fn document(schemas: Value) -> Value {
    let refers = |name: &str| {
        json!({"200": {"description": "ok", "content": {"application/json": {"schema":
        {"$ref": format!("#/components/schemas/{name}")}}}}})
    };
    let paths: serde_json::Map<_, _> = schemas
        .as_object()
        .unwrap()
        .keys()
        .map(|name| {
            let id = format!("get_{}", name.to_lowercase());
            (format!("/v1/{name}"), json!({"get": {"operationId": id, "summary": "Gets", "responses": refers(name)}}))
        })
        .collect();
    json!({"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": paths, "components": {"schemas": schemas}})
}

fn thing(kind: Value) -> Value {
    json!({"type": "object", "properties": {"kind": kind}})
}

#[test]
fn a_component_gets_another_name_and_its_references_follow() {
    let schemas = json!({"Secret": {"x-rust-name": "OrganizationSecret", "type": "object",
        "properties": {"next": {"$ref": "#/components/schemas/Secret"}, "name": {"type": "string"}}}});
    let code = generate(&document(schemas)).unwrap().code;
    assert!(code.contains("pub struct OrganizationSecret {") && !code.contains("pub struct Secret {"), "{code}");
    assert!(code.contains("Box<OrganizationSecret>"), "{code}");
}

#[test]
fn inline_enums_with_the_same_name_are_one_type_with_all_values() {
    let read = json!({"type": "string", "enum": ["A", "B"], "description": "What it is.", "x-rust-name": "Kind", "x-rust-doc": "A kind."});
    let sent = json!({"type": "string", "enum": ["B", "C"], "nullable": true, "x-rust-name": "Kind"});
    let code = generate(&document(json!({"One": thing(read), "Two": thing(sent)}))).unwrap().code;
    let declared = code.split("pub enum Kind").nth(1).expect("the type is there").split('}').next().unwrap();
    assert_eq!(code.matches("pub enum").count(), 1, "{code}");
    assert!(["\"A\"", "\"B\"", "\"C\""].iter().all(|value| declared.contains(value)), "{declared}");
    assert_eq!(code.matches("pub kind: ::std::option::Option<Kind>").count(), 2, "{code}");
    assert!(code.contains("A kind.") && code.contains("/// What it is."), "{code}");
}

#[test]
fn what_cannot_be_one_type_is_refused() {
    let one = json!({"type": "object", "properties": {"a": {"type": "string"}}, "x-rust-name": "Part"});
    let other = json!({"type": "object", "properties": {"b": {"type": "string"}}, "x-rust-name": "Part"});
    let different = generate(&document(json!({"One": thing(one.clone()), "Two": thing(other)}))).err().unwrap();
    assert!(different.message.contains("not alike"), "{different:?}");
    let taken = json!({"One": thing(one), "Part": thing(json!({"type": "string"}))});
    let taken = generate(&document(taken)).err().unwrap();
    assert!(taken.message.contains("Part"), "{taken:?}");
    let renamed = json!({"One": {"type": "object", "x-rust-name": "Two"}, "Two": {"type": "object"}});
    let renamed = generate(&document(renamed)).err().unwrap();
    assert!(renamed.message.contains("another component"), "{renamed:?}");
}
