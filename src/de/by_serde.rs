//! Objects with values that only serde can read, such as maps of numbers: read like the others in [`object`](super::object), but
//! compiled for each format.

#![allow(dead_code, unused_macros, unused_imports, reason = "the current document has no such object")]

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};

use super::Filled;

/// An object, read from its properties in any order. Made by [`by_serde!`].
pub(crate) trait Object: Sized {
    const NAME: &'static str;
    /// The names on the wire, required ones first.
    const NAMES: &'static [&'static str];
    /// How many are required.
    const REQUIRED: usize;
    /// Older names, with the indexes of those that they stand for.
    const ALIASES: &'static [(&'static str, usize)];
    /// Whether it keeps the properties that have no field.
    const IS_OPEN: bool;

    /// `None` if a property is missing or cannot be read, which [`Fields`] records.
    fn read<'de, A: MapAccess<'de>>(fields: &mut Fields<'de, A>) -> Option<Self>;
}

/// Reads an object.
pub(crate) fn read<'de, D: Deserializer<'de>, T: Object>(deserializer: D) -> Result<T, D::Error> {
    if T::IS_OPEN {
        return deserializer.deserialize_map(Reader(PhantomData));
    }
    deserializer.deserialize_struct(T::NAME, T::NAMES, Reader(PhantomData))
}

struct Reader<T>(PhantomData<T>);

impl<'de, T: Object> Visitor<'de> for Reader<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "struct {}", T::NAME)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        let mut fields = Fields {
            map,
            names: T::NAMES,
            aliases: T::ALIASES,
            is_open: T::IS_OPEN,
            seen: Vec::new(),
            other: None,
            error: None,
            lifetime: PhantomData,
        };
        let value = T::read(&mut fields);
        match (fields.error, value) {
            (None, Some(value)) => Ok(value),
            (error, _) => Err(error.unwrap_or_else(|| {
                let missing = (0..T::REQUIRED).find(|index| !fields.seen.contains(index));
                let name = missing.and_then(|index| T::NAMES.get(index));
                A::Error::missing_field(name.copied().unwrap_or_default())
            })),
        }
    }
}

/// The properties of an object in the order received. An error is kept and ends the reading, so that an object's own code has no
/// errors to handle.
pub(crate) struct Fields<'de, A: MapAccess<'de>> {
    map: A,
    names: &'static [&'static str],
    aliases: &'static [(&'static str, usize)],
    is_open: bool,
    /// The properties seen so far.
    seen: Vec<usize>,
    /// The name read last, if it belongs to no field.
    other: Option<String>,
    error: Option<A::Error>,
    lifetime: PhantomData<&'de ()>,
}

/// Each method is told where its value goes.
impl<'de, A: MapAccess<'de>> Fields<'de, A> {
    /// The index of the next known property.
    #[inline(never)]
    pub(crate) fn next(&mut self) -> Option<usize> {
        while self.error.is_none() {
            let other = self.is_open.then_some(&mut self.other);
            match self.map.next_key_seed(Key { names: self.names, aliases: self.aliases, other }) {
                Ok(Some(Some(index))) if !self.seen.contains(&index) => {
                    self.seen.push(index);
                    return Some(index);
                }
                Ok(Some(Some(index))) => {
                    self.error = Some(A::Error::duplicate_field(self.names.get(index).copied().unwrap_or_default()));
                }
                Ok(Some(None)) if self.other.is_some() => return Some(usize::MAX),
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

    /// A value whose name belongs to no field.
    pub(crate) fn other<T: Deserialize<'de>>(&mut self, slot: &mut impl Extend<(String, T)>) {
        if let Some(name) = self.other.take()
            && let Some(value) = self.take()
        {
            slot.extend([(name, value)]);
        }
    }

    /// An optional value.
    pub(crate) fn value<T: Deserialize<'de>>(&mut self, slot: &mut T) {
        if let Some(value) = self.take() {
            *slot = value;
        }
    }

    /// A required value.
    pub(crate) fn required<T: Deserialize<'de>>(&mut self, slot: &mut Option<T>) {
        *slot = self.take();
    }
}

/// The ways to read a field that come from the parent module.
macro_rules! ways {
    ($($name:ident $required:ident $wrapper:ident [$($bound:tt)*] $ty:ty, $read:path;)*) => {$(
        struct $wrapper<T>($ty);

        impl<'de, T: $($bound)*> Deserialize<'de> for $wrapper<T> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $read(deserializer).map(Self)
            }
        }

        impl<'de, A: MapAccess<'de>> Fields<'de, A> {
            pub(crate) fn $name<T: $($bound)*>(&mut self, slot: &mut $ty) {
                if let Some($wrapper(value)) = self.take() {
                    *slot = value;
                }
            }

            /// The same for a required field.
            pub(crate) fn $required<T: $($bound)*>(&mut self, slot: &mut Option<$ty>) {
                *slot = self.take().map(|$wrapper(value)| value);
            }
        }
    )*};
}

