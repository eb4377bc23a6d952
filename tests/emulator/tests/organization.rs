//! People, secrets, jobs and everything else that is not a deployment.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

mod support;

use serde_json::{Value, json};
use singlestore_management_emulator::{Emulator, Spec};
use support::{call, good, refusal, text, try_call};

#[test]
fn starters_and_their_users_are_the_same_in_both_versions() {
    let emulator = Emulator::start().unwrap();
    let body = |provider: &str, region: &str| json!({"name": "STARTER_x-", "databaseName": "d", "provider": provider, "regionName": region});
    let refused = |body: Value| refusal(&emulator, "POST", "/v2/sharedtier/virtualClusters", body);
    assert_eq!(refused(body("aws", "us-east-1")), (500, "Unspecified is not a valid CloudServiceProvider".to_owned()));
    let (status, message) = refused(body("AWS", "us-east-2"));
    assert!(status == 500 && message.ends_with("no shared tier region found for provider AWS and region us-east-2"));
    let id = text(
        &good(&emulator, "POST", "/v1/sharedtier/virtualWorkspaces", body("AWS", "us-east-1")),
        "virtualWorkspaceID",
    );
    let target = format!("/v2/sharedtier/virtualClusters/{id}");
    assert_eq!(good(&emulator, "GET", &target, Value::Null)["virtualClusterID"], id);
    let user = text(&good(&emulator, "POST", &format!("{target}/users"), json!({"userName": "u"})), "userID");
    assert_eq!(refusal(&emulator, "POST", &format!("{target}/users"), json!({"userName": "u"})).0, 500);
    assert_eq!(
        good(&emulator, "PATCH", &format!("{target}/users/{user}"), json!({"password": "Abdgkmpsvxz-72"})),
        true
    );
    assert_eq!(good(&emulator, "DELETE", &format!("{target}/users/{user}"), Value::Null), true);
    assert_eq!(good(&emulator, "DELETE", &target, Value::Null), true);
    assert_eq!(good(&emulator, "GET", "/v1/sharedtier/virtualWorkspaces", Value::Null), json!([]));
}

#[test]
fn secrets_are_wrapped_and_show_values_by_name_only() {
    let emulator = Emulator::start().unwrap();
    let made = good(&emulator, "POST", "/v2/secrets", json!({"name": "key_1", "value": "v"}));
    let target = format!("/v1/secrets/{}", text(&made["secret"], "secretID"));
    assert!(good(&emulator, "GET", "/v1/secrets", Value::Null)["secrets"][0].get("value").is_none());
    assert_eq!(good(&emulator, "GET", "/v2/secrets?name=key_1", Value::Null)["secrets"][0]["value"], "v");
    assert_eq!(good(&emulator, "PATCH", &target, json!({"value": "w"}))["value"], "w");
    assert_eq!(refusal(&emulator, "POST", "/v1/secrets", json!({"name": "key-1", "value": "v"})).0, 400);
    assert_eq!(refusal(&emulator, "POST", "/v1/secrets", json!({"name": "key_1", "value": "v"})).0, 500);
    good(&emulator, "DELETE", &target, Value::Null);
    assert_eq!(refusal(&emulator, "GET", &target, Value::Null).0, 404);
}

