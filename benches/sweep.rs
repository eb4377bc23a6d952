//! The cost of a sweep over the workspaces of 20,000 groups: wall time, CPU time, memory, requests.
//!
//! `cargo bench --bench sweep` runs the emulator in its own process, and sweeps it in others: without faults; with one
//! failure in a hundred requests and five groups that vanish; and killed in the middle and resumed.

use std::collections::HashSet;
use std::error::Error;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;
use singlestore_management::{Backoff, Client, RetryPolicy, WorkspaceGroupId};
use singlestore_management_emulator::{Emulator, Fault};

type Outcome<T> = Result<T, Box<dyn Error>>;

const ROLE: &str = "SINGLESTORE_MANAGEMENT_BENCH_ROLE";

fn main() -> Outcome<()> {
    // `cargo test --benches` runs this too, only to check that it works.
    let groups = if std::env::args().any(|argument| argument == "--bench") { 20_000 } else { 200 };
    match std::env::var(ROLE).ok().as_deref() {
        Some("emulator") => return serve(std::env::var("GROUPS")?.parse()?),
        Some(_) => return sweep(),
        None => {}
    }
    let mut emulator = Server::start(groups)?;
    let file = std::env::temp_dir().join(format!("singlestore-management-sweep-{}", std::process::id()));
    println!("{groups} groups of one workspace, 8 at a time:");
    emulator.measure("as it is", &file)?;
    emulator.ask("faults")?;
    emulator.measure("1 % of failures, 5 vanished groups", &file)?;
    emulator.ask("clear")?;

    let mut child = emulator.command(&file).stdout(Stdio::null()).spawn()?;
    let half = groups / 2;
    while finished(&file)?.len() < half && child.try_wait()?.is_none() {
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill()?;
    child.wait()?;
    let before = finished(&file)?.len();
    println!("  killed when {before} groups were finished");
    emulator.resume("the rest, resumed", &file)?;
    let after: Vec<WorkspaceGroupId> = finished(&file)?;
    let different: HashSet<_> = after.iter().collect();
    println!("  finished in both: {}, none twice: {}", different.len(), different.len() == after.len());
    std::fs::remove_file(&file)?;
    Ok(())
}

/// The groups that a sweep has finished.
fn finished(file: &Path) -> Outcome<Vec<WorkspaceGroupId>> {
    match std::fs::read_to_string(file) {
        Ok(text) => Ok(text.lines().filter_map(|line| line.parse().ok()).collect()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}

/// Sweeps once, and prints what it saw and what it cost.
fn sweep() -> Outcome<()> {
    let file = PathBuf::from(std::env::var("FILE")?);
    let done = finished(&file)?;
    let mut log = std::fs::OpenOptions::new().create(true).append(true).open(&file)?;
    let retry = RetryPolicy::default().with_backoff(Backoff::new(Duration::from_millis(1), Duration::from_millis(20)));
    let client =
        Client::builder().base_url(std::env::var("URL")?).api_key(std::env::var("KEY")?).retry(retry).build()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let started = Instant::now();
    let (mut count, mut errors) = (0_u64, 0_u64);
    runtime.block_on(async {
        let mut all = client.workspaces().list_all().with_finished_groups(done).with_progress(move |progress| {
            if progress.is_complete {
                let _ = writeln!(log, "{}", progress.group_id);
            }
        });
        while let Some(workspace) = all.next().await {
            match workspace {
                Ok(_) => count += 1,
                Err(_) => errors += 1,
            }
        }
    });
    let wall = started.elapsed();
    let (memory, cpu) = (peak_memory()?, cpu_time()?);
    println!(
        "{count} workspaces, {errors} errors, {:.1} s, {:.1} s of CPU, {:.1} MiB",
        wall.as_secs_f64(),
        cpu.as_secs_f64(),
        memory as f64 / 1024.0
    );
    Ok(())
}

/// The peak resident memory of this process so far, in KiB.
fn peak_memory() -> Outcome<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).ok_or("VmHWM is missing; this needs Linux")?;
    Ok(line.split_whitespace().nth(1).ok_or("VmHWM is empty")?.parse()?)
}

/// The CPU time so far of this thread, which does everything.
fn cpu_time() -> Outcome<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    Ok(Duration::from_nanos(text.split_whitespace().next().ok_or("the file is empty")?.parse()?))
}

/// The emulator's process; it ends with this one.
struct Server {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    url: String,
    key: String,
}

impl Server {
    fn start(groups: usize) -> Outcome<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.env(ROLE, "emulator").env("GROUPS", groups.to_string());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let input = child.stdin.take().ok_or("the emulator has no input")?;
        let output = BufReader::new(child.stdout.take().ok_or("the emulator has no output")?);
        let mut server = Self { child, input, output, url: String::new(), key: String::new() };
        (server.url, server.key) = (server.line()?, server.line()?);
        Ok(server)
    }

    fn line(&mut self) -> Outcome<String> {
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        Ok(line.trim().to_owned())
    }

    fn ask(&mut self, what: &str) -> Outcome<String> {
        writeln!(self.input, "{what}")?;
        self.line()
    }

    fn command(&self, file: &Path) -> Command {
        let mut command = Command::new(std::env::current_exe().unwrap_or_default());
        command.env(ROLE, "sweep").env("URL", &self.url).env("KEY", &self.key).env("FILE", file);
        command
    }

    fn measure(&mut self, name: &str, file: &Path) -> Outcome<()> {
        self.resume(name, file)?;
        Ok(std::fs::remove_file(file)?)
    }

    fn resume(&mut self, name: &str, file: &Path) -> Outcome<()> {
        let before: u64 = self.ask("count")?.parse()?;
        let output = self.command(file).output()?;
        let requests = self.ask("count")?.parse::<u64>()? - before;
        println!("  {name}: {}, {requests} requests", String::from_utf8_lossy(&output.stdout).trim());
        std::io::stderr().write_all(&output.stderr)?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs the emulator, and follows commands line by line.
fn serve(groups: usize) -> Outcome<()> {
    let emulator = Emulator::start()?;
    for number in 0..groups {
        let group = emulator.insert_workspace_group(json!({"name": format!("tenant-{number}")}))?;
        emulator.insert_workspace(json!({"name": "main", "workspaceGroupID": group}))?;
    }
    println!("{}\n{}", emulator.url(), emulator.api_key());
    for line in std::io::stdin().lines() {
        match line?.as_str() {
            "count" => println!("{}", emulator.request_count()),
            "faults" => {
                let groups = u32::try_from(groups)?;
                for number in (0..groups).step_by(100) {
                    emulator.inject(Fault::status(500).on_operation("list_workspaces").after(number));
                }
                for number in 0..5 {
                    let gone = Fault::status(404).body("workspace group not found");
                    emulator.inject(gone.on_operation("list_workspaces").after(number * groups / 5 + 57));
                }
                println!("done");
            }
            _ => {
                emulator.clear_faults();
                println!("done");
            }
        }
    }
    Ok(())
}
