//! What is asked of a value to be read, and who takes it: independent of the source format and of the resulting type, so that a
//! type adds little to a program.

use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::AtomicU8;

use serde::de::{Error, Unexpected};

/// The result of reading. The value itself is in the place that the reader named.
pub(crate) type Read = Result<(), Failure>;

/// One value that has not been read yet.
pub(crate) trait Source {
    /// Reads it. Can be called only once.
    fn read(&mut self, want: Want<'_>) -> Read;
}

/// What a value is expected to be.
pub(crate) struct Want<'a> {
    /// Whether null is accepted; it changes nothing.
    pub(super) null: bool,
    pub(super) what: What<'a>,
}

pub(super) enum What<'a> {
    Text(&'a mut dyn Take),
    /// As serde reads a `String`.
    String(&'a mut dyn Take),
    /// A blank one counts as null.
    FilledText(&'a mut dyn Take),
    /// A whole number as its digits.
    TextOrDigits(&'static str, &'a mut dyn Take),
    /// Also as `2.0` or `"2"`, and, where `blank` is set, as a blank string.
    Whole {
        take: &'a mut dyn TakeWhole,
        blank: bool,
    },
    Bool(&'a mut Option<bool>),
    Float(&'a mut Option<f64>),
    Object(&'a mut dyn Properties),
    List(&'a mut dyn Parts),
    /// Anything but null.
    Some(&'a mut dyn Parts),
    /// Any kind of value.
    Any(&'a mut dyn Any, Kind),
}

/// The kind that is expected where any is accepted: a format may have to know, and reports errors differently.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Any,
    /// Nothing is done with it, so that it need not even be valid in all.
    Skipped,
    Bool,
    Number,
    Text,
    List,
    Map,
    Struct(&'static str, &'static [&'static str]),
}

impl<'a> Want<'a> {
    pub(crate) fn text(null: bool, take: &'a mut dyn Take) -> Self {
        Self { null, what: What::Text(take) }
    }

    pub(crate) fn filled_text(take: &'a mut dyn Take) -> Self {
        Self { null: true, what: What::FilledText(take) }
    }

    pub(crate) fn text_or_digits(null: bool, what: &'static str, take: &'a mut dyn Take) -> Self {
        Self { null, what: What::TextOrDigits(what, take) }
    }
}

/// Takes a string, or says why it cannot.
pub(crate) trait Take {
    fn take(&mut self, text: &str) -> Result<(), String>;
}

/// Takes a whole number; returns whether it fits.
pub(crate) trait TakeWhole {
    fn take(&mut self, number: i64) -> bool;
}

/// Takes values one by one: the elements of a list, or the one that may be null.
pub(crate) trait Parts {
    /// Takes the next one.
    fn part(&mut self, source: &mut dyn Source) -> Read;
}

/// What all objects of a type have in common.
pub(crate) struct Shape {
    /// The name that errors about a value of another type give.
    pub(crate) name: &'static str,
    /// The names on the wire, required ones first.
    pub(crate) names: &'static [&'static str],
    /// How many are required.
    pub(crate) required: usize,
    /// Older names, with the indexes of those that they stand for.
    pub(crate) aliases: &'static [(&'static str, usize)],
    pub(crate) next: Order,
}

/// Which name followed which in the object read last: the index of the first, then of the one after each. Objects of a list
/// have their names in the same order, so few have to be searched for. It is only a hint, whoever else writes to it.
pub(crate) struct Order(OnceLock<Box<[AtomicU8]>>);

impl Order {
    /// Allocated when the first object is read: an array of the right length for each type costs every build more.
    pub(crate) const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// The indexes, one more than there are names.
    pub(super) fn of(&self, names: usize) -> &[AtomicU8] {
        self.0.get_or_init(|| (0..=names).map(|_| AtomicU8::new(0)).collect())
    }
}

/// An object of any type.
pub(crate) trait Properties {
    fn shape(&self) -> &'static Shape;
    fn property(&mut self, index: usize, source: &mut dyn Source) -> Read;
}

/// Takes a value of any kind.
pub(crate) trait Any {
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;
    fn null(&mut self) -> Read;
    fn bool(&mut self, value: bool) -> Read;
    fn signed(&mut self, value: i64) -> Read;
    fn unsigned(&mut self, value: u64) -> Read;
    fn float(&mut self, value: f64) -> Read;
    fn text(&mut self, text: &str) -> Read;
    fn list(&mut self, elements: &mut dyn Elements) -> Read;
    fn map(&mut self, members: &mut dyn Members) -> Read;
}

/// The elements of a list.
pub(crate) trait Elements {
    /// Passes the next one on, if there is one.
    fn next(&mut self, parts: &mut dyn Parts) -> Result<bool, Failure>;
}

/// The members of an object.
pub(crate) trait Members {
    /// The name of the next one, if there is one.
    fn name(&mut self) -> Result<Option<String>, Failure>;
    /// Passes its value on.
    fn value(&mut self, parts: &mut dyn Parts) -> Read;
}

/// Why a value could not be read.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The source keeps the error, which includes the position.
    Kept,
    /// The reason given by whoever took the value.
    Reason(Box<Reason>),
}

#[derive(Debug)]
pub(crate) enum Reason {
    Words(String),
    /// Formats have their own words for null and for numbers with a fraction.
    Type(Unexpected<'static>, String),
    Value(Unexpected<'static>, String),
}

impl Failure {
    pub(super) fn words(words: String) -> Self {
        Self::Reason(Box::new(Reason::Words(words)))
    }

    /// In the words of the format.
    #[cold]
    pub(super) fn into_error<E: Error>(self) -> E {
        match self {
            Self::Kept => E::custom("a value was expected, and none was given"),
            Self::Reason(reason) => match *reason {
                Reason::Words(words) => E::custom(words),
                Reason::Type(found, expected) => E::invalid_type(found, &expected.as_str()),
                Reason::Value(found, expected) => E::invalid_value(found, &expected.as_str()),
            },
        }
    }
}
