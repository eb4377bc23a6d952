//! Parameters: those of the path go by position, the others by name.

use super::change::Recorder;
use super::compose::{self, Place};
use super::operations::subject;
use super::resolve::{Document, Operation, Pair, essence, items};
use super::uses::Use;
use crate::naming::{field, pascal};
use serde_json::Value;
use std::collections::BTreeMap;

type Key<'a> = (&'a str, &'a str);

pub fn compare<'a>(pair: &Pair<'a>, recorder: &mut Recorder<'a>, old: &Operation<'a>, new: &Operation<'a>) {
    let (before, mut after) = (effective(&pair.old, old), effective(&pair.new, new));
    let both = |key: &Key<'_>| [&before, &after].iter().all(|all| all.get(key).is_some_and(|one| required(one)));
    let order = |document: &Document<'a>, operation: &Operation<'a>| -> Vec<&'a str> {
        let of_new = listed(document, operation).into_iter().filter(|((place, _), _)| *place != "path");
        of_new.filter(|(key, _)| both(key)).map(|((_, name), _)| name).collect()
    };
    let (earlier, later) = (order(&pair.old, old), order(&pair.new, new));
    if earlier != later {
        let text =
            format!("the required parameters came as `{}` and come as `{}`", earlier.join("`, `"), later.join("`, `"));
        recorder.add(subject(new), "parameters-reordered", text, vec![format!("{}::new", new.request_type())]);
    }
    let in_path = |path: &'a str| path.split('{').skip(1).filter_map(|part| part.split('}').next());
    let by_position: BTreeMap<&str, &str> = in_path(old.path).zip(in_path(new.path)).collect();
    for ((place, name), parameter) in before {
        let new_name = if place == "path" { by_position.get(name).copied().unwrap_or(name) } else { name };
        let Some(now) = after.remove(&(place, new_name)) else {
            note(recorder, new, "parameter-removed", format!("the {place} parameter `{name}` is gone"), name);
            continue;
        };
        if new_name != name {
            let text = format!("the path parameter `{name}` is called `{new_name}`");
            note(recorder, new, "path-parameter-renamed", text, new_name);
            let id_type =
                |document: &'a Value, name: &str| document.get("x-id-types").and_then(|types| types.get(name));
            if id_type(pair.old.value, name) != id_type(pair.new.value, new_name) {
                let text = format!("the path parameter `{new_name}` has another identifier type than `{name}` had");
                note(recorder, new, "id-type-changed", text, new_name);
            }
        }
        one(pair, recorder, new, (place, new_name), (parameter, now));
    }
    for ((place, name), parameter) in after {
        let rule = if required(parameter) { "parameter-added-required" } else { "parameter-added" };
        let text = if required(parameter) { "is new and required" } else { "is new" };
        note(recorder, new, rule, format!("the {place} parameter `{name}` {text}"), name);
    }
}

fn one<'a>(
    pair: &Pair<'a>,
    recorder: &mut Recorder<'a>,
    operation: &Operation<'a>,
    (place, name): Key<'_>,
    (old, new): (&'a Value, &'a Value),
) {
    match (required(old), required(new)) {
        (false, true) => {
            note(
                recorder,
                operation,
                "parameter-now-required",
                format!("the {place} parameter `{name}` is now required"),
                name,
            );
        }
        (true, false) => {
            note(
                recorder,
                operation,
                "parameter-now-optional",
                format!("the {place} parameter `{name}` is now optional"),
                name,
            );
        }
        _ => {}
    }
    for key in ["description", "deprecated", "example"] {
        if old.get(key) != new.get(key) {
            note(
                recorder,
                operation,
                "text-changed",
                format!("the {place} parameter `{name}` has another `{key}`"),
                name,
            );
        }
    }
    let form = |parameter: &Value| {
        let mut rest = essence(parameter);
        if let Some(map) = rest.as_object_mut() {
            for known in ["name", "in", "required", "schema", "deprecated"] {
                map.remove(known);
            }
        }
        rest
    };
    if form(old) != form(new) {
        note(
            recorder,
            operation,
            "other-changed",
            format!("the {place} parameter `{name}` is written in another form"),
            name,
        );
    }
    let item = format!("{}::{}", operation.request_type(), field(name));
    let type_name = format!("{}{}", pascal(&operation.id), pascal(name));
    let inner = Place::part(subject(operation), Use::REQUEST, format!("{place} parameter {name}"), type_name, item);
    compose::optional_part(pair, recorder, &inner, old.get("schema"), new.get("schema"));
}

fn note(recorder: &mut Recorder<'_>, operation: &Operation<'_>, rule: &str, text: String, name: &str) {
    let item = format!("{}::{}", operation.request_type(), field(name));
    recorder.add(subject(operation), rule, text, vec![item]);
}

fn required(parameter: &Value) -> bool {
    parameter.get("required") == Some(&Value::Bool(true))
}

/// Those of the path item and those of the operation, which win.
fn effective<'a>(document: &Document<'a>, operation: &Operation<'a>) -> BTreeMap<Key<'a>, &'a Value> {
    listed(document, operation).into_iter().collect()
}

/// The parameters in the order of the document, which is that of the arguments of `new`.
fn listed<'a>(document: &Document<'a>, operation: &Operation<'a>) -> Vec<(Key<'a>, &'a Value)> {
    let all = items(operation.item, "parameters").iter().chain(items(operation.value, "parameters"));
    all.filter_map(|parameter| {
        let parameter = document.resolve(parameter);
        Some(((parameter.get("in")?.as_str()?, parameter.get("name")?.as_str()?), parameter))
    })
    .collect()
}
