//! Lenient reading of known variations of the service: nulls, blanks, and whole numbers with a fraction of zero.
//!
//! A value is requested from a source independently of its type ([`want`]) by a single visitor ([`format`]): a program contains
//! the code that reads JSON once, plus what cannot be shared for each type.

mod any;
pub(crate) mod by_serde;
pub(crate) mod field;
mod format;
mod json;
pub(crate) mod object;
mod value;
mod want;

use serde::de::{Deserialize, DeserializeOwned, DeserializeSeed, Deserializer};

use format::{Part, hand};
use value::Whole;
use want::Parts;

pub(crate) use value::{Filled, Value, read};
pub(crate) use want::{Failure, Order, Read, Shape, Source, Take, Want};

/// Reads a complete JSON text.
#[inline(never)]
fn whole(body: &[u8], parts: &mut dyn Parts) -> Result<(), serde_json::Error> {
    let mut json = serde_json::Deserializer::from_slice(body);
    Part(parts).deserialize(&mut json)?;
    json.end()
}

/// A value.
pub(crate) fn of_slice<T: Value>(body: &[u8]) -> Result<T, serde_json::Error> {
    let mut value = T::blank();
    whole(body, &mut Whole { slot: &mut value, null: false })?;
    Ok(value)
}

/// A list. The current service is written in Go, which writes a nil slice as `null`.
pub(crate) fn list<T: Value>(body: &[u8]) -> Result<Vec<T>, serde_json::Error> {
    let mut list = Vec::new();
    whole(body, &mut Whole { slot: &mut list, null: true })?;
    Ok(list)
}

/// The same for elements that only serde reads.
#[allow(dead_code, reason = "the document may have none")]
pub(crate) fn any_list<T: DeserializeOwned>(body: &[u8]) -> Result<Vec<T>, serde_json::Error> {
    Ok(serde_json::from_slice::<Option<Vec<T>>>(body)?.unwrap_or_default())
}

// The functions below are the `deserialize_with` of objects that serde reads.

/// Null reads as the empty collection, and as the unknown value of an enum.
#[allow(dead_code, reason = "the document may have no object that serde reads")]
pub(crate) fn null_is_empty<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(d: D) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(d)?.unwrap_or_default())
}

/// Null and a blank string read as absent.
#[allow(dead_code, reason = "the document may have no object that serde reads")]
pub(crate) fn blank_is_none<'de, D: Deserializer<'de>, T: Filled>(d: D) -> Result<Option<T>, D::Error> {
    let mut value = None;
    hand(d, |source| field::filled(&mut value, source))?;
    Ok(value)
}

/// A whole number, also as `2.0` or `"2"`.
#[allow(dead_code, reason = "the document may have no object that serde reads")]
pub(crate) fn integer<'de, D: Deserializer<'de>, T: TryFrom<i64> + Default>(d: D) -> Result<T, D::Error> {
    let mut value = T::default();
    hand(d, |source| field::integer(&mut value, source))?;
    Ok(value)
}

/// The same for a value that may be absent.
#[allow(dead_code, reason = "the document may have no object that serde reads")]
pub(crate) fn integer_option<'de, D: Deserializer<'de>, T: TryFrom<i64>>(d: D) -> Result<Option<T>, D::Error> {
    let mut value = None;
    hand(d, |source| field::integer_option(&mut value, source))?;
    Ok(value)
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
    fn nulls_and_blanks_are_read_as_none() {
        let probe = read(r#"{"port":null,"names":null,"at":""}"#).unwrap();
        assert!(probe.port.is_none() && probe.names.is_empty() && probe.at.is_none());
        assert!(read(r#"{"at":null}"#).unwrap().at.is_none());
        assert_eq!(read(r#"{"names":["a"]}"#).unwrap().names, ["a"]);
    }
}
