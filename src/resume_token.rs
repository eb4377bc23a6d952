//! Where a list was left: what another process needs to go on with it.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::Error;

/// The version of what a token holds.
const VERSION: u32 = 1;

/// Where a list was left, for another process to go on with it: a string without credentials.
///
/// [`Items::resume_token`](crate::Items::resume_token) gives it, and the request of a paged list takes it. It belongs to one
/// operation with the same filters; another one refuses it before anything is sent.
///
/// ```
/// # use singlestore_management_emulator::Emulator;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let emulator = Emulator::start()?;
/// # let client = singlestore_management::Client::builder()
/// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
/// let mut entries = client.audit_logs().list().items().with_max_items(100);
/// while let Some(entry) = entries.try_next().await? {
///     println!("{:?}", entry.audit_id);
/// }
/// let saved: String = entries.resume_token().to_string();
/// // Later, in another process:
/// let mut entries = client.audit_logs().list().resume(saved).items();
/// while let Some(entry) = entries.try_next().await? {
///     println!("{:?}", entry.audit_id);
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ResumeToken(String);

impl ResumeToken {
    /// The token as a string.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn of(place: &Place) -> Self {
        // A place holds numbers and strings alone, which JSON can always say.
        Self(URL_SAFE_NO_PAD.encode(serde_json::to_vec(place).unwrap_or_default()))
    }

    /// What the token holds.
    pub(crate) fn place(&self, operation: &str, filters: u64) -> Result<Place, Error> {
        let place = URL_SAFE_NO_PAD.decode(self.0.trim()).ok();
        let place = place.and_then(|json| serde_json::from_slice::<Place>(&json).ok());
        let Some(place) = place else {
            return Err(Error::invalid_request("this is no resume token"));
        };
        if place.version != VERSION {
            let text = format!("the resume token is of version {}, and this crate knows {VERSION}", place.version);
            return Err(Error::invalid_request(text));
        }
        if place.operation != operation {
            let text = format!("the resume token is of the list `{}`", place.operation);
            return Err(Error::invalid_request(text));
        }
        if place.filters != filters {
            let text = "the resume token is of the same list with other filters";
            return Err(Error::invalid_request(text).with_advice("set the filters that the list had"));
        }
        Ok(place)
    }
}

impl fmt::Display for ResumeToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ResumeToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ResumeToken").field(&self.0).finish()
    }
}

impl AsRef<str> for ResumeToken {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl From<String> for ResumeToken {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for ResumeToken {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<&String> for ResumeToken {
    fn from(text: &String) -> Self {
        Self(text.clone())
    }
}

impl From<&ResumeToken> for ResumeToken {
    fn from(token: &ResumeToken) -> Self {
        token.clone()
    }
}

impl std::str::FromStr for ResumeToken {
    type Err = std::convert::Infallible;

    /// Takes any string; whether it is a token of the list shows when the list is read.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl From<ResumeToken> for String {
    fn from(token: ResumeToken) -> Self {
        token.0
    }
}

/// Where the page begins that was being read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Cursor {
    /// At the beginning of the list.
    #[default]
    #[serde(rename = "s")]
    Start,
    /// At a token.
    #[serde(rename = "t")]
    Token(String),
    /// Behind the element of this id.
    #[serde(rename = "a")]
    After(String),
    /// At the first of these numbers, both included.
    #[serde(rename = "r")]
    Range(i64, i64),
}

/// What a token holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    #[serde(rename = "v")]
    pub version: u32,
    #[serde(rename = "o")]
    pub operation: String,
    /// A hash of the filters.
    #[serde(rename = "f")]
    pub filters: u64,
    #[serde(rename = "c", default)]
    pub cursor: Cursor,
    /// How many elements of the page were handed out.
    #[serde(rename = "p", default)]
    pub position: u64,
    /// The id of the last one.
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    pub last_id: Option<String>,
    /// Of a sweep: the groups that are finished.
    #[serde(rename = "g", default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<crate::WorkspaceGroupId>,
}

impl Place {
    pub(crate) fn of(operation: &str, filters: u64) -> Self {
        Self {
            version: VERSION,
            operation: operation.to_owned(),
            filters,
            cursor: Cursor::Start,
            position: 0,
            last_id: None,
            groups: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_holds_its_place_and_nothing_else_takes_it() {
        let place = Place {
            cursor: Cursor::Token("abc/+=".to_owned()),
            position: 7,
            last_id: Some("x".to_owned()),
            ..Place::of("list_audit_logs", 5)
        };
        let token = ResumeToken::of(&place);
        assert!(token.as_str().bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
        assert_eq!(token.place("list_audit_logs", 5).unwrap(), place);
        assert!(token.place("list_cloud_functions", 5).unwrap_err().to_string().contains("list_audit_logs"));
        assert!(token.place("list_audit_logs", 6).unwrap_err().to_string().contains("filters"));
        let newer = ResumeToken::of(&Place { version: 2, ..place });
        assert!(newer.place("list_audit_logs", 5).unwrap_err().to_string().contains("version 2"));
        for text in ["", "x", "AAAA", "\u{e9}", "e30"] {
            assert!(ResumeToken::from(text).place("list_audit_logs", 5).is_err(), "{text}");
        }
    }
}
