//! Memory and CPU time of an upload and a download of 256 MiB, compared with reqwest alone doing the same work on disk.
//!
//! `cargo bench --bench transfer` starts a server in its own process, and for each measurement a process that makes one
//! transfer and prints what the kernel counted for it: its peak memory (`VmHWM`) and the time of all its threads. Both
//! kinds take turns. It fails if a limit is exceeded. Linux only, for `/proc`.

use std::collections::hash_map::DefaultHasher;
use std::error::Error;
use std::hash::Hasher;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::process::{Child, Command, Stdio};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use singlestore_management::files::UploadBody;
use singlestore_management::{Client, WorkspaceGroupId};
use tokio::task::JoinHandle;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

const ID: &str = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";
const KEY: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const ROLE: &str = "SINGLESTORE_MANAGEMENT_BENCH_ROLE";
const PIECE: usize = 256 << 10;
const SIZE: u64 = 256 << 20;
const ROUNDS: usize = 7;
/// The maximum memory of a transfer, in KiB.
const MAX_MEMORY: u64 = 8 << 10;
/// The maximum CPU time, as a multiple of reqwest's.
const MAX_RATIO: f64 = 1.05;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().collect();
    match std::env::var(ROLE).as_deref() {
        Ok("server") => return serve(),
        Ok(role) => return work(role),
        Err(_) => {}
    }
    // `cargo test --benches` runs this too, only to check that it works.
    let in_earnest = arguments.iter().any(|argument| argument == "--bench");
    let (size, rounds) = if in_earnest { (SIZE, ROUNDS) } else { (1 << 20, 1) };
    if !Path::new("/proc/self/status").exists() {
        println!("no /proc here, so nothing is measured");
        return Ok(());
    }
    let folder = std::env::temp_dir().join(format!("singlestore-management-transfer-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let outcome = measure(&folder, size, rounds, in_earnest);
    std::fs::remove_dir_all(&folder)?;
    outcome
}

fn measure(folder: &Path, size: u64, rounds: usize, in_earnest: bool) -> Outcome<()> {
    let source = folder.join("source");
    let mut file = std::fs::File::create(&source)?;
    let mut hash = DefaultHasher::new();
    for number in 0..size / PIECE as u64 {
        file.write_all(&piece(number))?;
        hash.write(&piece(number));
    }
    drop(file);
    let server = Server::start(size)?;
    let mut within = true;
    for way in ["up", "down"] {
        let (mut ours, mut bare) = (Vec::new(), Vec::new());
        for round in 0..=rounds {
            for (kind, list) in [("ours", &mut ours), ("bare", &mut bare)] {
                let measured = run_worker(&format!("{kind}-{way}"), &server.url, folder, size)?;
                if measured.hash != hash.finish() {
                    return Err(format!("{kind} {way}: the wrong bytes arrived").into());
                }
                // The first round fills the disk caches.
                if round > 0 {
                    list.push(measured);
                }
            }
        }
        let (cpu, bare_cpu) = (median(&ours, |m| m.cpu), median(&bare, |m| m.cpu));
        let ratios: Vec<f64> = ours.iter().zip(&bare).map(|(ours, bare)| ours.cpu as f64 / bare.cpu as f64).collect();
        let ratio = middle(ratios);
        let peak = ours.iter().map(|measured| measured.memory).max().unwrap_or(0);
        let bare_peak = bare.iter().map(|measured| measured.memory).max().unwrap_or(0);
        println!(
            "{way:4} {} MiB: peak memory {:.1} MiB (reqwest alone {:.1}); CPU {:.0} ms (reqwest alone {:.0}), median of \
             {rounds} ratios {ratio:.3}; equal hashes",
            size >> 20,
            peak as f64 / 1024.0,
            bare_peak as f64 / 1024.0,
            cpu as f64 / 1e6,
            bare_cpu as f64 / 1e6,
        );
        within &= peak <= MAX_MEMORY && ratio <= MAX_RATIO;
    }
    if in_earnest && !within {
        return Err(format!("the limits are {} MiB and {MAX_RATIO}", MAX_MEMORY / 1024).into());
    }
    Ok(())
}

/// What the kernel counted for one transfer.
struct Measured {
    memory: u64,
    cpu: u64,
    hash: u64,
}

fn median(all: &[Measured], of: impl Fn(&Measured) -> u64) -> u64 {
    middle(all.iter().map(|measured| of(measured) as f64).collect()) as u64
}

fn middle(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or(0.0)
}

/// Generated content that differs from piece to piece.
fn piece(number: u64) -> Vec<u8> {
    let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let words = std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    });
    words.take(PIECE / 8).flatten().collect()
}

