//! Request bodies and responses.

use super::change::{Recorder, Subject};
use super::place::Place;
use super::resolve::{Document, Operation, Pair};
use super::rules::Rule;
use super::schema;
use crate::codegen::uses::Use;
use crate::naming::pascal;
use crate::openapi::entries;
use serde_json::Value;

pub fn request<'a>(pair: &Pair<'a>, recorder: &mut Recorder<'a>, old: &Operation<'a>, new: &Operation<'a>) {
    let get = |document: &Document<'a>, operation: &Operation<'a>| {
        operation.value.get("requestBody").map(|body| document.resolve(body))
    };
    let required = |body: &Value| body.get("required") == Some(&Value::Bool(true));
    let mut note = |rule: Rule, text: &str| {
        recorder.add(Subject::of(new), rule, text.to_owned(), vec![format!("{}::body", new.request_type())]);
    };
    let (before, after) = match (get(&pair.old, old), get(&pair.new, new)) {
        (Some(before), Some(after)) => (before, after),
        (Some(_), None) => return note(Rule::BodyRemoved, "the request body is gone"),
        (None, Some(after)) if required(after) => {
            return note(Rule::BodyAddedRequired, "has a request body, which is required");
        }
        (None, Some(_)) => return note(Rule::BodyAdded, "has an optional request body"),
        (None, None) => return,
    };
    match (required(before), required(after)) {
        (false, true) => note(Rule::BodyNowRequired, "the request body is now required"),
        (true, false) => note(Rule::BodyNowOptional, "the request body is now optional"),
        _ => {}
    }
    if before.get("description") != after.get("description") {
        note(Rule::TextChanged, "the request body has another `description`");
    }
    let patch = Use { patch: new.method == "patch", ..Use::REQUEST };
    content(pair, recorder, new, patch, ("request body", "Body"), (before, after));
}

pub fn response<'a>(pair: &Pair<'a>, recorder: &mut Recorder<'a>, old: &Operation<'a>, new: &Operation<'a>) {
    let (before, after) = (success(&pair.old, old), success(&pair.new, new));
    let has_content =
        |response: Option<&'a Value>| response.is_some_and(|response| entries(response, "content").next().is_some());
    let mut note =
        |rule: Rule, text: &str| recorder.add(Subject::of(new), rule, text.to_owned(), vec![new.request_type()]);
    if statuses(old) != statuses(new) {
        note(Rule::StatusChanged, &format!("succeeds with {} in place of {}", statuses(new), statuses(old)));
    }
    if failures(&pair.old, old) != failures(&pair.new, new) {
        note(Rule::FailureChanged, "documents its failures in another way");
    }
    let text = |response: Option<&Value>| response.and_then(|response| response.get("description")).cloned();
    if text(before) != text(after) {
        note(Rule::TextChanged, "the response has another `description`");
    }
    match (has_content(before), has_content(after)) {
        (false, true) => note(Rule::ResponseAdded, "the response has a body"),
        (true, false) => note(Rule::ResponseRemoved, "the response has no body any more"),
        _ => {}
    }
    if let (Some(before), Some(after)) = (before, after) {
        content(pair, recorder, new, Use::RESPONSE, ("response", "Response"), (before, after));
    }
}

fn content<'a>(
    pair: &Pair<'a>,
    recorder: &mut Recorder<'a>,
    operation: &Operation<'a>,
    used: Use,
    (path, suffix): (&str, &str),
    (old, new): (&'a Value, &'a Value),
) {
    let (Some((old_media, old)), Some((new_media, new))) = (main_media(old), main_media(new)) else { return };
    let type_name = format!("{}{suffix}", pascal(&operation.id));
    let place = Place::part(Subject::of(operation), used, path.to_owned(), type_name, operation.request_type());
    if old_media != new_media {
        place.note(recorder, Rule::MediaTypeChanged, &format!("has the type `{new_media}` in place of `{old_media}`"));
        return;
    }
    schema::optional_part(pair, recorder, &place, old.get("schema"), new.get("schema"));
}

/// JSON if present, as the generator chooses.
fn main_media(holder: &Value) -> Option<(&str, &Value)> {
    let all: Vec<_> = entries(holder, "content").collect();
    all.iter().find(|(media, _)| *media == "application/json").or(all.first()).copied()
}

/// The success response that determines the type: the first with a body, otherwise the first.
fn success<'a>(document: &Document<'a>, operation: &Operation<'a>) -> Option<&'a Value> {
    let responses = || entries(operation.value, "responses").filter(|(status, _)| status.starts_with('2'));
    let resolved = || responses().map(|(_, response)| document.resolve(response));
    resolved().find(|response| entries(response, "content").next().is_some()).or_else(|| resolved().next())
}

fn statuses(operation: &Operation<'_>) -> String {
    let all = entries(operation.value, "responses").map(|(status, _)| status);
    all.filter(|status| status.starts_with('2')).collect::<Vec<_>>().join(", ")
}

fn failures(document: &Document<'_>, operation: &Operation<'_>) -> Vec<(String, Value)> {
    let all = entries(operation.value, "responses").filter(|(status, _)| !status.starts_with('2'));
    all.map(|(status, response)| (status.to_owned(), document.resolve(response).clone())).collect()
}
