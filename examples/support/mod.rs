//! What the examples share: a client of the service where there is a key, and of an emulator where there is none.

#![allow(dead_code, reason = "every example uses its own part")]

use std::io::{BufRead, IsTerminal, Write};

use singlestore_management::Client;
use singlestore_management_emulator::Emulator;

/// Where an example runs.
pub(crate) struct Place {
    pub(crate) client: Client,
    /// None: the service.
    pub(crate) emulator: Option<Emulator>,
}

impl Place {
    /// The service if the environment has a key, else an emulator. Nothing is asked: see [`agree`](Self::agree).
    pub(crate) fn choose() -> Result<Self, Box<dyn std::error::Error>> {
        if has_key() {
            return Ok(Self { client: Client::from_env()?, emulator: None });
        }
        let emulator = Emulator::builder().polls_until_ready(1).start()?;
        eprintln!("No key in the environment: running against an emulator at {}.", emulator.url());
        let client = Client::builder().base_url(emulator.url()).api_key(emulator.api_key()).build()?;
        Ok(Self { client, emulator: Some(emulator) })
    }

    /// Comes before whatever changes an account: a person agrees to it, or `--yes` did. In an emulator nothing is asked.
    pub(crate) fn agree(&self, what: &str, yes: bool) -> Result<(), NotAgreed> {
        if self.emulator.is_some() { Ok(()) } else { agree(what, yes) }
    }

    /// Fails if the emulator saw a request that the API description does not allow.
    pub(crate) fn check(&self) -> Result<(), Box<dyn std::error::Error>> {
        self.emulator.as_ref().map_or(Ok(()), check)
    }
}

/// Whether the environment has a key. An empty one is none.
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

/// Asks a person, unless `--yes` was given. Without a terminal that is an error: a script must not take it for done.
pub(crate) fn agree(what: &str, yes: bool) -> Result<(), NotAgreed> {
    if yes {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() {
        return Err(NotAgreed(format!(
            "{what} There is no terminal to ask on, so nothing was done: pass --yes to agree."
        )));
    }
    let ask = || {
        eprint!("{what} Go on? [y/N] ");
        std::io::stderr().flush()?;
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line)?;
        Ok::<_, std::io::Error>(matches!(line.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
    };
    match ask() {
        Ok(true) => Ok(()),
        Ok(false) => Err(NotAgreed("Nothing was done.".to_owned())),
        Err(error) => Err(NotAgreed(format!("{what} It could not be asked, so nothing was done: {error}"))),
    }
}

/// Nobody agreed to what was about to happen.
pub(crate) struct NotAgreed(String);

impl std::fmt::Display for NotAgreed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The sentence as it is, since that is what `main` prints of an error.
impl std::fmt::Debug for NotAgreed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotAgreed {}
