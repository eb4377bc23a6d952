//! Every operation responds, minimal and full, with a response that fits the interface document.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

mod support;

use serde_json::{Value, json};
use singlestore_management_emulator::{Emulator, Operation, Spec};
use support::try_call;

fn calls_all(full: bool) {
    let spec = Spec::load().unwrap();
    let emulator = Emulator::builder().stateless().start().unwrap();
    let mut problems = Vec::new();
    for operation in spec.operations() {
        let request = spec.sample_request(operation, full);
        let kind = request.content_type.clone().unwrap_or_default();
        let reply = try_call(
            &emulator,
            &request.method,
            &request.target(),
            &[("Content-Type", &kind)],
            &request.body.unwrap_or_default(),
        )
        .unwrap();
        if !(200..400).contains(&reply.status) {
            problems.push(format!("{}: {} {}", operation.id, reply.status, reply.text()));
            continue;
        }
        problems.extend(
            spec.validate_response(operation, reply.status, &reply.body)
                .iter()
                .map(|problem| format!("{}: {problem}", operation.id)),
        );
    }
    problems.extend(emulator.violations());
    assert_eq!(problems, Vec::<String>::new());
    let matched: Vec<Option<String>> = emulator.requests().into_iter().map(|request| request.operation).collect();
    let expected: Vec<Option<String>> = spec.operations().iter().map(|operation| Some(operation.id.clone())).collect();
    assert_eq!(matched, expected);
    assert!(matched.len() >= 184, "only {} operations are known", matched.len());
}

#[test]
fn all_operations_respond_to_minimal_requests_with_what_the_document_promises() {
    calls_all(false);
}

#[test]
fn all_operations_respond_to_full_requests_with_what_the_document_promises() {
    calls_all(true);
}

fn filled(spec: &Spec, schema: &Value, value: &Value, place: &str, empty: &mut Vec<String>) {
    let properties = schema.get("properties").and_then(Value::as_object);
    for name in properties.into_iter().flat_map(|properties| properties.keys()) {
        if value.get(name).is_none() {
            empty.push(format!("{place}.{name}"));
        }
    }
    assert!(spec.validate(schema, value).is_empty(), "{place}: {value}");
}

#[test]
fn samples_fill_every_property_and_are_the_same_each_time() {
    let spec = Spec::load().unwrap();
    let document: Value = serde_json::from_str(singlestore_management_emulator::spec::document()).unwrap();
    let mut empty = Vec::new();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        let reference = json!({"$ref": format!("#/components/schemas/{name}")});
        let sample = spec.sample(&reference);
        assert_eq!(sample, spec.sample(&reference));
        filled(spec, schema, &sample, name, &mut empty);
    }
    assert_eq!(empty, Vec::<String>::new());
}

#[test]
fn literal_segments_come_before_parameters_and_slashes_may_be_encoded_or_not() {
    let spec = Spec::load().unwrap();
    let id = |method: &str, path: &str| spec.route(method, path).map(|found| found.operation.id.clone());
    let paths = |path: &str| spec.route("GET", path).unwrap().parameters.last().unwrap().1.clone();
    assert_eq!(id("GET", "/v1/users/current").unwrap(), "get_current_user");
    assert_eq!(id("GET", "/v1/jobs/runtimes").unwrap(), "list_job_runtimes");
    assert_eq!(id("GET", "/v1/stage/x/fs/").unwrap(), "list_stage_files");
    assert_eq!(id("GET", "/v2/clusters/x/stage/fs").unwrap(), "list_cluster_stage_files");
    assert_eq!(paths("/v1/stage/x/fs/a%2Fb%20c/"), "a/b c/");
    assert_eq!(paths("/v1/stage/x/fs/a/b/c.txt"), "a/b/c.txt");
    assert!(id("GET", "//v1/regions").is_err() && id("PUT", "/v1/regions").is_err());
    let bodies = |operation: &Operation| operation.body.is_some();
    assert!(spec.operations().iter().filter(|operation| bodies(operation)).count() >= 60);
}

#[test]
fn the_document_of_the_package_is_the_document_of_the_client() {
    let client = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec/openapi.json");
    let client = std::fs::read_to_string(client).unwrap();
    assert!(client.len() > 10_000 && client == singlestore_management_emulator::spec::document());
}
