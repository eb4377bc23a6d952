//! Removes the request's secrets from what a server says: the token, passwords, the values of secrets.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use zeroize::Zeroizing;

use super::escapes::{Found, LONGEST_ESCAPE, SHORTEST_REST, escaped};
use crate::Error;
use crate::credentials::AuthHeader;
use crate::json::Json;
use crate::secret::REDACTED;

/// Shorter strings may occur anywhere by chance.
const SHORTEST: usize = 4;
/// Larger bodies are files, which have no fields.
const LARGEST: usize = 1 << 20;
/// Substrings of the names of fields that hold a secret, in lower case.
const NAMES: [&str; 9] =
    ["password", "passwd", "passphrase", "secret", "token", "apikey", "credential", "privatekey", "accesskey"];

/// The secrets of a request, in every form in which a server may repeat them.
#[derive(Default)]
pub(crate) struct Scrubber {
    /// The secrets, found under any mixture of escapes.
    secrets: Vec<Zeroizing<String>>,
    /// The forms that are matched literally: the secrets themselves, in base64 and in hexadecimal.
    needles: Vec<Zeroizing<String>>,
}

impl std::fmt::Debug for Scrubber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scrubber").field("secrets", &self.secrets.len()).finish()
    }
}

impl Scrubber {
    /// The secrets in the body of a request; `path` tells whether its values are those of secrets.
    pub(crate) fn of_body(path: &str, body: Option<&[u8]>) -> Self {
        let mut scrubber = Self::default();
        if let Some(body) = body.filter(|body| body.len() <= LARGEST)
            && let Some(json) = Json::read(body)
        {
            scrubber.collect(&json, false, path.to_ascii_lowercase().contains("secret"));
        }
        scrubber
    }

    /// The token that a request was sent with.
    pub(crate) fn of_token(header: Option<&AuthHeader>) -> Self {
        let mut scrubber = Self::default();
        if let Some(header) = header {
            scrubber.add(header.token());
        }
        scrubber
    }

    /// Removes the secrets from the parts of a response that an error keeps.
    pub(crate) fn clean(&self, error: &mut Error) {
        let inner = error.inner_mut();
        inner.body = self.body(std::mem::take(&mut inner.body), inner.body_truncated);
        self.headers(&mut inner.headers);
    }

    /// Adds one secret.
    fn add(&mut self, secret: &str) {
        if secret.len() < SHORTEST {
            return;
        }
        let hexadecimal: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
        let upper = hexadecimal.to_ascii_uppercase();
        let whole = [secret.to_owned(), STANDARD.encode(secret), hexadecimal, upper];
        self.needles.extend(whole.into_iter().chain(within_base64(secret)).map(Zeroizing::new));
        self.secrets.push(Zeroizing::new(secret.to_owned()));
    }

    fn collect(&mut self, value: &Json, secret: bool, values: bool) {
        match value {
            Json::Text(text) | Json::Number(text) if secret => self.add(text),
            Json::List(items) => items.iter().for_each(|item| self.collect(item, secret, values)),
            Json::Object(fields) => {
                for (name, value) in fields {
                    self.collect(value, secret || values && name == "value" || is_secret(name), values);
                }
            }
            _ => {}
        }
    }

    /// Removes the secrets from a body; if it was cut off, also the beginning of a secret at its end.
    fn body(&self, body: Bytes, cut: bool) -> Bytes {
        if self.secrets.is_empty() || body.is_empty() {
            return body;
        }
        let rest = if cut { self.rest(&body) } else { 0 };
        let text = String::from_utf8_lossy(&body[..body.len() - rest]);
        match self.text(&text) {
            None if rest == 0 => body,
            clean => {
                let mut text = clean.unwrap_or_else(|| text.into_owned());
                if rest > 0 {
                    text.push_str(REDACTED);
                }
                Bytes::from(text)
            }
        }
    }

    /// How many bytes at the end are the beginning of a secret.
    fn rest(&self, body: &[u8]) -> usize {
        let needles = self.needles.iter().filter_map(|needle| {
            let longest = needle.len().saturating_sub(1).min(body.len());
            (SHORTEST_REST..=longest).rev().find(|length| body.ends_with(&needle.as_bytes()[..*length]))
        });
        let escaped = self.secrets.iter().filter_map(|secret| {
            let from = body.len().saturating_sub(secret.len().saturating_mul(LONGEST_ESCAPE));
            (from..body.len())
                .find(|start| escaped(&body[*start..], secret) == Found::Cut)
                .map(|start| body.len() - start)
        });
        needles.chain(escaped).max().unwrap_or(0)
    }

    /// The text without the secrets; `None` if it has none.
    fn text(&self, text: &str) -> Option<String> {
        let mut clean = String::new();
        let (mut kept, mut at) = (0, 0);
        while at < text.len() {
            let rest = &text.as_bytes()[at..];
            let needles = self.needles.iter().filter(|needle| rest.starts_with(needle.as_bytes())).map(|n| n.len());
            let escapes = self.secrets.iter().filter_map(|secret| match escaped(rest, secret) {
                Found::Whole(length) => Some(length),
                _ => None,
            });
            match needles.chain(escapes).max() {
                Some(length) => {
                    clean.push_str(text.get(kept..at).unwrap_or_default());
                    clean.push_str(REDACTED);
                    at += length;
                    kept = at;
                }
                None => at += 1,
            }
        }
        (kept > 0).then(|| clean + text.get(kept..).unwrap_or_default())
    }

