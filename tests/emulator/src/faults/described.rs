//! Faults as described over the control interface.

use std::time::Duration;

use serde_json::{Map, Value};

use super::Fault;
use crate::spec::Spec;

/// The JSON name of each fault, with the fields it takes in addition to the common ones.
pub(crate) const KINDS: &[(&str, &[&str])] = &[
    ("status", &["status", "body", "contentType", "headers"]),
    ("redirect", &["status", "location"]),
    ("proxyPage", &["status"]),
    ("reset", &[]),
    ("resetBeforeBody", &[]),
    ("resetInBody", &[]),
    ("close", &[]),
    ("closeAfterResponse", &[]),
    ("truncated", &[]),
    ("wrongLength", &["difference"]),
    ("stall", &["milliseconds"]),
    ("latency", &["milliseconds"]),
    ("garbage", &[]),
    ("oversize", &["mebibytes"]),
    ("slowBody", &["bytes", "milliseconds"]),
    ("cutJson", &[]),
    ("emptyBody", &[]),
    ("newerServer", &[]),
    ("resetAfterItems", &["count"]),
    ("closeAfterItems", &["count"]),
    ("endAfterItems", &["count"]),
    ("stallAfterItems", &["count", "milliseconds"]),
    ("replaceItem", &["index", "with"]),
    ("resetAfterBytes", &["count"]),
    ("closeAfterBytes", &["count"]),
    ("endAfterBytes", &["count"]),
    ("stallAfterBytes", &["count", "milliseconds"]),
    ("replaceHeader", &["name", "value"]),
    ("chunked", &["bytes"]),
    ("dropSlowReader", &["milliseconds"]),
    ("ignoreRange", &[]),
    ("shiftRange", &["by"]),
];

/// Fields common to all faults.
pub(crate) const COMMON: &[&str] =
    &["kind", "times", "always", "after", "afterEffect", "operation", "method", "path", "storage"];

struct Fields<'a>(&'a Map<String, Value>);

impl Fields<'_> {
    fn number(&self, name: &str) -> Result<u64, String> {
        self.0.get(name).and_then(Value::as_u64).ok_or_else(|| format!("{name} must be a non-negative whole number"))
    }

    fn small(&self, name: &str) -> Result<u32, String> {
        u32::try_from(self.number(name)?).map_err(|_| format!("{name} is too large"))
    }

    fn size(&self, name: &str) -> Result<usize, String> {
        usize::try_from(self.number(name)?).map_err(|_| format!("{name} is too large"))
    }

    fn signed(&self, name: &str) -> Result<i64, String> {
        self.0.get(name).and_then(Value::as_i64).ok_or_else(|| format!("{name} must be a whole number"))
    }

    fn text(&self, name: &str) -> Result<&str, String> {
        self.0.get(name).and_then(Value::as_str).ok_or_else(|| format!("{name} must be a string"))
    }

    fn flag(&self, name: &str) -> Result<bool, String> {
        self.0
            .get(name)
            .map_or(Ok(false), |value| value.as_bool().ok_or_else(|| format!("{name} must be true or false")))
    }

    fn time(&self) -> Result<Duration, String> {
        Ok(Duration::from_millis(self.number("milliseconds")?))
    }

    fn status(&self) -> Result<u16, String> {
        let status = u16::try_from(self.number("status")?).ok().filter(|status| (200..=599).contains(status));
        status.ok_or_else(|| "status must be between 200 and 599".to_owned())
    }

    fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }
}

/// Reads a fault; the flag says whether it strikes the store instead of the API.
pub(crate) fn read(value: &Value) -> Result<(Fault, bool), String> {
    let map = value.as_object().ok_or("a fault must be an object")?;
    let fields = Fields(map);
    let kind = fields.text("kind")?;
    let known: Vec<&str> = KINDS.iter().map(|(name, _)| *name).collect();
    let (_, own) = KINDS
        .iter()
        .find(|(name, _)| *name == kind)
        .ok_or_else(|| format!("there is no fault {kind:?}; the kinds are {}", known.join(", ")))?;
    if let Some(unknown) = map.keys().find(|key| !own.contains(&key.as_str()) && !COMMON.contains(&key.as_str())) {
        return Err(format!(
            "a fault of kind {kind} has no field {unknown:?}; it takes {}",
            [COMMON, own].concat().join(", ")
        ));
    }
    let mut fault = action(kind, &fields)?;
    if fields.has("times") {
        fault = fault.times(fields.small("times")?);
    }
    if fields.flag("always")? {
        fault = fault.always();
    }
    if fields.has("after") {
        fault = fault.after(fields.small("after")?);
    }
    if fields.flag("afterEffect")? {
        fault = fault.after_effect();
    }
    if fields.has("operation") {
        let id = fields.text("operation")?;
        if Spec::load()?.operation(id).is_none() {
            return Err(format!("there is no operation {id:?} in the interface document"));
        }
        fault = fault.on_operation(id);
    }
    if fields.has("method") {
        fault = fault.on_method(fields.text("method")?);
    }
    if fields.has("path") {
        fault = fault.on_path(fields.text("path")?);
    }
    Ok((fault, fields.flag("storage")?))
}

