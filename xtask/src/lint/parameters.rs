//! Parameters of operations.

use super::Finding;
use super::fix::{remove, remove_where, update};
use super::operations::template;
use super::walk::{Operation, operations};
use crate::codegen::parameters::{is_choice_of_scalars, is_own_header};
use crate::naming::snake;
use crate::openapi::{child, items, resolve};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A parameter as the operation sees it.
struct Parameter<'a> {
    pointer: String,
    name: &'a str,
    place: &'a str,
    value: &'a Value,
    /// As listed.
    listed: &'a Value,
}

impl Parameter<'_> {
    fn removed(&self, why: &str) -> String {
        let list = self.pointer.rsplit_once('/').map(|(list, _)| list).unwrap_or_default();
        match self.listed.get("$ref").and_then(Value::as_str) {
            Some(reference) => remove_where(list, &[("@['$ref']", reference)], why),
            None => remove_where(list, &[("@.in", self.place), ("@.name", self.name)], why),
        }
    }
}

pub fn check(document: &Value, findings: &mut Vec<Finding>) {
    for operation in operations(document) {
        let parameters = effective(document, &operation, findings);
        against_template(&operation, &parameters, findings);
        names(&parameters, findings);
        own_names(&operation, &parameters, findings);
        for parameter in &parameters {
            one(document, parameter, findings);
        }
    }
}

/// Those of the path and those of the operation, which take precedence.
fn effective<'a>(document: &'a Value, operation: &Operation<'a>, findings: &mut Vec<Finding>) -> Vec<Parameter<'a>> {
    let mut all: BTreeMap<(&str, &str), Parameter<'a>> = BTreeMap::new();
    let own_path = operation.pointer.rsplit_once('/').map(|(path, _)| path).unwrap_or_default();
    for (holder, pointer) in [(operation.item, own_path), (operation.value, operation.pointer.as_str())] {
        let mut here = Vec::new();
        for (index, raw) in items(holder, "parameters").iter().enumerate() {
            let pointer = format!("{pointer}/parameters/{index}");
            // What does not resolve is reported by the reference check.
            let Some(value) = resolve(document, raw) else { continue };
            let text = |key: &str| value.get(key).and_then(Value::as_str);
            let (Some(name), Some(place)) = (text("name"), text("in")) else {
                findings.push(Finding::fatal(pointer, "a parameter needs `name` and `in`."));
                continue;
            };
            let parameter = Parameter { pointer: pointer.clone(), name, place, value, listed: raw };
            if is_own_header(value) {
                let fix = parameter.removed("The client sends it by itself.");
                let message =
                    format!("`{name}` is a header that the client sends by itself; the parameter is left out.");
                findings.push(Finding::warning(&pointer, message).with_fix(fix));
                continue;
            }
            if here.contains(&(place, name)) {
                findings.push(Finding::fatal(&pointer, format!("the {place} parameter `{name}` is declared twice.")));
            }
            here.push((place, name));
            all.insert((place, name), parameter);
        }
    }
    all.into_values().collect()
}

fn against_template(operation: &Operation<'_>, parameters: &[Parameter<'_>], findings: &mut Vec<Finding>) {
    let Ok(wanted) = template(operation.path) else { return };
    for name in &wanted {
        if !parameters.iter().any(|parameter| parameter.place == "path" && parameter.name == *name) {
            let fix = update(
                &operation.pointer,
                "The path names it.",
                &json!({"parameters": [{"in": "path", "name": name, "required": true, "schema": {"type": "string"}}]}),
            );
            let message = format!("the path has `{{{name}}}`, which no parameter declares.");
            findings.push(Finding::fatal(&operation.pointer, message).with_fix(fix));
        }
    }
    for parameter in parameters.iter().filter(|parameter| parameter.place == "path") {
        if !wanted.contains(&parameter.name) {
            let message = format!("the path parameter `{}` does not occur in the path.", parameter.name);
            findings.push(Finding::fatal(&parameter.pointer, message));
        }
    }
}

fn names(parameters: &[Parameter<'_>], findings: &mut Vec<Finding>) {
    let mut seen: BTreeMap<String, &Parameter<'_>> = BTreeMap::new();
    for parameter in parameters {
        let name = snake(parameter.name);
        if name.is_empty() {
            findings
                .push(Finding::fatal(&parameter.pointer, format!("`{}` does not make a Rust name.", parameter.name)));
        }
        // `body` is the argument of the request body.
        if let Some(other) = seen.get(&name) {
            let message = format!(
                "the {} parameter `{}` and the {} parameter `{}` both become `{name}`.",
                parameter.place, parameter.name, other.place, other.name
            );
            findings.push(Finding::fatal(&parameter.pointer, message));
        }
        seen.insert(name, parameter);
    }
}

/// The fields that every request type already has; a setter gets a different name.
fn own_names(operation: &Operation<'_>, parameters: &[Parameter<'_>], findings: &mut Vec<Finding>) {
    const FIELDS: [&str; 2] = ["client", "options"];
    let style = operation.value.pointer("/x-pagination/style").and_then(Value::as_str);
    for parameter in parameters {
        let name = snake(parameter.name);
        let resume = name == "resume" && style.is_some_and(|style| style != "none");
        let body = name == "body" && operation.value.get("requestBody").is_some();
        if FIELDS.contains(&name.as_str()) || resume || body {
            let message = format!(
                "the {} parameter `{}` becomes `{name}`, which the request type already has; a parameter cannot be renamed \
                 without changing what is sent, so remove it.",
                parameter.place, parameter.name
            );
            let finding = Finding::fatal(&parameter.pointer, message);
            // Without a path parameter nothing can be sent.
            findings.push(match parameter.place {
                "path" => finding,
                _ => finding.with_fix(parameter.removed("The request type already has this name.")),
            });
        }
    }
}

