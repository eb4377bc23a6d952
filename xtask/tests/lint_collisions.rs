//! The lint's suggestions can all be pasted at once, and derived names never collide.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

use serde_json::{Value, json};
use xtask::lint::lint;

fn operation(id: Option<&str>) -> Value {
    let mut operation = json!({"responses": {"200": {"description": "ok", "content": {"application/json": {"schema": {"type": "string"}}}}}});
    if let Some(id) = id {
        operation["operationId"] = json!(id);
    }
    operation
}

fn document(paths: &[(&str, Option<&str>)]) -> Value {
    let paths: serde_json::Map<_, _> =
        paths.iter().map(|(path, id)| ((*path).to_owned(), json!({"get": operation(*id)}))).collect();
    json!({"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": paths, "components": {"schemas": {}}})
}

/// Pastes every suggestion and lints again.
fn all_pasted(document: &Value) -> Vec<String> {
    let fixes: String = lint(document).into_iter().filter_map(|finding| finding.fix).collect();
    let overlay = xtask::overlay::parse(
        "fix.yaml",
        &format!("overlay: 1.0.0\ninfo: {{title: t, version: 1.0.0}}\nactions:\n{fixes}"),
    )
    .unwrap();
    let mut document = document.clone();
    assert!(xtask::overlay::apply(&overlay, &mut document).is_empty());
    lint(&document).into_iter().filter(|finding| finding.fatal).map(|finding| finding.message).collect()
}

#[test]
fn suggested_names_differ_from_each_other() {
    let nameless = document(&[("/v1/things", None), ("/v2/things", None), ("/v1/oauth2", None), ("/v1/oauth-2", None)]);
    assert_eq!(all_pasted(&nameless), Vec::<String>::new());
    let same = document(&[("/v1/a", Some("x")), ("/v1/b", Some("x")), ("/v1/c", Some("x")), ("/v1/d", Some("x_2"))]);
    assert_eq!(all_pasted(&same), Vec::<String>::new());
}

#[test]
fn generated_names_belong_to_different_types() {
    let mut nameless = document(&[("/v1/oauth2", None), ("/v1/oauth-2", None)]);
    xtask::naming::name_all(&mut nameless);
    assert_eq!(lint(&nameless), []);
}

#[test]
fn a_property_of_digits_is_a_key() {
    let mut odd = document(&[("/v1/things", Some("list_things"))]);
    odd["components"]["schemas"] = json!({"Odd": {"type": "object", "properties": {"1": {"type": "object", "title": "Odd", "properties": {"a": {"type": "string"}}}}}});
    let findings = lint(&odd);
    assert!(
        findings.iter().any(|finding| finding.fix.as_ref().is_some_and(|fix| fix.contains(".properties['1']"))),
        "{findings:#?}"
    );
}

#[test]
fn parameters_do_not_clash_with_the_names_of_the_request_type() {
    for (name, required, collides) in [
        ("client", true, true),
        ("options", false, true),
        // Its setter is called `set_send`.
        ("send", false, false),
        ("send", true, false),
        ("resume", false, false),
        ("body", false, false),
    ] {
        let mut document = document(&[("/v1/things", Some("list_things"))]);
        document["paths"]["/v1/things"]["get"]["parameters"] =
            json!([{"in": "query", "name": name, "required": required, "schema": {"type": "string"}}]);
        assert_eq!(lint(&document).iter().any(|finding| finding.fatal), collides, "{name}");
        if collides {
            assert_eq!(all_pasted(&document), Vec::<String>::new(), "{name}");
        }
    }
}

#[test]
fn parameters_of_one_list_are_removed_one_after_the_other() {
    let mut document = document(&[("/v1/things", Some("list_things"))]);
    let parameter = |place: &str, name: &str| json!({"in": place, "name": name, "schema": {"type": "string"}});
    document["components"]["parameters"] = json!({"Options": parameter("query", "options")});
    document["paths"]["/v1/things"]["get"]["parameters"] = json!([
        parameter("query", "client"), parameter("query", "a"), {"$ref": "#/components/parameters/Options"},
        parameter("header", "X y"), parameter("header", "Accept"), parameter("query", "it's"),
    ]);
    let fixes: String = lint(&document).into_iter().filter_map(|finding| finding.fix).collect();
    let text = format!("overlay: 1.0.0\ninfo: {{title: t, version: 1.0.0}}\nactions:\n{fixes}");
    let overlay = xtask::overlay::parse("fix.yaml", &text).unwrap();
    assert_eq!(xtask::overlay::apply(&overlay, &mut document), [], "{text}");
    let left = document["paths"]["/v1/things"]["get"]["parameters"].as_array().unwrap().clone();
    assert_eq!(left.iter().map(|left| left["name"].as_str().unwrap()).collect::<Vec<_>>(), ["a", "it's"]);
}

