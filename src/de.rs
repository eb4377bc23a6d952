//! Lenient reading of what the service is known to vary: nulls, blanks, and whole numbers with a fraction of zero.

pub(crate) mod object;

use std::fmt;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};

/// What is done with a text, and why it cannot be. Without the type that comes of it, so that a program holds the code that
/// reads a text once, and not once for each type.
type Take<'a> = &'a mut dyn FnMut(&str) -> Result<(), String>;

/// Reads a text without copying it first.
pub(crate) fn text<'de, D: Deserializer<'de>, T>(d: D, make: impl FnOnce(&str) -> T) -> Result<T, D::Error> {
    let (mut make, mut made) = (Some(make), None);
    take_text(d, &mut |text| {
        made = make.take().map(|make| make(text));
        Ok(())
    })?;
    made.ok_or_else(|| D::Error::custom("a text was expected, and none was given"))
}

/// Reads a text that is a value of the type.
pub(crate) fn parsed<'de, D: Deserializer<'de>, T: FromStr<Err: fmt::Display>>(d: D) -> Result<T, D::Error> {
    let mut read = None;
    take_text(d, &mut |text| parse(text, &mut read))?;
    read.ok_or_else(|| D::Error::custom("a text was expected, and none was given"))
}

fn parse<T: FromStr<Err: fmt::Display>>(text: &str, slot: &mut Option<T>) -> Result<(), String> {
    *slot = Some(text.parse().map_err(|error: T::Err| error.to_string())?);
    Ok(())
}

/// Reads a text; null is none.
#[inline(never)]
fn take_optional<'de, D: Deserializer<'de>>(d: D, take: Take<'_>) -> Result<(), D::Error> {
    struct Optional<'a>(Take<'a>);
    impl<'de> Visitor<'de> for Optional<'_> {
        type Value = ();

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a text or null")
        }

        fn visit_unit<E: Error>(self) -> Result<(), E> {
            Ok(())
        }

        fn visit_none<E: Error>(self) -> Result<(), E> {
            Ok(())
        }

        fn visit_some<D: Deserializer<'de>>(self, d: D) -> Result<(), D::Error> {
            take_text(d, self.0)
        }
    }
    d.deserialize_option(Optional(take))
}

#[inline(never)]
fn take_text<'de, D: Deserializer<'de>>(d: D, take: Take<'_>) -> Result<(), D::Error> {
    struct Text<'a>(Take<'a>);
    impl Visitor<'_> for Text<'_> {
        type Value = ();

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a text")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
            (self.0)(text).map_err(E::custom)
        }
    }
    d.deserialize_str(Text(take))
}

/// Reads a text, or a whole number as its digits.
pub(crate) fn text_or_number<'de, D: Deserializer<'de>>(d: D, what: &'static str) -> Result<String, D::Error> {
    struct Digits(&'static str);
    impl Visitor<'_> for Digits {
        type Value = String;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "{}: a text or a whole number", self.0)
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<String, E> {
            Ok(text.to_owned())
        }

        fn visit_u64<E: Error>(self, number: u64) -> Result<String, E> {
            Ok(number.to_string())
        }

        fn visit_i64<E: Error>(self, number: i64) -> Result<String, E> {
            Ok(number.to_string())
        }
    }
    d.deserialize_any(Digits(what))
}

/// Null reads as the empty collection, and as the unknown value of an enum.
pub(crate) fn null_is_empty<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(d: D) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(d)?.unwrap_or_default())
}

/// A list; the service of today is written in Go, which writes `null` for a list that was never made.
pub(crate) fn list<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<Vec<T>, serde_json::Error> {
    Ok(serde_json::from_slice::<Option<Vec<T>>>(body)?.unwrap_or_default())
}

/// Null and a blank text read as absent.
#[allow(
    dead_code,
    reason = "what serde reads itself, such as an object with a map of all other properties, may need it"
)]
pub(crate) fn blank_is_none<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: fmt::Display>,
{
    let mut read = None;
    take_filled(deserializer, &mut |text| parse(text, &mut read))?;
    Ok(read)
}

