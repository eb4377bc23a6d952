//! Single random changes of a document.

use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use xtask::openapi::{child, operations};

/// Numbers determined by a seed (splitmix64).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % end.max(1) as u64) as usize
    }

    fn one<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

/// One document for each operation: the operation and what it needs.
pub fn excerpts(document: &Value) -> Vec<Value> {
    let mut found = Vec::new();
    for (path, item, method, operation) in operations(document) {
        let mut one = document.clone();
        let mut only = item.clone();
        only.as_object_mut().unwrap().retain(|key, _| key == "parameters" || key == method);
        one["paths"] = json!({path: only});
        one["components"] = json!({});
        for pointer in needed(document, &json!([operation, item["parameters"]])) {
            let mut parts = pointer.split('/').skip(2);
            let (kind, name) = (parts.next().unwrap(), parts.next().unwrap());
            one["components"][kind][name] = document.pointer(&pointer).unwrap().clone();
        }
        found.push(one);
    }
    found
}

/// The components that something refers to, and those that these refer to in turn.
fn needed(document: &Value, from: &Value) -> BTreeSet<String> {
    let (mut seen, mut waiting) = (BTreeSet::new(), vec![from]);
    while let Some(value) = waiting.pop() {
        match value {
            Value::Object(map) => {
                if let Some(pointer) = map.get("$ref").and_then(Value::as_str).and_then(|text| text.strip_prefix('#'))
                    && seen.insert(pointer.to_owned())
                {
                    waiting.extend(document.pointer(pointer));
                }
                waiting.extend(map.values());
            }
            Value::Array(items) => waiting.extend(items),
            _ => {}
        }
    }
    seen
}

/// The pointers of all schemas, and of all objects that are not schemas.
fn places(document: &Value) -> (Vec<String>, Vec<String>) {
    let (mut schemas, mut others) = (Vec::new(), Vec::new());
    let roots = [("/paths", "paths"), ("/components", "components")];
    let mut waiting: Vec<(String, &Value, &str)> = roots
        .into_iter()
        .filter_map(|(pointer, kind)| Some((pointer.to_owned(), document.pointer(pointer)?, kind)))
        .collect();
    while let Some((pointer, value, kind)) = waiting.pop() {
        match value {
            Value::Object(map) => {
                let below = |key: &str| match (kind, key) {
                    ("schemas" | "properties", _) => "schema",
                    ("schema", "items" | "additionalProperties") => "schema",
                    ("schema", "properties") => "properties",
                    ("schema", "oneOf" | "anyOf" | "allOf") => "branches",
                    ("schema", _) => "leaf",
                    (_, "schema") => "schema",
                    ("components", "schemas") => "schemas",
                    _ => "other",
                };
                match kind {
                    "schema" => schemas.push(pointer.clone()),
                    "other" => others.push(pointer.clone()),
                    _ => {}
                }
                waiting.extend(map.iter().map(|(key, inner)| (child(&pointer, key), inner, below(key))));
            }
            Value::Array(items) => {
                let inner = if kind == "branches" { "schema" } else { "other" };
                let inner = if kind == "leaf" { "leaf" } else { inner };
                waiting.extend(items.iter().enumerate().map(|(at, one)| (format!("{pointer}/{at}"), one, inner)));
            }
            _ => {}
        }
    }
    schemas.sort();
    others.sort();
    (schemas, others)
}

/// Changes one thing, and returns what; `None` if there was nothing to change.
pub fn mutate(document: &mut Value, dice: &mut Dice) -> Option<String> {
    let (schemas, others) = places(document);
    let components: Vec<String> = document
        .pointer("/components/schemas")
        .and_then(Value::as_object)
        .into_iter()
        .flat_map(Map::keys)
        .cloned()
        .collect();
    if dice.below(4) > 0 && !schemas.is_empty() {
        let pointer = dice.one(&schemas).clone();
        let what = schema(document.pointer_mut(&pointer)?, &components, dice)?;
        return Some(format!("{pointer}: {what}"));
    }
    let pointer = dice.one(&others).clone();
    let what = other(document, &pointer, &components, dice)?;
    Some(format!("{pointer}: {what}"))
}

fn some_schema(components: &[String], dice: &mut Dice) -> Value {
    let mut kinds = vec![
        json!({"type": "string"}),
        json!({"type": "integer"}),
        json!({"type": "number"}),
        json!({"type": "boolean"}),
        json!({"type": "string", "format": "date-time"}),
        json!({"type": "string", "enum": ["ONE", "TWO"]}),
        json!({"type": "array", "items": {"type": "string"}}),
        json!({"type": "object", "additionalProperties": {"type": "string"}}),
        json!({"type": "object", "properties": {"inner": {"type": "string"}}}),
        json!({"oneOf": [{"type": "string"}, {"type": "integer"}]}),
        json!({}),
    ];
    if !components.is_empty() {
        let name = dice.one(components).clone();
        kinds.push(json!({"$ref": format!("#/components/schemas/{name}")}));
    }
    dice.one(&kinds).clone()
}

