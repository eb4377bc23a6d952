//! What the client must know about a JWT: that it is one, and when it expires.

use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::json::RawFields;

/// The expiry of a JWT; none for a text that is not a JWT, `Some(None)` for a JWT without expiry. Nothing is verified:
/// that is up to the service.
pub(super) fn claims(text: &str) -> Option<Option<SystemTime>> {
    let mut parts = text.split('.');
    let (header, payload, signature) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || signature.is_empty() {
        return None;
    }
    let bytes = |part: &str| URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).ok();
    RawFields::read(&bytes(header)?)?;
    let seconds = RawFields::read(&bytes(payload)?)?.get("exp").and_then(|exp| serde_json::from_str::<f64>(exp).ok());
    let at =
        seconds.and_then(|s| Duration::try_from_secs_f64(s).ok()).and_then(|s| SystemTime::UNIX_EPOCH.checked_add(s));
    Some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jwt(payload: &str) -> String {
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        format!("{}.{}.c2ln", part(r#"{"alg":"none"}"#), part(payload))
    }

    #[test]
    fn a_jwt_is_distinguished_from_a_key_and_its_expiry_is_read() {
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        assert_eq!(claims(&jwt(r#"{"exp":1700000000}"#)), Some(Some(at)));
        assert_eq!(claims(&jwt(r#"{"exp":1700000000.0}"#)), Some(Some(at)));
        assert_eq!(claims(&jwt(r#"{"sub":"x"}"#)), Some(None));
        assert_eq!(claims(&jwt(r#"{"exp":-1}"#)), Some(None));
        assert_eq!(claims(&jwt(r#"{"exp":1e300}"#)), Some(None));
        for text in ["", "abc", "a.b.c", "0123456789abcdef", "..", "a.b", &format!("{}.x", jwt("{}")), &jwt("[1]")] {
            assert_eq!(claims(text), None, "{text}");
        }
    }
}
