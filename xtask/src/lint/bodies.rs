//! Request bodies and success responses.

use super::Finding;
use super::fix::{remove, update};
use super::walk::{Operation, operations};
use crate::openapi::{child, entries, essence, resolve};
use serde_json::{Value, json};

const JSON: &str = "application/json";
const REQUEST_MEDIA: [&str; 6] = [
    JSON,
    "application/octet-stream",
    "application/x-www-form-urlencoded",
    "text/plain",
    "text/x-markdown",
    "multipart/form-data",
];

pub fn check(document: &Value, findings: &mut Vec<Finding>) {
    for operation in operations(document) {
        request(document, &operation, findings);
        success(document, &operation, findings);
    }
}

fn request(document: &Value, operation: &Operation<'_>, findings: &mut Vec<Finding>) {
    let Some(raw) = operation.value.get("requestBody") else { return };
    let pointer = child(&operation.pointer, "requestBody");
    let Some(body) = resolve(document, raw) else { return };
    let content: Vec<_> = entries(body, "content").collect();
    if ["get", "head"].contains(&operation.method) && operation.value.get("x-body-on-get") != Some(&Value::Bool(true)) {
        let fix = update(&operation.pointer, "The service really reads it.", &json!({"x-body-on-get": true}));
        let message =
            "a body on a GET is sent as declared, but proxies and caches may drop it; confirm that it is meant.";
        findings.push(Finding::warning(&pointer, message).with_fix(fix));
    }
    if content.is_empty() {
        findings.push(Finding::fatal(&pointer, "the request body has no content, so it would not be sent."));
    }
    if content.len() > 1 {
        let kinds: Vec<_> = content.iter().map(|(media, _)| *media).collect();
        let keep = if kinds.contains(&JSON) { JSON } else { kinds[0] };
        let fix = kinds
            .iter()
            .filter(|kind| **kind != keep)
            .map(|kind| remove(&child(&child(&pointer, "content"), kind), "One media type; the others say the same."))
            .collect();
        let message =
            format!("the request body has several media types ({}); the generator takes one.", kinds.join(", "));
        findings.push(Finding::fatal(&pointer, message).with_fix(fix));
    }
    for (media, value) in content {
        let pointer = child(&child(&pointer, "content"), media);
        if !REQUEST_MEDIA.contains(&media) {
            let message =
                format!("request bodies of type `{media}` are not supported; {} are.", REQUEST_MEDIA.join(", "));
            findings.push(Finding::fatal(&pointer, message));
        }
        match value.get("schema").and_then(|schema| resolve(document, schema)) {
            None if value.get("schema").is_some() => {}
            None => findings.push(Finding::fatal(&pointer, "the request body has no schema.").with_fix(update(
                &pointer,
                "Any object, until the shape is known.",
                &json!({"schema": {"type": "object", "additionalProperties": true}}),
            ))),
            Some(schema) => media_schema(document, media, value, schema, &pointer, findings),
        }
    }
}

fn media_schema(
    document: &Value,
    media: &str,
    value: &Value,
    schema: &Value,
    pointer: &str,
    findings: &mut Vec<Finding>,
) {
    let mut fatal = |message: &str| findings.push(Finding::fatal(pointer, message));
    match media {
        "multipart/form-data" => {
            let parts: Vec<_> = entries(schema, "properties").collect();
            let binary =
                |part: &Value| resolve(document, part).is_some_and(|part| part.get("type") == Some(&json!("string")));
            if parts.len() != 1 || !binary(parts[0].1) {
                fatal("an upload must have exactly one part, the file; the client frames no other.");
            } else if parts[0].0 != "file" {
                fatal("the part of an upload must be called `file`; the client sends no other.");
            }
        }
        "application/octet-stream" => {
            if schema.get("type") != Some(&json!("string")) || schema.get("format") != Some(&json!("binary")) {
                fatal("a raw body must have the schema `type: string, format: binary`.");
            }
        }
        "text/plain" | "text/x-markdown" => {
            if schema.get("type") != Some(&json!("string"))
                || schema.get("format").is_some()
                || schema.get("enum").is_some()
            {
                fatal("a text body must have the schema `type: string` and nothing else.");
            }
        }
        _ => {
            if value.get("encoding").and_then(Value::as_object).is_some_and(|encoding| !encoding.is_empty()) {
                fatal("`encoding` of a request body is not supported; remove it.");
            }
        }
    }
}

