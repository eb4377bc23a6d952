//! How values of each kind are written in the query of a URL.

use std::collections::BTreeMap;

use serde::ser::{Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeTuple, Serializer};

use super::{RequestBuilder, Requests, Segment};

fn begin(base: &str) -> RequestBuilder {
    Requests::new(&base.parse().unwrap()).request(reqwest::Method::GET, format_args!("/x"))
}

fn query<T: Serialize>(name: &'static str, value: &T) -> Option<String> {
    let mut request = begin("http://127.0.0.1/");
    request.query(name, value);
    Some(request.build().ok()?.url().query().unwrap_or("none").to_owned())
}

fn form<T: Serialize>(value: &T) -> Option<String> {
    let mut request = begin("http://127.0.0.1/");
    request.query_str("not", "in the form");
    request.form(value);
    let request = request.build().ok()?;
    assert_eq!(request.headers()["content-type"], "application/x-www-form-urlencoded");
    Some(String::from_utf8(request.body().unwrap().as_bytes().unwrap().to_vec()).unwrap())
}

fn path(base: &str, segment: &str) -> String {
    let requests = Requests::new(&base.parse().unwrap());
    let request = requests.request(reqwest::Method::GET, format_args!("/v1/x/{}/y", Segment(segment)));
    request.build().unwrap().url().to_string()
}

/// A type that is written in one of serde's ways.
macro_rules! written {
    ($name:ident, $serializer:ident => $written:expr) => {
        struct $name;

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, $serializer: S) -> Result<S::Ok, S::Error> {
                $written
            }
        }
    };
}

written!(Nothing, s => s.serialize_unit());
written!(UnitStruct, s => s.serialize_unit_struct("UnitStruct"));
written!(Value, s => s.serialize_unit_variant("Kind", 1, "a value"));
written!(NewtypeOfNumber, s => s.serialize_newtype_struct("N", &5));
written!(NewtypeOfObject, s => s.serialize_newtype_struct("N", &Object));
written!(Variant, s => s.serialize_newtype_variant("Kind", 0, "ByName", "x y"));
written!(VariantOfObject, s => s.serialize_newtype_variant("Kind", 0, "ByName", &Object));
written!(OneTuple, s => { let mut t = s.serialize_tuple(1)?; t.serialize_element(&("a", "b"))?; t.end() });
written!(Text, s => s.collect_str(&format_args!("{}-{}", "a", 1)));
written!(Bytes, s => s.serialize_bytes(b"abc"));
written!(Object, s => {
    let mut object = s.serialize_struct("Object", 4)?;
    object.serialize_field("z", &1)?;
    object.serialize_field("a", "b c")?;
    object.serialize_field("none", &None::<i64>)?;
    object.serialize_field("some", &Some(true))?;
    object.end()
});
written!(ObjectOfLists, s => {
    let mut object = s.serialize_struct("ObjectOfLists", 1)?;
    object.serialize_field("list", &[1, 2][..])?;
    object.end()
});
written!(Map, s => {
    let mut map = s.serialize_map(None)?;
    map.serialize_entry("k &", &Value)?;
    map.serialize_entry(&7, &NewtypeOfNumber)?;
    map.serialize_entry(&'c', &UnitStruct)?;
    map.end()
});
written!(MapByHalves, s => {
    let mut map = s.serialize_map(Some(2))?;
    map.serialize_key("a")?;
    map.serialize_value(&1.5)?;
    map.serialize_key(&Value)?;
    map.serialize_value(&Nothing)?;
    map.end()
});
written!(MapOfKeys, s => { let mut map = s.serialize_map(None)?; map.serialize_entry(&None::<i64>, &1)?; map.end() });
written!(Mixed, s => {
    let mut list = s.serialize_seq(None)?;
    list.serialize_element("a")?;
    list.serialize_element(&None::<i64>)?;
    list.serialize_element(&Some(2))?;
    list.serialize_element(&Value)?;
    list.serialize_element(&NewtypeOfNumber)?;
    list.serialize_element(&UnitStruct)?;
    list.serialize_element(&0.5)?;
    list.end()
});
written!(Pairs, s => {
    let mut list = s.serialize_seq(None)?;
    list.serialize_element(&("a", 1))?;
    list.serialize_element(&None::<i64>)?;
    list.serialize_element(&Some(("b", "x/y")))?;
    list.end()
});

