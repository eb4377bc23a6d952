//! Creations that survive a lost response: none duplicated, none lost, and an honest statement where nothing is certain.

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use singlestore_management::types::{
    Cluster, ClusterCreate, ClusterSizeConfig, SharedTierCreateVirtualCluster, SharedTierCreateVirtualWorkspace,
    SharedTierVirtualCluster, WorkspaceCreate, WorkspaceGroup, WorkspaceGroupCreate,
};
use singlestore_management::{Client, CreateOnce, CreateOutcome, Created, Error, RetryPolicy, WorkspaceGroupId};
use singlestore_management_emulator::{Emulator, Fault};

use crate::support::{builder, quick_retries};

fn client(emulator: &Emulator) -> Client {
    builder(emulator).retry(quick_retries()).build().unwrap()
}

fn body(emulator: &Emulator, name: &str) -> WorkspaceGroupCreate {
    let region: singlestore_management::RegionId =
        emulator.items("region")[0]["regionID"].as_str().unwrap().parse().unwrap();
    WorkspaceGroupCreate::new(name, ["203.0.113.0/24"]).region_id(region)
}

/// Searches for long: for what is found in the end, however slow the machine is.
async fn group(emulator: &Emulator, name: &str) -> Result<Created<WorkspaceGroupId>, Error> {
    client(emulator)
        .workspace_groups()
        .create_once(body(emulator, name))
        .with_search_timeout(Duration::from_secs(60))
        .with_search_interval(Duration::from_millis(5), Duration::from_millis(20))
        .await
}

/// The same for what the first look shows, or no look ever: there is always one, and more are not waited for long.
fn hasty<T, I>(once: CreateOnce<T, I>) -> CreateOnce<T, I>
where
    T: Send + Sync + 'static,
    I: Copy + PartialEq + std::fmt::Display + Send + Sync + 'static,
{
    once.with_search_timeout(Duration::from_millis(100))
        .with_search_interval(Duration::from_millis(5), Duration::from_millis(20))
}

fn posts(emulator: &Emulator) -> usize {
    emulator.requests().iter().filter(|request| request.method == "POST").count()
}

fn live(emulator: &Emulator, name: &str) -> usize {
    emulator.workspace_groups().iter().filter(|group| group["name"] == name && group["state"] != "TERMINATED").count()
}

#[tokio::test]
async fn a_creation_without_failures_is_one_list_and_one_request_and_has_the_password() {
    let emulator = Emulator::start().unwrap();
    let created = group(&emulator, "a").await.unwrap();
    assert!(!created.recovered && !created.existed && created.admin_password.is_some());
    assert_eq!(emulator.requests().len(), 2);
    client(&emulator).workspace_groups().create_once(body(&emulator, "b")).with_baseline(false).await.unwrap();
    assert_eq!(emulator.requests().len(), 3, "the list can be left out");
}

#[tokio::test]
async fn a_creation_with_a_lost_response_is_recovered_whatever_lost_it() {
    type Make = fn() -> Fault;
    let faults: [(&str, Make); 10] = [
        ("reset", || Fault::reset().after_effect()),
        ("closed", || Fault::close().after_effect()),
        ("reset in the body", Fault::reset_in_body),
        ("truncated", Fault::truncated),
        ("cut JSON", Fault::cut_json),
        ("empty", Fault::empty_body),
        ("502 of a proxy", || Fault::proxy_page(502).after_effect()),
        ("524 of a proxy", || Fault::proxy_page(524).after_effect()),
        ("303, done elsewhere", || Fault::redirect(303, "/v1/workspaceGroups").after_effect()),
        ("500 with an empty body", || Fault::status(500).after_effect()),
    ];
    for (name, fault) in faults {
        // The lists of the service lag behind.
        let emulator = Emulator::builder().lists_behind(2).start().unwrap();
        emulator.inject(fault().on_operation("create_workspace_group"));
        let created = group(&emulator, "a").await.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(created.recovered, "{name}");
        assert!(created.admin_password.is_none(), "{name}: it went with the response");
        assert_eq!((posts(&emulator), live(&emulator, "a")), (1, 1), "{name}");
        assert_eq!(emulator.workspace_groups()[0]["workspaceGroupID"], created.id.to_string(), "{name}");
    }
}

