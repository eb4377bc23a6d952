//! Values that must not be exposed: shown only on demand, and wiped when dropped.

use std::fmt;

use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

use crate::de::{Read, Source, Take, Value, Want};
use crate::ser::{Hidden, Out, Scalar};

/// Replaces a secret wherever one would be shown.
pub(crate) const REDACTED: &str = "[redacted]";

/// A secret string: an API key, a password, a token.
///
/// It has no `Display` and no `Serialize`, its `Debug` output hides the value, and its memory is wiped when it is dropped.
///
/// # Written and read
///
/// The field decides. In a type that is *sent*, such as [`SecretCreate`](crate::types::SecretCreate), a secret is written,
/// because the service needs it: do not log what `serde_json` makes of a request. In a type that is *read*, such as
/// [`OrganizationSecret`](crate::types::OrganizationSecret), the field is left out when the value is written, so a response that
/// is kept as JSON holds no secret, and reads back without one. The string `[redacted]`, which `Debug` shows, is rejected where a
/// secret is read, so that it is never mistaken for one.
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
///
/// Code that would show it by mistake does not compile:
///
/// ```compile_fail,E0277
/// println!("{}", singlestore_management::Secret::from("correct horse"));
/// ```
///
/// ```compile_fail,E0277
/// fn written<T: serde::Serialize>(_: T) {}
/// written(singlestore_management::Secret::from("correct horse"));
/// ```
#[derive(Clone, Default)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The string itself, under a name that is easy to search for.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether the string is empty.
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
    /// Compares in constant time for strings of equal length.
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
        crate::de::read(deserializer)
    }
}

struct Reading<'a>(&'a mut Secret);

impl Take for Reading<'_> {
    fn take(&mut self, text: &str) -> Result<(), String> {
        if text.trim() == REDACTED {
            return Err("a secret that was left out for safety cannot be read back".to_owned());
        }
        *self.0 = Secret::from(text);
        Ok(())
    }
}

impl Value for Secret {
    fn blank() -> Self {
        Self::from("")
    }

    fn read(&mut self, null: bool, source: &mut dyn Source) -> Read {
        source.read(Want::text(null, &mut Reading(self)))
    }
}

impl Hidden for Secret {
    #[inline]
    fn write(&self, show: bool, out: &mut dyn Out) {
        out.scalar(Scalar::Text(if show { self.expose() } else { REDACTED }));
    }
}
