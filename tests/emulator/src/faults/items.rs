//! Finds the elements of a list in its bytes, for faults that strike in the middle of it.

use std::ops::Range;

/// The position of each element of the list: of the body itself, or of the first array in its envelope.
pub(super) fn elements(body: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let (mut depth, mut list_depth) = (0_usize, None);
    let (mut in_string, mut escaped) = (false, false);
    let mut start = None;
    for (at, &byte) in body.iter().enumerate() {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        let in_list = list_depth == Some(depth);
        if in_list && matches!(byte, b',' | b']') {
            if let Some(start) = start.take() {
                found.push(start..at);
            }
            if byte == b']' {
                return found;
            }
            continue;
        }
        if in_list && start.is_none() && !byte.is_ascii_whitespace() {
            start = Some(at);
        }
        match byte {
            b'"' => in_string = true,
            b'[' | b'{' => {
                depth += 1;
                if byte == b'[' && list_depth.is_none() && depth <= 2 {
                    list_depth = Some(depth);
                }
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    found
}

/// Where to cut a body so that this many elements are whole; its end if it has no more.
pub(super) fn end_of(body: &[u8], count: usize) -> usize {
    let elements = elements(body);
    match count.checked_sub(1) {
        None => elements.first().map(|first| first.start),
        Some(last) => elements.get(last).map(|last| last.end),
    }
    .unwrap_or(body.len())
}

/// Replaces one element, counting from zero.
pub(super) fn replace(body: &[u8], index: usize, with: &[u8]) -> Vec<u8> {
    match elements(body).get(index) {
        Some(place) => {
            let (before, after) = (body.get(..place.start), body.get(place.end..));
            [before.unwrap_or_default(), with, after.unwrap_or_default()].concat()
        }
        None => body.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_found_bare_and_in_an_envelope() {
        let texts = |body: &str| -> Vec<String> {
            elements(body.as_bytes()).into_iter().map(|range| body[range].to_owned()).collect()
        };
        assert_eq!(texts(r#"[{"a":[1,2]},"x,]\"",[3],null]"#), [r#"{"a":[1,2]}"#, r#""x,]\"""#, "[3]", "null"]);
        assert_eq!(texts(r#"{"count":2,"secrets":[{"v":"]"},{}],"more":[5]}"#), [r#"{"v":"]"}"#, "{}"]);
        assert_eq!((texts("[]").len(), texts(r#"{"secrets":null}"#).len(), texts("").len()), (0, 0, 0));
    }

    #[test]
    fn a_list_is_cut_behind_an_element() {
        let body = b"[1,22,333]";
        let cut = |count| String::from_utf8_lossy(&body[..end_of(body, count)]).into_owned();
        assert_eq!([cut(0), cut(1), cut(3), cut(4)], ["[", "[1", "[1,22,333", "[1,22,333]"]);
        assert_eq!(replace(body, 1, b"{}"), b"[1,{},333]");
    }
}
