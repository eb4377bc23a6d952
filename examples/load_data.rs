//! How does a file get into the Stage of a workspace group, arrive there as it was, and get loaded by a notebook?
//!
//! `cargo run --example load_data -- data.csv load.ipynb` works on the first workspace group of the account whose key is in
//! the environment. Without a key it runs against an emulator inside this process, with files of its own.

mod support;

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::Digest;
use singlestore_management::files::{TransferProgress, UploadBody};
use singlestore_management::types::{JobCreate, JobCreateExecutionConfig, JobSchedule};
use singlestore_management::{Client, WorkspaceGroupId};
use singlestore_management_emulator::Emulator;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (data, notebook) = (arguments.next(), arguments.next());
    let folder = tempfile::tempdir()?;
    if let (Some(data), Some(notebook)) = (data, notebook) {
        let client = Client::from_env()?;
        let groups = client.workspace_groups().list().await?;
        let group = groups.first().ok_or("the account has no workspace group")?;
        return run(&client, group.workspace_group_id, &data, &notebook, folder.path(), Duration::from_secs(5)).await;
    }
    let emulator = Emulator::start()?;
    println!("No files are named, so this runs against an emulator at {}.", emulator.url());
    let client = Client::builder().base_url(emulator.url()).api_key(emulator.api_key()).build()?;
    let group = emulator.insert_workspace_group(serde_json::json!({"name": "example"}))?.parse()?;
    let (data, notebook) = (folder.path().join("data.csv"), folder.path().join("load.ipynb"));
    std::fs::write(&data, "id,name\n".repeat(500_000))?;
    std::fs::write(&notebook, "{\"cells\": []}")?;
    run(&client, group, &data, &notebook, folder.path(), Duration::from_millis(5)).await?;
    support::check(&emulator)
}

async fn run(
    client: &Client,
    group: WorkspaceGroupId,
    data: &Path,
    notebook: &Path,
    folder: &Path,
    poll: Duration,
) -> Outcome<()> {
    let stage = client.stage();
    stage.create_folder(group, "in/example").parents(true).await?;
    let report = stage
        .upload(group, "in/example/data.csv", UploadBody::from_path(data))
        .overwrite(true)
        .on_progress(|progress| bar("up", progress))
        .await?;
    println!("\nuploaded {} bytes in {} attempt(s)", report.bytes, report.attempts);

    let mut entries = stage.walk(group, "in/");
    while let Some(entry) = entries.try_next().await? {
        println!("  {} ({} bytes)", entry.path, entry.size.unwrap_or(0));
    }

    let copy = folder.join("copy.csv");
    let report = stage
        .download(group, "in/example/data.csv")
        .sha256(true)
        .on_progress(|progress| bar("down", progress))
        .to_file(&copy)
        .await?;
    let (sent, received) = (sha256(data)?, report.sha256.unwrap_or_default());
    println!("\nsent     {sent}\nreceived {received}");
    if sent != received {
        return Err("the file did not arrive as it was".into());
    }

    // A job runs a notebook of the shared space.
    client.files().upload("shared", "load-example.ipynb", UploadBody::from_path(notebook)).overwrite(true).await?;
    let what = JobCreateExecutionConfig::new("load-example.ipynb").create_snapshot(true);
    let job = client.jobs().create(JobCreate::new(what, JobSchedule::new("Once")).name("load example")).await?;
    let job = client.jobs().wait_until_completed(job.job_id).with_poll_interval(poll, poll * 4).await?;
    let runs = client.jobs().executions(job.job_id, 1, 1).await?;
    for run in runs.executions {
        println!("job {}: run {:?} is {}", job.job_id, run.execution_number, run.status);
    }
    Ok(())
}

/// Draws how far a transfer has come.
fn bar(way: &str, progress: TransferProgress) {
    let total = progress.total.unwrap_or(progress.bytes).max(1);
    let done = usize::try_from(progress.bytes * 40 / total).unwrap_or(40);
    print!("\r{way:4} [{:40}] {:3} %", "#".repeat(done), progress.bytes * 100 / total);
    // A terminal that does not take it misses a bar.
    let _ = std::io::stdout().flush();
}

fn sha256(path: &Path) -> Outcome<String> {
    let (mut file, mut hash, mut piece) = (std::fs::File::open(path)?, sha2::Sha256::new(), vec![0; 64 << 10]);
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()),
            read => hash.update(piece.get(..read).unwrap_or_default()),
        }
    }
}