fn keys(value: &Value, key: &str) -> Vec<String> {
    value.get(key).and_then(Value::as_object).into_iter().flat_map(Map::keys).cloned().collect()
}

fn schema(schema: &mut Value, components: &[String], dice: &mut Dice) -> Option<String> {
    let properties = keys(schema, "properties");
    let what = match dice.below(22) {
        0 | 1 => {
            let now = schema.get("nullable") != Some(&Value::Bool(true));
            schema["nullable"] = now.into();
            format!("nullable {now}")
        }
        2 | 3 => {
            let name = (!properties.is_empty()).then(|| dice.one(&properties).clone())?;
            let mut required: Vec<Value> =
                schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
            let before = required.len();
            required.retain(|one| *one != name);
            if required.len() == before {
                required.push(name.clone().into());
            }
            schema["required"] = required.into();
            format!("{name} is or is no longer required")
        }
        4 => {
            let name =
                dice.one(&["newThing", "new", "type", "x", "createdAt", "clear_x", "maybe_x", "send"]).to_owned();
            schema.get("properties")?;
            let inner = some_schema(components, dice);
            let what = format!("property {name}: {inner}");
            schema["properties"][name] = inner;
            what
        }
        5 => {
            let name = (!properties.is_empty()).then(|| dice.one(&properties).clone())?;
            schema["properties"].as_object_mut()?.remove(&name);
            if let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut) {
                required.retain(|one| *one != name);
            }
            format!("without property {name}")
        }
        6 => {
            let name = (!properties.is_empty()).then(|| dice.one(&properties).clone())?;
            let inner = schema["properties"].as_object_mut()?.remove(&name)?;
            schema["properties"][format!("{name}Too")] = inner;
            format!("property {name} renamed")
        }
        7 => {
            let values = schema.get_mut("enum")?.as_array_mut()?;
            values.push("BRAND_NEW".into());
            "one more value".to_owned()
        }
        8 => {
            let values = schema.get_mut("enum")?.as_array_mut()?;
            (values.len() > 1).then(|| values.pop())?;
            "one value less".to_owned()
        }
        9 | 10 => {
            let title = *dice.one(&["Fresh", "Thing", "String"]);
            schema["title"] = title.into();
            format!("title {title}")
        }
        11 => {
            let format = *dice.one(&["date-time", "password", "uuid", "int32", "int64", "date", "email", "uri"]);
            schema["format"] = format.into();
            format!("format {format}")
        }
        12 => {
            let ty = *dice.one(&["string", "integer", "number", "boolean"]);
            schema.get("type")?;
            schema["type"] = ty.into();
            format!("type {ty}")
        }
        13 | 14 => {
            let (key, value) = dice
                .one(&[
                    ("minLength", json!(1)),
                    ("maximum", json!(10)),
                    ("pattern", json!("^a")),
                    ("maxItems", json!(3)),
                    ("default", json!("a")),
                    ("readOnly", json!(true)),
                    ("writeOnly", json!(true)),
                    ("description", json!("Other words.")),
                    ("example", json!("x")),
                    ("deprecated", json!(true)),
                    ("x-note", json!(1)),
                    ("additionalProperties", json!(false)),
                    ("additionalProperties", json!(true)),
                ])
                .clone();
            schema[key] = value.clone();
            format!("{key} {value}")
        }
        15 => {
            let branches = ["oneOf", "anyOf"].into_iter().find(|key| schema.get(*key).is_some())?;
            let inner = some_schema(components, dice);
            let what = format!("{branches} with {inner}");
            schema[branches].as_array_mut()?.push(inner);
            what
        }
        16 => {
            let branches = ["oneOf", "anyOf"].into_iter().find(|key| schema.get(*key).is_some())?;
            schema[branches].as_array_mut()?.pop();
            format!("{branches} with one branch less")
        }
        17 => {
            *schema = json!({"type": "array", "items": schema.take()});
            "in a list".to_owned()
        }
        18 => {
            *schema = json!({"allOf": [schema.take()]});
            "in allOf".to_owned()
        }
        19 => {
            *schema = json!({"oneOf": [schema.take(), {"type": "integer"}]});
            "in oneOf".to_owned()
        }
        _ => {
            *schema = some_schema(components, dice);
            format!("is {schema}")
        }
    };
    Some(what)
}

