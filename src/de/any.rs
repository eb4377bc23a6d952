//! What serde reads itself, from any source: a value of a type that the neighboring modules do not know.

use std::fmt;

use serde::de::value::{MapAccessDeserializer, StringDeserializer};
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, Expected, IntoDeserializer, MapAccess, SeqAccess, Unexpected,
    Visitor,
};
use serde::forward_to_deserialize_any;

use super::want::{Any, Elements, Failure, Kind, Members, Parts, Read, Reason, Source, Want, What};

/// Reads a value through serde.
pub(crate) fn any<T: for<'de> Deserialize<'de>>(slot: &mut T, source: &mut dyn Source) -> Read {
    *slot = T::deserialize(Erased(source))?;
    Ok(())
}

struct Erased<'a>(&'a mut dyn Source);

macro_rules! kinds {
    ($($kind:ident: $($method:ident)*;)*) => {$($(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
            self.read(visitor, Kind::$kind)
        }
    )*)*};
}

impl<'de> Deserializer<'de> for Erased<'_> {
    type Error = Failure;

    kinds! {
        Any: deserialize_any deserialize_bytes deserialize_byte_buf deserialize_unit;
        Skipped: deserialize_ignored_any;
        Bool: deserialize_bool;
        Number: deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_u8 deserialize_u16
            deserialize_u32 deserialize_u64 deserialize_f32 deserialize_f64;
        Text: deserialize_char deserialize_str deserialize_string deserialize_identifier;
        List: deserialize_seq;
        Map: deserialize_map;
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        struct Some<V, T>(Visit<V, T>);
        impl<'de, V: Visitor<'de>> Parts for Some<V, V::Value> {
            fn part(&mut self, source: &mut dyn Source) -> Read {
                self.0.visit(|visitor| visitor.visit_some(Erased(source)))
            }
        }
        let mut some = Some(Visit::of(visitor));
        self.0.read(Want { null: true, what: What::Some(&mut some) })?;
        match some.0.visitor.take() {
            Option::Some(visitor) => visitor.visit_none(),
            None => some.0.made(),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        self.deserialize_any(Variant(visitor))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        self.read(visitor, Kind::Struct(name, names))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Failure> {
        self.read(visitor, Kind::List)
    }

    forward_to_deserialize_any! { i128 u128 unit_struct tuple_struct }
}

impl Erased<'_> {
    fn read<'de, V: Visitor<'de>>(self, visitor: V, kind: Kind) -> Result<V::Value, Failure> {
        let mut visit = Visit::of(visitor);
        self.0.read(Want { null: false, what: What::Any(&mut visit, kind) })?;
        visit.made()
    }
}

/// A serde visitor and the value it made.
struct Visit<V, T> {
    visitor: Option<V>,
    made: Option<T>,
}

impl<'de, V: Visitor<'de>> Visit<V, V::Value> {
    fn of(visitor: V) -> Self {
        Self { visitor: Some(visitor), made: None }
    }

    fn visit(&mut self, with: impl FnOnce(V) -> Result<V::Value, Failure>) -> Read {
        let visitor = self.visitor.take().ok_or(Failure::Kept)?;
        self.made = Some(with(visitor)?);
        Ok(())
    }

    fn made(self) -> Result<V::Value, Failure> {
        self.made.ok_or(Failure::Kept)
    }
}

impl<'de, V: Visitor<'de>> Any for Visit<V, V::Value> {
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.as_ref().map_or(Ok(()), |visitor| visitor.expecting(f))
    }

    fn null(&mut self) -> Read {
        self.visit(V::visit_unit)
    }

    fn bool(&mut self, value: bool) -> Read {
        self.visit(|visitor| visitor.visit_bool(value))
    }

    fn signed(&mut self, value: i64) -> Read {
        self.visit(|visitor| visitor.visit_i64(value))
    }

    fn unsigned(&mut self, value: u64) -> Read {
        self.visit(|visitor| visitor.visit_u64(value))
    }

    fn float(&mut self, value: f64) -> Read {
        self.visit(|visitor| visitor.visit_f64(value))
    }

    fn text(&mut self, text: &str) -> Read {
        self.visit(|visitor| visitor.visit_str(text))
    }

    fn list(&mut self, elements: &mut dyn Elements) -> Read {
        self.visit(|visitor| visitor.visit_seq(ErasedList(elements)))
    }

    fn map(&mut self, members: &mut dyn Members) -> Read {
        self.visit(|visitor| visitor.visit_map(ErasedMap(members)))
    }
}

/// A single value for a serde seed, and the value it made.
struct Seed<S, T> {
    seed: Option<S>,
    made: Option<T>,
}

impl<'de, S: DeserializeSeed<'de>> Parts for Seed<S, S::Value> {
    fn part(&mut self, source: &mut dyn Source) -> Read {
        let seed = self.seed.take().ok_or(Failure::Kept)?;
        self.made = Some(seed.deserialize(Erased(source))?);
        Ok(())
    }
}

struct ErasedList<'a>(&'a mut dyn Elements);

impl<'de> SeqAccess<'de> for ErasedList<'_> {
    type Error = Failure;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Failure> {
        let mut seed = Seed { seed: Some(seed), made: None };
        self.0.next(&mut seed)?;
        Ok(seed.made)
    }
}

struct ErasedMap<'a>(&'a mut dyn Members);

impl<'de> MapAccess<'de> for ErasedMap<'_> {
    type Error = Failure;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Failure> {
        let Some(name) = self.0.name()? else { return Ok(None) };
        let name: StringDeserializer<Failure> = name.into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Failure> {
        let mut seed = Seed { seed: Some(seed), made: None };
        self.0.value(&mut seed)?;
        seed.made.ok_or(Failure::Kept)
    }
}

/// A variant of an enum: its name, or an object of one member of that name.
struct Variant<V>(V);

impl<'de, V: Visitor<'de>> Visitor<'de> for Variant<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<V::Value, E> {
        self.0.visit_enum(name.into_deserializer())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.0.visit_enum(MapAccessDeserializer::new(map))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kept => f.write_str("the value cannot be read"),
            Self::Reason(reason) => match &**reason {
                Reason::Words(words) => f.write_str(words),
                Reason::Type(found, expected) => write!(f, "invalid type: {found}, expected {expected}"),
                Reason::Value(found, expected) => write!(f, "invalid value: {found}, expected {expected}"),
            },
        }
    }
}

impl std::error::Error for Failure {}

impl Error for Failure {
    #[cold]
    fn custom<T: fmt::Display>(words: T) -> Self {
        Self::words(words.to_string())
    }

    #[cold]
    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        match of_its_own(&found) {
            Some(found) => Self::Reason(Box::new(Reason::Type(found, expected.to_string()))),
            None => Self::custom(format_args!("invalid type: {found}, expected {expected}")),
        }
    }

    #[cold]
    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        match of_its_own(&found) {
            Some(found) => Self::Reason(Box::new(Reason::Value(found, expected.to_string()))),
            None => Self::custom(format_args!("invalid value: {found}, expected {expected}")),
        }
    }
}

/// The kinds that formats describe in their own words.
fn of_its_own(found: &Unexpected<'_>) -> Option<Unexpected<'static>> {
    match found {
        Unexpected::Unit => Some(Unexpected::Unit),
        Unexpected::Float(value) => Some(Unexpected::Float(*value)),
        _ => None,
    }
}
