//! The canned server: its responses are fixed, so that it costs the same for all peers.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use crate::{BLOCK, Outcome, ROLE, Scale};

/// The server in its own process; it ends with this value.
pub(crate) struct Server {
    process: Child,
    pub url: String,
}

impl Server {
    pub(crate) fn start(scale: &Scale) -> Outcome<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .env(ROLE, "server")
            .env("GROUPS", scale.groups.to_string())
            .env("BLOCKS", scale.blocks.to_string())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut url = String::new();
        BufReader::new(process.stdout.take().ok_or("the server has no output")?).read_line(&mut url)?;
        Ok(Self { process, url: url.trim().to_owned() })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The block that a file repeats.
pub(crate) fn block() -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let words = std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    });
    words.take(BLOCK / 8).flatten().collect()
}

/// What all connections read.
struct World {
    url: String,
    list: String,
    blocks: usize,
    block: Vec<u8>,
    /// Paths that were uploaded.
    uploaded: Mutex<HashSet<String>>,
}

pub(crate) fn serve() -> Outcome<()> {
    let number = |name: &str| -> Outcome<usize> { Ok(std::env::var(name)?.parse()?) };
    let (groups, blocks) = (number("GROUPS")?, number("BLOCKS")?);
    let list = format!("[{}]", (0..groups).map(group).collect::<Vec<_>>().join(","));
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}", listener.local_addr()?);
    let world = Arc::new(World { url, list, blocks, block: block(), uploaded: Mutex::default() });
    println!("{}", world.url);
    for stream in listener.incoming() {
        let (stream, world) = (stream?, world.clone());
        std::thread::spawn(move || {
            // A client that is done closes its connection, which is not a failure.
            let _ = respond_to_all(stream, &world);
        });
    }
    Ok(())
}

fn group(number: usize) -> String {
    let id = format!("3f2504e0-4f89-41d3-9a0c-{number:012x}");
    format!(
        r#"{{"workspaceGroupID":"{id}","name":"tenant-{number}","state":"ACTIVE","regionID":"3f2504e0-4f89-41d3-9a0c-0305e82c3301","regionName":"US East 1 (N. Virginia)","provider":"AWS","createdAt":"2026-01-02T03:04:05.678901Z","firewallRanges":["203.0.113.0/24","198.51.100.0/24"],"allowAllTraffic":false,"deploymentType":"PRODUCTION","updateWindow":{{"day":2,"hour":3}}}}"#
    )
}

fn metadata(path: &str, size: usize) -> String {
    format!(
        r#"{{"name":"{path}","path":"{path}","size":{size},"type":"file","format":"","mimetype":"","created":"2026-01-02T03:04:05.678901Z","last_modified":"2026-01-02T03:04:05.678901Z","writable":true,"content":null}}"#
    )
}

fn respond_to_all(mut stream: TcpStream, world: &World) -> Outcome<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::with_capacity(BLOCK, stream.try_clone()?);
    loop {
        let (mut line, mut length) = (String::new(), 0_u64);
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let mut continues = false;
        loop {
            let mut header = String::new();
            reader.read_line(&mut header)?;
            if header.trim().is_empty() {
                break;
            }
            let Some((name, value)) = header.split_once(':') else { continue };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse()?;
            }
            continues |= name.eq_ignore_ascii_case("expect");
        }
        if continues {
            stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        if std::io::copy(&mut (&mut reader).take(length), &mut std::io::sink())? < length {
            return Err("the body ended early".into());
        }
        respond(&mut stream, line.trim_end(), world)?;
    }
}

fn respond(stream: &mut TcpStream, line: &str, world: &World) -> Outcome<()> {
    let mut words = line.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let size = world.blocks * BLOCK;
    if path == "/storage" {
        write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {size}\r\nETag: \"v1\"\r\n\r\n")?;
        return Ok((0..world.blocks).try_for_each(|_| stream.write_all(&world.block))?);
    }
    if let Some((_, file)) = path.split_once("/fs/") {
        let mut uploaded = world.uploaded.lock().unwrap_or_else(PoisonError::into_inner);
        return if method == "PUT" {
            uploaded.insert(file.to_owned());
            reply(stream, "200 OK", "", &metadata(file, size))
        } else if query.contains("metadata") {
            match file.starts_with("down") || uploaded.contains(file) {
                true => reply(stream, "200 OK", "", &metadata(file, size)),
                false => reply(stream, "404 Not Found", "", "path not found"),
            }
        } else {
            reply(stream, "307 Temporary Redirect", &format!("Location: {}/storage\r\n", world.url), "")
        };
    }
    match path.strip_prefix("/v1/") {
        Some("workspaceGroups") => reply(stream, "200 OK", "", &world.list),
        Some("regions") => reply(
            stream,
            "200 OK",
            "",
            r#"[{"regionID":"3f2504e0-4f89-41d3-9a0c-0305e82c3301","region":"US East 1 (N. Virginia)","regionName":"us-east-1","provider":"AWS"}]"#,
        ),
        Some(path) if path.starts_with("workspaceGroups/") => reply(stream, "200 OK", "", &group(7)),
        _ => reply(stream, "404 Not Found", "", r#"{"code":404,"message":"no such path"}"#),
    }
}

fn reply(stream: &mut TcpStream, status: &str, headers: &str, body: &str) -> Outcome<()> {
    let length = body.len();
    let kind = if body.starts_with(['{', '[']) { "application/json" } else { "text/plain; charset=utf-8" };
    let head = format!("HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{headers}Content-Length: {length}\r\n\r\n");
    if body.len() < BLOCK {
        return Ok(stream.write_all((head + body).as_bytes())?);
    }
    stream.write_all(head.as_bytes())?;
    Ok(stream.write_all(body.as_bytes())?)
}