#[tokio::test]
async fn a_lost_request_is_unknown_and_is_never_resent_automatically() {
    let emulator = Emulator::start().unwrap();
    emulator.inject(Fault::reset_before_body().on_operation("create_workspace_group"));
    let error = hasty(client(&emulator).workspace_groups().create_once(body(&emulator, "a"))).await.unwrap_err();
    assert_eq!(error.create_outcome(), Some(CreateOutcome::Unknown));
    let text = error.to_string();
    assert!(text.contains("no workspace group with the name \"a\" appeared within"), "{text}");
    assert!(text.contains("look again before you repeat it"), "{text}");
    assert_eq!((posts(&emulator), live(&emulator, "a")), (1, 0));
}

#[tokio::test]
async fn a_creation_is_retried_after_a_search_if_the_caller_asks_for_it() {
    // Lost before the service saw it: the retry creates it.
    let emulator = Emulator::start().unwrap();
    emulator.inject(Fault::reset_before_body().on_operation("create_workspace_group"));
    let once = client(&emulator).workspace_groups().create_once(body(&emulator, "a"));
    let created = hasty(once).with_retry_if_absent(8).await.unwrap();
    assert!(!created.recovered);
    assert_eq!((posts(&emulator), live(&emulator, "a")), (2, 1));
}

#[tokio::test]
async fn a_taken_name_is_already_exists_with_the_resource_that_has_it() {
    let emulator = Emulator::start().unwrap();
    let id = emulator.insert_workspace_group(json!({"name": "a", "createdAt": "2024-01-01T00:00:00Z"})).unwrap();
    // Only the service's refusal is proof: after a lost one the outcome is unknown.
    for (fault, outcome) in
        [(None, CreateOutcome::AlreadyExists), (Some(Fault::reset().after_effect()), CreateOutcome::Unknown)]
    {
        if let Some(fault) = fault {
            emulator.inject(fault.on_operation("create_workspace_group"));
        }
        let error = hasty(client(&emulator).workspace_groups().create_once(body(&emulator, "a"))).await.unwrap_err();
        assert_eq!(error.create_outcome(), Some(outcome), "{error}");
        assert!(error.to_string().contains(&id), "{error}");
        agree(&error);
        let there = error.last_value::<WorkspaceGroup>().expect("the group that has the name");
        assert_eq!(there.workspace_group_id.to_string(), id);
    }
    assert_eq!(live(&emulator, "a"), 1);
}

#[tokio::test]
async fn a_terminated_group_with_the_name_does_not_count() {
    let emulator = Emulator::start().unwrap();
    let now = singlestore_management::Timestamp::from(SystemTime::now()).to_string();
    let gone = json!({"name": "a", "state": "TERMINATED", "createdAt": now, "terminatedAt": now});
    emulator.insert_workspace_group(gone).unwrap();
    emulator.inject(Fault::reset().after_effect().on_operation("create_workspace_group"));
    let created = group(&emulator, "a").await.unwrap();
    assert!(created.recovered);
    assert_eq!(live(&emulator, "a"), 1);
}

#[tokio::test]
async fn a_request_that_the_service_refused_or_never_saw_creates_nothing() {
    let emulator = Emulator::start().unwrap();
    emulator.no_credits(true);
    let error = group(&emulator, "a").await.unwrap_err();
    assert_eq!(error.create_outcome(), Some(CreateOutcome::NotCreated));
    assert!(error.is_out_of_credits(), "{error}");
    emulator.no_credits(false);
    emulator.hold_creation_lock(100);
    let error = group(&emulator, "a").await.unwrap_err();
    assert_eq!(error.create_outcome(), Some(CreateOutcome::NotCreated));
    assert!(error.is_lock_conflict(), "{error}");
    let lists = emulator.requests().iter().filter(|request| request.method == "GET").count();
    assert_eq!(lists, 2, "one before each, and nothing to look for");
    emulator.go_down().unwrap();
    let error = group(&emulator, "a").await.unwrap_err();
    assert_eq!(error.create_outcome(), Some(CreateOutcome::NotCreated));
    assert!(error.is_connect(), "{error}");
}

