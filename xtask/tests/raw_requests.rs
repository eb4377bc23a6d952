//! What the generated methods put into a request, for every possible kind of argument.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

use serde_json::{Value, json};
use xtask::codegen;

/// The statements of one operation's method, without line breaks.
fn method(verb: &str, path: &str, parameters: Value, body: Value) -> String {
    let kind = json!({"type": "string", "enum": ["A", "B"]});
    let operation =
        json!({"operationId": "do_it", "parameters": parameters, "responses": {"200": {"description": ""}}});
    let mut document = json!({
        "openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {path: {verb: operation}},
        "components": {"schemas": {"Kind": kind, "Object": {"type": "object", "properties": {"a": {"type": "string"}}}}},
    });
    if !body.is_null() {
        document["paths"][path][verb]["requestBody"] = body;
    }
    let code = codegen::generate(&document).unwrap().code;
    let begin = code.find("-> crate::raw::Built {").expect("the method");
    let end = begin + code[begin..].find(".build()").expect("its end");
    code[begin..end].split_whitespace().collect()
}

fn parameter(place: &str, name: &str, required: bool, schema: Value) -> Value {
    json!({"in": place, "name": name, "required": required, "schema": schema})
}

#[test]
fn scalars_are_passed_as_strings_and_everything_else_by_its_serialization() {
    let text = || json!({"type": "string"});
    for (schema, given, missing) in [
        (text(), "request.query_str(\"x\",x);", "request.query_str(\"x\",value);"),
        (
            json!({"type": "string", "format": "date-time"}),
            "query_str(\"x\",x.as_str());",
            "query_str(\"x\",value.as_str());",
        ),
        (
            json!({"$ref": "#/components/schemas/Kind"}),
            "query_str(\"x\",x.as_str());",
            "query_str(\"x\",value.as_str());",
        ),
        (json!({"type": "integer"}), "query_display(\"x\",&x);", "query_display(\"x\",&value);"),
        (json!({"type": "boolean"}), "query_display(\"x\",&x);", "query_display(\"x\",&value);"),
        (json!({"type": "number"}), "request.query(\"x\",&x);", "request.query(\"x\",&x);"),
        (json!({"type": "array", "items": text()}), "request.query(\"x\",&x);", "request.query(\"x\",&x);"),
        (json!({"$ref": "#/components/schemas/Object"}), "request.query(\"x\",&x);", "request.query(\"x\",&x);"),
    ] {
        for (required, want) in [(true, given), (false, missing)] {
            let code = method("get", "/x", json!([parameter("query", "x", required, schema.clone())]), Value::Null);
            assert!(code.contains(want), "{schema}: {code}");
            let asks = code.contains("Some(value)=x{");
            assert_eq!(asks, want.contains("value"), "{schema}: {code}");
        }
    }
}

#[test]
fn paths_headers_and_methods_are_those_of_the_document() {
    let parameters = json!([
        parameter("path", "name", true, json!({"type": "string"})),
        parameter("path", "number", true, json!({"type": "integer"})),
        parameter("header", "X-Trace", true, json!({"type": "string"})),
        parameter("header", "X-Count", false, json!({"type": "integer"})),
        parameter("header", "header_map", false, json!({"type": "string"})),
    ]);
    for verb in ["get", "put", "post", "delete", "patch", "head", "options"] {
        let code = method(verb, "/x/{name}/y/{number}", parameters.clone(), Value::Null);
        for want in [
            format!("request(::reqwest::Method::{},", verb.to_uppercase()),
            "format_args!(\"/x/{}/y/{}\",crate::raw::Segment(name)".to_owned(),
            "crate::raw::Segment(&::std::string::ToString::to_string(&number))".to_owned(),
            "HeaderName::from_static(\"x-trace\")},x_trace".to_owned(),
            "HeaderName::from_static(\"x-count\")},&::std::string::ToString::to_string(&value)".to_owned(),
            "HeaderName::from_static(\"header_map\")},value".to_owned(),
        ] {
            assert!(code.contains(&want), "{want} is not in {code}");
        }
        assert_eq!(code.matches("HeaderName").count(), 3, "{code}");
    }
}

#[test]
fn a_body_is_set_by_its_type_and_only_if_there_is_one() {
    let object = || json!({"$ref": "#/components/schemas/Object"});
    for (media, schema, want) in [
        ("application/json", object(), "request.json(::serde_json::to_vec(body));"),
        ("application/x-www-form-urlencoded", object(), "request.form(&body);"),
        ("application/octet-stream", json!({"type": "string", "format": "binary"}), "request.body(body);"),
        ("text/plain", json!({"type": "string"}), "request.content_type(\"text/plain\");request.body(body);"),
    ] {
        let code = method("post", "/x", json!([]), json!({"required": true, "content": {media: {"schema": schema}}}));
        assert!(code.contains(want) && !code.contains("Some(body)"), "{media}: {code}");
    }
    let optional = json!({"content": {"application/json": {"schema": object()}}});
    let code = method("post", "/x", json!([]), optional);
    assert!(code.contains("Some(body)=body{request.json(::serde_json::to_vec(body));}"), "{code}");
}
