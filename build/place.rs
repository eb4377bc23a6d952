//! Locates a failure in a document: the generator does not say where it is, so parts of the document are tried alone.
//! One trial of a large document takes seconds, so parts are bisected instead of tried one by one.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::openapi::{METHODS, child, entries};

/// The JSON pointer of a part that fails alone, or with the parts before it; empty if only the whole document fails.
pub fn of_failure(document: &Value, fails: &dyn Fn(&Value) -> bool) -> String {
    let trial = Trial { document, fails };
    let found = trial.beside().or_else(|| trial.in_components()).or_else(|| trial.in_paths());
    found.or_else(|| trial.without()).unwrap_or_default()
}

/// A component: its kind and its name.
type Name<'a> = (&'a str, &'a str);

struct Trial<'a> {
    document: &'a Value,
    fails: &'a dyn Fn(&Value) -> bool,
}

impl<'a> Trial<'a> {
    /// Everything except components and paths.
    fn beside(&self) -> Option<String> {
        let empty = json!({
            "openapi": self.document.get("openapi").cloned().unwrap_or_default(),
            "info": {"title": "part", "version": "1"},
            "paths": {},
        });
        if (self.fails)(&empty) {
            return Some("/openapi".to_owned());
        }
        let keys = self.document.as_object().into_iter().flatten().map(|(key, _)| key.as_str());
        let mut others = keys.filter(|key| !["components", "paths", "openapi"].contains(key));
        let found = others.find(|key| {
            let mut part = empty.clone();
            part[*key] = self.document[*key].clone();
            (self.fails)(&part)
        });
        found.map(|key| child("", key))
    }

    fn in_components(&self) -> Option<String> {
        let components = self.document.get("components")?;
        // What others depend on comes first: they fail with it.
        let kinds = ["schemas", "parameters", "headers", "requestBodies", "responses"].into_iter();
        let others = components.as_object().into_iter().flatten().map(|(kind, _)| kind.as_str());
        let mut known = BTreeSet::new();
        for kind in kinds.chain(others).filter(|kind| known.insert(*kind)) {
            let mut names: Vec<Name<'a>> = entries(components, kind).map(|(name, _)| (kind, name)).collect();
            // A component fails together with everything that refers to it, so the one with the fewest dependencies is
            // tried first.
            let all = needed(self.document, names.clone()).into_iter();
            let direct: BTreeMap<_, _> = all.map(|name| (name, direct(self.document, name))).collect();
            names.sort_by_cached_key(|name| {
                closure(vec![*name], |name| direct.get(&name).cloned().unwrap_or_default()).len()
            });
            let found = culprit(&names, &|some| (self.fails)(&self.part(some.to_vec(), &Map::new())));
            if let Some((kind, name)) = found {
                return Some(child(&child("/components", kind), name));
            }
        }
        None
    }

    fn in_paths(&self) -> Option<String> {
        let paths: Vec<(&str, &Value)> = entries(self.document, "paths").collect();
        let with = |paths: &Map<String, Value>| self.part(paths.values().flat_map(references).collect(), paths);
        let fails = |some: &[(&str, &Value)]| {
            let items = some.iter().map(|(path, item)| ((*path).to_owned(), (*item).clone()));
            (self.fails)(&with(&items.collect()))
        };
        let (path, item) = culprit(&paths, &fails)?;
        for method in METHODS {
            let Some(operation) = item.get(method) else { continue };
            let mut alone = json!({ method: operation });
            if let Some(parameters) = item.get("parameters") {
                alone["parameters"] = parameters.clone();
            }
            let part = with(&Map::from_iter([(path.to_owned(), alone)]));
            if (self.fails)(&part) {
                return Some(inside(&part, &child(&child("/paths", path), method), self.fails));
            }
        }
        Some(child("/paths", path))
    }

    /// The part without which the document does not fail, if no part fails alone.
    fn without(&self) -> Option<String> {
        let found = ["paths", "components"].into_iter().find(|key| {
            let mut part = self.document.clone();
            part[*key] = json!({});
            self.document.get(*key).is_some() && !(self.fails)(&part)
        });
        found.map(|key| child("", key))
    }

