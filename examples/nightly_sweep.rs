//! A nightly sweep that suspends idle workspaces: those that are running, but have not been resumed for a long time.
//!
//! ```text
//! cargo run --example nightly_sweep -- [--suspend] [--idle-days 14] [--concurrency 8] [--groups 2000] [--yes]
//! ```
//!
//! Without `--suspend` it only reports what it would do. It writes `nightly_sweep.csv`, with a line for each workspace, and
//! `nightly_sweep.done`, with the groups that are done. If it is stopped and started again, it continues with the others.
//!
//! Without a key in the environment it runs against an in-process emulator with as many groups as `--groups` says. With a
//! key it runs against the service, and asks before it suspends anything; `--yes` skips the question, for a scheduled run.

mod support;

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, BufWriter, IsTerminal, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use serde_json::json;
use singlestore_management::types::{Workspace, WorkspaceState};
use singlestore_management::{Client, Error, InGroup, Timestamp, WorkspaceGroupId, Workspaces};
use singlestore_management_emulator::Emulator;

const CSV: &str = "nightly_sweep.csv";
const DONE: &str = "nightly_sweep.done";
const DAY: Duration = Duration::from_secs(24 * 3_600);

/// The command line.
struct Arguments {
    suspend: bool,
    yes: bool,
    idle: Duration,
    concurrency: usize,
    groups: usize,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = Arguments::read(std::env::args().skip(1))?;
    if support::has_key() {
        let client = Client::from_env()?;
        if arguments.suspend {
            support::agree("This suspends the idle workspaces of the organization.", arguments.yes)?;
        }
        return sweep(&client, &arguments).await;
    }
    println!("No key in the environment: running against an emulator with {} groups.", arguments.groups);
    let emulator = Emulator::builder().polls_until_ready(0).start()?;
    fill(&emulator, arguments.groups)?;
    let client = Client::builder().base_url(emulator.url()).api_key(emulator.api_key()).build()?;
    // The groups of this emulator are gone with it.
    let _ = std::fs::remove_file(DONE);
    sweep(&client, &arguments).await?;
    support::check(&emulator)
}

async fn sweep(client: &Client, arguments: &Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let started = Instant::now();
    let finished = finished_groups(Path::new(DONE))?;
    if !finished.is_empty() {
        println!("{} groups were done by an earlier run; continuing with the others.", finished.len());
    }
    let report = Arc::new(Mutex::new(Report::open(!finished.is_empty())?));
    let mut done = OpenOptions::new().create(true).append(true).open(DONE)?;
    let is_terminal = std::io::stderr().is_terminal();
    let flushed = report.clone();
    let all = client
        .workspaces()
        .list_all()
        .with_concurrency(arguments.concurrency)
        .with_finished_groups(finished)
        .with_progress(move |progress| {
            if progress.is_complete {
                // The lines of a group are written to the file before the group is recorded as done.
                let saved = lock(&flushed).csv.flush().and_then(|()| writeln!(done, "{}", progress.group_id));
                if let Err(error) = saved {
                    eprintln!("{DONE} cannot be written: {error}");
                }
            }
            if is_terminal {
                bar(progress.done, progress.total);
            }
        });
    let (workspaces, now) = (client.workspaces(), SystemTime::now());
    all.for_each(|workspace| {
        let (workspaces, report) = (workspaces.clone(), report.clone());
        async move {
            match workspace {
                Ok(workspace) => {
                    let outcome = look_at(&workspaces, &workspace, arguments, now).await;
                    lock(&report).add(&workspace, outcome);
                }
                Err(error) => lock(&report).fail(&error),
            }
        }
    })
    .await;
    if is_terminal {
        eprintln!();
    }
    let mut report = lock(&report);
    report.csv.flush()?;
    report.summary(arguments.suspend, started.elapsed());
    if report.failures.is_empty() {
        // The next night starts over.
        std::fs::remove_file(DONE)?;
    } else {
        println!("Run it again for the remaining groups.");
    }
    Ok(())
}

/// Decides about one workspace, and suspends it if that was asked for.
async fn look_at(
    workspaces: &Workspaces,
    workspace: &Workspace,
    arguments: &Arguments,
    now: SystemTime,
) -> Result<&'static str, Error> {
    let since = workspace.last_resumed_at.as_ref().or(workspace.created_at.as_ref());
    let since = since.and_then(Timestamp::to_system_time);
    let is_idle = since.is_some_and(|since| now.duration_since(since).is_ok_and(|idle| idle > arguments.idle));
    if workspace.state != WorkspaceState::Active || !is_idle {
        return Ok("kept");
    }
    if !arguments.suspend {
        return Ok("would be suspended");
    }
    workspaces.suspend(workspace.workspace_id).await?;
    Ok("suspended")
}

