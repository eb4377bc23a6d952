//! How values of each kind are written in the query of a URL.

use std::collections::BTreeMap;

use serde_json::json;

use super::{RequestBuilder, Requests, Segment};
use crate::Patch;
use crate::ser::{Out, Writable, open_object, written};
use crate::types::WorkspaceState;

fn begin(base: &str) -> RequestBuilder {
    Requests::new(&base.parse().unwrap()).request(reqwest::Method::GET, format_args!("/x"))
}

fn query(name: &'static str, value: &dyn Writable) -> Option<String> {
    let mut request = begin("http://127.0.0.1/");
    request.query(name, value);
    Some(request.build().ok()?.url().query().unwrap_or("none").to_owned())
}

fn form(value: &dyn Writable) -> Option<String> {
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

struct Object {
    z: i64,
    a: String,
    none: Option<i64>,
    some: Option<bool>,
    patch: Patch<String>,
}

written! { Object { "z" .z, "a" .a, "none" .none, "some" .some, "patch" .patch, } }

fn object() -> Object {
    Object { z: 1, a: text("b c"), none: None, some: Some(true), patch: Patch::Absent }
}

struct ObjectOfLists {
    list: Vec<i64>,
}

written! { ObjectOfLists { "list" .list, } }

/// Its own properties, and some that have no field.
struct OpenObject(BTreeMap<String, String>);

impl Writable for OpenObject {
    fn write(&self, out: &mut dyn Out) {
        open_object(out, &["n"], &[&1i64], &mut |entry| self.0.iter().for_each(|(name, value)| entry(name, value)));
    }
}

fn text(text: &str) -> String {
    text.to_owned()
}

fn map<T, const N: usize>(entries: [(&str, T); N]) -> BTreeMap<String, T> {
    entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

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

fn named(value: &dyn Writable) -> Option<String> {
    query("n", value)
}

#[test]
fn a_scalar_follows_its_name() {
    hold! { named;
        true => Some("n=true"),
        false => Some("n=false"),
        i64::MIN => Some("n=-9223372036854775808"),
        u64::MAX => Some("n=18446744073709551615"),
        1i32 => Some("n=1"),
        1u32 => Some("n=1"),
        text("") => Some("n="),
        text("&") => Some("n=%26"),
        text("a b+c&d=e%f/g?h#i~j*k-l.m_n") => Some("n=a+b%2Bc%26d%3De%25f%2Fg%3Fh%23i%7Ej*k-l.m_n"),
        text("'\"<>`{}|\\^[]@:;,$!()") => Some("n=%27%22%3C%3E%60%7B%7D%7C%5C%5E%5B%5D%40%3A%3B%2C%24%21%28%29"),
        text("ü€😀\u{0}\r\n\t\u{7f}") => Some("n=%C3%BC%E2%82%AC%F0%9F%98%80%00%0D%0A%09%7F"),
        Some(text("x")) => Some("n=x"),
        Some(Some(3i64)) => Some("n=3"),
        &&Some(&text("x")) => Some("n=x"),
        WorkspaceState::Active => Some("n=ACTIVE"),
        Patch::Value(text("x")) => Some("n=x"),
        json!("a b") => Some("n=a+b"),
        json!(-1) => Some("n=-1"),
        json!(u64::MAX) => Some("n=18446744073709551615"),
        json!(1.5) => Some("n=1.5"),
        json!(0.0000125) => Some("n=0.0000125"),
        json!(true) => Some("n=true"),
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
fn empty_values_are_left_out() {
    hold! { named;
        None::<String> => Some("none"),
        Some(None::<i64>) => Some("none"),
        Patch::<String>::Absent => Some("none"),
        Patch::<String>::Null => Some("none"),
        json!(null) => Some("none"),
        Vec::<i64>::new() => Some("none"),
        BTreeMap::<String, String>::new() => Some("none"),
    }
}

#[test]
fn a_list_repeats_the_name() {
    hold! { named;
        vec![1i64, 2, 3] => Some("n=1&n=2&n=3"),
        Some(vec![text("x y"), text(""), text("z")]) => Some("n=x+y&n=&n=z"),
        vec![Some(1i64), None, Some(2)] => Some("n=1&n=2"),
        vec![0.5, 1e16] => Some("n=0.5&n=1e16"),
        json!(["a", 1, true]) => Some("n=a&n=1&n=true"),
        vec![vec![1i64]] => None,
        vec![object()] => None,
        json!([null]) => None,
        json!([["a", "b"]]) => None,
    }
}

#[test]
fn the_properties_of_an_object_have_their_own_names() {
    hold! { named;
        object() => Some("z=1&a=b+c&some=true"),
        Some(&object()) => Some("z=1&a=b+c&some=true"),
        OpenObject(map([("k &", text("ü"))])) => Some("n=1&k+%26=%C3%BC"),
        map([("b", 2i64), ("a", 1)]) => Some("a=1&b=2"),
        map([("b", None), ("a", Some(1i64))]) => Some("a=1"),
        json!({"b": 1.5, "c": "x"}) => Some("b=1.5&c=x"),
        ObjectOfLists { list: vec![1] } => None,
        map([("a", object())]) => None,
        json!({"a": null}) => None,
    }
}

#[test]
fn names_are_escaped_like_values() {
    let named = |name: &&'static str| query(name, &1i64);
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
fn a_form_contains_the_properties_of_the_body() {
    hold! { form;
        object() => Some("z=1&a=b+c&some=true"),
        Some(&object()) => Some("z=1&a=b+c&some=true"),
        OpenObject(map([("k &", text("ü"))])) => Some("n=1&k+%26=%C3%BC"),
        map([("b", 0.5), ("a", 1e16)]) => Some("a=1e16&b=0.5"),
        map([("&", text("ü ~*'"))]) => Some("%26=%C3%BC+%7E*%27"),
        BTreeMap::<String, String>::new() => Some(""),
        None::<i64> => Some(""),
        json!(null) => Some(""),
        Vec::<i64>::new() => Some(""),
        vec![None::<i64>] => Some(""),
        ObjectOfLists { list: vec![] } => None,
        map([("a", object())]) => None,
        vec![object()] => None,
        vec![1i64] => None,
        vec![vec![text("a"), text("b")]] => None,
        json!([null]) => None,
        text("text") => None,
        1i64 => None,
        true => None,
        1.5 => None,
        WorkspaceState::Active => None,
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
