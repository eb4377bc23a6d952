//! How a value is written in a query or a form: a scalar beside its name, a list as many of them, the properties of an object
//! under their own names.

mod fraction;
mod parts;

use std::fmt::{self, Display, Write};

use fraction::fraction;
use parts::{List, Object};
use reqwest::Url;
use serde::ser::{self, Serialize, Serializer};

/// A value that can be written, whatever its type: one writer serves all of them.
pub(crate) trait Writable {
    fn write(&self, writer: Writer<'_>) -> Result<(), Unwritable>;
}

impl<T: Serialize> Writable for T {
    fn write(&self, writer: Writer<'_>) -> Result<(), Unwritable> {
        self.serialize(writer)
    }
}

/// What has no place in a query or a form.
#[derive(Debug)]
pub(crate) struct Unwritable(Box<str>);

impl Display for Unwritable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unwritable {}

impl ser::Error for Unwritable {
    fn custom<T: Display>(message: T) -> Self {
        Self(message.to_string().into())
    }
}

/// Writes one value into the query of a URL.
pub(crate) struct Writer<'a> {
    place: Place<'a>,
    url: &'a mut Url,
}

/// Where the value stands.
enum Place<'a> {
    /// A parameter of this name.
    Parameter(&'a str),
    /// What has no name and so must have names in it: a form, or what a type of its own is made of.
    Whole,
    /// A name and a value, among others.
    Pair,
    /// The value beside a name.
    Value(&'a str),
    /// The name itself.
    Name(&'a mut Option<String>),
}

impl<'a> Writer<'a> {
    pub(super) fn parameter(name: &'a str, url: &'a mut Url) -> Self {
        Self { place: Place::Parameter(name), url }
    }

    pub(super) fn form(url: &'a mut Url) -> Self {
        Self { place: Place::Whole, url }
    }

    #[cold]
    fn refuse(&self, what: &str) -> Unwritable {
        let place = match self.place {
            Place::Parameter(_) => "a parameter of a query",
            Place::Whole => "a form",
            Place::Pair => "a pair of a name and a value",
            Place::Value(_) => "the value beside a name",
            Place::Name(_) => "a name",
        };
        Unwritable(format!("{what} cannot be {place}").into())
    }

    fn text(self, text: &str) -> Result<(), Unwritable> {
        match self.place {
            Place::Parameter(name) | Place::Value(name) => {
                self.url.query_pairs_mut().append_pair(name, text);
                Ok(())
            }
            Place::Name(name) => {
                *name = Some(text.to_owned());
                Ok(())
            }
            Place::Whole | Place::Pair => Err(self.refuse("a scalar")),
        }
    }

    fn display(self, value: &dyn Display) -> Result<(), Unwritable> {
        self.text(&text(value))
    }

    /// Where an object may stand.
    fn object(self) -> Result<Object<'a>, Unwritable> {
        match self.place {
            Place::Parameter(_) | Place::Whole => Ok(Object::new(self.url)),
            _ => Err(self.refuse("an object")),
        }
    }
}

/// Not `to_string`, which panics where a value fails to show itself.
pub(super) fn text(value: &dyn Display) -> String {
    let mut text = String::new();
    let _ = write!(text, "{value}");
    text
}

macro_rules! scalars {
    ($($method:ident: $ty:ty),*) => {
        $(
            fn $method(self, value: $ty) -> Result<(), Unwritable> {
                self.display(&value)
            }
        )*
    };
}

impl<'a> Serializer for Writer<'a> {
    type Ok = ();
    type Error = Unwritable;
    type SerializeSeq = List<'a>;
    type SerializeTuple = List<'a>;
    type SerializeTupleStruct = ser::Impossible<(), Unwritable>;
    type SerializeTupleVariant = ser::Impossible<(), Unwritable>;
    type SerializeMap = Object<'a>;
    type SerializeStruct = Object<'a>;
    type SerializeStructVariant = ser::Impossible<(), Unwritable>;

    scalars! {
        serialize_bool: bool, serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64, serialize_char: char
    }

    fn serialize_f32(self, value: f32) -> Result<(), Unwritable> {
        match fraction(&format!("{value:e}"), 13, -6) {
            Some(text) => self.text(&text),
            None => self.display(&value),
        }
    }

    fn serialize_f64(self, value: f64) -> Result<(), Unwritable> {
        match fraction(&format!("{value:e}"), 16, -5) {
            Some(text) => self.text(&text),
            None => self.display(&value),
        }
    }

    fn serialize_str(self, text: &str) -> Result<(), Unwritable> {
        self.text(text)
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<(), Unwritable> {
        Err(self.refuse("a string of bytes"))
    }

    fn serialize_none(self) -> Result<(), Unwritable> {
        match self.place {
            Place::Name(_) => Err(self.refuse("nothing")),
            _ => Ok(()),
        }
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Unwritable> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Unwritable> {
        match self.place {
            Place::Parameter(_) | Place::Whole => Ok(()),
            _ => Err(self.refuse("nothing")),
        }
    }

    fn serialize_unit_struct(self, name: &'static str) -> Result<(), Unwritable> {
        match self.place {
            Place::Parameter(_) | Place::Whole => Ok(()),
            _ => self.text(name),
        }
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), Unwritable> {
        self.text(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Unwritable> {
        let place = match self.place {
            Place::Parameter(_) => Place::Whole,
            place => place,
        };
        value.serialize(Writer { place, url: self.url })
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Unwritable> {
        match self.place {
            Place::Parameter(_) => value.serialize(Writer { place: Place::Value(variant), url: self.url }),
            _ => Err(self.refuse("a value by the name of its kind")),
        }
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<List<'a>, Unwritable> {
        match self.place {
            Place::Parameter(name) => Ok(List::of_values(name, self.url)),
            Place::Whole => Ok(List::of_pairs(self.url)),
            _ => Err(self.refuse("a list")),
        }
    }

    fn serialize_tuple(self, length: usize) -> Result<List<'a>, Unwritable> {
        match self.place {
            Place::Parameter(_) | Place::Whole => Ok(List::of_pairs(self.url)),
            Place::Pair if length == 2 => Ok(List::pair(self.url)),
            _ => Err(self.refuse("a tuple")),
        }
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeTupleStruct, Unwritable> {
        Err(self.refuse("a tuple"))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Unwritable> {
        Err(self.refuse("a tuple"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Object<'a>, Unwritable> {
        self.object()
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Object<'a>, Unwritable> {
        self.object()
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Unwritable> {
        Err(self.refuse("an object by the name of its kind"))
    }
}
