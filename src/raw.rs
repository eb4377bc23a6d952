//! What is generated from `spec/openapi.json`: by `build.rs` with the feature `codegen`, in `spec/raw.rs` without it. Types and requests are re-exported; the rest stays inside.

#![allow(unused_mut, unused_imports, dead_code, clippy::all, rustdoc::all, unreachable_pub)]

// These need the emulator, which a package of the crate does not have.
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

include!(concat!(env!("OUT_DIR"), "/raw.rs"));

/// Begins the requests of the raw client, whose base URL has been parsed once: their URLs are paths below it.
#[derive(Clone, Debug)]
pub(crate) struct Requests(std::sync::Arc<(reqwest::Url, reqwest::Client)>);

impl Requests {
    pub(crate) fn new(base: reqwest::Url, http: reqwest::Client) -> Self {
        Self(std::sync::Arc::new((base, http)))
    }

    pub(crate) fn request(&self, method: reqwest::Method, path: String) -> reqwest::RequestBuilder {
        let (base, http) = &*self.0;
        let mut url = base.clone();
        match base.path().trim_end_matches('/') {
            "" => url.set_path(&path),
            gateway => url.set_path(&format!("{gateway}{path}")),
        }
        reqwest::RequestBuilder::from_parts(http.clone(), reqwest::Request::new(method, url))
    }

    pub(crate) fn get(&self, path: String) -> reqwest::RequestBuilder {
        self.request(reqwest::Method::GET, path)
    }

    pub(crate) fn post(&self, path: String) -> reqwest::RequestBuilder {
        self.request(reqwest::Method::POST, path)
    }

    pub(crate) fn put(&self, path: String) -> reqwest::RequestBuilder {
        self.request(reqwest::Method::PUT, path)
    }

    pub(crate) fn patch(&self, path: String) -> reqwest::RequestBuilder {
        self.request(reqwest::Method::PATCH, path)
    }

    pub(crate) fn delete(&self, path: String) -> reqwest::RequestBuilder {
        self.request(reqwest::Method::DELETE, path)
    }

    pub(crate) fn head(&self, path: String) -> reqwest::RequestBuilder {
        self.request(reqwest::Method::HEAD, path)
    }

    /// The raw client that sends with them.
    pub(crate) fn client(&self) -> Client {
        Client { baseurl: String::new(), client: self.clone() }
    }
}

#[cfg(test)]
mod tests {
    /// Run with `codegen` this holds `spec/raw.rs` against the generator, and without it against what is compiled.
    #[test]
    fn the_committed_file_is_what_the_build_generates() {
        let (committed, compiled) = (include_str!("../spec/raw.rs"), include_str!(concat!(env!("OUT_DIR"), "/raw.rs")));
        let differs = committed.lines().zip(compiled.lines()).position(|(committed, compiled)| committed != compiled);
        assert_eq!(differs, None, "spec/raw.rs is old from this line on: run `cargo xtask update-spec`");
        assert!(committed == compiled, "spec/raw.rs is old: run `cargo xtask update-spec`");
    }
}