/// The table, and the counts for the summary.
struct Report {
    csv: BufWriter<File>,
    actions: BTreeMap<&'static str, u64>,
    failures: BTreeMap<&'static str, (u64, String)>,
}

impl Report {
    fn open(goes_on: bool) -> std::io::Result<Self> {
        let file = OpenOptions::new().create(true).append(goes_on).write(true).truncate(!goes_on).open(CSV)?;
        let mut csv = BufWriter::new(file);
        if !goes_on {
            writeln!(csv, "group_id,group,workspace_id,workspace,size,state,last_resumed_at,action")?;
        }
        Ok(Self { csv, actions: BTreeMap::new(), failures: BTreeMap::new() })
    }

    fn add(&mut self, workspace: &InGroup<Workspace>, outcome: Result<&'static str, Error>) {
        let action = outcome.unwrap_or_else(|error| {
            self.fail(&error);
            "failed"
        });
        *self.actions.entry(action).or_default() += 1;
        let resumed = workspace.last_resumed_at.as_ref().map(ToString::to_string).unwrap_or_default();
        let fields = [
            workspace.group_id.as_str(),
            &*workspace.group_name,
            workspace.workspace_id.as_str(),
            &workspace.name,
            workspace.size.as_deref().unwrap_or_default(),
            workspace.state.as_str(),
            &resumed,
            action,
        ];
        let line: Vec<String> = fields.iter().map(|field| quoted(field)).collect();
        if let Err(error) = writeln!(self.csv, "{}", line.join(",")) {
            eprintln!("{CSV} cannot be written: {error}");
        }
    }

    fn fail(&mut self, error: &Error) {
        let failure = self.failures.entry(error.kind().as_str()).or_insert_with(|| (0, error.to_string()));
        failure.0 += 1;
    }

    fn summary(&self, suspend: bool, took: Duration) {
        println!("{CSV} has the table{}.", if suspend { "" } else { "; nothing was changed (--suspend does that)" });
        for (action, count) in &self.actions {
            println!("  {count:>6} {action}");
        }
        for (kind, (count, first)) in &self.failures {
            println!("  {count:>6} failures of kind {kind}, the first: {first}");
        }
        println!("  in {:.1} s", took.as_secs_f64());
    }
}

fn lock(report: &Mutex<Report>) -> std::sync::MutexGuard<'_, Report> {
    report.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A field of the table. Names may contain commas and quotes.
fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

/// The groups that an earlier run has finished. The last line of its file may be incomplete.
fn finished_groups(path: &Path) -> std::io::Result<Vec<WorkspaceGroupId>> {
    match File::open(path) {
        Ok(file) => {
            Ok(BufReader::new(file).lines().map_while(Result::ok).filter_map(|line| line.parse().ok()).collect())
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

fn bar(done: usize, total: usize) {
    const WIDTH: usize = 40;
    let filled = (done * WIDTH).checked_div(total).unwrap_or(WIDTH);
    eprint!("\r[{}{}] {done}/{total} groups", "#".repeat(filled), " ".repeat(WIDTH - filled.min(WIDTH)));
}

/// Creates groups with one workspace each: every third one has been idle for years, the others are suspended.
fn fill(emulator: &Emulator, groups: usize) -> Result<(), Box<dyn std::error::Error>> {
    for number in 0..groups {
        let group = emulator.insert_workspace_group(json!({"name": format!("tenant-{number}")}))?;
        emulator.insert_workspace(json!({
            "name": "main",
            "workspaceGroupID": group,
            "size": "S-00",
            "state": if number % 3 == 0 { "ACTIVE" } else { "SUSPENDED" },
            "lastResumedAt": "2024-02-03T04:05:06Z",
        }))?;
    }
    Ok(())
}

impl Arguments {
    fn read(mut given: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut arguments = Self { suspend: false, yes: false, idle: 14 * DAY, concurrency: 8, groups: 2_000 };
        while let Some(name) = given.next() {
            let mut number = || {
                let number = given.next().and_then(|text| text.parse::<u32>().ok());
                number.ok_or_else(|| format!("{name} needs a number"))
            };
            match name.as_str() {
                "--suspend" => arguments.suspend = true,
                "--yes" => arguments.yes = true,
                "--idle-days" => arguments.idle = DAY * number()?,
                "--concurrency" => arguments.concurrency = number()? as usize,
                "--groups" => arguments.groups = number()? as usize,
                _ => return Err(format!("unknown argument {name}")),
            }
        }
        Ok(arguments)
    }
}
