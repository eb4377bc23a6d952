//! Finds the end of a JSON value, byte by byte over any number of pieces. Only values that cross the end of a piece or
//! do not fit their type are scanned: decoding finds the end of all others.

/// The scan of one value.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Scan {
    depth: u32,
    in_string: bool,
    escaped: bool,
    /// Whether the value is a number or a word, which ends only where something else follows.
    bare: bool,
    begun: bool,
}

impl Scan {
    /// How many of these bytes belong to the value, if it ends among them. Whether it is well-formed is not checked.
    pub(super) fn end(&mut self, bytes: &[u8]) -> Option<usize> {
        for (at, byte) in bytes.iter().enumerate() {
            if self.in_string {
                if self.escaped {
                    self.escaped = false;
                } else if *byte == b'\\' {
                    self.escaped = true;
                } else if *byte == b'"' {
                    self.in_string = false;
                    if self.depth == 0 {
                        return Some(at + 1);
                    }
                }
                continue;
            }
            if self.bare {
                if is_delimiter(*byte) {
                    return Some(at);
                }
                continue;
            }
            match byte {
                b'"' => self.in_string = true,
                b'{' | b'[' => self.depth = self.depth.saturating_add(1),
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth == 0 {
                        return Some(at + 1);
                    }
                }
                _ => self.bare = !self.begun,
            }
            self.begun = true;
        }
        None
    }
}

/// Whether the byte can follow a number or a word.
pub(super) fn is_delimiter(byte: u8) -> bool {
    is_space(byte) || matches!(byte, b',' | b']' | b'}' | b':')
}

/// White space as defined by JSON.
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\t' | b'\r')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_value_is_found_however_it_is_cut() {
        for (value, rest) in [
            (r#"{"a":"}\"]","b":[1,{"c":2}]}"#, ",1"),
            (r#""a\\""#, ",\"b\""),
            ("12.5e3", "]"),
            ("true", " ,"),
            ("[[],[]]", "]"),
            ("\"\\\"\"", ""),
        ] {
            let text = format!("{value}{rest}");
            for cut in 0..text.len() {
                let (first, second) = text.as_bytes().split_at(cut);
                let mut scan = Scan::default();
                let end = scan.end(first).or_else(|| scan.end(second).map(|end| end + cut));
                assert_eq!(end, Some(value.len()), "{text} cut at {cut}");
            }
        }
        assert_eq!(Scan::default().end(b"12"), None, "a number that is cut is not complete");
    }
}
