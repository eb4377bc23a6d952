//! Determines the version of a release.

use crate::diff::{Severity, next_version};
use crate::io::Io;

/// A tag of a version, such as `v0.3.1`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tag {
    numbers: [u64; 3],
    pub name: String,
}

impl Tag {
    /// The tagged version.
    pub fn version(&self) -> &str {
        &self.name[1..]
    }
}

/// The highest version that HEAD builds on; versions with a suffix (`v1.0.0-rc.1`) are not counted.
pub fn last_tag(io: &mut dyn Io) -> Result<Option<Tag>, String> {
    let shallow = io.capture("git", &["rev-parse", "--is-shallow-repository"])?;
    if shallow.starts_with(b"true") {
        return Err(
            "This clone is shallow, so the last version may be missing; run `git fetch --unshallow --tags`.".to_owned()
        );
    }
    let tags = io.capture("git", &["tag", "--list", "v*", "--merged", "HEAD"])?;
    let tags = String::from_utf8_lossy(&tags);
    let versions =
        tags.lines().filter_map(|name| Some(Tag { numbers: numbers(name.strip_prefix('v')?)?, name: name.to_owned() }));
    Ok(versions.max())
}

/// The version of the release: that of the manifest, unless the changes since the last one require more.
pub fn decide(manifest: &str, last: Option<&Tag>, severity: Option<Severity>) -> Result<String, String> {
    let current = numbers(manifest)
        .ok_or_else(|| format!("The version {manifest} of Cargo.toml is not three numbers; release it by hand."))?;
    let Some(last) = last else { return Ok(manifest.to_owned()) };
    if current < last.numbers {
        return Err(format!("Cargo.toml has version {manifest}, but {} is tagged; raise it.", last.name));
    }
    let needed = next_version(last.version(), severity);
    Ok(if numbers(&needed).is_some_and(|needed| needed > current) { needed } else { manifest.to_owned() })
}

fn numbers(version: &str) -> Option<[u64; 3]> {
    let numbers: Vec<u64> = version.split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    numbers.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(version: &str) -> Tag {
        Tag { numbers: numbers(version).unwrap(), name: format!("v{version}") }
    }

    #[test]
    fn the_changes_since_the_last_tag_are_the_least() {
        use Severity::{Additive, Breaking};
        for (manifest, last, severity, version) in [
            ("0.1.0", None, Some(Breaking), "0.1.0"),
            ("0.1.0", Some("0.1.0"), Some(Breaking), "0.2.0"),
            ("0.1.0", Some("0.1.0"), Some(Additive), "0.1.1"),
            ("0.2.0", Some("0.1.9"), Some(Additive), "0.2.0"),
            ("0.1.9", Some("0.1.8"), Some(Breaking), "0.2.0"),
            ("1.9.0", Some("1.9.0"), Some(Additive), "1.10.0"),
        ] {
            assert_eq!(decide(manifest, last.map(tag).as_ref(), severity).unwrap(), version, "{manifest} {last:?}");
        }
        assert!(decide("0.1.0", Some(&tag("0.2.0")), None).unwrap_err().contains("raise it"));
        assert!(decide("0.1.0-dev", None, None).is_err());
        assert!(tag("0.10.0") > tag("0.9.0"));
    }
}
