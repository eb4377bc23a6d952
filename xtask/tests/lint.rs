//! Everything the lint finds: the place, the message, and that the suggested fix works.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

mod support;

use serde_json::{Value, json};
use support::{Fake, golden};
use xtask::Outcome;
use xtask::lint::{Finding, lint};

/// A document without findings: one operation that sends and receives.
fn base() -> Value {
    json!({
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "paths": {"/v1/things/{thingID}": {"post": {
            "operationId": "change_thing",
            "parameters": [
                {"in": "path", "name": "thingID", "required": true, "schema": {"type": "string"}},
                {"in": "query", "name": "limit", "schema": {"type": "integer"}},
            ],
            "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}},
            "responses": {"200": {"description": "ok", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}}},
        }}},
        "components": {"schemas": {
            "Thing": {"type": "object", "required": ["name"], "properties": {
                "name": {"type": "string"}, "state": {"type": "string", "enum": ["ON", "OFF"]}, "count": {"type": "integer"},
            }},
            "Other": {"type": "object", "properties": {"x": {"type": "string"}}},
        }},
    })
}

const OPERATION: &str = "/paths/~1v1~1things~1{thingID}/post";
const THING: &str = "/components/schemas/Thing";

/// Applies the overlay actions of a fix.
fn repaired(document: &Value, fix: &str) -> Value {
    let overlay = format!("overlay: 1.0.0\ninfo: {{title: t, version: 1.0.0}}\nactions:\n{fix}");
    let overlay = xtask::overlay::parse("fix.yaml", &overlay).unwrap_or_else(|errors| panic!("{errors:?}\n{overlay}"));
    let mut document = document.clone();
    let problems = xtask::overlay::apply(&overlay, &mut document);
    assert!(problems.is_empty(), "{problems:?}\n{fix}");
    document
}

/// A row of `fixtures/lint.yaml`, which says what the columns are.
struct Case {
    name: String,
    edit: (String, Value),
    place: String,
    says: String,
    fatal: bool,
    fix: bool,
}

fn cases() -> Vec<Case> {
    let table = xtask::document::parse_yaml("lint.yaml", &support::fixture("fixtures/lint.yaml")).unwrap();
    let row = |row: &Value| {
        let text = |key: &str| row[key].as_str().unwrap().to_owned();
        let flag = |key: &str| row[key].as_bool().unwrap();
        Case {
            name: text("name"),
            edit: (text("edit"), row["to"].clone()),
            place: text("place"),
            says: text("says"),
            fatal: flag("fatal"),
            fix: flag("fix"),
        }
    };
    table.as_array().unwrap().iter().map(row).collect()
}

fn long(pointer: &str) -> String {
    pointer.replacen("OP", OPERATION, 1).replacen("THING", THING, 1)
}

fn edited(edit: &(impl AsRef<str>, Value)) -> Value {
    let mut document = base();
    let pointer = long(edit.0.as_ref());
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let key = key.replace("~1", "/");
    match document.pointer_mut(parent).unwrap() {
        Value::Object(map) if edit.1.is_null() => drop(map.remove(&key)),
        Value::Object(map) => drop(map.insert(key, edit.1.clone())),
        Value::Array(items) if key == "-" => items.push(edit.1.clone()),
        Value::Array(items) => items[key.parse::<usize>().unwrap()] = edit.1.clone(),
        other => panic!("{other}"),
    }
    document
}

#[test]
fn the_base_has_no_findings() {
    assert_eq!(lint(&base()), []);
}

