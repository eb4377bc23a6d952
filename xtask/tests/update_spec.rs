//! `update-spec` from end to end, on a small document.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

mod support;

use serde_json::json;
use support::{Fake, fixture, golden};
use xtask::Outcome;

fn fresh() -> Fake {
    let mut fake = Fake::with_spec(&fixture("fixtures/published.yaml"), &fixture("fixtures/overlay.yaml"));
    fake.done("update-spec --from spec/published.yaml");
    fake
}

/// The published document with some lines changed.
fn edited(edits: &[(&str, &str)]) -> String {
    let mut text = fixture("fixtures/published.yaml");
    for (from, to) in edits {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    text
}

const NEW_OPERATION: &str = "  /v1/things/{thingID}/suspend:
    post:
      parameters:
      - {in: path, name: thingID, required: true, schema: {type: string}}
      responses:
        '200': {description: OK}
";

#[test]
fn the_first_run_writes_and_the_second_changes_nothing() {
    let mut fake = fresh();
    let document = fake.json("spec/openapi.json");
    assert_eq!(document["paths"]["/v1/things"]["get"]["operationId"], "list_things");
    assert_eq!(document["components"]["schemas"]["ThingCreate"]["properties"]["adminPassword"]["format"], "password");
    assert!(fake.text("spec/openapi.json").ends_with("}\n"));
    let before = fake.files.clone();
    for line in ["update-spec", "update-spec --check", "update-spec --from spec/published.yaml"] {
        fake.done(line);
        assert!(fake.stdout.contains("All files in spec/ are up to date."), "{}", fake.stdout);
    }
    assert_eq!(fake.files, before);
}

#[test]
fn lock_says_which_document_it_is() {
    let mut fake = fresh();
    golden("LOCK", &fake.text("spec/LOCK"));
    let url = "https://api.singlestore.com/spec";
    fake.pages.insert(url.to_owned(), Ok(edited(&[("1.0.1", "1.0.2")]).into_bytes()));
    fake.done("update-spec --fetch");
    assert!(fake.text("spec/LOCK").contains("version: 1.0.2\n"));
    assert!(fake.text("spec/LOCK").contains("source: https://api.singlestore.com/spec\n"));
    assert!(fake.text("spec/published.yaml").contains("1.0.2"));
}

#[test]
fn an_edited_published_document_is_noticed() {
    let mut fake = fresh();
    fake.put("spec/published.yaml", &edited(&[("Lists the things", "Lists things")]));
    assert_eq!(fake.run("update-spec --check"), Outcome::Failed);
    assert!(fake.stderr.contains("somebody edited it"), "{}", fake.stderr);
    fake.files.remove(std::path::Path::new("spec/LOCK"));
    assert_eq!(fake.run("update-spec"), Outcome::Failed);
    assert!(fake.stderr.contains("spec/LOCK is missing"), "{}", fake.stderr);
}

#[test]
fn check_writes_nothing_and_says_so_with_its_exit_code() {
    let mut fake = fresh();
    fake.put("new.yaml", &edited(&[("paths:\n", &format!("paths:\n{NEW_OPERATION}"))]));
    let before = fake.files.clone();
    assert_eq!(fake.run("update-spec --from new.yaml --check"), Outcome::WouldChange);
    assert_eq!(fake.files, before);
    assert!(
        fake.stdout.contains("Files that change: spec/LOCK, spec/openapi.json, spec/published.yaml, spec/raw.rs."),
        "{}",
        fake.stdout
    );
    // An overlay that was edited without running the command.
    let overlay =
        fake.text("spec/overlay.yaml").replace("A secret.", "A secret, really.").replace("list_widgets", "all_widgets");
    fake.put("spec/overlay.yaml", &overlay);
    assert_eq!(fake.run("update-spec --check"), Outcome::WouldChange);
}

#[test]
fn a_new_operation_gets_a_name_and_is_listed() {
    let mut fake = fresh();
    fake.put("new.yaml", &edited(&[("paths:\n", &format!("paths:\n{NEW_OPERATION}")), ("1.0.1", "1.1.0")]));
    fake.done("update-spec --from new.yaml");
    golden("new_operation.md", &fake.stdout);
    let document = fake.json("spec/openapi.json");
    assert_eq!(document["paths"]["/v1/things/{thingID}/suspend"]["post"]["operationId"], "suspend_thing");
}

#[test]
fn removed_items_are_listed_with_every_line_that_refers_to_them() {
    let mut fake = fresh();
    fake.put(
        "src/resources/things.rs",
        "use crate::requests::{DeleteThing, ListThings};\n\n/// See [`DeleteThing`].\nfn f() -> DeleteThing {}\n",
    );
    fake.put("tests/things.rs", "fn t() { check(\"delete_thing\"); }\n");
    fake.put("README.md", "DeleteThing");
    let start = fixture("fixtures/published.yaml").find("  /v1/things/{thingID}:").unwrap();
    fake.put("new.yaml", &fixture("fixtures/published.yaml")[..start]);
    let before = fake.files.clone();
    assert_eq!(fake.run("update-spec --from new.yaml"), Outcome::Failed);
    golden("removed_operation.md", &format!("{}----\n{}", fake.stdout, fake.stderr));
    assert_eq!(fake.files, before);
    // Without the rule, the update succeeds and still reports what references it.
    let overlay = fake.text("spec/overlay.yaml");
    let (start, end) =
        (overlay.find("- target: $.paths['/v1/things/{").unwrap(), overlay.find("- target: $.components").unwrap());
    fake.put("spec/overlay.yaml", &format!("{}{}", &overlay[..start], &overlay[end..]));
    fake.done("update-spec --from new.yaml");
    assert!(fake.stdout.contains("  - src/resources/things.rs:4\n  - tests/things.rs:1\n"), "{}", fake.stdout);
}

#[test]
fn every_stale_rule_is_reported_in_one_run_and_can_be_skipped_for_exploring() {
    let mut fake = fresh();
    let text = edited(&[
        ("adminPassword:\n          type: string", "adminPassword:\n          type: integer"),
        ("    get:\n", "    get:\n      operationId: allThings\n"),
    ]);
    fake.put("new.yaml", &text);
    let before = fake.files.clone();
    assert_eq!(fake.run("update-spec --from new.yaml"), Outcome::Failed);
    assert_eq!(fake.files, before);
    assert!(fake.stdout.contains("spec/overlay.yaml:5: the rule for `$.paths['/v1/things'].get` expects no `operationId` and found `\"allThings\"` at /paths/~1v1~1things/get. It is there because: Name of the operation."), "{}", fake.stdout);
    assert!(fake.stdout.contains("spec/overlay.yaml:17: the rule for `$.components.schemas.ThingCreate.properties.adminPassword` expects `\"string\"` at `type` and found `\"integer\"`"), "{}", fake.stdout);
    // A name in camel case cannot be generated, which is found in the same run.
    assert!(
        fake.stderr.contains("rules of spec/overlay.yaml that do not fit the document: 2")
            && fake.stderr.contains("snake case"),
        "{}",
        fake.stderr
    );
    fake.put("new.yaml", &text.replace("allThings", "all_things"));
    fake.done("update-spec --from new.yaml --allow-stale");
    assert!(fake.stdout.contains("Rules of the overlay that do not fit (2)"), "{}", fake.stdout);
    assert_eq!(fake.json("spec/openapi.json")["paths"]["/v1/things"]["get"]["operationId"], "all_things");
    assert_eq!(fake.run("update-spec --check"), Outcome::Failed);
}

#[test]
fn an_addition_that_has_been_published_is_recognized() {
    let mut fake = fresh();
    let widgets = "paths:
  /v1/widgets:
    get:
      description: Returns all widgets.
      parameters:
      - {in: query, name: limit, schema: {type: integer}}
      responses:
        '200':
          content:
            application/json:
              schema: {items: {$ref: '#/components/schemas/Widget'}, type: array}
          description: OK
";
    let schema = "    Widget:
      properties:
        color: {type: string}
        widgetID: {type: string}
      required: [widgetID, color]
      type: object
info:
";
    fake.put("new.yaml", &edited(&[("paths:\n", widgets), ("info:\n", schema)]));
    fake.done("update-spec --from new.yaml");
    golden("recognized.md", &fake.stdout);
    let operation = fake.json("spec/openapi.json")["paths"]["/v1/widgets"]["get"].clone();
    // Upstream's text and parameters, our name and facts; no longer a guess.
    assert_eq!(operation["operationId"], "list_widgets");
    assert_eq!(operation["description"], "Returns all widgets.");
    assert_eq!(operation["x-envelope"], "widgets");
    assert!(operation.get("x-confidence").is_none());
    assert_eq!(operation["parameters"].as_array().unwrap().len(), 1);
    assert!(fake.json("spec/openapi.json")["components"]["schemas"]["Widget"]["properties"].get("size").is_none());
}

#[test]
fn an_addition_at_a_path_with_other_parameter_names_is_recognized_too() {
    let mut fake = fresh();
    let overlay = fake.text("spec/overlay.yaml").replace("/v1/widgets:\n      get:\n", "/v1/widgets/{widgetID}/:\n      get:\n        parameters: [{in: path, name: widgetID, required: true, schema: {type: string}}]\n");
    fake.put("spec/overlay.yaml", &overlay);
    fake.done("update-spec");
    let widget = "paths:\n  /v1/widgets/{id}:\n    get:\n      parameters: [{in: path, name: id, required: true, schema: {type: string}}]\n      responses: {'200': {description: OK}}\n";
    fake.put("new.yaml", &edited(&[("paths:\n", widget)]));
    fake.done("update-spec --from new.yaml");
    assert!(fake.stdout.contains("the path, which is /v1/widgets/{id}"), "{}", fake.stdout);
    let paths = fake.json("spec/openapi.json")["paths"].clone();
    assert_eq!(paths["/v1/widgets/{id}"]["get"]["operationId"], "list_widgets");
    assert!(paths.get("/v1/widgets/{widgetID}/").is_none());
    // Nothing uses its schema now.
    assert!(
        fake.stdout.contains("Schemas of the overlay that nothing uses (1)\n\n- Widget (spec/overlay.yaml:21)"),
        "{}",
        fake.stdout
    );
}

#[test]
fn the_report_as_json_has_the_same_content() {
    let mut fake = fresh();
    fake.put(
        "new.yaml",
        &edited(&[("paths:\n", &format!("paths:\n{NEW_OPERATION}")), ("[ACTIVE, PENDING]", "[ACTIVE]")]),
    );
    assert_eq!(fake.run("update-spec --from new.yaml --check --json"), Outcome::WouldChange);
    let report: serde_json::Value = serde_json::from_str(&fake.stdout).unwrap();
    assert_eq!(report["severity"], "breaking");
    assert_eq!(report["version"], json!({"now": "0.3.0", "next": "0.4.0"}));
    assert_eq!(report["published"]["after"]["operations"], 4);
    assert_eq!(report["nameThese"][0]["operationId"], "suspend_thing");
    assert_eq!(report["changes"][1]["items"], json!(["types::ThingState::Pending"]));
    golden("update.json", &fake.stdout);
}

#[test]
fn a_full_disk_changes_nothing_and_is_explained() {
    let mut fake = fresh();
    fake.put("new.yaml", &edited(&[("1.0.1", "1.0.2")]));
    fake.full_disk = true;
    let before = fake.files.clone();
    assert_eq!(fake.run("update-spec --from new.yaml"), Outcome::Failed);
    assert_eq!(
        fake.stderr,
        "Compiling the generated code; --no-check leaves that out.\n\
         Writing spec/ failed (no space left); everything is as it was.\n"
    );
    assert_eq!(fake.files, before);
}

#[test]
fn a_json_document_is_accepted_like_a_yaml_one() {
    let mut fake = fresh();
    let json = xtask::document::read_openapi("x", fixture("fixtures/published.yaml").as_bytes()).unwrap();
    fake.put("new.json", &json.to_string());
    fake.done("update-spec --from new.json");
    assert!(fake.stdout.contains("Nothing changed that users would see."), "{}", fake.stdout);
}

#[test]
fn code_that_does_not_compile_is_reported_with_its_place_and_nothing_is_written() {
    let mut fake = fresh();
    fake.put("new.yaml", &edited(&[("paths:\n", &format!("paths:\n{NEW_OPERATION}"))]));
    let before = fake.files.clone();
    let raw = fake.text("spec/raw.rs");
    let line = raw.lines().position(|line| line.contains("pub struct Thing {")).unwrap() + 1;
    let span = json!({"file_name": "/target/build/demo/out/raw.rs", "line_start": line, "is_primary": true});
    let said = json!({"message": {"level": "error", "message": "cannot find type `Door`", "spans": [span]}});
    fake.compiler = said.to_string();
    assert_eq!(fake.run("update-spec --from new.yaml"), Outcome::Failed);
    assert_eq!(fake.files, before);
    assert!(fake.stderr.contains("/components/schemas/Thing"), "{}", fake.stderr);
    assert!(fake.stderr.contains("cannot find type `Door`"), "{}", fake.stderr);
    fake.done("update-spec --from new.yaml --no-check");
    assert!(fake.text("spec/raw.rs").contains("pub struct SuspendThing"));
    // The current code was compiled before.
    fake.done("update-spec --check");
}

#[test]
fn our_own_broken_code_is_listed_place_by_place() {
    let mut fake = fresh();
    fake.put("new.yaml", &edited(&[("[ACTIVE, PENDING]", "[ACTIVE]")]));
    fake.put("tests/it/a.rs", &format!("{}static A: u8 = b();\nfn c() {{ d() }}\n", "// x\n".repeat(8)));
    fake.put("src/resources/things.rs", "use crate::Gone;\n\nfn first() {\n    second();\n}\n");
    let error = |file: &str, line: usize, message: &str| {
        let span = json!({"file_name": file, "line_start": line, "is_primary": true});
        json!({"message": {"level": "error", "message": message, "spans": [span]}}).to_string()
    };
    let inside = error("src/resources/things.rs", 4, "no variant `Pending`");
    fake.compiler = inside.clone();
    let elsewhere = error("/registry/other/src/lib.rs", 1, "theirs");
    // Function bodies are removed, and the next error shows; then the tests.
    fake.rounds = vec![
        format!("{inside}\n{elsewhere}"),
        error("tests/it/a.rs", 10, "no variant `Pending`"),
        error("tests/it/a.rs", 9, "no variant `Pending`"),
    ];
    fake.done("update-spec --from new.yaml");
    let section = "## Our own code that no longer compiles (3)\n\n\
                   - src/resources/things.rs:4: no variant `Pending`\n\
                   - tests/it/a.rs:9: no variant `Pending`\n- tests/it/a.rs:10: no variant `Pending`\n\n\
                   There may be more";
    assert!(fake.stdout.contains(section), "{}", fake.stdout);
    assert!(fake.ran.iter().any(|line| line.ends_with(" src/resources/things.rs tests/it/a.rs")));
}