#[tokio::test]
async fn the_lock_is_waited_for_before_any_search() {
    let emulator = Emulator::start().unwrap();
    emulator.hold_creation_lock(2);
    emulator.inject(Fault::reset().after_effect().after(2).on_operation("create_workspace_group"));
    let created = group(&emulator, "a").await.unwrap();
    assert!(created.recovered);
    assert_eq!((posts(&emulator), live(&emulator, "a")), (3, 1));
}

#[tokio::test]
async fn a_service_that_dies_during_a_creation_leaves_the_outcome_unknown() {
    let emulator = Emulator::start().unwrap();
    emulator.inject(Fault::reset().after_effect().on_operation("create_workspace_group"));
    emulator.inject(Fault::status(503).always().on_operation("list_workspace_groups"));
    let error = hasty(client(&emulator).workspace_groups().create_once(body(&emulator, "a"))).await.unwrap_err();
    assert_eq!(error.create_outcome(), Some(CreateOutcome::Unknown));
    assert!(error.to_string().contains("looking for the workspace group \"a\" failed as well"), "{error}");
}

/// A list's contents, along with the service's time.
fn listing(items: &Value, date: SystemTime) -> Fault {
    Fault::status(200)
        .content_type("application/json")
        .header("Date", &httpdate::fmt_http_date(date))
        .body(items.to_string())
        .always()
        .on_operation("list_workspace_groups")
}

#[tokio::test]
async fn the_clock_of_the_service_decides_and_not_ours() {
    let hour = Duration::from_secs(3600);
    let id = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";
    for (service, age, mine) in [
        (SystemTime::now() - hour, Duration::ZERO, true),
        (SystemTime::now() + hour, Duration::ZERO, true),
        (SystemTime::now() - hour, Duration::from_secs(60), false),
        (SystemTime::now() + hour, Duration::from_secs(60), false),
    ] {
        let created = singlestore_management::Timestamp::from(service - age).to_string();
        let item = json!([{"workspaceGroupID": id, "name": "a", "state": "PENDING", "createdAt": created}]);
        for baseline in [true, false] {
            let emulator = Emulator::start().unwrap();
            emulator.inject(listing(&item, service).after(u32::from(baseline)));
            emulator.inject(Fault::reset().on_operation("create_workspace_group"));
            let once = client(&emulator).workspace_groups().create_once(body(&emulator, "a")).with_baseline(baseline);
            match hasty(once).await {
                Ok(created) => assert!(mine && created.recovered && created.id.to_string() == id),
                Err(error) => assert!(!mine && error.create_outcome() == Some(CreateOutcome::Unknown), "{error}"),
            }
        }
    }
}

#[tokio::test]
async fn without_a_list_from_before_a_time_in_the_future_decides_nothing() {
    let id = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";
    let (now, hour) = (SystemTime::now(), Duration::from_secs(3600));
    let stamp = |at: SystemTime| singlestore_management::Timestamp::from(at).to_string();
    for (created, date, mine) in [
        (stamp(now), now, true),
        ("2999-01-01T00:00:00Z".to_owned(), now, false),
        (stamp(now + hour), now, false),
        // The clock that tells the time is behind; the other resource had existed for long.
        (stamp(now - hour), now - 3 * hour, false),
    ] {
        let item = json!([{"workspaceGroupID": id, "name": "a", "state": "ACTIVE", "createdAt": created}]);
        let emulator = Emulator::start().unwrap();
        emulator.inject(listing(&item, date));
        emulator.inject(Fault::reset().on_operation("create_workspace_group"));
        let once = client(&emulator).workspace_groups().create_once(body(&emulator, "a")).with_baseline(false);
        match hasty(once).await {
            Ok(created) => assert!(mine && created.recovered, "{item}"),
            Err(error) => {
                assert!(!mine && error.create_outcome() == Some(CreateOutcome::Unknown), "{error}");
                assert!(error.to_string().contains("cannot be told") && error.to_string().contains(id), "{error}");
                agree(&error);
            }
        }
    }
}

