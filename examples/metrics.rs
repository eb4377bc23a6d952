//! Counts and times calls for Prometheus, and traces them for OpenTelemetry.
//!
//! ```text
//! cargo run --example metrics
//! ```
//!
//! The crate does not depend on a metrics library: an observer is notified of every attempt and every call, and this one
//! keeps what the Prometheus text format needs. Serve `Metrics::text` next to your own metrics.
//!
//! Traces are `tracing` spans whose fields have OpenTelemetry's names (`http.request.method`, `http.response.status_code`).
//! Add the layer of `tracing-opentelemetry` to your subscriber to export them unchanged.

mod support;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};

use singlestore_management::{AttemptEvent, CallEvent, Client, Observer};
use singlestore_management_emulator::Fault;
use support::Place;

/// Upper bounds in seconds.
const BUCKETS: [f64; 8] = [0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 30.0, 120.0];

#[derive(Debug, Default)]
struct Numbers {
    calls: BTreeMap<(&'static str, String), u64>,
    retries: BTreeMap<(&'static str, String), u64>,
    /// For each operation: the calls in each bucket, the number of calls, and the sum of their seconds.
    durations: BTreeMap<&'static str, ([u64; BUCKETS.len()], u64, f64)>,
}

#[derive(Clone, Debug, Default)]
struct Metrics(Arc<Mutex<Numbers>>);

impl Observer for Metrics {
    fn on_attempt(&self, event: &AttemptEvent<'_>) {
        if let Some(reason) = event.retry {
            let mut numbers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            *numbers.retries.entry((event.operation.id, reason.to_owned())).or_default() += 1;
        }
    }

    fn on_call(&self, event: &CallEvent<'_>) {
        let outcome = match (event.dropped, event.error) {
            (true, _) => "dropped",
            (false, Some(kind)) => kind.as_str(),
            (false, None) => "ok",
        };
        let seconds = event.elapsed.as_secs_f64();
        let mut numbers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *numbers.calls.entry((event.operation.id, outcome.to_owned())).or_default() += 1;
        let (buckets, count, sum) = numbers.durations.entry(event.operation.id).or_default();
        for (bucket, bound) in buckets.iter_mut().zip(BUCKETS) {
            *bucket += u64::from(seconds <= bound);
        }
        (*count, *sum) = (*count + 1, *sum + seconds);
    }
}

impl Metrics {
    /// The metrics in the Prometheus text format.
    fn text(&self) -> String {
        let numbers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = "# TYPE singlestore_calls_total counter\n".to_owned();
        for ((operation, outcome), count) in &numbers.calls {
            let _ =
                writeln!(text, "singlestore_calls_total{{operation=\"{operation}\",outcome=\"{outcome}\"}} {count}");
        }
        text.push_str("# TYPE singlestore_retries_total counter\n");
        for ((operation, reason), count) in &numbers.retries {
            let _ =
                writeln!(text, "singlestore_retries_total{{operation=\"{operation}\",reason=\"{reason}\"}} {count}");
        }
        text.push_str("# TYPE singlestore_call_seconds histogram\n");
        for (operation, (buckets, count, sum)) in &numbers.durations {
            for (bucket, bound) in buckets.iter().zip(BUCKETS) {
                let _ = writeln!(
                    text,
                    "singlestore_call_seconds_bucket{{operation=\"{operation}\",le=\"{bound}\"}} {bucket}"
                );
            }
            let _ = writeln!(text, "singlestore_call_seconds_bucket{{operation=\"{operation}\",le=\"+Inf\"}} {count}");
            let _ = writeln!(text, "singlestore_call_seconds_sum{{operation=\"{operation}\"}} {sum}");
            let _ = writeln!(text, "singlestore_call_seconds_count{{operation=\"{operation}\"}} {count}");
        }
        text
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let place = Place::choose()?;
    let metrics = Metrics::default();
    let builder = match &place.emulator {
        Some(emulator) => {
            emulator.inject(Fault::status(503).on_operation("list_workspace_groups"));
            Client::builder().base_url(emulator.url()).api_key(emulator.api_key())
        }
        None => Client::builder().env_from(|name| std::env::var(name).ok()),
    };
    let client = builder.observer(metrics.clone()).build()?;
    client.regions().list().await?;
    client.workspace_groups().list().await?;
    print!("{}", metrics.text());
    place.check()
}
