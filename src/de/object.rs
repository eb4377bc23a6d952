//! Reads the objects of the API.
//!
//! `derive(Deserialize)` generates code for each object, and again for formats without names. Here the common part is shared,
//! non-generic code, and an object adds only which name belongs to which field: less to compile for every user, and a smaller
//! program.

use super::value::Value;
use super::want::{Properties, Read, Shape, Source, Want, What};

/// An object, read from its properties in any order. Made by [`object!`].
pub(crate) trait Object: Sized {
    /// What all objects of the type have in common.
    fn shape() -> &'static Shape;

    /// The value before reading.
    fn blank() -> Self;

    /// Reads one property, by the index of its name.
    fn property(&mut self, index: usize, source: &mut dyn Source) -> Read;
}

/// A reference to the object: the object itself would bring in its drop code.
struct Reading<'a, T>(&'a mut T);

impl<T: Object> Properties for Reading<'_, T> {
    fn shape(&self) -> &'static Shape {
        T::shape()
    }

    #[inline]
    fn property(&mut self, index: usize, source: &mut dyn Source) -> Read {
        self.0.property(index, source)
    }
}

impl<T: Object> Value for T {
    #[inline]
    fn blank() -> Self {
        <T as Object>::blank()
    }

    #[inline]
    fn read(&mut self, null: bool, source: &mut dyn Source) -> Read {
        source.read(Want { null, what: What::Object(&mut Reading(self)) })
    }
}

/// Declares which name belongs to which field of an object, and how the field is read: by the functions of
/// [`field`](super::field). Required fields come first; older names come last, with the indexes of the names that they stand for.
macro_rules! object {
    ($name:ident {
        required: $($needed_index:literal $needed_wire:literal $needed:ident $needed_how:ident,)*;
        $($index:literal $wire:literal $field:ident $how:ident,)*
        $(; aliases: $($alias:literal $stands_for:literal,)*)?
    }) => {
        impl<'de> ::serde::Deserialize<'de> for $name {
            #[inline]
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                crate::de::read(deserializer)
            }
        }

        impl crate::de::object::Object for $name {
            #[inline]
            fn shape() -> &'static crate::de::Shape {
                static SHAPE: crate::de::Shape = crate::de::Shape {
                    name: stringify!($name),
                    names: &[$($needed_wire,)* $($wire,)*],
                    required: <[&str]>::len(&[$($needed_wire,)*]),
                    aliases: &[$($(($alias, $stands_for),)*)?],
                    next: crate::de::Order::new(),
                };
                &SHAPE
            }

            #[inline]
            fn blank() -> Self {
                Self {
                    $($needed: crate::de::object::blank!($needed_how),)*
                    $($field: ::std::default::Default::default(),)*
                }
            }

            #[inline]
            fn property(&mut self, index: usize, source: &mut dyn crate::de::Source) -> crate::de::Read {
                match index {
                    $($needed_index => crate::de::field::$needed_how(&mut self.$needed, source),)*
                    $($index => crate::de::field::$how(&mut self.$field, source),)*
                    _ => ::std::result::Result::Ok(()),
                }
            }
        }
    };
}

/// The value of a required field before reading.
macro_rules! blank {
    (value) => {
        crate::de::Value::blank()
    };
    ($other:ident) => {
        ::std::default::Default::default()
    };
}

