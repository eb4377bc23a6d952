//! Firewall ranges as the service treats them: as a set, in which `0.0.0.0/0` means everything.

use std::collections::BTreeSet;

/// Whether a deployment reports the ranges that were requested.
///
/// The service sorts ranges, drops duplicates, and turns a list that contains `0.0.0.0/0` into `allowAllTraffic`; both
/// may be missing or null until the firewall has been set up.
///
/// ```
/// use singlestore_management::firewall_matches;
///
/// assert!(firewall_matches(["10.0.0.0/8", "192.0.2.1/32"], Some(&["192.0.2.1/32", "10.0.0.0/8"]), None));
/// assert!(firewall_matches(["0.0.0.0/0", "192.0.2.1/32"], Some(&[] as &[&str]), Some(true)));
/// assert!(!firewall_matches(["10.0.0.0/8"], None::<&[&str]>, None));
/// ```
pub fn firewall_matches<W: AsRef<str>, S: AsRef<str>>(
    wanted: impl IntoIterator<Item = W>,
    reported: Option<&[S]>,
    allow_all: Option<bool>,
) -> bool {
    let wanted: BTreeSet<String> = wanted.into_iter().map(|range| range.as_ref().trim().to_owned()).collect();
    let reported: Option<BTreeSet<String>> =
        reported.map(|ranges| ranges.iter().map(|range| range.as_ref().trim().to_owned()).collect());
    let everything = |ranges: &BTreeSet<String>| ranges.contains("0.0.0.0/0");
    let open = allow_all == Some(true) || reported.as_ref().is_some_and(everything);
    if everything(&wanted) {
        return open;
    }
    !open
        && (wanted.is_empty() && reported.as_ref().is_none_or(BTreeSet::is_empty) || reported.as_ref() == Some(&wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_compared_as_sets_in_which_everything_covers_the_rest() {
        type Case<'a> = (&'a [&'a str], Option<&'a [&'a str]>, Option<bool>, bool);
        let cases: &[Case<'_>] = &[
            (&["a", "b"], Some(&["b", "a"]), None, true),
            (&["a", "a"], Some(&["a"]), Some(false), true),
            (&["a"], Some(&["a", "b"]), None, false),
            (&["a"], Some(&[]), None, false),
            (&["a"], None, None, false),
            (&["a"], Some(&["a"]), Some(true), false),
            (&["0.0.0.0/0"], Some(&["0.0.0.0/0"]), None, true),
            (&["0.0.0.0/0"], None, Some(true), true),
            (&["0.0.0.0/0"], Some(&[]), None, false),
            (&["a", "0.0.0.0/0"], Some(&["0.0.0.0/0"]), None, true),
            (&[], Some(&[]), None, true),
            (&[], None, None, true),
            (&[], Some(&["a"]), None, false),
            (&[], None, Some(true), false),
        ];
        for (wanted, reported, all, want) in cases {
            assert_eq!(firewall_matches(*wanted, *reported, *all), *want, "{wanted:?} {reported:?} {all:?}");
        }
    }
}
