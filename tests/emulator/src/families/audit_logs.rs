//! Audit logs: pages by token, which end in one of several ways.

use serde_json::{Map, Value};

use crate::http::response::Response;
use crate::world::{Call, Handler, Item, PageTokens, Reply, World, kinds, refuse};

pub(super) fn handler(operation: &str) -> Option<Handler> {
    (operation == "list_audit_logs").then_some(list as Handler)
}

/// Filters that compare a field with the parameter of the same name; only the address differs.
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
    ("workspaceGroupID", "workspaceGroupID"),
];

fn list(world: &mut World, call: &Call<'_>) -> Reply {
    let limit = call.query("limit").and_then(|text| text.parse::<usize>().ok()).unwrap_or(usize::MAX);
    let limit = limit.clamp(1, world.config.page_size);
    let sent = call.query("nextToken").filter(|token| !token.is_empty());
    let start = match sent.map(|token| token.split_once('.')) {
        None => None,
        Some(Some(("after", ""))) => None,
        Some(Some(("after" | "beyond", id))) => Some(id.split('.').next().unwrap_or_default()),
        Some(_) => return refuse(400, "invalid nextToken"),
    };
    let fits = |item: &Item| {
        FILTERS.iter().all(|(parameter, field)| call.query(parameter).is_none_or(|wanted| item.text(field) == wanted))
            && call.query("startDate").is_none_or(|from| item.text("createdAt") >= from)
            && call.query("endDate").is_none_or(|to| item.text("createdAt") <= to)
    };
    let mut rest = world.page(&kinds::AUDIT_LOG, start, call.flag("sortByDescending")).filter(|item| fits(item));
    let page: Vec<&Item> = rest.by_ref().take(limit).collect();
    let last = page.last().map(|item| item.text("auditID")).or(start).unwrap_or_default();
    let next = next_token(world.config.page_tokens, sent, last, page.is_empty(), rest.next().is_none());
    let mut shown = Map::new();
    if !(page.is_empty() && world.config.empty_pages_absent) {
        let entries = page.into_iter().map(|item| Value::Object(item.value.clone()));
        shown.insert("auditLogs".to_owned(), entries.collect());
    }
    if let Some(next) = next {
        shown.insert("nextToken".to_owned(), next.into());
    }
    Ok(Response::json(&Value::Object(shown)))
}

/// The token of a page, according to how the list is configured to end.
fn next_token(tokens: PageTokens, sent: Option<&str>, last: &str, empty: bool, at_end: bool) -> Option<String> {
    let after = format!("after.{last}");
    match tokens {
        PageTokens::Kept => Some(after),
        _ if !at_end => Some(after),
        PageTokens::Absent => None,
        PageTokens::Empty => Some(String::new()),
        PageTokens::Repeated => Some(sent.map_or(after, str::to_owned)),
        PageTokens::Alternating | PageTokens::Endless if !empty => Some(after),
        PageTokens::Alternating => {
            let other = format!("beyond.{last}.b");
            Some(if sent == Some(other.as_str()) { format!("beyond.{last}.a") } else { other })
        }
        PageTokens::Endless => {
            let number = sent.and_then(|token| token.rsplit_once('.')?.1.parse::<u64>().ok()).unwrap_or(0);
            Some(format!("beyond.{last}.{}", number.saturating_add(1)))
        }
    }
}
