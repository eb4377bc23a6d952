//! Identifiers of which nothing is known except that they are strings.

use crate::de::{Failure, Read, Source, Take, Want};

struct Reading<'a>(&'a mut Option<Box<str>>);

impl Take for Reading<'_> {
    fn take(&mut self, text: &str) -> Result<(), String> {
        *self.0 = Some(text.into());
        Ok(())
    }
}

/// Reads an id: a string, or a number as its digits.
pub(crate) fn read(what: &'static str, id: &mut Box<str>, null: bool, source: &mut dyn Source) -> Read {
    let mut text = None;
    source.read(Want::text_or_digits(null, what, &mut Reading(&mut text)))?;
    *id = text.unwrap_or_default();
    Ok(())
}

/// The same for an optional id.
pub(crate) fn read_filled(source: &mut dyn Source) -> Result<Option<Box<str>>, Failure> {
    let mut text = None;
    source.read(Want::filled_text(&mut Reading(&mut text)))?;
    Ok(text)
}

/// Declares one identifier type that keeps any string.
macro_rules! opaque_id_type {
    ($(#[$meta:meta])* $name:ident, $kind:literal) => {
        $(#[$meta])*
        ///
        /// Its format is unspecified, so any string is valid; a number is read as its digits.
        #[derive(Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(::std::boxed::Box<str>);

        impl $name {
            /// The id as a string.
            #[inline]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl ::std::convert::From<&str> for $name {
            #[inline]
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }

        impl ::std::convert::From<::std::string::String> for $name {
            #[inline]
            fn from(text: ::std::string::String) -> Self {
                Self(text.into())
            }
        }

        impl ::std::convert::From<&::std::string::String> for $name {
            #[inline]
            fn from(text: &::std::string::String) -> Self {
                Self(text.as_str().into())
            }
        }

        impl ::std::convert::From<&$name> for $name {
            #[inline]
            fn from(id: &$name) -> Self {
                id.clone()
            }
        }

        impl ::std::convert::From<$name> for ::std::string::String {
            #[inline]
            fn from(id: $name) -> Self {
                id.0.into()
            }
        }

        impl ::std::convert::AsRef<str> for $name {
            #[inline]
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = ::std::convert::Infallible;

            #[inline]
            fn from_str(text: &str) -> ::std::result::Result<Self, Self::Err> {
                Ok(Self::from(text))
            }
        }

        impl ::std::fmt::Display for $name {
            #[inline]
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(&self.0)
            }
        }

        impl ::std::fmt::Debug for $name {
            #[inline]
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl ::serde::Serialize for $name {
            #[inline]
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl crate::ser::Writable for $name {
            #[inline]
            fn write(&self, out: &mut dyn crate::ser::Out) {
                out.scalar(crate::ser::Scalar::Text(&self.0));
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            #[inline]
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                crate::de::read(deserializer)
            }
        }

        impl crate::de::Value for $name {
            #[inline]
            fn blank() -> Self {
                Self::default()
            }

            #[inline]
            fn read(&mut self, null: bool, source: &mut dyn crate::de::Source) -> crate::de::Read {
                crate::ids::opaque::read(concat!("the ", $kind, " id"), &mut self.0, null, source)
            }
        }

        impl crate::de::Filled for $name {
            #[inline]
            fn read_filled(
                slot: &mut ::std::option::Option<Self>,
                source: &mut dyn crate::de::Source,
            ) -> crate::de::Read {
                *slot = crate::ids::opaque::read_filled(source)?.map(Self);
                Ok(())
            }
        }
    };
}

pub(crate) use opaque_id_type;
