//! How does an operator look at deployments and act on them from a terminal, for eyes and for scripts?
//!
//! ```text
//! cargo run --example ops -- list
//! cargo run --example ops -- --format json list
//! cargo run --example ops -- suspend tenant-1 etl --wait
//! cargo run --example ops -- terminate tenant-1 --yes
//! ```
//!
//! Without a key in the environment it acts on an emulator that has three groups. The exit code is 0 when all was done,
//! 1 for a failure, 3 when it is not known whether it was done.

mod support;

use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};
use serde_json::{Value, json};
use singlestore_management::{Client, Error, WorkspaceId};
use support::Place;

#[derive(Parser)]
#[command(about = "Looks at deployments and acts on them")]
struct Arguments {
    #[arg(long, value_enum, default_value = "table", global = true)]
    format: Format,
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
    /// All workspaces of the organization
    List,
    /// Suspends a workspace
    Suspend {
        group: String,
        workspace: String,
        /// Waits until it is suspended
        #[arg(long)]
        wait: bool,
    },
    /// Resumes a workspace
    Resume {
        group: String,
        workspace: String,
        /// Waits until it can be used
        #[arg(long)]
        wait: bool,
    },
    /// Terminates a group with all that is in it
    Terminate {
        group: String,
        /// Does it; without this it only says what it would do
        #[arg(long)]
        yes: bool,
    },
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match place().await {
        Ok(Some(place)) => match run(&place.client, arguments).await {
            Ok(()) => match place.check() {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => fail(&error.to_string(), 1),
            },
            Err(error) => fail(&error.to_string(), if error.is_outcome_unknown() { 3 } else { 1 }),
        },
        Ok(None) => ExitCode::SUCCESS,
        Err(error) => fail(&error.to_string(), 1),
    }
}

fn fail(message: &str, code: u8) -> ExitCode {
    eprintln!("{message}");
    ExitCode::from(code)
}

/// An emulator begins with something to look at.
async fn place() -> Result<Option<Place>, Box<dyn std::error::Error>> {
    let place = Place::choose("This acts on your deployments. Go on?")?;
    if let Some(emulator) = place.as_ref().and_then(|place| place.emulator.as_ref()) {
        for number in 1..=3 {
            let group = emulator.insert_workspace_group(json!({"name": format!("tenant-{number}")}))?;
            for name in ["web", "etl"] {
                emulator.insert_workspace(json!({"name": name, "workspaceGroupID": group, "size": "S-00"}))?;
            }
        }
    }
    Ok(place)
}

async fn run(client: &Client, arguments: Arguments) -> Result<(), Error> {
    let workspaces = client.workspaces();
    match arguments.command {
        Command::List => list(client, arguments.format).await,
        Command::Suspend { group, workspace, wait } => {
            let id = find(client, &group, &workspace).await?;
            workspaces.suspend(id).await?;
            if wait {
                workspaces.wait_until_suspended(id).await?;
            }
            done(arguments.format, "suspended", &format!("{group}/{workspace}"))
        }
        Command::Resume { group, workspace, wait } => {
            let id = find(client, &group, &workspace).await?;
            workspaces.resume(id).await?;
            if wait {
                workspaces.wait_until_ready(id).await?;
            }
            done(arguments.format, "resumed", &format!("{group}/{workspace}"))
        }
        Command::Terminate { group, yes } => {
            let found = client.workspace_groups().find_by_name(&group).await?;
            if !yes {
                return done(arguments.format, "would be terminated (--yes does it)", &group);
            }
            client.workspace_groups().terminate(found.workspace_group_id).force(true).await?;
            done(arguments.format, "terminated", &group)
        }
    }
}

async fn find(client: &Client, group: &str, workspace: &str) -> Result<WorkspaceId, Error> {
    let group = client.workspace_groups().find_by_name(group).await?;
    Ok(client.workspaces().find_by_name(group.workspace_group_id, workspace).await?.workspace_id)
}

/// A row as soon as it is known, so that it can be piped; a group that fails is a line on standard error.
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

fn done(format: Format, what: &str, name: &str) -> Result<(), Error> {
    match format {
        Format::Table => println!("{name}: {what}"),
        Format::Json => println!("{}", json!({"name": name, "done": what})),
    }
    Ok(())
}
