//! What is asked of a value that is to be read, and by whom it is taken: without the format that it is read of, and without
//! the type that comes of it, so that what a type adds to a program is small.

use std::fmt;
use std::sync::atomic::AtomicU8;

use serde::de::{Error, Unexpected};

/// What came of a reading. The value is where the reader said.
pub(crate) type Read = Result<(), Failure>;

/// One value that has not been read yet.
pub(crate) trait Source {
    /// Reads it. It can be read once.
    fn read(&mut self, want: Want<'_>) -> Read;
}

/// What one value is wanted to be.
pub(crate) struct Want<'a> {
    /// Null is as good, and changes nothing.
    pub(super) null: bool,
    pub(super) what: What<'a>,
}

pub(super) enum What<'a> {
    Text(&'a mut dyn Take),
    /// As serde reads a `String`.
    String(&'a mut dyn Take),
    /// A blank one is as good as null.
    FilledText(&'a mut dyn Take),
    /// A whole number as its digits.
    TextOrDigits(&'static str, &'a mut dyn Take),
    /// Also as `2.0` or `"2"`, and where `blank` is set as a text of nothing.
    Whole {
        take: &'a mut dyn TakeWhole,
        blank: bool,
    },
    Bool(&'a mut Option<bool>),
    Float(&'a mut Option<f64>),
    Object(&'a mut dyn Properties),
    List(&'a mut dyn Parts),
    /// What there is where it is not null.
    Some(&'a mut dyn Parts),
    /// Whatever it is.
    Any(&'a mut dyn Any, Kind),
}

/// What kind of value is expected where any is taken: a format may have to know, and says in another place what is wrong.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Any,
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

/// Takes a text, or says why it cannot.
pub(crate) trait Take {
    fn take(&mut self, text: &str) -> Result<(), String>;
}

/// Takes a whole number; whether it can hold it.
pub(crate) trait TakeWhole {
    fn take(&mut self, number: i64) -> bool;
}

/// Takes values one by one: the elements of a list, or the one that may be null.
pub(crate) trait Parts {
    /// The next one.
    fn part(&mut self, source: &mut dyn Source) -> Read;
}

/// What all objects of a type have in common.
pub(crate) struct Shape {
    /// What a value of another type is compared with in an error.
    pub(crate) name: &'static str,
    /// The names on the wire, those that must be there first.
    pub(crate) names: &'static [&'static str],
    /// How many must be there.
    pub(crate) required: usize,
    /// Older names, with the places of those that they stand for.
    pub(crate) aliases: &'static [(&'static str, usize)],
    /// Which name followed which, in the object that was read last: the index of the first, and of that after each. Objects of a
    /// list have their names in one order, so that few are searched for. It decides nothing else, whoever else writes to it.
    pub(crate) next: &'static [AtomicU8],
}

/// An object of any type.
pub(crate) trait Properties {
    fn shape(&self) -> &'static Shape;
    fn property(&mut self, index: usize, source: &mut dyn Source) -> Read;
}

/// Takes a value of whatever kind it is.
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
    /// Hands the next one over, if there is one.
    fn next(&mut self, parts: &mut dyn Parts) -> Result<bool, Failure>;
}

/// The members of an object.
pub(crate) trait Members {
    /// The name of the next one, if there is one.
    fn name(&mut self) -> Result<Option<String>, Failure>;
    /// Hands its value over.
    fn value(&mut self, parts: &mut dyn Parts) -> Read;
}

/// Why a value could not be read.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The source keeps the error, which knows the place.
    Kept,
    /// The reason of whoever was given the value.
    Reason(Box<Reason>),
}

#[derive(Debug)]
pub(crate) enum Reason {
    Words(String),
    /// A format has words of its own for null and for numbers with a fraction.
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
