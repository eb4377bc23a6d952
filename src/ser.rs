//! Writes the values of the API.
//!
//! `derive(Serialize)` generates code for each object. Here the common part is shared, non-generic code, and an object adds only
//! which field has which name: less to compile for every user, and a smaller program. A serializer sees the same calls as from
//! derived code.

mod hidden;
mod values;

#[allow(unused_imports, reason = "the current document has no such property")]
pub(crate) use hidden::{Hidden, Shown, always_exposed, exposed, redacted};

use serde::ser::{Error, Serialize, SerializeMap, SerializeSeq, SerializeStruct, Serializer};

/// What can be written: as part of an object or a list, or on its own.
pub(crate) trait Writable {
    /// Passes the value to `out`, once.
    fn write(&self, out: &mut dyn Out);

    /// Whether an object leaves it out.
    #[inline]
    fn is_absent(&self) -> bool {
        false
    }
}

/// A value without parts.
#[derive(Clone, Copy)]
pub(crate) enum Scalar<'a> {
    Text(&'a str),
    Bool(bool),
    I32(i32),
    I64(i64),
    U32(u32),
    U64(u64),
    F32(f32),
    F64(f64),
    Number(&'a serde_json::Number),
    None,
    Null,
}

/// The elements of a list, passed one by one.
pub(crate) type Elements<'a> = &'a mut dyn FnMut(&mut dyn FnMut(&dyn Writable));

/// The properties of a map, passed one by one.
pub(crate) type Entries<'a> = &'a mut dyn FnMut(&mut dyn FnMut(&str, &dyn Writable));

/// Takes one value. Objects see only this trait, whatever the format.
pub(crate) trait Out {
    fn scalar(&mut self, value: Scalar<'_>);
    /// A value that could have been absent.
    fn some(&mut self, value: &dyn Writable);
    fn list(&mut self, length: usize, elements: Elements<'_>);
    /// A map; no length if it is not known in advance.
    fn map(&mut self, length: Option<usize>, entries: Entries<'_>);
    /// The names correspond to the values; absent ones are left out.
    fn object(&mut self, name: &'static str, names: &'static [&'static str], values: &[&dyn Writable]);
}

/// Writes a value in any format.
pub(crate) fn serialize<S: Serializer>(value: &dyn Writable, serializer: S) -> Result<S::Ok, S::Error> {
    let mut target = Target { serializer: Some(serializer), written: None };
    value.write(&mut target);
    target.written.unwrap_or_else(|| Err(S::Error::custom("a value was not written")))
}

/// A value in the form that serde takes.
struct Part<'a>(&'a dyn Writable);

impl Serialize for Part<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize(self.0, serializer)
    }
}

struct Target<S: Serializer> {
    serializer: Option<S>,
    written: Option<Result<S::Ok, S::Error>>,
}

impl<S: Serializer> Target<S> {
    fn put(&mut self, write: impl FnOnce(S) -> Result<S::Ok, S::Error>) {
        if let Some(serializer) = self.serializer.take() {
            self.written = Some(write(serializer));
        }
    }
}

impl<S: Serializer> Out for Target<S> {
    fn scalar(&mut self, value: Scalar<'_>) {
        self.put(|serializer| match value {
            Scalar::Text(text) => serializer.serialize_str(text),
            Scalar::Bool(value) => serializer.serialize_bool(value),
            Scalar::I32(number) => serializer.serialize_i32(number),
            Scalar::I64(number) => serializer.serialize_i64(number),
            Scalar::U32(number) => serializer.serialize_u32(number),
            Scalar::U64(number) => serializer.serialize_u64(number),
            Scalar::F32(number) => serializer.serialize_f32(number),
            Scalar::F64(number) => serializer.serialize_f64(number),
            Scalar::Number(number) => number.serialize(serializer),
            Scalar::None => serializer.serialize_none(),
            Scalar::Null => serializer.serialize_unit(),
        });
    }

    fn some(&mut self, value: &dyn Writable) {
        self.put(|serializer| serializer.serialize_some(&Part(value)));
    }

    fn list(&mut self, length: usize, elements: Elements<'_>) {
        self.put(|serializer| {
            let mut list = serializer.serialize_seq(Some(length))?;
            let mut written = Ok(());
            elements(&mut |element| {
                if written.is_ok() {
                    written = list.serialize_element(&Part(element));
                }
            });
            written?;
            list.end()
        });
    }

    fn map(&mut self, length: Option<usize>, entries: Entries<'_>) {
        self.put(|serializer| {
            let mut map = serializer.serialize_map(length)?;
            let mut written = Ok(());
            entries(&mut |name, value| {
                if written.is_ok() {
                    written = map.serialize_entry(name, &Part(value));
                }
            });
            written?;
            map.end()
        });
    }

    fn object(&mut self, name: &'static str, names: &'static [&'static str], values: &[&dyn Writable]) {
        self.put(|serializer| {
            let length = values.iter().filter(|value| !value.is_absent()).count();
            let mut object = serializer.serialize_struct(name, length)?;
            for (name, value) in names.iter().zip(values) {
                if value.is_absent() {
                    object.skip_field(name)?;
                } else {
                    object.serialize_field(name, &Part(*value))?;
                }
            }
            object.end()
        });
    }
}

/// Writes the value even if it is absent.
#[allow(dead_code, reason = "the current document has no such property")]
pub(crate) fn always(value: &dyn Writable) -> Always<'_> {
    Always(value)
}

pub(crate) struct Always<'a>(&'a dyn Writable);

impl Writable for Always<'_> {
    fn write(&self, out: &mut dyn Out) {
        self.0.write(out);
    }
}

/// A list that is left out if it is empty.
pub(crate) fn unless_empty<T: Writable>(list: &Vec<T>) -> UnlessEmpty<'_, T> {
    UnlessEmpty(list)
}

