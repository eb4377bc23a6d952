//! `CHANGELOG.md`: the entries under Unreleased become a version.

const UNRELEASED: &str = "## Unreleased\n";

/// The changelog of a release.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    /// The whole file with the new version.
    pub file: String,
    /// The part about the new version.
    pub text: String,
}

/// The text under Unreleased.
pub fn unreleased(file: &str) -> Result<&str, String> {
    let (_, rest) = file.split_once(UNRELEASED).ok_or_else(|| {
        format!("CHANGELOG.md has no heading `{}`; add it above the last version.", UNRELEASED.trim_end())
    })?;
    Ok(rest.split_once("\n## ").map_or(rest, |(body, _)| body).trim())
}

/// Whether something under Unreleased is marked as breaking, as `changelog` drafts it.
pub fn says_breaking(body: &str) -> bool {
    let body = body.to_lowercase();
    body.contains("**breaking") || body.contains("### breaking")
}

/// Gives the part under Unreleased a version; if it is empty, the draft is used.
pub fn cut(file: &str, version: &str, date: &str, document: &str, draft: &str) -> Result<Entry, String> {
    let written = unreleased(file)?;
    let body = if written.is_empty() { draft.trim() } else { written };
    if body.is_empty() {
        return Err("CHANGELOG.md has nothing under Unreleased; describe what this version brings to users.".to_owned());
    }
    let heading = format!("## {version} - ");
    if file.lines().any(|line| line.starts_with(&heading)) {
        return Err(format!("CHANGELOG.md already has a version {version}."));
    }
    let text = format!("{heading}{date}\n\nMade from version {document} of the vendor's document.\n\n{body}\n");
    let (before, rest) = file.split_once(UNRELEASED).unwrap_or_default();
    let older = rest.split_once("\n## ").map(|(_, older)| format!("\n## {older}")).unwrap_or_default();
    Ok(Entry { file: format!("{before}{UNRELEASED}\n{text}{older}"), text })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# Changelog\n\n## Unreleased\n\n* A thing.\n\n## 0.1.0 - 2026-01-01\n\n* Old.\n";

    #[test]
    fn unreleased_becomes_the_version_and_nothing_else_changes() {
        let entry = cut(FILE, "0.1.1", "2026-06-17", "1.2.3", "never").unwrap();
        let text = "## 0.1.1 - 2026-06-17\n\nMade from version 1.2.3 of the vendor's document.\n\n* A thing.\n";
        assert_eq!(entry.text, text);
        assert_eq!(entry.file, format!("# Changelog\n\n## Unreleased\n\n{text}\n## 0.1.0 - 2026-01-01\n\n* Old.\n"));
        assert_eq!(unreleased(&entry.file).unwrap(), "");
    }

    #[test]
    fn an_empty_part_takes_the_draft_or_is_refused() {
        let empty = FILE.replace("* A thing.\n\n", "");
        assert!(
            cut(&empty, "0.1.1", "d", "1", "- From the draft.\n").unwrap().text.ends_with("\n\n- From the draft.\n")
        );
        assert!(cut(&empty, "0.1.1", "d", "1", "").unwrap_err().contains("nothing under Unreleased"));
        assert!(cut("# Changelog\n", "0.1.1", "d", "1", "").unwrap_err().contains("`## Unreleased`"));
        assert!(cut(FILE, "0.1.0", "d", "1", "").unwrap_err().contains("already has a version 0.1.0"));
    }

    #[test]
    fn what_is_marked_as_breaking_is_seen() {
        for (body, breaking) in [
            ("- **Breaking:** x", true),
            ("### Breaking\n", true),
            ("* **Breaking**: x", true),
            ("* breaking news", false),
        ] {
            assert_eq!(says_breaking(body), breaking, "{body}");
        }
    }
}
