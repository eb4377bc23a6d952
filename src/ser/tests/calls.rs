//! A format that records the calls made to it.

use std::cell::RefCell;
use std::fmt;

use serde::ser::{self, Serialize, Serializer};

/// The calls that a value makes to a format that fails after `most` calls, and whether it reports the failure.
pub(super) fn calls(value: &impl Serialize, most: usize) -> (Vec<String>, bool) {
    let made = RefCell::new(Vec::new());
    let failed = value.serialize(Format { made: &made, most }).is_err();
    (made.into_inner(), failed)
}

#[derive(Clone, Copy)]
struct Format<'a> {
    made: &'a RefCell<Vec<String>>,
    most: usize,
}

#[derive(Debug)]
struct Full;

impl fmt::Display for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("full")
    }
}

impl std::error::Error for Full {}

impl ser::Error for Full {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

impl Format<'_> {
    fn call(self, text: String) -> Result<(), Full> {
        let mut made = self.made.borrow_mut();
        if made.len() >= self.most {
            return Err(Full);
        }
        made.push(text);
        Ok(())
    }
}

macro_rules! scalars {
    ($($name:ident $ty:ty,)*) => {$(
        fn $name(self, value: $ty) -> Result<(), Full> {
            self.call(format!("{} {value:?}", stringify!($name)))
        }
    )*};
}

impl Serializer for Format<'_> {
    type Ok = ();
    type Error = Full;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Self;

    scalars! {
        serialize_bool bool, serialize_i8 i8, serialize_i16 i16, serialize_i32 i32, serialize_i64 i64, serialize_u8 u8,
        serialize_u16 u16, serialize_u32 u32, serialize_u64 u64, serialize_f32 f32, serialize_f64 f64, serialize_char char,
        serialize_str &str, serialize_bytes &[u8], serialize_unit_struct &'static str,
    }

    fn serialize_none(self) -> Result<(), Full> {
        self.call("none".into())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Full> {
        self.call("some".into())?;
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Full> {
        self.call("unit".into())
    }

    fn serialize_unit_variant(self, name: &'static str, _: u32, variant: &'static str) -> Result<(), Full> {
        self.call(format!("unit variant {name} {variant}"))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Result<(), Full> {
        self.call(format!("newtype {name}"))?;
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Full> {
        self.call(format!("newtype variant {name} {variant}"))?;
        value.serialize(self)
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Self, Full> {
        self.call(format!("list {length:?}")).map(|()| self)
    }

    fn serialize_tuple(self, length: usize) -> Result<Self, Full> {
        self.call(format!("tuple {length}")).map(|()| self)
    }

    fn serialize_tuple_struct(self, name: &'static str, length: usize) -> Result<Self, Full> {
        self.call(format!("tuple {name} {length}")).map(|()| self)
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        _: u32,
        of: &'static str,
        length: usize,
    ) -> Result<Self, Full> {
        self.call(format!("tuple variant {name} {of} {length}")).map(|()| self)
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Self, Full> {
        self.call(format!("map {length:?}")).map(|()| self)
    }

    fn serialize_struct(self, name: &'static str, length: usize) -> Result<Self, Full> {
        self.call(format!("struct {name} {length}")).map(|()| self)
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        _: u32,
        of: &'static str,
        length: usize,
    ) -> Result<Self, Full> {
        self.call(format!("struct variant {name} {of} {length}")).map(|()| self)
    }
}

macro_rules! lists {
    ($($of:ident $element:ident,)*) => {$(
        impl ser::$of for Format<'_> {
            type Ok = ();
            type Error = Full;

            fn $element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Full> {
                value.serialize(*self)
            }

            fn end(self) -> Result<(), Full> {
                self.call("end".into())
            }
        }
    )*};
}

lists! {
    SerializeSeq serialize_element, SerializeTuple serialize_element, SerializeTupleStruct serialize_field,
    SerializeTupleVariant serialize_field,
}

macro_rules! structs {
    ($($of:ident)*) => {$(
        impl ser::$of for Format<'_> {
            type Ok = ();
            type Error = Full;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Full> {
                self.call(format!("field {name}"))?;
                value.serialize(*self)
            }

            fn skip_field(&mut self, name: &'static str) -> Result<(), Full> {
                self.call(format!("no field {name}"))
            }

            fn end(self) -> Result<(), Full> {
                self.call("end".into())
            }
        }
    )*};
}

structs! { SerializeStruct SerializeStructVariant }

impl ser::SerializeMap for Format<'_> {
    type Ok = ();
    type Error = Full;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Full> {
        key.serialize(*self)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Full> {
        value.serialize(*self)
    }

    fn end(self) -> Result<(), Full> {
        self.call("end".into())
    }
}
