//! How the service stores a firewall.

use std::net::IpAddr;

use serde_json::{Value, json};

use crate::world::{Call, Reply, refuse};

/// All addresses, as a range.
const EVERYTHING: &str = "0.0.0.0/0";

/// Refuses ranges that are not addresses.
pub(crate) fn check(call: &Call<'_>) -> Reply<()> {
    for range in call.field("firewallRanges").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
    {
        if !is_range(range) {
            return refuse(400, format!("firewallRanges: {range:?} is not an IP address or a CIDR range"));
        }
    }
    Ok(())
}

fn is_range(text: &str) -> bool {
    let (address, bits) = match text.split_once('/') {
        None => (text, None),
        Some((address, bits)) => (address, Some(bits)),
    };
    let Ok(address) = address.parse::<IpAddr>() else { return false };
    let most = if address.is_ipv4() { 32 } else { 128 };
    bits.is_none_or(|bits| bits.parse::<u8>().is_ok_and(|bits| bits <= most))
}

/// What a GET shows once the firewall has been applied: sorted, without duplicates, and collapsed if it admits everything.
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
    fn ranges_are_addresses_with_bits() {
        assert!(["0.0.0.0/0", "10.1.2.3", "10.0.0.0/32", "2001:db8::/64"].iter().all(|text| is_range(text)));
        assert!(!["", "10.0.0.0/33", "everybody", "10.0.0/8", "10.0.0.0/", "::/129"].iter().any(|text| is_range(text)));
    }

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
