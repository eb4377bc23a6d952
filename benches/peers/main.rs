//! This crate compared with other clients of the same API and with reqwest and serde alone, in one run on one canned
//! server.
//!
//! `cargo bench --bench peers` makes each measurement in a process that does nothing else: a list of 20,000 workspace
//! groups, 2,000 calls one after the other, 2,000 with 32 at once, 256 MiB up and 256 MiB down. It prints a table of
//! the CPU time and the peak memory; with `-- --write` it puts the table and a plot in `docs/performance.md` and
//! `docs/performance.svg`.
//!
//! The vendor's Python SDK takes part if `PEERS_PYTHON` (or `python3`) has it (`pip install singlestoredb==1.18.1`),
//! the npm client if node finds it (`npm install @singlestore/client@0.0.44`, and `NODE_PATH` set to its
//! `node_modules`). Linux only, for `/proc`.

mod plot;
mod server;
mod worker;

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use server::Server;

pub(crate) type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

pub(crate) const ROLE: &str = "SINGLESTORE_MANAGEMENT_BENCH_ROLE";
pub(crate) const ID: &str = "3f2504e0-4f89-41d3-9a0c-000000000007";
pub(crate) const KEY: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
/// A file is this block of bytes, repeated.
pub(crate) const BLOCK: usize = 256 << 10;

const ROUNDS: usize = 5;

/// What is measured: the name for the processes, and for the table.
const TASKS: [(&str, &str); 5] = [
    ("list", "list of 20,000"),
    ("gets", "2,000 calls, one after the other"),
    ("at-once", "2,000 calls, 32 at once"),
    ("up", "256 MiB up"),
    ("down", "256 MiB down"),
];

/// Who takes part: the name for the processes, and for the table.
const PEERS: [(&str, &str); 4] = [
    ("bare", "reqwest + serde"),
    ("ours", "this crate"),
    ("python", "Python SDK 1.18.1"),
    ("npm", "npm client 0.0.44"),
];

/// How much there is of everything.
pub(crate) struct Scale {
    pub groups: usize,
    pub calls: usize,
    pub blocks: usize,
}

const FULL: Scale = Scale { groups: 20_000, calls: 2_000, blocks: 1024 };
const SMALL: Scale = Scale { groups: 20, calls: 32, blocks: 4 };

