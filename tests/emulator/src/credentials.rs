//! Who may call.

use std::collections::HashSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;

use crate::http::reader::Head;
use crate::http::response::Response;

/// How many tokens are remembered, so that they can be expired.
const REMEMBERED: usize = 10_000;

/// The keys and tokens that are currently accepted.
#[derive(Debug, Clone, Default)]
pub(crate) struct Credentials {
    accepted: Vec<String>,
    /// Whether any well-formed token that was not revoked is accepted.
    any: bool,
    seen: HashSet<String>,
    revoked: HashSet<String>,
}

impl Credentials {
    /// Accepts whatever looks like a key or a JWT.
    pub(crate) fn accept_any(&mut self) {
        self.any = true;
    }

    pub(crate) fn accept(&mut self, key: &str) {
        self.revoked.remove(key);
        if !self.accepted.iter().any(|have| have == key) {
            self.accepted.push(key.to_owned());
        }
    }

    pub(crate) fn revoke(&mut self, key: &str) {
        self.accepted.retain(|have| have != key);
        if self.any {
            self.revoked.insert(key.to_owned());
        }
    }

    pub(crate) fn revoke_all(&mut self) {
        self.revoked.extend(self.accepted.drain(..));
        self.revoked.extend(self.seen.drain());
    }

    fn accepts(&mut self, key: &str) -> bool {
        if self.accepted.iter().any(|accepted| accepted == key) {
            return true;
        }
        let good = self.any && is_well_formed(key) && !self.revoked.contains(key);
        if good && self.seen.len() < REMEMBERED {
            self.seen.insert(key.to_owned());
        }
        good
    }
}

/// The characters allowed by RFC 6750; anything else is a mistake of the caller.
fn is_well_formed(key: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    !key.is_empty() && key.bytes().all(inner)
}

/// A JWT is recognized by its two dots.
fn is_jwt(key: &str) -> bool {
    key.split('.').filter(|part| !part.is_empty()).count() == 3 && key.matches('.').count() == 2
}

/// The expiry stated by a JWT.
fn expiry(key: &str) -> Option<SystemTime> {
    let payload: Value = serde_json::from_slice(&base64url(key.split('.').nth(1)?)?).ok()?;
    UNIX_EPOCH.checked_add(Duration::from_secs(payload.get("exp")?.as_u64()?))
}

fn base64url(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let (mut bits, mut held) = (0_u32, 0_u32);
    for byte in text.trim_end_matches('=').bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'-' | b'+' => 62,
            b'_' | b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push(u8::try_from((bits >> held) & 0xff).ok()?);
        }
    }
    Some(out)
}

/// Refuses a request without a valid key, or with a JWT that names no organization.
pub(crate) fn check(
    credentials: &mut Credentials,
    organization: &str,
    now: SystemTime,
    head: &Head,
    query: &[(String, String)],
) -> Result<(), Response> {
    let authorization = head.header("authorization").and_then(|value| value.split_once(' '));
    let key = authorization.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, key)| key.trim());
    let Some(key) = key else {
        return Err(Response::text(401, "missing or malformed Authorization header"));
    };
    if !credentials.accepts(key) || (is_jwt(key) && expiry(key).is_some_and(|at| at <= now)) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_token_is_good_until_it_is_expired() {
        let mut credentials = Credentials::default();
        assert!(!credentials.accepts("one"));
        credentials.accept_any();
        assert!(credentials.accepts("one") && !credentials.accepts("two words") && !credentials.accepts(""));
        credentials.revoke_all();
        assert!(!credentials.accepts("one") && credentials.accepts("new"));
        credentials.accept("one");
        assert!(credentials.accepts("one"));
    }

    #[test]
    fn the_expiry_of_a_jwt_is_read() {
        // {"exp":1700000000}
        let at = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        assert_eq!(expiry("e30.eyJleHAiOjE3MDAwMDAwMDB9.c2ln"), Some(at));
        assert_eq!((expiry("e30.e30.c2ln"), expiry("a.b.c")), (None, None));
    }
}
