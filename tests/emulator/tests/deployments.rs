//! Workspace groups, workspaces and clusters behave like the service, quirks included.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

mod support;

use std::time::Duration;

use serde_json::{Value, json};
use singlestore_management_emulator::Emulator;
use support::{call, good, refusal, text};

fn get(emulator: &Emulator, target: &str) -> Value {
    good(emulator, "GET", target, Value::Null)
}

fn region(emulator: &Emulator) -> Value {
    emulator.items("region")[0]["regionID"].clone()
}

fn project(emulator: &Emulator) -> Value {
    emulator.items("project")[0]["projectID"].clone()
}

fn create_group(emulator: &Emulator, name: &str, ranges: Value) -> String {
    let body = json!({"name": name, "regionID": region(emulator), "firewallRanges": ranges});
    let made = good(emulator, "POST", "/v1/workspaceGroups", body);
    assert!(made["adminPassword"].is_string());
    text(&made, "workspaceGroupID")
}

fn cluster_body(emulator: &Emulator, name: &str) -> Value {
    json!({"name": name, "region": "us-east-1", "provider": "aws", "projectID": project(emulator), "sizeConfig": {"size": "S-00"}, "firewallRanges": ["0.0.0.0/0"]})
}

#[test]
fn a_group_becomes_active_and_its_firewall_lands_later() {
    let emulator = Emulator::start().unwrap();
    let id = create_group(&emulator, "tenants", json!(["2.0.0.0/8", "1.0.0.0/8"]));
    let target = format!("/v1/workspaceGroups/{id}");
    let states: Vec<Value> =
        (0..4).map(|_| get(&emulator, &target)).map(|group| json!([group["state"], group["firewallRanges"]])).collect();
    let landed = json!(["ACTIVE", ["1.0.0.0/8", "2.0.0.0/8"]]);
    assert_eq!(states, [json!(["PENDING", []]), json!(["PENDING", []]), json!(["ACTIVE", []]), landed]);

    let open = create_group(&emulator, "open", json!(["0.0.0.0/0"]));
    emulator.advance();
    let group = get(&emulator, &format!("/v1/workspaceGroups/{open}"));
    assert_eq!((&group["allowAllTraffic"], &group["firewallRanges"]), (&json!(true), &json!([])));
    good(&emulator, "PATCH", &target, json!({"firewallRanges": []}));
    assert_eq!(get(&emulator, &target)["firewallRanges"], json!(["1.0.0.0/8", "2.0.0.0/8"]));
    assert_eq!(get(&emulator, &target)["firewallRanges"], json!([]));
    assert_eq!(emulator.violations(), Vec::<String>::new());
}

#[test]
fn a_group_is_terminated_empty_or_by_force_and_stays_readable() {
    let emulator = Emulator::start().unwrap();
    let id = create_group(&emulator, "tenants", json!([]));
    let target = format!("/v1/workspaceGroups/{id}");
    assert_eq!(refusal(&emulator, "DELETE", &format!("{target}?force=true"), Value::Null).0, 409);
    emulator.advance();
    emulator.insert_workspace(json!({"name": "w", "workspaceGroupID": id})).unwrap();
    assert_eq!(refusal(&emulator, "DELETE", &target, Value::Null).0, 400);
    good(&emulator, "DELETE", &format!("{target}?force=true"), Value::Null);
    assert_eq!(get(&emulator, &target)["state"], "ACTIVE");
    let gone = get(&emulator, &target);
    assert_eq!(gone["state"], "TERMINATED");
    assert!(gone["terminatedAt"].is_string());
    let listed = |target: &str| get(&emulator, target).as_array().unwrap().len();
    assert_eq!(
        [
            listed("/v1/workspaceGroups"),
            listed("/v1/workspaceGroups"),
            listed("/v1/workspaceGroups?includeTerminated=true")
        ],
        [1, 0, 1]
    );
    assert_eq!((emulator.live_count("workspace"), emulator.live_count("workspace_group")), (0, 0));
}

