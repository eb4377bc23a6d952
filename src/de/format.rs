//! Reads values from a serde format. Everything goes through the one visitor here, so that a program contains it once per format
//! and not once per type.

use std::fmt;
use std::marker::PhantomData;
use std::sync::atomic::Ordering;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Unexpected, Visitor};

use super::want::{Elements, Failure, Kind, Members, Parts, Properties, Read, Shape, Source, Want, What};
use crate::json::{DIGITS, KEEPS_DIGITS};

/// A value from a format.
struct One<'de, D: Deserializer<'de>> {
    deserializer: Option<D>,
    error: Option<D::Error>,
    lifetime: PhantomData<&'de ()>,
}

impl<'de, D: Deserializer<'de>> Source for One<'de, D> {
    fn read(&mut self, want: Want<'_>) -> Read {
        let Some(deserializer) = self.deserializer.take() else { return Err(Failure::Kept) };
        let Want { null, mut what } = want;
        let asked = Asked { null, what: &mut what };
        let read = if null { deserializer.deserialize_option(asked) } else { asked.of(deserializer) };
        read.map_err(|error| {
            self.error = Some(error);
            Failure::Kept
        })
    }
}

/// Passes a value from a format to whoever takes it.
pub(super) fn hand<'de, D: Deserializer<'de>>(
    deserializer: D,
    take: impl FnOnce(&mut dyn Source) -> Read,
) -> Result<(), D::Error> {
    let mut one = One { deserializer: Some(deserializer), error: None, lifetime: PhantomData };
    let read = take(&mut one);
    match (one.error, read) {
        (Some(error), _) => Err(error),
        (None, Err(failure)) => Err(failure.into_error()),
        (None, Ok(())) => Ok(()),
    }
}

/// Passes the next value on.
pub(super) struct Part<'a>(pub(super) &'a mut dyn Parts);

impl<'de> DeserializeSeed<'de> for Part<'_> {
    type Value = ();

    #[inline(never)]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        hand(deserializer, |source| self.0.part(source))
    }
}

/// Reads the properties of an object in the order received.
pub(super) fn properties<'de, A: MapAccess<'de>>(mut map: A, object: &mut dyn Properties) -> Result<(), A::Error> {
    let Shape { names, required, aliases, next, .. } = object.shape();
    let (names, required, aliases, next) = (*names, *required, *aliases, next.of(names.len()));
    let (mut seen, mut at) = (0_u128, 0);
    loop {
        let next = next.get(at);
        let likely = next.map_or(0, |next| next.load(Ordering::Relaxed));
        let Some(known) = map.next_key_seed(Key { names, aliases, likely: likely.into() })? else { break };
        let Some(index) = known else {
            map.next_value::<IgnoredAny>()?;
            continue;
        };
        if seen >> index & 1 == 1 {
            return Err(A::Error::duplicate_field(names.get(index).copied().unwrap_or_default()));
        }
        if let Some(next) = next
            && usize::from(likely) != index
        {
            next.store(index as u8, Ordering::Relaxed);
        }
        (seen, at) = (seen | 1 << index, index + 1);
        map.next_value_seed(Property(object, index))?;
    }
    let missing = names.iter().take(required).enumerate().find(|(index, _)| seen >> index & 1 == 0);
    missing.map_or(Ok(()), |(_, name)| Err(A::Error::missing_field(name)))
}

/// One property of an object.
struct Property<'a>(&'a mut dyn Properties, usize);

impl<'de> DeserializeSeed<'de> for Property<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        hand(deserializer, |source| self.0.property(self.1, source))
    }
}

/// Reads a name as its index; `None` for an unknown name.
struct Key {
    names: &'static [&'static str],
    aliases: &'static [(&'static str, usize)],
    /// The index of the most likely name.
    likely: usize,
}

impl Key {
    fn find(&self, name: &[u8]) -> Option<usize> {
        if self.names.get(self.likely).is_some_and(|likely| likely.as_bytes() == name) {
            return Some(self.likely);
        }
        let index = self.names.iter().position(|known| known.as_bytes() == name);
        let alias = || self.aliases.iter().find(|(known, _)| known.as_bytes() == name).map(|(_, index)| *index);
        index.or_else(alias)
    }
}

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
        Ok(self.find(name.as_bytes()))
    }

    fn visit_bytes<E: Error>(self, name: &[u8]) -> Result<Self::Value, E> {
        Ok(self.find(name))
    }
}

/// A format's access to the values of a list or an object. Keeps the error, which includes the position.
pub(super) struct Held<A, E> {
    access: A,
    error: Option<E>,
}

