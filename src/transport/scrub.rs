//! Takes out of what a server says whatever is secret in the request: the token, passwords, the values of secrets.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::secret::REDACTED;

/// Shorter strings may stand anywhere by chance.
const SHORTEST: usize = 4;
/// What is left of a secret at the place where a text was cut counts from this length on.
const SHORTEST_REST: usize = 3;
/// Bodies larger than this are files, which hold no field.
const LARGEST: usize = 1 << 20;
/// Parts of the names of fields that hold a secret, in lower case.
const NAMES: [&str; 9] =
    ["password", "passwd", "passphrase", "secret", "token", "apikey", "credential", "privatekey", "accesskey"];

/// The secrets of a request, in every form in which a server may repeat them.
#[derive(Default)]
pub(crate) struct Scrubber {
    /// The longest first, so that no part of one is taken for another.
    needles: Vec<Zeroizing<String>>,
}

impl std::fmt::Debug for Scrubber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scrubber").field("needles", &self.needles.len()).finish()
    }
}

impl Scrubber {
    /// The secrets in the body of a request; `path` tells the values of secrets from other values.
    pub(crate) fn of_body(path: &str, body: Option<&[u8]>) -> Self {
        let mut scrubber = Self::default();
        if let Some(body) = body.filter(|body| body.len() <= LARGEST)
            && let Ok(json) = serde_json::from_slice::<Value>(body)
        {
            scrubber.collect(&json, false, path.to_ascii_lowercase().contains("secret"));
        }
        scrubber
    }

    /// Adds one secret.
    pub(crate) fn add(&mut self, secret: &str) {
        if secret.len() < SHORTEST {
            return;
        }
        let quoted = Zeroizing::new(Value::from(secret).to_string());
        let quoted = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
        let percent = percent_encoding::utf8_percent_encode(secret, percent_encoding::NON_ALPHANUMERIC).to_string();
        let forms = [
            secret.to_owned(),
            quoted.to_owned(),
            // As Go writes JSON.
            quoted.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026"),
            percent,
            STANDARD.encode(secret),
            STANDARD_NO_PAD.encode(secret),
            URL_SAFE_NO_PAD.encode(secret),
        ];
        self.needles.extend(forms.into_iter().map(Zeroizing::new));
        self.needles.sort_by_key(|needle| std::cmp::Reverse(needle.len()));
        self.needles.dedup();
    }

    fn collect(&mut self, value: &Value, secret: bool, values: bool) {
        match value {
            Value::String(text) if secret => self.add(text),
            Value::Array(items) => items.iter().for_each(|item| self.collect(item, secret, values)),
            Value::Object(fields) => {
                for (name, value) in fields {
                    self.collect(value, secret || values && name == "value" || is_secret(name), values);
                }
            }
            _ => {}
        }
    }

    /// Takes the secrets out of a body; of one that was cut also what the cut has left of them.
    pub(crate) fn body(&self, body: Bytes, cut: bool) -> Bytes {
        let rest = if cut { self.rest(&body) } else { 0 };
        if rest == 0 && !self.needles.iter().any(|needle| find(&body, needle.as_bytes())) {
            return body;
        }
        let text = String::from_utf8_lossy(&body[..body.len() - rest]);
        let mut text = self.text(&text).unwrap_or_else(|| text.into_owned());
        if rest > 0 {
            text.push_str(REDACTED);
        }
        Bytes::from(text)
    }

    /// How many bytes at the end are the beginning of a secret.
    fn rest(&self, body: &[u8]) -> usize {
        let beginnings = self.needles.iter().filter_map(|needle| {
            let longest = needle.len().saturating_sub(1).min(body.len());
            (SHORTEST_REST..=longest).rev().find(|length| body.ends_with(&needle.as_bytes()[..*length]))
        });
        beginnings.max().unwrap_or(0)
    }

    /// The text without the secrets; none if there are none in it.
    fn text(&self, text: &str) -> Option<String> {
        let mut clean: Option<String> = None;
        for needle in &self.needles {
            let seen = clean.as_deref().unwrap_or(text);
            if seen.contains(needle.as_str()) {
                clean = Some(seen.replace(needle.as_str(), REDACTED));
            }
        }
        clean
    }

    /// Takes the secrets out of the headers of a failure, and from where it points to all but the place.
    pub(crate) fn headers(&self, headers: &mut HeaderMap) {
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

/// A `Location` without user, query and fragment, which may be a signature.
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

/// Whether a field of this name holds a secret. The id or the name of one is none.
fn is_secret(name: &str) -> bool {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let plain = plain.to_ascii_lowercase();
    let tells_of_one = plain.ends_with("id") || plain.ends_with("name") || plain.ends_with("type");
    !tells_of_one && NAMES.iter().any(|part| plain.contains(part))
}

fn find(text: &[u8], needle: &[u8]) -> bool {
    let Some((first, rest)) = needle.split_first() else { return false };
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|text| text.iter().position(|byte| byte == first)) {
        from += at + 1;
        if text[from..].starts_with(rest) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scrubber(body: &str) -> Scrubber {
        Scrubber::of_body("/v1/any", Some(body.as_bytes()))
    }

    #[test]
    fn the_fields_that_hold_a_secret_are_known_by_their_names() {
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
    fn of_a_location_the_place_is_left() {
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
