//! Our own extensions: an invalid value, or a key that is almost one of them, would be ignored silently.

use super::Finding;
use super::walk::{operations, schemas};
use crate::openapi::{child, entries, items};
use serde_json::{Map, Value};

enum Form {
    Flag,
    Text,
    Texts,
    OneOf(&'static [&'static str]),
    /// Read and checked elsewhere.
    Any,
}

use Form::{Any, Flag, OneOf, Text, Texts};

/// What the generator, the emulator and the tools read.
const KNOWN: [(&str, Form); 19] = [
    ("x-aliases", Texts),
    ("x-always", Flag),
    ("x-body-on-get", Flag),
    ("x-confidence", OneOf(&["live-verified", "sdk"])),
    ("x-empty-body-as", Text),
    ("x-empty-if-missing", Flag),
    ("x-envelope", Text),
    ("x-example", Any),
    ("x-id-types", Any),
    ("x-idempotent", Flag),
    ("x-ignore-content", Flag),
    ("x-known-values", Texts),
    ("x-lock-conflict", Flag),
    ("x-multi-segment", Flag),
    ("x-pagination", Any),
    ("x-required-in-requests", Texts),
    ("x-rust-doc", Text),
    ("x-rust-name", Text),
    ("x-union-key", Text),
];

/// Widely used keys with a different meaning, which are not typos.
const OF_OTHERS: [&str; 1] = ["x-examples"];

pub fn check(document: &Value, findings: &mut Vec<Finding>) {
    of_holder(document.as_object(), "", findings);
    for operation in operations(document) {
        of_holder(operation.value.as_object(), &operation.pointer, findings);
        parameters(operation.value, &operation.pointer, findings);
    }
    for (path, item) in entries(document, "paths") {
        parameters(item, &child("/paths", path), findings);
    }
    for (name, parameter) in document.get("components").into_iter().flat_map(|all| entries(all, "parameters")) {
        of_holder(parameter.as_object(), &child("/components/parameters", name), findings);
    }
    for schema in schemas(document) {
        of_holder(Some(schema.map), &schema.pointer, findings);
    }
}

fn parameters(holder: &Value, pointer: &str, findings: &mut Vec<Finding>) {
    for (index, parameter) in items(holder, "parameters").iter().enumerate() {
        of_holder(parameter.as_object(), &format!("{pointer}/parameters/{index}"), findings);
    }
}

fn of_holder(holder: Option<&Map<String, Value>>, pointer: &str, findings: &mut Vec<Finding>) {
    for (key, value) in holder.into_iter().flatten().filter(|(key, _)| key.starts_with("x-")) {
        let place = child(pointer, key);
        match KNOWN.iter().find(|(known, _)| known == key) {
            Some((_, form)) => findings.extend(refused(form, value).map(|wanted| {
                let message = format!("`{key}` is {value}, which is not a valid value; it must be {wanted}.");
                Finding::fatal(place, message)
            })),
            None if OF_OTHERS.contains(&key.as_str()) => {}
            None => findings.extend(KNOWN.iter().find(|(known, _)| is_slip(key, known)).map(|(known, _)| {
                Finding::fatal(place, format!("nothing reads `{key}`; write `{known}`, if that is meant."))
            })),
        }
    }
}

/// What a value should be, if it is not that.
fn refused(form: &Form, value: &Value) -> Option<String> {
    let (fits, wanted) = match form {
        Flag => (value.is_boolean(), "true or false".to_owned()),
        Text => (value.as_str().is_some_and(|text| !text.trim().is_empty()), "a string".to_owned()),
        Texts => {
            (value.as_array().is_some_and(|values| values.iter().all(Value::is_string)), "a list of strings".to_owned())
        }
        OneOf(known) => {
            let fits = value.as_str().is_some_and(|text| known.contains(&text));
            (fits, known.iter().map(|known| format!("`{known}`")).collect::<Vec<_>>().join(" or "))
        }
        Any => return None,
    };
    (!fits).then_some(wanted)
}

/// Whether two keys differ by at most two letters, ignoring separators between the words.
fn is_slip(key: &str, known: &str) -> bool {
    let letters = |text: &str| -> Vec<char> { text.chars().filter(|c| c.is_alphanumeric()).collect() };
    let (key, known) = (letters(&key.to_ascii_lowercase()), letters(known));
    let mut row: Vec<usize> = (0..=known.len()).collect();
    for (index, letter) in key.iter().enumerate() {
        let mut before = std::mem::replace(&mut row[0], index + 1);
        for at in 0..known.len() {
            let (left, above) = (row[at], row[at + 1]);
            row[at + 1] = (before + usize::from(*letter != known[at])).min(left + 1).min(above + 1);
            before = above;
        }
    }
    row[known.len()] <= 2
}
