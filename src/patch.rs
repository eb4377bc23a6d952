//! The three states of a field in a change: left unchanged, cleared, set.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::ser::{Hidden, Out, Scalar, Writable};

/// A field of a change request: absent, an explicit null, or a value.
///
/// ```
/// use singlestore_management::{Patch, types::WorkspaceGroupUpdate};
///
/// let change = WorkspaceGroupUpdate::new().firewall_ranges([] as [&str; 0]).clear_expires_at();
/// assert_eq!(serde_json::to_string(&change)?, r#"{"expiresAt":null,"firewallRanges":[]}"#);
/// assert_eq!(change.name, Patch::Absent);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Patch<T> {
    /// The field is not sent, and the service leaves it unchanged.
    #[default]
    Absent,
    /// The field is sent as null.
    Null,
    /// The field is sent with this value.
    Value(T),
}

impl<T> Patch<T> {
    /// Whether the field is left out of the request.
    pub fn is_absent(&self) -> bool {
        matches!(self, Patch::Absent)
    }

    /// The value, if there is one.
    pub fn value(&self) -> Option<&T> {
        match self {
            Patch::Value(value) => Some(value),
            _ => None,
        }
    }
}

impl<T> From<T> for Patch<T> {
    fn from(value: T) -> Self {
        Patch::Value(value)
    }
}

impl<T: Serialize> Serialize for Patch<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Patch::Value(value) => value.serialize(serializer),
            // An absent field is skipped by the struct that holds it.
            Patch::Absent | Patch::Null => serializer.serialize_none(),
        }
    }
}

impl<T: Writable> Writable for Patch<T> {
    #[inline]
    fn write(&self, out: &mut dyn Out) {
        match self {
            Patch::Value(value) => value.write(out),
            Patch::Absent | Patch::Null => out.scalar(Scalar::None),
        }
    }

    #[inline]
    fn is_absent(&self) -> bool {
        self.is_absent()
    }
}

impl<T: Hidden> Hidden for Patch<T> {
    #[inline]
    fn write(&self, show: bool, out: &mut dyn Out) {
        match self {
            Patch::Value(value) => value.write(show, out),
            Patch::Absent | Patch::Null => out.scalar(Scalar::None),
        }
    }

    #[inline]
    fn is_absent(&self) -> bool {
        self.is_absent()
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::<T>::deserialize(deserializer)?.map_or(Patch::Null, Patch::Value))
    }
}