#[test]
fn people_join_teams_and_get_roles() {
    let emulator = Emulator::start().unwrap();
    let me = text(&good(&emulator, "GET", "/v1/users/current", Value::Null), "userID");
    assert_eq!(good(&emulator, "POST", "/v1/users", json!({"email": "ann@example.com"})), Value::Null);
    assert_eq!(good(&emulator, "GET", "/v1/users?email=%5Eann", Value::Null).as_array().unwrap().len(), 1);
    let team = text(&good(&emulator, "POST", "/v1/teams", json!({"name": "data"})), "teamID");
    let target = format!("/v1/teams/{team}");
    good(&emulator, "PATCH", &target, json!({"addMemberUserIDs": [me], "addMemberUserEmails": ["ann@example.com"]}));
    good(&emulator, "PATCH", &target, json!({"removeMemberUserIDs": [me]}));
    assert_eq!(good(&emulator, "GET", &target, Value::Null)["memberUsers"][0]["email"], "ann@example.com");
    assert_eq!(refusal(&emulator, "PATCH", &target, json!({"addMemberUserEmails": ["nobody@example.com"]})).0, 404);

    let group = emulator.insert_workspace_group(json!({"name": "g"})).unwrap();
    let access = format!("/v1/workspaceGroups/{group}/accessControls");
    let grant = json!([{"role": "Reader", "users": [me], "teams": [team]}]);
    assert_eq!(good(&emulator, "PATCH", &access, json!({"grants": grant, "revokes": []})), Value::Null);
    let roles = good(&emulator, "GET", &access, Value::Null);
    let reader = roles.as_array().unwrap().iter().find(|role| role["role"] == "Reader").unwrap();
    assert_eq!(reader["grants"].as_array().unwrap().len(), 2);
    let mine = format!("/v1/users/{me}/identityRoles");
    assert_eq!(
        good(&emulator, "GET", &mine, Value::Null),
        json!([{"resourceType": "Cluster", "resourceID": group, "role": "Reader"}])
    );
    good(&emulator, "PATCH", &access, json!({"grants": [], "revokes": grant}));
    assert_eq!(good(&emulator, "GET", &mine, Value::Null), json!([]));

    let invitation =
        text(&good(&emulator, "POST", "/v1/invitations", json!({"email": "bob@example.com"})), "invitationID");
    good(&emulator, "DELETE", &format!("/v1/invitations/{invitation}"), Value::Null);
    assert_eq!(good(&emulator, "GET", &format!("/v1/invitations/{invitation}"), Value::Null)["state"], "Revoked");
    assert_eq!(good(&emulator, "GET", "/v1/invitations?state=Pending", Value::Null), json!([]));
}

#[test]
fn custom_roles_can_be_replaced_and_built_in_ones_cannot() {
    let emulator = Emulator::start().unwrap();
    let role = json!({"role": "Nurse On Call", "inherits": [], "permissions": ["View Cluster"]});
    good(&emulator, "POST", "/v1/roles/Cluster", role);
    let target = "/v1/roles/Cluster/Nurse%20On%20Call";
    good(&emulator, "PUT", target, json!({"inherits": [], "permissions": []}));
    assert_eq!(good(&emulator, "GET", target, Value::Null)["permissions"], json!([]));
    assert_eq!(good(&emulator, "DELETE", target, Value::Null), true);
    assert_eq!(refusal(&emulator, "DELETE", "/v1/roles/Cluster/Owner", Value::Null).0, 400);
    let permissions = json!([{"resourceType": "Cluster", "permissions": ["View Cluster"]}]);
    let made =
        good(&emulator, "POST", "/v2/authorization/roles", json!({"role": "custom", "permissions": permissions}));
    assert_eq!(made["permissions"], permissions);
    assert_eq!(good(&emulator, "GET", "/v2/authorization/roles", Value::Null).as_array().unwrap().len(), 5);
}

#[test]
fn a_job_runs_once_and_stays_readable_after_its_deletion() {
    let emulator = Emulator::start().unwrap();
    let parameters = json!([{"name": "n", "type": "integer", "value": "1"}]);
    let body = json!({"executionConfig": {"notebookPath": "n.ipynb", "createSnapshot": false}, "schedule": {"mode": "Once"}, "parameters": parameters});
    let made = good(&emulator, "POST", "/v1/jobs", body);
    assert_eq!(json!([made["name"], made["targetConfig"], made["jobMetadata"]]), json!([null, null, []]));
    let target = format!("/v2/jobs/{}", text(&made, "jobID"));
    let counts: Vec<Value> =
        (0..3).map(|_| good(&emulator, "GET", &target, Value::Null)["completedExecutionsCount"].clone()).collect();
    assert_eq!(counts, [0, 0, 1]);
    let executions = good(&emulator, "GET", &format!("{target}/executions?start=1&end=9"), Value::Null);
    assert_eq!(executions["executions"].as_array().unwrap().len(), 1);
    assert_eq!(good(&emulator, "GET", &format!("{target}/parameters"), Value::Null), parameters);
    assert_eq!(good(&emulator, "DELETE", &target, Value::Null), true);
    assert!(good(&emulator, "GET", &target, Value::Null)["terminatedAt"].is_string());
}

