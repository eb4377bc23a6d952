//! What a long list costs in memory and CPU time, read element by element, compared with reqwest and serde alone.
//!
//! `cargo bench --bench list_memory` starts a server in its own process, and reads lists of 20,000 and 200,000
//! workspace groups from it, each in a process that does nothing else. It prints the peak resident memory of these
//! processes (`VmHWM`) and the CPU time of reading the list as counted by the kernel, next to that of
//! `serde_json::from_slice` into a `Vec` for a body that is already in memory.

use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use singlestore_management::types::WorkspaceGroup;
use singlestore_management::{Client, RetryPolicy};

type Outcome<T> = Result<T, Box<dyn Error>>;

const KEY: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const ROLE: &str = "SINGLESTORE_MANAGEMENT_BENCH_ROLE";
const URL: &str = "SINGLESTORE_MANAGEMENT_BENCH_URL";

/// What a process does with the list.
const READERS: [(&str, &str); 5] = [
    ("nothing", "creates a client and sends nothing"),
    ("items", "this crate, items()"),
    ("once", "this crate, items(), never listed again"),
    ("await", "this crate, awaited to a Vec"),
    ("bare", "reqwest + serde, to a Vec"),
];

fn main() -> Outcome<()> {
    match std::env::var(ROLE).as_deref() {
        Ok("serve") => return serve(),
        Ok(role) => return read(role, &std::env::var(URL)?),
        Err(_) => {}
    }
    // `cargo test --benches` runs this too, only to check that it works.
    let is_bench = std::env::args().any(|argument| argument == "--bench");
    let (counts, rounds): (&[usize], usize) = if is_bench { (&[20_000, 200_000], 7) } else { (&[200], 1) };
    let server = Server::start()?;
    for count in counts {
        let rounds = if *count > 100_000 { rounds.min(3) } else { rounds };
        let slices = measured("slice", &server.url, *count, rounds)?;
        println!("{count} groups:                               MiB     CPU ms   of from_slice");
        println!("  {:<40} {:>6}   {:>7.1}", "serde_json::from_slice, to a Vec", "", slices.cpu.as_secs_f64() * 1e3);
        for (role, name) in READERS {
            let cost = measured(role, &server.url, *count, rounds)?;
            let ratio = cost.cpu.as_secs_f64() / slices.cpu.as_secs_f64();
            let (memory, cpu) = (cost.memory as f64 / 1024.0, cost.cpu.as_secs_f64() * 1e3);
            println!("  {name:<40} {memory:>6.1}   {cpu:>7.1}   {ratio:>5.2}");
        }
    }
    Ok(())
}

/// The cost of reading a list in one process.
#[derive(Clone, Copy)]
struct Cost {
    /// In KiB.
    memory: u64,
    cpu: Duration,
}

/// The median over several processes.
fn measured(role: &str, url: &str, count: usize, rounds: usize) -> Outcome<Cost> {
    let mut costs = Vec::new();
    for _ in 0..rounds {
        let url = format!("{url}/{count}");
        let output = Command::new(std::env::current_exe()?).env(ROLE, role).env(URL, url).output()?;
        let text = String::from_utf8(output.stdout)?;
        let mut numbers = text.split_whitespace().map(str::parse::<u64>);
        let mut number = || numbers.next().ok_or_else(|| String::from_utf8_lossy(&output.stderr).into_owned());
        let (memory, cpu, seen) = (number()??, number()??, number()??);
        if role != "nothing" && seen != count as u64 {
            return Err(format!("{role} saw {seen} of {count} groups").into());
        }
        costs.push(Cost { memory, cpu: Duration::from_nanos(cpu) });
    }
    costs.sort_by_key(|cost| cost.cpu);
    let cpu = costs.get(costs.len() / 2).ok_or("nothing was measured")?.cpu;
    costs.sort_by_key(|cost| cost.memory);
    let memory = costs.get(costs.len() / 2).ok_or("nothing was measured")?.memory;
    Ok(Cost { memory, cpu })
}

