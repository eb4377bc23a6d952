//! The guide: from the first call to production, to be read front to back in twenty minutes.
//!
//! 1. [Install and runtime](install)
//! 2. [The first call](first_call)
//! 3. [Errors, and what to do](errors)
//! 4. [Creating safely](creating)
//! 5. [Waiting](waiting)
//! 6. [Pages, streams and sweeps](pages)
//! 7. [Files: upload and download](files)
//! 8. [Time limits (timeouts), retries, rate](limits)
//! 9. [Credentials and rotation](credentials)
//! 10. [Proxies, private CAs and other networks](network)
//! 11. [Logging (tracing) and metrics](logging)
//! 12. [Testing with the emulator, a mock of the service](testing)
//! 13. [Newer than the crate](newer)
//! 14. [v1 and v2: which to use](versions)
//! 15. [Upgrading](upgrading)
//!
//! For programs without async, see [`blocking`](crate::blocking). Every code block is compiled and runs on the emulator.

macro_rules! chapters {
    ($($name:ident, $file:literal $(, $alias:literal)*;)*) => {
        $(
            // Words a reader may search for.
            $(#[doc(alias = $alias)])*
            pub mod $name {
                #![doc = include_str!($file)]
            }
        )*
    };
}

chapters! {
    install, "guide/install.md", "runtime";
    first_call, "guide/first_call.md";
    errors, "guide/errors.md";
    creating, "guide/creating.md", "exactly once", "idempotency", "get or create", "get_or_create";
    waiting, "guide/waiting.md", "firewall", "poll";
    pages, "guide/pages.md", "pagination", "stream", "page";
    files, "guide/files.md", "upload", "download";
    limits, "guide/limits.md", "timeout", "retry", "deadline", "rate limit";
    credentials, "guide/credentials.md", "api key", "rotation", "rotate", "vault";
    network, "guide/network.md", "proxy", "certificate", "tls";
    logging, "guide/logging.md", "log", "tracing", "metrics";
    testing, "guide/testing.md", "mock", "emulator";
    newer, "guide/newer.md";
    versions, "guide/versions.md";
    upgrading, "guide/upgrading.md";
}
