//! Shared by the examples: a client for the service if there is a key, and for an emulator otherwise.

#![allow(dead_code, reason = "every example uses its own part")]

use std::io::{BufRead, IsTerminal, Write};

use singlestore_management::Client;
use singlestore_management_emulator::Emulator;

/// Where an example runs: on the service or on an emulator.
pub(crate) struct Place {
    pub(crate) client: Client,
    /// `None` for the service.
    pub(crate) emulator: Option<Emulator>,
}

impl Place {
    /// The service if the environment has a key, otherwise an emulator. Does not ask; see [`agree`](Self::agree).
    pub(crate) fn choose() -> Result<Self, Box<dyn std::error::Error>> {
        if has_key() {
            return Ok(Self { client: Client::from_env()?, emulator: None });
        }
        let emulator = Emulator::builder().polls_until_ready(1).start()?;
        eprintln!("No key in the environment: running against an emulator at {}.", emulator.url());
        let client = Client::builder().base_url(emulator.url()).api_key(emulator.api_key()).build()?;
        Ok(Self { client, emulator: Some(emulator) })
    }

    /// Call this before anything that changes an account: a person must agree, or `--yes` does. On an emulator it does
    /// not ask.
    pub(crate) fn agree(&self, what: &str, yes: bool) -> Result<(), NotAgreed> {
        if self.emulator.is_some() { Ok(()) } else { agree(what, yes) }
    }

    /// Fails if the emulator saw a request that the API description does not allow.
    pub(crate) fn check(&self) -> Result<(), Box<dyn std::error::Error>> {
        self.emulator.as_ref().map_or(Ok(()), check)
    }
}

/// Whether the environment has a key. An empty one does not count.
pub(crate) fn has_key() -> bool {
    ["SINGLESTOREDB_MANAGEMENT_TOKEN", "SINGLESTOREDB_API_KEY", "SINGLESTORE_API_KEY"]
        .iter()
        .any(|name| std::env::var(name).is_ok_and(|value| !value.trim().is_empty()))
}

/// Fails if the emulator saw a request that the API description does not allow.
pub(crate) fn check(emulator: &Emulator) -> Result<(), Box<dyn std::error::Error>> {
    let violations = emulator.violations();
    eprintln!("{} requests, {} violations of the API description.", emulator.requests().len(), violations.len());
    if violations.is_empty() { Ok(()) } else { Err(violations.join("\n").into()) }
}

/// Asks a person, unless `--yes` was given. Without a terminal this is an error, so that a script does not take it for
/// success.
pub(crate) fn agree(what: &str, yes: bool) -> Result<(), NotAgreed> {
    if yes {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() {
        return Err(NotAgreed(format!(
            "{what} There is no terminal to ask for confirmation, so nothing was done. Pass --yes to agree."
        )));
    }
    let ask = || {
        eprint!("{what} Continue? [y/N] ");
        std::io::stderr().flush()?;
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line)?;
        Ok::<_, std::io::Error>(matches!(line.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
    };
    match ask() {
        Ok(true) => Ok(()),
        Ok(false) => Err(NotAgreed("Nothing was done.".to_owned())),
        Err(error) => Err(NotAgreed(format!("{what} Asking for confirmation failed, so nothing was done: {error}"))),
    }
}

/// The action was not confirmed.
pub(crate) struct NotAgreed(String);

impl std::fmt::Display for NotAgreed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The plain message, because `main` prints the `Debug` form of an error.
impl std::fmt::Debug for NotAgreed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotAgreed {}
