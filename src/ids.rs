//! Identifiers of the service, one type for each kind, so that a group cannot be passed for a workspace.

pub(crate) mod opaque;
mod value;

use std::fmt;

pub(crate) use opaque::opaque_id_type;
pub(crate) use value::Value;

use crate::de::{Failure, Read, Source, Take, Want};

/// The longest string that an error quotes: a UUID and a few stray characters.
const SHOWN: usize = 40;

/// A string that is not an identifier of the expected kind.
///
/// An id is made by `parse`, so that an invalid one is found before anything is sent:
///
/// ```
/// use singlestore_management::WorkspaceId;
///
/// let id: WorkspaceId = "3f2504e0-4f89-41d3-9a0c-0305e82c3301".parse()?;
/// assert!("tenant-42".parse::<WorkspaceId>().is_err());
/// # Ok::<(), singlestore_management::InvalidId>(())
/// ```
///
/// A string is not accepted as one, nor is an id of a different kind:
///
/// ```compile_fail,E0277
/// # fn get(client: &singlestore_management::Client) {
/// let _ = client.workspaces().get("3f2504e0-4f89-41d3-9a0c-0305e82c3301");
/// # }
/// ```
///
/// ```compile_fail,E0277
/// # fn get(client: &singlestore_management::Client, group: singlestore_management::WorkspaceGroupId) {
/// let _ = client.workspaces().get(group);
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidId {
    kind: &'static str,
    text: String,
}

impl InvalidId {
    pub(crate) fn new(kind: &'static str, text: &str) -> Self {
        // A key is longer than an id: one that was passed here by mistake must not be shown.
        let count = text.chars().count();
        let text = if count <= SHOWN { format!("{text:?}") } else { format!("a string of {count} characters") };
        Self { kind, text }
    }
}

impl fmt::Display for InvalidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, text } = self;
        write!(f, "{text} is not a valid {kind} id: expected a UUID such as 3f2504e0-4f89-41d3-9a0c-0305e82c3301")
    }
}

impl std::error::Error for InvalidId {}

/// What is accepted where an id is expected: the id, a reference to it, a UUID, or the resource that has it.
///
/// ```
/// use singlestore_management::types::Workspace;
/// use singlestore_management::{Client, Error, IntoId, WorkspaceId};
///
/// async fn suspend_all(client: &Client, all: &[Workspace]) -> Result<(), Error> {
///     for workspace in all {
///         client.workspaces().suspend(workspace).await?;
///     }
///     Ok(())
/// }
///
/// fn show(id: impl IntoId<WorkspaceId>) -> String {
///     id.into().to_string()
/// }
/// ```
///
/// Implemented for everything that is `Into` the id, so for a type of your own once `From<&Tenant> for WorkspaceId` is
/// implemented.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a `{Id}`",
    label = "this is not a `{Id}`",
    note = "a string is parsed first, so that an invalid id is found before anything is sent: `text.parse::<{Id}>()?`"
)]
pub trait IntoId<Id>: Into<Id> {}

#[diagnostic::do_not_recommend]
impl<Id, T: Into<Id>> IntoId<Id> for T {}

/// Not inline: shared by all kinds of ids in a program.
#[inline(never)]
pub(crate) fn parse(kind: &'static str, text: &str) -> Result<Value, InvalidId> {
    let uuid = uuid::Uuid::try_parse(text.trim()).map_err(|_| InvalidId::new(kind, text))?;
    Ok(Value::new(uuid))
}

/// An id being read.
struct Reading<'a> {
    kind: &'static str,
    id: &'a mut Value,
    is_read: bool,
}

impl Take for Reading<'_> {
    fn take(&mut self, text: &str) -> Result<(), String> {
        *self.id = parse(self.kind, text).map_err(|error| error.to_string())?;
        self.is_read = true;
        Ok(())
    }
}

