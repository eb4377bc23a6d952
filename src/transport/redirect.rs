//! Redirects: followed only for reads, never with the credentials to another place, never from https to http.

use http::{HeaderMap, Method, StatusCode};
use reqwest::Url;

use crate::{Error, ErrorKind};

/// The maximum number of redirects of one attempt.
pub(crate) const MAX_HOPS: usize = 5;

/// Where to go next.
#[derive(Debug)]
pub(crate) struct Hop {
    pub url: Url,
    /// Whether the credentials may be sent too.
    pub same_place: bool,
}

/// Whether the status is a redirect.
pub(crate) fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// Decides whether to follow a redirect. The target may be a pre-signed URL, so messages name only its host.
pub(crate) fn follow(method: &Method, from: &Url, headers: &HeaderMap, hops: usize) -> Result<Hop, Error> {
    let refuse = |why: String| Err(Error::new(ErrorKind::Redirect, why));
    let Some(location) = headers.get(http::header::LOCATION).and_then(|value| value.to_str().ok()) else {
        return refuse("the server sent a redirect without a readable `Location`".into());
    };
    let Ok(mut url) = from.join(location) else {
        return refuse("the server sent a redirect whose `Location` is not a URL".into());
    };
    // User information would be sent, and logged by whatever sends it. A URL without a host has none.
    let _ = (url.set_username(""), url.set_password(None));
    let host = url.host_str().unwrap_or("nowhere").to_owned();
    if !matches!(*method, Method::GET | Method::HEAD) {
        return refuse(format!("the server redirects a {method} to {host}; only reads are redirected"));
    }
    if hops >= MAX_HOPS {
        return refuse(format!("the server redirected {MAX_HOPS} times, the last time to {host}"));
    }
    if !matches!(url.scheme(), "https" | "http") || from.scheme() == "https" && url.scheme() != "https" {
        return refuse(format!("the server redirects to {host} by {}, which is not encrypted", url.scheme()));
    }
    let same_place = from.origin() == url.origin();
    Ok(Hop { url, same_place })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(method: Method, from: &str, location: &str) -> Result<(String, bool), String> {
        let mut headers = HeaderMap::new();
        headers.insert(http::header::LOCATION, location.parse().unwrap());
        let hop = follow(&method, &from.parse().unwrap(), &headers, 0).map_err(|e| e.to_string())?;
        Ok((hop.url.to_string(), hop.same_place))
    }

    #[test]
    fn credentials_stay_at_their_origin() {
        let from = "https://api.example.com/v1/a";
        for (location, url, same) in [
            ("/v1/b", "https://api.example.com/v1/b", true),
            ("https://api.example.com:443/c", "https://api.example.com/c", true),
            ("https://api.example.com:8443/c", "https://api.example.com:8443/c", false),
            ("https://bucket.example.net/f?sig=1", "https://bucket.example.net/f?sig=1", false),
            ("https://user:canary@api.example.com/d", "https://api.example.com/d", true),
            ("//evil.example.net/x", "https://evil.example.net/x", false),
        ] {
            assert_eq!(target(Method::GET, from, location), Ok((url.to_owned(), same)), "{location}");
        }
        assert_eq!(
            target(Method::GET, "http://127.0.0.1:1/a", "http://127.0.0.1:2/b"),
            Ok(("http://127.0.0.1:2/b".into(), false))
        );
    }

    #[test]
    fn downgrades_writes_and_loops_are_refused_without_naming_the_signature() {
        let from = "https://api.example.com/v1/a";
        for (method, location) in [
            (Method::GET, "http://api.example.com/b?X-Amz-Signature=canary"),
            (Method::GET, "ftp://api.example.com/b?X-Amz-Signature=canary"),
            (Method::POST, "https://api.example.com/b?X-Amz-Signature=canary"),
            (Method::DELETE, "/b?X-Amz-Signature=canary"),
        ] {
            let text = target(method, from, location).unwrap_err();
            assert!(!text.contains("canary"), "{text}");
        }
        let mut headers = HeaderMap::new();
        headers.insert(http::header::LOCATION, "/again".parse().unwrap());
        assert!(follow(&Method::GET, &from.parse().unwrap(), &headers, MAX_HOPS).is_err());
        assert!(follow(&Method::GET, &from.parse().unwrap(), &HeaderMap::new(), 0).is_err());
    }
}
