//! The networks behind firewall ranges: one network has several spellings.

use std::net::{IpAddr, Ipv6Addr};

/// The prefix length of IPv4 addresses mapped into IPv6.
const MAPPED: u32 = 96;

/// What they begin with.
const MAPPED_BITS: u128 = 0xffff << 32;

/// A network; an IPv4 one as the part of IPv6 that it is mapped to.
#[derive(Clone, Copy)]
struct Network {
    bits: u128,
    length: u32,
}

impl Network {
    /// Parses `198.51.100.0/24`, a single address, or the IPv6 form of either; `None` for anything else.
    fn parse(range: &str) -> Option<Self> {
        let (address, length) = match range.split_once('/') {
            Some((address, length)) => (address, Some(length.trim().parse::<u32>().ok()?)),
            None => (range, None),
        };
        let (address, length) = match address.trim().parse().ok()? {
            IpAddr::V4(address) => (address.to_ipv6_mapped(), MAPPED.saturating_add(length.unwrap_or(32))),
            IpAddr::V6(address) => (address, length.unwrap_or(128)),
        };
        (length <= 128).then(|| Self { bits: Ipv6Addr::to_bits(address), length })
    }

    /// A wider part of IPv6 than the mapped one admits no IPv4 address.
    fn is_ipv4(self) -> bool {
        self.length >= MAPPED && self.bits >> 32 == MAPPED_BITS >> 32
    }

    fn overlaps(self, other: Self) -> bool {
        let shared = self.length.min(other.length);
        self.is_ipv4() == other.is_ipv4() && (shared == 0 || (self.bits ^ other.bits).leading_zeros() >= shared)
    }
}

/// Whether some address is in both ranges.
pub(super) fn overlap(one: &str, other: &str) -> bool {
    let parsed = Network::parse(one).zip(Network::parse(other));
    parsed.is_some_and(|(one, other)| one.overlaps(other))
}

#[cfg(test)]
mod tests {
    use super::overlap;

    #[test]
    fn ranges_are_compared_as_networks() {
        for (one, other, want) in [
            ("198.51.100.9/24", "198.51.100.0/24", true),
            ("198.51.100.7", "198.51.100.7/32", true),
            ("198.51.100.0/24", "198.51.101.0/24", false),
            ("198.51.100.0/23", "198.51.101.7/32", true),
            ("2001:db8::/32", "2001:DB8:0:0::1/32", true),
            ("2001:db8::/32", "2001:db9::/32", false),
            ("::ffff:198.51.100.0/120", "198.51.100.7/32", true),
            ("::1", "0.0.0.1", false),
            ("::/0", "2001:db8::/32", true),
            ("::/0", "198.51.100.0/24", false),
            ("::/0", "0.0.0.0/0", false),
            ("::/95", "198.51.100.0/24", false),
            ("::ffff:0:0/96", "198.51.100.0/24", true),
            ("1.2.3.4/0", "198.51.100.0/24", true),
            ("198.51.100.0/33", "198.51.100.0/24", false),
            ("198.51.100.0/-1", "198.51.100.0/24", false),
            ("198.51.100.0/4294967295", "198.51.100.0/24", false),
            ("a", "a", false),
            ("", "198.51.100.0/24", false),
        ] {
            assert_eq!(overlap(one, other), want, "{one} {other}");
            assert_eq!(overlap(other, one), want, "{other} {one}");
        }
    }
}
