//! Applies an overlay: objects merge, lists grow, scalars are replaced, exactly as the standard says.

use super::{Action, Change, Overlay};
use serde_json::Value;

/// A rule that does not fit the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// File and line of the rule.
    pub place: String,
    pub target: String,
    /// The JSON pointer of the unexpected match; empty if the whole rule does not fit.
    pub pointer: String,
    pub complaint: String,
    pub reason: String,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { place, target, pointer, complaint, reason } = self;
        let at = if pointer.is_empty() { String::new() } else { format!(" at {pointer}") };
        write!(f, "{place}: the rule for `{target}` {complaint}{at}. It is there because: {reason}")
    }
}

/// Applies every action in order and reports all rules that do not fit. A rule that does not fit is not applied, so the result is
/// useful only if the caller tolerates the problems.
pub fn apply(overlay: &Overlay, document: &mut Value) -> Vec<Problem> {
    overlay.actions.iter().flat_map(|action| apply_action(action, document)).collect()
}

fn apply_action(action: &Action, document: &mut Value) -> Vec<Problem> {
    let problem = |pointer: &str, complaint: String| Problem {
        place: action.place.clone(),
        target: action.target.clone(),
        pointer: pointer.to_owned(),
        complaint,
        reason: action.reason.clone(),
    };
    let found = action.path.query_located(document).dedup();
    let mut problems: Vec<Problem> =
        action.expect.count_complaint(found.len()).map(|complaint| problem("", complaint)).into_iter().collect();
    let mut pointers = Vec::new();
    for node in found.iter() {
        let pointer = node.location().to_json_pointer();
        problems.extend(action.expect.match_complaint(node.node()).map(|complaint| problem(&pointer, complaint)));
        pointers.push(pointer);
    }
    drop(found);
    if !problems.is_empty() {
        return problems;
    }
    let update = match &action.change {
        Change::Remove if pointers.iter().any(String::is_empty) => {
            return vec![problem("", "would remove the whole document".to_owned())];
        }
        Change::Remove => {
            for pointer in removal_order(pointers) {
                remove(document, &pointer);
            }
            return problems;
        }
        Change::Update(update) => update.clone(),
        Change::Copy(from) => match from.query(document).all().as_slice() {
            [one] => (*one).clone(),
            all => return vec![problem("", format!("copies `{from}`, which is {} places and must be one", all.len()))],
        },
    };
    let kinds: Vec<_> = pointers.iter().filter_map(|at| document.pointer(at)).map(std::mem::discriminant).collect();
    let is_open =
        |pointer: &String| document.pointer(pointer).is_some_and(|value| value.is_object() || value.is_array());
    if pointers.iter().any(is_open) && kinds.windows(2).any(|pair| pair[0] != pair[1]) {
        return vec![problem(
            "",
            "selects mappings, lists and single values at once, which one update cannot fit".to_owned(),
        )];
    }
    for pointer in &pointers {
        let complaint = document.pointer(pointer).and_then(|target| incompatible(target, &update, true, ""));
        problems.extend(complaint.map(|complaint| problem(pointer, complaint)));
    }
    if problems.is_empty() {
        for pointer in &pointers {
            if let Some(target) = document.pointer_mut(pointer) {
                merge(target, &update);
            }
        }
    }
    problems
}

/// Why the two cannot be merged. A list that is itself the target accepts a single entry too.
fn incompatible(target: &Value, update: &Value, itself: bool, place: &str) -> Option<String> {
    match (target, update) {
        (Value::Object(target), Value::Object(update)) => update.iter().find_map(|(key, value)| {
            let place = if place.is_empty() { key.clone() } else { format!("{place}.{key}") };
            incompatible(target.get(key)?, value, false, &place)
        }),
        (Value::Array(_), Value::Array(_)) => None,
        (Value::Array(_), _) if itself => None,
        (Value::Object(_) | Value::Array(_), _) | (_, Value::Object(_) | Value::Array(_)) => {
            let kind = |value: &Value| match value {
                Value::Object(_) => "a mapping",
                Value::Array(_) => "a list",
                _ => "a single value",
            };
            let (to, at) = (kind(update), if place.is_empty() { String::new() } else { format!(" at `{place}`") });
            Some(format!("merges {to} into {}{at}; remove that first", kind(target)))
        }
        _ => None,
    }
}

