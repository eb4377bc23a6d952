//! The base URL, and paths below it.

use reqwest::Url;

use crate::Error;
use crate::raw::RESOURCES;

/// The default base URL.
pub(super) const DEFAULT: &str = "https://api.singlestore.com";

/// Parses a base URL, and refuses one that would send the key in the clear or nowhere.
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
    // `//v1` is a different path from `/v1`.
    let path = url.path().trim_end_matches('/').to_owned();
    check_prefix(&host, &path)?;
    url.set_path(&path);
    Ok(url)
}

/// Refuses a path under which requests would go astray: their own paths begin with the version.
fn check_prefix(host: &str, path: &str) -> Result<(), Error> {
    let host = host.trim_end_matches('.');
    if host.eq_ignore_ascii_case("portal.singlestore.com") {
        return Err(Error::config(format!("the base URL points to the portal; the API is at {DEFAULT}")));
    }
    let plain = unescaped(path);
    // What follows a `;` is not part of a segment's name.
    let name = |segment: &str| segment.split(';').next().unwrap_or_default().trim().to_owned();
    let segments: Vec<_> = plain.trim_start_matches('/').trim_end_matches('/').split('/').map(name).collect();
    if segments.last().is_some_and(|last| is_version(last)) {
        return Err(Error::config(
            "the base URL ends with the version of the API, which every request path already includes: leave it out",
        ));
    }
    if segments.windows(2).any(|pair| is_version(&pair[0]) && RESOURCES.contains(&pair[1].as_str())) {
        return Err(Error::config("the base URL holds the path of a resource; give what comes before the version"));
    }
    if !path.is_empty() && segments.iter().any(String::is_empty) {
        return Err(Error::config("the path of the base URL has an empty segment (`//`)"));
    }
    if !path.is_empty() && DEFAULT.strip_prefix("https://").is_some_and(|own| host.eq_ignore_ascii_case(own)) {
        return Err(Error::config(format!("the API has no path before the version: the base URL is {DEFAULT}")));
    }
    Ok(())
}

/// Whether a segment is a version such as `v1`, `V2` and `v2beta1`.
fn is_version(segment: &str) -> bool {
    let Some(number) = segment.strip_prefix(['v', 'V']) else { return false };
    number.starts_with(|c: char| c.is_ascii_digit()) && number.chars().all(|c| c.is_ascii_alphanumeric() || c == '.')
}

/// A path as the server reads it; what is not valid UTF-8 stays as it is.
fn unescaped(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let code = after.get(..2).filter(|_| first == b'%').and_then(|code| std::str::from_utf8(code).ok());
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| path.to_owned())
}

/// Whether the URL points to this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    host.eq_ignore_ascii_case("localhost") || literal.is_ok_and(|address| address.is_loopback())
}

/// A path given by the caller, below the base URL; it must not lead elsewhere.
pub(super) fn join(base: &Url, path: &str, query: &[(String, String)]) -> Result<Url, Error> {
    let refuse = |why: &str| Error::invalid_request(format!("the path {why}"));
    if !path.starts_with('/') || path.starts_with("//") || path.contains('\\') {
        return Err(refuse("must begin with one `/`, like /v1/regions, and hold no `\\`"));
    }
    if path.chars().any(char::is_control) {
        // URLs drop tabs and line feeds, which could hide the steps that are checked below.
        return Err(refuse("must not hold control characters"));
    }
    if path.contains(['?', '#']) {
        return Err(refuse("must not hold a query or fragment; use `query`"));
    }
    if let Some(problem) = crate::path_check::problem(path) {
        return Err(refuse(problem));
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
    fn a_base_url_that_would_leak_the_key_is_refused() {
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
    fn a_base_url_that_asks_for_a_wrong_path_is_refused_with_the_reason() {
        for (text, says) in [
            ("https://api.singlestore.com/v1", "the version"),
            ("https://api.singlestore.com/v1/", "the version"),
            ("https://api.singlestore.com/v2//", "the version"),
            ("https://proxy.example.com/s2/V2", "the version"),
            ("https://proxy.example.com/v2beta", "the version"),
            ("https://proxy.example.com/v2beta1/", "the version"),
            ("https://proxy.example.com/s2/v0.9", "the version"),
            ("https://proxy.example.com/%76%31", "the version"),
            ("https://proxy.example.com/v1/.", "the version"),
            ("https://proxy.example.com/s2/v1%2F", "the version"),
            ("https://proxy.example.com/s2%2fv2", "the version"),
            ("https://proxy.example.com/s2/v1;x", "the version"),
            ("https://proxy.example.com/s2/v1%20", "the version"),
            ("https://api.singlestore.com/v1/regions", "the path of a resource"),
            ("https://proxy.example.com/s2/v1/workspaceGroups/", "the path of a resource"),
            ("https://proxy.example.com/v2/regions/x", "the path of a resource"),
            ("https://api.singlestore.com/management", "no path"),
            ("https://API.singlestore.com./management", "no path"),
            ("https://proxy.example.com/a//b", "empty segment"),
            ("https://proxy.example.com/s2?x=1", "query"),
            ("https://proxy.example.com/s2?", "query"),
            ("https://proxy.example.com/s2#top", "fragment"),
            ("https://user@proxy.example.com/s2", "user"),
            ("https://portal.singlestore.com", "portal"),
        ] {
            let error = parse(text, false).expect_err(text).to_string();
            assert!(error.contains(says), "{text}: {error}");
        }
        // The control: prefixes that a gateway may use.
        for text in [
            "https://proxy.example.com/s2",
            "https://proxy.example.com/gateway/v1/singlestore",
            "https://proxy.example.com/v",
            "https://proxy.example.com/vault",
            "https://proxy.example.com/video1",
            "https://proxy.example.com/regions",
            "https://v1.example.com/",
        ] {
            assert!(parse(text, false).is_ok(), "{text}");
        }
    }

    #[test]
    fn a_path_given_by_the_caller_stays_below_the_base() {
        let base = parse("https://proxy.example.com/s2", false).unwrap();
        let url = join(&base, "/v1/x", &[("a b".into(), "c&d".into())]).unwrap();
        assert_eq!(url.as_str(), "https://proxy.example.com/s2/v1/x?a+b=c%26d");
        for path in [
            "v1/x",
            "//evil.example.com/x",
            "/a/../b",
            "/a/%2E%2e/b",
            "/a\\b",
            "/a?b=c",
            "/a#b",
            "",
            "/.\t./b",
            "/a\n",
            "/a/..%2fb",
            "/a%5c..",
            "/%252e%252e/b",
        ] {
            assert!(join(&base, path, &[]).is_err(), "{path}");
        }
    }
}
