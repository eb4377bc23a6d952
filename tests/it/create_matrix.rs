//! Every combination of what can stand between a creation and the truth about it: none may end in a wrong word.

use std::fmt::Debug;
use std::time::{Duration, SystemTime};

use serde_json::json;
use singlestore_management::types::WorkspaceGroupCreate;
use singlestore_management::{Client, CreateOutcome, RegionId, Timestamp};
use singlestore_management_emulator::{Emulator, Fault};

use crate::support::{builder, quick_retries};

/// What has the name before.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Older {
    Nothing,
    /// Lists still show it in this state, although it is gone.
    Outdated(&'static str),
    /// It is there, so the service refuses the name.
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
    /// Seconds that the clock of the service is ahead.
    clock: i64,
    /// Seconds that `createdAt` is ahead of it.
    created_at: i64,
    date: bool,
}

#[derive(Clone, Copy, Debug)]
struct Row {
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

/// The best that can be said: certain where the evidence is, unknown where it is not.
fn expected(stand: Stand, row: Row) -> Verdict {
    let taken = row.older == Older::Live;
    let clocks_tell = stand.date && stand.created_at >= 0;
    match row.lost {
        Lost::Nothing if taken => Verdict::AlreadyExists,
        Lost::Nothing => Verdict::Created,
        Lost::Request if row.repeat > 0 && row.older == Older::Nothing => Verdict::Created,
        Lost::Response if !taken && stand.lag != NEVER && (row.baseline || clocks_tell) => Verdict::Recovered,
        _ => Verdict::Unknown,
    }
}

/// Plays a row, and says what it came to; everything that is wrong about it is in the error.
async fn play(emulator: &Emulator, client: &Client, stand: Stand, row: Row, name: &str) -> Result<Verdict, String> {
    let region: RegionId = emulator.items("region")[0]["regionID"].as_str().unwrap().parse().unwrap();
    let now = SystemTime::now();
    let shift = Duration::from_secs(stand.clock.unsigned_abs());
    let service = if stand.clock < 0 { now - shift } else { now + shift };
    let created_at = Timestamp::from(service - Duration::from_secs(600)).to_string();
    let insert = |state: &str| {
        let value = json!({"name": name, "state": state, "createdAt": created_at});
        emulator.insert_workspace_group(value).unwrap()
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
        Lost::Request => emulator.inject(Fault::reset_before_body().on_operation("create_workspace_group")),
        Lost::Response => emulator.inject(Fault::reset().after_effect().on_operation("create_workspace_group")),
    }
    emulator.clear_requests();
    let want = expected(stand, row);
    // What is there to be found is found whatever the speed of the machine; what is not is not looked for long.
    let patience = Duration::from_millis(if want == Verdict::Recovered { 30_000 } else { 15 });
    let outcome = client
        .workspace_groups()
        .create_once(WorkspaceGroupCreate::new(name, ["203.0.113.0/24"]).region_id(region))
        .with_search_timeout(patience)
        .with_search_interval(Duration::from_millis(1), Duration::from_millis(4))
        .with_retry_if_absent(row.repeat)
        .with_baseline(row.baseline)
        .await;
    let ours: Vec<String> = emulator
        .workspace_groups()
        .iter()
        .filter(|group| group["name"] == name && group["state"] != "TERMINATED")
        .map(|group| group["workspaceGroupID"].as_str().unwrap().to_owned())
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
        Ok(created) => {
            check(ours.first() == Some(&created.id.to_string()), &("not what was created", created, &ours));
            check(!created.existed, &"nobody asked for what exists");
            if created.recovered { Verdict::Recovered } else { Verdict::Created }
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

async fn stage(stand: Stand) -> (Vec<Verdict>, Vec<String>) {
    let emulator =
        Emulator::builder().lists_behind(stand.lag).clock_offset(stand.clock).created_at_offset(stand.created_at);
    let emulator = if stand.date { emulator } else { emulator.without_date() }.start().unwrap();
    let client = builder(&emulator).retry(quick_retries()).build().unwrap();
    let (mut verdicts, mut wrong) = (Vec::new(), Vec::new());
    let states = ["ACTIVE", "PENDING", "TERMINATING"].map(Older::Outdated);
    for older in [Older::Nothing, states[0], states[1], states[2], Older::Live] {
        for lost in [Lost::Nothing, Lost::Request, Lost::Response] {
            for (repeat, baseline) in [(0, true), (0, false), (1, true), (1, false)] {
                let row = Row { older, lost, repeat, baseline };
                let name = format!("a{}", verdicts.len() + wrong.len());
                match play(&emulator, &client, stand, row, &name).await {
                    Ok(verdict) => verdicts.push(verdict),
                    Err(error) => wrong.push(format!("{stand:?} {row:?}: {error}")),
                }
            }
        }
    }
    (verdicts, wrong)
}

#[tokio::test]
async fn no_combination_of_lags_clocks_and_losses_ends_in_a_wrong_word() {
    let hour = 3600;
    let mut stages = tokio::task::JoinSet::new();
    for lag in [0, 4, NEVER] {
        for (clock, created_at) in [(0, 0), (hour, 0), (-3 * hour, 0), (0, -7)] {
            for date in [true, false] {
                stages.spawn(stage(Stand { lag, clock, created_at, date }));
            }
        }
    }
    let (mut verdicts, mut wrong) = (Vec::new(), Vec::new());
    for (some, others) in stages.join_all().await {
        verdicts.extend(some);
        wrong.extend(others);
    }
    let count = |verdict| verdicts.iter().filter(|one| **one == verdict).count();
    println!(
        "{} combinations: {} created, {} recovered, {} already exist, {} unknown, {} wrong",
        verdicts.len() + wrong.len(),
        count(Verdict::Created),
        count(Verdict::Recovered),
        count(Verdict::AlreadyExists),
        count(Verdict::Unknown),
        wrong.len()
    );
    assert!(wrong.is_empty(), "{} wrong, such as\n{}", wrong.len(), wrong[..wrong.len().min(12)].join("\n"));
    assert_eq!(verdicts.len(), 1440);
}