fn hash_of(path: &Path) -> Outcome<u64> {
    let (mut file, mut hash, mut piece) = (std::fs::File::open(path)?, DefaultHasher::new(), vec![0; PIECE]);
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(hash.finish()),
            read => hash.write(&piece[..read]),
        }
    }
}

fn run_worker(role: &str, url: &str, folder: &Path, size: u64) -> Outcome<Measured> {
    let mut command = Command::new(std::env::current_exe()?);
    let output =
        command.env(ROLE, role).env("URL", url).env("FOLDER", folder).env("SIZE", size.to_string()).output()?;
    let text = String::from_utf8(output.stdout)?;
    let numbers: Vec<u64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    match numbers[..] {
        [memory, cpu, hash] => {
            let hash = if role.ends_with("down") { hash_of(&folder.join("target"))? } else { hash };
            Ok(Measured { memory, cpu, hash })
        }
        _ => Err(format!("{role} failed: {text} {}", String::from_utf8_lossy(&output.stderr)).into()),
    }
}

fn work(role: &str) -> Outcome<()> {
    let variable = |name: &str| std::env::var(name);
    let (url, folder, size) = (variable("URL")?, PathBuf::from(variable("FOLDER")?), variable("SIZE")?.parse()?);
    let (source, target) = (folder.join("source"), folder.join("target"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let hash = runtime.block_on(async {
        match role {
            "ours-up" => our_upload(&url, &source).await,
            "ours-down" => our_download(&url, &target).await,
            "bare-up" => bare_upload(&url, &source, size).await,
            _ => bare_download(&url, &target).await,
        }
    })?;
    // Before the threads end: the time of ended threads is not counted with that of the others.
    let (memory, cpu) = (peak_memory()?, cpu_time()?);
    println!("{memory} {cpu} {hash}");
    Ok(())
}

fn peak_memory() -> Outcome<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    Ok(line.and_then(|line| line.split_whitespace().next()).ok_or("no VmHWM")?.parse()?)
}

/// Nanoseconds of all threads.
fn cpu_time() -> Outcome<u64> {
    let mut total = 0;
    for task in std::fs::read_dir("/proc/self/task")? {
        let text = std::fs::read_to_string(task?.path().join("schedstat"))?;
        total += text.split_whitespace().next().ok_or("no time")?.parse::<u64>()?;
    }
    Ok(total)
}

fn client(url: &str) -> Outcome<(Client, WorkspaceGroupId)> {
    Ok((Client::builder().base_url(url).api_key(KEY).build()?, ID.parse()?))
}

async fn our_upload(url: &str, source: &Path) -> Outcome<u64> {
    let (client, group) = client(url)?;
    client.stage().upload(group, "up", UploadBody::from_path(source)).await?;
    // The server says which bytes it received.
    let hash = client.stage().metadata(group, "hash").await?.name;
    Ok(hash.parse()?)
}

async fn our_download(url: &str, target: &Path) -> Outcome<u64> {
    let (client, group) = client(url)?;
    client.stage().download(group, "down").to_file(target).await?;
    Ok(0)
}

fn bare() -> Outcome<reqwest::Client> {
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let tls = tls.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth();
    let builder = reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy();
    Ok(builder.redirect(reqwest::redirect::Policy::none()).build()?)
}

/// The extra calls that our transfer makes, so that only the transfers differ.
async fn look(http: &reqwest::Client, url: &str, path: &str) -> Outcome<String> {
    let response = http.get(format!("{url}/v1/stage/{ID}/fs/{path}?metadata=true")).bearer_auth(KEY).send().await?;
    Ok(response.text().await?)
}

async fn bare_upload(url: &str, source: &Path, size: u64) -> Outcome<u64> {
    let http = bare()?;
    look(&http, url, "up").await?;
    let (prefix, suffix) =
        ("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"file\"\r\n\r\n", "\r\n--b--\r\n");
    let pieces = Pieces {
        file: Some(std::fs::File::open(source)?),
        job: None,
        before: Some(Bytes::from_static(prefix.as_bytes())),
        after: Some(Bytes::from_static(suffix.as_bytes())),
    };
    let request = http
        .put(format!("{url}/v1/stage/{ID}/fs/up"))
        .bearer_auth(KEY)
        .header("Content-Type", "multipart/form-data; boundary=b")
        .header("Content-Length", prefix.len() as u64 + size + suffix.len() as u64)
        .body(reqwest::Body::wrap_stream(pieces));
    request.send().await?.error_for_status()?.bytes().await?;
    let text = look(&http, url, "hash").await?;
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    Ok(digits.parse()?)
}

type Read1 = JoinHandle<std::io::Result<(std::fs::File, Vec<u8>)>>;

/// A file in pieces, each read by its own thread while the previous one is sent.
struct Pieces {
    file: Option<std::fs::File>,
    job: Option<Read1>,
    before: Option<Bytes>,
    after: Option<Bytes>,
}

impl Pieces {
    fn read(&mut self) {
        if let Some(mut file) = self.file.take() {
            self.job = Some(tokio::task::spawn_blocking(move || {
                let mut piece = Vec::with_capacity(PIECE);
                (&mut file).take(PIECE as u64).read_to_end(&mut piece)?;
                Ok((file, piece))
            }));
        }
    }
}

impl Stream for Pieces {
    type Item = std::io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.job.is_none() {
            self.read();
        }
        if let Some(before) = self.before.take() {
            return Poll::Ready(Some(Ok(before)));
        }
        let Some(job) = &mut self.job else { return Poll::Ready(self.after.take().map(Ok)) };
        let (file, piece) = ready!(Pin::new(job).poll(context)).map_err(std::io::Error::other)??;
        self.job = None;
        if piece.is_empty() {
            return Poll::Ready(self.after.take().map(Ok));
        }
        self.file = Some(file);
        self.read();
        Poll::Ready(Some(Ok(piece.into())))
    }
}

