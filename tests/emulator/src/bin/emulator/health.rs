//! `healthcheck`: whether an emulator responds, for containers.

use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::process::ExitCode;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(3);

pub(crate) fn check(url: Option<&str>, port: u16) -> ExitCode {
    let authority = match url {
        Some(url) => url.trim_start_matches("http://").split('/').next().unwrap_or_default().to_owned(),
        None => format!("127.0.0.1:{port}"),
    };
    match ask(&authority) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("{authority} responds, but is not an emulator");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("{authority}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn ask(authority: &str) -> std::io::Result<bool> {
    let address = authority.to_socket_addrs()?.next().ok_or_else(|| std::io::Error::other("no such host"))?;
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(stream, "GET /_emulator/health HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n")?;
    let mut response = String::new();
    stream.read_to_string(&mut response)?;
    Ok(response.starts_with("HTTP/1.1 200") && response.ends_with("{\"status\":\"ok\"}"))
}
