//! Enums that keep what they do not know: the service adds values without notice.

/// Declares an enum of known texts that keeps any other text.
macro_rules! open_enum {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $wire:literal),* $(,)? }) => {
        $(#[$meta])*
        ///
        /// Known values are read without regard to case and to blanks around them; any other text is kept as `Unrecognized`,
        /// and so is an empty one where a response lacks the value.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_meta])* $variant,)*
            /// A value that this version of the crate does not know, as it was sent.
            Unrecognized(::std::boxed::Box<str>),
        }

        impl $name {
            /// The values that this version of the crate knows.
            pub const KNOWN: &'static [&'static str] = &[$($wire),*];

            /// The text on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $wire,)*
                    Self::Unrecognized(text) => text,
                }
            }
        }

        impl ::std::default::Default for $name {
            /// The value of a field that a response lacks: none that is known.
            fn default() -> Self {
                Self::Unrecognized(::std::default::Default::default())
            }
        }

        impl ::std::convert::From<&str> for $name {
            fn from(text: &str) -> Self {
                let trimmed = text.trim();
                $(if trimmed.eq_ignore_ascii_case($wire) {
                    return Self::$variant;
                })*
                Self::Unrecognized(text.into())
            }
        }

        impl ::std::convert::From<::std::string::String> for $name {
            fn from(text: ::std::string::String) -> Self {
                Self::from(text.as_str())
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = ::std::convert::Infallible;

            fn from_str(text: &str) -> ::std::result::Result<Self, Self::Err> {
                Ok(Self::from(text))
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                crate::de::text(deserializer, |text| Self::from(text))
            }
        }
    };
}

pub(crate) use open_enum;