#[test]
fn connections_and_flows_are_ready_later_than_reported() {
    let emulator = Emulator::builder().polls_until_ready(0).start().unwrap();
    let group = emulator.insert_workspace_group(json!({"name": "g"})).unwrap();
    let workspace = emulator.insert_workspace(json!({"name": "w", "workspaceGroupID": group})).unwrap();
    assert_eq!(
        refusal(&emulator, "POST", "/v1/privateConnections", json!({"workspaceGroupID": group, "type": "OUTBOUND"})).0,
        400
    );
    let body = json!({"workspaceGroupID": group, "workspaceID": workspace, "allowList": "a"});
    let target = format!(
        "/v1/privateConnections/{}",
        text(&good(&emulator, "POST", "/v1/privateConnections", body), "privateConnectionID")
    );
    assert_eq!(good(&emulator, "GET", &target, Value::Null)["status"], "ACTIVE");
    good(&emulator, "PATCH", &target, json!({"allowList": "b"}));
    let lists: Vec<Value> = (0..2).map(|_| good(&emulator, "GET", &target, Value::Null)["allowList"].clone()).collect();
    assert_eq!(lists, ["a", "b"]);
    assert_eq!(
        good(
            &emulator,
            "GET",
            &format!("/v1/workspaces/{workspace}/privateConnections?workspaceGroupID={group}"),
            Value::Null
        )
        .as_array()
        .unwrap()
        .len(),
        1
    );
    good(&emulator, "DELETE", &target, Value::Null);
    assert!(good(&emulator, "GET", &target, Value::Null)["error"].is_string());

    let flow = json!({"name": "f", "workspaceID": workspace, "userName": "u", "databaseName": "d"});
    let target = format!("/v1/flow/{}", text(&good(&emulator, "POST", "/v1/flow", flow), "flowID"));
    let seen: Vec<Value> = (0..2)
        .map(|_| good(&emulator, "GET", &target, Value::Null))
        .map(|flow| json!([flow["status"], flow["userName"]]))
        .collect();
    assert_eq!(seen, [json!(["Running", "unknown"]), json!(["Running", "u"])]);
    let (_, message) = refusal(&emulator, "GET", "/v1/flow/00000000-0000-4000-8000-000000000000", Value::Null);
    assert!(message.contains("failed to get flow connector"));
}

#[test]
fn audit_logs_and_cloud_functions_come_in_pages() {
    let emulator = Emulator::start().unwrap();
    emulator.seed_audit_logs(5);
    let mut target = "/v1/auditLogs?limit=2".to_owned();
    let mut sizes = Vec::new();
    for _ in 0..4 {
        let page = good(&emulator, "GET", &target, Value::Null);
        sizes.push(page["auditLogs"].as_array().unwrap().len());
        target = format!("/v1/auditLogs?limit=2&nextToken={}", text(&page, "nextToken"));
    }
    assert_eq!(sizes, [2, 2, 1, 0]);
    let newest = good(&emulator, "GET", "/v1/auditLogs?limit=1&sortByDescending=true", Value::Null);
    assert_eq!(newest["auditLogs"][0]["reason"], "event 4");
    assert_eq!(good(&emulator, "GET", "/v1/auditLogs?source=Admin", Value::Null)["auditLogs"], json!([]));

    for name in ["a", "b", "c"] {
        good(&emulator, "POST", "/v1/cloudfunctions", json!({"name": name, "image": "i"}));
    }
    assert_eq!(refusal(&emulator, "POST", "/v1/cloudfunctions", json!({"name": "d"})).0, 400);
    let first = good(&emulator, "GET", "/v1/cloudfunctions?limit=2", Value::Null);
    let last = text(&first["cloudFunctions"][1], "serviceID");
    let second = good(&emulator, "GET", &format!("/v1/cloudfunctions?limit=2&offsetID={last}"), Value::Null);
    assert_eq!(
        json!([first["metadata"]["hasNextPage"], second["metadata"]]),
        json!([true, {"count": 1, "totalCount": 3, "hasNextPage": false, "hasPreviousPage": true}])
    );
    let target = format!("/v1/cloudfunctions/{last}");
    assert_eq!(
        refusal(&emulator, "PATCH", &format!("{target}?lastKnownUpdatedAt=2020-01-01T00:00:00Z"), json!({"name": "z"}))
            .0,
        409
    );
    assert_eq!(good(&emulator, "DELETE", &target, Value::Null)["status"], "Deleted");
}

