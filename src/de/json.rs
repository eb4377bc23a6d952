//! JSON of unknown shape. `serde_json` could read it too, but with separate code for each kind of value.

use std::fmt;
use std::iter;

use serde::Deserialize;
use serde::de::value::MapDeserializer;
use serde::de::{Error, Unexpected};
use serde_json::{Map, Number, Value as Json};

use super::value::{List, Value, Whole};
use super::want::{Any, Elements, Failure, Kind, Members, Read, Source, Want, What};
use crate::json::{DIGITS, KEEPS_DIGITS};

impl Value for Json {
    fn blank() -> Self {
        Self::Null
    }

    fn read(&mut self, _: bool, source: &mut dyn Source) -> Read {
        source.read(Want { null: false, what: What::Any(&mut Slot(self), Kind::Any) })
    }
}

impl Value for Map<String, Json> {
    fn blank() -> Self {
        Self::new()
    }

    fn read(&mut self, null: bool, source: &mut dyn Source) -> Read {
        source.read(Want { null, what: What::Any(&mut Object(self), Kind::Map) })
    }
}

struct Slot<'a>(&'a mut Json);

impl Any for Slot<'_> {
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any valid JSON value")
    }

    fn null(&mut self) -> Read {
        *self.0 = Json::Null;
        Ok(())
    }

    fn bool(&mut self, value: bool) -> Read {
        *self.0 = Json::Bool(value);
        Ok(())
    }

    fn signed(&mut self, value: i64) -> Read {
        *self.0 = Json::Number(value.into());
        Ok(())
    }

    fn unsigned(&mut self, value: u64) -> Read {
        *self.0 = Json::Number(value.into());
        Ok(())
    }

    fn float(&mut self, value: f64) -> Read {
        *self.0 = Number::from_f64(value).map_or(Json::Null, Json::Number);
        Ok(())
    }

    fn text(&mut self, text: &str) -> Read {
        *self.0 = Json::String(text.to_owned());
        Ok(())
    }

    fn list(&mut self, elements: &mut dyn Elements) -> Read {
        let mut list = Vec::new();
        while elements.next(&mut List(&mut list))? {}
        *self.0 = Json::Array(list);
        Ok(())
    }

    fn map(&mut self, members: &mut dyn Members) -> Read {
        let mut map = Map::new();
        fill(&mut map, members)?;
        if KEEPS_DIGITS && let Some(Json::String(digits)) = map.get(DIGITS).filter(|_| map.len() == 1) {
            let pairs = iter::once((DIGITS, digits.as_str()));
            *self.0 = Json::Number(Number::deserialize(MapDeserializer::new(pairs))?);
            return Ok(());
        }
        *self.0 = Json::Object(map);
        Ok(())
    }
}

fn fill(map: &mut Map<String, Json>, members: &mut dyn Members) -> Read {
    while let Some(name) = members.name()? {
        let mut value = Json::Null;
        members.value(&mut Whole { slot: &mut value, null: false })?;
        map.insert(name, value);
    }
    Ok(())
}

struct Object<'a>(&'a mut Map<String, Json>);

impl Object<'_> {
    #[cold]
    fn other(&self, found: Unexpected<'_>) -> Read {
        Err(Failure::invalid_type(found, &"a map"))
    }
}

impl Any for Object<'_> {
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn null(&mut self) -> Read {
        self.other(Unexpected::Unit)
    }

    fn bool(&mut self, value: bool) -> Read {
        self.other(Unexpected::Bool(value))
    }

    fn signed(&mut self, value: i64) -> Read {
        self.other(Unexpected::Signed(value))
    }

    fn unsigned(&mut self, value: u64) -> Read {
        self.other(Unexpected::Unsigned(value))
    }

    fn float(&mut self, value: f64) -> Read {
        self.other(Unexpected::Float(value))
    }

    fn text(&mut self, text: &str) -> Read {
        self.other(Unexpected::Str(text))
    }

    fn list(&mut self, _: &mut dyn Elements) -> Read {
        self.other(Unexpected::Seq)
    }

    fn map(&mut self, members: &mut dyn Members) -> Read {
        fill(self.0, members)
    }
}
