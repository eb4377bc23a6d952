//! What an update breaks in our own code is reported with file and line: constructed updates of the vendor's document, compiled.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

mod support;

use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use support::chain::set;
use support::repository;
use xtask::document::{read_openapi, to_text};
use xtask::host::Host;
use xtask::report::{Update, update_markdown};
use xtask::update_spec::{Options, perform};

/// The report of an update of the published document; nothing is written.
fn report(name: &str, edit: impl FnOnce(&mut Value)) -> (Update, String) {
    let mut document = read_openapi("published", repository("spec/published.yaml").as_bytes()).unwrap();
    edit(&mut document);
    let file = std::env::temp_dir().join(format!("xtask-own-code-{name}-{}.json", std::process::id()));
    std::fs::write(&file, to_text(&document)).unwrap();
    let mut host = Host::at(root());
    let from = file.to_string_lossy().into_owned();
    let options = Options { from: Some(&from), check: true, ..Options::default() };
    let result = perform(&options, &mut host);
    std::fs::remove_file(&file).unwrap();
    let update = result.unwrap_or_else(|failure| panic!("{}", failure.message));
    let text = update_markdown(&update);
    println!("{text}");
    (update, text)
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// `file:line` of the lines of a file that contain this text.
fn places(file: &str, text: &str) -> Vec<String> {
    let source = repository(file);
    let lines = source.lines().enumerate().filter(|(_, line)| line.contains(text) && !line.trim().starts_with("//"));
    let found: Vec<String> = lines.map(|(at, _)| format!("{file}:{}", at + 1)).collect();
    assert!(!found.is_empty(), "{file} has no {text}");
    found
}

#[test]
#[ignore = "compiles the crate with its tests; `cargo xtask ci compiles` runs it"]
fn a_removed_field_a_changed_type_and_a_new_parameter_are_reported_with_every_line() {
    let (update, text) = report("three", |document| {
        let properties = &mut document["components"]["schemas"]["Workspace"]["properties"];
        properties.as_object_mut().unwrap().remove("endpoint").unwrap();
        set(document, "/components/schemas/Region/properties/region/type", json!("integer"));
        let kind = json!({"in": "query", "name": "kind", "required": true, "schema": {"type": "string"}});
        set(document, "/paths/~1v1~1regions/get/parameters", json!([kind]));
    });
    for (file, line) in [
        // In the library, and in tests and examples that the compiler reaches only when the library compiles.
        ("src/resources/workspaces.rs", "workspace.endpoint.as_deref()"),
        ("src/resources/regions.rs", "ListRegions::new()"),
        ("src/sample.rs", "workspace.endpoint.is_some()"),
        ("tests/it/decoding.rs", "workspace.endpoint, None"),
        ("tests/it/waiters.rs", "suspended.endpoint, None"),
        ("examples/tenant_service.rs", "\"endpoint\": workspace.endpoint"),
    ] {
        for place in places(file, line) {
            assert!(text.contains(&format!("- {place}: ")), "{place} in\n{text}");
        }
    }
    assert!(update.broken.complete, "{text}");
    for rule in ["[property-removed]", "[type-changed]", "[parameter-added-required]"] {
        assert!(text.contains(rule), "{rule} in\n{text}");
    }
}

#[test]
#[ignore = "compiles the crate; `cargo xtask ci compiles` runs it"]
fn a_property_that_becomes_required_and_nullable_is_accepted() {
    let (update, text) = report("started", |document| {
        let required = &mut document["components"]["schemas"]["Execution"]["required"];
        required.as_array_mut().unwrap().push("startedAt".into());
    });
    assert!(update.broken.places.is_empty(), "{text}");
    assert!(text.contains("Execution"), "{text}");
}