#[test]
fn every_finding_has_a_place_and_an_explanation_and_its_repair_works() {
    let mut wrong = Vec::new();
    for case in cases() {
        let document = edited(&case.edit);
        let findings = lint(&document);
        let place = long(&case.place);
        let is_it = |finding: &&Finding| finding.pointer == place && finding.message.contains(&case.says);
        let Some(finding) = findings.iter().find(is_it) else {
            wrong.push(format!("{}: not found in {findings:#?}", case.name));
            continue;
        };
        if finding.fatal != case.fatal || finding.fix.is_some() != case.fix || !finding.message.ends_with('.') {
            wrong.push(format!("{}: {finding:#?}", case.name));
        }
        if let Some(fix) = &finding.fix {
            let left = lint(&repaired(&document, fix));
            if left.iter().any(|other| other.message == finding.message && other.pointer == finding.pointer) {
                wrong.push(format!("{}: the repair does not help: {left:#?}\n{fix}", case.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_a_rule_repairs_is_not_a_finding() {
    let fine: Vec<(&'static str, Value)> = vec![
        (
            "OP/responses/201",
            json!({"description": "ok", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}}),
        ),
        ("OP/responses/204", json!({"description": "nothing"})),
        (
            "OP/responses/default",
            json!({"description": "failed", "content": {"application/json": {}, "text/plain": {}}}),
        ),
        (
            "OP/responses/400",
            json!({"description": "failed", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Other"}}}}),
        ),
        (
            "OP/requestBody/content",
            json!({"multipart/form-data": {"schema": {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}}}}),
        ),
        ("THING/properties/count", json!({"type": "integer", "default": 3, "minimum": 1, "maximum": 5})),
        ("THING/properties/name/pattern", json!("^[a-z]+$")),
        ("THING/additionalProperties", json!(false)),
        ("THING/properties/default", json!({"type": "string"})),
        ("THING/properties/$ref", json!({"type": "string"})),
        ("THING/properties/nextToken", json!({"type": "string"})),
        ("THING/properties/self", json!({"$ref": "#/components/schemas/Thing"})),
        ("THING/properties/all", json!({"type": "array", "items": {"$ref": "#/components/schemas/Thing"}})),
        ("THING/example", json!({"$ref": "not a reference"})),
        ("OP/responses/200/description", Value::Null),
        ("OP/parameters/1/name", json!("request")),
        ("OP/operationId", json!("match")),
        ("OP/x-internal", json!("an extension of the vendor's")),
        ("OP/x-confidence", json!("live-verified")),
    ];
    for edit in fine {
        let document = edited(&edit);
        assert_eq!(lint(&document), [], "{}", edit.0);
        let generated = xtask::codegen::generate(&document);
        assert!(generated.is_ok(), "{}: {:?}", edit.0, generated.err());
    }
}

#[test]
fn keys_without_a_value_and_an_unquoted_version_are_accepted() {
    let with = |pointer: &str, value: Value| {
        let mut document = base();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        document.pointer_mut(&long(parent)).unwrap()[key] = value;
        document
    };
    let plain = xtask::codegen::generate(&base()).unwrap().code;
    for key in ["OP/tags", "OP/security", "/security", "/servers", "OP/responses/200/headers", "THING/title"] {
        let document = with(key, Value::Null);
        assert_eq!(lint(&document), [], "{key}");
        assert_eq!(xtask::codegen::generate(&document).unwrap().code, plain, "{key}");
    }
    let bare = json!({
        "openapi": "3.0.3", "info": {"title": "t", "version": 1.20},
        "paths": {"/v1/things": {"parameters": null, "get": {
            "operationId": "list_things", "parameters": null, "responses": {"200": {}},
        }}},
    });
    let findings = lint(&bare);
    assert_eq!(
        findings.iter().map(|finding| (finding.pointer.as_str(), finding.fatal)).collect::<Vec<_>>(),
        [("/info/version", false)]
    );
    assert!(xtask::codegen::generate(&bare).is_ok());
}

#[test]
fn the_command_prints_findings_and_fails_only_for_errors() {
    let mut fake = Fake::default();
    fake.put("warn.json", &edited(&("THING/properties/apiKey", json!({"type": "string"}))).to_string());
    assert_eq!(fake.run("spec-lint warn.json"), Outcome::Same);
    golden("lint_warning.md", &fake.stdout);
    fake.put("bad.json", &edited(&("OP/operationId", Value::Null)).to_string());
    assert_eq!(fake.run("spec-lint bad.json"), Outcome::Failed);
    golden("lint_error.md", &fake.stdout);
    assert_eq!(fake.run("spec-lint bad.json --json"), Outcome::Failed);
    let findings: Value = serde_json::from_str(&fake.stdout).unwrap();
    assert_eq!(findings[0]["pointer"], OPERATION);
    assert_eq!(fake.run("spec-lint nowhere.json"), Outcome::Failed);
    assert!(fake.stderr.contains("nowhere.json cannot be read"), "{}", fake.stderr);
}

#[test]
fn our_own_document_has_no_findings() {
    let document: Value = serde_json::from_str(&support::repository("spec/openapi.json")).unwrap();
    assert_eq!(lint(&document), []);
}

#[test]
fn what_passes_the_lint_can_be_generated() {
    for case in cases().into_iter().filter(|case| !case.fatal) {
        let document = edited(&case.edit);
        assert!(xtask::codegen::generate(&document).is_ok(), "{}", case.name);
    }
}
