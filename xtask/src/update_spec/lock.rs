//! `spec/LOCK`: which published document is in use.

use sha2::{Digest, Sha256};
use std::fmt::Write;

pub const PATH: &str = "spec/LOCK";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lock {
    pub version: String,
    pub sha256: String,
    /// The date on which the document was fetched.
    pub fetched: String,
    /// The address, or `file` if it came from one.
    pub source: String,
}

impl Lock {
    pub fn new(version: &str, bytes: &[u8], fetched: String, source: String) -> Self {
        Self { version: version.to_owned(), sha256: sha256(bytes), fetched, source }
    }

    pub fn parse(text: &str) -> Option<Self> {
        let field = |key: &str| {
            text.lines().find_map(|line| Some(line.strip_prefix(key)?.strip_prefix(": ")?.trim().to_owned()))
        };
        Some(Self {
            version: field("version")?,
            sha256: field("sha256")?,
            fetched: field("fetched")?,
            source: field("source")?,
        })
    }

    pub fn to_text(&self) -> String {
        let Self { version, sha256, fetched, source } = self;
        format!(
            "# Which document spec/published.yaml is. Written by `cargo xtask update-spec`.\n\
             version: {version}\nsha256: {sha256}\nfetched: {fetched}\nsource: {source}\n"
        )
    }
}

pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let lock = Lock::new("1.2.3", b"abc", "2026-06-17".to_owned(), "https://example.test/spec".to_owned());
        assert_eq!(lock.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(Lock::parse(&lock.to_text()), Some(lock));
        assert_eq!(Lock::parse("version: 1"), None);
    }
}
