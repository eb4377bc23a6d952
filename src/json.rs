//! The little that this crate itself reads of JSON of unknown shape. `serde_json::Value` does the same and more, and would be in
//! every program.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// Whether `serde_json` gives a number as a map of its digits, so that none are lost: its feature `arbitrary_precision`, which
/// any crate of a program can turn on for all. Its `Number` is then a string.
pub(crate) const KEEPS_DIGITS: bool = size_of::<serde_json::Number>() == size_of::<String>();

/// The only key of such a map.
pub(crate) const DIGITS: &str = "$serde_json::private::Number";

/// Any JSON.
#[derive(Debug, PartialEq)]
pub(crate) enum Json {
    Text(String),
    /// A number, as `serde_json` writes it.
    Number(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
    /// A boolean or null.
    Other,
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Json;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any JSON")
            }

            fn visit_unit<E>(self) -> Result<Json, E> {
                Ok(Json::Other)
            }

            fn visit_bool<E>(self, _: bool) -> Result<Json, E> {
                Ok(Json::Other)
            }

            fn visit_u64<E>(self, number: u64) -> Result<Json, E> {
                Ok(Json::Number(number.to_string()))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Json, E> {
                Ok(Json::Number(number.to_string()))
            }

            fn visit_f64<E>(self, number: f64) -> Result<Json, E> {
                // A secret is searched for as it was sent: Rust writes `1.0` and `1e300` in other forms.
                Ok(Json::Number(serde_json::to_string(&number).unwrap_or_default()))
            }

            fn visit_str<E>(self, text: &str) -> Result<Json, E> {
                Ok(Json::Text(text.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
                let mut list = Vec::new();
                while let Some(item) = items.next_element()? {
                    list.push(item);
                }
                Ok(Json::List(list))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Json, A::Error> {
                let mut object: Vec<(String, Json)> = Vec::new();
                while let Some(field) = fields.next_entry()? {
                    object.push(field);
                }
                if KEEPS_DIGITS
                    && let [(name, Json::Text(digits))] = object.as_mut_slice()
                    && name == DIGITS
                {
                    return Ok(Json::Number(std::mem::take(digits)));
                }
                Ok(Json::Object(object))
            }
        }
        deserializer.deserialize_any(Any)
    }
}

impl Json {
    /// Reads a complete JSON text.
    pub(crate) fn read(text: &[u8]) -> Option<Self> {
        serde_json::from_slice(text).ok()
    }
}

/// The fields of an object, each unparsed; `None` for anything else.
pub(crate) struct RawFields<'a>(Vec<(String, &'a RawValue)>);

impl<'a> RawFields<'a> {
    pub(crate) fn read(text: &'a [u8]) -> Option<Self> {
        serde_json::from_slice(text).ok()
    }

    /// A field as it was written; if a name occurs twice, the last one.
    pub(crate) fn get(&self, name: &str) -> Option<&'a str> {
        self.0.iter().rev().find(|(own, _)| own == name).map(|(_, value)| value.get())
    }
}

impl<'a> Deserialize<'a> for RawFields<'a> {
    fn deserialize<D: Deserializer<'a>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'a> Visitor<'a> for Object {
            type Value = RawFields<'a>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<RawFields<'a>, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(RawFields(fields))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_json_and_nothing_else_is_parsed() {
        let (text, number) = (|text: &str| Json::Text(text.into()), |text: &str| Json::Number(text.into()));
        for (json, want) in [
            ("null", Some(Json::Other)),
            ("true", Some(Json::Other)),
            (r#" "a\n" "#, Some(text("a\n"))),
            (
                "[1, -2, 1.5, 1.0, 1E300, 18446744073709551615]",
                Some(Json::List(["1", "-2", "1.5", "1.0", "1e+300", "18446744073709551615"].map(number).into())),
            ),
            (
                r#"{"b": {}, "a": []}"#,
                Some(Json::Object(vec![("b".into(), Json::Object(vec![])), ("a".into(), Json::List(vec![]))])),
            ),
            ("", None),
            ("{", None),
            ("1 2", None),
        ] {
            assert_eq!(Json::read(json.as_bytes()), want, "{json}");
        }
        assert_eq!(Json::read("[".repeat(100_000).as_bytes()), None, "no depth makes it panic");
    }

    #[test]
    fn a_field_is_found_as_it_was_written() {
        let fields = RawFields::read(br#"{"a": [1,  2], "b\u0061": 1, "a": {"c": 1.0}}"#).unwrap();
        assert_eq!((fields.get("a"), fields.get("ba"), fields.get("c")), (Some(r#"{"c": 1.0}"#), Some("1"), None));
        for text in ["", "[]", "1", "{", r#"{"a"}"#, "null"] {
            assert!(RawFields::read(text.as_bytes()).is_none(), "{text}");
        }
    }
}