#[test]
fn group_creation_fails_as_the_service_does() {
    let emulator = Emulator::start().unwrap();
    create_group(&emulator, "taken", json!([]));
    let body = |name: &str, more: Value| {
        let mut body = json!({"name": name, "regionID": region(&emulator), "firewallRanges": []});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let create = |body: Value| refusal(&emulator, "POST", "/v1/workspaceGroups", body);
    let (status, text) = create(body("taken", json!({})));
    assert_eq!((status, text.ends_with("already exists")), (500, true));
    assert_eq!(
        create(body("a", json!({"adminPassword": "short"}))),
        (400, "password must contain at least 14 characters".to_owned())
    );
    emulator.hold_creation_lock(1);
    let (status, text) = create(body("a", json!({})));
    assert!(
        status == 500
            && text.starts_with("error creating workspace group (a): could not acquire lock within duration [0, "),
        "{text}"
    );
    emulator.no_credits(true);
    assert_eq!(
        create(body("group", json!({}))),
        (403, "error creating workspace group (group): no active plan found for project".to_owned())
    );
    assert_eq!(create(json!({"name": "x"})), (400, "firewallRanges is required".to_owned()));
    assert_eq!(emulator.live_count("workspace_group"), 1);
}

#[test]
fn a_workspace_lives_through_create_resize_suspend_resume_and_terminate() {
    let emulator = Emulator::start().unwrap();
    let group = emulator.insert_workspace_group(json!({"name": "g"})).unwrap();
    let body = json!({"name": "etl", "workspaceGroupID": group, "autoSuspend": {"suspendType": "IDLE", "suspendAfterSeconds": 600}});
    let id = good(&emulator, "POST", "/v1/workspaces", body.clone())["workspaceID"].as_str().unwrap().to_owned();
    let (status, text) = refusal(&emulator, "POST", "/v1/workspaces", body);
    assert!(status == 500 && text.ends_with("already exists"));
    let target = format!("/v1/workspaces/{id}");
    let see = || {
        let seen = get(&emulator, &target);
        format!(
            "{} {} {}",
            seen["state"].as_str().unwrap(),
            seen["size"].as_str().unwrap(),
            seen["endpoint"].is_string()
        )
    };
    let look = |times: usize| (0..times).map(|_| see()).collect::<Vec<_>>();
    assert_eq!(look(4), ["PENDING S-00 false", "PENDING S-00 false", "ACTIVE S-00 false", "ACTIVE S-00 true"]);
    assert_eq!(get(&emulator, &target)["autoSuspend"], json!({"suspendType": "IDLE", "idleAfterSeconds": 600}));
    good(&emulator, "PATCH", &target, json!({"size": "S-2"}));
    assert_eq!(look(4), ["ACTIVE S-00 true", "PENDING S-00 true", "PENDING S-00 true", "ACTIVE S-2 true"]);
    good(&emulator, "POST", &format!("{target}/suspend"), Value::Null);
    assert_eq!(look(3), ["PENDING S-2 true", "PENDING S-2 true", "SUSPENDED S-2 false"]);
    assert_eq!(refusal(&emulator, "PATCH", &target, json!({"size": "S-4"})).0, 409);
    good(&emulator, "POST", &format!("{target}/resume"), json!({"disableAutoSuspend": true}));
    assert_eq!(look(4), ["PENDING S-2 false", "PENDING S-2 false", "ACTIVE S-2 false", "ACTIVE S-2 true"]);
    good(&emulator, "DELETE", &target, Value::Null);
    assert_eq!(look(2), ["ACTIVE S-2 true", "TERMINATED S-2 false"]);
    assert_eq!(emulator.violations(), Vec::<String>::new());
}

#[test]
fn unknown_and_malformed_ids_are_distinguished() {
    let emulator = Emulator::start().unwrap();
    let unknown = "00000000-0000-4000-8000-000000000000";
    assert_eq!(
        refusal(&emulator, "GET", &format!("/v2/clusters/{unknown}"), Value::Null),
        (404, "cluster not found".to_owned())
    );
    assert_eq!(
        refusal(&emulator, "GET", &format!("/v1/projects/{unknown}"), Value::Null),
        (404, "project not found".to_owned())
    );
    assert_eq!(refusal(&emulator, "GET", &format!("/v1/workspaces?workspaceGroupID={unknown}"), Value::Null).0, 404);
    assert_eq!(
        refusal(&emulator, "GET", "/v2/clusters/nonsense", Value::Null),
        (400, "uuid: incorrect UUID length".to_owned())
    );
    let (status, text) = refusal(&emulator, "GET", "/v1/workspaceGroups/nonsense", Value::Null);
    assert!(status == 400 && text.contains("UUID"));
    assert_eq!(refusal(&emulator, "GET", "/v1/workspaces", Value::Null).0, 400);
    assert_eq!(refusal(&emulator, "GET", "/v9/nothing", Value::Null).0, 404);
}

#[test]
fn cluster_creation_checks_in_the_order_of_the_service() {
    let emulator = Emulator::start().unwrap();
    let create = |body: Value| refusal(&emulator, "POST", "/v2/clusters", body);
    let bad = json!({"name": "Bad_Name", "region": "us-nowhere-1"});
    assert_eq!(
        create(json!({"bogusField": 1})),
        (400, "request body contains an unknown field \"bogusField\"".to_owned())
    );
    assert_eq!(create(json!({"name": "x"})), (400, "region is required".to_owned()));
    let steps = [
        ("projectID", project(&emulator), "projectID is required"),
        (
            "firewallRanges",
            json!([]),
            "firewallRanges cannot be null (indicate empty list [] to disallow all inbound traffic)",
        ),
        ("sizeConfig", json!({"size": "S-00"}), "sizeConfig is required"),
        ("name", json!("x".repeat(33)), "name: must be in a valid format"),
        ("name", json!("good"), "name: the length must be between 1 and 32"),
        ("provider", json!("AWS"), "invalid provider \"\"; value must be aws or azure or gcp"),
        ("region", json!("us-east-1"), "region us-nowhere-1 not found for provider AWS"),
    ];
    let mut body = bad;
    for (field, value, expected) in steps {
        assert_eq!(create(body.clone()), (400, expected.to_owned()));
        body[field] = value;
    }
    good(&emulator, "POST", "/v2/clusters", body);
}

#[test]
fn a_cluster_ignores_passwords_and_names_and_goes_through_pending() {
    let emulator = Emulator::start().unwrap();
    let mut body = cluster_body(&emulator, "c-1");
    body["adminPassword"] = json!("chosen");
    body["expiresAt"] = json!("3h30m");
    let made = good(&emulator, "POST", "/v2/clusters", body.clone());
    assert!(made["adminPassword"] != "chosen" && made["groupID"].is_string());
    let target = format!("/v2/clusters/{}", made["clusterID"].as_str().unwrap());
    let see = || {
        let seen = get(&emulator, &target);
        json!([seen["state"], seen["endpoint"].is_string(), seen["allowAllTraffic"]])
    };
    let states: Vec<Value> = (0..5).map(|_| see()).collect();
    let expected = [
        ("PENDING", false, json!(null)),
        ("PENDING", false, json!(null)),
        ("ACTIVE", false, json!(null)),
        ("ACTIVE", true, json!(null)),
        ("ACTIVE", true, json!(true)),
    ];
    assert_eq!(states, expected.map(|(state, endpoint, all)| json!([state, endpoint, all])));
    let seen = get(&emulator, &target);
    assert!(
        seen["expiresAt"].as_str().unwrap().ends_with(" +0000 UTC") && seen.get("terminatedAt").is_none(),
        "{seen}"
    );
    good(&emulator, "PATCH", &target, json!({"name": "renamed", "sizeConfig": {"size": "S-1"}}));
    let seen = get(&emulator, &target);
    assert_eq!(json!([seen["state"], seen["name"], seen["sizeConfig"]["size"]]), json!(["PENDING", "c-1", "S-00"]));
    emulator.advance();
    let seen = get(&emulator, &target);
    assert_eq!(json!([seen["state"], seen["name"], seen["sizeConfig"]["size"]]), json!(["ACTIVE", "c-1", "S-1"]));
    assert_eq!(refusal(&emulator, "PATCH", &target, json!({"kai": false})).0, 500);
    good(&emulator, "DELETE", &target, Value::Null);
    assert_eq!(get(&emulator, &target)["state"], "TERMINATING");
    emulator.advance();
    // The name is free again, and the terminated cluster is listed next to the live one.
    good(&emulator, "POST", "/v2/clusters", body);
    let names: Vec<Value> = get(&emulator, "/v2/clusters")
        .as_array()
        .unwrap()
        .iter()
        .map(|cluster| json!([cluster["name"], cluster["state"]]))
        .collect();
    assert_eq!(names, [json!(["c-1", "TERMINATED"]), json!(["c-1", "PENDING"])]);
}

#[test]
fn states_can_be_scripted_and_set() {
    let emulator = Emulator::start().unwrap();
    let group = emulator.insert_workspace_group(json!({"name": "g"})).unwrap();
    let target = format!("/v1/workspaceGroups/{group}");
    let script = ["PENDING", "ACTIVE", "PENDING", "ACTIVE"];
    assert!(emulator.script_states(&group, script));
    let seen: Vec<Value> = (0..5).map(|_| get(&emulator, &target)["state"].clone()).collect();
    assert_eq!(seen, ["PENDING", "ACTIVE", "PENDING", "ACTIVE", "ACTIVE"]);
    assert!(emulator.set_state(&group, "FAILED") && !emulator.set_state("nobody", "FAILED"));
    assert_eq!(get(&emulator, &target)["state"], "FAILED");
}

#[test]
fn fields_trim_responses_and_lists_are_whole() {
    let emulator = Emulator::start().unwrap();
    emulator.seed_workspace_groups(2_000);
    let groups = get(&emulator, "/v1/workspaceGroups?fields=name,state");
    let groups = groups.as_array().unwrap();
    assert_eq!((groups.len(), &groups[7]), (2_000, &json!({"name": "group-00007", "state": "ACTIVE"})));
}

#[test]
fn regions_projects_and_the_organization_have_their_shapes() {
    let emulator = Emulator::builder().organization("0b2d1f0e-0000-4000-8000-00000000abcd", "Acme").start().unwrap();
    assert!(get(&emulator, "/v1/regions")[0].get("regionName").is_none());
    assert!(get(&emulator, "/v2/regions")[0].get("regionID").is_none());
    assert_eq!(get(&emulator, "/v1/regions/sharedtier"), get(&emulator, "/v2/regions/sharedtier"));
    assert_eq!(get(&emulator, "/v2/organizations/current")["name"], "Acme");
    let id = good(&emulator, "POST", "/v1/projects", json!({"name": "Standard Project", "edition": "ENTERPRISE"}))
        ["projectID"]
        .as_str()
        .unwrap()
        .to_owned();
    good(&emulator, "PATCH", &format!("/v1/projects/{id}"), json!({"name": "Data"}));
    assert_eq!(get(&emulator, &format!("/v2/projects/{id}"))["name"], "Data");
    assert_eq!(get(&emulator, "/v1/projects"), get(&emulator, "/v2/projects"));
    good(&emulator, "DELETE", &format!("/v1/projects/{id}"), Value::Null);
    assert_eq!(emulator.live_count("project"), 1);
}

#[test]
fn lists_and_gets_can_lag_behind_creation() {
    let emulator = Emulator::builder().lists_behind(1).gets_behind(1).start().unwrap();
    let target = format!("/v1/workspaceGroups/{}", create_group(&emulator, "g", json!([])));
    assert_eq!(refusal(&emulator, "GET", &target, Value::Null).0, 404);
    assert_eq!(get(&emulator, &target)["state"], "PENDING");
    let listed = || get(&emulator, "/v1/workspaceGroups").as_array().unwrap().len();
    assert_eq!([listed(), listed()], [0, 1]);
}

#[test]
fn deployments_can_become_ready_by_time_and_never_by_polls() {
    let emulator = Emulator::builder().polls_until_ready(u32::MAX).ready_after(Duration::ZERO).start().unwrap();
    let target = format!("/v1/workspaceGroups/{}", create_group(&emulator, "g", json!(["1.0.0.0/8"])));
    assert_eq!(get(&emulator, &target)["firewallRanges"], json!(["1.0.0.0/8"]));
    let emulator = Emulator::builder().polls_until_ready(u32::MAX).start().unwrap();
    let made = good(&emulator, "POST", "/v2/clusters", cluster_body(&emulator, "c"));
    let target = format!("/v2/clusters/{}", text(&made, "clusterID"));
    assert_eq!(get(&emulator, &target)["state"], "PENDING");
    // A refused termination counts as a poll, and goes through once the deployment is ready.
    assert_eq!(refusal(&emulator, "DELETE", &target, Value::Null).0, 409);
    emulator.advance();
    good(&emulator, "DELETE", &target, Value::Null);
}

#[test]
fn new_deployments_can_flap_and_fail() {
    let emulator = Emulator::builder().polls_until_ready(1).flaps(2).start().unwrap();
    let target = format!("/v1/workspaceGroups/{}", create_group(&emulator, "g", json!([])));
    let seen: Vec<String> = (0..7).map(|_| text(&get(&emulator, &target), "state")).collect();
    assert_eq!(seen, ["PENDING", "ACTIVE", "PENDING", "ACTIVE", "PENDING", "ACTIVE", "ACTIVE"]);
    emulator.fail_creations(1);
    let states: Vec<String> = ["bad", "good"]
        .iter()
        .map(|name| format!("/v1/workspaceGroups/{}", create_group(&emulator, name, json!([]))))
        .map(|target| (0..8).fold(String::new(), |_, _| text(&get(&emulator, &target), "state")))
        .collect();
    assert_eq!(states, ["FAILED", "ACTIVE"]);
}

#[test]
fn the_service_clock_may_be_wrong_and_dates_may_be_missing() {
    let created = |emulator: &Emulator| {
        let id = create_group(emulator, "dated", json!([]));
        let group = get(emulator, &format!("/v1/workspaceGroups/{id}"));
        group["createdAt"].as_str().unwrap().to_owned()
    };
    let date = |emulator: &Emulator| {
        let reply = support::call(emulator, "GET", "/v1/regions", Value::Null);
        reply.header("date").map(|date| httpdate::parse_http_date(date).unwrap())
    };
    let now = std::time::SystemTime::now();
    let year = Duration::from_secs(365 * 86_400);
    let emulator = Emulator::builder().clock_offset(-2 * 365 * 86_400).start().unwrap();
    assert!(date(&emulator).unwrap() < now - year, "the header follows the clock");
    let present = created(&Emulator::start().unwrap());
    let past = created(&emulator);
    assert!(past < present && past[..3] == present[..3], "{past} {present}");
    let emulator = Emulator::builder().created_at_offset(2 * 365 * 86_400).without_date().start().unwrap();
    assert_eq!(date(&emulator), None);
    assert!(created(&emulator) > present);
}

#[test]
fn lists_of_starters_lag_like_the_others() {
    let emulator = Emulator::builder().lists_behind(1).start().unwrap();
    let body = json!({"name": "s", "databaseName": "d", "provider": "AWS", "regionName": "us-east-1"});
    good(&emulator, "POST", "/v1/sharedtier/virtualWorkspaces", body);
    let listed = || get(&emulator, "/v1/sharedtier/virtualWorkspaces").as_array().unwrap().len();
    assert_eq!([listed(), listed()], [0, 1]);
}

#[test]
fn lists_can_be_out_of_date() {
    let emulator = Emulator::start().unwrap();
    let id = emulator.insert_workspace_group(json!({"name": "old", "state": "TERMINATED"})).unwrap();
    emulator.list_as(&id, "ACTIVE");
    let listed = get(&emulator, "/v1/workspaceGroups");
    assert_eq!((listed[0]["state"].clone(), listed[0]["terminatedAt"].clone()), (json!("ACTIVE"), Value::Null));
    assert_eq!(get(&emulator, &format!("/v1/workspaceGroups/{id}"))["state"], "TERMINATED");
}

#[test]
fn a_running_workspace_settles_its_group() {
    let emulator = Emulator::builder().polls_until_ready(3).start().unwrap();
    let region = good(&emulator, "GET", "/v1/regions", Value::Null)[0]["regionID"].clone();
    let group =
        good(&emulator, "POST", "/v1/workspaceGroups", json!({"name": "g", "regionID": region, "firewallRanges": []}));
    let group = support::text(&group, "workspaceGroupID");
    assert_eq!(refusal(&emulator, "DELETE", &format!("/v1/workspaceGroups/{group}"), Value::Null).0, 409);
    let workspace = good(&emulator, "POST", "/v1/workspaces", json!({"name": "w", "workspaceGroupID": group}));
    let target = format!("/v1/workspaces/{}", support::text(&workspace, "workspaceID"));
    while good(&emulator, "GET", &target, Value::Null)["state"] != "ACTIVE" {}
    good(&emulator, "DELETE", &format!("/v1/workspaceGroups/{group}?force=true"), Value::Null);
}

#[test]
fn lists_lag_for_a_time() {
    let emulator = Emulator::builder().lists_behind_for(std::time::Duration::from_secs(60)).start().unwrap();
    let region = good(&emulator, "GET", "/v1/regions", Value::Null)[0]["regionID"].clone();
    good(&emulator, "POST", "/v1/workspaceGroups", json!({"name": "g", "regionID": region, "firewallRanges": []}));
    let count = || good(&emulator, "GET", "/v1/workspaceGroups", Value::Null).as_array().unwrap().len();
    assert_eq!((count(), count()), (0, 0));
    emulator.advance_time(std::time::Duration::from_secs(61));
    assert_eq!(count(), 1);
}

#[test]
fn an_export_belongs_to_its_group() {
    let emulator = Emulator::start().unwrap();
    let [group, other] = ["g", "h"].map(|name| emulator.insert_workspace_group(json!({"name": name})).unwrap());
    let of = |group: &str, verb: &str| format!("/v1/workspaceGroups/{group}/egress/{verb}");
    let body = json!({"databaseName": "d", "tableName": "t", "catalogInfo": {}, "storageInfo": {}});
    let made = good(&emulator, "POST", &of(&group, "startTableEgress"), body);
    let export = json!({"egressID": made["egressID"]});
    let status = |group: &str, query: Value| good(&emulator, "GET", &of(group, "tableEgressStatus"), query);
    assert_eq!(call(&emulator, "POST", &of(&group, "suspendTableEgress"), export.clone()).status, 200);
    assert_eq!(status(&group, export.clone())["status"], "Suspended");
    assert_eq!(status(&group, json!({"scope": "all"})).as_array().unwrap().len(), 1);
    assert_eq!(status(&other, json!({"scope": "all"})), json!([]));
    assert_eq!(refusal(&emulator, "DELETE", &of(&other, "dropTableEgress"), export.clone()).0, 404);
    assert_eq!(call(&emulator, "DELETE", &of(&group, "dropTableEgress"), export.clone()).status, 200);
    assert_eq!(refusal(&emulator, "GET", &of(&group, "tableEgressStatus"), export).0, 404);
}
