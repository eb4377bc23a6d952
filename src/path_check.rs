//! What a path must not contain, because something on the way would read it as a different path.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// How often a value is decoded before it is checked: proxies decode, and the servers behind them decode again.
const LAYERS: usize = 3;

/// What is wrong with a path or a part of one; `None` if nothing is.
pub(crate) fn problem(value: &str) -> Option<&'static str> {
    let mut value = Cow::Borrowed(value);
    for _ in 0..=LAYERS {
        if value.split('/').any(is_step) {
            return Some("must not hold the steps `.` or `..`");
        }
        if value.contains('\\') {
            return Some("must not hold `\\`; folders are separated by `/`");
        }
        if value.chars().any(char::is_control) {
            return Some("must not hold control characters");
        }
        let decoded = percent_decode_str(&value).decode_utf8_lossy().into_owned();
        if decoded == *value {
            return None;
        }
        value = Cow::Owned(decoded);
    }
    None
}

/// Whether something on the way may read a part of a path as a step: some servers drop what follows a `;`, others drop blanks.
fn is_step(part: &str) -> bool {
    let name = part.split([';', '\0']).next().unwrap_or_default().trim();
    name == "." || name == ".."
}

#[cfg(test)]
mod tests {
    use super::problem;

    #[test]
    fn disguised_path_steps_are_found_and_names_pass() {
        for value in [
            ".",
            "..",
            "a/../b",
            "..\\x",
            "..%2fx",
            "%2e%2E",
            "%252e%252e/x",
            "a%5cb",
            "a%0d%0ab",
            "a\nb",
            "..%2f..%2fx",
            "..;/x",
            "..;a=b",
            "%2e%2e%3b/x",
            ".. ",
            "a/..%20/b",
            ".;",
            "..%00",
            "..%2500/x",
        ] {
            assert!(problem(value).is_some(), "{value:?}");
        }
        for value in [
            "a",
            "a.b",
            "...",
            "a/b",
            "a;b",
            "a b",
            " a",
            "50%",
            "100%25",
            "a%2Fb",
            "..a",
            "\u{e9}t\u{e9}",
            "%zz",
            "%c3%28",
        ] {
            assert_eq!(problem(value), None, "{value:?}");
        }
    }
}