    /// A document with these components and their dependencies, with these paths, and with everything else.
    fn part(&self, components: Vec<Name<'_>>, paths: &Map<String, Value>) -> Value {
        let needed = needed(self.document, components);
        let mut part = Map::new();
        for (key, value) in self.document.as_object().into_iter().flatten() {
            let value = match key.as_str() {
                "paths" => continue,
                "components" => kept(value, &needed),
                _ => value.clone(),
            };
            part.insert(key.clone(), value);
        }
        part.insert("paths".to_owned(), Value::Object(paths.clone()));
        Value::Object(part)
    }
}

fn needed<'a>(document: &'a Value, names: Vec<Name<'a>>) -> BTreeSet<Name<'a>> {
    closure(names, |name| direct(document, name))
}

/// The components that a component refers to directly.
fn direct<'a>(document: &'a Value, (kind, name): Name<'_>) -> Vec<Name<'a>> {
    let component = document.get("components").and_then(|all| all.get(kind)?.get(name));
    component.map(references).unwrap_or_default()
}

/// These components, in document order.
fn kept(components: &Value, names: &BTreeSet<Name<'_>>) -> Value {
    let kinds = components.as_object().into_iter().flatten().map(|(kind, parts)| {
        let parts = parts.as_object().into_iter().flatten();
        let parts = parts.filter(|(name, _)| names.contains(&(kind.as_str(), name.as_str())));
        let parts: Map<String, Value> = parts.map(|(name, part)| (name.clone(), part.clone())).collect();
        (kind.clone(), Value::Object(parts))
    });
    Value::Object(kinds.collect())
}

/// These names and everything reachable from them.
fn closure<'a>(mut waiting: Vec<Name<'a>>, direct: impl Fn(Name<'a>) -> Vec<Name<'a>>) -> BTreeSet<Name<'a>> {
    let mut found = BTreeSet::new();
    while let Some(name) = waiting.pop() {
        if found.insert(name) {
            waiting.extend(direct(name));
        }
    }
    found
}

/// The components that a value refers to, by `$ref` or in the mapping of a discriminator.
fn references(value: &Value) -> Vec<Name<'_>> {
    let (mut found, mut waiting) = (Vec::new(), vec![value]);
    while let Some(value) = waiting.pop() {
        match value {
            Value::Object(map) => waiting.extend(map.values()),
            Value::Array(values) => waiting.extend(values),
            Value::String(text) => found.extend(text.strip_prefix("#/components/").and_then(|rest| {
                let (kind, rest) = rest.split_once('/')?;
                Some((kind, rest.split('/').next()?))
            })),
            _ => {}
        }
    }
    found
}

/// The first part that fails alone, found by bisection; if there is none, the first that fails with those before it.
fn culprit<T: Copy>(parts: &[T], fails: &dyn Fn(&[T]) -> bool) -> Option<T> {
    if parts.is_empty() || !fails(parts) {
        return None;
    }
    let mut rest = parts;
    while rest.len() > 1 {
        let (left, right) = rest.split_at(rest.len() / 2);
        rest = if fails(left) { left } else { right };
    }
    if parts.len() == 1 || fails(rest) {
        return rest.first().copied();
    }
    let (mut fine, mut bad) = (0, parts.len());
    while bad - fine > 1 {
        let middle = fine.midpoint(bad);
        if fails(&parts[..middle]) { bad = middle } else { fine = middle }
    }
    parts.get(fine).copied()
}

