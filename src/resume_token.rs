//! Where a list was left: what another process needs to resume it.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde::{Serialize, Serializer};

use crate::Error;
use crate::de::object::object;
use crate::ser::{Out, Scalar, Writable, written};

/// The version of the token's contents.
const VERSION: u32 = 1;

/// Where a list was left, so that another process can resume it: a string without credentials.
///
/// [`Items::resume_token`](crate::Items::resume_token) returns it, and the request of a paged list takes it. It belongs to one
/// operation with the same filters; any other refuses it before anything is sent.
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
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ResumeToken(String);

impl ResumeToken {
    /// The token as a string.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn of(place: &Place) -> Self {
        // A place holds only numbers and strings, which JSON can always represent.
        Self(URL_SAFE_NO_PAD.encode(serde_json::to_vec(place).unwrap_or_default()))
    }

    /// Decodes the token and checks that it belongs to the list.
    pub(crate) fn place(&self, operation: &str, filters: u64) -> Result<Place, Error> {
        let place = URL_SAFE_NO_PAD.decode(self.0.trim()).ok();
        let place = place.and_then(|json| serde_json::from_slice::<Place>(&json).ok());
        let Some(place) = place else {
            return Err(Error::invalid_request("this is not a resume token"));
        };
        if place.version != VERSION {
            let text =
                format!("the resume token has version {}, but this crate reads version {VERSION}", place.version);
            return Err(Error::invalid_request(text));
        }
        if place.operation != operation {
            let text = format!("the resume token belongs to the list `{}`", place.operation);
            return Err(Error::invalid_request(text));
        }
        if place.filters != filters {
            let text = "the resume token belongs to the same list with different filters";
            return Err(Error::invalid_request(text).with_advice("set the filters that the list had"));
        }
        Ok(place)
    }
}

impl Serialize for ResumeToken {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ResumeToken {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self)
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

    /// Accepts any string; whether it is a token of the list is checked when the list is read.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl From<ResumeToken> for String {
    fn from(token: ResumeToken) -> Self {
        token.0
    }
}

/// Where the page being read begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Cursor {
    /// At the beginning of the list.
    #[default]
    Start,
    /// At a token.
    Token(String),
    /// After the element with this id.
    After(String),
    /// At the first of these numbers; both ends included.
    Range(i64, i64),
}

/// The beginning is written as `"s"`, and the others as `{"t": token}`, `{"a": id}` and `{"r": [first, last]}`.
impl Writable for Cursor {
    fn write(&self, out: &mut dyn Out) {
        match self {
            Self::Start => out.scalar(Scalar::Text("s")),
            Self::Token(token) => out.map(Some(1), &mut |entry| entry("t", token)),
            Self::After(id) => out.map(Some(1), &mut |entry| entry("a", id)),
            Self::Range(first, last) => out.map(Some(1), &mut |entry| entry("r", &vec![*first, *last])),
        }
    }
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Cursor;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a place in a list")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Cursor, E> {
                if text == "s" { Ok(Cursor::Start) } else { Err(E::custom("no such place")) }
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Cursor, A::Error> {
                let cursor = match map.next_key::<String>()?.as_deref() {
                    Some("t") => Cursor::Token(map.next_value()?),
                    Some("a") => Cursor::After(map.next_value()?),
                    Some("r") => map.next_value().map(|(first, last)| Cursor::Range(first, last))?,
                    _ => return Err(A::Error::custom("no such place")),
                };
                match map.next_key::<String>()? {
                    None => Ok(cursor),
                    Some(_) => Err(A::Error::custom("two places")),
                }
            }
        }
        deserializer.deserialize_any(Any)
    }
}

/// The contents of a token. An issued token must stay readable, so names and forms must not change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub version: u32,
    pub operation: String,
    /// A hash of the filters.
    pub filters: u64,
    pub cursor: Cursor,
    /// How many elements of the page were returned.
    pub position: u64,
    /// The id of the last one.
    pub last_id: Option<String>,
    /// Of a sweep: the finished groups.
    pub groups: Vec<crate::WorkspaceGroupId>,
}

written! {
    Place {
        "v" .version, "o" .operation, "f" .filters, "c" .cursor, "p" .position, "l" .last_id, "g" unless_empty .groups,
    }
}

object! {
    Place {
        required: 0 "v" version any, 1 "o" operation value, 2 "f" filters any,;
        3 "c" cursor any, 4 "p" position any, 5 "l" last_id option, 6 "g" groups value,
    }
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

    /// Tokens are stored: what one version wrote, later versions read.
    #[test]
    fn the_format_of_a_place_is_stable() {
        let group = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";
        let place = Place::of("list", u64::MAX);
        for (place, json) in [
            (place.clone(), r#"{"v":1,"o":"list","f":18446744073709551615,"c":"s","p":0}"#.to_owned()),
            (
                Place { cursor: Cursor::Token("x".into()), last_id: Some("y".into()), ..place.clone() },
                r#"{"v":1,"o":"list","f":18446744073709551615,"c":{"t":"x"},"p":0,"l":"y"}"#.to_owned(),
            ),
            (
                Place { cursor: Cursor::After("x".into()), position: 7, ..place.clone() },
                r#"{"v":1,"o":"list","f":18446744073709551615,"c":{"a":"x"},"p":7}"#.to_owned(),
            ),
            (
                Place { cursor: Cursor::Range(-1, i64::MAX), groups: vec![group.parse().unwrap()], ..place },
                format!(
                    r#"{{"v":1,"o":"list","f":18446744073709551615,"c":{{"r":[-1,9223372036854775807]}},"p":0,"g":["{group}"]}}"#
                ),
            ),
        ] {
            assert_eq!(serde_json::to_string(&place).unwrap(), json);
            assert_eq!(serde_json::from_str::<Place>(&json).unwrap(), place, "{json}");
        }
        let short = serde_json::from_str::<Place>(r#"{"v":1,"o":"list","f":5}"#).unwrap();
        assert_eq!(short, Place::of("list", 5));
        for cursor in
            [r#""x""#, "1", "{}", "null", r#"{"x":"y"}"#, r#"{"t":1}"#, r#"{"r":[1]}"#, r#"{"t":"x","a":"y"}"#]
        {
            let json = format!(r#"{{"v":1,"o":"list","f":5,"c":{cursor}}}"#);
            assert!(serde_json::from_str::<Place>(&json).is_err(), "{json}");
        }
        let token = ResumeToken::from("abc");
        assert_eq!(serde_json::to_string(&token).unwrap(), r#""abc""#);
        assert_eq!(serde_json::from_str::<ResumeToken>(r#""abc""#).unwrap(), token);
    }

    #[test]
    fn a_token_round_trips_and_only_its_own_list_accepts_it() {
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
