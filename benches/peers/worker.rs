//! The tasks as this crate does them, and as a program with only reqwest and serde would.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;
use singlestore_management::files::UploadBody;
use singlestore_management::types::WorkspaceGroup;
use singlestore_management::{Client, WorkspaceGroupId};

use crate::{BLOCK, ID, KEY, Outcome};

/// What a process is to do.
struct Task {
    name: String,
    url: String,
    groups: usize,
    calls: usize,
    remote: String,
    source: PathBuf,
    target: PathBuf,
}

const AT_ONCE: usize = 32;

pub(crate) fn work(role: &str) -> Outcome<()> {
    let variable = |name: &str| std::env::var(name);
    let task = Task {
        name: variable("TASK")?,
        url: variable("URL")?,
        groups: variable("GROUPS")?.parse()?,
        calls: variable("CALLS")?.parse()?,
        remote: variable("REMOTE")?,
        source: variable("SOURCE")?.into(),
        target: variable("TARGET")?.into(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let local = tokio::task::LocalSet::new();
    runtime.block_on(local.run_until(async {
        match role {
            "ours" => ours(&task).await,
            _ => bare(&task).await,
        }
    }))?;
    // Before the threads end: the time of ended threads is not counted with that of the others.
    println!("{} {}", cpu_ms()?, peak_memory_kib()?);
    Ok(())
}

async fn ours(task: &Task) -> Outcome<()> {
    let client = Client::builder().base_url(&task.url).api_key(KEY).build()?;
    let id: WorkspaceGroupId = ID.parse()?;
    match task.name.as_str() {
        "list" => {
            let mut items = client.workspace_groups().list().items();
            let mut count = 0;
            while let Some(group) = items.try_next().await? {
                count += usize::from(!group.name.is_empty());
            }
            expect(count, task.groups)
        }
        "gets" => {
            for _ in 0..task.calls {
                expect(client.workspace_groups().get(id).await?.name.len(), 8)?;
            }
            Ok(())
        }
        "at-once" => {
            at_once(task.calls, move || {
                let client = client.clone();
                async move { expect(client.workspace_groups().get(id).await?.name.len(), 8) }
            })
            .await
        }
        "up" => {
            client.stage().upload(id, &*task.remote, UploadBody::from_path(&task.source)).await?;
            Ok(())
        }
        _ => {
            client.stage().download(id, "down").to_file(&task.target).await?;
            Ok(())
        }
    }
}

async fn bare(task: &Task) -> Outcome<()> {
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let tls = tls.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth();
    let http = reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy().build()?;
    let (groups, files) = (format!("{}/v1/workspaceGroups", task.url), format!("{}/v1/stage/{ID}/fs", task.url));
    match task.name.as_str() {
        "list" => {
            let response = http.get(groups).bearer_auth(KEY).send().await?.error_for_status()?;
            expect(response.json::<Vec<WorkspaceGroup>>().await?.len(), task.groups)
        }
        "gets" => {
            for _ in 0..task.calls {
                bare_get(&http, &groups).await?;
            }
            Ok(())
        }
        "at-once" => {
            at_once(task.calls, move || {
                let (http, groups) = (http.clone(), groups.clone());
                async move { bare_get(&http, &groups).await }
            })
            .await
        }
        "up" => bare_upload(&http, &format!("{files}/{}", task.remote), &task.source).await,
        _ => {
            let mut response = http.get(format!("{files}/down")).bearer_auth(KEY).send().await?.error_for_status()?;
            let mut file = std::fs::File::create(&task.target)?;
            while let Some(chunk) = response.chunk().await? {
                file.write_all(&chunk)?;
            }
            Ok(())
        }
    }
}

async fn bare_get(http: &reqwest::Client, groups: &str) -> Outcome<()> {
    let response = http.get(format!("{groups}/{ID}")).bearer_auth(KEY).send().await?.error_for_status()?;
    expect(response.json::<WorkspaceGroup>().await?.name.len(), 8)
}

async fn bare_upload(http: &reqwest::Client, url: &str, source: &Path) -> Outcome<()> {
    let (head, tail) =
        ("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"file\"\r\n\r\n", "\r\n--b--\r\n");
    let length = (head.len() + tail.len()) as u64 + std::fs::metadata(source)?.len();
    let file = std::fs::File::open(source)?;
    let parts = std::io::Cursor::new(head).chain(file).chain(std::io::Cursor::new(tail));
    let request = http.put(url).bearer_auth(KEY).header("Content-Type", "multipart/form-data; boundary=b");
    let request = request.header("Content-Length", length).body(reqwest::Body::wrap_stream(Blocks(parts)));
    request.send().await?.error_for_status()?;
    Ok(())
}

/// The content of a reader, in blocks; it blocks the thread, as the simplest program would.
struct Blocks<R>(R);

impl<R: Read + Unpin> Stream for Blocks<R> {
    type Item = std::io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut block = Vec::with_capacity(BLOCK);
        Poll::Ready(match (&mut self.0).take(BLOCK as u64).read_to_end(&mut block) {
            Ok(0) => None,
            Ok(_) => Some(Ok(block.into())),
            Err(error) => Some(Err(error)),
        })
    }
}

/// Makes the calls, this many at once.
async fn at_once<F>(calls: usize, call: impl Fn() -> F + Clone + 'static) -> Outcome<()>
where
    F: Future<Output = Outcome<()>> + 'static,
{
    let tasks: Vec<_> = (0..AT_ONCE)
        .map(|task| {
            let call = call.clone();
            tokio::task::spawn_local(async move {
                for _ in (task..calls).step_by(AT_ONCE) {
                    call().await?;
                }
                Outcome::Ok(())
            })
        })
        .collect();
    for task in tasks {
        task.await??;
    }
    Ok(())
}

fn expect(seen: usize, expected: usize) -> Outcome<()> {
    if seen == expected { Ok(()) } else { Err(format!("{seen} arrived instead of {expected}").into()) }
}

/// The CPU time of all threads so far.
fn cpu_ms() -> Outcome<f64> {
    let mut nanos = 0;
    for task in std::fs::read_dir("/proc/self/task")? {
        let text = std::fs::read_to_string(task?.path().join("schedstat"))?;
        nanos += text.split_whitespace().next().ok_or("no time")?.parse::<u64>()?;
    }
    Ok(nanos as f64 / 1e6)
}

fn peak_memory_kib() -> Outcome<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).ok_or("VmHWM is missing")?;
    Ok(line.split_whitespace().nth(1).ok_or("VmHWM is empty")?.parse()?)
}