fn read(role: &str, url: &str) -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (cpu, count) = runtime.block_on(async {
        let http = bare_client()?;
        match role {
            "slice" => {
                let body = http.get(format!("{url}/v1/workspaceGroups")).send().await?.bytes().await?;
                let before = cpu_time()?;
                let groups: Vec<WorkspaceGroup> = serde_json::from_slice(&body)?;
                Ok((cpu_time()? - before, groups.len()))
            }
            "bare" => {
                let before = cpu_time()?;
                let body = http.get(format!("{url}/v1/workspaceGroups")).bearer_auth(KEY).send().await?.bytes().await?;
                let groups: Vec<WorkspaceGroup> = serde_json::from_slice(&body)?;
                Ok((cpu_time()? - before, groups.len()))
            }
            role => {
                drop(http);
                let policy = if role == "once" { RetryPolicy::none() } else { RetryPolicy::default() };
                let client = Client::builder().base_url(url).api_key(KEY).retry(policy).build()?;
                let before = cpu_time()?;
                let mut count = 0;
                if role == "await" {
                    count = client.workspace_groups().list().await?.len();
                } else if role != "nothing" {
                    let mut items = client.workspace_groups().list().items();
                    while let Some(group) = items.try_next().await? {
                        count += usize::from(!group.name.is_empty());
                    }
                }
                Outcome::Ok((cpu_time()? - before, count))
            }
        }
    })?;
    println!("{} {} {count}", peak_memory()?, cpu.as_nanos());
    Ok(())
}

/// The peak resident memory of this process so far, in KiB.
fn peak_memory() -> Outcome<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).ok_or("VmHWM is missing; this needs Linux")?;
    Ok(line.split_whitespace().nth(1).ok_or("VmHWM is empty")?.parse()?)
}

/// The CPU time of this thread so far. Linux reports it in nanoseconds, without a call that would need `unsafe`.
fn cpu_time() -> Outcome<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanos = text.split_whitespace().next().ok_or("the file is empty")?.parse()?;
    Ok(Duration::from_nanos(nanos))
}

fn bare_client() -> Outcome<reqwest::Client> {
    let tls = rustls::ClientConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
        .with_safe_default_protocol_versions()?
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    Ok(reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy().build()?)
}

/// The server process; it ends with this one.
struct Server {
    child: Child,
    url: String,
}

impl Server {
    fn start() -> Outcome<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .env(ROLE, "serve")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().ok_or("the server has no output")?).read_line(&mut line)?;
        Ok(Self { child, url: line.trim().to_owned() })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Serves `/COUNT/...` with a list of that many groups.
fn serve() -> Outcome<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("http://{}", listener.local_addr()?);
    std::io::stdout().flush()?;
    std::thread::spawn(|| {
        // The pipe closes when the measuring program is gone.
        let _ = std::io::stdin().read(&mut [0]);
        std::process::exit(0);
    });
    for stream in listener.incoming() {
        let stream = stream?;
        std::thread::spawn(move || respond(stream));
    }
    Ok(())
}

fn respond(mut stream: TcpStream) -> std::io::Result<()> {
    let mut line = String::new();
    let mut reader = BufReader::new(stream.try_clone()?);
    reader.read_line(&mut line)?;
    let mut rest = String::new();
    while reader.read_line(&mut rest)? > 2 {
        rest.clear();
    }
    let count: usize = line.split('/').nth(1).and_then(|count| count.parse().ok()).unwrap_or_default();
    let group = |number: usize| {
        let id = format!("3f2504e0-4f89-41d3-9a0c-{number:012x}");
        format!(
            r#"{{"workspaceGroupID":"{id}","name":"tenant-{number}","state":"ACTIVE","regionID":"{id}","regionName":"us-east-1","provider":"AWS","projectID":"{id}","projectName":"tenants","createdAt":"2026-01-02T03:04:05.678901Z","firewallRanges":["203.0.113.0/24","198.51.100.0/24"],"allowAllTraffic":false,"deploymentType":"PRODUCTION","updateWindow":{{"day":2,"hour":3}}}}"#
        )
    };
    let length = 2 + count.saturating_sub(1) + (0..count).map(|number| group(number).len()).sum::<usize>();
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nDate: Tue, 24 Nov 2026 06:24:16 GMT\r\n";
    stream.write_all(format!("{head}Connection: close\r\nContent-Length: {length}\r\n\r\n[").as_bytes())?;
    let mut text = String::new();
    for number in 0..count {
        if number > 0 {
            text.push(',');
        }
        text.push_str(&group(number));
        if text.len() > 64 << 10 {
            stream.write_all(text.as_bytes())?;
            text.clear();
        }
    }
    text.push(']');
    stream.write_all(text.as_bytes())
}
