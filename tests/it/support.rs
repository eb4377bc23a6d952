//! Clients of an emulator.

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