impl<A, E: Error> Held<A, E> {
    pub(super) fn all(access: A, read: impl FnOnce(&mut Self) -> Read) -> Result<(), E> {
        let mut held = Self { access, error: None };
        let read = read(&mut held);
        match (held.error, read) {
            (Some(error), _) => Err(error),
            (None, Err(failure)) => Err(failure.into_error()),
            (None, Ok(())) => Ok(()),
        }
    }

    fn keep<T>(&mut self, read: Result<T, E>) -> Result<T, Failure> {
        read.map_err(|error| {
            self.error = Some(error);
            Failure::Kept
        })
    }
}

impl<'de, A: SeqAccess<'de>> Elements for Held<A, A::Error> {
    fn next(&mut self, parts: &mut dyn Parts) -> Result<bool, Failure> {
        let next = self.access.next_element_seed(Part(parts));
        self.keep(next.map(|next| next.is_some()))
    }
}

impl<'de, A: MapAccess<'de>> Members for Held<A, A::Error> {
    fn name(&mut self) -> Result<Option<String>, Failure> {
        let name = self.access.next_key_seed(Name);
        self.keep(name)
    }

    fn value(&mut self, parts: &mut dyn Parts) -> Read {
        let value = self.access.next_value_seed(Part(parts));
        self.keep(value)
    }
}

struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<String, D::Error> {
        d.deserialize_str(self)
    }
}

impl Visitor<'_> for Name {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string key")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<String, E> {
        Ok(name.to_owned())
    }
}

/// What is asked of a format. Formats pass it from function to function, so it holds only a reference.
struct Asked<'a, 'w> {
    null: bool,
    what: &'a mut What<'w>,
}

impl Asked<'_, '_> {
    /// For a value that is not null, or must not be.
    #[inline(never)]
    fn of<'de, D: Deserializer<'de>>(self, d: D) -> Result<(), D::Error> {
        match &*self.what {
            What::Text(_) => d.deserialize_str(self),
            What::String(_) => d.deserialize_string(self),
            What::Bool(_) => d.deserialize_bool(self),
            What::Float(_) => d.deserialize_f64(self),
            What::Object(object) => {
                let shape = object.shape();
                d.deserialize_struct(shape.name, shape.names, self)
            }
            What::List(_) => d.deserialize_seq(self),
            What::Some(_) => d.deserialize_option(self),
            What::FilledText(_) | What::TextOrDigits(..) | What::Whole { .. } => d.deserialize_any(self),
            What::Any(_, kind) => match *kind {
                Kind::Any => d.deserialize_any(self),
                Kind::Skipped => d.deserialize_ignored_any(self),
                Kind::Bool => d.deserialize_bool(self),
                Kind::Number => d.deserialize_f64(self),
                Kind::Text => d.deserialize_str(self),
                Kind::List => d.deserialize_seq(self),
                Kind::Map => d.deserialize_map(self),
                Kind::Struct(name, names) => d.deserialize_struct(name, names, self),
            },
        }
    }
}

impl Asked<'_, '_> {
    fn nothing<E: Error>(self, found: Unexpected<'_>) -> Result<(), E> {
        match self.what {
            What::Any(any, _) => any.null().map_err(|failure| failure.into_error()),
            _ if self.null => Ok(()),
            What::FilledText(_) | What::Some(_) => Ok(()),
            _ => self.other(found),
        }
    }

    #[cold]
    fn other<E: Error>(&self, found: Unexpected<'_>) -> Result<(), E> {
        Err(E::invalid_type(found, self))
    }

    #[cold]
    fn beyond<E: Error>(&self, found: Unexpected<'_>) -> Result<(), E> {
        Err(E::invalid_value(found, self))
    }
}

