//! Code generated from `spec/openapi.json`: by `build.rs` with the feature `codegen`, from `spec/raw.rs` without it. Types and
//! requests are re-exported; the rest is internal.

#![allow(unused_mut, unused_imports, dead_code, clippy::all, rustdoc::all, unreachable_pub)]

// These need the emulator, which the published package does not include.
#[cfg(test)]
#[cfg(repository)]
#[cfg(feature = "codegen")]
mod every_operation;
#[cfg(test)]
#[cfg(repository)]
#[cfg(feature = "codegen")]
mod every_response;

#[cfg(test)]
mod query_tests;
mod request_builder;
mod segment;
mod urlencoded;

use std::fmt::Write as _;
use std::sync::Arc;

pub(crate) use request_builder::{Built, NotBuilt, RequestBuilder};
pub(crate) use segment::Segment;

include!(concat!(env!("OUT_DIR"), "/raw.rs"));

/// Starts the requests of the raw client; its base URL has been parsed once, and their URLs are paths below it.
#[derive(Clone, Debug)]
pub(crate) struct Requests(Arc<Base>);

#[derive(Debug)]
struct Base {
    /// The base URL with a path longer than most: its copies have room for the path and query of a request.
    roomy: reqwest::Url,
    /// The path of a gateway, before the service's own paths.
    prefix: String,
}

/// Room for a path and a query.
const ROOM: usize = 160;

impl Requests {
    pub(crate) fn new(base: &reqwest::Url) -> Self {
        let mut roomy = base.clone();
        roomy.set_path(&"x".repeat(ROOM));
        Self(Arc::new(Base { roomy, prefix: base.path().trim_end_matches('/').to_owned() }))
    }

    /// Starts a request. The path is written here, in code shared by all operations.
    pub(crate) fn request(&self, method: reqwest::Method, path: std::fmt::Arguments<'_>) -> RequestBuilder {
        let Base { roomy, prefix } = &*self.0;
        let mut url = roomy.clone();
        match path.as_str().filter(|_| prefix.is_empty()) {
            Some(path) => url.set_path(path),
            None => {
                let mut whole = String::with_capacity(prefix.len() + ROOM);
                whole.push_str(prefix);
                // Writing to a string cannot fail.
                let _ = whole.write_fmt(path);
                url.set_path(&whole);
            }
        }
        RequestBuilder::new(method, url)
    }

    /// The raw client that sends with them.
    pub(crate) fn client(&self) -> Client {
        Client { client: self.clone() }
    }
}

#[cfg(test)]
mod tests {
    /// With `codegen` this compares `spec/raw.rs` with the generator, and without it with what is compiled.
    #[test]
    fn the_committed_file_is_what_the_build_generates() {
        let (committed, compiled) = (include_str!("../spec/raw.rs"), include_str!(concat!(env!("OUT_DIR"), "/raw.rs")));
        let differs = committed.lines().zip(compiled.lines()).position(|(committed, compiled)| committed != compiled);
        assert_eq!(differs, None, "spec/raw.rs is old from this line on: run `cargo xtask update-spec`");
        assert!(committed == compiled, "spec/raw.rs is old: run `cargo xtask update-spec`");
    }
}
