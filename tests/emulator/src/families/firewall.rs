//! How the service keeps a firewall.

use serde_json::{Value, json};

/// Everything, as a range.
const EVERYTHING: &str = "0.0.0.0/0";

/// What a GET shows once the firewall has landed: sorted, without duplicates, and collapsed if it admits everything.
pub(crate) fn landed(ranges: Option<&Value>, allow_all: Option<&Value>) -> Value {
    let mut ranges: Vec<&str> =
        ranges.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    ranges.sort_unstable();
    ranges.dedup();
    if ranges.contains(&EVERYTHING) || allow_all == Some(&Value::Bool(true)) {
        json!({"allowAllTraffic": true, "firewallRanges": []})
    } else {
        json!({"allowAllTraffic": false, "firewallRanges": ranges})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_sorted_and_everything_collapses() {
        let landed_of = |ranges: Value| landed(Some(&ranges), None);
        assert_eq!(
            landed_of(json!(["2.0.0.0/8", "1.0.0.0/8", "2.0.0.0/8"]))["firewallRanges"],
            json!(["1.0.0.0/8", "2.0.0.0/8"])
        );
        assert_eq!(
            landed_of(json!(["1.0.0.0/8", "0.0.0.0/0"])),
            json!({"allowAllTraffic": true, "firewallRanges": []})
        );
        assert_eq!(landed_of(json!([])), json!({"allowAllTraffic": false, "firewallRanges": []}));
    }
}
