//! The life of a deployment, from creation to termination.
//!
//! Creates a workspace group, a workspace and a cluster, waits until they can be used, then lists, updates, suspends,
//! resumes and terminates them.
//!
//! Without a key in the environment it runs against an in-process emulator. With a key it runs against the service, and
//! asks before it creates anything that costs money; `--yes` skips the question.

use std::io::{BufRead, IsTerminal, Write};
use std::time::Duration;

use singlestore_management::types::{
    ClusterCreate, ClusterSizeConfig, ClusterUpdate, WorkspaceCreate, WorkspaceGroupCreate, WorkspaceGroupUpdate,
    WorkspaceUpdate,
};
use singlestore_management::{Client, Error};
use singlestore_management_emulator::Emulator;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let with_key = ["SINGLESTOREDB_MANAGEMENT_TOKEN", "SINGLESTOREDB_API_KEY", "SINGLESTORE_API_KEY"]
        .iter()
        .any(|name| std::env::var(name).is_ok_and(|value| !value.trim().is_empty()));
    if with_key {
        let client = Client::from_env()?;
        step("connected", format!("{client:?}"));
        if !confirmed("This creates a workspace group, a workspace and a cluster, which cost money. Continue?")? {
            return Err("nothing was created".into());
        }
        run(&client, Polls { first: Duration::from_secs(5), longest: Duration::from_secs(30) }).await?;
    } else {
        let emulator = Emulator::start()?;
        let client = Client::builder().base_url(emulator.url()).api_key(emulator.api_key()).build()?;
        step("no key in the environment", format!("running against an emulator at {}", emulator.url()));
        run(&client, Polls { first: Duration::from_millis(5), longest: Duration::from_millis(20) }).await?;
        step(
            "requests",
            format!(
                "{} were made, {} violated the API description",
                emulator.requests().len(),
                emulator.violations().len()
            ),
        );
        if let Some(violation) = emulator.violations().first() {
            return Err(violation.clone().into());
        }
    }
    println!("Done.");
    Ok(())
}

/// How often to poll while waiting.
#[derive(Clone, Copy)]
struct Polls {
    first: Duration,
    longest: Duration,
}

async fn run(client: &Client, polls: Polls) -> Result<(), Error> {
    let Polls { first, longest } = polls;
    let organization = client.organizations().current().await?;
    step("organization", organization.name.as_deref().unwrap_or("without a name"));
    let regions = client.regions().list().await?;
    step("regions", format!("{} to choose from", regions.len()));
    let Some(region) = regions.first() else { return Ok(()) };

    // Workspace groups and workspaces: the v1 interface.
    let created = client
        .workspace_groups()
        .create(WorkspaceGroupCreate::new("quickstart", ["203.0.113.0/24"]).region_id(region.region_id))
        .await?;
    let group_id = created.workspace_group_id;
    step("group created", format!("{group_id}, admin password {:?}", created.admin_password));
    let result = workspaces(client, polls, group_id).await;
    client.workspace_groups().terminate(group_id).force(true).await?;
    client.workspace_groups().wait_until_terminated(group_id).with_poll_interval(first, longest).await?;
    step("group terminated", group_id);
    result?;

    // Clusters: the v2 interface, which takes a project and the provider's own name for a region.
    let projects = client.projects().list().await?;
    let Some(project) = projects.first() else { return Ok(()) };
    let regions = client.regions().list_v2().await?;
    let Some(region) = regions.first() else { return Ok(()) };
    let cluster = ClusterCreate::new(
        "quickstart",
        ["203.0.113.0/24"],
        project.project_id,
        &region.region_name,
        ClusterSizeConfig::new().size("S-00"),
    )
    .provider(region.provider.clone());
    let created = client.clusters().create(cluster).await?;
    let cluster_id = created.cluster_id;
    step("cluster created", format!("{cluster_id}, admin password {:?}", created.admin_password));
    let result = clusters(client, polls, cluster_id).await;
    client.clusters().terminate(cluster_id).await?;
    client.clusters().wait_until_terminated(cluster_id).with_poll_interval(first, longest).await?;
    step("cluster terminated", cluster_id);
    result
}

