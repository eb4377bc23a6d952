//! Common mistakes in a key: those with one right reading are fixed, the rest is rejected with a message.

use crate::open_enum::position;

/// The key itself, without what editors, shells and headers put around it: white space, a byte order mark, quotation
/// marks, the header's name and scheme.
pub(crate) fn mend(text: &str) -> &str {
    let mut key = text;
    loop {
        let inner = without_scheme(unquoted(key.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}')));
        if inner.len() == key.len() {
            return key;
        }
        key = inner;
    }
}

fn unquoted(text: &str) -> &str {
    let pairs = [('"', '"'), ('\'', '\''), ('`', '`'), ('\u{201c}', '\u{201d}'), ('\u{2018}', '\u{2019}')];
    let inner = |(open, close)| text.strip_prefix(open)?.strip_suffix(close);
    pairs.into_iter().find_map(inner).unwrap_or(text)
}

fn without_scheme(text: &str) -> &str {
    let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    if is_prefix(first) && !rest.is_empty() { rest } else { text }
}

/// Whether a word precedes a key in a header.
fn is_prefix(word: &str) -> bool {
    position(word, &["bearer", "authorization:"]).is_some()
}

/// Names and templates found where a key is expected.
const PLACEHOLDERS: [&str; 10] = [
    "your-api-key",
    "your_api_key",
    "yourapikey",
    "your-key",
    "your-token",
    "changeme",
    "null",
    "none",
    "undefined",
    "todo",
];

/// Why a cleaned-up key is still invalid; completes the sentence "the API key ..." and never quotes the key.
///
/// # Errors
/// What is wrong, and what to do.
pub(crate) fn check(key: &str) -> Result<(), &'static str> {
    let is_placeholder = || {
        key.starts_with('<') && key.ends_with('>')
            || key.starts_with('[') && key.ends_with(']')
            || key.len() > 2 && key.bytes().all(|byte| matches!(byte, b'*' | b'.' | b'x' | b'X'))
            || position(key, &PLACEHOLDERS).is_some()
    };
    let is_template = || {
        key.starts_with('$')
            || key.contains("${")
            || key.contains("{{")
            || key.len() > 2 && key.starts_with('%') && key.ends_with('%')
    };
    if key.is_empty() {
        return Err("is empty");
    }
    if is_prefix(key) {
        return Err("is the beginning of a header without a key: the value after it is empty");
    }
    if is_template() {
        return Err("is a variable that was not replaced by its value, such as ${VAR}");
    }
    if is_placeholder() {
        return Err("is a placeholder; replace it with the key");
    }
    if key.starts_with('{') {
        return Err("is a JSON object; give only the value of its property");
    }
    if is_assignment(key) {
        return Err("is a line NAME=value; give only the value");
    }
    if key.contains(char::is_whitespace) {
        return Err("has white space inside: it is more than just the key, or several keys");
    }
    if key.contains(['"', '\'', '`']) {
        return Err("has a quotation mark that cannot be part of a key");
    }
    if !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("has characters that no header can carry, perhaps invisible ones: copy it again");
    }
    Ok(())
}

/// Whether this is a line of an environment file. The `=` at the end of base64 does not make it one.
fn is_assignment(key: &str) -> bool {
    key.split_once('=').is_some_and(|(name, value)| {
        let is_name =
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
        is_name && name.contains('_') && !value.trim_start_matches('=').is_empty()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repairing_a_key_twice_changes_nothing() {
        let mut random = fastrand::Rng::with_seed(22);
        let pieces =
            ["\"", "'", "Bearer ", "authorization: ", "\u{feff}", " ", "\n", "key", "\u{201c}", "\u{201d}", "$"];
        for _ in 0..20_000 {
            let text: String = (0..random.usize(..8)).map(|_| pieces[random.usize(..pieces.len())]).collect();
            let key = mend(&text);
            assert_eq!(mend(key), key, "{text:?}");
            assert!(text.contains(key), "{text:?}");
            if check(key).is_ok() {
                assert!(http::HeaderValue::from_str(key).is_ok(), "{text:?}");
            }
        }
    }
}
