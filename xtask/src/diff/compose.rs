//! One schema against another: what kind it is, and down into its parts.

use super::change::{Recorder, Subject};
use super::resolve::{Pair, essence, items, reference};
use super::uses::Use;
use super::{properties, scalars};
use crate::naming::{field, pascal};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Where a schema is, on both sides of the comparison.
#[derive(Clone)]
pub struct Place {
    pub subject: Subject,
    pub used: Use,
    /// The type that an object or enum of this place makes, as the generator names it.
    pub type_name: String,
    /// The way to here inside of the subject, for people.
    path: String,
    /// The Rust item that holds this place: a type or a field.
    item: String,
    /// An optional property: it is an `Option` whether it is nullable or not.
    pub optional: bool,
    /// A component: the name of its type is not its title.
    component: bool,
}

impl Place {
    /// A component schema.
    pub fn root(subject: Subject, used: Use, type_name: String) -> Self {
        let item = format!("types::{type_name}");
        Self { subject, used, type_name, path: String::new(), item, optional: false, component: true }
    }

    /// The schema of a parameter, body or answer, which is called `path`.
    pub fn part(subject: Subject, used: Use, path: String, type_name: String, item: String) -> Self {
        Self { subject, used, type_name, path, item, optional: false, component: false }
    }

    pub fn property(&self, name: &str, optional: bool) -> Self {
        let path = if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) };
        Self {
            path,
            item: format!("types::{}::{}", self.type_name, field(name)),
            type_name: format!("{}{}", self.type_name, pascal(name)),
            optional,
            component: false,
            ..self.clone()
        }
    }

    fn below(&self, mark: &str, suffix: &str) -> Self {
        Self {
            path: format!("{}{mark}", self.path),
            type_name: format!("{}{suffix}", self.type_name),
            optional: false,
            component: false,
            ..self.clone()
        }
    }

    /// Records a change of this place.
    pub fn note(&self, recorder: &mut Recorder<'_>, rule: &str, text: &str) {
        self.note_items(recorder, rule, text, vec![self.item.clone()]);
    }

    pub fn note_items(&self, recorder: &mut Recorder<'_>, rule: &str, text: &str, items: Vec<String>) {
        let text = if self.path.is_empty() { text.to_owned() } else { format!("`{}` {text}", self.path) };
        recorder.add_used(self.subject.clone(), rule, self.used, text, items);
    }
}

pub fn schema<'a>(pair: &Pair<'a>, recorder: &mut Recorder<'a>, place: &Place, old: &'a Value, new: &'a Value) {
    match (reference(old), reference(new)) {
        (Some(before), Some(after)) => {
            let same = before == after || recorder.renamed.get(before) == Some(&after);
            if !same {
                place.note(recorder, "type-changed", &format!("was `{before}` and is `{after}`"));
            }
            scalars::nullable(recorder, place, old, new);
            scalars::texts(recorder, place, old, new);
        }
        (None, None) => {
            // What `allOf` puts together is one object, however it is cut.
            let (old, new) = (flat(pair.old.value, old), flat(pair.new.value, new));
            inline(pair, recorder, place, &old, &new);
        }
        (before, after) => {
            let show =
                |name: Option<&str>, schema| name.map_or_else(|| scalars::kind(schema), |name| format!("`{name}`"));
            let text = format!("was {} and is {}", show(before, old), show(after, new));
            place.note(recorder, "type-changed", &text);
        }
    }
}

/// A part that is there on one side, on both or on none.
pub fn optional_part<'a>(
    pair: &Pair<'a>,
    recorder: &mut Recorder<'a>,
    place: &Place,
    old: Option<&'a Value>,
    new: Option<&'a Value>,
) {
    match (old, new) {
        (Some(old), Some(new)) => schema(pair, recorder, place, old, new),
        (Some(old), None) => {
            place.note(recorder, "type-changed", &format!("was {} and is anything", scalars::kind(old)))
        }
        (None, Some(new)) => {
            place.note(recorder, "type-changed", &format!("was anything and is {}", scalars::kind(new)))
        }
        (None, None) => {}
    }
}