/// The merge defined by the standard: objects recursively, lists by appending, everything else by replacing.
fn merge(target: &mut Value, update: &Value) {
    match (target, update) {
        (Value::Object(target), Value::Object(update)) => {
            for (key, value) in update {
                match target.get_mut(key) {
                    Some(existing) => merge(existing, value),
                    None => {
                        target.insert(key.clone(), value.clone());
                    }
                }
            }
        }
        (Value::Array(target), Value::Array(update)) => target.extend(update.iter().cloned()),
        // A list updated with one object or scalar gets it as a new element.
        (Value::Array(target), update) => target.push(update.clone()),
        (target, update) => *target = update.clone(),
    }
}

/// From last to first: removing an element of a list shifts those after it.
fn removal_order(mut pointers: Vec<String>) -> Vec<String> {
    pointers.sort_by_cached_key(|pointer| {
        let parts = pointer.split('/').map(|part| (part.parse::<usize>().unwrap_or(0), part.to_owned()));
        std::cmp::Reverse(parts.collect::<Vec<_>>())
    });
    pointers
}

fn remove(document: &mut Value, pointer: &str) {
    let Some((parent, last)) = pointer.rsplit_once('/') else { return };
    let name = last.replace("~1", "/").replace("~0", "~");
    match document.pointer_mut(parent) {
        Some(Value::Object(map)) => {
            map.remove(&name);
        }
        Some(Value::Array(items)) => {
            if let Some(index) = name.parse().ok().filter(|index| *index < items.len()) {
                items.remove(index);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use crate::overlay::parse;
    use serde_json::{Value, json};

    /// Applies actions given as JSON; returns the document and the problems.
    fn apply(document: Value, actions: Value) -> (Value, Vec<String>) {
        let text = json!({"overlay": "1.1.0", "info": {"title": "t", "version": "1"}, "actions": actions}).to_string();
        let mut document = document;
        let problems = super::apply(&parse("o.json", &text).unwrap(), &mut document);
        (document, problems.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn objects_merge_lists_grow_and_scalars_are_replaced() {
        let (document, problems) = apply(
            json!({"a": {"x": 1, "list": [1], "inner": {"k": "old", "stays": true}}}),
            json!([{"target": "$.a", "description": "r", "update": {"list": [2, 3], "inner": {"k": "new"}, "y": null}}]),
        );
        assert_eq!(problems, [""; 0]);
        assert_eq!(
            document,
            json!({"a": {"x": 1, "list": [1, 2, 3], "inner": {"k": "new", "stays": true}, "y": null}})
        );
    }

    #[test]
    fn a_list_takes_a_single_entry_too() {
        let (document, _) =
            apply(json!({"list": [1]}), json!([{"target": "$.list", "description": "r", "update": {"a": 1}}]));
        assert_eq!(document, json!({"list": [1, {"a": 1}]}));
    }

    #[test]
    fn what_is_removed_is_not_updated_and_the_document_stays() {
        let (document, problems) = apply(
            json!({"a": {"x": 1}, "b": 2}),
            json!([
                {"target": "$.a", "description": "r", "update": {"y": 2}, "remove": true},
                {"target": "$", "description": "r", "remove": true},
            ]),
        );
        assert_eq!(document, json!({"b": 2}));
        assert!(problems.len() == 1 && problems[0].contains("the whole document"), "{problems:?}");
    }

    #[test]
    fn several_targets_are_of_one_kind_and_fit_the_update() {
        let (document, problems) = apply(
            json!({"a": {"k": 1}, "b": {"k": 2}, "c": [1], "d": "x", "e": "y", "f": {"k": {"z": 1}}}),
            json!([
                {"target": "$['a','b']", "description": "r", "update": {"n": [1]}},
                {"target": "$['a','c']", "description": "mixed", "update": {"m": 1}},
                {"target": "$['d','e']", "description": "r", "update": "z"},
                {"target": "$['a','f']", "description": "half", "update": {"k": 3}},
                {"target": "$.d", "description": "other kind", "update": {"m": 1}},
            ]),
        );
        let wanted = json!({"a": {"k": 1, "n": [1]}, "b": {"k": 2, "n": [1]}, "c": [1], "d": "z", "e": "z", "f": {"k": {"z": 1}}});
        assert_eq!(document, wanted);
        assert_eq!(problems.len(), 3, "{problems:#?}");
        assert!(
            problems[0].contains("at once") && problems[1].contains("into a mapping at `k`; remove that first at /f")
        );
        assert!(problems[2].contains("merges a mapping into a single value"), "{problems:#?}");
    }

    #[test]
    fn a_copy_is_made_of_what_is_there_then() {
        let (document, problems) = apply(
            json!({"a": {"x": 1}, "b": {"y": 2}}),
            json!([
                {"target": "$.a", "description": "r", "update": {"z": 3}},
                {"target": "$.b", "description": "r", "copy": "$.a"},
                {"target": "$.b", "description": "several", "copy": "$.*"},
            ]),
        );
        assert_eq!(document["b"], json!({"x": 1, "y": 2, "z": 3}));
        assert!(problems.len() == 1 && problems[0].contains("2 places and must be one"), "{problems:?}");
    }

    #[test]
    fn several_elements_of_a_list_are_removed_together() {
        let numbers: Vec<u32> = (0..12).collect();
        let (document, _) =
            apply(json!({"l": numbers}), json!([{"target": "$.l[?@ > 1]", "description": "r", "remove": true}]));
        assert_eq!(document, json!({"l": [0, 1]}));
    }

    #[test]
    fn names_with_slashes_and_tildes_are_found_again() {
        let (document, _) = apply(
            json!({"/a/{b}": {"~x": 1, "y": 2}, "0": 1}),
            json!([
                {"target": "$['/a/{b}']['~x']", "description": "r", "remove": true},
                {"target": "$['/a/{b}']", "description": "r", "update": {"z": 3}},
                {"target": "$['0']", "description": "r", "remove": true},
            ]),
        );
        assert_eq!(document, json!({"/a/{b}": {"y": 2, "z": 3}}));
    }

    #[test]
    fn every_rule_that_does_not_fit_is_reported_with_reason_and_place() {
        let (document, problems) = apply(
            json!({"a": {"type": "string"}, "b": {"type": "number", "operationId": "x"}, "c": [{"n": 1}]}),
            json!([
                {"target": "$.gone", "description": "was there", "update": {}},
                {"target": "$['a','b']", "description": "texts", "x-expect": {"count": 2, "contains": {"type": "string"}}, "update": {"f": 1}},
                {"target": "$.b", "description": "no name", "x-expect": {"lacks": ["operationId"]}, "remove": true},
                {"target": "$.c", "description": "two", "x-expect": {"contains": [{"n": 2}]}, "remove": true},
                {"target": "$.none", "description": "none on purpose", "x-expect": {"count": 0}, "update": {}},
                {"target": "$.a", "description": "fits", "update": {"ok": true}},
            ]),
        );
        assert_eq!(
            problems,
            [
                "o.json:1: the rule for `$.gone` matches nothing. It is there because: was there",
                "o.json:1: the rule for `$['a','b']` expects `\"string\"` at `type` and found `\"number\"` at /b. It is there because: texts",
                "o.json:1: the rule for `$.b` expects no `operationId` and found `\"x\"` at /b. It is there because: no name",
                "o.json:1: the rule for `$.c` expects `{\"n\":2}` and found `[{\"n\":1}]` at /c. It is there because: two",
            ]
        );
        // Neither match of a partly fitting rule is changed.
        assert_eq!(document["a"], json!({"type": "string", "ok": true}));
        assert_eq!(document["b"]["operationId"], "x");
    }
}
