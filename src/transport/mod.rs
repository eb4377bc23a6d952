//! From a built request to its response: credentials, attempts, waits, limits. One loop does the I/O; pure functions in the
//! neighboring files decide what it does next.

pub(crate) mod attempt;
pub(crate) mod backoff;
pub(crate) mod budget;
pub(crate) mod call;
pub(crate) mod clock;
pub(crate) mod concurrency;
mod connect;
pub(crate) mod core;
mod ended;
pub(crate) mod envelope;
mod escapes;
pub(crate) mod observe;
mod open;
pub(crate) mod outcome;
pub(crate) mod rate;
pub(crate) mod redirect;
pub(crate) mod retry;
pub(crate) mod retry_after;
pub(crate) mod run;
pub(crate) mod runtime;
pub(crate) mod scrub;
pub(crate) mod send;
pub(crate) mod size_limits;
mod telemetry;
mod trace;
pub(crate) mod upload;
pub(crate) mod watch;

#[cfg(test)]
mod run_tests;
