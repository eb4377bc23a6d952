//! Everything the lint finds: the place, the sentence, and that the suggested repair repairs.

mod support;

use serde_json::{Value, json};
use support::{Fake, golden};
use xtask::Outcome;
use xtask::codegen::{Finding, lint};

/// A document without findings: one operation that sends and answers.
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

/// Applies the overlay actions of a repair.
fn repaired(document: &Value, fix: &str) -> Value {
    let overlay = format!("overlay: 1.0.0\nactions:\n{fix}");
    let overlay = xtask::overlay::parse("fix.yaml", &overlay).unwrap_or_else(|errors| panic!("{errors:?}\n{overlay}"));
    let mut document = document.clone();
    let problems = xtask::overlay::apply(&overlay, &mut document);
    assert!(problems.is_empty(), "{problems:?}\n{fix}");
    document
}

struct Case {
    name: &'static str,
    /// Where the base is changed (`OP` and `THING` are short for the operation and the schema), and to what.
    edit: (&'static str, Value),
    place: &'static str,
    says: &'static str,
    fatal: bool,
    fix: bool,
}

fn cases() -> Vec<Case> {
    let case =
        |name, edit: (&'static str, Value), place, says, fatal, fix| Case { name, edit, place, says, fatal, fix };
    let text = || json!({"type": "string"});
    let media = |schema: Value| json!({"schema": schema});
    let answer = |schema: Value| json!({"description": "ok", "content": {"application/json": {"schema": schema}}});
    vec![
        case("no name", ("OP/operationId", Value::Null), "OP", "has no operationId", true, true),
        case("a name in camel case", ("OP/operationId", json!("changeThing")), "OP", "not in snake case", true, true),
        case(
            "a name that is no name",
            ("OP/operationId", json!("2things")),
            "OP",
            "does not make a Rust name",
            true,
            true,
        ),
        case(
            "two of a name",
            (
                "/paths/~1v1~1new",
                json!({"get": {"operationId": "change_thing", "responses": {"200": {"description": "ok"}}}}),
            ),
            "OP",
            "becomes the request type `ChangeThing`",
            true,
            true,
        ),
        case(
            "no parameter for the path",
            ("OP/parameters/0", json!({"in": "query", "name": "a", "schema": text()})),
            "OP",
            "has `{thingID}`, which no parameter declares",
            true,
            true,
        ),
        case(
            "a parameter that the path lacks",
            ("OP/parameters/-", json!({"in": "path", "name": "a", "required": true, "schema": text()})),
            "OP/parameters/2",
            "does not occur in the path",
            true,
            false,
        ),
        case(
            "an optional path parameter",
            ("OP/parameters/0/required", json!(false)),
            "OP/parameters/0",
            "must be `required: true`",
            true,
            false,
        ),
        case(
            "a parameter twice",
            ("OP/parameters/-", json!({"in": "query", "name": "limit", "schema": text()})),
            "OP/parameters/2",
            "is declared twice",
            true,
            false,
        ),
        case(
            "parameters of one Rust name",
            ("OP/parameters/-", json!({"in": "query", "name": "Limit", "schema": text()})),
            "OP/parameters/1",
            "both become `limit`",
            true,
            false,
        ),
        case(
            "a cookie",
            ("OP/parameters/-", json!({"in": "cookie", "name": "a", "schema": text()})),
            "OP/parameters/2",
            "are not supported by the generator",
            true,
            false,
        ),
        case(
            "a parameter with content",
            ("OP/parameters/-", json!({"in": "query", "name": "a", "content": {}})),
            "OP/parameters/2",
            "in place of a `schema`",
            true,
            false,
        ),
        case(
            "a parameter in another style",
            ("OP/parameters/1/style", json!("deepObject")),
            "OP/parameters/1",
            "only `form` can be sent",
            true,
            false,
        ),
        case(
            "a parameter without schema",
            ("OP/parameters/-", json!({"in": "query", "name": "a"})),
            "OP/parameters/2",
            "has no schema",
            true,
            false,
        ),
        case(
            "an object in the query",
            ("OP/parameters/1/schema", json!({"type": "object"})),
            "OP/parameters/1",
            "is an object",
            true,
            false,
        ),
        case(
            "a list in the path",
            ("OP/parameters/0/schema", json!({"type": "array", "items": {}})),
            "OP/parameters/0",
            "is a list",
            true,
            false,
        ),
        case(
            "a number that counts",
            ("OP/parameters/1/schema/type", json!("number")),
            "OP/parameters/1",
            "sent as `10.0`",
            false,
            true,
        ),
        case("a path that is open", ("/paths/~1v1~1{x", json!({})), "/paths/~1v1~1{x", "is not closed", true, false),
        case(
            "a path with a query",
            ("/paths/~1v1?x=1", json!({})),
            "/paths/~1v1?x=1",
            "does not belong in a path",
            true,
            false,
        ),
        case(
            "a path that climbs",
            ("/paths/~1v1~1..~1x", json!({})),
            "/paths/~1v1~1..~1x",
            "`.` or `..` segments",
            true,
            false,
        ),
        case(
            "paths of one shape",
            ("/paths/~1v1~1things~1{z}", json!({})),
            "/paths/~1v1~1things~1{z}",
            "but for the names of its parameters",
            false,
            false,
        ),
        case(
            "several media types",
            ("OP/requestBody/content/text~1plain", media(text())),
            "OP/requestBody",
            "several media types",
            true,
            true,
        ),
        case(
            "a media type that cannot be sent",
            ("OP/requestBody/content", json!({"application/xml": media(text())})),
            "OP/requestBody/content/application~1xml",
            "are not supported",
            true,
            false,
        ),
        case(
            "a body without content",
            ("OP/requestBody/content", json!({})),
            "OP/requestBody",
            "has no content",
            true,
            false,
        ),
        case(
            "a body without schema",
            ("OP/requestBody/content/application~1json", json!({})),
            "OP/requestBody/content/application~1json",
            "has no schema",
            true,
            true,
        ),
        case(
            "an upload of two parts",
            (
                "OP/requestBody/content",
                json!({"multipart/form-data": media(json!({"type": "object", "properties": {"file": text(), "note": text()}}))}),
            ),
            "OP/requestBody/content/multipart~1form-data",
            "exactly one part",
            true,
            false,
        ),
        case(
            "an upload by another name",
            (
                "OP/requestBody/content",
                json!({"multipart/form-data": media(json!({"type": "object", "properties": {"data": text()}}))}),
            ),
            "OP/requestBody/content/multipart~1form-data",
            "must be called `file`",
            true,
            false,
        ),
        case(
            "a raw body that is no bytes",
            ("OP/requestBody/content", json!({"application/octet-stream": media(text())})),
            "OP/requestBody/content/application~1octet-stream",
            "format: binary",
            true,
            false,
        ),
        case(
            "a text body that is no text",
            ("OP/requestBody/content", json!({"text/plain": media(json!({"type": "object"}))})),
            "OP/requestBody/content/text~1plain",
            "`type: string` and nothing else",
            true,
            false,
        ),
        case(
            "an encoding",
            ("OP/requestBody/content/application~1json/encoding", json!({"a": {}})),
            "OP/requestBody/content/application~1json",
            "`encoding`",
            true,
            false,
        ),
        case(
            "a body on a GET",
            (
                "/paths/~1v1~1q",
                json!({"get": {"operationId": "get_q", "requestBody": {"content": {"application/json": media(text())}}, "responses": {"200": {"description": "ok"}}}}),
            ),
            "/paths/~1v1~1q/get/requestBody",
            "a body on a GET",
            false,
            true,
        ),
        case(
            "two shapes of success",
            ("OP/responses/201", answer(json!({"type": "array", "items": {}}))),
            "OP/responses",
            "different shapes",
            true,
            true,
        ),
        case(
            "an answer without schema",
            ("OP/responses/200/content/application~1json", json!({})),
            "OP/responses/200",
            "has no schema",
            true,
            true,
        ),
        case(
            "an answer in several media types",
            ("OP/responses/200/content", json!({"text/csv": {}, "text/plain": {}})),
            "OP/responses/200",
            "none is JSON",
            true,
            false,
        ),
        case(
            "an answer in another JSON",
            ("OP/responses/200/content", json!({"application/hal+json": media(text())})),
            "OP/responses/200",
            "handed out as bytes",
            false,
            false,
        ),
        case(
            "no success",
            ("OP/responses", json!({"404": {"description": "gone"}})),
            "OP/responses",
            "no 2xx answer is declared",
            false,
            false,
        ),
        case(
            "a status that is none",
            ("OP/responses/ok", json!({"description": "x"})),
            "OP/responses/ok",
            "is not a status",
            true,
            false,
        ),
        case(
            "a reference to a file",
            ("THING/properties/name", json!({"$ref": "other.yaml#/X"})),
            "THING/properties/name",
            "points outside",
            true,
            false,
        ),
        case(
            "a reference to nothing",
            ("THING/properties/name", json!({"$ref": "#/components/schemas/Gone"})),
            "THING/properties/name",
            "leads nowhere",
            true,
            false,
        ),
        case(
            "a reference into the middle",
            ("THING/properties/name", json!({"$ref": "#/components/schemas/Other/properties/x"})),
            "THING/properties/name",
            "into the middle of something",
            true,
            false,
        ),
        case(
            "a reference to another kind",
            ("OP/parameters/1", json!({"$ref": "#/components/schemas/Other"})),
            "OP/parameters/1",
            "where one of `parameters` belongs",
            true,
            false,
        ),
        case(
            "something beside a reference",
            ("THING/properties/name", json!({"$ref": "#/components/schemas/Other", "nullable": true})),
            "THING/properties/name",
            "stands beside a `$ref`",
            false,
            true,
        ),
        case(
            "a circle",
            ("/components/schemas/Other", json!({"oneOf": [{"$ref": "#/components/schemas/Other"}]})),
            "/components/schemas/Other",
            "is made of itself",
            true,
            false,
        ),
        case(
            "an inline circle",
            (
                "THING/properties/name",
                json!({"allOf": [{"$ref": "#/paths/~1v1~1things~1{thingID}/post/requestBody/content/application~1json/schema"}]}),
            ),
            "THING/properties/name/allOf/0",
            "into the middle of something",
            true,
            false,
        ),
        case(
            "a path by reference",
            ("/paths/~1v1~1ref", json!({"$ref": "#/paths/~1v1~1things~1{thingID}"})),
            "/paths/~1v1~1ref",
            "not supported",
            true,
            false,
        ),
        case(
            "types of 3.1",
            ("THING/properties/name/type", json!(["string", "null"])),
            "THING/properties/name",
            "belongs to OpenAPI 3.1",
            true,
            false,
        ),
        case(
            "a type that is none",
            ("THING/properties/name/type", json!("date")),
            "THING/properties/name",
            "is not a type",
            true,
            false,
        ),
        case(
            "a list of what",
            ("THING/properties/name", json!({"type": "array"})),
            "THING/properties/name",
            "nothing about its items",
            false,
            true,
        ),
        case(
            "a word of 3.1",
            ("THING/properties/name/const", json!("x")),
            "THING/properties/name",
            "does not exist in OpenAPI 3.0",
            false,
            false,
        ),
        case(
            "an enum of nothing",
            ("THING/properties/state/enum", json!([])),
            "THING/properties/state/enum",
            "lists no value",
            true,
            true,
        ),
        case(
            "an empty value",
            ("THING/properties/state/enum/-", json!("")),
            "THING/properties/state/enum",
            "an empty value",
            false,
            true,
        ),
        case(
            "values that differ in case",
            ("THING/properties/state/enum/-", json!("On")),
            "THING/properties/state/enum",
            "become one name",
            true,
            true,
        ),
        case(
            "values that differ in marks",
            ("THING/properties/state/enum", json!(["a-b", "a_b"])),
            "THING/properties/state/enum",
            "become one name",
            true,
            true,
        ),
        case(
            "a value that is no text",
            ("THING/properties/state/enum/-", json!(1)),
            "THING/properties/state/enum",
            "which is none",
            true,
            false,
        ),
        case(
            "an enum of numbers",
            ("THING/properties/count/enum", json!([1, 2])),
            "THING/properties/count/enum",
            "only enums of strings stay open",
            false,
            true,
        ),
        case(
            "a maximum that does not fit",
            ("THING/properties/count", json!({"type": "integer", "format": "int32", "maximum": 4_294_967_296_u64})),
            "THING/properties/count",
            "does not fit `int32`",
            false,
            true,
        ),
        case(
            "a maximum above all",
            ("THING/properties/count", json!({"type": "integer", "maximum": 18_446_744_073_709_551_615_u64})),
            "THING/properties/count",
            "does not fit `int64`",
            false,
            true,
        ),
        case(
            "a format that is none",
            ("THING/properties/count/format", json!("bigint")),
            "THING/properties/count",
            "no format of an integer",
            false,
            true,
        ),
        case(
            "properties of one Rust name",
            ("THING/properties/Name", text()),
            "THING/properties/name",
            "both become the field `name`",
            true,
            true,
        ),
        case(
            "a property without letters",
            ("THING/properties/%", text()),
            "THING/properties/%",
            "does not make a Rust name",
            true,
            false,
        ),
        case(
            "a property that is no schema",
            ("THING/properties/y", json!(true)),
            "THING/properties/y",
            "must be a mapping",
            true,
            false,
        ),
        case(
            "required, not there",
            ("THING/required/-", json!("gone")),
            "THING/required",
            "not among the properties",
            false,
            true,
        ),
        case("required of 2.0", ("THING/required", json!(true)), "THING/required", "must be a list", true, false),
        case("not", ("THING/not", text()), "THING/not", "`not` makes no type", true, true),
        case(
            "all of nothing",
            ("/components/schemas/Other", json!({"allOf": []})),
            "/components/schemas/Other/allOf",
            "lists nothing",
            true,
            false,
        ),
        case(
            "two types at once",
            ("/components/schemas/Other", json!({"allOf": [text(), {"type": "object"}]})),
            "/components/schemas/Other/allOf",
            "nothing can be both",
            true,
            false,
        ),
        case(
            "two types of a property",
            (
                "/components/schemas/Other",
                json!({"allOf": [{"type": "object", "properties": {"a": text()}}, {"type": "object", "properties": {"a": {"type": "integer"}}}]}),
            ),
            "/components/schemas/Other/allOf",
            "different types",
            true,
            false,
        ),
        case(
            "a secret",
            ("THING/properties/apiKey", text()),
            "THING/properties/apiKey",
            "looks like a secret",
            false,
            true,
        ),
        case(
            "schemas of one Rust name",
            ("/components/schemas/thing", text()),
            "/components/schemas/thing",
            "both become the type `Thing`",
            true,
            false,
        ),
        case(
            "a schema without letters",
            ("/components/schemas/_", text()),
            "/components/schemas/_",
            "does not make a Rust name",
            true,
            false,
        ),
        case(
            "a title that is taken",
            ("THING/properties/inner", json!({"type": "object", "title": "Other", "properties": {"z": text()}})),
            "THING/properties/inner",
            "one of the two would win",
            true,
            true,
        ),
        case(
            "an inline schema that is taken",
            ("/components/schemas/ThingState", json!({"type": "object", "properties": {"z": text()}})),
            "THING/properties/state",
            "the component would win",
            true,
            true,
        ),
        case("3.1", ("/openapi", json!("3.1.0")), "/openapi", "OpenAPI 3.0.x only", true, false),
    ]
}

fn long(pointer: &str) -> String {
    pointer.replacen("OP", OPERATION, 1).replacen("THING", THING, 1)
}

fn edited(edit: &(&'static str, Value)) -> Value {
    let mut document = base();
    let pointer = long(edit.0);
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
fn every_finding_has_a_place_and_a_sentence_and_its_repair_repairs() {
    let mut wrong = Vec::new();
    for case in cases() {
        let document = edited(&case.edit);
        let findings = lint(&document);
        let place = long(case.place);
        let is_it = |finding: &&Finding| finding.pointer == place && finding.message.contains(case.says);
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
fn what_is_repaired_by_rule_is_no_finding() {
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
    ];
    for edit in fine {
        assert_eq!(lint(&edited(&edit)), [], "{}", edit.0);
    }
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
fn what_the_lint_lets_through_is_generated() {
    for case in cases().into_iter().filter(|case| !case.fatal) {
        let document = edited(&case.edit);
        assert!(xtask::codegen::generate(&document).is_ok(), "{}", case.name);
    }
}
