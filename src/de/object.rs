//! How the objects of the API are read.
//!
//! `derive(Deserialize)` writes each object's code out for itself, and a second time for formats that have no names. Here what
//! is the same for all stands once, and of an object there is left which name belongs to which field: less to compile for
//! every user, and a smaller program.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use super::Take;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};

/// An object, read from its properties in any order. Made by [`object!`].
pub(crate) trait Object: Sized {
    /// What a value of another type is compared with in an error.
    const NAME: &'static str;
    /// The names on the wire, those that must be there first.
    const FIELDS: &'static [&'static str];
    /// How many must be there.
    const REQUIRED: usize;

    /// Nothing where a property is missing or cannot be read, which [`Fields`] knows.
    fn read<'de, A: MapAccess<'de>>(fields: &mut Fields<'de, A>) -> Option<Self>;
}

/// Reads an object.
pub(crate) fn read<'de, D: Deserializer<'de>, T: Object>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_struct(T::NAME, T::FIELDS, Reader(PhantomData))
}

struct Reader<T>(PhantomData<T>);

impl<'de, T: Object> Visitor<'de> for Reader<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "struct {}", T::NAME)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        let mut fields = Fields { map, names: T::FIELDS, seen: 0, error: None, lifetime: PhantomData };
        let value = T::read(&mut fields);
        match (fields.error, value) {
            (None, Some(value)) => Ok(value),
            (error, _) => Err(error.unwrap_or_else(|| missing(&T::FIELDS[..T::REQUIRED], fields.seen))),
        }
    }
}

fn missing<E: Error>(required: &[&'static str], seen: u128) -> E {
    let first = required.iter().enumerate().find(|(index, _)| seen >> index & 1 == 0);
    E::missing_field(first.map_or("", |(_, name)| name))
}

/// The properties of an object as they come. What fails is kept and ends the reading, so that an object's own code has no
/// failures to handle.
pub(crate) struct Fields<'de, A: MapAccess<'de>> {
    map: A,
    names: &'static [&'static str],
    seen: u128,
    error: Option<A::Error>,
    lifetime: PhantomData<&'de ()>,
}

/// Each is told where its value goes. None is copied into the objects that use it.
impl<'de, A: MapAccess<'de>> Fields<'de, A> {
    /// The index of the next known property.
    #[inline(never)]
    pub(crate) fn next(&mut self) -> Option<usize> {
        while self.error.is_none() {
            match self.map.next_key_seed(Key(self.names)) {
                Ok(Some(Some(index))) if self.seen >> index & 1 == 0 => {
                    self.seen |= 1 << index;
                    return Some(index);
                }
                Ok(Some(Some(index))) => {
                    self.error = Some(A::Error::duplicate_field(self.names.get(index).copied().unwrap_or_default()));
                }
                Ok(Some(None)) => self.error = self.map.next_value::<IgnoredAny>().err(),
                Ok(None) => return None,
                Err(error) => self.error = Some(error),
            }
        }
        None
    }

    fn take<T: Deserialize<'de>>(&mut self) -> Option<T> {
        match self.map.next_value() {
            Ok(value) => Some(value),
            Err(error) => {
                self.error = Some(error);
                None
            }
        }
    }

    /// A value that may be left out.
    #[inline(never)]
    pub(crate) fn value<T: Deserialize<'de>>(&mut self, slot: &mut T) {
        if let Some(value) = self.take() {
            *slot = value;
        }
    }

    /// A value that must be there.
    #[inline(never)]
    pub(crate) fn required<T: Deserialize<'de>>(&mut self, slot: &mut Option<T>) {
        *slot = self.take();
    }

    /// A text that must be there, and be a value of the type.
    pub(crate) fn parsed<T: FromStr<Err: fmt::Display>>(&mut self, slot: &mut Option<T>) {
        self.text(&mut |text| super::parse(text, slot));
    }

    /// As [`super::blank_is_none`].
    pub(crate) fn blank_is_none<T: FromStr<Err: fmt::Display>>(&mut self, slot: &mut Option<T>) {
        self.filled_text(&mut |text| super::parse(text, slot));
    }

    /// A value of an enum that may be null.
    pub(crate) fn known<T: for<'t> From<&'t str>>(&mut self, slot: &mut Option<T>) {
        self.optional_text(&mut |text| {
            *slot = Some(text.into());
            Ok(())
        });
    }

    /// A value of an enum that has one for what is not known.
    pub(crate) fn known_or_default<T: for<'t> From<&'t str>>(&mut self, slot: &mut T) {
        self.optional_text(&mut |text| {
            *slot = text.into();
            Ok(())
        });
    }

    #[inline(never)]
    fn text(&mut self, take: Take<'_>) {
        self.error = self.map.next_value_seed(Text(take)).err();
    }

    #[inline(never)]
    fn optional_text(&mut self, take: Take<'_>) {
        self.error = self.map.next_value_seed(OptionalText(take)).err();
    }

    #[inline(never)]
    fn filled_text(&mut self, take: Take<'_>) {
        self.error = self.map.next_value_seed(FilledText(take)).err();
    }

    /// As [`super::null_is_empty`].
    #[inline(never)]
    pub(crate) fn null_is_empty<T: Deserialize<'de> + Default>(&mut self, slot: &mut T) {
        struct Empty<T>(T);
        impl<'de, T: Deserialize<'de> + Default> Deserialize<'de> for Empty<T> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                super::null_is_empty(deserializer).map(Self)
            }
        }
        *slot = self.take().map_or_else(T::default, |Empty(value)| value);
    }

    /// As [`super::integer_option`].
    #[inline(never)]
    pub(crate) fn integer_option<T: TryFrom<i64>>(&mut self, slot: &mut Option<T>) {
        struct Integer<T>(Option<T>);
        impl<'de, T: TryFrom<i64>> Deserialize<'de> for Integer<T> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                super::integer_option(deserializer).map(Self)
            }
        }
        *slot = self.take().and_then(|Integer(value)| value);
    }

    /// As [`super::integer`], a value that must be there.
    #[inline(never)]
    pub(crate) fn integer<T: TryFrom<i64>>(&mut self, slot: &mut Option<T>) {
        struct Whole<T>(T);
        impl<'de, T: TryFrom<i64>> Deserialize<'de> for Whole<T> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                super::integer(deserializer).map(Self)
            }
        }
        *slot = self.take().map(|Whole(value)| value);
    }
}

