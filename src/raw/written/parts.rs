//! What has parts: lists, tuples, objects.

use reqwest::Url;
use serde::ser::{self, Serialize};

use super::{Place, Unwritable, Writer};

/// The elements of a list or a tuple, one after the other.
pub(crate) struct List<'a> {
    url: &'a mut Url,
    of: Elements<'a>,
}

/// What the next element is.
enum Elements<'a> {
    /// A value of a parameter of this name.
    Values(&'a str),
    /// A pair of a name and a value.
    Pairs,
    /// The name of a pair.
    Name,
    /// The value of a pair with this name.
    Value(String),
    /// None: the pair is whole.
    End,
}

impl<'a> List<'a> {
    pub(super) fn of_values(name: &'a str, url: &'a mut Url) -> Self {
        Self { url, of: Elements::Values(name) }
    }

    pub(super) fn of_pairs(url: &'a mut Url) -> Self {
        Self { url, of: Elements::Pairs }
    }

    pub(super) fn pair(url: &'a mut Url) -> Self {
        Self { url, of: Elements::Name }
    }

    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
        let mut written = None;
        let url = &mut *self.url;
        let (place, next) = match std::mem::replace(&mut self.of, Elements::End) {
            Elements::Values(name) => (Place::Value(name), Elements::Values(name)),
            Elements::Pairs => (Place::Pair, Elements::Pairs),
            Elements::Name => (Place::Name(&mut written), Elements::Name),
            Elements::Value(name) => return value.serialize(Writer { place: Place::Value(&name), url }),
            Elements::End => return Err(Unwritable("a pair has a name and a value and no more".into())),
        };
        value.serialize(Writer { place, url })?;
        self.of = match (next, written) {
            (Elements::Name, Some(name)) => Elements::Value(name),
            (next, _) => next,
        };
        Ok(())
    }

    fn whole(self) -> Result<(), Unwritable> {
        match self.of {
            Elements::Name | Elements::Value(_) => Err(Unwritable("a pair has a name and a value".into())),
            _ => Ok(()),
        }
    }
}

impl ser::SerializeSeq for List<'_> {
    type Ok = ();
    type Error = Unwritable;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
        self.element(value)
    }

    fn end(self) -> Result<(), Unwritable> {
        self.whole()
    }
}

impl ser::SerializeTuple for List<'_> {
    type Ok = ();
    type Error = Unwritable;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
        self.element(value)
    }

    fn end(self) -> Result<(), Unwritable> {
        self.whole()
    }
}

/// The properties of an object, one after the other.
pub(crate) struct Object<'a> {
    url: &'a mut Url,
    /// The name whose value is to come.
    name: Option<String>,
}

impl<'a> Object<'a> {
    pub(super) fn new(url: &'a mut Url) -> Self {
        Self { url, name: None }
    }
}

impl ser::SerializeMap for Object<'_> {
    type Ok = ();
    type Error = Unwritable;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unwritable> {
        key.serialize(Writer { place: Place::Name(&mut self.name), url: self.url })
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
        let name = self.name.take().ok_or_else(|| Unwritable("a value needs a name".into()))?;
        value.serialize(Writer { place: Place::Value(&name), url: self.url })
    }

    fn end(self) -> Result<(), Unwritable> {
        Ok(())
    }
}

impl ser::SerializeStruct for Object<'_> {
    type Ok = ();
    type Error = Unwritable;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Unwritable> {
        value.serialize(Writer { place: Place::Value(name), url: self.url })
    }

    fn end(self) -> Result<(), Unwritable> {
        Ok(())
    }
}