fn one(document: &Value, parameter: &Parameter<'_>, findings: &mut Vec<Finding>) {
    let Parameter { pointer, name, place, value, .. } = parameter;
    // The HTTP library panics on other names.
    let is_token = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c));
    if *place == "header" && !is_token(name) {
        let fix = parameter.removed("No header can have this name.");
        let message = format!("`{name}` has a character that the name of a header cannot have, so it cannot be sent.");
        findings.push(Finding::fatal(pointer, message).with_fix(fix));
        return;
    }
    let mut fatal = |message: String| findings.push(Finding::fatal(pointer, message));
    if !["path", "query", "header"].contains(place) {
        fatal(format!("parameters `in: {place}` are not supported by the generator; remove `{name}`."));
        return;
    }
    if *place == "path" && value.get("required") != Some(&Value::Bool(true)) {
        fatal(format!("the path parameter `{name}` must be `required: true`."));
    }
    if value.get("content").is_some() {
        fatal(format!("`{name}` has `content` instead of a `schema`, which the generator cannot send."));
        return;
    }
    let usual = if *place == "query" { "form" } else { "simple" };
    match value.get("style").and_then(Value::as_str) {
        Some(style) if style != usual => {
            fatal(format!("`{name}` has the style `{style}`; only `{usual}` can be sent."))
        }
        _ => {}
    }
    let Some(raw) = value.get("schema") else {
        fatal(format!("`{name}` has no schema."));
        return;
    };
    let Some(schema) = unwrapped(document, raw) else { return };
    let kind = kind(document, schema);
    if value.get("x-always") == Some(&Value::Bool(true)) && kind != "boolean" {
        let fix = remove(&child(pointer, "x-always"), "It is not a flag.");
        let message = format!("`{name}` is always sent as `true` (`x-always`), but it is not a boolean.");
        findings.push(Finding::fatal(pointer, message).with_fix(fix));
        return;
    }
    let mut fatal = |message: String| findings.push(Finding::fatal(pointer, message));
    let list_of = schema.get("items").and_then(|items| unwrapped(document, items));
    if kind == "array" && *place != "query" {
        fatal(format!("`{name}` is a list; only query parameters can be."));
    } else if kind == "array" && list_of.is_none_or(|items| !SCALARS.contains(&self::kind(document, items))) {
        fatal(format!("`{name}` is a list of something other than scalars, which cannot be written into a query."));
    } else if list_of.is_some_and(|items| items.get("format") == Some(&json!("password"))) {
        fatal(format!("`{name}` is a list of secrets; only a single value can be one."));
    } else if kind != "array" && !SCALARS.contains(&kind) {
        fatal(format!(
            "`{name}` is {}; a {place} parameter must be a scalar or, in the query, a list.",
            if kind == "object" { "an object" } else { "of no type that can be written as a string" }
        ));
    } else if kind == "number" {
        // A reference is fixed at its target, which is not known here.
        let fix = update(&child(pointer, "schema"), "Whole numbers only.", &json!({"type": "integer"}));
        let message =
            format!("`{name}` is a `number`, so 10 is sent as `10.0`; make it an integer if it counts something.");
        findings.push(Finding::warning(pointer, message).with_fix(fix));
    }
}

const SCALARS: [&str; 4] = ["string", "integer", "number", "boolean"];

/// The schema after following references, and an `allOf` around one of them.
fn unwrapped<'a>(document: &'a Value, schema: &'a Value) -> Option<&'a Value> {
    let mut schema = resolve(document, schema)?;
    for _ in 0..16 {
        match items(schema, "allOf") {
            [only] if schema.get("type").is_none() => schema = resolve(document, only)?,
            _ => break,
        }
    }
    Some(schema)
}

/// The type of a schema; a choice of scalars is sent as a string.
fn kind<'a>(document: &Value, schema: &'a Value) -> &'a str {
    let declared = schema.get("type").and_then(Value::as_str);
    let choice = schema.as_object().is_some_and(|map| is_choice_of_scalars(document, map));
    let composed = items(schema, "allOf").len() > 1;
    match declared {
        _ if choice || declared.is_none() && schema.get("enum").is_some() => "string",
        Some(kind) if !composed => kind,
        _ => "",
    }
}
