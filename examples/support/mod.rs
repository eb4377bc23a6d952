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
    /// The service if the environment has a key and the person agrees to what is about to happen, else an emulator.
    pub(crate) fn choose(question: &str) -> Result<Option<Self>, Box<dyn std::error::Error>> {
        let names = ["SINGLESTOREDB_MANAGEMENT_TOKEN", "SINGLESTOREDB_API_KEY", "SINGLESTORE_API_KEY"];
        if names.iter().any(|name| std::env::var(name).is_ok_and(|value| !value.trim().is_empty())) {
            let client = Client::from_env()?;
            return Ok(confirmed(question)?.then_some(Self { client, emulator: None }));
        }
        let emulator = Emulator::builder().polls_until_ready(1).start()?;
        eprintln!("No key in the environment: running against an emulator at {}.", emulator.url());
        let client = Client::builder().base_url(emulator.url()).api_key(emulator.api_key()).build()?;
        Ok(Some(Self { client, emulator: Some(emulator) }))
    }

    /// Fails if the emulator saw a request that the API description does not allow.
    pub(crate) fn check(&self) -> Result<(), Box<dyn std::error::Error>> {
        self.emulator.as_ref().map_or(Ok(()), check)
    }
}

/// Fails if the emulator saw a request that the API description does not allow.
pub(crate) fn check(emulator: &Emulator) -> Result<(), Box<dyn std::error::Error>> {
    let violations = emulator.violations();
    eprintln!("{} requests, {} violations of the API description.", emulator.requests().len(), violations.len());
    if violations.is_empty() { Ok(()) } else { Err(violations.join("\n").into()) }
}

fn confirmed(question: &str) -> std::io::Result<bool> {
    if !std::io::stdin().is_terminal() {
        eprintln!("{question} There is nobody to ask, so nothing is done.");
        return Ok(false);
    }
    eprint!("{question} [y/N] ");
    std::io::stderr().flush()?;
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim().eq_ignore_ascii_case("y"))
}
