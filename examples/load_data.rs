//! Uploads a file to the Stage of a workspace group, checks that it arrived intact, and loads it with a notebook.
//!
//! ```text
//! cargo run --example load_data -- [--group NAME] [--yes] [data.csv load.ipynb]
//! ```
//!
//! Without a key in the environment it runs against an in-process emulator, and generates the files if none are named.
//! With a key it needs both files and the name of a workspace group, and asks before it begins; `--yes` skips the question.

mod support;

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::Digest;
use singlestore_management::files::{TransferProgress, UploadBody};
use singlestore_management::{Client, RunNotebook, WorkspaceGroupId};
use support::Place;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    let (mut files, mut name, mut yes) = (Vec::new(), None, false);
    let mut arguments = std::env::args_os().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.to_str() {
            Some("--group") => {
                name = Some(arguments.next().and_then(|name| name.into_string().ok()).ok_or("--group needs a name")?);
            }
            Some("--yes") => yes = true,
            Some(other) if other.starts_with("--") => return Err(format!("unknown argument {other}").into()),
            _ => files.push(PathBuf::from(argument)),
        }
    }
    let folder = tempfile::tempdir()?;
    let place = Place::choose()?;
    let (data, notebook) = match (files.as_slice(), &place.emulator) {
        ([data, notebook], _) => (data.clone(), notebook.clone()),
        ([], Some(_)) => made_up(folder.path())?,
        _ => return Err("name two files: the data and the notebook that loads them".into()),
    };
    let (group, poll) = match &place.emulator {
        Some(emulator) => {
            let name = name.as_deref().unwrap_or("example");
            (emulator.insert_workspace_group(serde_json::json!({"name": name}))?.parse()?, Duration::from_millis(5))
        }
        None => {
            let name = name.ok_or("name the workspace group: --group NAME")?;
            // Skips terminated groups, and fails if two groups have the name.
            let group = place.client.workspace_groups().find_by_name(&name).await?;
            place
                .agree(&format!("This writes to the Stage of {name} and to the shared files, and runs a job."), yes)?;
            (group.workspace_group_id, Duration::from_secs(5))
        }
    };
    run(&place.client, group, &data, &notebook, folder.path(), poll).await?;
    place.check()
}

/// Generates data and a notebook, for the emulator.
fn made_up(folder: &Path) -> Outcome<(PathBuf, PathBuf)> {
    let (data, notebook) = (folder.join("data.csv"), folder.join("load.ipynb"));
    std::fs::write(&data, "id,name\n".repeat(500_000))?;
    std::fs::write(&notebook, "{\"cells\": []}")?;
    Ok((data, notebook))
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
        return Err("the file did not arrive intact".into());
    }

    // A job runs a notebook of the shared space.
    client.files().upload("shared", "load-example.ipynb", UploadBody::from_path(notebook)).overwrite(true).await?;
    let job =
        client.jobs().create(RunNotebook::once("load-example.ipynb").with_snapshot().named("load example")).await?;
    let job = client.jobs().wait_until_completed(job.job_id).with_poll_interval(poll, poll * 4).await?;
    let runs = client.jobs().executions(job.job_id, 1, 1).await?;
    for run in runs.executions {
        println!("job {}: run {:?} is {}", job.job_id, run.execution_number, run.status);
    }
    Ok(())
}

/// Draws the progress of a transfer.
fn bar(way: &str, progress: TransferProgress) {
    let total = progress.total.unwrap_or(progress.bytes).max(1);
    let done = usize::try_from(progress.bytes * 40 / total).unwrap_or(40);
    print!("\r{way:4} [{:40}] {:3} %", "#".repeat(done), progress.bytes * 100 / total);
    // If the terminal does not accept it, only the bar is lost.
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