/// Compares how values are written with how they should be; `None` marks what cannot be written.
macro_rules! hold {
    ($of:expr; $($value:expr => $want:expr,)*) => {
        let mut wrong: Vec<String> = Vec::new();
        $(
            let (want, have): (Option<&str>, Option<String>) = ($want, $of(&$value));
            if have.as_deref() != want {
                wrong.push(format!("{} comes to {have:?} and not to {want:?}", stringify!($value)));
            }
        )*
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    };
}

fn named<T: Serialize>(value: &T) -> Option<String> {
    query("n", value)
}

#[test]
fn a_scalar_stands_beside_the_name() {
    hold! { named;
        true => Some("n=true"),
        false => Some("n=false"),
        i64::MIN => Some("n=-9223372036854775808"),
        u64::MAX => Some("n=18446744073709551615"),
        -1i8 => Some("n=-1"),
        1i16 => Some("n=1"),
        1i32 => Some("n=1"),
        255u8 => Some("n=255"),
        1u16 => Some("n=1"),
        1u32 => Some("n=1"),
        'x' => Some("n=x"),
        '&' => Some("n=%26"),
        "" => Some("n="),
        "a b+c&d=e%f/g?h#i~j*k-l.m_n" => Some("n=a+b%2Bc%26d%3De%25f%2Fg%3Fh%23i%7Ej*k-l.m_n"),
        "'\"<>`{}|\\^[]@:;,$!()" => Some("n=%27%22%3C%3E%60%7B%7D%7C%5C%5E%5B%5D%40%3A%3B%2C%24%21%28%29"),
        "ü€😀\u{0}\r\n\t\u{7f}" => Some("n=%C3%BC%E2%82%AC%F0%9F%98%80%00%0D%0A%09%7F"),
        String::from("owned") => Some("n=owned"),
        Some("x") => Some("n=x"),
        Some(Some(3)) => Some("n=3"),
        &&Some(&"x") => Some("n=x"),
        Text => Some("n=a-1"),
        Value => Some("n=a+value"),
        Bytes => None,
    }
}

#[test]
fn numbers_with_a_fraction_are_written_in_the_shortest_way() {
    hold! { named;
        0.0 => Some("n=0.0"),
        -0.0 => Some("n=-0.0"),
        1.0 => Some("n=1.0"),
        0.1 => Some("n=0.1"),
        -1.5 => Some("n=-1.5"),
        1e15 => Some("n=1000000000000000.0"),
        123456789012345.6 => Some("n=123456789012345.6"),
        1e16 => Some("n=1e16"),
        1.5e16 => Some("n=1.5e16"),
        1e21 => Some("n=1e21"),
        1.25e-5 => Some("n=0.0000125"),
        1e-5 => Some("n=0.00001"),
        1e-6 => Some("n=1e-6"),
        1.5e-7 => Some("n=1.5e-7"),
        f64::MAX => Some("n=1.7976931348623157e308"),
        f64::MIN_POSITIVE => Some("n=2.2250738585072014e-308"),
        5e-324 => Some("n=5e-324"),
        f64::NAN => Some("n=NaN"),
        f64::INFINITY => Some("n=inf"),
        f64::NEG_INFINITY => Some("n=-inf"),
        0.1f32 => Some("n=0.1"),
        1e12f32 => Some("n=1000000000000.0"),
        1e13f32 => Some("n=1e13"),
        16777216f32 => Some("n=16777216.0"),
        1e-5f32 => Some("n=0.00001"),
        1.5e-6f32 => Some("n=0.0000015"),
        1e-7f32 => Some("n=1e-7"),
        f32::MAX => Some("n=3.4028235e38"),
        f32::NEG_INFINITY => Some("n=-inf"),
    }
}

#[test]
fn nothing_is_left_out() {
    hold! { named;
        None::<&str> => Some("none"),
        Some(None::<i64>) => Some("none"),
        Nothing => Some("none"),
        UnitStruct => Some("none"),
        Vec::<i64>::new() => Some("none"),
        BTreeMap::<String, String>::new() => Some("none"),
        [0; 0] => Some("none"),
    }
}

