//! Regions of both versions and of the shared tier.

use serde_json::{Value, json};

use crate::http::response::Response;
use crate::world::{Call, Handler, Item, Reply, World, kinds};

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "list_regions" => list_v1,
        "list_regions_v2" => list_v2,
        "list_shared_tier_regions" | "list_shared_tier_regions_v2" => list_shared,
        _ => return None,
    })
}

fn list_v1(world: &mut World, _call: &Call<'_>) -> Reply {
    Ok(show(world, &["provider", "region", "regionID"], |_| true))
}

fn list_v2(world: &mut World, _call: &Call<'_>) -> Reply {
    Ok(show(world, &["provider", "region", "regionName"], |_| true))
}

fn list_shared(world: &mut World, _call: &Call<'_>) -> Reply {
    Ok(show(world, &["provider", "region", "regionName"], is_shared))
}

/// Whether the shared tier exists in a region.
pub(super) fn is_shared(region: &Item) -> bool {
    region.hidden.get("sharedTier") == Some(&json!(true))
}

fn show(world: &World, fields: &[&str], wanted: fn(&Item) -> bool) -> Response {
    let regions = world.all(&kinds::REGION).filter(|region| wanted(region));
    let shown = regions.map(|region| {
        let kept = region.value.iter().filter(|(name, _)| fields.contains(&name.as_str()));
        Value::Object(kept.map(|(name, value)| (name.clone(), value.clone())).collect())
    });
    Response::json(&Value::Array(shown.collect()))
}