/// Reads null, a text or a number; what is not blank is taken.
#[inline(never)]
fn take_filled<'de, D: Deserializer<'de>>(deserializer: D, take: Take<'_>) -> Result<(), D::Error> {
    struct Blank<'a>(Take<'a>);
    impl<'de> Visitor<'de> for Blank<'_> {
        type Value = ();

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a text or null")
        }

        fn visit_u64<E: Error>(self, number: u64) -> Result<(), E> {
            (self.0)(&number.to_string()).map_err(E::custom)
        }

        fn visit_unit<E: Error>(self) -> Result<(), E> {
            Ok(())
        }

        fn visit_none<E: Error>(self) -> Result<(), E> {
            Ok(())
        }

        fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
            deserializer.deserialize_any(self)
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
            if text.trim().is_empty() { Ok(()) } else { (self.0)(text).map_err(E::custom) }
        }
    }
    deserializer.deserialize_option(Blank(take))
}

struct Whole;

impl Visitor<'_> for Whole {
    type Value = i64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number")
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<i64, E> {
        Ok(value)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<i64, E> {
        i64::try_from(value).map_err(|_| E::invalid_value(Unexpected::Unsigned(value), &self))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<i64, E> {
        // 2^53: beyond it a float no longer names one whole number.
        if value.fract() == 0.0 && value.abs() <= 9_007_199_254_740_992.0 {
            Ok(value as i64)
        } else {
            Err(E::invalid_value(Unexpected::Float(value), &self))
        }
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<i64, E> {
        text.trim().parse().map_err(|_| E::invalid_value(Unexpected::Str(text), &self))
    }
}

/// A whole number, also as `2.0` or `"2"`.
pub(crate) fn integer<'de, D: Deserializer<'de>, T: TryFrom<i64>>(deserializer: D) -> Result<T, D::Error> {
    let value = deserializer.deserialize_any(Whole)?;
    T::try_from(value).map_err(|_| D::Error::invalid_value(Unexpected::Signed(value), &Whole))
}

/// The same, or nothing.
pub(crate) fn integer_option<'de, D: Deserializer<'de>, T: TryFrom<i64>>(d: D) -> Result<Option<T>, D::Error> {
    struct Maybe(Option<i64>);
    struct Blank;
    impl Visitor<'_> for Blank {
        type Value = Maybe;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            Whole.expecting(f)
        }

        fn visit_i64<E: Error>(self, value: i64) -> Result<Maybe, E> {
            Ok(Maybe(Some(value)))
        }

        fn visit_u64<E: Error>(self, value: u64) -> Result<Maybe, E> {
            Whole.visit_u64(value).map(|value| Maybe(Some(value)))
        }

        fn visit_f64<E: Error>(self, value: f64) -> Result<Maybe, E> {
            Whole.visit_f64(value).map(|value| Maybe(Some(value)))
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Maybe, E> {
            if text.trim().is_empty() { Ok(Maybe(None)) } else { Whole.visit_str(text).map(|value| Maybe(Some(value))) }
        }
    }
    impl<'de> Deserialize<'de> for Maybe {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_any(Blank)
        }
    }
    let Some(Maybe(Some(value))) = Option::<Maybe>::deserialize(d)? else { return Ok(None) };
    T::try_from(value).map(Some).map_err(|_| D::Error::invalid_value(Unexpected::Signed(value), &Whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct Probe {
        #[serde(default, deserialize_with = "integer_option")]
        port: Option<i64>,
        #[serde(default, deserialize_with = "null_is_empty")]
        names: Vec<String>,
        #[serde(default, deserialize_with = "blank_is_none")]
        at: Option<crate::Timestamp>,
    }

    fn read(json: &str) -> Result<Probe, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn whole_numbers_are_read_in_every_spelling() {
        for (json, want) in
            [("3306", Some(3306)), ("3306.0", Some(3306)), ("\"3306\"", Some(3306)), ("\" \"", None), ("null", None)]
        {
            assert_eq!(read(&format!("{{\"port\":{json}}}")).unwrap().port, want, "{json}");
        }
        assert!(read("{\"port\":0.5}").is_err());
        assert!(read("{\"port\":1e300}").is_err());
        assert!(read("{\"port\":\"x\"}").is_err());
    }

    #[test]
    fn nulls_and_blanks_read_as_nothing() {
        let probe = read(r#"{"port":null,"names":null,"at":""}"#).unwrap();
        assert!(probe.port.is_none() && probe.names.is_empty() && probe.at.is_none());
        assert!(read(r#"{"at":null}"#).unwrap().at.is_none());
        assert_eq!(read(r#"{"names":["a"]}"#).unwrap().names, ["a"]);
    }
}