fn success(document: &Value, operation: &Operation<'_>, findings: &mut Vec<Finding>) {
    let pointer = child(&operation.pointer, "responses");
    let mut shapes: Vec<(&str, Value)> = Vec::new();
    let mut bytes: Option<&str> = None;
    let mut any = false;
    for (status, raw) in entries(operation.value, "responses") {
        if !is_status(status) {
            findings.push(Finding::fatal(child(&pointer, status), format!("`{status}` is not a status.")));
        }
        if !status.starts_with('2') {
            continue;
        }
        any = true;
        let Some(response) = resolve(document, raw) else { continue };
        let pointer = child(&pointer, status);
        let content: Vec<_> = entries(response, "content").collect();
        if content.len() > 1 && !content.iter().any(|(media, _)| *media == JSON) {
            let kinds: Vec<_> = content.iter().map(|(media, _)| *media).collect();
            let message =
                format!("the response has several media types ({}) and none is JSON; keep one.", kinds.join(", "));
            findings.push(Finding::fatal(&pointer, message));
        }
        if !content.is_empty() && !content.iter().any(|(media, _)| *media == JSON) {
            bytes = bytes.or(Some(status));
        }
        for (media, value) in &content {
            if *media != JSON {
                if media.contains("json") {
                    let message =
                        format!("a response of type `{media}` is handed out as bytes; only `{JSON}` is decoded.");
                    findings.push(Finding::warning(&pointer, message));
                }
                continue;
            }
            match value.get("schema") {
                Some(schema) => shapes.push((status, untitled(schema))),
                None => findings.push(Finding::fatal(&pointer, "the JSON response has no schema.").with_fix(update(
                    &child(&child(&pointer, "content"), media),
                    "Any JSON, until the shape is known.",
                    &json!({"schema": {}}),
                ))),
            }
        }
    }
    if !any {
        findings.push(Finding::warning(
            &pointer,
            "no 2xx response is declared; any success is taken and its body is ignored.",
        ));
    }
    if let (Some((json, _)), Some(other)) = (shapes.first(), bytes) {
        let fix = remove(&child(&pointer, other), "One shape of success; the other was not seen.");
        let message = format!("the response {json} is JSON and the response {other} is not; a call returns one type.");
        findings.push(Finding::fatal(&pointer, message).with_fix(fix));
    }
    if let [(first, shape), others @ ..] = shapes.as_slice()
        && let Some((other, _)) = others.iter().find(|(_, other)| other != shape)
    {
        let fix = remove(&child(&pointer, other), "One shape of success; the other was not seen.");
        let message = format!("the responses {first} and {other} have different shapes; a call returns one type.");
        findings.push(Finding::fatal(&pointer, message).with_fix(fix));
    }
}

fn is_status(status: &str) -> bool {
    if status == "default" || status.starts_with("x-") {
        return true;
    }
    match status.as_bytes() {
        [b'1'..=b'5', b'X', b'X'] => true,
        [b'1'..=b'5', tens, ones] => tens.is_ascii_digit() && ones.is_ascii_digit(),
        _ => false,
    }
}

/// A schema without its title, which names a type but does not make one.
fn untitled(schema: &Value) -> Value {
    let mut schema = essence(schema);
    let mut waiting = vec![&mut schema];
    while let Some(value) = waiting.pop() {
        match value {
            Value::Object(map) => {
                if map.get("title").is_some_and(Value::is_string) {
                    map.remove("title");
                }
                waiting.extend(map.values_mut());
            }
            Value::Array(items) => waiting.extend(items),
            _ => {}
        }
    }
    schema
}
