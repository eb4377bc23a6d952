//! Documents as the vendor really writes them: update-spec accepts them without a code change.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

mod support;

use serde_json::{Map, Value, json};
use support::{Fake, fixture, golden, repository};

#[test]
fn a_foreign_document_with_none_of_our_names_is_accepted() {
    let mut fake = Fake::with_spec(
        &fixture("fixtures/foreign.yaml"),
        "overlay: 1.0.0\ninfo: {title: t, version: 1.0.0}\nactions: []\n",
    );
    fake.done("update-spec --from spec/published.yaml");
    golden("foreign.md", &fake.stdout);
    let document = fake.json("spec/openapi.json");
    let paths = document["paths"].as_object().unwrap();
    for operation in
        paths.values().flat_map(|item| item.as_object().unwrap().values()).filter(|v| v.get("responses").is_some())
    {
        assert!(operation["operationId"].is_string());
    }
    assert_eq!(paths["/v2/backups"]["get"]["operationId"], "list_backups_v2");
    assert_eq!(paths["/v1/backups/{id}/restore"]["post"]["operationId"], "restore_backup");
}

/// Our document as the vendor would write it: its own texts, extensions, failures and spelling, but the same interface.
fn as_upstream(value: &Value, enums: &Map<String, Value>) -> Value {
    match value {
        Value::Object(map) => {
            let name = map.get("$ref").and_then(Value::as_str).and_then(|text| text.rsplit('/').next());
            // Enums are written inline where they are used.
            if let Some(schema) = name.and_then(|name| enums.get(name)).filter(|_| map.len() == 1) {
                return as_upstream(schema, enums);
            }
            let mut copy: Map<String, Value> =
                map.iter().map(|(key, value)| (key.clone(), as_upstream(value, enums))).collect();
            if copy.get("description").is_some_and(Value::is_string) {
                copy.insert("description".to_owned(), json!("Words: of *theirs*, `quoted`.\n\n```\nGET /x\n```\n"));
            }
            if copy.contains_key("responses") && !copy.contains_key("schemas") {
                copy.insert("x-internal".to_owned(), json!({"team": "control plane", "operationId": "nope"}));
                for status in ["400", "401", "404", "429", "500"] {
                    copy["responses"][status] = json!({"description": "Failed"});
                }
            }
            Value::Object(copy)
        }
        Value::Array(items) => Value::Array(items.iter().map(|item| as_upstream(item, enums)).collect()),
        other => other.clone(),
    }
}

#[test]
fn the_published_document_in_the_words_of_the_vendor_needs_no_new_rule() {
    let published = repository("spec/published.yaml");
    let document = xtask::document::read_openapi("published", published.as_bytes()).unwrap();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let enums = schemas.iter().filter(|(_, schema)| schema.get("enum").is_some());
    let upstream = as_upstream(&document, &enums.map(|(name, schema)| (name.clone(), schema.clone())).collect());
    assert!(!upstream.to_string().contains("operationId\":\"list"));
    let mut fake = Fake::with_spec(&published, &repository("spec/overlay.yaml"));
    fake.done("update-spec --from spec/published.yaml");
    let text = serde_saphyr::to_string(&upstream).unwrap();
    assert!(text.starts_with("components:"), "{}", &text[..80]);
    fake.put("upstream.yaml", &text);
    fake.done("update-spec --from upstream.yaml");
    let operations = xtask::naming::names(&fake.json("spec/openapi.json")).len();
    let report = &fake.stdout;
    assert!(!report.contains("## Name these") && !report.contains("do not fit"), "{report}");
    assert!(report.contains(&format!("With the overlay: {operations} operations")), "{report}");
    // Inlined enums become separate types; nothing else in the interface changed.
    let breaking = report.split("## Breaking").nth(1).map_or("", |rest| rest.split("##").next().unwrap());
    for line in breaking.lines().filter(|line| line.starts_with("- ")) {
        assert!(line.contains("and is a string") || line.contains("[schema-use-removed]"), "{line}");
    }
}

#[test]
fn generated_names_follow_our_own() {
    let document: Value = serde_json::from_str(&repository("spec/openapi.json")).unwrap();
    let named = xtask::naming::names(&document);
    let mut nameless = document.clone();
    for (path, method) in named.keys() {
        nameless["paths"][path][method].as_object_mut().unwrap().remove("operationId");
    }
    let made = xtask::naming::names(&nameless);
    let distinct: std::collections::BTreeSet<&String> = made.values().collect();
    assert_eq!(distinct.len(), made.len(), "two operations got one name");
    let same = named.iter().filter(|(key, id)| made[*key] == **id).count();
    assert!(same * 2 > named.len(), "only {same} of {} names are made as a person chose them", named.len());
}

#[test]
fn generated_names_read_well_and_are_stable() {
    let taken = |taken: &'static [&'static str]| move |name: &str| taken.contains(&name);
    for (method, path, others, name) in [
        ("get", "/v1/workspaceGroups", &[][..], "list_workspace_groups"),
        ("get", "/v1/workspaceGroups/{workspaceGroupID}", &[], "get_workspace_group"),
        ("patch", "/v1/workspaceGroups/{workspaceGroupID}", &[], "update_workspace_group"),
        ("put", "/v1/roles/{role}", &[], "replace_role"),
        ("post", "/v2/clusters/{clusterID}/suspend", &[], "suspend_cluster"),
        ("post", "/v2/clusters/{clusterID}/egress/startTableEgress", &[], "start_cluster_egress_table"),
        ("get", "/v1/organizations/current", &[], "get_current_organization"),
        ("get", "/v1/policies", &[], "list_policies"),
        ("get", "/v1/boxes/{id}", &[], "get_box"),
        ("get", "/v1/stage/{deploymentID}/fs/{path}", &[], "get_stage_file"),
        ("get", "/v2/jobs/{jobID}", &["get_job"], "get_job_v2"),
        ("get", "/v2/jobs/{jobID}", &["get_job", "get_job_v2"], "get_job_by_job_id"),
        ("get", "/v1/flow/{flowID}", &["get_flow"], "get_flow_by_flow_id"),
        ("get", "/v1/flow", &["get_flow"], "get_flow_2"),
        ("get", "/v1/{x}", &[], "get_root"),
        ("get", "/", &[], "get_root"),
    ] {
        assert_eq!(xtask::naming::operation_id(method, path, &taken(others)), name, "{method} {path}");
    }
}
