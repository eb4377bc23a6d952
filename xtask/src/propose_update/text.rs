//! The vendor's text where text has effects: a pull request notifies whoever is mentioned, and closes issues.

/// A pull request takes about 65,000 characters.
const MOST_CHARACTERS: usize = 60_000;

/// Invisible, and breaks up what would otherwise be taken for a mention or a reference.
const JOINER: char = '\u{2060}';

/// The body of a pull request: nobody is notified, nothing is closed, and it is not too long.
pub fn body(report: &str) -> String {
    let mut text = harmless(report);
    if let Some((end, _)) = text.char_indices().nth(MOST_CHARACTERS) {
        text.truncate(end);
        text.push_str("\n\n(cut; `cargo xtask spec-diff` shows all of it)\n");
    }
    text
}

/// A version in a form that a title may contain.
pub fn version(text: &str) -> String {
    let kept = |c: &char| c.is_ascii_alphanumeric() || ['.', '-', '_', '+'].contains(c);
    text.chars().filter(kept).take(40).collect()
}

/// `@name`, `#12`, `GH-12` and addresses of the repository's host have effects; YAML to be pasted contains none of them.
fn harmless(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        safe.push(c);
        let next = rest.peek().copied().unwrap_or(' ');
        let word =
            c == '-' && safe.get(safe.len().saturating_sub(3)..).is_some_and(|end| end.eq_ignore_ascii_case("gh-"));
        if c == '@' && next.is_ascii_alphanumeric() || (c == '#' || word) && next.is_ascii_digit() {
            safe.push(JOINER);
        }
    }
    safe.replace("github.com/", &format!("github{JOINER}.com/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mentions_and_references_have_no_effect_and_repairs_can_be_pasted() {
        let text = body("thanks @octo, fixes #12 and GH-7, see https://github.com/o/r/issues/3");
        for effect in ["@octo", "#12", "GH-7", "github.com/o"] {
            assert!(!text.contains(effect), "{effect}: {text}");
        }
        assert_eq!(text.replace(JOINER, ""), "thanks @octo, fixes #12 and GH-7, see https://github.com/o/r/issues/3");
        let yaml = "- target: $.paths[?@.x == 'y']\n  update: {$ref: '#/components/schemas/A'}\n";
        assert_eq!(body(yaml), yaml);
    }

    #[test]
    fn a_long_report_is_cut_between_characters() {
        let text = body(&"ü".repeat(MOST_CHARACTERS * 2));
        assert!(text.chars().count() < MOST_CHARACTERS + 100 && text.contains("(cut;"));
    }

    #[test]
    fn a_version_is_a_word() {
        assert_eq!(version("1.2.3-rc.1+b"), "1.2.3-rc.1+b");
        assert_eq!(version("1.2 fixes #12 @octo\n"), "1.2fixes12octo");
        assert_eq!(version(&"9".repeat(500)).len(), 40);
    }
}
