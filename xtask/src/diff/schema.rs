//! Compares two schemas: first their kind, then their parts.

use super::change::Recorder;
use super::flat::{Flat, all_properties, flat};
use super::place::Place;
use super::resolve::{Pair, reference};
use super::rules::Rule;
use super::scalars;
use crate::naming::pascal;
use crate::openapi::essence;
use serde_json::Value;
use std::collections::BTreeMap;

pub fn schema<'a>(pair: &Pair<'a>, recorder: &mut Recorder<'a>, place: &Place, old: &'a Value, new: &'a Value) {
    match (reference(old), reference(new)) {
        (Some(before), Some(after)) => {
            let same = before == after || recorder.renamed.get(before) == Some(&after);
            if !same {
                place.note(recorder, Rule::TypeChanged, &format!("was `{before}` and is `{after}`"));
            }
            scalars::nullable(recorder, place, old, new);
            scalars::texts(recorder, place, old, new);
        }
        (None, None) => {
            // The parts of an `allOf` form one object, however it is divided.
            let (old, new) = (flat(pair.old.value, old), flat(pair.new.value, new));
            inline(pair, recorder, place, &old, &new);
        }
        (before, after) => {
            let show =
                |name: Option<&str>, schema| name.map_or_else(|| scalars::kind(schema), |name| format!("`{name}`"));
            let text = format!("was {} and is {}", show(before, old), show(after, new));
            place.note(recorder, Rule::TypeChanged, &text);
        }
    }
}

/// A part that exists on one side, both or neither.
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
            place.note(recorder, Rule::TypeChanged, &format!("was {} and is anything", scalars::kind(old)))
        }
        (None, Some(new)) => {
            place.note(recorder, Rule::TypeChanged, &format!("was anything and is {}", scalars::kind(new)))
        }
        (None, None) => {}
    }
}

fn inline<'a>(pair: &Pair<'a>, recorder: &mut Recorder<'a>, place: &Place, old: &Flat<'a>, new: &Flat<'a>) {
    if scalars::kind_of(old) != scalars::kind_of(new) {
        let text = format!("was {} and is {}", scalars::kind_of(old), scalars::kind_of(new));
        place.note(recorder, Rule::TypeChanged, &text);
        return;
    }
    let makes_type =
        |schema: &Flat<'_>| ["properties", "enum", "oneOf", "anyOf"].iter().any(|key| schema.contains_key(key));
    // A component has its own name, unless the overlay chose a different one.
    let title = |schema: &Flat<'a>| {
        let title = schema.get("title").filter(|_| !place.component);
        schema.get("x-rust-name").or(title).and_then(|title| title.as_str())
    };
    let mut place = place.clone();
    if title(old) != title(new) && makes_type(old) {
        let show = |title: Option<&str>| title.map_or("no title".to_owned(), |title| format!("the title `{title}`"));
        let text = format!("had {} and has {}", show(title(old)), show(title(new)));
        let named = |title: Option<&str>| title.map_or_else(|| place.type_name.clone(), pascal);
        let types = [named(title(old)), named(title(new))].map(|name| format!("types::{name}"));
        let items = std::iter::once(place.item().to_owned()).chain(types).collect();
        place.note_items(recorder, Rule::TitleChanged, &text, items);
    }
    if let Some(title) = title(new) {
        place.type_name = pascal(title);
    }
    scalars::compare(recorder, &place, old, new);
    properties(pair, recorder, &place, old, new);
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
        place.note_type(recorder, Rule::VariantRemoved, &format!("lost the variant {name}"));
    }
    for (_, name) in new.iter().filter(|(shape, _)| !old.iter().any(|(other, _)| other == shape)) {
        place.note_type(recorder, Rule::VariantAdded, &format!("got the variant {name}"));
    }
}

fn branch_name(branch: &Value) -> String {
    let title = branch.get("title").and_then(Value::as_str);
    reference(branch).or(title).map_or_else(|| scalars::kind(branch), |name| format!("`{name}`"))
}

/// The properties of an object.
fn properties<'a>(pair: &Pair<'a>, recorder: &mut Recorder<'a>, place: &Place, old: &Flat<'a>, new: &Flat<'a>) {
    let (old, new) = (all_properties(pair.old.value, old), all_properties(pair.new.value, new));
    for (name, (before, was_required)) in &old {
        let Some((after, is_required)) = new.get(name) else {
            place.property(name, false).note(recorder, Rule::PropertyRemoved, "is gone");
            continue;
        };
        let inner = place.property(name, !*was_required && !*is_required);
        match (*was_required, *is_required) {
            (false, true) => inner.note(recorder, Rule::PropertyNowRequired, "is now required"),
            (true, false) => inner.note(recorder, Rule::PropertyNowOptional, "is now optional"),
            _ => {}
        }
        schema(pair, recorder, &inner, before, after);
    }
    for (name, (_, required)) in new.iter().filter(|(name, _)| !old.contains_key(*name)) {
        let rule = if *required { Rule::PropertyAddedRequired } else { Rule::PropertyAdded };
        place.property(name, false).note(recorder, rule, if *required { "is new and required" } else { "is new" });
    }
}
