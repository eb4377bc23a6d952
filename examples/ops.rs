//! A command-line tool that lists deployments and acts on them, with output for people and for scripts.
//!
//! ```text
//! cargo run --example ops -- list
//! cargo run --example ops -- --format json list
//! cargo run --example ops -- suspend tenant-1 etl --wait
//! cargo run --example ops -- terminate tenant-1 --yes
//! ```
//!
//! Without a key in the environment it acts on an emulator that has three groups. With a key it asks before it changes
//! anything; `--yes` skips the question, for scripts. `list` changes nothing and does not ask. The exit codes are:
//!
//! * 0: everything was done
//! * 1: a failure, or the action was not confirmed
//! * 3: it is not known whether the action took effect

mod support;

use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};
use serde_json::{Value, json};
use singlestore_management::{Client, Error, WorkspaceId};
use support::Place;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

#[derive(Parser)]
#[command(about = "Lists deployments and acts on them")]
struct Arguments {
    #[arg(long, value_enum, default_value = "table", global = true)]
    format: Format,
    /// Do not ask for confirmation
    #[arg(long, global = true)]
    yes: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Table,
    Json,
}

#[derive(Subcommand)]
enum Command {
    /// List all workspaces of the organization
    List,
    /// Suspend a workspace
    Suspend {
        group: String,
        workspace: String,
        /// Wait until it is suspended
        #[arg(long)]
        wait: bool,
    },
    /// Resume a workspace
    Resume {
        group: String,
        workspace: String,
        /// Wait until it can be used
        #[arg(long)]
        wait: bool,
    },
    /// Terminate a group and everything in it
    Terminate { group: String },
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            let is_unknown = error.downcast_ref::<Error>().is_some_and(Error::is_outcome_unknown);
            ExitCode::from(if is_unknown { 3 } else { 1 })
        }
    }
}

/// Chooses where to run; an emulator starts with a few deployments.
fn place() -> Outcome<Place> {
    let place = Place::choose()?;
    if let Some(emulator) = &place.emulator {
        for number in 1..=3 {
            let group = emulator.insert_workspace_group(json!({"name": format!("tenant-{number}")}))?;
            for name in ["web", "etl"] {
                emulator.insert_workspace(json!({"name": name, "workspaceGroupID": group, "size": "S-00"}))?;
            }
        }
    }
    Ok(place)
}

async fn run(arguments: Arguments) -> Outcome<()> {
    let place = place()?;
    let (client, format, yes) = (&place.client, arguments.format, arguments.yes);
    let workspaces = client.workspaces();
    match arguments.command {
        Command::List => list(client, format).await?,
        Command::Suspend { group, workspace, wait } => {
            let id = find(client, &group, &workspace).await?;
            place.agree(&format!("This suspends the workspace {group}/{workspace}."), yes)?;
            workspaces.suspend(id).await?;
            if wait {
                workspaces.wait_until_suspended(id).await?;
            }
            done(format, "suspended", &format!("{group}/{workspace}"));
        }
        Command::Resume { group, workspace, wait } => {
            let id = find(client, &group, &workspace).await?;
            place.agree(&format!("This resumes the workspace {group}/{workspace}, which then costs money."), yes)?;
            workspaces.resume(id).await?;
            if wait {
                workspaces.wait_until_ready(id).await?;
            }
            done(format, "resumed", &format!("{group}/{workspace}"));
        }
        Command::Terminate { group } => {
            let found = client.workspace_groups().find_by_name(&group).await?;
            place.agree(&format!("This terminates the group {group} and everything in it."), yes)?;
            client.workspace_groups().terminate(found.workspace_group_id).force(true).await?;
            done(format, "terminated", &group);
        }
    }
    place.check()
}

async fn find(client: &Client, group: &str, workspace: &str) -> Result<WorkspaceId, Error> {
    let group = client.workspace_groups().find_by_name(group).await?;
    Ok(client.workspaces().find_by_name(group.workspace_group_id, workspace).await?.workspace_id)
}

/// Prints each row as soon as it is known, so that the output can be piped. Groups that fail go to standard error.
async fn list(client: &Client, format: Format) -> Result<(), Error> {
    if let Format::Table = format {
        println!("{:<20} {:<20} {:<12} {:<8} LAST RESUMED", "GROUP", "WORKSPACE", "STATE", "SIZE");
    }
    let mut all = client.workspaces().list_all();
    let mut failure = None;
    while let Some(workspace) = all.next().await {
        let workspace = match workspace {
            Ok(workspace) => workspace,
            Err(error) => {
                eprintln!("{error}");
                failure = Some(error);
                continue;
            }
        };
        let resumed = workspace.last_resumed_at.as_ref().map(ToString::to_string);
        match format {
            Format::Table => println!(
                "{:<20} {:<20} {:<12} {:<8} {}",
                workspace.group_name,
                workspace.name,
                workspace.state.to_string(),
                json_text(&json!(workspace.size)),
                resumed.unwrap_or_else(|| "-".to_owned()),
            ),
            Format::Json => println!(
                "{}",
                json!({
                    "group": &*workspace.group_name,
                    "workspace": workspace.name,
                    "id": workspace.workspace_id,
                    "state": workspace.state.to_string(),
                    "size": workspace.size,
                    "lastResumedAt": resumed,
                })
            ),
        }
    }
    failure.map_or(Ok(()), Err)
}

fn json_text(value: &Value) -> String {
    value.as_str().unwrap_or("-").to_owned()
}

fn done(format: Format, what: &str, name: &str) {
    match format {
        Format::Table => println!("{name}: {what}"),
        Format::Json => println!("{}", json!({"name": name, "done": what})),
    }
}
