//! Every combination of what can come between a creation and the truth about it: none may end with a false statement.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use singlestore_management::types::{
    ClusterCreate, ClusterSizeConfig, SharedTierCreateVirtualCluster, SharedTierCreateVirtualWorkspace,
    WorkspaceCreate, WorkspaceGroupCreate,
};
use singlestore_management::{
    Client, CreateOnce, CreateOutcome, Error, ProjectId, RegionId, Timestamp, WorkspaceGroupId,
};
use singlestore_management_emulator::{Emulator, Fault};

use crate::support::{builder, quick_retries};

/// What is created.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Family {
    Group,
    Workspace,
    Cluster,
    StarterWorkspace,
    StarterCluster,
}

const FAMILIES: [Family; 5] =
    [Family::Group, Family::Workspace, Family::Cluster, Family::StarterWorkspace, Family::StarterCluster];

impl Family {
    /// The kind in the emulator, the property that holds the id, and the operation.
    fn names(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Family::Group => ("workspace_group", "workspaceGroupID", "create_workspace_group"),
            Family::Workspace => ("workspace", "workspaceID", "create_workspace"),
            Family::Cluster => ("cluster", "clusterID", "create_cluster"),
            Family::StarterWorkspace => ("starter", "virtualWorkspaceID", "create_virtual_workspace"),
            Family::StarterCluster => ("starter", "virtualWorkspaceID", "create_virtual_cluster"),
        }
    }

    /// Starters have neither states nor times, and their names are not known to be unique.
    fn is_starter(self) -> bool {
        matches!(self, Family::StarterWorkspace | Family::StarterCluster)
    }
}

/// What creations refer to.
struct Place {
    region: RegionId,
    region_name: String,
    provider: String,
    shared: (String, String),
    project: ProjectId,
    group: WorkspaceGroupId,
}

impl Place {
    fn of(emulator: &Emulator) -> Self {
        let text = |value: &Value, name: &str| value[name].as_str().unwrap_or_default().to_owned();
        let regions = emulator.items("region");
        // The shared tier has one region, present in every list.
        let shared = ("AWS".to_owned(), "us-east-1".to_owned());
        let group = emulator.insert_workspace_group(json!({"name": "parent"})).unwrap();
        Self {
            region: text(&regions[0], "regionID").parse().unwrap(),
            region_name: text(&regions[0], "regionName"),
            provider: text(&regions[0], "provider"),
            shared,
            project: text(&emulator.items("project")[0], "projectID").parse().unwrap(),
            group: group.parse().unwrap(),
        }
    }
}

/// What was created: its id, and whether it was recovered and had existed.
type Told = (String, bool, bool);

async fn told<T, I>(once: CreateOnce<T, I>, row: Row, patience: Duration) -> Result<Told, Error>
where
    T: Send + Sync + 'static,
    I: Copy + PartialEq + std::fmt::Display + Send + Sync + 'static,
{
    let created = once
        .with_search_timeout(patience)
        .with_search_interval(Duration::from_millis(1), Duration::from_millis(4))
        .with_retry_if_absent(row.repeat)
        .with_baseline(row.baseline)
        .await?;
    Ok((created.id.to_string(), created.recovered, created.existed))
}

async fn create(client: &Client, place: &Place, row: Row, name: &str, patience: Duration) -> Result<Told, Error> {
    let ranges = || ["203.0.113.0/24"];
    let (provider, region) = place.shared.clone();
    match row.family {
        Family::Group => {
            let body = WorkspaceGroupCreate::new(name, ranges()).region_id(place.region);
            told(client.workspace_groups().create_once(body), row, patience).await
        }
        Family::Workspace => {
            let body = WorkspaceCreate::new(name, place.group);
            told(client.workspaces().create_once(body), row, patience).await
        }
        Family::Cluster => {
            let size = ClusterSizeConfig::new().size("S-00");
            let body = ClusterCreate::new(name, ranges(), place.project, &place.region_name, size);
            let body = body.provider(place.provider.as_str());
            told(client.clusters().create_once(body), row, patience).await
        }
        Family::StarterWorkspace => {
            let body = SharedTierCreateVirtualWorkspace::new(name, "d", provider.as_str(), region);
            told(client.virtual_workspaces().create_once(body), row, patience).await
        }
        Family::StarterCluster => {
            let body = SharedTierCreateVirtualCluster::new(name, "d", provider.as_str(), region);
            told(client.virtual_clusters().create_once(body), row, patience).await
        }
    }
}

