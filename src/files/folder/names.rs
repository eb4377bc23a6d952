//! File names that come from a server and go to a local file system: refused if unsafe, never rewritten, since two rewritten
//! names may become the same.

use std::collections::HashMap;

use icu_normalizer::DecomposingNormalizerBorrowed;

/// Why a path below a folder is not written to this machine; `None` if it may be.
pub(crate) fn refusal(path: &str) -> Option<&'static str> {
    let inner = path.strip_suffix('/').unwrap_or(path);
    if inner.is_empty() {
        return Some("it is empty");
    }
    if path.starts_with('/') {
        return Some("it is absolute");
    }
    inner.split('/').find_map(part_refusal)
}

fn part_refusal(part: &str) -> Option<&'static str> {
    if part.is_empty() {
        return Some("it has an empty part");
    }
    if part == "." || part == ".." {
        return Some("it leaves the folder");
    }
    if part.contains('\\') {
        return Some("it contains a backslash, which separates folders on some systems");
    }
    if part.contains(':') {
        return Some("it contains `:`, which names a drive or a stream on some systems");
    }
    if part.chars().any(|c| c.is_control() || is_bidirectional(c)) {
        return Some("it contains control characters");
    }
    if part.ends_with(['.', ' ']) {
        return Some("it ends in a dot or a space, which some systems drop");
    }
    if is_device(part) {
        return Some("it is the name of a device on some systems");
    }
    None
}

/// Characters that change the order in which others are displayed.
fn is_bidirectional(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// `CON`, `NUL.txt` and the like name devices on Windows, with any extension.
fn is_device(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or_default().trim_end().to_uppercase();
    if matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$") {
        return true;
    }
    let number = stem.strip_prefix("COM").or_else(|| stem.strip_prefix("LPT"));
    let mut digits = number.unwrap_or_default().chars();
    digits.next().is_some_and(|digit| digit.is_ascii_digit() || "¹²³".contains(digit)) && digits.next().is_none()
}

/// Paths that collide, or whose parent folders collide, after case folding and Unicode normalization. It is not known which of
/// them would be written last, so none is.
pub(crate) fn collisions<'p>(paths: impl Iterator<Item = &'p str>) -> Vec<&'p str> {
    let all: Vec<&str> = paths.collect();
    // For each folded prefix, the one spelling seen, or `None` if there are several.
    let mut spellings: HashMap<String, Option<&str>> = HashMap::new();
    let mut count: HashMap<&str, u32> = HashMap::new();
    for path in &all {
        *count.entry(path.trim_end_matches('/')).or_default() += 1;
        for prefix in prefixes(path) {
            let seen = spellings.entry(fold(prefix)).or_insert(Some(prefix));
            if *seen != Some(prefix) {
                *seen = None;
            }
        }
    }
    let collides = |path: &str| {
        count.get(path.trim_end_matches('/')).is_some_and(|count| *count > 1)
            || prefixes(path).any(|prefix| spellings.get(&fold(prefix)) == Some(&None))
    };
    let mut colliding: Vec<&str> = all.iter().copied().filter(|path| collides(path)).collect();
    colliding.sort_unstable();
    colliding.dedup();
    colliding
}

/// The path and its parent folders, without trailing slashes.
fn prefixes(path: &str) -> impl Iterator<Item = &str> {
    let path = path.trim_end_matches('/');
    let slashes = path.match_indices('/').map(|(slash, _)| slash);
    slashes.chain([path.len()]).filter_map(move |end| path.get(..end))
}

/// Folded twice, since some letters have several lower-case forms: `ſ` and `s`, the Kelvin sign and `k`. Decomposed before, for
/// letters whose case is known with and without their accent, and after, since the other case may have a different accent.
fn fold(text: &str) -> String {
    let decomposed = DecomposingNormalizerBorrowed::new_nfd();
    let folded = decomposed.normalize(text).to_lowercase().to_uppercase();
    decomposed.normalize(&folded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_names_are_accepted() {
        for name in ["a", "a/b.txt", "a/", ".hidden", "...a", "a b", "ü/🦀", "%2F", "CONSOLE", "com10", "a#?&", "COM"]
        {
            assert_eq!(refusal(name), None, "{name:?}");
        }
    }

    #[test]
    fn names_that_leave_the_folder_or_mean_something_else_are_refused() {
        for name in [
            "",
            "/",
            "/etc/passwd",
            "..",
            "../a",
            "a/../b",
            "a/..",
            ".",
            "a/./b",
            "a//b",
            "C:\\a",
            "C:a",
            "a\\b",
            "\\\\host\\a",
            "a:b",
            "a\nb",
            "a\u{0}",
            "a\u{202e}b",
            "a\u{61c}b",
            "a.",
            "a ",
            "a/b. /c",
            "CON",
            "con",
            "nul.txt",
            "Com1",
            "LPT¹.log",
            "aux ",
            "conin$",
            "x/PRN.tar.gz",
            "CON.txt",
            "com1.log",
            "CONIN$",
            "a ./b",
            "a /b",
            "...",
        ] {
            assert!(refusal(name).is_some(), "{name:?}");
        }
    }

    #[test]
    fn names_equal_except_for_case_are_found_with_everything_below_them() {
        let paths = ["a.txt", "A.txt", "b/", "b/x", "B/y", "c/", "c/x", "ſ", "s", "d", "d/", "e"];
        assert_eq!(collisions(paths.into_iter()), ["A.txt", "B/y", "a.txt", "b/", "b/x", "d", "d/", "s", "ſ"]);
        assert_eq!(collisions(["a", "b/", "b/a"].into_iter()), Vec::<&str>::new());
        assert_eq!(collisions(["a", "a"].into_iter()), ["a"]);
    }

    #[test]
    fn names_equal_except_for_their_unicode_form_are_found() {
        let (composed, decomposed) = ("caf\u{e9}/a", "cafe\u{301}/b");
        assert_eq!(collisions([composed, decomposed].into_iter()), [decomposed, composed]);
        // Form and case at once, a sign that is a letter, Hangul, and two marks in either order.
        for (one, other) in [
            ("\u{c9}.txt", "e\u{301}.TXT"),
            ("\u{212b}", "\u{e5}"),
            ("\u{d55c}", "\u{1112}\u{1161}\u{11ab}"),
            ("a\u{323}\u{307}", "a\u{307}\u{323}"),
            ("\u{1e9b}\u{323}", "\u{17f}\u{307}\u{323}"),
        ] {
            assert_eq!(collisions([one, other].into_iter()).len(), 2, "{one:?} {other:?}");
        }
        assert_eq!(collisions(["e", "\u{e9}", "\u{e8}"].into_iter()), Vec::<&str>::new());
    }
}
