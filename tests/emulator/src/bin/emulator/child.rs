//! Signals, and the command run by `exec`.

use std::io;
use std::time::Duration;

use singlestore_management_emulator::Emulator;
use tokio::process::Command;

/// The signals that stop the emulator.
#[cfg(unix)]
pub(crate) struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    pub(crate) fn new() -> io::Result<Signals> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Signals { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Waits for either; returns whether it was the terminal's.
    async fn next(&mut self) -> bool {
        tokio::select! {
            _ = self.interrupt.recv() => true,
            _ = self.terminate.recv() => false,
        }
    }

    pub(crate) async fn any(mut self) {
        self.next().await;
    }
}

#[cfg(not(unix))]
pub(crate) struct Signals;

#[cfg(not(unix))]
impl Signals {
    pub(crate) fn new() -> io::Result<Signals> {
        Ok(Signals)
    }

    async fn next(&mut self) -> bool {
        // If listening for Ctrl-C fails, the process has to be stopped by other means.
        let _ = tokio::signal::ctrl_c().await;
        true
    }

    pub(crate) async fn any(mut self) {
        self.next().await;
    }
}

/// How long a command has to exit after it was asked to; then it is killed.
const LAST: Duration = Duration::from_secs(30);

/// Runs a command with the variables that clients read, passes signals on, and returns its exit code.
pub(crate) async fn run(
    words: &[String],
    emulator: &Emulator,
    control: Option<&str>,
    mut signals: Signals,
) -> io::Result<u8> {
    let (program, arguments) = words.split_first().ok_or_else(|| io::Error::other("no command"))?;
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env("SINGLESTOREDB_MANAGEMENT_BASE_URL", emulator.url())
        .env("SINGLESTOREDB_MANAGEMENT_TOKEN", emulator.api_key())
        .env("SINGLESTOREDB_API_KEY", emulator.api_key())
        .env("SINGLESTORE_EMULATOR_STORAGE_URL", emulator.storage_url())
        .kill_on_drop(true);
    if let Some(control) = control {
        command.env("SINGLESTORE_EMULATOR_CONTROL_URL", control);
    }
    let mut child = command.spawn().map_err(|error| io::Error::new(error.kind(), format!("{program}: {error}")))?;
    let mut last = None;
    loop {
        tokio::select! {
            status = child.wait() => return status.map(code),
            interrupted = signals.next() => {
                pass_on(&child, interrupted);
                // The command decides what an interrupt means.
                if !interrupted && last.is_none() {
                    last = Some(tokio::time::Instant::now() + LAST);
                }
            }
            () = until(last) => {
                child.start_kill()?;
                last = None;
            }
        }
    }
}

/// Waits for a point in time, or forever.
async fn until(moment: Option<tokio::time::Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

#[cfg(unix)]
fn pass_on(child: &tokio::process::Child, interrupted: bool) {
    use rustix::process::{Pid, Signal, kill_process};
    let id = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    if let Some(id) = id {
        // It may have exited in the meantime.
        let _ = kill_process(id, if interrupted { Signal::INT } else { Signal::TERM });
    }
}

#[cfg(not(unix))]
fn pass_on(_child: &tokio::process::Child, _interrupted: bool) {}

#[cfg(unix)]
fn code(status: std::process::ExitStatus) -> u8 {
    use std::os::unix::process::ExitStatusExt;
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(1);
    u8::try_from(code).unwrap_or(1)
}

#[cfg(not(unix))]
fn code(status: std::process::ExitStatus) -> u8 {
    status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}