#[tokio::test]
async fn two_that_appeared_and_one_without_a_time_are_unknown_and_named() {
    let now = SystemTime::now();
    let at = singlestore_management::Timestamp::from(now).to_string();
    let item = |last: u8, created: Value| json!({"workspaceGroupID": format!("3f2504e0-4f89-41d3-9a0c-0305e82c330{last}"), "name": "a", "state": "ACTIVE", "createdAt": created});
    let cases = [
        (
            json!([item(1, json!(at)), item(2, json!(at))]),
            true,
            Some("2 workspace groups with the name \"a\" appeared"),
        ),
        (json!([item(1, Value::Null)]), false, Some("whether this call created it cannot be told")),
        (json!([item(1, Value::Null)]), true, None),
    ];
    for (items, baseline, words) in cases {
        let emulator = Emulator::start().unwrap();
        emulator.inject(listing(&items, now).after(u32::from(baseline)));
        emulator.inject(Fault::reset().on_operation("create_workspace_group"));
        let once = client(&emulator).workspace_groups().create_once(body(&emulator, "a")).with_baseline(baseline);
        match (hasty(once).await, words) {
            (Ok(created), None) => assert!(created.recovered, "a list from before tells without times"),
            (Err(error), Some(words)) => {
                assert_eq!(error.create_outcome(), Some(CreateOutcome::Unknown));
                let text = error.to_string();
                assert!(text.contains(words) && text.contains("3f2504e0-4f89-41d3-9a0c-0305e82c3301"), "{text}");
            }
            (outcome, words) => panic!("{words:?}: {outcome:?}"),
        }
    }
}

#[tokio::test]
async fn workspaces_clusters_and_starters_are_recovered_too() {
    let emulator = Emulator::builder().lists_behind(1).start().unwrap();
    let (look, first, longest) = (Duration::from_secs(60), Duration::from_millis(5), Duration::from_millis(20));
    let client = client(&emulator);
    let group = emulator.insert_workspace_group(json!({"name": "g"})).unwrap();
    let lost = |operation: &str| emulator.inject(Fault::reset().after_effect().on_operation(operation));

    lost("create_workspace");
    let group: WorkspaceGroupId = group.parse().unwrap();
    let workspace = client.workspaces().create_once(WorkspaceCreate::new("w", group));
    let workspace = workspace.with_search_timeout(look).with_search_interval(first, longest).await.unwrap();
    assert!(workspace.recovered && emulator.workspaces().len() == 1);

    lost("create_cluster");
    let project: singlestore_management::ProjectId =
        emulator.items("project")[0]["projectID"].as_str().unwrap().parse().unwrap();
    let region = client.regions().list_v2().await.unwrap().remove(0);
    let size = ClusterSizeConfig::new().size("S-00");
    let body =
        ClusterCreate::new("c", ["203.0.113.0/24"], project, &region.region_name, size).provider(region.provider);
    let cluster = client
        .clusters()
        .create_once(body.clone())
        .with_search_timeout(look)
        .with_search_interval(first, longest)
        .await;
    let cluster = cluster.unwrap();
    assert!(cluster.recovered && cluster.admin_password.is_none() && emulator.clusters().len() == 1);
    let error = client.clusters().create_once(body).with_search_timeout(look).await.unwrap_err();
    assert_eq!(error.create_outcome(), Some(CreateOutcome::AlreadyExists));
    assert!(error.last_value::<Cluster>().is_some(), "{error}");

    let shared = client.regions().list_shared_tier().await.unwrap().remove(0);
    let (provider, region) = (shared.provider.as_str().to_owned(), shared.region_name.clone());
    lost("create_virtual_workspace");
    let starter = client
        .virtual_workspaces()
        .create_once(SharedTierCreateVirtualWorkspace::new("s1", "d", provider.as_str(), region.clone()))
        .with_search_timeout(look)
        .with_search_interval(first, longest)
        .await
        .unwrap();
    assert!(starter.recovered);
    lost("create_virtual_cluster");
    let body = SharedTierCreateVirtualCluster::new("s2", "d", provider.as_str(), region.clone());
    let starter = client
        .virtual_clusters()
        .create_once(body.clone())
        .with_search_timeout(look)
        .with_search_interval(first, longest)
        .await;
    assert!(starter.unwrap().recovered);
    assert_eq!(emulator.items("starter").len(), 2);

    // A taken name is not sent.
    emulator.clear_requests();
    let error = client.virtual_clusters().create_once(body).await.unwrap_err();
    assert_eq!(error.create_outcome(), Some(CreateOutcome::AlreadyExists));
    assert!(error.to_string().contains("nothing was sent"), "{error}");
    assert!(error.last_value::<SharedTierVirtualCluster>().is_some());
    assert_eq!(posts(&emulator), 0);
}

