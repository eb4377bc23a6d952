//! The values that this crate reads itself.

use serde::de::Deserializer;

use super::format::hand;
use super::want::{Parts, Read, Source, Take, TakeWhole, Want, What};

/// A value that can be read from any source.
///
/// The value exists before it is read, so that a type's own code has nothing to drop when reading fails.
pub(crate) trait Value: Sized {
    /// The value before reading, and where nothing is sent.
    fn blank() -> Self;

    /// Reads it; `null` says whether null leaves it as it is.
    fn read(&mut self, null: bool, source: &mut dyn Source) -> Read;

    /// The same for a value that may be null.
    fn read_option(slot: &mut Option<Self>, source: &mut dyn Source) -> Read {
        source.read(Want { null: true, what: What::Some(&mut Maybe(slot)) })
    }
}

/// A value that is a string: a blank one counts as absent.
pub(crate) trait Filled: Value {
    fn read_filled(slot: &mut Option<Self>, source: &mut dyn Source) -> Read;
}

/// Reads a value from a format.
pub(crate) fn read<'de, D: Deserializer<'de>, T: Value>(deserializer: D) -> Result<T, D::Error> {
    let mut value = T::blank();
    hand(deserializer, |source| value.read(false, source))?;
    Ok(value)
}

/// The only value.
pub(super) struct Whole<'a, T> {
    pub(super) slot: &'a mut T,
    pub(super) null: bool,
}

impl<T: Value> Parts for Whole<'_, T> {
    fn part(&mut self, source: &mut dyn Source) -> Read {
        self.slot.read(self.null, source)
    }
}

struct Maybe<'a, T>(&'a mut Option<T>);

impl<T: Value> Parts for Maybe<'_, T> {
    fn part(&mut self, source: &mut dyn Source) -> Read {
        self.0.insert(T::blank()).read(false, source)
    }
}

/// The elements of a list, one by one.
pub(super) struct List<'a, T>(pub(super) &'a mut Vec<T>);

impl<T: Value> Parts for List<'_, T> {
    fn part(&mut self, source: &mut dyn Source) -> Read {
        // Created in place, so that there is nothing to drop if the allocation fails.
        self.0.extend(std::iter::once_with(T::blank));
        self.0.last_mut().map_or(Ok(()), |last| last.read(false, source))
    }
}

impl<T: Value> Value for Vec<T> {
    #[inline]
    fn blank() -> Self {
        Self::new()
    }

    fn read(&mut self, null: bool, source: &mut dyn Source) -> Read {
        source.read(Want { null, what: What::List(&mut List(self)) })
    }
}

impl<T: Value> Value for Option<T> {
    #[inline]
    fn blank() -> Self {
        None
    }

    #[inline]
    fn read(&mut self, _: bool, source: &mut dyn Source) -> Read {
        T::read_option(self, source)
    }
}

struct Text<'a>(&'a mut String);

impl Take for Text<'_> {
    fn take(&mut self, text: &str) -> Result<(), String> {
        self.0.push_str(text);
        Ok(())
    }
}

impl Value for String {
    #[inline]
    fn blank() -> Self {
        Self::new()
    }

    fn read(&mut self, null: bool, source: &mut dyn Source) -> Read {
        source.read(Want { null, what: What::String(&mut Text(self)) })
    }

    fn read_option(slot: &mut Option<Self>, source: &mut dyn Source) -> Read {
        struct Slot<'a>(&'a mut Option<String>);
        impl Take for Slot<'_> {
            fn take(&mut self, text: &str) -> Result<(), String> {
                *self.0 = Some(text.to_owned());
                Ok(())
            }
        }
        source.read(Want { null: true, what: What::String(&mut Slot(slot)) })
    }
}

/// A `Copy` value that replaces its blank when read.
macro_rules! slot {
    ($ty:ty, $blank:expr, $what:ident) => {
        impl Value for $ty {
            #[inline]
            fn blank() -> Self {
                $blank
            }

            fn read(&mut self, null: bool, source: &mut dyn Source) -> Read {
                let mut slot = None;
                source.read(Want { null, what: What::$what(&mut slot) })?;
                *self = slot.unwrap_or(*self);
                Ok(())
            }

            fn read_option(slot: &mut Option<Self>, source: &mut dyn Source) -> Read {
                source.read(Want { null: true, what: What::$what(slot) })
            }
        }
    };
}

slot!(bool, false, Bool);
slot!(f64, 0.0, Float);

impl<T: TryFrom<i64>> TakeWhole for Maybe<'_, T> {
    fn take(&mut self, number: i64) -> bool {
        *self.0 = T::try_from(number).ok();
        self.0.is_some()
    }
}

/// A whole number, also as `2.0` or `"2"`.
#[inline(never)]
pub(crate) fn integer<T: TryFrom<i64>>(slot: &mut T, source: &mut dyn Source) -> Read {
    let mut read = None;
    source.read(Want { null: false, what: What::Whole { take: &mut Maybe(&mut read), blank: false } })?;
    if let Some(value) = read {
        *slot = value;
    }
    Ok(())
}

/// The same for a value that may be absent.
#[inline(never)]
pub(crate) fn integer_option<T: TryFrom<i64>>(slot: &mut Option<T>, source: &mut dyn Source) -> Read {
    source.read(Want { null: true, what: What::Whole { take: &mut Maybe(slot), blank: true } })
}
