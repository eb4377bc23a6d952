//! Billed usage: one row per interval and running deployment, so that filters and ranges have a visible effect.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::http::response::Response;
use crate::world::{Call, Handler, Reply, World, clock, kinds, refuse};

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "get_billing_usage" | "get_billing_usage_v2" => usage,
        _ => return None,
    })
}

const METRICS: [(&str, &str); 2] =
    [("ComputeCredit", "Compute credits used"), ("StorageAvgByte", "Average bytes stored")];

/// The most rows in a response; a longer period is refused.
const ROWS: u64 = 10_000;

fn usage(world: &mut World, call: &Call<'_>) -> Reply {
    let time = |name: &str| {
        let text = call.query(name).unwrap_or_default();
        clock::expiry(text).ok_or_else(|| Response::text(400, format!("invalid {name}: {text:?} is not a time")))
    };
    let (start, end) = (time("startTime")?, time("endTime")?);
    if end < start {
        return refuse(400, "endTime must not be before startTime");
    }
    let interval = match call.query("aggregateBy").map(str::to_ascii_lowercase).as_deref() {
        None | Some("" | "hour") => 3600,
        Some("day") => 86_400,
        Some("month") => 30 * 86_400,
        Some(other) => return refuse(400, format!("invalid aggregateBy {other:?}")),
    };
    let wanted = call.query("metric").filter(|metric| !metric.is_empty());
    if let Some(wanted) = wanted
        && !METRICS.iter().any(|(metric, _)| metric.eq_ignore_ascii_case(wanted))
    {
        return refuse(400, format!("invalid metric {wanted:?}"));
    }
    let deployments: Vec<(String, String, &str)> = [(&kinds::WORKSPACE, "Workspace"), (&kinds::CLUSTER, "Cluster")]
        .into_iter()
        .flat_map(|(kind, title)| {
            world.all(kind).map(move |item| (item.text(kind.id).to_owned(), item.text("name").to_owned(), title))
        })
        .collect();
    let seconds = |at: SystemTime| at.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let (first, last) = (seconds(start), seconds(end));
    let intervals = last.saturating_sub(first).div_ceil(interval);
    if intervals.saturating_mul(deployments.len() as u64) > ROWS {
        return refuse(400, "the period is too long for this interval");
    }
    let at = |seconds: u64| UNIX_EPOCH.checked_add(Duration::from_secs(seconds)).map(clock::rfc3339);
    let rows: Vec<Value> = (0..intervals)
        .flat_map(|number| {
            let from = first + number * interval;
            deployments.iter().map(move |(id, name, title)| (from, id, name, title))
        })
        .map(|(from, id, name, title)| {
            json!({
                "startTime": at(from), "endTime": at((from + interval).min(last)), "ownerId": world.config.organization_id,
                "resourceId": id, "resourceName": name, "resourceType": title, "value": "1.5",
            })
        })
        .collect();
    let shown = METRICS
        .iter()
        .filter(|(metric, _)| wanted.is_none_or(|wanted| metric.eq_ignore_ascii_case(wanted)))
        .map(|(metric, description)| {
            // The service writes the names of metrics in camel case.
            let (head, tail) = metric.split_at(1);
            json!({"metric": format!("{}{tail}", head.to_lowercase()), "description": description, "usage": rows})
        });
    Ok(Response::json(&json!({"billingUsage": shown.collect::<Vec<Value>>()})))
}
