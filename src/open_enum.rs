//! Enums that keep unknown values: the service adds values without notice.

use std::fmt;

use crate::de::{Failure, Source, Take, Want};

/// The longest string that an error quotes.
const SHOWN: usize = 40;

/// A string that is not a known value of an enum.
///
/// ```
/// use singlestore_management::types::WorkspaceState;
///
/// let error = WorkspaceState::parse("ACTVE").unwrap_err();
/// assert!(error.known().contains(&"ACTIVE"));
/// println!("{error}");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownValue {
    text: Box<str>,
    known: &'static [&'static str],
}

impl UnknownValue {
    pub(crate) fn new(text: &str, known: &'static [&'static str]) -> Self {
        Self { text: text.chars().take(SHOWN).collect(), known }
    }

    /// The known values.
    pub fn known(&self) -> &'static [&'static str] {
        self.known
    }
}

impl fmt::Display for UnknownValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is not one of {}", self.text, self.known.join(", "))
    }
}

impl std::error::Error for UnknownValue {}

/// The index of the known value that the string matches. Not inline: it would be unrolled for every value of every enum.
#[inline(never)]
pub(crate) fn position(text: &str, known: &[&str]) -> Option<usize> {
    let text = text.trim();
    known.iter().position(|known| text.eq_ignore_ascii_case(known))
}

/// The index of a known value, or the string.
pub(crate) fn value(text: &str, known: &[&str]) -> Result<usize, Box<str>> {
    position(text, known).ok_or_else(|| text.into())
}

/// The same from a source; `None` if it is null.
pub(crate) fn read(
    known: &[&str],
    null: bool,
    source: &mut dyn Source,
) -> Result<Option<Result<usize, Box<str>>>, Failure> {
    struct Slot<'a>(&'a [&'a str], Option<Result<usize, Box<str>>>);
    impl Take for Slot<'_> {
        fn take(&mut self, text: &str) -> Result<(), String> {
            self.1 = Some(value(text, self.0));
            Ok(())
        }
    }
    let mut slot = Slot(known, None);
    source.read(Want::text(null, &mut slot))?;
    Ok(slot.1)
}

/// Declares an open enum of known strings; any other string is kept as `Unrecognized`.
macro_rules! open_enum {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $wire:literal),* $(,)? }) => {
        $(#[$meta])*
        ///
        /// Known values are matched ignoring case and surrounding blanks; any other string is kept as `Unrecognized`, and so is
        /// an empty one if a response lacks the value.
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_meta])* $variant,)*
            /// A value that this version of the crate does not know, as it was sent.
            Unrecognized(::std::boxed::Box<str>),
        }

        impl $name {
            /// The values that this version of the crate knows.
            pub const KNOWN: &'static [&'static str] = &[$($wire),*];

            /// The variants that this version of the crate knows.
            #[inline]
            pub fn variants() -> &'static [Self] {
                const VARIANTS: &[$name] = &[$($name::$variant),*];
                VARIANTS
            }

            /// Whether this version of the crate knows the value.
            #[inline]
            pub fn is_known(&self) -> bool {
                !matches!(self, Self::Unrecognized(_))
            }

            /// Reads a known value, ignoring case and surrounding blanks. For what people type; what the service sends is read by
            /// `from`, which keeps unknown values.
            ///
            /// `FromStr`, and so `text.parse()`, works like `from`: it keeps unknown values and never fails, so a misspelled
            /// value passes.
            ///
            /// # Errors
            /// The value is unknown; the error lists the known ones.
            #[inline]
            pub fn parse(text: &str) -> ::std::result::Result<Self, crate::UnknownValue> {
                match Self::from(text) {
                    Self::Unrecognized(_) => Err(crate::UnknownValue::new(text, Self::KNOWN)),
                    known => Ok(known),
                }
            }

            /// The index of a known value, or an unknown string.
            #[inline]
            fn of(value: ::std::result::Result<usize, ::std::boxed::Box<str>>) -> Self {
                let mut at = match value {
                    Ok(index) => index,
                    Err(text) => return Self::Unrecognized(text),
                };
                $(
                    if at == 0 {
                        return Self::$variant;
                    }
                    at = at.wrapping_sub(1);
                )*
                let _ = at;
                Self::default()
            }

            /// The string as sent on the wire.
            #[inline]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $wire,)*
                    Self::Unrecognized(text) => text,
                }
            }
        }

        impl ::std::default::Default for $name {
            /// The value of a field that a response lacks: not a known one.
            #[inline]
            fn default() -> Self {
                Self::Unrecognized(::std::default::Default::default())
            }
        }

        impl ::std::convert::From<&str> for $name {
            #[inline]
            fn from(text: &str) -> Self {
                Self::of(crate::open_enum::value(text, Self::KNOWN))
            }
        }

        impl ::std::cmp::PartialEq<str> for $name {
            /// Ignores case, as reading does.
            #[inline]
            fn eq(&self, text: &str) -> bool {
                self.as_str().eq_ignore_ascii_case(text)
            }
        }

        impl ::std::cmp::PartialEq<&str> for $name {
            #[inline]
            fn eq(&self, text: &&str) -> bool {
                *self == **text
            }
        }

        impl ::std::cmp::PartialEq<$name> for &str {
            #[inline]
            fn eq(&self, value: &$name) -> bool {
                *value == **self
            }
        }

        impl ::std::convert::AsRef<str> for $name {
            #[inline]
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl ::std::convert::From<&$name> for $name {
            #[inline]
            fn from(value: &$name) -> Self {
                value.clone()
            }
        }

        impl ::std::convert::From<::std::string::String> for $name {
            #[inline]
            fn from(text: ::std::string::String) -> Self {
                Self::from(text.as_str())
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
                f.pad(self.as_str())
            }
        }

        impl ::serde::Serialize for $name {
            #[inline]
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl crate::ser::Writable for $name {
            #[inline]
            fn write(&self, out: &mut dyn crate::ser::Out) {
                out.scalar(crate::ser::Scalar::Text(self.as_str()));
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
                if let ::std::option::Option::Some(value) = crate::open_enum::read(Self::KNOWN, null, source)? {
                    *self = Self::of(value);
                }
                Ok(())
            }

            #[inline]
            fn read_option(slot: &mut ::std::option::Option<Self>, source: &mut dyn crate::de::Source) -> crate::de::Read {
                // The slot is known to hold nothing that must be dropped.
                if slot.is_none() {
                    *slot = crate::open_enum::read(Self::KNOWN, true, source)?.map(Self::of);
                }
                Ok(())
            }
        }
    };
}

pub(crate) use open_enum;