/// Reads an id; shared by all kinds.
pub(crate) fn read(kind: &'static str, id: &mut Value, null: bool, source: &mut dyn Source) -> Read {
    source.read(Want::text(null, &mut Reading { kind, id, is_read: false }))
}

/// The same for an optional id; returns whether there was one.
pub(crate) fn read_filled(kind: &'static str, id: &mut Value, source: &mut dyn Source) -> Result<bool, Failure> {
    let mut reading = Reading { kind, id, is_read: false };
    source.read(Want::filled_text(&mut reading))?;
    Ok(reading.is_read)
}

/// Declares one identifier type.
macro_rules! id_type {
    ($(#[$meta:meta])* $name:ident, $kind:literal) => {
        $(#[$meta])*
        ///
        /// One kind of id is not accepted for another; see [`InvalidId`](crate::InvalidId).
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(crate::ids::Value);

        impl $name {
            /// Wraps a UUID.
            #[inline]
            pub const fn from_uuid(uuid: ::uuid::Uuid) -> Self {
                Self(crate::ids::Value::new(uuid))
            }

            /// The UUID.
            #[inline]
            pub const fn as_uuid(&self) -> &::uuid::Uuid {
                self.0.uuid()
            }

            /// The UUID in lower case, with hyphens.
            #[inline]
            pub fn as_str(&self) -> &str {
                self.0.text()
            }
        }

        impl ::std::default::Default for $name {
            /// The nil UUID, which identifies nothing.
            #[inline]
            fn default() -> Self {
                Self(crate::ids::Value::NIL)
            }
        }

        impl ::std::convert::From<::uuid::Uuid> for $name {
            #[inline]
            fn from(uuid: ::uuid::Uuid) -> Self {
                Self::from_uuid(uuid)
            }
        }

        impl ::std::convert::From<$name> for ::uuid::Uuid {
            #[inline]
            fn from(id: $name) -> Self {
                *id.as_uuid()
            }
        }

        impl ::std::convert::From<$name> for ::std::string::String {
            #[inline]
            fn from(id: $name) -> Self {
                id.as_str().to_owned()
            }
        }

        impl ::std::convert::AsRef<::uuid::Uuid> for $name {
            #[inline]
            fn as_ref(&self) -> &::uuid::Uuid {
                self.as_uuid()
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
            fn from(id: &$name) -> Self {
                *id
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = crate::InvalidId;

            #[inline]
            fn from_str(text: &str) -> ::std::result::Result<Self, Self::Err> {
                crate::ids::parse($kind, text).map(Self)
            }
        }

        impl ::std::convert::TryFrom<&str> for $name {
            type Error = crate::InvalidId;

            #[inline]
            fn try_from(text: &str) -> ::std::result::Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl ::std::fmt::Display for $name {
            #[inline]
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl ::std::fmt::Debug for $name {
            #[inline]
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.as_str())
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
                crate::ids::read($kind, &mut self.0, null, source)
            }
        }

        impl crate::de::Filled for $name {
            #[inline]
            fn read_filled(
                slot: &mut ::std::option::Option<Self>,
                source: &mut dyn crate::de::Source,
            ) -> crate::de::Read {
                let id = slot.insert(Self(crate::ids::Value::NIL));
                let read = crate::ids::read_filled($kind, &mut id.0, source);
                if !matches!(read, Ok(true)) {
                    *slot = ::std::option::Option::None;
                }
                read.map(drop)
            }
        }
    };
}

pub(crate) use id_type;

#[cfg(test)]
mod tests {
    use super::InvalidId;

    #[test]
    fn a_short_text_is_quoted_and_one_as_long_as_a_key_is_not() {
        assert!(
            InvalidId::new("workspace", "not-an-id")
                .to_string()
                .starts_with("\"not-an-id\" is not a valid workspace id")
        );
        let key = "c0ffee00".repeat(8);
        let shown = format!("{} {:?}", InvalidId::new("organization", &key), InvalidId::new("organization", &key));
        assert!(!shown.contains("c0ffee") && shown.contains("64 characters"), "{shown}");
    }
}