fn inline<'a>(pair: &Pair<'a>, recorder: &mut Recorder<'a>, place: &Place, old: &Flat<'a>, new: &Flat<'a>) {
    if scalars::kind_of(old) != scalars::kind_of(new) {
        let text = format!("was {} and is {}", scalars::kind_of(old), scalars::kind_of(new));
        place.note(recorder, "type-changed", &text);
        return;
    }
    let makes_type = |schema: &Flat<'_>| schema.contains_key("properties") || schema.contains_key("enum");
    // A component has its own name, unless the overlay chose another.
    let title = |schema: &Flat<'a>| {
        let title = schema.get("title").filter(|_| !place.component);
        schema.get("x-rust-name").or(title).and_then(|title| title.as_str())
    };
    let mut place = place.clone();
    if title(old) != title(new) && makes_type(old) {
        let show = |title: Option<&str>| title.map_or("no title".to_owned(), |title| format!("the title `{title}`"));
        place.note(recorder, "title-changed", &format!("had {} and has {}", show(title(old)), show(title(new))));
    }
    if let Some(title) = title(new) {
        place.type_name = pascal(title);
    }
    scalars::compare(recorder, &place, old, new);
    properties::compare(pair, recorder, &place, old, new);
    let part = |schema: &Flat<'a>, key: &str| schema.get(key).copied();
    optional_part(pair, recorder, &place.below("[]", "Item"), part(old, "items"), part(new, "items"));
    let values = |schema: &Flat<'a>| part(schema, "additionalProperties").filter(|values| values.is_object());
    optional_part(pair, recorder, &place.below("{}", "Value"), values(old), values(new));
    for key in ["oneOf", "anyOf"] {
        union(recorder, &place, part(old, key), part(new, key));
    }
}

fn union(recorder: &mut Recorder<'_>, place: &Place, old: Option<&Value>, new: Option<&Value>) {
    let branches = |value: Option<&Value>, renamed: &BTreeMap<&str, &str>| -> Vec<(String, String)> {
        let list = value.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let key = |branch: &Value| match reference(branch) {
            Some(name) => (*renamed.get(name).unwrap_or(&name)).to_owned(),
            None => essence(branch).to_string(),
        };
        list.iter().map(|branch| (key(branch), branch_name(branch))).collect()
    };
    let (old, new) = (branches(old, &recorder.renamed), branches(new, &BTreeMap::new()));
    for (_, name) in old.iter().filter(|(shape, _)| !new.iter().any(|(other, _)| other == shape)) {
        place.note(recorder, "variant-removed", &format!("lost the variant {name}"));
    }
    for (_, name) in new.iter().filter(|(shape, _)| !old.iter().any(|(other, _)| other == shape)) {
        place.note(recorder, "variant-added", &format!("got the variant {name}"));
    }
}

fn branch_name(branch: &Value) -> String {
    let title = branch.get("title").and_then(Value::as_str);
    reference(branch).or(title).map_or_else(|| scalars::kind(branch), |name| format!("`{name}`"))
}

/// A schema whose `allOf` is merged into it.
pub type Flat<'a> = BTreeMap<&'a str, &'a Value>;

/// Properties and required names of the parts are found by [`all_properties`]; here the first to say something wins.
fn flat<'a>(document: &'a Value, schema: &'a Value) -> Flat<'a> {
    let mut merged = Flat::new();
    for part in parts(document, schema) {
        for (key, value) in part.iter().filter(|(key, _)| *key != "allOf") {
            merged.entry(key.as_str()).or_insert(value);
        }
    }
    // The whole `allOf` stays reachable for the properties.
    merged.insert("", schema);
    merged
}

/// The properties of a schema and of all parts of its `allOf`, with whether they are required.
pub fn all_properties<'a>(document: &'a Value, schema: &Flat<'a>) -> BTreeMap<&'a str, (&'a Value, bool)> {
    let parts = schema.get("").map(|schema| parts(document, schema)).unwrap_or_default();
    let required: Vec<&str> = parts
        .iter()
        .flat_map(|part| part.get("required").and_then(Value::as_array).into_iter().flatten())
        .filter_map(Value::as_str)
        .collect();
    let properties =
        parts.iter().flat_map(|part| part.get("properties").and_then(Value::as_object).into_iter().flatten());
    properties.map(|(name, value)| (name.as_str(), (value, required.contains(&name.as_str())))).collect()
}

fn parts<'a>(document: &'a Value, schema: &'a Value) -> Vec<&'a Map<String, Value>> {
    let mut found: Vec<&'a Map<String, Value>> = Vec::new();
    // Each target once: a circle that branches would never end.
    let mut seen = BTreeSet::new();
    let mut waiting = vec![schema];
    while let Some(schema) = waiting.pop() {
        let reference = schema.get("$ref").and_then(Value::as_str);
        if let Some(target) = reference.and_then(|text| document.pointer(text.strip_prefix('#')?)) {
            if seen.insert(reference) {
                waiting.push(target);
            }
        } else if let Some(map) = schema.as_object() {
            found.push(map);
        }
        waiting.extend(items(schema, "allOf").iter().rev());
    }
    found
}
