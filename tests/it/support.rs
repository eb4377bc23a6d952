//! Clients of an emulator, and waiting for what it sees.

use std::time::Duration;

use singlestore_management::{Backoff, Client, ClientBuilder, RetryPolicy};
use singlestore_management_emulator::Emulator;

/// A client with the defaults of the crate.
pub(crate) fn client(emulator: &Emulator) -> Client {
    builder(emulator).build().unwrap()
}

/// The builder of such a client.
pub(crate) fn builder(emulator: &Emulator) -> ClientBuilder {
    Client::builder().base_url(emulator.url()).api_key(emulator.api_key())
}

/// The default policy with waits of milliseconds.
pub(crate) fn quick_retries() -> RetryPolicy {
    let backoff = Backoff::new(Duration::from_millis(1), Duration::from_millis(4));
    RetryPolicy::default().with_backoff(backoff).with_lock_interval(Duration::from_millis(1))
}

/// Waits until something has happened, however slow the machine is; if it never happens, the test eventually fails.
pub(crate) async fn until(what: &str, has_happened: impl Fn() -> bool + Send + Sync) {
    let wait = async {
        while !has_happened() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(120), wait).await.unwrap_or_else(|_| panic!("{what}: it never happened"));
}

/// Waits until every injected fault has met a request: before that, the next fault could strike instead of it.
pub(crate) async fn faults_are_taken(emulator: &Emulator) {
    until("a request meets the fault", || emulator.faults_left() == 0).await;
}
