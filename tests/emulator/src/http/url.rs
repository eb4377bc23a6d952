//! Percent-encoding and query strings.

/// Decodes percent-encoding; in a query `+` is a space too. Sequences that are not hexadecimal are left unchanged.
pub(crate) fn decode(text: &str, plus_is_space: bool) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let pair = (byte == b'%').then(|| bytes.get(at + 1..at + 3)).flatten();
        let value =
            pair.and_then(|pair| std::str::from_utf8(pair).ok()).and_then(|pair| u8::from_str_radix(pair, 16).ok());
        match value {
            Some(value) => {
                out.push(value);
                at += 3;
            }
            None => {
                out.push(if plus_is_space && byte == b'+' { b' ' } else { byte });
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Encodes everything except unreserved characters.
pub(crate) fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Splits a request target into its path, still encoded, and its decoded query pairs.
pub(crate) fn split_target(target: &str) -> (&str, Vec<(String, String)>) {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let pairs = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(name, true), decode(value, true))
    });
    (path, pairs.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoding_round_trips_and_bad_sequences_survive() {
        assert_eq!(decode(&encode("a/b c%ü"), false), "a/b c%ü");
        assert_eq!(decode("100%", false), "100%");
        assert_eq!(decode("a+b%zz", true), "a b%zz");
    }

    #[test]
    fn a_query_is_split_and_decoded() {
        let (path, query) = split_target("/v1/x%2Fy?a=1&b=%2F&c");
        assert_eq!(path, "/v1/x%2Fy");
        let expected = [("a", "1"), ("b", "/"), ("c", "")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(query, expected);
    }
}
