//! Parameters: path parameters are matched by position, others by name.

use super::change::{Recorder, Subject};
use super::place::Place;
use super::resolve::{Document, Operation, Pair};
use super::rules::Rule;
use super::schema;
use crate::codegen::uses::Use;
use crate::naming::{field, pascal};
use crate::openapi::{essence, items};
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
        recorder.add(Subject::of(new), Rule::ParametersReordered, text, vec![format!("{}::new", new.request_type())]);
    }
    let in_path = |path: &'a str| path.split('{').skip(1).filter_map(|part| part.split('}').next());
    let by_position: BTreeMap<&str, &str> = in_path(old.path).zip(in_path(new.path)).collect();
    for ((place, name), parameter) in before {
        let new_name = if place == "path" { by_position.get(name).copied().unwrap_or(name) } else { name };
        let Some(now) = after.remove(&(place, new_name)) else {
            note(recorder, new, Rule::ParameterRemoved, format!("the {place} parameter `{name}` is gone"), name);
            continue;
        };
        if new_name != name {
            let text = format!("the path parameter `{name}` is called `{new_name}`");
            note(recorder, new, Rule::PathParameterRenamed, text, new_name);
            let id_type =
                |document: &'a Value, name: &str| document.get("x-id-types").and_then(|types| types.get(name));
            if id_type(pair.old.value, name) != id_type(pair.new.value, new_name) {
                let text = format!("the path parameter `{new_name}` has another identifier type than `{name}` had");
                note(recorder, new, Rule::IdTypeChanged, text, new_name);
            }
        }
        one(pair, recorder, new, (place, new_name), (parameter, now));
    }
    for ((place, name), parameter) in after {
        let rule = if required(parameter) { Rule::ParameterAddedRequired } else { Rule::ParameterAdded };
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
                Rule::ParameterNowRequired,
                format!("the {place} parameter `{name}` is now required"),
                name,
            );
        }
        (true, false) => {
            note(
                recorder,
                operation,
                Rule::ParameterNowOptional,
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
                Rule::TextChanged,
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
            Rule::OtherChanged,
            format!("the {place} parameter `{name}` is written in another form"),
            name,
        );
    }
    let item = format!("{}::{}", operation.request_type(), field(name));
    let type_name = format!("{}{}", pascal(&operation.id), pascal(name));
    let inner = Place::part(Subject::of(operation), Use::REQUEST, format!("{place} parameter {name}"), type_name, item);
    schema::optional_part(pair, recorder, &inner, old.get("schema"), new.get("schema"));
}

fn note(recorder: &mut Recorder<'_>, operation: &Operation<'_>, rule: Rule, text: String, name: &str) {
    let item = format!("{}::{}", operation.request_type(), field(name));
    recorder.add(Subject::of(operation), rule, text, vec![item]);
}

fn required(parameter: &Value) -> bool {
    parameter.get("required") == Some(&Value::Bool(true))
}

/// Those of the path item and those of the operation, which take precedence.
fn effective<'a>(document: &Document<'a>, operation: &Operation<'a>) -> BTreeMap<Key<'a>, &'a Value> {
    listed(document, operation).into_iter().collect()
}

/// The parameters in document order, which is the argument order of `new`.
fn listed<'a>(document: &Document<'a>, operation: &Operation<'a>) -> Vec<(Key<'a>, &'a Value)> {
    let all = items(operation.item, "parameters").iter().chain(items(operation.value, "parameters"));
    all.filter_map(|parameter| {
        let parameter = document.resolve(parameter);
        Some(((parameter.get("in")?.as_str()?, parameter.get("name")?.as_str()?), parameter))
    })
    .collect()
}
