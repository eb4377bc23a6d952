//! Finds a string even where part of it has been escaped on the way: for a URL, for JSON or Go, for HTML.

/// The remainder of a string at a cut counts from this many characters on.
pub(super) const SHORTEST_REST: usize = 3;
/// The most bytes that an escape takes for each byte of the string.
pub(super) const LONGEST_ESCAPE: usize = 16;

/// Six layers of quoting.
const MOST_BACKSLASHES: usize = 63;

/// How the bytes begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// With the whole of what is looked for, in this many bytes.
    Whole(usize),
    /// With a part of it, where the bytes end.
    Cut,
    /// With something else.
    No,
}

/// Whether the bytes begin with `wanted`, each character either plain or escaped.
pub(super) fn escaped(text: &[u8], wanted: &str) -> Found {
    let mut at = 0;
    let mut wanted = wanted.chars().peekable();
    let mut seen = 0;
    while let Some(c) = wanted.next() {
        let rest = text.get(at..).unwrap_or_default();
        let found = if c == '\\' && rest.first() == Some(&b'\\') {
            // Every layer of quoting doubles them, so any run matches a run.
            while wanted.next_if_eq(&'\\').is_some() {}
            Found::Whole(run(rest))
        } else {
            one(rest, c)
        };
        match found {
            Found::Whole(length) => at += length,
            Found::Cut if seen >= SHORTEST_REST => return Found::Cut,
            _ => return Found::No,
        }
        seen += 1;
    }
    Found::Whole(at)
}

/// Whether the bytes begin with this character, plain or escaped.
fn one(text: &[u8], c: char) -> Found {
    let mut utf8 = [0; 4];
    let utf8 = c.encode_utf8(&mut utf8).as_bytes();
    let mut best = plain(text, utf8);
    let mut consider = |found: Found| {
        best = match (best, found) {
            (Found::Whole(a), Found::Whole(b)) => Found::Whole(a.max(b)),
            (Found::Whole(a), _) | (_, Found::Whole(a)) => Found::Whole(a),
            (Found::Cut, _) | (_, Found::Cut) => Found::Cut,
            _ => Found::No,
        };
    };
    match text.first() {
        Some(b'+') if c == ' ' => consider(Found::Whole(1)),
        Some(b'%') => consider(in_url(text, utf8)),
        Some(b'&') => consider(in_html(text, c)),
        Some(b'\\') => {
            let run = run(text);
            consider(behind(run, quoted(&text[run..], c, utf8)));
        }
        _ => {}
    }
    best
}

/// How many backslashes the bytes begin with. No quoting writes more than the maximum, and input made only of backslashes is not
/// scanned again from each of them.
fn run(text: &[u8]) -> usize {
    text.iter().take(MOST_BACKSLASHES).take_while(|byte| **byte == b'\\').count()
}

fn behind(before: usize, found: Found) -> Found {
    match found {
        Found::Whole(length) => Found::Whole(before + length),
        other => other,
    }
}

fn plain(text: &[u8], wanted: &[u8]) -> Found {
    if text.starts_with(wanted) {
        Found::Whole(wanted.len())
    } else if wanted.starts_with(text) {
        Found::Cut
    } else {
        Found::No
    }
}

/// The same, ignoring case.
fn letters(text: &[u8], wanted: &str) -> Found {
    let start = &text[..text.len().min(wanted.len())];
    match wanted.as_bytes().get(..start.len()) {
        Some(part) if part.eq_ignore_ascii_case(start) && start.len() == wanted.len() => Found::Whole(wanted.len()),
        Some(part) if part.eq_ignore_ascii_case(start) => Found::Cut,
        _ => Found::No,
    }
}

/// `%2F`, or `%252F`.
fn in_url(text: &[u8], utf8: &[u8]) -> Found {
    let once: String = utf8.iter().map(|byte| format!("%{byte:02X}")).collect();
    match letters(text, &once) {
        Found::No => letters(text, &once.replace('%', "%25")),
        found => found,
    }
}