async fn bare_download(url: &str, target: &Path) -> Outcome<u64> {
    let http = bare()?;
    let response = http.get(format!("{url}/v1/stage/{ID}/fs/down")).bearer_auth(KEY).send().await?;
    let location = response.headers().get("location").ok_or("no redirect")?.to_str()?.to_owned();
    let mut response = http.get(location).send().await?;
    let part = target.with_extension("part");
    let mut file = Some(std::fs::File::create(&part)?);
    let mut job: Option<JoinHandle<std::io::Result<std::fs::File>>> = None;
    let (mut gathered, mut length) = (Vec::new(), 0);
    loop {
        let chunk = response.chunk().await?;
        if let Some(chunk) = &chunk {
            length += chunk.len();
            gathered.push(chunk.clone());
        }
        if length >= PIECE || chunk.is_none() {
            if let Some(job) = job.take() {
                file = Some(job.await??);
            }
            let mut file = file.take().ok_or("no file")?;
            let pieces = std::mem::take(&mut gathered);
            length = 0;
            job = Some(tokio::task::spawn_blocking(move || {
                pieces.iter().try_for_each(|piece| file.write_all(piece))?;
                Ok(file)
            }));
        }
        if chunk.is_none() {
            break;
        }
    }
    if let Some(job) = job {
        job.await??;
    }
    std::fs::rename(part, target)?;
    look(&http, url, "down").await?;
    Ok(0)
}