/// What reads a text: one of the three of the module above.
macro_rules! seed {
    ($name:ident, $read:path) => {
        struct $name<'a>(Take<'a>);

        impl<'de> DeserializeSeed<'de> for $name<'_> {
            type Value = ();

            fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
                $read(deserializer, self.0)
            }
        }
    };
}

seed!(Text, super::take_text);
seed!(OptionalText, super::take_optional);
seed!(FilledText, super::take_filled);

/// Reads a name as its index; nothing for one that is not known.
struct Key(&'static [&'static str]);

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for Key {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("field identifier")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.iter().position(|known| *known == name))
    }

    fn visit_bytes<E: Error>(self, name: &[u8]) -> Result<Self::Value, E> {
        Ok(self.0.iter().position(|known| known.as_bytes() == name))
    }
}

/// Says which name of an object belongs to which field, and how it is read. The fields that must be there come first, the
/// others must have a value of their own where they are left out.
macro_rules! object {
    ($name:ident {
        required: $($needed_index:literal $needed_wire:literal $needed:ident $needed_how:ident,)*;
        $($index:literal $wire:literal $field:ident $how:ident,)*
    }) => {
        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                crate::de::object::read(deserializer)
            }
        }

        impl crate::de::object::Object for $name {
            const NAME: &'static str = stringify!($name);
            const FIELDS: &'static [&'static str] = &[$($needed_wire,)* $($wire,)*];
            const REQUIRED: usize = <[&str]>::len(&[$($needed_wire,)*]);

            fn read<'de, A: ::serde::de::MapAccess<'de>>(
                fields: &mut crate::de::object::Fields<'de, A>,
            ) -> ::std::option::Option<Self> {
                $(let mut $needed = ::std::option::Option::None;)*
                $(let mut $field = ::std::default::Default::default();)*
                while let ::std::option::Option::Some(index) = fields.next() {
                    match index {
                        $($needed_index => fields.$needed_how(&mut $needed),)*
                        $($index => fields.$how(&mut $field),)*
                        _ => {}
                    }
                }
                ::std::option::Option::Some(Self { $($needed: $needed?,)* $($field,)* })
            }
        }
    };
}

