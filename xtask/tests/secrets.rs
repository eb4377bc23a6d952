//! Secrets wherever a document has them: written where they are sent, never where they are read.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

use serde_json::{Value, json};
use xtask::codegen;
use xtask::lint::lint;

fn password() -> Value {
    json!({"type": "string", "format": "password"})
}

/// The code of a component that is sent or read.
fn code(schema: &Value, sent: bool) -> String {
    let content = json!({"content": {"application/json": {"schema": {"$ref": "#/components/schemas/X"}}}});
    let operation = match sent {
        true => json!({"operationId": "send_x", "requestBody": content, "responses": {"200": {"description": ""}}}),
        false => json!({"operationId": "read_x", "responses": {"200": content}}),
    };
    let document = json!({
        "openapi": "3.0.3", "info": {"title": "t", "version": "1"},
        "paths": {"/x": {"put": operation}}, "components": {"schemas": {"X": schema, "Key": password()}},
    });
    let errors: Vec<_> = lint(&document).into_iter().filter(|finding| finding.fatal).collect();
    assert_eq!(errors, [], "{schema}");
    codegen::generate(&document).unwrap().code
}

#[test]
fn secrets_inside_unions_are_sent_and_not_kept() {
    let object = json!({"type": "object", "required": ["p"], "properties": {"p": password()}});
    let item = json!({"type": "object", "properties": {"p": password(), "q": {"type": "string"}}});
    for (name, branch) in [
        ("a secret", password()),
        ("a secret in other words", json!({"allOf": [password()], "description": "Words."})),
        ("a secret somewhere else", json!({"$ref": "#/components/schemas/Key"})),
        ("a property of a branch", object.clone()),
        ("a list of secrets", json!({"type": "array", "items": password()})),
        ("a map of secrets", json!({"type": "object", "additionalProperties": password()})),
        ("a list of objects", json!({"type": "array", "items": item})),
        ("an object in an object", json!({"type": "object", "required": ["o"], "properties": {"o": object}})),
    ] {
        for union in ["oneOf", "anyOf"] {
            let whole = json!({union: [branch, {"type": "integer"}]});
            for schema in [&whole, &json!({"type": "object", "properties": {"u": whole}})] {
                let (sent, read) = (code(schema, true), code(schema, false));
                assert!(sent.contains("crate::Secret") && read.contains("crate::Secret"), "{name}: no secret\n{sent}");
                let is_left_out = |code: &str| code.contains("Left out when the value is written");
                assert!(sent.contains("exposed"), "{name} is not sent\n{sent}");
                assert!(!is_left_out(&sent) && !sent.contains("redacted"), "{name}\n{sent}");
                let hidden = is_left_out(&read) || read.contains("crate::ser::redacted(");
                assert!(hidden && !read.contains("exposed"), "{name} is kept\n{read}");
            }
        }
    }
}

#[test]
fn a_parameter_that_may_be_a_secret_is_treated_as_one() {
    let reference = json!({"$ref": "#/components/schemas/Key"});
    for schema in [
        password(),
        reference.clone(),
        json!({"allOf": [reference], "nullable": true}),
        json!({"oneOf": [reference, {"type": "integer"}]}),
        json!({"anyOf": [{"type": "integer"}, {"allOf": [{"oneOf": [password(), {"type": "boolean"}]}]}]}),
    ] {
        for (place, path) in [("path", "/x/{key}"), ("query", "/x"), ("header", "/x")] {
            let document = json!({
                "openapi": "3.0.3", "info": {"title": "t", "version": "1"},
                "paths": {path: {"get": {"operationId": "read_x", "responses": {"200": {"description": ""}},
                    "parameters": [{"in": place, "name": "key", "required": true, "schema": schema}]}}},
                "components": {"schemas": {"Key": password()}},
            });
            let errors: Vec<_> = lint(&document).into_iter().filter(|finding| finding.fatal).collect();
            assert_eq!(errors, [], "{schema}");
            let code = codegen::generate(&document).unwrap().code;
            assert!(code.contains("key: crate::Secret,"), "{place} {schema}\n{code}");
        }
    }
}
