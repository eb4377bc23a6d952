//! Values that must not be seen: shown only on demand, and wiped when dropped.

use std::fmt;

use serde::{Deserialize, Deserializer, Serializer};
use zeroize::Zeroizing;

use crate::Patch;

/// What stands for a secret wherever one would be shown.
pub(crate) const REDACTED: &str = "[redacted]";

/// A secret text: an API key, a password, a token.
///
/// It has no `Display` and no `Serialize`, its `Debug` shows nothing, and its memory is wiped when it is dropped.
///
/// # Written and read
///
/// The field decides. In a type that is *sent*, such as [`SecretCreate`](crate::types::SecretCreate), a secret is written, or
/// the service could not have it: do not log what `serde_json` makes of a request. In a type that is *read*, such as
/// [`OrganizationSecret`](crate::types::OrganizationSecret), the field is left out when the value is written, so a response
/// that is kept as JSON holds no secret, and reads back without one. The text `[redacted]`, which `Debug` shows, is refused
/// where a secret is read, so that it is never taken for one.
///
/// ```
/// use singlestore_management::types::{OrganizationSecret, SecretCreate};
///
/// let id = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";
/// let read = format!(r#"{{"secretID":"{id}","name":"smtp","value":"hunter2"}}"#);
/// let secret: OrganizationSecret = serde_json::from_str(&read)?;
/// assert_eq!(secret.value.as_ref().map(|value| value.expose()), Some("hunter2"));
/// assert_eq!(serde_json::to_string(&secret)?, format!(r#"{{"name":"smtp","secretID":"{id}"}}"#));
///
/// let sent = SecretCreate::new("smtp", "hunter2");
/// assert_eq!(serde_json::to_string(&sent)?, r#"{"name":"smtp","value":"hunter2"}"#);
///
/// let kept = read.replace("hunter2", "[redacted]");
/// assert!(serde_json::from_str::<OrganizationSecret>(&kept).is_err());
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// ```
/// use singlestore_management::Secret;
///
/// let password = Secret::from("correct horse");
/// assert_eq!(format!("{password:?}"), "Secret([redacted])");
/// assert_eq!(password.expose(), "correct horse");
/// ```
#[derive(Clone, Default)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The text itself. Named so that its uses can be searched for.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether the text is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({REDACTED})")
    }
}

impl PartialEq for Secret {
    /// Takes the same time wherever two texts of one length differ.
    fn eq(&self, other: &Self) -> bool {
        let (a, b) = (self.0.as_bytes(), other.0.as_bytes());
        a.len() == b.len() && a.iter().zip(b).fold(0, |differ, (x, y)| differ | (x ^ y)) == 0
    }
}

impl Eq for Secret {}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let secret = crate::de::text(deserializer, |text| Self::from(text))?;
        if secret.expose().trim() == REDACTED {
            return Err(serde::de::Error::custom("a secret that was left out for safety cannot be read back"));
        }
        Ok(secret)
    }
}

// A request must carry the secret; a response that is written somewhere must not. The field decides, never the type.

pub(crate) fn expose<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose())
}

pub(crate) fn expose_option<S: Serializer>(secret: &Option<Secret>, serializer: S) -> Result<S::Ok, S::Error> {
    match secret {
        Some(secret) => expose(secret, serializer),
        None => serializer.serialize_none(),
    }
}

pub(crate) fn expose_patch<S: Serializer>(secret: &Patch<Secret>, serializer: S) -> Result<S::Ok, S::Error> {
    match secret {
        Patch::Value(secret) => expose(secret, serializer),
        _ => serializer.serialize_none(),
    }
}
