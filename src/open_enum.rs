//! Enums that keep what they do not know: the service adds values without notice.

use std::fmt;

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

    /// The values that are known.
    pub fn known(&self) -> &'static [&'static str] {
        self.known
    }
}

impl fmt::Display for UnknownValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is none of {}", self.text, self.known.join(", "))
    }
}

impl std::error::Error for UnknownValue {}

/// The index of the known value that the text is. Not inline: it would be unrolled for every value of every enum.
#[inline(never)]
pub(crate) fn position(text: &str, known: &[&str]) -> Option<usize> {
    let text = text.trim();
    known.iter().position(|known| text.eq_ignore_ascii_case(known))
}

/// Declares an open enum of known strings; any other string is kept as `Unrecognized`.
macro_rules! open_enum {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $wire:literal),* $(,)? }) => {
        $(#[$meta])*
        ///
        /// Known values are read without regard to case and to blanks around them; any other string is kept as `Unrecognized`,
        /// and so is an empty one where a response lacks the value.
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

            /// Reads a known value, without regard to case and to blanks around it. For what people type; what the service
            /// sends is read by `from`, which keeps values that are not known.
            ///
            /// `FromStr`, and so `text.parse()`, is like `from`: it keeps what it does not know and never fails, so that a
            /// misspelled value passes.
            ///
            /// # Errors
            /// A value that is not known, with those that are.
            #[inline]
            pub fn parse(text: &str) -> ::std::result::Result<Self, crate::UnknownValue> {
                match Self::from(text) {
                    Self::Unrecognized(_) => Err(crate::UnknownValue::new(text, Self::KNOWN)),
                    known => Ok(known),
                }
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
            /// The value of a field that a response lacks: none that is known.
            #[inline]
            fn default() -> Self {
                Self::Unrecognized(::std::default::Default::default())
            }
        }

        impl ::std::convert::From<&str> for $name {
            #[inline]
            fn from(text: &str) -> Self {
                let known = crate::open_enum::position(text, Self::KNOWN).and_then(|index| Self::variants().get(index));
                known.cloned().unwrap_or_else(|| Self::Unrecognized(text.into()))
            }
        }

        impl ::std::cmp::PartialEq<str> for $name {
            /// Without regard to case, as values are read.
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

        impl<'de> ::serde::Deserialize<'de> for $name {
            #[inline]
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                crate::de::text(deserializer, |text| Self::from(text))
            }
        }
    };
}

pub(crate) use open_enum;
