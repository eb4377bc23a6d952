//! Who may call.

use crate::http::reader::Head;
use crate::http::response::Response;

/// Keys and tokens that are accepted at the moment.
#[derive(Debug, Clone, Default)]
pub(crate) struct Credentials {
    accepted: Vec<String>,
}

impl Credentials {
    pub(crate) fn accept(&mut self, key: &str) {
        if !self.accepted.iter().any(|have| have == key) {
            self.accepted.push(key.to_owned());
        }
    }

    pub(crate) fn revoke(&mut self, key: &str) {
        self.accepted.retain(|have| have != key);
    }

    pub(crate) fn revoke_all(&mut self) {
        self.accepted.clear();
    }
}

/// A JWT is told from a key by its two dots.
fn is_jwt(key: &str) -> bool {
    key.split('.').filter(|part| !part.is_empty()).count() == 3 && key.matches('.').count() == 2
}

/// Refuses a request without a good key, or with a JWT that names no organization.
pub(crate) fn check(
    credentials: &Credentials,
    organization: &str,
    head: &Head,
    query: &[(String, String)],
) -> Result<(), Response> {
    let key = head.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
    let Some(key) = key else {
        return Err(Response::text(401, "missing or malformed Authorization header"));
    };
    if !credentials.accepted.iter().any(|accepted| accepted == key) {
        return Err(Response::text(401, "invalid or expired API key"));
    }
    let named = query.iter().find(|(name, _)| name == "organizationID").map(|(_, value)| value.as_str());
    match named {
        None if is_jwt(key) => Err(Response::text(401, "organizationID is required")),
        Some(other) if is_jwt(key) && other != organization => {
            Err(Response::text(401, "not a member of the organization"))
        }
        _ => Ok(()),
    }
}