/// The server, in its own process; it ends with this value.
struct Server {
    process: Child,
    url: String,
}

impl Server {
    fn start(size: u64) -> Outcome<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .env(ROLE, "server")
            .env("SIZE", size.to_string())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut url = String::new();
        BufReader::new(process.stdout.take().ok_or("no output")?).read_line(&mut url)?;
        Ok(Self { process, url: url.trim().to_owned() })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn serve() -> Outcome<()> {
    let size: u64 = std::env::var("SIZE")?.parse()?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}", listener.local_addr()?);
    println!("{url}");
    let hash = std::sync::Arc::new(std::sync::Mutex::new(0_u64));
    for stream in listener.incoming() {
        let (stream, url, hash) = (stream?, url.clone(), hash.clone());
        std::thread::spawn(move || {
            // A client that is done closes its connection, which is not a failure.
            let _ = respond_to_all(stream, &url, size, &hash);
        });
    }
    Ok(())
}

fn respond_to_all(mut stream: TcpStream, url: &str, size: u64, hash: &std::sync::Mutex<u64>) -> Outcome<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::with_capacity(PIECE, stream.try_clone()?);
    loop {
        let (mut line, mut length) = (String::new(), 0_u64);
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        loop {
            let mut header = String::new();
            reader.read_line(&mut header)?;
            if header.trim().is_empty() {
                break;
            }
            if let Some((name, value)) = header.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse()?;
            }
        }
        if line.starts_with("PUT") {
            *hash.lock().map_err(|_| "poisoned")? = receive(&mut reader, length)?;
            reply(&mut stream, "200 OK", "", "{\"name\":\"up\",\"path\":\"up\"}")?;
        } else if line.contains("/storage") {
            write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {size}\r\nETag: \"v1\"\r\n\r\n")?;
            for number in 0..size / PIECE as u64 {
                stream.write_all(&piece(number))?;
            }
        } else if line.contains("/hash") {
            let hash = *hash.lock().map_err(|_| "poisoned")?;
            reply(&mut stream, "200 OK", "", &format!("{{\"name\":\"{hash}\"}}"))?;
        } else if line.contains("/up") {
            reply(&mut stream, "404 Not Found", "", "path not found")?;
        } else if line.contains("metadata") {
            reply(&mut stream, "200 OK", "", &format!("{{\"size\":{size}}}"))?;
        } else {
            reply(&mut stream, "307 Temporary Redirect", &format!("Location: {url}/storage\r\n"), "")?;
        }
    }
}

fn reply(stream: &mut TcpStream, status: &str, headers: &str, body: &str) -> Outcome<()> {
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n{headers}\r\n{body}", body.len());
    Ok(stream.write_all(head.as_bytes())?)
}

/// Reads a form with one part, and hashes the part.
fn receive(reader: &mut impl BufRead, mut length: u64) -> Outcome<u64> {
    let (mut boundary, mut line) = (0, String::new());
    while line != "\r\n" {
        line.clear();
        length -= reader.read_line(&mut line)? as u64;
        boundary = boundary.max(if line.starts_with("--") { line.trim_end().len() as u64 } else { 0 });
    }
    let mut left = length - boundary - 6;
    let (mut hash, mut piece) = (DefaultHasher::new(), vec![0; PIECE]);
    while left > 0 {
        let want = left.min(PIECE as u64) as usize;
        let part = piece.get_mut(..want).ok_or("no room")?;
        reader.read_exact(part)?;
        hash.write(part);
        left -= want as u64;
    }
    let mut end = vec![0; usize::try_from(boundary + 6)?];
    reader.read_exact(&mut end)?;
    Ok(hash.finish())
}