#[test]
fn a_json_response_and_a_bytes_response_are_two_types() {
    let mut document = document(&[("/v1/things", Some("list_things"))]);
    document["paths"]["/v1/things"]["get"]["responses"]["206"] = json!({"description": "part", "content": {
        "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}});
    assert!(lint(&document).iter().any(|finding| finding.fatal && finding.message.contains("206 is not")));
    assert_eq!(all_pasted(&document), Vec::<String>::new());
}

#[test]
fn the_largest_64_bit_value_is_distinguished_from_the_next() {
    for (format, maximum, fits) in [
        ("int64", json!(i64::MAX), true),
        ("int64", json!(9_223_372_036_854_775_808_u64), false),
        ("uint64", json!(u64::MAX), true),
        ("uint64", json!(18_446_744_073_709_551_616.0), false),
    ] {
        let mut document = document(&[("/v1/things", Some("list_things"))]);
        let schema = json!({"type": "integer", "format": format, "maximum": maximum});
        document["paths"]["/v1/things"]["get"]["parameters"] = json!([{"in": "query", "name": "n", "schema": schema}]);
        let found = lint(&document).iter().any(|finding| finding.message.contains("does not fit"));
        assert_eq!(found, !fits, "{format} {maximum}");
    }
}

#[test]
fn infinitely_recursive_schemas_are_refused() {
    let reference = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
    let other = json!({"type": "object", "properties": {"y": {"type": "string"}}});
    let of = |name: &str| json!({"allOf": [reference(name), other]});
    let object = |property: &str, schema: Value| json!({"type": "object", "properties": {property: schema}});
    let list = json!({"type": "array", "items": of("A")});
    for (schemas, places) in [
        (json!({"A": object("x", of("A"))}), vec!["A/properties/x"]),
        (json!({"A": object("x", list)}), vec!["A/properties/x/items"]),
        (json!({"A": of("B"), "B": object("x", of("A"))}), vec!["B/properties/x"]),
        (
            json!({"A": object("x", of("B")), "B": object("y", of("C")), "C": {"allOf": [reference("A")]}}),
            vec!["A/properties/x", "B/properties/y"],
        ),
        (json!({"A": {"allOf": [other, object("x", of("A"))]}}), vec!["A/allOf/1/properties/x"]),
        // A reference ends it, and descriptions compose nothing.
        (json!({"A": object("x", reference("C")), "C": of("A")}), vec![]),
        (json!({"A": object("x", json!({"allOf": [reference("A"), {"description": "Words."}]}))}), vec![]),
        (json!({"A": object("x", of("B")), "B": object("y", reference("A"))}), vec![]),
    ] {
        let document = json!({"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {}, "components": {"schemas": schemas}});
        let found: Vec<_> =
            lint(&document).into_iter().filter(|finding| finding.message.contains("without end")).collect();
        let found: Vec<_> =
            found.iter().map(|finding| finding.pointer.trim_start_matches("/components/schemas/")).collect();
        assert_eq!(found, places, "{schemas}");
        if found.is_empty() {
            assert!(xtask::codegen::generate(&document).is_ok(), "{schemas}");
        }
    }
}

#[test]
fn an_operation_named_like_a_conversion_is_renamed() {
    for (id, refused) in [("into", true), ("try_into", true), ("self", true), ("gen", false), ("into_future", false)] {
        let document = document(&[("/v1/things", Some(id))]);
        assert_eq!(lint(&document).iter().any(|finding| finding.fatal), refused, "{id}");
        assert!(!refused || all_pasted(&document).is_empty(), "{id}");
        assert!(refused || xtask::codegen::generate(&document).is_ok(), "{id}");
    }
}

#[test]
fn header_names_are_limited_to_what_http_allows() {
    for (name, fits) in [
        ("X-Trace_ID.2", true),
        ("X Trace", false),
        ("X-Träce", false),
        ("X-Trace:", false),
        ("X-Trace\n", false),
        ("(trace)", false),
    ] {
        let mut document = document(&[("/v1/things", Some("list_things"))]);
        document["paths"]["/v1/things"]["get"]["parameters"] =
            json!([{"in": "header", "name": name, "schema": {"type": "string"}}]);
        assert_eq!(lint(&document).iter().all(|finding| !finding.fatal), fits, "{name}");
        assert!(fits || all_pasted(&document).is_empty(), "{name}");
    }
}

#[test]
fn headers_that_the_client_sends_itself_are_not_parameters() {
    let mut document = document(&[("/v1/things", Some("list_things"))]);
    let header = |name: &str| json!({"in": "header", "name": name, "required": true, "schema": {"type": "string"}});
    let names = ["Authorization", "accept", "Content-Type", "content-length", "Host", "X-Trace"];
    document["components"]["parameters"] = json!({"Key": header("authorization")});
    document["paths"]["/v1/things"]["parameters"] = names.iter().map(|name| header(name)).collect();
    document["paths"]["/v1/things"]["get"]["parameters"] = json!([{"$ref": "#/components/parameters/Key"}]);
    let findings = lint(&document);
    assert!(findings.iter().all(|finding| !finding.fatal), "{findings:#?}");
    assert_eq!(
        findings.iter().filter(|finding| finding.message.contains("sends by itself")).count(),
        6,
        "{findings:#?}"
    );
    let code = xtask::codegen::generate(&document).unwrap().code;
    assert!(code.contains("from_static(\"x-trace\")") && code.matches("HeaderName::").count() == 1, "{code}");
}

#[test]
fn a_path_contains_no_invisible_characters() {
    for (path, fits) in [("/v1/things", true), ("/v1/th\u{202e}ings", false), ("/v1/th\u{7}ings", false)] {
        let document = document(&[(path, Some("list_things"))]);
        let findings = lint(&document);
        assert_eq!(findings.iter().all(|finding| !finding.fatal), fits, "{findings:#?}");
    }
}

#[test]
fn the_type_of_untyped_enum_values_is_inferred() {
    for (values, ty) in [
        (json!(["A", "B"]), "string"),
        (json!([1, 2, null]), "integer"),
        (json!([1.5, 2]), "number"),
        (json!([true]), "boolean"),
    ] {
        let code = |schema: Value| {
            let mut document = document(&[("/v1/things", Some("list_things"))]);
            document["components"]["schemas"] = json!({"X": {"type": "object", "properties": {"x": schema}}});
            let findings = lint(&document);
            assert!(findings.iter().all(|finding| !finding.fatal), "{findings:#?}");
            xtask::codegen::generate(&document).unwrap().code
        };
        assert_eq!(code(json!({"enum": values})), code(json!({"type": ty, "enum": values})), "{values}");
    }
    let choice = json!({"enum": ["A", null], "nullable": true});
    let mut bare = document(&[("/v1/things", Some("list_things"))]);
    bare["components"]["schemas"] = json!({"X": choice, "Y": {"type": "object", "properties": {"x": choice}}});
    assert!(lint(&bare).iter().all(|finding| !finding.fatal));
    assert!(xtask::codegen::generate(&bare).is_ok(), "a value that may be null");
    let mut mixed = document(&[("/v1/things", Some("list_things"))]);
    mixed["components"]["schemas"] = json!({"X": {"enum": ["A", 1]}});
    assert!(lint(&mixed).iter().any(|finding| finding.fatal), "one thing or the other");
}

#[test]
fn our_own_name_is_not_given_to_another_inline_schema() {
    let choice = json!({"type": "string", "enum": ["A"], "x-rust-name": "XKind"});
    let object = json!({"type": "object", "properties": {"s": {"type": "string"}}});
    let nested = json!({"type": "object", "x-rust-name": "Y", "properties": {"kind": object}});
    for (x, place) in [
        (json!({"kind": {"oneOf": [choice]}}), "/components/schemas/X/properties/kind"),
        (json!({"kind": object, "other": choice}), "/components/schemas/X/properties/kind"),
        (json!({"kind": {"type": "array", "items": choice}}), ""),
        (json!({"kind": choice}), ""),
        // Problems inside a schema that we named are reported where the schema is written.
        (
            json!({"y": nested, "other": {"type": "string", "enum": ["A"], "x-rust-name": "YKind"}}),
            "/components/schemas/X/properties/y/properties/kind",
        ),
    ] {
        let mut document = document(&[("/v1/things", Some("list_things"))]);
        document["components"]["schemas"] = json!({"X": {"type": "object", "properties": x}});
        let found: Vec<_> = lint(&document).into_iter().filter(|finding| finding.fatal).collect();
        let found: Vec<_> = found.iter().map(|finding| finding.pointer.as_str()).collect();
        assert_eq!(found, if place.is_empty() { vec![] } else { vec![place] }, "{x}");
        assert!(place.is_empty() || all_pasted(&document).is_empty(), "{x}");
    }
}

#[test]
fn a_key_that_others_use_is_not_a_misspelling_of_ours() {
    for (key, is_slip) in [("x-exampel", true), ("x-rust-nam", true), ("x-examples", false), ("x-nullable", false)] {
        let mut document = document(&[("/v1/things", Some("list_things"))]);
        document["components"]["schemas"] = json!({"X": {"type": "object", key: {"a": 1}}});
        assert_eq!(lint(&document).iter().any(|finding| finding.fatal), is_slip, "{key}");
    }
}