/// What the kernel counted for one task of one peer.
#[derive(Clone, Copy)]
pub(crate) struct Cost {
    pub cpu_ms: f64,
    pub memory_mib: f64,
}

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
    match std::env::var(ROLE).as_deref() {
        Ok("server") => return server::serve(),
        Ok(role) => return worker::work(role),
        Err(_) => {}
    }
    if !Path::new("/proc/self/status").exists() {
        println!("no /proc here, so nothing is measured");
        return Ok(());
    }
    // `cargo test --benches` runs this too, only to check that it works.
    let (scale, rounds) = if has("--bench") { (FULL, ROUNDS) } else { (SMALL, 1) };
    let folder = std::env::temp_dir().join(format!("singlestore-management-peers-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let measured = measure(&folder, &scale, rounds);
    std::fs::remove_dir_all(&folder)?;
    let measured = measured?;
    let table = table(&measured);
    print!("{table}");
    if has("--write") {
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
        std::fs::write(docs.join("performance.svg"), plot::plot(&TASKS, &PEERS, &measured))?;
        put_between_markers(&docs.join("performance.md"), &table)?;
    }
    Ok(())
}

/// The median over several processes, for each task (rows) and peer (columns); none if a peer has no such call or is
/// absent.
pub(crate) type Measured = Vec<Vec<Option<Cost>>>;

fn measure(folder: &Path, scale: &Scale, rounds: usize) -> Outcome<Measured> {
    let source = folder.join("source");
    std::fs::write(&source, server::block().repeat(scale.blocks))?;
    let server = Server::start(scale)?;
    let peers: Vec<Option<Peer>> = PEERS.iter().map(|(name, _)| Peer::find(name)).collect::<Outcome<_>>()?;
    let mut measured = Vec::new();
    for (task, _) in TASKS {
        let mut costs = vec![Vec::new(); PEERS.len()];
        // In turn, so that other activity on the machine affects all of them.
        for round in 0..rounds {
            for (peer, costs) in peers.iter().zip(&mut costs) {
                if let Some(peer) = peer.as_ref().filter(|peer| peer.can(task)) {
                    costs.push(peer.run(task, round, &server.url, folder, scale)?);
                }
            }
        }
        measured.push(costs.iter().map(|costs| median(costs)).collect());
    }
    Ok(measured)
}

fn median(costs: &[Cost]) -> Option<Cost> {
    let middle = |of: fn(&Cost) -> f64| {
        let mut all: Vec<f64> = costs.iter().map(of).collect();
        all.sort_by(f64::total_cmp);
        all.get(all.len() / 2).copied()
    };
    Some(Cost { cpu_ms: middle(|cost| cost.cpu_ms)?, memory_mib: middle(|cost| cost.memory_mib)? })
}

/// A program that can run the tasks.
struct Peer {
    name: &'static str,
    program: PathBuf,
    script: Option<&'static str>,
}

impl Peer {
    /// None, with a message, if the machine does not have it.
    fn find(name: &'static str) -> Outcome<Option<Self>> {
        let peer = match name {
            "python" => {
                let program = std::env::var_os("PEERS_PYTHON").unwrap_or_else(|| "python3".into());
                Self { name, program: program.into(), script: Some("client.py") }
            }
            "npm" => Self { name, program: "node".into(), script: Some("client.cjs") },
            _ => return Ok(Some(Self { name, program: std::env::current_exe()?, script: None })),
        };
        let probe = peer.command().arg("probe").output();
        if probe.is_ok_and(|output| output.status.success()) {
            return Ok(Some(peer));
        }
        println!("{name} is not installed here and is left out");
        Ok(None)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        if let Some(script) = self.script {
            command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers").join(script));
        }
        command
    }

    /// The npm client has no file operations.
    fn can(&self, task: &str) -> bool {
        self.name != "npm" || !matches!(task, "up" | "down")
    }

    fn run(&self, task: &str, round: usize, url: &str, folder: &Path, scale: &Scale) -> Outcome<Cost> {
        let target = folder.join("target");
        let _ = std::fs::remove_file(&target);
        let output = self
            .command()
            .env(ROLE, self.name)
            .env("TASK", task)
            .env("URL", url)
            .env("ID", ID)
            .env("KEY", KEY)
            .env("CALLS", scale.calls.to_string())
            .env("GROUPS", scale.groups.to_string())
            .env("REMOTE", format!("{}-{round}", self.name))
            .env("SOURCE", folder.join("source"))
            .env("TARGET", &target)
            .output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        let numbers: Vec<f64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        let [cpu_ms, memory_kib] = numbers[..] else {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(format!("{} failed at {task}: {text} {said}", self.name).into());
        };
        if task == "down" && !same_content(&folder.join("source"), &target)? {
            return Err(format!("{} wrote the wrong bytes", self.name).into());
        }
        Ok(Cost { cpu_ms, memory_mib: memory_kib / 1024.0 })
    }
}

fn same_content(one: &Path, other: &Path) -> Outcome<bool> {
    Ok(std::fs::read(one)? == std::fs::read(other)?)
}

fn table(measured: &Measured) -> String {
    let mut text = String::from("| CPU ms, peak MiB |");
    for (_, name) in PEERS {
        let _ = write!(text, " {name} |");
    }
    let _ = writeln!(text, "\n| --- |{}", " ---: |".repeat(PEERS.len()));
    for ((_, task), costs) in TASKS.iter().zip(measured) {
        let _ = write!(text, "| {task} |");
        for cost in costs {
            let cost = cost.map_or_else(String::new, |cost| format!(" {:.0}, {:.0}", cost.cpu_ms, cost.memory_mib));
            let _ = write!(text, "{cost} |");
        }
        text.push('\n');
    }
    text
}

/// Replaces the text between the two comments that mark the place of the table.
fn put_between_markers(path: &Path, table: &str) -> Outcome<()> {
    const BEGIN: &str = "<!-- peers -->\n";
    const END: &str = "<!-- end of peers -->";
    let text = std::fs::read_to_string(path)?;
    let (before, rest) = text.split_once(BEGIN).ok_or("the file has no place for the table")?;
    let (_, after) = rest.split_once(END).ok_or("the place for the table has no end")?;
    Ok(std::fs::write(path, format!("{before}{BEGIN}{table}{END}{after}"))?)
}