pub(crate) struct UnlessEmpty<'a, T>(&'a Vec<T>);

impl<T: Writable> Writable for UnlessEmpty<'_, T> {
    fn write(&self, out: &mut dyn Out) {
        self.0.write(out);
    }

    fn is_absent(&self) -> bool {
        self.0.is_empty()
    }
}

/// Writes an object that has properties without their own field.
#[allow(dead_code, reason = "the current document has no such object")]
pub(crate) fn open_object(out: &mut dyn Out, names: &[&str], values: &[&dyn Writable], others: Entries<'_>) {
    out.map(None, &mut |entry| {
        for (name, value) in names.iter().zip(values).filter(|(_, value)| !value.is_absent()) {
            entry(name, *value);
        }
        others(entry);
    });
}

/// Declares which field of an object has which name, in the order in which they are written, and any conversion of the field.
/// Fields that are not listed are not written, nor are absent ones. The last may hold the properties that have no field.
macro_rules! written {
    ($name:ident { $($wire:literal $($how:ident)? .$field:ident,)* }) => {
        impl ::serde::Serialize for $name {
            #[inline]
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                crate::ser::serialize(self, serializer)
            }
        }

        impl crate::ser::Writable for $name {
            #[inline]
            fn write(&self, out: &mut dyn crate::ser::Out) {
                out.object(stringify!($name), &[$($wire),*], &[$($(&crate::ser::$how)?(&self.$field)),*]);
            }
        }
    };
    ($name:ident { $($wire:literal $($how:ident)? .$field:ident,)* ..$others:ident }) => {
        impl ::serde::Serialize for $name {
            #[inline]
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                crate::ser::serialize(self, serializer)
            }
        }

        impl crate::ser::Writable for $name {
            #[inline]
            fn write(&self, out: &mut dyn crate::ser::Out) {
                let values: &[&dyn crate::ser::Writable] = &[$($(&crate::ser::$how)?(&self.$field)),*];
                crate::ser::open_object(out, &[$($wire),*], values, &mut |entry| {
                    self.$others.iter().for_each(|(name, value)| entry(name, value));
                });
            }
        }
    };
}

pub(crate) use written;

#[cfg(test)]
mod tests;