#[test]
fn a_list_repeats_the_name() {
    hold! { named;
        vec![1, 2, 3] => Some("n=1&n=2&n=3"),
        Some(vec!["x y", "", "z"]) => Some("n=x+y&n=&n=z"),
        Mixed => Some("n=a&n=2&n=a+value&n=5&n=UnitStruct&n=0.5"),
        vec![vec![1]] => None,
        vec![Object] => None,
        vec![Nothing] => None,
        vec![("a", "b")] => None,
    }
}

#[test]
fn the_properties_of_an_object_stand_under_their_own_names() {
    hold! { named;
        Object => Some("z=1&a=b+c&some=true"),
        Some(&Object) => Some("z=1&a=b+c&some=true"),
        NewtypeOfObject => Some("z=1&a=b+c&some=true"),
        Variant => Some("ByName=x+y"),
        Map => Some("k+%26=a+value&7=5&c=UnitStruct"),
        BTreeMap::from([("b", 2), ("a", 1)]) => Some("a=1&b=2"),
        BTreeMap::from([("b", None), ("a", Some(1))]) => Some("a=1"),
        ObjectOfLists => None,
        VariantOfObject => None,
        MapByHalves => None,
        MapOfKeys => None,
        NewtypeOfNumber => None,
    }
}

#[test]
fn a_tuple_is_one_of_pairs() {
    hold! { named;
        OneTuple => Some("a=b"),
        [("a", "b"), ("c", "d")] => Some("a=b&c=d"),
        (1, 2) => None,
        ("a", "b") => None,
        [1, 2] => None,
    }
}

#[test]
fn a_name_is_escaped_as_a_value_is() {
    let named = |name: &&'static str| query(name, &1);
    hold! { named;
        "limit" => Some("limit=1"),
        "it's" => Some("it%27s=1"),
        "filter[name]" => Some("filter%5Bname%5D=1"),
        "a b&c=d" => Some("a+b%26c%3Dd=1"),
        "ключ" => Some("%D0%BA%D0%BB%D1%8E%D1%87=1"),
        "" => Some("=1"),
    }
}

#[test]
fn a_form_holds_the_properties_of_the_body() {
    hold! { form;
        Object => Some("z=1&a=b+c&some=true"),
        Some(&Object) => Some("z=1&a=b+c&some=true"),
        NewtypeOfObject => Some("z=1&a=b+c&some=true"),
        Map => Some("k+%26=a+value&7=5&c=UnitStruct"),
        BTreeMap::from([("b", 0.5), ("a", 1e16)]) => Some("a=1e16&b=0.5"),
        BTreeMap::from([("&", "ü ~*'")]) => Some("%26=%C3%BC+%7E*%27"),
        BTreeMap::<String, String>::new() => Some(""),
        None::<i64> => Some(""),
        Nothing => Some(""),
        UnitStruct => Some(""),
        Pairs => Some("a=1&b=x%2Fy"),
        OneTuple => Some("a=b"),
        ObjectOfLists => None,
        VariantOfObject => None,
        Variant => None,
        NewtypeOfNumber => None,
        Value => None,
        MapByHalves => None,
        MapOfKeys => None,
        Mixed => None,
        Bytes => None,
        vec![1] => None,
        "text" => None,
        1 => None,
        true => None,
        'c' => None,
        1.5 => None,
    }
}

#[test]
fn a_path_argument_stays_one_segment() {
    for base in ["http://127.0.0.1", "http://127.0.0.1/", "http://127.0.0.1/gate%20way", "http://127.0.0.1/gate%20way/"]
    {
        for (segment, want) in [
            ("", ""),
            ("3f2504e0-4f89", "3f2504e0-4f89"),
            ("a/b c%20", "a%2Fb%20c%2520"),
            ("\"#<>?`{}", "%22%23%3C%3E%3F%60%7B%7D"),
            ("!$&'()*+,;=:@~^|[]", "!$&'()*+,;=:@~^|[]"),
            ("ü€\u{0}\u{1f}\u{7f}\r\n\t", "%C3%BC%E2%82%AC%00%1F%7F%0D%0A%09"),
            ("%2e%2e", "%252e%252e"),
            ("...", "..."),
        ] {
            let prefix = if base.contains("gate") { "/gate%20way" } else { "" };
            assert_eq!(path(base, segment), format!("http://127.0.0.1{prefix}/v1/x/{want}/y"));
        }
    }
}
