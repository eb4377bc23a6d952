//! The base URL, and paths below it.

use reqwest::Url;

use crate::Error;

/// Where the service lives.
pub(super) const DEFAULT: &str = "https://api.singlestore.com";

/// Reads a base URL, and refuses one that would send the key in the clear or nowhere.
pub(super) fn parse(text: &str, insecure: bool) -> Result<Url, Error> {
    let mut url = Url::parse(text.trim()).map_err(|source| {
        Error::config(format!("the base URL is malformed ({source}); it should look like {DEFAULT}"))
    })?;
    let host = url.host_str().unwrap_or_default().to_owned();
    if !matches!(url.scheme(), "https" | "http") || host.is_empty() {
        return Err(Error::config(format!("the base URL must begin with https:// and name a host, like {DEFAULT}")));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Error::config("the base URL must not hold a user or password; give the key with `api_key`"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(Error::config("the base URL must not have a query or fragment"));
    }
    if url.scheme() == "http" && !insecure && !is_loopback(&url) {
        return Err(Error::config(format!(
            "the base URL would send the key to {host} unencrypted; use https, or allow it with `allow_insecure_http`"
        )));
    }
    // `//v1` is another path than `/v1`.
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Ok(url)
}

/// Whether the URL names this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    host.eq_ignore_ascii_case("localhost") || literal.is_ok_and(|address| address.is_loopback())
}

/// A path of the caller below the base URL; it must not lead elsewhere.
pub(super) fn join(base: &Url, path: &str, query: &[(String, String)]) -> Result<Url, Error> {
    let refuse = |why: &str| Error::invalid_request(format!("the path {why}"));
    if !path.starts_with('/') || path.starts_with("//") || path.contains('\\') {
        return Err(refuse("must begin with one `/`, like /v1/regions, and hold no `\\`"));
    }
    if path.chars().any(char::is_control) {
        // URLs drop tabs and line feeds, which then hide the steps that are looked for below.
        return Err(refuse("must not hold control characters"));
    }
    if path.contains(['?', '#']) {
        return Err(refuse("must not hold a query or fragment; use `query`"));
    }
    if path.split('/').any(|part| matches!(part.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | "..")) {
        return Err(refuse("must not hold the steps `.` or `..`"));
    }
    let mut url = base.clone();
    url.set_path(&format!("{}{path}", base.path().trim_end_matches('/')));
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_leak_the_key_is_refused() {
        for (text, insecure, want) in [
            ("https://api.singlestore.com/", false, Some("https://api.singlestore.com/")),
            ("https://proxy.example.com/s2/", false, Some("https://proxy.example.com/s2")),
            ("http://127.0.0.1:8080", false, Some("http://127.0.0.1:8080/")),
            ("http://[::1]:8080", false, Some("http://[::1]:8080/")),
            ("http://localhost", false, Some("http://localhost/")),
            ("http://api.example.com", false, None),
            ("http://127.0.0.1.example.com", false, None),
            ("http://api.example.com", true, Some("http://api.example.com/")),
            ("ftp://api.example.com", true, None),
            ("api.singlestore.com", false, None),
            ("", false, None),
            ("https://", false, None),
            ("https://user:secret@api.example.com", false, None),
            ("https://api.example.com?x=1", false, None),
        ] {
            let url = parse(text, insecure);
            assert_eq!(url.as_ref().ok().map(Url::as_str), want, "{text}");
            if let Err(error) = url {
                assert!(!error.to_string().contains("secret"), "{error}");
            }
        }
    }

    #[test]
    fn a_path_of_the_caller_stays_below_the_base() {
        let base = parse("https://proxy.example.com/s2", false).unwrap();
        let url = join(&base, "/v1/x", &[("a b".into(), "c&d".into())]).unwrap();
        assert_eq!(url.as_str(), "https://proxy.example.com/s2/v1/x?a+b=c%26d");
        for path in
            ["v1/x", "//evil.example.com/x", "/a/../b", "/a/%2E%2e/b", "/a\\b", "/a?b=c", "/a#b", "", "/.\t./b", "/a\n"]
        {
            assert!(join(&base, path, &[]).is_err(), "{path}");
        }
    }
}
