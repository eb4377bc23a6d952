//! Reads a response of every operation, made from the document, and every response with a part of it missing.

use serde_json::Value;
use singlestore_management_emulator::Spec;

use super::every_operation::samples;
use crate::{OPERATIONS, SPEC_JSON};

/// The JSON that the document says an operation responds with.
fn samples() -> Vec<(&'static str, Value)> {
    let spec = Spec::load().unwrap();
    let document: Value = serde_json::from_str(SPEC_JSON).unwrap();
    let mut found = Vec::new();
    for operation in OPERATIONS {
        let method = operation.method.to_ascii_lowercase();
        let responses = &document["paths"][operation.path][&method]["responses"];
        for (_, response) in responses.as_object().unwrap().iter().filter(|(status, _)| status.starts_with('2')) {
            let response = match response["$ref"].as_str() {
                Some(reference) => document.pointer(&reference[1..]).unwrap(),
                None => response,
            };
            if let Some(schema) = response.pointer("/content/application~1json/schema") {
                found.push((operation.id, spec.sample(schema)));
            }
        }
    }
    found
}

/// The pointers of all properties of a value, including nested ones.
fn properties(value: &Value, pointer: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (name, inner) in map {
                let pointer = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
                properties(inner, &pointer, found);
                found.push(pointer);
            }
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| properties(item, &format!("{pointer}/{index}"), found));
        }
        _ => {}
    }
}

/// What distinguishes a resource from the others, or is all that a response says: without it there is nothing to return.
const IDENTITY: &[&str] = &[
    "name",
    "cloudFunctionID",
    "cloudPrincipalID",
    "clusterID",
    "egressID",
    "executionID",
    "flowID",
    "invitationID",
    "jobID",
    "orgID",
    "privateConnectionID",
    "projectID",
    "regionID",
    "secretID",
    "serviceAccountID",
    "serviceID",
    "teamID",
    "userID",
    "virtualClusterID",
    "virtualWorkspaceID",
    "workspaceGroupID",
    "workspaceID",
    // These have other names.
    "role",
    "permission",
    "region",
    "regionName",
    "databaseName",
    "entity",
    "identity",
    "jwt",
    "secret",
    "id",
];

fn without(sample: &Value, pointer: &str, change: impl FnOnce(&mut serde_json::Map<String, Value>, &str)) -> Vec<u8> {
    let mut value = sample.clone();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let name = name.replace("~1", "/").replace("~0", "~");
    change(value.pointer_mut(parent).unwrap().as_object_mut().unwrap(), &name);
    serde_json::to_vec(&value).unwrap()
}

#[test]
fn a_missing_or_null_property_other_than_the_identity_does_not_fail_a_response() {
    let (mut wrong, mut tried) = (Vec::new(), 0);
    for (id, sample) in samples() {
        samples::read(id, sample.to_string().as_bytes()).unwrap_or_else(|error| panic!("{id}: {error}: {sample}"));
        let mut pointers = Vec::new();
        properties(&sample, "", &mut pointers);
        for pointer in pointers {
            let name = pointer.rsplit('/').next().unwrap_or_default();
            if IDENTITY.contains(&name) {
                continue;
            }
            let mut try_it = |what: &str, body: Vec<u8>| {
                tried += 1;
                if let Err(error) = samples::read(id, &body) {
                    wrong.push(format!("{id}: {pointer} {what}: {error}"));
                }
            };
            try_it("missing", without(&sample, &pointer, |map, name| drop(map.remove(name))));
            try_it("null", without(&sample, &pointer, |map, name| drop(map.insert(name.into(), Value::Null))));
        }
    }
    assert!(tried > 1500, "only {tried} were tried");
    assert!(wrong.is_empty(), "{} of {tried} fail:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_id_of_another_resource_is_not_needed() {
    for (id, names) in [
        ("get_workspace", &["workspaceGroupID"][..]),
        ("get_cluster", &["groupID", "projectID"]),
        ("list_job_executions", &["jobID"]),
        ("get_inference_api", &["projectID"]),
        ("list_user_identity_roles", &["resourceID"]),
        ("get_role", &["userID"]),
        ("get_virtual_workspace", &["projectID"]),
        ("list_workspace_groups", &["regionID", "projectID"]),
    ] {
        let sample = samples().into_iter().find(|(other, _)| *other == id).unwrap_or_else(|| panic!("{id}")).1;
        let mut pointers = Vec::new();
        properties(&sample, "", &mut pointers);
        for name in names {
            let mut found = pointers.iter().filter(|pointer| pointer.rsplit('/').next() == Some(name)).peekable();
            assert!(found.peek().is_some(), "{id} has no {name}");
            for pointer in found {
                for (what, body) in [
                    ("missing", without(&sample, pointer, |map, name| drop(map.remove(name)))),
                    ("null", without(&sample, pointer, |map, name| drop(map.insert(name.into(), Value::Null)))),
                    ("blank", without(&sample, pointer, |map, name| drop(map.insert(name.into(), " ".into())))),
                ] {
                    assert!(samples::read(id, &body).is_ok(), "{id}: {pointer} {what}: {:?}", samples::read(id, &body));
                }
            }
        }
    }
}

#[test]
fn a_list_that_was_never_created_is_empty() {
    let lists: Vec<_> = samples().into_iter().filter(|(_, sample)| sample.is_array()).collect();
    assert!(lists.len() >= 39, "{}", lists.len());
    let wrong: Vec<_> = lists.iter().filter_map(|(id, _)| Some((id, samples::read(id, b" null\n").err()?))).collect();
    assert!(wrong.is_empty(), "{} of {}: {wrong:?}", wrong.len(), lists.len());
}

/// A state, a kind or a provider that is missing, null or has blanks around it.
#[test]
fn an_enum_value_may_have_blanks_or_be_missing() {
    use crate::types::{Workspace, WorkspaceState};
    let read = |state: Value| {
        let mut json = serde_json::json!({"name": "n", "workspaceID": "3f2504e0-4f89-41d3-9a0c-0305e82c3301"});
        json["state"] = state;
        serde_json::from_value::<Workspace>(json).unwrap().state
    };
    assert_eq!(read(" ACTIVE ".into()), WorkspaceState::Active);
    assert_eq!(read("active\n".into()), WorkspaceState::Active);
    assert_eq!(read(Value::Null), WorkspaceState::Unrecognized("".into()));
    assert_eq!(read(" NEW ".into()), WorkspaceState::Unrecognized(" NEW ".into()), "kept as it was sent");
}