fn action(kind: &str, fields: &Fields<'_>) -> Result<Fault, String> {
    Ok(match kind {
        "status" => {
            let mut fault = Fault::status(fields.status()?);
            if fields.has("body") {
                fault = fault.body(fields.text("body")?);
            }
            if fields.has("contentType") {
                fault = fault.content_type(fields.text("contentType")?);
            }
            for (name, value) in fields.0.get("headers").and_then(Value::as_object).into_iter().flatten() {
                let value = value.as_str().ok_or_else(|| format!("the header {name} must be a string"))?;
                fault = fault.header(name, value);
            }
            fault
        }
        "redirect" => Fault::redirect(fields.status()?, fields.text("location")?),
        "proxyPage" => Fault::proxy_page(fields.status()?),
        "reset" => Fault::reset(),
        "resetBeforeBody" => Fault::reset_before_body(),
        "resetInBody" => Fault::reset_in_body(),
        "close" => Fault::close(),
        "closeAfterResponse" => Fault::close_after_response(),
        "truncated" => Fault::truncated(),
        "wrongLength" => Fault::wrong_length(fields.signed("difference")?),
        "stall" => Fault::stall(fields.time()?),
        "latency" => Fault::latency(fields.time()?),
        "garbage" => Fault::garbage(),
        "oversize" => Fault::oversize(fields.size("mebibytes")?),
        "slowBody" => Fault::slow_body(fields.size("bytes")?, fields.time()?),
        "cutJson" => Fault::cut_json(),
        "emptyBody" => Fault::empty_body(),
        "newerServer" => Fault::newer_server(),
        "resetAfterItems" => Fault::reset_after_items(fields.size("count")?),
        "closeAfterItems" => Fault::close_after_items(fields.size("count")?),
        "endAfterItems" => Fault::end_after_items(fields.size("count")?),
        "stallAfterItems" => Fault::stall_after_items(fields.size("count")?, fields.time()?),
        "replaceItem" => {
            Fault::replace_item(fields.size("index")?, fields.0.get("with").cloned().ok_or("with is missing")?)
        }
        "resetAfterBytes" => Fault::reset_after_bytes(fields.number("count")?),
        "closeAfterBytes" => Fault::close_after_bytes(fields.number("count")?),
        "endAfterBytes" => Fault::end_after_bytes(fields.number("count")?),
        "stallAfterBytes" => Fault::stall_after_bytes(fields.number("count")?, fields.time()?),
        "replaceHeader" => Fault::replace_header(fields.text("name")?, fields.text("value")?),
        "chunked" => Fault::chunked(fields.size("bytes")?),
        "dropSlowReader" => Fault::drop_slow_reader(fields.time()?),
        "ignoreRange" => Fault::ignore_range(),
        "shiftRange" => Fault::shift_range(fields.signed("by")?),
        other => return Err(format!("there is no fault {other:?}")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_kind_is_read_and_nothing_else() {
        let sample = |field: &str| match field {
            "status" => json!(503),
            "body" | "contentType" | "location" | "name" | "value" => json!("text"),
            "headers" => json!({"Retry-After": "1"}),
            "with" => json!({"name": 5}),
            _ => json!(7),
        };
        for (kind, own) in KINDS {
            let mut fault: Map<String, Value> = own.iter().map(|field| ((*field).to_owned(), sample(field))).collect();
            fault.insert("kind".to_owned(), (*kind).into());
            assert!(read(&fault.clone().into()).is_ok(), "{kind}: {:?}", read(&fault.into()).err());
        }
        let error = |value: Value| read(&value).err().unwrap();
        assert!(error(json!({"kind": "typo"})).contains("no fault \"typo\""));
        assert!(error(json!({"kind": "reset", "time": 2})).contains("no field \"time\""));
        assert!(error(json!({"kind": "reset", "operation": "typo"})).contains("no operation"));
        assert!(error(json!({"kind": "status", "status": 99})).contains("between"));
    }
}
