//! The generated code has the last word on how severe a change is.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

use serde_json::{Value, json};
use xtask::diff::{Diff, Severity, judged};

/// One operation that reads this schema, with these components.
fn reads(schema: Value, schemas: Value) -> Value {
    json!({
        "openapi": "3.0.3", "info": {"title": "t", "version": "1"},
        "paths": {"/part": {"get": {
            "operationId": "get_part",
            "responses": {"200": {"description": "ok", "content": {"application/json": {"schema": schema}}}},
        }}},
        "components": {"schemas": schemas},
    })
}

fn part() -> Value {
    json!({"$ref": "#/components/schemas/Part"})
}

fn rules(diff: &Diff) -> Vec<(&str, Severity)> {
    diff.changes.iter().map(|change| (change.rule, change.severity)).collect()
}

#[test]
fn a_new_variant_is_additive_and_the_new_names_of_its_siblings_are_reported() {
    let union = |branches: Value| reads(json!({"oneOf": branches}), json!({}));
    let two = json!([{"type": "string"}, {"type": "boolean"}]);
    let found = judged(&union(two), &union(json!([{"type": "string"}, {"type": "boolean"}, {"type": "integer"}])));
    assert_eq!(rules(&found), [("variant-added", Severity::Additive)], "{found:#?}");

    // Two with the same name would collide, and then all are numbered.
    let two = json!([{"type": "string"}, {"type": "boolean"}]);
    let more = json!([{"type": "string"}, {"type": "boolean"}, {"type": "string", "enum": ["A"]}]);
    let found = judged(&union(two), &union(more));
    assert_eq!(found.severity(), Some(Severity::Breaking), "{found:#?}");
    let renamed = found.changes.iter().find(|change| change.rule == "variant-renamed");
    let text = &renamed.unwrap_or_else(|| panic!("{found:#?}")).text;
    assert!(text.contains("`String(") && text.contains("`Boolean(") && text.contains("is gone"), "{text}");
}

#[test]
fn a_type_that_becomes_the_body_of_a_patch_breaks_its_readers() {
    let schemas = json!({"Part": {"type": "object", "properties": {"size": {"type": "integer"}}}});
    let old = reads(part(), schemas.clone());
    let mut new = old.clone();
    new["paths"]["/part"]["patch"] = json!({
        "operationId": "update_part",
        "requestBody": {"required": true, "content": {"application/json": {"schema": part()}}},
        "responses": {"200": {"description": "ok"}},
    });
    let found = judged(&old, &new);
    assert!(rules(&found).contains(&("schema-patch-changed", Severity::Breaking)), "{found:#?}");
    assert!(found.changes.iter().all(|change| change.rule != "interface-broken"), "told once: {found:#?}");
}

#[test]
fn the_title_of_a_union_or_list_is_the_name_of_its_type() {
    let union = json!({"oneOf": [{"type": "string"}, {"type": "integer"}]});
    let mut titled = union.clone();
    titled["title"] = "Either".into();
    let found = judged(&reads(union, json!({})), &reads(titled, json!({})));
    assert_eq!(found.severity(), Some(Severity::Breaking), "{found:#?}");

    let list = |title: Option<&str>| {
        let mut item = json!({"type": "object", "properties": {"size": {"type": "integer"}}});
        if let Some(title) = title {
            item["title"] = title.into();
        }
        reads(json!({"type": "array", "items": item}), json!({}))
    };
    let found = judged(&list(None), &list(Some("Piece")));
    assert_eq!(found.severity(), Some(Severity::Breaking), "{found:#?}");
}

#[test]
fn a_change_without_effect_in_rust_is_reported_as_documentation() {
    let holder = |required: Value| json!({"Part": {"type": "object", "required": required, "properties": {"size": {"type": "string", "nullable": true}}}});
    let found = judged(&reads(part(), holder(json!([]))), &reads(part(), holder(json!(["size"]))));
    assert_eq!(found.severity(), Some(Severity::Documentation), "{found:#?}");
    assert!(found.changes[0].text.ends_with("(the Rust code stays the same)"), "{found:#?}");

    let branch = |more: Value| {
        let mut branch = json!({"type": "string"});
        branch.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        reads(json!({"oneOf": [branch, {"type": "integer"}]}), json!({}))
    };
    for more in [json!({"default": "a"}), json!({"readOnly": true}), json!({"minLength": 0})] {
        let found = judged(&branch(json!({})), &branch(more.clone()));
        assert!(found.severity() <= Some(Severity::Documentation), "{more}: {found:#?}");
    }
}

#[test]
fn a_list_that_is_read_in_a_different_way_is_reported() {
    let list = |pagination: Option<Value>| {
        let mut document = reads(
            json!({"type": "array", "items": part()}),
            json!({"Part": {"type": "object", "required": ["id", "key"], "properties": {"id": {"type": "string"}, "key": {"type": "string"}}}}),
        );
        document["paths"]["/part"]["get"]["parameters"] =
            json!([{"in": "query", "name": "after", "schema": {"type": "string"}}]);
        if let Some(pagination) = pagination {
            document["paths"]["/part"]["get"]["x-pagination"] = pagination;
        }
        document
    };
    let none = |id: &str| Some(json!({"style": "none", "id": id}));
    for (old, new, severity) in [
        (none("id"), none("key"), Severity::Additive),
        (None, none("id"), Severity::Additive),
        (none("id"), None, Severity::Breaking),
    ] {
        let found = judged(&list(old.clone()), &list(new.clone()));
        assert_eq!(rules(&found), [("pagination-changed", severity)], "{old:?} {new:?} {found:#?}");
    }
}

#[test]
fn a_change_that_no_rule_sees_is_detected_from_the_code() {
    let list = |title: Option<&str>| {
        let mut list =
            json!({"type": "array", "items": {"type": "object", "properties": {"size": {"type": "integer"}}}});
        if let Some(title) = title {
            list["title"] = title.into();
        }
        reads(part(), json!({"Part": {"type": "object", "properties": {"list": list}}}))
    };
    let found = judged(&list(None), &list(Some("Pieces")));
    assert_eq!(found.severity(), Some(Severity::Breaking), "{found:#?}");
}

#[test]
fn a_severe_change_is_not_excused_by_a_harmless_one_next_to_it() {
    let of = |ty: &str, required: Value| {
        let properties = json!({"size": {"type": ty}, "note": {"type": "string", "nullable": true}});
        reads(part(), json!({"Part": {"type": "object", "required": required, "properties": properties}}))
    };
    let found = judged(&of("integer", json!([])), &of("string", json!(["note"])));
    let wanted = [("property-now-required", Severity::Documentation), ("type-changed", Severity::Breaking)];
    for one in wanted {
        assert!(rules(&found).contains(&one), "{one:?} in {found:#?}");
    }
}

#[test]
fn a_difference_that_no_change_explains_is_reported() {
    use xtask::diff::judge;
    let code = |field: &str| format!("pub mod types {{ #[non_exhaustive] pub struct Part {{ {field} }} }}");
    let severities = [
        ("pub a: u8", "pub a: u16", Some(("interface-broken", Severity::Breaking))),
        ("pub a: u8", "pub a: u8, pub b: u8", Some(("interface-added", Severity::Additive))),
        ("pub a: u8", "pub a: u8", None),
    ];
    for (old, new, wanted) in severities {
        let found = judge(Diff::default(), &code(old), &code(new));
        assert_eq!(rules(&found), wanted.into_iter().collect::<Vec<_>>(), "{old} -> {new}");
    }
}