/// An older resource with that name.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Older {
    Nothing,
    /// Lists still show it in this state, although it is gone.
    Outdated(&'static str),
    /// It exists, so the service refuses the name.
    Live,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Lost {
    Nothing,
    Request,
    Response,
}

#[derive(Clone, Copy, Debug)]
struct Stand {
    lag: u32,
    /// How many seconds the clock of the service is ahead.
    clock: i64,
    /// How many seconds `createdAt` is ahead of it.
    created_at: i64,
    date: bool,
}

#[derive(Clone, Copy, Debug)]
struct Row {
    family: Family,
    older: Older,
    lost: Lost,
    repeat: u32,
    baseline: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Verdict {
    Created,
    Recovered,
    AlreadyExists,
    Unknown,
}

const NEVER: u32 = 1_000_000;

/// The best possible verdict: certain where there is evidence, unknown where there is not.
fn expected(stand: Stand, row: Row) -> Verdict {
    let taken = row.older == Older::Live;
    if row.family.is_starter() {
        // The previous list is all the evidence there is, and what is in it is not created again.
        return match row.lost {
            _ if taken && row.baseline => Verdict::AlreadyExists,
            Lost::Nothing if taken => Verdict::AlreadyExists,
            Lost::Nothing => Verdict::Created,
            Lost::Response if !taken && stand.lag != NEVER && row.baseline => Verdict::Recovered,
            _ => Verdict::Unknown,
        };
    }
    // A time in the future proves that one of the clocks is wrong.
    let clocks_tell = stand.date && (0..=10).contains(&stand.created_at);
    match row.lost {
        Lost::Nothing if taken => Verdict::AlreadyExists,
        Lost::Nothing => Verdict::Created,
        Lost::Request if row.repeat > 0 && row.older == Older::Nothing => Verdict::Created,
        Lost::Response if !taken && stand.lag != NEVER && (row.baseline || clocks_tell) => Verdict::Recovered,
        _ => Verdict::Unknown,
    }
}

/// Plays a row and returns its verdict; the error lists everything wrong with it.
async fn play(stage: &Stage, stand: Stand, row: Row, name: &str) -> Result<Verdict, String> {
    let Stage { emulator, client, place } = stage;
    let (kind, id_of, operation) = row.family.names();
    let now = SystemTime::now();
    let shift = Duration::from_secs(stand.clock.unsigned_abs());
    let service = if stand.clock < 0 { now - shift } else { now + shift };
    let created_at = Timestamp::from(service - Duration::from_secs(600)).to_string();
    let insert = |state: &str| {
        let mut value = json!({"name": name, "state": state, "createdAt": created_at});
        match row.family {
            Family::Group => emulator.insert_workspace_group(value).unwrap(),
            Family::Workspace => {
                value["workspaceGroupID"] = place.group.to_string().into();
                emulator.insert_workspace(value).unwrap()
            }
            Family::Cluster => emulator.insert_cluster(value).unwrap(),
            _ => emulator.insert(kind, json!({"name": name, "databaseName": "d"})).unwrap(),
        }
    };
    let older = match row.older {
        Older::Nothing => None,
        Older::Live => Some(insert("ACTIVE")),
        Older::Outdated(state) => {
            let id = insert("TERMINATED");
            emulator.list_as(&id, state);
            Some(id)
        }
    };
    match row.lost {
        Lost::Nothing => {}
        Lost::Request => emulator.inject(Fault::reset_before_body().on_operation(operation)),
        Lost::Response => emulator.inject(Fault::reset().after_effect().on_operation(operation)),
    }
    emulator.clear_requests();
    let want = expected(stand, row);
    // What can be found is found however slow the machine is; what cannot is not searched for long.
    let patience = Duration::from_millis(if want == Verdict::Recovered { 600_000 } else { 15 });
    let outcome = create(client, place, row, name, patience).await;
    // Where nothing was sent, nothing was lost.
    emulator.clear_faults();
    let ours: Vec<String> = emulator
        .items(kind)
        .iter()
        .filter(|item| item["name"] == name && item["state"] != "TERMINATED")
        .map(|item| item[id_of].as_str().unwrap().to_owned())
        .filter(|id| Some(id) != older.as_ref())
        .collect();
    let posts = emulator.requests().iter().filter(|request| request.method == "POST").count();
    let mut wrong: Vec<String> = Vec::new();
    let mut check = |right: bool, what: &dyn Debug| {
        if !right {
            wrong.push(format!("{what:?}"));
        }
    };
    check(ours.len() <= 1, &("several were created", &ours));
    check(posts <= 1 + row.repeat as usize, &("requests", posts));
    let verdict = match &outcome {
        Ok((id, recovered, existed)) => {
            check(ours.first() == Some(id), &("not what was created", id, &ours));
            check(!existed, &"nobody asked for what exists");
            if *recovered { Verdict::Recovered } else { Verdict::Created }
        }
        Err(error) => {
            let said = error.create_outcome();
            check((said == Some(CreateOutcome::Unknown)) == error.is_outcome_unknown(), &("unknown", error));
            check((said == Some(CreateOutcome::AlreadyExists)) == error.is_already_exists(), &("exists", error));
            match said {
                Some(CreateOutcome::AlreadyExists) => {
                    check(ours.is_empty() && row.older == Older::Live, &("a wrong `already exists`", error));
                    Verdict::AlreadyExists
                }
                Some(CreateOutcome::Unknown) => Verdict::Unknown,
                other => return Err(format!("{other:?}: {error}")),
            }
        }
    };
    check(verdict == want, &("expected", want, &outcome));
    if wrong.is_empty() { Ok(verdict) } else { Err(wrong.join("; ")) }
}

struct Stage {
    emulator: Emulator,
    client: Client,
    place: Place,
}

async fn stage(family: Family, stand: Stand) -> (Vec<Verdict>, Vec<String>) {
    let emulator =
        Emulator::builder().lists_behind(stand.lag).clock_offset(stand.clock).created_at_offset(stand.created_at);
    let emulator = if stand.date { emulator } else { emulator.without_date() }.start().unwrap();
    let client = builder(&emulator).retry(quick_retries()).build().unwrap();
    let stage = Stage { place: Place::of(&emulator), client, emulator };
    let (mut verdicts, mut wrong) = (Vec::new(), Vec::new());
    let mut before = vec![Older::Nothing, Older::Live];
    if !family.is_starter() {
        before.extend(["ACTIVE", "PENDING", "TERMINATING"].map(Older::Outdated));
    }
    for older in before {
        for lost in [Lost::Nothing, Lost::Request, Lost::Response] {
            for (repeat, baseline) in [(0, true), (0, false), (1, true), (1, false)] {
                let row = Row { family, older, lost, repeat, baseline };
                let name = format!("a{}", verdicts.len() + wrong.len());
                match play(&stage, stand, row, &name).await {
                    Ok(verdict) => verdicts.push(verdict),
                    Err(error) => wrong.push(format!("{stand:?} {row:?}: {error}")),
                }
            }
        }
    }
    (verdicts, wrong)
}

#[tokio::test]
async fn no_combination_of_lags_clocks_and_losses_leads_to_a_wrong_outcome() {
    let hour = 3600;
    let (mut verdicts, mut wrong) = (Vec::new(), Vec::new());
    let mut stages = tokio::task::JoinSet::new();
    // Few at once: more make each call slower, and after seconds the evidence is different.
    let places = Arc::new(tokio::sync::Semaphore::new(6));
    for family in FAMILIES {
        for lag in [0, 4, NEVER] {
            for (clock, created_at) in [(0, 0), (hour, 0), (-3 * hour, 0), (0, -7), (0, hour)] {
                for date in [true, false] {
                    let stage = stage(family, Stand { lag, clock, created_at, date });
                    let places = places.clone();
                    stages.spawn(async move {
                        let _place = places.acquire().await;
                        (family, stage.await)
                    });
                }
            }
        }
    }
    let played = stages.join_all().await;
    for family in FAMILIES {
        let (mut told, mut failed) = (Vec::new(), 0);
        for (_, (some, others)) in played.iter().filter(|(of, _)| *of == family) {
            told.extend(some.iter().copied());
            failed += others.len();
            wrong.extend(others.iter().cloned());
        }
        report(&format!("{family:?}"), &told, failed);
        verdicts.extend(told);
    }
    report("all families", &verdicts, wrong.len());
    assert!(wrong.is_empty(), "{} wrong, such as\n{}", wrong.len(), wrong[..wrong.len().min(12)].join("\n"));
    assert_eq!(verdicts.len(), 3 * 1800 + 2 * 720);
}

fn report(of: &str, verdicts: &[Verdict], wrong: usize) {
    let count = |verdict| verdicts.iter().filter(|one| **one == verdict).count();
    println!(
        "{of}: {} combinations: {} created, {} recovered, {} already exist, {} unknown, {wrong} wrong",
        verdicts.len() + wrong,
        count(Verdict::Created),
        count(Verdict::Recovered),
        count(Verdict::AlreadyExists),
        count(Verdict::Unknown),
    );
}