async fn workspaces(
    client: &Client,
    polls: Polls,
    group_id: singlestore_management::WorkspaceGroupId,
) -> Result<(), Error> {
    let Polls { first, longest } = polls;
    let group = client.workspace_groups().wait_until_ready(group_id).with_poll_interval(first, longest).await?;
    step("group ready", format!("{} is {}", group.name, group.state));
    client
        .workspace_groups()
        .update(group_id, WorkspaceGroupUpdate::new().firewall_ranges(["198.51.100.0/24"]))
        .await?;
    client
        .workspace_groups()
        .wait_until_firewall(group_id, ["198.51.100.0/24"])
        .with_poll_interval(first, longest)
        .await?;
    step("group changed", "the firewall admits 198.51.100.0/24");

    let created = client.workspaces().create(WorkspaceCreate::new("tenant-42", group_id).size("S-00")).await?;
    let id = created.workspace_id;
    step("workspace created", id);
    let workspace = client
        .workspaces()
        .wait_until_ready(id)
        .with_poll_interval(first, longest)
        .with_progress(|progress| println!("    {} (poll {})", progress.state, progress.polls))
        .await?;
    step(
        "workspace ready",
        format!("{} at {}", workspace.name, workspace.endpoint.as_deref().unwrap_or("no endpoint")),
    );
    for workspace in client.workspaces().list(group_id).await? {
        step("listed", format!("{} {} {}", workspace.name, workspace.size.unwrap_or_default(), workspace.state));
    }
    let found = client.workspaces().find_by_name(group_id, "tenant-42").await?;
    step("found by name", found.workspace_id);
    client.workspaces().update(id, WorkspaceUpdate::new().size("S-0")).await?;
    let workspace = client.workspaces().wait_until_resized(id, "S-0").with_poll_interval(first, longest).await?;
    step("workspace resized", workspace.size.unwrap_or_default());
    client.workspaces().suspend(id).await?;
    let workspace = client.workspaces().wait_until_suspended(id).with_poll_interval(first, longest).await?;
    step("workspace suspended", workspace.state);
    client.workspaces().resume(id).await?;
    let workspace = client.workspaces().wait_until_ready(id).with_poll_interval(first, longest).await?;
    step("workspace resumed", workspace.state);
    client.workspaces().terminate(id).await?;
    client.workspaces().wait_until_terminated(id).with_poll_interval(first, longest).await?;
    step("workspace terminated", id);
    Ok(())
}

async fn clusters(client: &Client, polls: Polls, id: singlestore_management::ClusterId) -> Result<(), Error> {
    let Polls { first, longest } = polls;
    let cluster =
        client.clusters().wait_until_firewall(id, ["203.0.113.0/24"]).with_poll_interval(first, longest).await?;
    step("cluster ready", format!("{} at {}", cluster.name, cluster.endpoint.as_deref().unwrap_or("no endpoint")));
    client.clusters().update(id, ClusterUpdate::new().firewall_ranges(["0.0.0.0/0"])).await?;
    client.clusters().wait_until_firewall(id, ["0.0.0.0/0"]).with_poll_interval(first, longest).await?;
    step("cluster changed", "the firewall admits everything");
    client.clusters().suspend(id).await?;
    client.clusters().wait_until_suspended(id).with_poll_interval(first, longest).await?;
    step("cluster suspended", id);
    client.clusters().resume(id).await?;
    client.clusters().wait_until_ready(id).with_poll_interval(first, longest).await?;
    step("cluster resumed", id);
    Ok(())
}

fn step(what: &str, detail: impl std::fmt::Display) {
    println!("{what}: {detail}");
}

fn confirmed(question: &str) -> Result<bool, Box<dyn std::error::Error>> {
    if std::env::args().any(|argument| argument == "--yes") {
        return Ok(true);
    }
    if !std::io::stdin().is_terminal() {
        return Err("there is no terminal to ask for confirmation, so nothing was created; pass --yes to agree".into());
    }
    print!("{question} [y/N] ");
    std::io::stdout().flush()?;
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(matches!(line.trim(), "y" | "Y" | "yes"))
}