#[test]
fn entities_are_delegated_and_removed_with_a_207() {
    let emulator = Emulator::start().unwrap();
    let group = emulator.insert_workspace_group(json!({"name": "g"})).unwrap();
    let target = format!("/v1/workspaceGroups/{group}/delegatedEntities");
    good(&emulator, "POST", &target, json!({"entities": ["a", "b", "c"]}));
    let reply = try_call(&emulator, "DELETE", &format!("{target}?entities=a,x"), &[], b"").unwrap();
    assert_eq!((reply.status, reply.json()), (207, json!({"deleted": ["a"], "failed": ["x"]})));
    assert_eq!(call(&emulator, "DELETE", &target, json!({"entities": ["b"]})).json()["deleted"], json!(["b"]));
    let left = good(&emulator, "GET", &target, Value::Null);
    assert_eq!(json!([left.as_array().unwrap().len(), left[0]["entity"]]), json!([1, "c"]));
}

#[test]
fn exports_take_bodies_with_get_and_delete() {
    let emulator = Emulator::builder().polls_until_ready(0).start().unwrap();
    let cluster = emulator.insert_cluster(json!({"name": "c"})).unwrap();
    let target = |verb: &str| format!("/v2/clusters/{cluster}/egress/{verb}");
    let start = json!({"databaseName": "d", "tableName": "t", "storageInfo": {}, "catalogInfo": {}});
    let export = json!({"egressID": good(&emulator, "POST", &target("startTableEgress"), start)["egressID"]});
    assert_eq!(good(&emulator, "GET", &target("tableEgressStatus"), export.clone())["status"], "Running");
    good(&emulator, "POST", &target("suspendTableEgress"), export.clone());
    assert_eq!(good(&emulator, "GET", &target("tableEgressStatus"), json!({"scope": "all"}))[0]["status"], "Suspended");
    good(&emulator, "DELETE", &target("dropTableEgress"), export.clone());
    assert_eq!(refusal(&emulator, "POST", &target("resumeTableEgress"), export).0, 404);
}

#[test]
fn storage_dr_is_set_up_and_fails_over() {
    let emulator = Emulator::start().unwrap();
    let group = emulator.insert_workspace_group(json!({"name": "g"})).unwrap();
    let target = |verb: &str| format!("/v1/workspaceGroups/{group}/storage/DR/{verb}");
    let region = good(&emulator, "GET", &target("regions"), Value::Null)[0]["regionID"].clone();
    assert_eq!(refusal(&emulator, "PATCH", &target("failover"), Value::Null).0, 400);
    good(&emulator, "POST", &target("setup"), json!({"regionID": region, "databaseNames": ["d"]}));
    good(&emulator, "PATCH", &target("failover"), Value::Null);
    assert_eq!(refusal(&emulator, "PATCH", &target("failback"), Value::Null).0, 409);
    let status = || good(&emulator, "GET", &target("status"), Value::Null)["compute"]["storageDRState"].clone();
    assert_eq!([status(), status(), status()], ["Active", "Active", "Completed"]);
}

