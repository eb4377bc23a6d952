//! Compares a request with the interface document: records violations, and refuses what the service refuses.

use serde_json::Value;

use crate::http::response::Response;
use crate::http::upload::Part;
use crate::spec::{Issue, IssueKind, Match, Operation, Spec};
use crate::world::ids;

/// What the checks found.
#[derive(Debug, Default)]
pub(crate) struct Checked {
    /// The body, if it is JSON.
    pub(crate) body: Option<Value>,
    /// Everything the document does not allow.
    pub(crate) violations: Vec<String>,
    /// The first problem that the service refuses.
    pub(crate) refusal: Option<Response>,
}

impl Checked {
    fn violation(&mut self, text: String) {
        self.violations.push(text);
    }

    fn refuse(&mut self, violation: String, response: impl Into<String>) {
        self.violations.push(violation);
        self.refusal.get_or_insert_with(|| Response::text(400, response));
    }
}

/// Checks the path, query and body of a request.
pub(crate) fn request(spec: &Spec, found: &Match<'_>, query: &[(String, String)], body: &Sent<'_>) -> Checked {
    let mut checked = Checked::default();
    path(spec, found, &mut checked);
    queries(spec, found.operation, query, &mut checked);
    content(spec, found.operation, body, &mut checked);
    checked
}

fn path(spec: &Spec, found: &Match<'_>, checked: &mut Checked) {
    for (parameter, (name, value)) in found.operation.path.iter().zip(&found.parameters) {
        let schema = spec.resolve(&parameter.schema);
        if schema.get("format").and_then(Value::as_str) == Some("uuid") && !ids::is_uuid(value) {
            checked
                .refuse(format!("path parameter {name} is not a UUID"), ids::malformed(value, found.operation.is_v2()));
        } else if let Some(problem) = text_problem(spec, &schema, value) {
            checked.refuse(format!("path parameter {name}: {problem}"), format!("invalid {name}: {problem}"));
        }
    }
}

fn queries(spec: &Spec, operation: &Operation, query: &[(String, String)], checked: &mut Checked) {
    for parameter in operation.query.iter().filter(|parameter| parameter.required) {
        let name = &parameter.name;
        if !query.iter().any(|(have, value)| have == name && !value.is_empty()) {
            checked.refuse(
                format!("query parameter {name} is missing"),
                format!("Query argument {name} is required, but not found"),
            );
        }
    }
    for (name, value) in query {
        // Every operation takes the organization, which the document does not mention.
        let parameter = operation.query.iter().find(|parameter| parameter.name == *name);
        let Some(parameter) = parameter else {
            if name != "organizationID" {
                checked.violation(format!("query parameter {name} is unknown to {}", operation.id));
            }
            continue;
        };
        let problem = text_problem(spec, &spec.resolve(&parameter.schema), value);
        // Shipped SDKs write this flag as a number, which works; billing ignores case and does its own check.
        let tolerated = (name == "metadata" && ["0", "1"].contains(&value.as_str()))
            || (operation.tag == "Billing" && ["metric", "aggregateBy"].contains(&name.as_str()));
        if let Some(problem) = problem.filter(|_| !tolerated) {
            checked.refuse(
                format!("query parameter {name}: {problem}"),
                format!("Invalid format for parameter {name}: {problem}"),
            );
        }
    }
}

/// What is wrong with the value of a parameter, according to the schema's type.
fn text_problem(spec: &Spec, schema: &Value, text: &str) -> Option<String> {
    let value = match schema.get("type").and_then(Value::as_str) {
        Some("integer") => text.parse::<i64>().map(Value::from).ok(),
        Some("number") => text.parse::<f64>().map(Value::from).ok(),
        Some("boolean") => text.parse::<bool>().map(Value::from).ok(),
        _ => Some(Value::from(text)),
    };
    let Some(value) = value else {
        return Some(format!("{text:?} is not of the documented type"));
    };
    spec.validate(schema, &value).first().map(|issue| issue.message.clone())
}

/// A body as sent.
pub(crate) struct Sent<'a> {
    pub(crate) content_type: Option<&'a str>,
    pub(crate) bytes: &'a [u8],
    pub(crate) part: Option<&'a Result<Part, String>>,
}

fn content(spec: &Spec, operation: &Operation, sent: &Sent<'_>, checked: &mut Checked) {
    let Sent { content_type, bytes, part } = *sent;
    let Some(body) = &operation.body else {
        if !bytes.is_empty() {
            checked.violation(format!("{} takes no body", operation.id));
        }
        return;
    };
    if bytes.is_empty() {
        if body.required {
            checked.refuse(format!("{} needs a body", operation.id), "request body is required");
        }
        return;
    }
    if operation.is_upload() {
        match part {
            None => {}
            Some(Ok(part)) if part.name == "file" => {}
            Some(Ok(part)) => {
                checked.refuse(format!("the part is named {:?}, not \"file\"", part.name), "http: no such file")
            }
            Some(Err(problem)) => checked.refuse(problem.clone(), problem),
        }
        return;
    }
    if !content_type.is_some_and(|kind| kind.to_ascii_lowercase().starts_with("application/json")) {
        let kind = content_type.unwrap_or("nothing");
        checked.refuse(
            format!("the content type is {kind}, not application/json"),
            "Content-Type must be application/json",
        );
        return;
    }
    match serde_json::from_slice::<Value>(bytes) {
        Err(error) => {
            checked.refuse(format!("the body is not JSON: {error}"), format!("invalid request body: {error}"))
        }
        Ok(value) => {
            for issue in spec.validate(&body.schema, &value) {
                judge(operation, &issue, checked);
            }
            checked.body = Some(value);
        }
    }
}

/// Decides whether an issue is refused, only recorded, or ignored as by the service.
fn judge(operation: &Operation, issue: &Issue, checked: &mut Checked) {
    let text = format!("{}: {issue}", operation.id);
    // Creating a cluster checks its fields in its own order and with its own messages.
    let judged_later = operation.id == "create_cluster";
    match issue.kind {
        IssueKind::UnknownField if operation.is_v2() => {
            checked.refuse(text, format!("request body contains an unknown field \"{}\"", issue.field()));
        }
        IssueKind::UnknownField => checked.violation(text),
        IssueKind::NullForAbsent => {}
        // Declared required, omitted by shipped SDKs, and read as false.
        IssueKind::Missing if issue.field() == "resumeTarget" => checked.violation(text),
        IssueKind::Null | IssueKind::Missing | IssueKind::NotAllowed if judged_later => checked.violation(text),
        IssueKind::Null | IssueKind::Missing => checked.refuse(text, format!("{} is required", issue.field())),
        // Values outside an enum are for the service to judge; where it did not, they were accepted.
        IssueKind::NotAllowed if operation.tag == "Cloud Functions" || operation.tag == "Shared Tier" => {
            checked.violation(text)
        }
        IssueKind::NotAllowed => {
            checked.refuse(text, format!("invalid value for {}: {}", issue.field(), issue.message))
        }
        IssueKind::WrongType if issue.pointer.is_empty() => checked.refuse(text, "invalid request body"),
        _ => checked.refuse(text, format!("invalid request body: {}: {}", issue.field(), issue.message)),
    }
}