#[tokio::test]
async fn an_earlier_resource_that_is_listed_late_is_not_taken_for_its_own() {
    let emulator = Emulator::start().unwrap();
    // Our creation waits for the lock, and is then lost on the way.
    emulator.hold_creation_lock(1);
    emulator.inject(Fault::reset_before_body().on_operation("create_workspace_group").after(1));
    let retry = RetryPolicy::default().with_lock_interval(Duration::from_secs(2));
    let client = builder(&emulator).retry(retry).build().unwrap();
    let creation = hasty(client.workspace_groups().create_once(body(&emulator, "a")));
    let creation = tokio::spawn(async move { creation.await });
    while posts(&emulator) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    // Theirs existed a while ago, and appears in the list only now.
    let before = singlestore_management::Timestamp::from(SystemTime::now() - Duration::from_secs(15)).to_string();
    let theirs = emulator.insert_workspace_group(json!({"name": "a", "createdAt": before})).unwrap();
    let error = creation.await.unwrap().unwrap_err();
    assert_eq!(posts(&emulator), 2);
    assert_eq!(error.create_outcome(), Some(CreateOutcome::Unknown), "{error}");
    assert!(error.to_string().contains(&theirs), "{error}");
    agree(&error);
}

/// A group with that name that lists still show in this state, although it is gone.
fn outdated(emulator: &Emulator, name: &str, state: &str) -> String {
    let value = json!({"name": name, "state": "TERMINATED", "createdAt": "2024-01-01T00:00:00Z"});
    let id = emulator.insert_workspace_group(value).unwrap();
    assert!(emulator.list_as(&id, state));
    id
}

fn agree(error: &Error) {
    let outcome = error.create_outcome().expect("an outcome");
    assert_eq!(outcome == CreateOutcome::Unknown, error.is_outcome_unknown(), "{error}");
    assert_eq!(outcome == CreateOutcome::AlreadyExists, error.is_already_exists(), "{error}");
}

#[tokio::test]
async fn an_older_resource_in_the_list_proves_nothing_while_the_outcome_is_unknown() {
    for state in ["ACTIVE", "PENDING", "TERMINATING"] {
        // The new one appears in the fourth look.
        let emulator = Emulator::builder().lists_behind(4).start().unwrap();
        outdated(&emulator, "a", state);
        emulator.inject(Fault::reset().after_effect().on_operation("create_workspace_group"));
        let created = group(&emulator, "a").await.unwrap_or_else(|error| panic!("{state}: {error}"));
        assert!(created.recovered);
        assert_eq!((posts(&emulator), live(&emulator, "a")), (1, 1), "{state}");
        // It never does.
        let emulator = Emulator::start().unwrap();
        let old = outdated(&emulator, "a", state);
        emulator.inject(Fault::reset_before_body().on_operation("create_workspace_group"));
        let error = hasty(client(&emulator).workspace_groups().create_once(body(&emulator, "a"))).await.unwrap_err();
        assert_eq!(error.create_outcome(), Some(CreateOutcome::Unknown), "{error}");
        let last = error.last_value::<WorkspaceGroup>().expect("the older one");
        assert_eq!(last.workspace_group_id.to_string(), old);
        agree(&error);
    }
}

