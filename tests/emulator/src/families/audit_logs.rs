//! Audit logs: pages by token, and a token on the last page too.

use serde_json::{Value, json};

use crate::http::response::Response;
use crate::world::{Call, Handler, Item, Reply, World, kinds, refuse};

pub(super) fn handler(operation: &str) -> Option<Handler> {
    (operation == "list_audit_logs").then_some(list as Handler)
}

/// Page size when none is asked for; the service's own is not known.
const PAGE: usize = 100;

/// Filters that compare one field with one parameter of the same name; the address has another one.
const FILTERS: &[(&str, &str)] = &[
    ("type", "type"),
    ("source", "source"),
    ("firstName", "firstName"),
    ("lastName", "lastName"),
    ("email", "userEmail"),
    ("userID", "userID"),
    ("apiKeyID", "apiKeyID"),
    ("projectID", "projectID"),
    ("teamID", "teamID"),
    ("workspaceID", "workspaceID"),
];

fn list(world: &mut World, call: &Call<'_>) -> Reply {
    let limit = call.query("limit").and_then(|text| text.parse::<usize>().ok()).unwrap_or(PAGE).max(1);
    let start = match call.query("nextToken") {
        None => 0,
        Some(token) => match token.strip_prefix("after-").and_then(|digits| digits.parse::<usize>().ok()) {
            Some(start) => start,
            None => return refuse(400, "invalid nextToken"),
        },
    };
    let fits = |item: &Item| {
        FILTERS.iter().all(|(parameter, field)| call.query(parameter).is_none_or(|wanted| item.text(field) == wanted))
            && call.query("startDate").is_none_or(|from| item.text("createdAt") >= from)
            && call.query("endDate").is_none_or(|to| item.text("createdAt") <= to)
    };
    let mut all: Vec<&Item> = world.all(&kinds::AUDIT_LOG).filter(|item| fits(item)).collect();
    if call.flag("sortByDescending") {
        all.reverse();
    }
    let page: Vec<Value> = all.iter().skip(start).take(limit).map(|item| Value::Object(item.value.clone())).collect();
    // The last token can be kept to ask for what is newer, so there always is one.
    let next = format!("after-{}", start.saturating_add(page.len()));
    Ok(Response::json(&json!({"auditLogs": page, "nextToken": next})))
}