/// What follows one or more backslashes.
fn quoted(text: &[u8], c: char, utf8: &[u8]) -> Found {
    let short = match c {
        '\n' => "n",
        '\r' => "r",
        '\t' => "t",
        '\u{8}' => "b",
        '\u{c}' => "f",
        _ => "",
    };
    let mut units = [0; 2];
    let units = c.encode_utf16(&mut units).iter();
    let utf16 = units.map(|unit| format!("u{unit:04x}")).collect::<Vec<_>>().join("\\");
    let bytes = utf8.iter().map(|byte| format!("x{byte:02x}")).collect::<Vec<_>>().join("\\");
    let ways = [short, &utf16, &bytes, &format!("u{{{:x}}}", u32::from(c))].map(|way| match way.is_empty() {
        true => Found::No,
        false => letters(text, way),
    });
    // `\"` and `\/`, but not a letter, which would mean something else.
    let itself = if c.is_ascii_punctuation() || !c.is_ascii() { plain(text, utf8) } else { Found::No };
    let whole = ways.into_iter().chain([itself]).find(|found| matches!(found, Found::Whole(_)));
    whole.or_else(|| ways.contains(&Found::Cut).then_some(Found::Cut)).unwrap_or(Found::No)
}

/// `&quot;`, `&#34;`, `&#x22;`.
fn in_html(text: &[u8], c: char) -> Found {
    let name = match c {
        '&' => "&amp;",
        '<' => "&lt;",
        '>' => "&gt;",
        '"' => "&quot;",
        '\'' => "&apos;",
        _ => "",
    };
    let code = u32::from(c);
    let ways = [name.to_owned(), format!("&#{code};"), format!("&#0{code};"), format!("&#x{code:x};")];
    let ways = ways.iter().filter(|way| !way.is_empty()).map(|way| letters(text, way));
    ways.max_by_key(|found| match found {
        Found::Whole(_) => 2,
        Found::Cut => 1,
        Found::No => 0,
    })
    .unwrap_or(Found::No)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_character_may_be_escaped_in_its_own_way() {
        let whole = |text: &str, wanted: &str| escaped(text.as_bytes(), wanted) == Found::Whole(text.len());
        for (text, wanted) in [
            ("a b", "a b"),
            ("a+b%20c", "a b c"),
            ("%61%2fb%252Fc", "a/b/c"),
            ("\\\"\\u003c\\/\\n", "\"</\n"),
            ("\\\\\\\"x", "\"x"),
            ("\\\\x", "\\x"),
            ("\\\\\\\\x", "\\\\x"),
            ("&lt;&#34;&#x27;&AMP;", "<\"'&"),
            ("\\ud83d\\ude00\\xc3\\xa9", "\u{1f600}\u{e9}"),
            ("%F0%9f%98%80", "\u{1f600}"),
        ] {
            assert!(whole(text, wanted), "{text} {wanted:?}: {:?}", escaped(text.as_bytes(), wanted));
        }
        for (text, wanted) in
            [("abcx", "abcd"), ("", "abcd"), ("ab", "abcd"), ("%4", "abcd"), ("\\n", "n"), ("&lt", "<<<<")]
        {
            assert_eq!(escaped(text.as_bytes(), wanted), Found::No, "{text}");
        }
        for text in ["abc", "abc%6", "abc\\", "abc\\u00", "abc&#10", "a%62c%"] {
            assert_eq!(escaped(text.as_bytes(), "abcd"), Found::Cut, "{text}");
        }
    }

    /// Otherwise input made only of backslashes would be scanned to its end from each of them.
    #[test]
    fn a_long_run_of_backslashes_is_not_an_escape() {
        assert!(run(&[b'\\'; 10_000]) <= 100);
        assert_eq!(run(&[b'\\'; 31]), 31, "five layers of quoting");
    }

    #[test]
    fn no_text_makes_it_panic() {
        let mut random = fastrand::Rng::with_seed(34);
        let parts = ["a", "%", "\\", "u", "&", "#x", ";", "\u{e9}", "0", "\u{1f600}", "quot", "\"", "+", " "];
        let text = |random: &mut fastrand::Rng| -> String {
            (0..random.usize(..8)).map(|_| parts[random.usize(..parts.len())]).collect()
        };
        for _ in 0..50_000 {
            let (one, other) = (text(&mut random), text(&mut random));
            if let Found::Whole(length) = escaped(one.as_bytes(), &other) {
                assert!(length <= one.len() && one.is_char_boundary(length), "{one:?} {other:?}");
            }
        }
    }
}