#[tokio::test]
async fn a_wrong_clock_never_mixes_up_our_resource_and_a_strangers() {
    let hours = 3600;
    for (offset, created_at, date) in
        [(-3 * hours, 0, false), (hours, 0, false), (0, -7, true), (0, -7, false), (0, 3 * hours, true)]
    {
        let build = || {
            let builder = Emulator::builder().clock_offset(offset).created_at_offset(created_at);
            if date { builder.start().unwrap() } else { builder.without_date().start().unwrap() }
        };
        // Ours, whatever its date.
        let emulator = build();
        emulator.inject(Fault::reset().after_effect().on_operation("create_workspace_group"));
        let created =
            group(&emulator, "a").await.unwrap_or_else(|error| panic!("{offset} {created_at} {date}: {error}"));
        assert!(created.recovered);
        // A stranger's, created earlier by the same clock.
        let emulator = build();
        client(&emulator).workspace_groups().create(body(&emulator, "a")).await.unwrap();
        emulator.inject(Fault::reset_before_body().on_operation("create_workspace_group"));
        let error = hasty(client(&emulator).workspace_groups().create_once(body(&emulator, "a"))).await.unwrap_err();
        assert_eq!(error.create_outcome(), Some(CreateOutcome::Unknown), "{error}");
        agree(&error);
    }
}

#[tokio::test]
async fn a_refused_retry_is_the_last_and_a_new_resource_is_claimed() {
    // Shown after the refusal: found. Never shown: unknown, and not "probably none was created".
    for shown in [true, false] {
        let emulator = Emulator::builder().lists_behind(1_000_000).start().unwrap();
        emulator.inject(Fault::reset().after_effect().on_operation("create_workspace_group"));
        let once =
            hasty(client(&emulator).workspace_groups().create_once(body(&emulator, "a"))).with_retry_if_absent(8);
        // What appears after the refusal has its time to be seen; the search before it takes as long.
        let once = if shown { once.with_search_timeout(Duration::from_secs(3)) } else { once };
        let once = tokio::spawn(async move { once.await });
        if shown {
            while posts(&emulator) < 2 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            emulator.list_as(emulator.workspace_groups()[0]["workspaceGroupID"].as_str().unwrap(), "PENDING");
        }
        let outcome = once.await.unwrap();
        assert_eq!(posts(&emulator), 2, "the second one was refused");
        match outcome {
            Ok(created) => assert!(shown && created.recovered),
            Err(error) => {
                assert!(!shown, "{error}");
                assert_eq!(error.create_outcome(), Some(CreateOutcome::Unknown), "{error}");
                assert!(!error.to_string().contains("probably none"), "{error}");
                agree(&error);
            }
        }
    }
}

#[tokio::test]
async fn part_of_the_deadline_is_reserved_for_searching() {
    let emulator = Emulator::start().unwrap();
    emulator.inject(Fault::stall(Duration::from_secs(60)).after_effect().on_operation("create_workspace_group"));
    let created = client(&emulator)
        .workspace_groups()
        .create_once(body(&emulator, "a"))
        .with_deadline(Duration::from_secs(6))
        .with_search_interval(Duration::from_millis(5), Duration::from_millis(20))
        .await
        .unwrap();
    assert!(created.recovered);
}

#[tokio::test]
async fn a_search_that_is_refused_or_met_by_a_proxy_is_retried() {
    let faults: [fn() -> Fault; 4] = [
        || Fault::status(401).body("invalid key"),
        || Fault::status(403).body("no"),
        || Fault::proxy_page(200),
        || Fault::proxy_page(404),
    ];
    for fault in faults {
        let emulator = Emulator::start().unwrap();
        emulator.inject(Fault::reset().after_effect().on_operation("create_workspace_group"));
        // The list before the creation succeeds.
        emulator.inject(fault().times(2).after(1).on_operation("list_workspace_groups"));
        let created = group(&emulator, "a").await.unwrap();
        assert!(created.recovered);
    }
}