#[test]
fn operations_without_behavior_respond_with_samples_for_deployments_that_exist() {
    let emulator = Emulator::start().unwrap();
    let group = emulator.insert_workspace_group(json!({"name": "g"})).unwrap();
    good(&emulator, "GET", &format!("/v1/workspaceGroups/{group}/identity"), Value::Null);
    let unknown = "/v1/workspaceGroups/00000000-0000-4000-8000-000000000000/identity";
    assert_eq!(refusal(&emulator, "GET", unknown, Value::Null), (404, "workspace group not found".to_owned()));
    let metrics = format!("/v2/organizations/{}/workspaceGroups/{group}/metrics", emulator.organization_id());
    let reply = try_call(&emulator, "GET", &metrics, &[], b"").unwrap();
    assert!(reply.status == 200 && reply.header("content-type") == Some("text/plain") && !reply.body.is_empty());
    assert!(Spec::load().unwrap().operations().len() >= 184);
}

#[test]
fn billing_follows_metric_interval_and_range_in_letters_of_any_case() {
    let emulator = Emulator::start().unwrap();
    let group = emulator.insert_workspace_group(json!({"name": "g"})).unwrap();
    emulator.insert_workspace(json!({"name": "w", "workspaceGroupID": group})).unwrap();
    let get = |query: &str| {
        let range = "startTime=2026-01-01T00:00:00Z&endTime=2026-01-03T00:00:00Z";
        support::call(&emulator, "GET", &format!("/v1/billing/usage?{range}{query}"), Value::Null)
    };
    let rows = |query: &str| {
        let shown = get(query).json()["billingUsage"].as_array().unwrap().clone();
        (shown.len(), shown[0]["usage"].as_array().unwrap().len())
    };
    assert_eq!(rows(""), (2, 48));
    assert_eq!(rows("&metric=computecredit&aggregateBy=DAY"), (1, 2));
    assert_eq!((get("&metric=typo").status, get("&aggregateBy=week").status), (400, 400));
    let reversed = "/v1/billing/usage?startTime=2026-01-03T00:00:00Z&endTime=2026-01-01T00:00:00Z";
    assert_eq!(support::call(&emulator, "GET", reversed, Value::Null).status, 400);
}

#[test]
fn addresses_are_checked() {
    let emulator = Emulator::start().unwrap();
    for email in ["nobody", "a@b", "a b@example.com", "@example.com"] {
        assert_eq!(refusal(&emulator, "POST", "/v1/invitations", json!({"email": email})).0, 400, "{email}");
    }
    good(&emulator, "POST", "/v1/invitations", json!({"email": "a@example.com"}));
    let region = good(&emulator, "GET", "/v1/regions", Value::Null)[0]["regionID"].clone();
    let group = |range: &str| json!({"name": range, "regionID": region, "firewallRanges": [range]});
    assert_eq!(refusal(&emulator, "POST", "/v1/workspaceGroups", group("10.0.0.0/33")).0, 400);
    good(&emulator, "POST", "/v1/workspaceGroups", group("10.0.0.0/8"));
}

#[test]
fn identities_other_than_people_are_kept_until_deleted() {
    let emulator = Emulator::start().unwrap();
    let principal = json!({"name": "loader", "cloudPrincipal": "arn:aws:iam::000000000000:role/loader"});
    for (path, key, body) in [
        ("/v1/serviceAccounts", "serviceAccountID", json!({"name": "loader"})),
        ("/v1/cloudPrincipals", "cloudPrincipalID", principal),
    ] {
        let made = good(&emulator, "POST", path, body);
        let target = format!("{path}/{}", text(&made, key));
        assert_eq!(good(&emulator, "PATCH", &target, json!({"description": "by night"}))["description"], "by night");
        assert_eq!(good(&emulator, "DELETE", &target, Value::Null)[key], made[key], "{path}");
        assert_eq!(refusal(&emulator, "DELETE", &target, Value::Null).0, 404, "{path}");
    }
}