pub(crate) use object;

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::raw::ids::WorkspaceId;
    use crate::types::WorkspaceState;

    #[derive(Debug, PartialEq)]
    struct Table {
        id: WorkspaceId,
        name: String,
        size: i64,
        at: Option<crate::Timestamp>,
        state: WorkspaceState,
        last: Option<WorkspaceState>,
        port: Option<i64>,
        tags: Vec<String>,
        note: Option<String>,
    }

    object! {
        Table {
            required: 0 "id" id parsed, 1 "name" name required, 2 "size" size integer,;
            3 "at" at blank_is_none, 4 "state" state known_or_default, 5 "last" last known, 6 "port" port integer_option,
            7 "tags" tags null_is_empty, 8 "note" note value,
        }
    }

    /// The same, read by what serde derives.
    #[derive(serde::Deserialize)]
    #[serde(rename = "Table")]
    struct Derived {
        id: WorkspaceId,
        name: String,
        #[serde(deserialize_with = "crate::de::integer")]
        size: i64,
        #[serde(default, deserialize_with = "crate::de::blank_is_none")]
        at: Option<crate::Timestamp>,
        #[serde(default, deserialize_with = "crate::de::null_is_empty")]
        state: WorkspaceState,
        last: Option<WorkspaceState>,
        #[serde(default, deserialize_with = "crate::de::integer_option")]
        port: Option<i64>,
        #[serde(default, deserialize_with = "crate::de::null_is_empty")]
        tags: Vec<String>,
        note: Option<String>,
    }

    impl From<Derived> for Table {
        fn from(other: Derived) -> Self {
            let Derived { id, name, size, at, state, last, port, tags, note } = other;
            Self { id, name, size, at, state, last, port, tags, note }
        }
    }

    const ID: &str = r#""3f2504e0-4f89-41d3-9a0c-0305e82c3301""#;

    #[test]
    fn an_object_is_read_as_serde_would_read_it() {
        let good = [("id", ID), ("name", r#""a""#), ("size", "1")];
        let values = [
            "null",
            "true",
            "0",
            "7",
            "-1",
            "2.0",
            "2.5",
            "1e300",
            r#""""#,
            r#"" ""#,
            r#""x""#,
            r#""7""#,
            r#""ACTIVE""#,
            r#""active ""#,
            r#""2026-01-02T03:04:05Z""#,
            ID,
            "[]",
            r#"["a"]"#,
            "[1]",
            "{}",
            r#"{"a":[1,{"b":null}]}"#,
        ];
        let (mut read, mut refused) = (0, 0);
        for field in ["id", "name", "size", "at", "state", "last", "port", "tags", "note", "unknown", ""] {
            for value in values {
                let mut all = BTreeMap::from(good);
                all.insert(field, value);
                let body: Vec<String> = all.iter().map(|(name, value)| format!("{name:?}:{value}")).collect();
                let missing =
                    body.iter().filter(|pair| !pair.starts_with(&format!("{field:?}"))).cloned().collect::<Vec<_>>();
                let twice = format!("{},{field:?}:{value}", body.join(","));
                for text in [body.join(","), missing.join(","), twice, body.join(",") + ",", body.join("")] {
                    for text in [format!("{{{text}}}"), format!("{{{text}")] {
                        let ours = serde_json::from_str::<Table>(&text).map_err(|error| error.to_string());
                        let derived = serde_json::from_str::<Derived>(&text).map(Table::from);
                        let derived = derived.map_err(|error| error.to_string());
                        read += usize::from(ours.is_ok());
                        refused += usize::from(ours.is_err());
                        let is_text = |message: &str| message.replace("a text or null", "a text");
                        assert_eq!(ours.map_err(|e| is_text(&e)), derived.map_err(|e| is_text(&e)), "{text}");
                    }
                }
            }
        }
        assert!(read > 200 && refused > 200, "{read} and {refused}");
    }

    #[derive(Debug, PartialEq)]
    struct Named {
        name: String,
    }

    object! { Named { required: 0 "name" name required,; } }

    #[test]
    fn names_may_be_given_as_bytes() {
        use serde::de::IntoDeserializer;
        use serde::de::value::{Error, MapDeserializer};

        let pairs = [(b"other".as_slice(), "x"), (b"name".as_slice(), "a")];
        let map: MapDeserializer<'_, _, Error> = MapDeserializer::new(pairs.into_iter());
        let read: Result<Named, Error> = serde::Deserialize::deserialize(map.into_deserializer());
        assert_eq!(read, Ok(Named { name: "a".to_owned() }));
    }

    #[test]
    fn a_list_is_no_object() {
        let error = serde_json::from_str::<Table>(&format!("[{ID},\"a\",1]")).unwrap_err().to_string();
        assert!(error.starts_with("invalid type: sequence, expected struct Table"), "{error}");
    }

    #[test]
    fn an_object_can_come_from_any_format() {
        let value =
            serde_json::json!({"id": ID.trim_matches('"'), "name": "a", "size": 3, "tags": null, "state": "ACTIVE"});
        let read: Table = serde_json::from_value(value).unwrap();
        assert_eq!((read.size, read.state), (3, WorkspaceState::Active));
    }
}