pub(crate) use {blank, object};

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::raw::ids::WorkspaceId;
    use crate::types::WorkspaceState;

    #[derive(Debug, PartialEq)]
    struct Table {
        id: WorkspaceId,
        name: String,
        size: i64,
        at: Option<crate::Timestamp>,
        state: WorkspaceState,
        last: Option<WorkspaceState>,
        port: Option<i64>,
        tags: Vec<String>,
        note: Option<String>,
        flag: bool,
        maybe: Option<bool>,
        ratio: Option<f64>,
        inner: Option<Named>,
        all: Vec<Named>,
        some: Option<Vec<Named>>,
        free: Option<serde_json::Map<String, serde_json::Value>>,
        json: Option<serde_json::Value>,
        other: Option<BTreeMap<String, Vec<i32>>>,
        pair: Vec<(i64, Option<Kind>)>,
    }

    #[derive(Debug, PartialEq, serde::Deserialize)]
    enum Kind {
        One,
        Two(u8),
    }

    object! {
        Table {
            required: 0 "id" id value, 1 "name" name value, 2 "size" size integer,;
            3 "at" at filled, 4 "state" state or_blank, 5 "last" last option, 6 "port" port integer_option,
            7 "tags" tags or_blank, 8 "note" note option, 9 "flag" flag value, 10 "maybe" maybe option, 11 "ratio" ratio option,
            12 "inner" inner option, 13 "all" all or_blank, 14 "some" some option, 15 "free" free option,
            16 "json" json option, 17 "other" other any, 18 "pair" pair any_or_default,
        }
    }

    /// The same, read by serde's derived code.
    #[derive(serde::Deserialize)]
    #[serde(rename = "Table")]
    struct Derived {
        id: WorkspaceId,
        name: String,
        #[serde(deserialize_with = "crate::de::integer")]
        size: i64,
        #[serde(default, deserialize_with = "crate::de::blank_is_none")]
        at: Option<crate::Timestamp>,
        #[serde(default, deserialize_with = "crate::de::null_is_empty")]
        state: WorkspaceState,
        last: Option<WorkspaceState>,
        #[serde(default, deserialize_with = "crate::de::integer_option")]
        port: Option<i64>,
        #[serde(default, deserialize_with = "crate::de::null_is_empty")]
        tags: Vec<String>,
        note: Option<String>,
        #[serde(default)]
        flag: bool,
        maybe: Option<bool>,
        ratio: Option<f64>,
        inner: Option<DerivedNamed>,
        #[serde(default, deserialize_with = "crate::de::null_is_empty")]
        all: Vec<DerivedNamed>,
        some: Option<Vec<DerivedNamed>>,
        free: Option<serde_json::Map<String, serde_json::Value>>,
        json: Option<serde_json::Value>,
        other: Option<BTreeMap<String, Vec<i32>>>,
        #[serde(default, deserialize_with = "crate::de::null_is_empty")]
        pair: Vec<(i64, Option<Kind>)>,
    }

    #[derive(serde::Deserialize)]
    #[serde(rename = "Named")]
    struct DerivedNamed {
        name: String,
    }

    impl From<DerivedNamed> for Named {
        fn from(DerivedNamed { name }: DerivedNamed) -> Self {
            Self { name }
        }
    }

    impl From<Derived> for Table {
        fn from(other: Derived) -> Self {
            let Derived { id, name, size, at, state, last, port, tags, note, flag, maybe, ratio, .. } = other;
            let Derived { free, json, other, pair, inner, all, some, .. } = other;
            let named = |list: Vec<DerivedNamed>| list.into_iter().map(Named::from).collect();
            let (inner, all, some) = (inner.map(Named::from), named(all), some.map(named));
            Self {
                id,
                name,
                size,
                at,
                state,
                last,
                port,
                tags,
                note,
                flag,
                maybe,
                ratio,
                inner,
                all,
                some,
                free,
                json,
                other,
                pair,
            }
        }
    }

    const ID: &str = r#""3f2504e0-4f89-41d3-9a0c-0305e82c3301""#;

    #[test]
    fn an_object_is_read_as_serde_would_read_it() {
        let good = [("id", ID), ("name", r#""a""#), ("size", "1")];
        let values = [
            "null",
            "true",
            "0",
            "7",
            "-1",
            "2.0",
            "2.5",
            "1e300",
            r#""""#,
            r#"" ""#,
            r#""x""#,
            r#""7""#,
            r#""ACTIVE""#,
            r#""active ""#,
            r#""2026-01-02T03:04:05Z""#,
            ID,
            "[]",
            r#"["a"]"#,
            "[1]",
            "{}",
            r#"{"a":[1,{"b":null}]}"#,
            r#"{"a":[1,-2,3e9]}"#,
            r#"{"a":[1,-2],"a":[]}"#,
            r#"{"name":"b","more":[{}]}"#,
            r#"{"name":null}"#,
            r#"[{"name":"b"},{"name":"c"}]"#,
            r#"[{"name":"b"},{"name":4}]"#,
            r#"[{"name":"b"},{"nane":"c"}]"#,
            "[[1,null],[2,\"One\"],[3,{\"Two\":4}]]",
            "[[1,\"Three\"]]",
            "[[1,{\"Two\":256}]]",
            "[[1,null,2]]",
            "[[1]]",
            "[\"a\",null]",
            "18446744073709551615",
            "18446744073709551616",
            "[1,2",
            "nul",
            "\"\\ud800\"",
        ];
        let (mut read, mut refused) = (0, 0);
        for field in [
            "id", "name", "size", "at", "state", "last", "port", "tags", "note", "flag", "maybe", "ratio", "inner",
            "all", "some", "free", "json", "other", "pair", "unknown", "",
        ] {
            for value in values {
                let mut all = BTreeMap::from(good);
                all.insert(field, value);
                let body: Vec<String> = all.iter().map(|(name, value)| format!("{name:?}:{value}")).collect();
                let missing =
                    body.iter().filter(|pair| !pair.starts_with(&format!("{field:?}"))).cloned().collect::<Vec<_>>();
                let twice = format!("{},{field:?}:{value}", body.join(","));
                for text in [body.join(","), missing.join(","), twice, body.join(",") + ",", body.join("")] {
                    for text in [format!("{{{text}}}"), format!("{{{text}")] {
                        let ours = serde_json::from_str::<Table>(&text).map_err(|error| error.to_string());
                        let derived = serde_json::from_str::<Derived>(&text).map(Table::from);
                        let derived = derived.map_err(|error| error.to_string());
                        read += usize::from(ours.is_ok());
                        refused += usize::from(ours.is_err());
                        // Serde's derived code also accepts a list as an object.
                        if ours.as_ref().is_err_and(|e| e.contains("sequence, expected struct Named")) {
                            continue;
                        }
                        let is_text = |message: &str| {
                            message.replace("a string or null", "a string").replace("DerivedNamed", "Named")
                        };
                        assert_eq!(ours.map_err(|e| is_text(&e)), derived.map_err(|e| is_text(&e)), "{text}");
                    }
                }
            }
        }
        assert!(read > 200 && refused > 200, "{read} and {refused}");
    }

    #[derive(Debug, PartialEq)]
    struct Named {
        name: String,
    }

    object! { Named { required: 0 "name" name value,; } }

    /// What is skipped is not read: the service may send there what no string can hold.
    #[test]
    fn what_serde_skips_is_skipped() {
        #[derive(Debug, Default, PartialEq, serde::Deserialize)]
        struct Known {
            name: String,
        }
        #[derive(Debug, PartialEq)]
        struct Holder {
            known: Option<Known>,
        }
        object! { Holder { required: ; 0 "known" known any, } }

        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        for skipped in [r#""\ud800""#, "1e400", r#"{"a":["\udc00x",-1e999]}"#, &deep] {
            let json = format!(r#"{{"known":{{"more":{skipped},"name":"a","last":{skipped}}}}}"#);
            let known = Some(Known { name: "a".to_owned() });
            assert_eq!(serde_json::from_str::<Holder>(&json).map_err(|error| error.to_string()), Ok(Holder { known }));
        }
        assert!(serde_json::from_str::<Holder>(r#"{"known":{"more":nul,"name":"a"}}"#).is_err());
    }

    #[test]
    fn names_may_be_bytes() {
        use serde::de::IntoDeserializer;
        use serde::de::value::{Error, MapDeserializer};

        let pairs = [(b"other".as_slice(), "x"), (b"name".as_slice(), "a")];
        let map: MapDeserializer<'_, _, Error> = MapDeserializer::new(pairs.into_iter());
        let read: Result<Named, Error> = serde::Deserialize::deserialize(map.into_deserializer());
        assert_eq!(read, Ok(Named { name: "a".to_owned() }));
    }

    #[test]
    fn a_list_is_not_an_object() {
        let error = serde_json::from_str::<Table>(&format!("[{ID},\"a\",1]")).unwrap_err().to_string();
        assert!(error.starts_with("invalid type: sequence, expected struct Table"), "{error}");
    }

    #[test]
    fn an_object_can_come_from_any_format() {
        let value =
            serde_json::json!({"id": ID.trim_matches('"'), "name": "a", "size": 3, "tags": null, "state": "ACTIVE"});
        let read: Table = serde_json::from_value(value).unwrap();
        assert_eq!((read.size, read.state), (3, WorkspaceState::Active));
    }
}
