//! What a call of this crate costs in CPU time, compared with the same request made with reqwest and serde alone.
//!
//! `cargo bench --bench call_overhead` starts a server in its own process, makes both kinds of call in turn, one after
//! the other and 64 at once, and prints the time of each and their ratio. The time is that of the calling thread, as
//! counted by the kernel, so it includes neither the server nor other programs.

// Everything runs on one thread, whose CPU time is measured.
#![allow(clippy::future_not_send)]

use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use singlestore_management::types::WorkspaceGroup;
use singlestore_management::{Client, WorkspaceGroupId};

type Outcome<T> = Result<T, Box<dyn Error>>;

const ID: &str = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";
const KEY: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const SERVE: &str = "SINGLESTORE_MANAGEMENT_BENCH_SERVES";
/// Calls per measurement.
const CALLS: usize = 4_000;
const ROUNDS: usize = 9;

fn main() -> Outcome<()> {
    if std::env::var_os(SERVE).is_some() {
        return serve();
    }
    // `cargo test --benches` runs this too, only to check that it works.
    let (calls, rounds) =
        if std::env::args().any(|argument| argument == "--bench") { (CALLS, ROUNDS) } else { (64, 1) };
    let server = Server::start()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(measure(&server.url, calls, rounds))
}

async fn measure(url: &str, calls: usize, rounds: usize) -> Outcome<()> {
    let client = Client::builder().base_url(url).api_key(KEY).build()?;
    let (bare, limited) = (bare_client(false)?, bare_client(true)?);
    for (name, at_once) in [("one after the other", 1), ("64 at once", 64)] {
        let mut times = [Vec::new(), Vec::new(), Vec::new()];
        for round in 0..=rounds {
            let spent = [
                spent(run(calls, at_once, || bare_call(bare.clone(), url.to_owned()))).await?,
                spent(run(calls, at_once, || bare_call(limited.clone(), url.to_owned()))).await?,
                spent(run(calls, at_once, || our_call(client.clone()))).await?,
            ];
            // The first round opens the connections and warms the caches.
            if round > 0 {
                times.iter_mut().zip(spent).for_each(|(times, time)| times.push(time));
            }
        }
        let [bare, limited, ours] = times.map(|mut times| median(&mut times).as_secs_f64() * 1e6 / calls as f64);
        println!("{name}, µs of CPU a call:");
        println!("  reqwest + serde                        {bare:6.1}");
        println!("  reqwest + serde, with time limits      {limited:6.1}, ratio {:.2}", limited / bare);
        println!("  this crate                             {ours:6.1}, ratio {:.2}", ours / bare);
    }
    Ok(())
}

/// What this crate does for a call, by hand.
async fn bare_call(http: reqwest::Client, base: String) -> Outcome<()> {
    let response = http.get(format!("{base}/v1/workspaceGroups/{ID}")).bearer_auth(KEY).send().await?;
    let group: WorkspaceGroup = response.error_for_status()?.json().await?;
    if group.name == "tenant-42" { Ok(()) } else { Err("a different group was returned".into()) }
}

async fn our_call(client: Client) -> Outcome<()> {
    let id: WorkspaceGroupId = ID.parse()?;
    let group = client.workspace_groups().get(id).await?;
    if group.name == "tenant-42" { Ok(()) } else { Err("a different group was returned".into()) }
}

/// Makes all calls, this many at once. Both kinds go through here.
async fn run<F>(calls: usize, at_once: usize, call: impl Fn() -> F) -> Outcome<()>
where
    F: Future<Output = Outcome<()>> + 'static,
{
    if at_once == 1 {
        for _ in 0..calls {
            call().await?;
        }
        return Ok(());
    }
    let local = tokio::task::LocalSet::new();
    let tasks: Vec<_> = (0..at_once)
        .map(|_| {
            let calls: Vec<F> = (0..calls / at_once).map(|_| call()).collect();
            local.spawn_local(async move {
                for call in calls {
                    if let Err(error) = call.await {
                        return Err(error.to_string());
                    }
                }
                Ok(())
            })
        })
        .collect();
    local.await;
    for task in tasks {
        task.await??;
    }
    Ok(())
}

/// The CPU time that the thread spends on some work.
async fn spent(work: impl Future<Output = Outcome<()>>) -> Outcome<Duration> {
    let before = cpu_time()?;
    work.await?;
    Ok(cpu_time()?.saturating_sub(before))
}

/// The CPU time of this thread so far. Linux reports it in nanoseconds, without a call that would need `unsafe`.
fn cpu_time() -> Outcome<Duration> {
    let path = "/proc/thread-self/schedstat";
    let text =
        std::fs::read_to_string(path).map_err(|error| format!("{path} cannot be read ({error}); it needs Linux"))?;
    let nanos = text.split_whitespace().next().ok_or("the file is empty")?.parse()?;
    Ok(Duration::from_nanos(nanos))
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// reqwest with the settings that our client uses too, and no others; with its time limits only if requested.
fn bare_client(limits: bool) -> Outcome<reqwest::Client> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    let mut builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .user_agent("singlestore-management/0.1.0")
        .no_proxy()
        .connect_timeout(Duration::from_secs(10));
    if limits {
        builder = builder.timeout(Duration::from_secs(600)).read_timeout(Duration::from_secs(180));
    }
    Ok(builder.build()?)
}

/// The server process; it ends with this one.
struct Server {
    child: Child,
    url: String,
}

impl Server {
    fn start() -> Outcome<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .env(SERVE, "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        let output = child.stdout.take().ok_or("the server has no output")?;
        BufReader::new(output).read_line(&mut line)?;
        Ok(Self { child, url: line.trim().to_owned() })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Responds to every request with one workspace group, a thread for each connection.
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
    stream.set_nodelay(true)?;
    let body = format!(
        r#"{{"workspaceGroupID":"{ID}","name":"tenant-42","state":"ACTIVE","regionID":"{ID}","regionName":"us-east-1","provider":"AWS","projectID":"{ID}","projectName":"tenants","createdAt":"2026-01-02T03:04:05.678901Z","firewallRanges":["203.0.113.0/24","198.51.100.0/24"],"allowAllTraffic":false,"deploymentType":"PRODUCTION","updateWindow":{{"day":2,"hour":3}}}}"#
    );
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nDate: Tue, 24 Nov 2026 06:24:16 GMT\r\n";
    let whole = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
    let mut buffer = [0; 16 * 1024];
    let mut have = 0;
    loop {
        let read = stream.read(buffer.get_mut(have..).unwrap_or_default())?;
        if read == 0 {
            return Ok(());
        }
        have += read;
        // A GET has no body: its head ends with an empty line.
        if buffer.get(..have).is_some_and(|head| head.ends_with(b"\r\n\r\n")) {
            stream.write_all(whole.as_bytes())?;
            have = 0;
        }
    }
}
