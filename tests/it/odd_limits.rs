//! Limits that are not limits: forever, and zero.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use singlestore_management::{Client, ClientBuilder, ErrorKind};
use singlestore_management_emulator::Emulator;

use crate::support::builder;

static OVERFLOWS: AtomicU32 = AtomicU32::new(0);

#[tokio::test]
async fn an_infinite_limit_does_not_panic_in_the_background() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if panic.to_string().contains("overflow when adding duration") {
            OVERFLOWS.fetch_add(1, Ordering::SeqCst);
        }
        before(panic);
    }));
    let emulator = Emulator::start().unwrap();
    let client = builder(&emulator)
        .pool_idle_timeout(Duration::MAX)
        .connect_timeout(Duration::MAX)
        .read_timeout(Duration::MAX)
        .deadline(Duration::MAX)
        .build()
        .unwrap();
    for _ in 0..3 {
        client.regions().list().with_attempt_timeout(Duration::MAX).await.unwrap();
        // What the connection pool has spawned runs, and fails the test if it breaks.
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
    }
    assert_eq!(OVERFLOWS.load(Ordering::SeqCst), 0);
}

#[test]
fn a_limit_that_lets_nothing_through_is_refused() {
    type Set = fn(ClientBuilder) -> ClientBuilder;
    let cases: [(&str, Set); 3] = [
        ("read_timeout", |builder| builder.read_timeout(Duration::ZERO)),
        ("connect_timeout", |builder| builder.connect_timeout(Duration::ZERO)),
        ("max_concurrent_requests", |builder| builder.max_concurrent_requests(0)),
    ];
    for (name, set) in cases {
        let error = set(Client::builder().api_key("0123456789abcdef")).build().expect_err(name);
        assert!(error.kind() == ErrorKind::Config && error.to_string().contains(name), "{name}: {error}");
    }
}