/// Operations, parameters, bodies and responses, distinguished by what they contain.
fn other(document: &mut Value, pointer: &str, components: &[String], dice: &mut Dice) -> Option<String> {
    let place = document.pointer_mut(pointer)?;
    if place.get("responses").is_some() {
        return operation(place, components, dice);
    }
    if place.get("in").is_some() {
        if dice.below(3) == 0 {
            place["description"] = "Other words.".into();
            return Some("other words".to_owned());
        }
        if place["in"] == "path" {
            return None;
        }
        let now = place.get("required") != Some(&Value::Bool(true));
        place["required"] = now.into();
        return Some(format!("required {now}"));
    }
    if place.get("content").is_some() {
        return Some(match dice.below(4) {
            0 => {
                place["required"] = (place.get("required") != Some(&Value::Bool(true))).into();
                "required or not".to_owned()
            }
            1 => {
                place.as_object_mut()?.remove("content");
                "without content".to_owned()
            }
            2 => {
                let inner = place["content"].as_object_mut()?.remove("application/json")?;
                place["content"]["application/x-www-form-urlencoded"] = inner;
                "as a form".to_owned()
            }
            _ => {
                place["description"] = "Other words.".into();
                "other words".to_owned()
            }
        });
    }
    // A path.
    let path = pointer.strip_prefix("/paths/").filter(|rest| !rest.contains('/'))?;
    let path = path.replace("~1", "/").replace("~0", "~");
    match dice.below(3) {
        0 if !components.is_empty() && document["paths"][&path].get("patch").is_none() => {
            let name = dice.one(components).clone();
            let method = *dice.one(&["patch", "post", "put"]);
            document["paths"][&path].get(method).is_none().then_some(())?;
            let first = document["paths"][&path].as_object()?.values().find(|one| one.get("responses").is_some())?;
            let parameters: Vec<Value> = first["parameters"]
                .as_array()
                .into_iter()
                .flatten()
                .filter(|one| one["in"] == "path")
                .cloned()
                .collect();
            document["paths"][&path][method] = json!({
                "operationId": format!("{method}_something_new"),
                "parameters": parameters,
                "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": format!("#/components/schemas/{name}")}}}},
                "responses": {"200": {"description": "ok"}},
            });
            Some(format!("{method} with {name}"))
        }
        1 => {
            let item = document["paths"].as_object_mut()?.remove(&path)?;
            document["paths"][format!("/v9{path}")] = item;
            Some("moved".to_owned())
        }
        _ => None,
    }
}

fn operation(operation: &mut Value, components: &[String], dice: &mut Dice) -> Option<String> {
    let what = match dice.below(10) {
        0 => {
            operation["operationId"] = "call_it_anew".into();
            "another name".to_owned()
        }
        1 => {
            operation["deprecated"] = true.into();
            "deprecated".to_owned()
        }
        2 | 3 => {
            let required = dice.below(2) == 0;
            let (place, schema) = (*dice.one(&["query", "header"]), some_schema(components, dice));
            let name = *dice.one(&["addedLater", "send", "maybe_limit", "call", "new"]);
            let what = format!("{place} parameter {name} {schema}, required {required}");
            let parameter = json!({"in": place, "name": name, "required": required, "schema": schema});
            match operation.get_mut("parameters").and_then(Value::as_array_mut) {
                Some(all) => all.push(parameter),
                None => operation["parameters"] = json!([parameter]),
            }
            what
        }
        4 => {
            let parameters = operation.get_mut("parameters")?.as_array_mut()?;
            let at = parameters.iter().position(|one| one["in"] == "query")?;
            parameters.remove(at);
            "one parameter less".to_owned()
        }
        5 => {
            let parameters = operation.get_mut("parameters")?.as_array_mut()?;
            parameters.reverse();
            "parameters reversed".to_owned()
        }
        6 => {
            operation.as_object_mut()?.remove("requestBody")?;
            "without body".to_owned()
        }
        7 => {
            let schema = some_schema(components, dice);
            operation.get("requestBody").is_none().then_some(())?;
            let what = format!("with a body {schema}");
            operation["requestBody"] =
                json!({"required": dice.below(2) == 0, "content": {"application/json": {"schema": schema}}});
            what
        }
        8 => {
            operation["responses"]["202"] = json!({"description": "later"});
            "another success".to_owned()
        }
        _ => {
            operation["tags"] = json!(["Others"]);
            operation["summary"] = "Other words.".into();
            "other words".to_owned()
        }
    };
    Some(what)
}