impl<'de> Visitor<'de> for Asked<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &*self.what {
            What::Text(_) => "a string",
            What::String(_) => "a string",
            What::FilledText(_) => "a string or null",
            What::TextOrDigits(what, _) => return write!(f, "{what}: a string or a whole number"),
            What::Whole { .. } => "a whole number",
            What::Bool(_) => "a boolean",
            What::Float(_) => "f64",
            What::Object(object) => return write!(f, "struct {}", object.shape().name),
            What::List(_) => "a sequence",
            What::Some(_) => "option",
            What::Any(any, _) => return any.expecting(f),
        })
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.nothing(Unexpected::Unit)
    }

    fn visit_none<E: Error>(self) -> Result<(), E> {
        self.nothing(Unexpected::Option)
    }

    fn visit_some<D: Deserializer<'de>>(self, d: D) -> Result<(), D::Error> {
        match &mut *self.what {
            What::Some(parts) => Part(&mut **parts).deserialize(d),
            _ => Self { null: false, ..self }.of(d),
        }
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        match &mut *self.what {
            What::Bool(slot) => **slot = Some(value),
            What::Any(any, _) => return any.bool(value).map_err(|failure| failure.into_error()),
            _ => return self.other(Unexpected::Bool(value)),
        }
        Ok(())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        match &mut *self.what {
            What::Whole { take, .. } => match take.take(value) {
                true => Ok(()),
                false => self.beyond(Unexpected::Signed(value)),
            },
            What::Float(slot) => {
                **slot = Some(value as f64);
                Ok(())
            }
            What::TextOrDigits(_, take) => take.take(&value.to_string()).map_err(E::custom),
            What::Any(any, _) => any.signed(value).map_err(|failure| failure.into_error()),
            _ => self.other(Unexpected::Signed(value)),
        }
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        match &mut *self.what {
            What::Whole { .. } => match i64::try_from(value) {
                Ok(value) => self.visit_i64(value),
                Err(_) => self.beyond(Unexpected::Unsigned(value)),
            },
            What::Float(slot) => {
                **slot = Some(value as f64);
                Ok(())
            }
            What::TextOrDigits(_, take) | What::FilledText(take) => take.take(&value.to_string()).map_err(E::custom),
            What::Any(any, _) => any.unsigned(value).map_err(|failure| failure.into_error()),
            _ => self.other(Unexpected::Unsigned(value)),
        }
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        match &mut *self.what {
            // 2^53: beyond it, a float no longer identifies a single whole number.
            What::Whole { .. } => match value.fract() == 0.0 && value.abs() <= 9_007_199_254_740_992.0 {
                true => self.visit_i64(value as i64),
                false => self.beyond(Unexpected::Float(value)),
            },
            What::Float(slot) => {
                **slot = Some(value);
                Ok(())
            }
            What::Any(any, _) => any.float(value).map_err(|failure| failure.into_error()),
            _ => self.other(Unexpected::Float(value)),
        }
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        match &mut *self.what {
            What::Text(take) | What::String(take) | What::TextOrDigits(_, take) => take.take(text).map_err(E::custom),
            What::FilledText(take) => {
                if text.trim().is_empty() {
                    Ok(())
                } else {
                    take.take(text).map_err(E::custom)
                }
            }
            What::Whole { blank: true, .. } if text.trim().is_empty() => Ok(()),
            What::Whole { .. } => match text.trim().parse() {
                Ok(value) => self.visit_i64(value),
                Err(_) => self.beyond(Unexpected::Str(text)),
            },
            What::Any(any, _) => any.text(text).map_err(|failure| failure.into_error()),
            _ => self.other(Unexpected::Str(text)),
        }
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<(), E> {
        match (&*self.what, std::str::from_utf8(bytes)) {
            (What::String(_), Ok(text)) => self.visit_str(text),
            (What::String(_), Err(_)) => self.beyond(Unexpected::Bytes(bytes)),
            _ => self.other(Unexpected::Bytes(bytes)),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        match &mut *self.what {
            What::List(parts) => {
                while seq.next_element_seed(Part(&mut **parts))?.is_some() {}
                Ok(())
            }
            What::Any(any, _) => Held::all(seq, |seq| any.list(seq as &mut dyn Elements)),
            _ => self.other(Unexpected::Seq),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        match &mut *self.what {
            What::Object(object) => properties(map, &mut **object),
            What::Any(any, _) => Held::all(map, |map| any.map(map)),
            What::Whole { .. } | What::FilledText(_) | What::TextOrDigits(..) if KEEPS_DIGITS => self.digits(map),
            _ => self.other(Unexpected::Map),
        }
    }
}

impl Asked<'_, '_> {
    /// Reads a number given as its digits.
    fn digits<'de, A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        if map.next_key_seed(Key { names: &[DIGITS], aliases: &[], likely: 0 })?.flatten().is_none() {
            return self.other(Unexpected::Map);
        }
        let digits = map.next_value_seed(Name)?;
        if let Ok(number) = digits.parse() {
            return self.visit_u64(number);
        }
        match (digits.parse(), digits.parse()) {
            (Ok(number), _) => self.visit_i64(number),
            (_, Ok(number)) => self.visit_f64(number),
            _ => self.other(Unexpected::Other("number")),
        }
    }
}
