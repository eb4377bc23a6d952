//! Secrets. A request must carry the secret; a response that is written somewhere must not. The field decides, never the type:
//! a secret cannot be written but through what is said here.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::{Out, Scalar, Writable};

/// A secret, or something that holds secrets: what a field with secrets is made of.
pub(crate) trait Hidden {
    /// Writes it, with the secrets or with what stands for them.
    fn write(&self, show: bool, out: &mut dyn Out);

    /// Whether an object leaves it out.
    #[inline]
    fn is_absent(&self) -> bool {
        false
    }
}

impl<T: Hidden> Hidden for Option<T> {
    #[inline]
    fn write(&self, show: bool, out: &mut dyn Out) {
        match self {
            Some(value) => value.write(show, out),
            None => out.scalar(Scalar::None),
        }
    }

    #[inline]
    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T: Hidden> Hidden for Vec<T> {
    #[inline]
    fn write(&self, show: bool, out: &mut dyn Out) {
        let shown = |value| Shown { value, show, always: false };
        out.list(self.len(), &mut |element| self.iter().for_each(|value| element(&shown(value))));
    }
}

impl<T: Hidden> Hidden for BTreeMap<String, T> {
    #[inline]
    fn write(&self, show: bool, out: &mut dyn Out) {
        let shown = |value| Shown { value, show, always: false };
        out.map(Some(self.len()), &mut |entry| self.iter().for_each(|(name, value)| entry(name, &shown(value))));
    }
}

/// How something with secrets is written: a field, a body, or what is inside of these.
pub(crate) struct Shown<'a, T> {
    value: &'a T,
    show: bool,
    /// Also where it is none.
    always: bool,
}

/// What is sent: the secrets themselves.
#[inline]
pub(crate) fn exposed<T>(value: &T) -> Shown<'_, T> {
    Shown { value, show: true, always: false }
}

/// The same, written also where it is none.
#[allow(dead_code, reason = "the current document has no such property")]
pub(crate) fn always_exposed<T>(value: &T) -> Shown<'_, T> {
    Shown { value, show: true, always: true }
}

/// What may be kept somewhere, and cannot leave the secrets out.
#[allow(dead_code, reason = "no type of the current document is a secret and nothing else")]
pub(crate) fn redacted<T>(value: &T) -> Shown<'_, T> {
    Shown { value, show: false, always: true }
}

impl<T: Hidden> Writable for Shown<'_, T> {
    #[inline]
    fn write(&self, out: &mut dyn Out) {
        self.value.write(self.show, out);
    }

    #[inline]
    fn is_absent(&self) -> bool {
        !self.always && self.value.is_absent()
    }
}

impl<T: Hidden> Serialize for Shown<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        super::serialize(self, serializer)
    }
}
