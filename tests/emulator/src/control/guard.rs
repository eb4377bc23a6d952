//! Keeps other sites' pages, which may be open in a developer's browser, away from the control interface.

use super::ControlBuilder;
use crate::http::reader::Head;
use crate::http::response::Response;

/// Refuses a request that a browser may have sent on behalf of another site, or one without the token.
pub(super) fn check(settings: &ControlBuilder, head: &Head) -> Result<(), Response> {
    let host = head.header("host").unwrap_or_default();
    if !is_allowed(settings, host) {
        return Err(Response::text(403, format!("the host {host:?} is not allowed; allow it with --allow-host")));
    }
    // A name rebound to loopback arrives with its own host; a form on another page with its origin.
    if let Some(origin) = head.header("origin") {
        let same = origin.split_once("://").is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host));
        if !same {
            return Err(Response::text(403, format!("requests from the origin {origin:?} are refused")));
        }
    }
    if !["GET", "HEAD"].contains(&head.method.as_str()) {
        let kind = head.header("content-type").unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/json") {
            return Err(Response::text(415, "changes need Content-Type: application/json, with or without a body"));
        }
    }
    match &settings.token {
        Some(token) if !is_page(head) && bearer(head) != Some(token.as_str()) => {
            Err(Response::text(401, "the control token is missing or wrong").with_header("WWW-Authenticate", "Bearer"))
        }
        _ => Ok(()),
    }
}

/// The page itself contains no data; it asks for the token and sends it with each request.
fn is_page(head: &Head) -> bool {
    head.method == "GET" && ["/", "/_emulator", "/_emulator/", "/_emulator/health"].contains(&head.target.as_str())
}

fn bearer(head: &Head) -> Option<&str> {
    let (scheme, token) = head.header("authorization")?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn is_allowed(settings: &ControlBuilder, host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    let name = name.to_ascii_lowercase();
    let loopback = name == "localhost"
        || name.ends_with(".localhost")
        || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    loopback || settings.hosts.contains(&name)
}
