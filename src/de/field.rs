//! The ways to read a field of an object. None is inlined: the object's own code is then one jump per field.

use serde::Deserialize;

use super::value::{Filled, Value};
use super::want::{Read, Source};

pub(crate) use super::any::any;
pub(crate) use super::value::{integer, integer_option};

/// A required value.
#[inline(never)]
pub(crate) fn value<T: Value>(slot: &mut T, source: &mut dyn Source) -> Read {
    slot.read(false, source)
}

/// A value for which null is accepted too: a list, or an enum with a value for what is unknown.
#[inline(never)]
pub(crate) fn or_blank<T: Value>(slot: &mut T, source: &mut dyn Source) -> Read {
    slot.read(true, source)
}

/// A value that may be null.
#[inline(never)]
pub(crate) fn option<T: Value>(slot: &mut Option<T>, source: &mut dyn Source) -> Read {
    T::read_option(slot, source)
}

/// A string that may be null or blank.
#[inline(never)]
pub(crate) fn filled<T: Filled>(slot: &mut Option<T>, source: &mut dyn Source) -> Read {
    T::read_filled(slot, source)
}

/// Like [`or_blank`], for types that serde reads.
#[allow(dead_code, reason = "the document may have none")]
pub(crate) fn any_or_default<T: for<'de> Deserialize<'de> + Default>(slot: &mut T, source: &mut dyn Source) -> Read {
    let mut read = None;
    any::<Option<T>>(&mut read, source)?;
    *slot = read.unwrap_or_default();
    Ok(())
}
