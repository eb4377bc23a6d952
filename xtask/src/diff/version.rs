//! What the changes require of the version.

use super::Severity;

/// The next version by semver: before 1.0 the minor number marks breaking changes, and the patch number everything else.
pub fn next_version(current: &str, severity: Option<Severity>) -> String {
    let numbers: Vec<u64> =
        current.split(['-', '+']).next().unwrap_or_default().split('.').flat_map(str::parse).collect();
    let (Some(severity), &[major, minor, patch]) = (severity, numbers.as_slice()) else { return current.to_owned() };
    match (severity, major) {
        (Severity::Breaking, 0) => format!("0.{}.0", minor + 1),
        (Severity::Breaking, _) => format!("{}.0.0", major + 1),
        (Severity::Additive, 1..) => format!("{major}.{}.0", minor + 1),
        _ => format!("{major}.{minor}.{}", patch + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn severity_decides_the_number_that_grows() {
        use Severity::{Additive, Breaking, Documentation};
        for (current, severity, next) in [
            ("0.3.1", Some(Breaking), "0.4.0"),
            ("0.3.1", Some(Additive), "0.3.2"),
            ("0.3.1", Some(Documentation), "0.3.2"),
            ("0.3.1", None, "0.3.1"),
            ("1.2.3", Some(Breaking), "2.0.0"),
            ("1.2.3", Some(Additive), "1.3.0"),
            ("1.2.3", Some(Documentation), "1.2.4"),
            ("nonsense", Some(Breaking), "nonsense"),
        ] {
            assert_eq!(next_version(current, severity), next);
        }
    }
}