    /// Removes the secrets from the headers of a failure, and all but the place from its `Location`.
    fn headers(&self, headers: &mut HeaderMap) {
        for (name, value) in headers.iter_mut() {
            if name == http::header::LOCATION {
                *value = place(value);
            }
            let seen = String::from_utf8_lossy(value.as_bytes());
            if let Some(clean) = self.text(&seen) {
                *value = HeaderValue::from_str(&clean).unwrap_or_else(|_| HeaderValue::from_static(REDACTED));
            }
        }
    }
}

/// A `Location` without user, query and fragment, any of which may hold a signature.
fn place(location: &HeaderValue) -> HeaderValue {
    let text = String::from_utf8_lossy(location.as_bytes());
    let text = text.split(['?', '#']).next().unwrap_or_default();
    let clean = match text.split_once("//") {
        Some((scheme, rest)) => {
            let (authority, path) = rest.split_at(rest.find(['/', '\\']).unwrap_or(rest.len()));
            format!("{scheme}//{}{path}", authority.rsplit('@').next().unwrap_or_default())
        }
        None => text.to_owned(),
    };
    HeaderValue::from_str(&clean).unwrap_or_else(|_| HeaderValue::from_static(REDACTED))
}

/// Whether a field of this name holds a secret. Its id or name is not one.
fn is_secret(name: &str) -> bool {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let plain = plain.to_ascii_lowercase();
    let tells_of_one = plain.ends_with("id") || plain.ends_with("name") || plain.ends_with("type");
    !tells_of_one && NAMES.iter().any(|part| plain.contains(part))
}

/// The base64 characters that a secret yields within a longer text, for each of the three alignments.
fn within_base64(secret: &str) -> impl Iterator<Item = String> + '_ {
    (0..3).flat_map(|before| {
        let text = Zeroizing::new([&[0; 2][..before], secret.as_bytes()].concat());
        // Characters at both ends also encode neighboring bytes.
        let (from, to) = ((before * 8).div_ceil(6), text.len() * 8 / 6);
        [STANDARD_NO_PAD.encode(&*text), URL_SAFE_NO_PAD.encode(&*text)]
            .map(|form| form.get(from..to).unwrap_or_default().to_owned())
    })
}
#[cfg(test)]
mod tests {
    use super::*;

    fn scrubber(body: &str) -> Scrubber {
        Scrubber::of_body("/v1/any", Some(body.as_bytes()))
    }

    #[test]
    fn a_secret_that_is_a_number_is_found() {
        let clean = scrubber(r#"{"password": 12345678}"#).body(Bytes::from("no: 12345678"), false);
        assert_eq!(clean, "no: [redacted]");
    }

    #[test]
    fn fields_that_hold_a_secret_are_recognized_by_name() {
        for (name, want) in [
            ("adminPassword", true),
            ("password", true),
            ("admin_password", true),
            ("API-Key", true),
            ("clientSecret", true),
            ("credentials", true),
            ("secretID", false),
            ("secretName", false),
            ("tokenType", false),
            ("name", false),
        ] {
            assert_eq!(is_secret(name), want, "{name}");
        }
        let nested = scrubber(r#"{"credentials":{"user":"nobody","list":["canary-1"]},"name":"g"}"#);
        assert_eq!(nested.body("nobody canary-1 g".into(), false), "[redacted] [redacted] g");
        let value =
            |path| Scrubber::of_body(path, Some(br#"{"name":"n","value":"canary"}"#)).body("canary".into(), false);
        assert_eq!((value("/v1/secrets/3f25"), value("/v1/jobs")), ("[redacted]".into(), "canary".into()));
    }

    #[test]
    fn a_secret_is_found_at_every_place_of_the_cut() {
        let (secret, scrubber) = ("canary-password", scrubber(r#"{"password":"canary-password"}"#));
        for length in 0..=secret.len() {
            let text = format!("no: {}", &secret[..length]);
            let clean = scrubber.body(text.clone().into(), true);
            let want = if length < SHORTEST_REST { text } else { "no: [redacted]".to_owned() };
            assert_eq!(clean, want);
        }
        assert_eq!(scrubber.body("no: canary".into(), false), "no: canary", "what was not cut is a word");
        assert_eq!(scrubber.body(Bytes::from_static(b"\xff"), true), Bytes::from_static(b"\xff"));
        assert_eq!(scrubber.body(Bytes::new(), true), "");
    }

    #[test]
    fn a_location_keeps_only_its_place() {
        for (location, want) in [
            ("https://user:canary@h:1/a/b?sig=canary#canary", "https://h:1/a/b"),
            ("https://h", "https://h"),
            ("//a@b@h/x", "//h/x"),
            ("/a?canary", "/a"),
        ] {
            assert_eq!(place(&HeaderValue::from_static(location)), want);
        }
    }
}