ways! {
    null_is_empty required_null_is_empty NullIsEmpty [Deserialize<'de> + Default] T, super::null_is_empty;
    blank_is_none required_blank_is_none BlankIsNone [Filled] Option<T>, super::blank_is_none;
    integer required_integer Integer [TryFrom<i64> + Default] T, super::integer;
    integer_option required_integer_option IntegerOption [TryFrom<i64>] Option<T>, super::integer_option;
}

/// Reads a name as its index; an unknown name gives `None`, and is kept if there is a place for it.
struct Key<'a> {
    names: &'static [&'static str],
    aliases: &'static [(&'static str, usize)],
    other: Option<&'a mut Option<String>>,
}

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("field identifier")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        let index = self.find(name.as_bytes());
        if let (None, Some(other)) = (index, self.other) {
            *other = Some(name.to_owned());
        }
        Ok(index)
    }

    fn visit_bytes<E: Error>(self, name: &[u8]) -> Result<Self::Value, E> {
        let index = self.find(name);
        if let (None, Some(other)) = (index, self.other) {
            *other = Some(String::from_utf8_lossy(name).into_owned());
        }
        Ok(index)
    }
}

impl Key<'_> {
    fn find(&self, name: &[u8]) -> Option<usize> {
        let index = self.names.iter().position(|known| known.as_bytes() == name);
        let alias = || self.aliases.iter().find(|(known, _)| known.as_bytes() == name).map(|(_, index)| *index);
        index.or_else(alias)
    }
}

/// Like [`object!`](super::object::object), with the field for properties without their own field last.
macro_rules! by_serde {
    ($name:ident {
        required: $($needed_index:literal $needed_wire:literal $needed:ident $needed_how:ident,)*;
        $($index:literal $wire:literal $field:ident $how:ident,)*;
        aliases: $($alias:literal $stands_for:literal,)*;
        $(others: $others:ident)?
    }) => {
        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                crate::de::by_serde::read(deserializer)
            }
        }

        impl crate::de::by_serde::Object for $name {
            const NAME: &'static str = stringify!($name);
            const NAMES: &'static [&'static str] = &[$($needed_wire,)* $($wire,)*];
            const REQUIRED: usize = <[&str]>::len(&[$($needed_wire,)*]);
            const ALIASES: &'static [(&'static str, usize)] = &[$(($alias, $stands_for),)*];
            const IS_OPEN: bool = !<[&str]>::is_empty(&[$(stringify!($others))?]);

            fn read<'de, A: ::serde::de::MapAccess<'de>>(
                fields: &mut crate::de::by_serde::Fields<'de, A>,
            ) -> ::std::option::Option<Self> {
                $(let mut $needed = ::std::option::Option::None;)*
                $(let mut $field = ::std::default::Default::default();)*
                $(let mut $others = ::std::default::Default::default();)?
                while let ::std::option::Option::Some(index) = fields.next() {
                    match index {
                        $($needed_index => fields.$needed_how(&mut $needed),)*
                        $($index => fields.$how(&mut $field),)*
                        _ => { $(fields.other(&mut $others);)? }
                    }
                }
                ::std::option::Option::Some(Self { $($needed: $needed?,)* $($field,)* $($others)? })
            }
        }
    };
}

pub(crate) use by_serde;

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    #[derive(Debug, PartialEq)]
    struct Open {
        port: Option<i64>,
        at: Option<crate::Timestamp>,
        note: Option<String>,
        names: Vec<String>,
        rest: BTreeMap<String, bool>,
    }

    by_serde! {
        Open {
            required: 0 "port" port required_integer_option, 1 "at" at required_blank_is_none, 2 "note" note required,; 3 "names" names value,;
            aliases: "Names" 3, "PORT" 0,; others: rest
        }
    }

    #[derive(serde::Deserialize)]
    #[serde(rename = "Open")]
    struct DerivedOpen {
        #[serde(alias = "PORT", deserialize_with = "crate::de::integer_option")]
        port: Option<i64>,
        #[serde(deserialize_with = "crate::de::blank_is_none")]
        at: Option<crate::Timestamp>,
        #[serde(deserialize_with = "Option::deserialize")]
        note: Option<String>,
        #[serde(default, alias = "Names")]
        names: Vec<String>,
        #[serde(flatten)]
        rest: BTreeMap<String, bool>,
    }

    #[test]
    fn older_names_and_properties_without_a_field_are_read_as_serde_would_read_them() {
        let pairs = [
            r#""port":null"#,
            r#""PORT":"7""#,
            r#""port":"x""#,
            r#""at":"""#,
            r#""at":"2026-01-02T03:04:05Z""#,
            r#""note":null"#,
            r#""names":["a"]"#,
            r#""Names":[]"#,
            r#""Names":null"#,
            r#""more":true"#,
            r#""\u006dore":false"#,
            r#""other":1"#,
        ];
        let (mut read, mut refused) = (0, 0);
        for chosen in 0_u32..1 << pairs.len() {
            let body: Vec<&str> =
                pairs.iter().enumerate().filter(|(at, _)| chosen >> at & 1 == 1).map(|(_, pair)| *pair).collect();
            let text = format!("{{{}}}", body.join(","));
            let ours = serde_json::from_str::<Open>(&text);
            let derived = serde_json::from_str::<DerivedOpen>(&text).map(|derived| {
                let DerivedOpen { port, at, note, names, rest } = derived;
                Open { port, at, note, names, rest }
            });
            read += usize::from(ours.is_ok());
            refused += usize::from(ours.is_err());
            assert_eq!(ours.ok(), derived.ok(), "{text}");
        }
        assert!(read > 40 && refused > 1000, "{read} and {refused}");
    }
}