/// The part of an operation without which it does not fail.
fn inside(document: &Value, operation: &str, fails: &dyn Fn(&Value) -> bool) -> String {
    for key in ["parameters", "requestBody", "responses"] {
        let mut without = document.clone();
        let removed = without.pointer_mut(operation).and_then(Value::as_object_mut).and_then(|map| {
            // Without responses it is not an operation.
            if key == "responses" { map.insert(key.to_owned(), json!({})) } else { map.remove(key) }
        });
        if removed.is_some() && !fails(&without) {
            return child(operation, key);
        }
    }
    operation.to_owned()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    const SIZE: usize = 512;

    /// Many operations, each with its own type that depends on another.
    fn document() -> Value {
        let paths = (0..SIZE).map(|n| {
            let content = json!({"application/json": {"schema": {"$ref": format!("#/components/schemas/Outer{n}")}}});
            (
                format!("/v1/{n}"),
                json!({"get": {"operationId": format!("get{n}"), "responses": {"200": {"content": content}}}}),
            )
        });
        let schemas = (0..SIZE).flat_map(|n| {
            let inner = json!({"$ref": format!("#/components/schemas/Inner{n}")});
            [
                (format!("Outer{n}"), json!({"properties": {"inner": inner}})),
                (format!("Inner{n}"), json!({"type": "string"})),
            ]
        });
        json!({
            "openapi": "3.0.3",
            "info": {"title": "t", "version": "1"},
            "paths": paths.collect::<Map<_, _>>(),
            "components": {"schemas": schemas.collect::<Map<_, _>>()},
        })
    }

    /// The place, the number of trials, and how often all operations were generated.
    fn search(document: &Value, fails: &dyn Fn(&Value) -> bool) -> (String, usize, usize) {
        let (trials, operations) = (Cell::new(0), Cell::new(0));
        let pointer = of_failure(document, &|part| {
            trials.set(trials.get() + 1);
            operations.set(operations.get() + entries(part, "paths").count());
            // Every part is complete.
            for (kind, name) in references(part) {
                assert!(part["components"][kind].get(name).is_some(), "{kind} {name}");
            }
            fails(part)
        });
        (pointer, trials.get(), operations.get() / SIZE)
    }

    fn has(part: &Value, pointer: &str, bad: &Value) -> bool {
        part.pointer(pointer) == Some(bad)
    }

    #[test]
    fn the_place_in_a_large_document_takes_few_trials() {
        for (pointer, bad) in [
            ("/paths/~1v1~1300/get/responses", json!({"200": 5})),
            ("/paths/~1v1~1300/get/parameters", json!([5])),
            ("/paths/~1v1~1511", json!({"summary": 5})),
            ("/components/schemas/Inner300", json!({"type": 5})),
            ("/components/schemas/Outer0", json!({"type": 5})),
            ("/components/securitySchemes/key", json!(5)),
            ("/servers", json!(5)),
            ("/openapi", json!(5)),
            ("/paths", json!([5])),
        ] {
            let mut document = document();
            document["components"]["securitySchemes"] = json!({"key": {}});
            document["servers"] = json!([]);
            document["paths"]["/v1/300"]["get"]["parameters"] = json!([]);
            *document.pointer_mut(pointer).unwrap() = bad.clone();
            let (found, trials, whole) = search(&document, &|part| has(part, pointer, &bad));
            assert_eq!(found, pointer);
            assert!(trials <= 50 && whole <= 3, "{pointer}: {trials} trials, all operations {whole} times");
        }
    }

    #[test]
    fn what_fails_only_together_is_found_as_well() {
        let (one, other) = ("/components/schemas/Inner7", "/components/schemas/Inner400");
        let both = |part: &Value| part.pointer(one).is_some() && part.pointer(other).is_some();
        let (found, trials, whole) = search(&document(), &both);
        assert!(found == one || found == other, "{found}");
        assert!(trials <= 50 && whole <= 10, "{trials} trials, all operations {whole} times");
        let (one, other) = ("/paths/~1v1~17", "/paths/~1v1~1400");
        let both = |part: &Value| part.pointer(one).is_some() && part.pointer(other).is_some();
        let (found, trials, whole) = search(&document(), &both);
        assert!(found == one || found == other, "{found}");
        assert!(trials <= 80 && whole <= 10, "{trials} trials, all operations {whole} times");
    }
}
