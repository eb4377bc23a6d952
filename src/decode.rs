//! Finds where in a response decoding failed. Runs only on the way to an error, so a success pays nothing for it.

use bytes::Bytes;

use crate::{Error, ErrorKind};

/// How much of a response an error keeps.
pub(crate) const KEPT: usize = 64 << 10;

/// The error for a response that does not match its type.
pub(crate) fn failure(body: &[u8], source: serde_json::Error) -> Error {
    if is_page(body) {
        return page(body);
    }
    let message = if body.iter().all(u8::is_ascii_whitespace) {
        "the service responded with success and an empty body where JSON was expected".to_owned()
    } else if source.is_eof() {
        format!("the response ends in the middle, after {} bytes", body.len())
    } else {
        // The message of serde_json may quote a value of the response, which may be a secret.
        format!("the response is not what was expected: {}", without_values(&source.to_string()))
    };
    let mut error = kept(Error::new(ErrorKind::Decode, message), body);
    if !source.is_eof() {
        error.inner_mut().json_path = Some(path(body, source.line(), source.column()));
    }
    error
}

/// Refuses an HTML page where the response is otherwise not read.
pub(crate) fn refuse_page(body: &[u8]) -> Result<(), Error> {
    if is_page(body) { Err(page(body)) } else { Ok(()) }
}

/// Whether it is an HTML page: no response of the service begins like one.
fn is_page(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"<")
}

fn page(body: &[u8]) -> Error {
    let text = "the response is a page of HTML, probably from a proxy or a login page, not from the service";
    let mut error = kept(Error::new(ErrorKind::Decode, text), body);
    error.inner_mut().page = true;
    error
}

/// Keeps the beginning of the body. A copy, since a slice would keep the whole body alive.
fn kept(mut error: Error, body: &[u8]) -> Error {
    let inner = error.inner_mut();
    inner.body = Bytes::copy_from_slice(&body[..body.len().min(KEPT)]);
    inner.body_truncated = body.len() > KEPT;
    error
}

/// What precedes a value that serde_json quotes between backticks; names of fields are quoted so too.
const QUOTED: [&str; 4] = ["integer `", "floating point `", "boolean `", "character `"];

/// What follows the value of an unknown variant.
const VARIANTS: [&str; 2] = ["`, expected", "`, there are no variants"];

/// `invalid type: string "abc", expected ...` without the string, which may itself hold escaped quotes. Numbers are hidden as
/// well: a password may be one.
fn without_values(message: &str) -> String {
    // First, since the value between these backticks may hold anything. What follows it comes from the type alone.
    if let Some(rest) = message.strip_prefix("unknown variant `") {
        let end = VARIANTS.iter().filter_map(|after| rest.rfind(after)).max();
        return format!("unknown variant `...{}", without_position(&rest[end.unwrap_or(rest.len())..]));
    }
    let mut text = String::with_capacity(message.len());
    let mut chars = message.chars();
    while let Some(c) = chars.next() {
        text.push(c);
        if c == '`' && QUOTED.iter().any(|kind| text.ends_with(kind)) {
            text.push_str("...`");
            while chars.next().is_some_and(|hidden| hidden != '`') {}
        } else if c == '"' {
            text.push_str("...");
            while let Some(hidden) = chars.next() {
                match hidden {
                    '\\' => drop(chars.next()),
                    '"' => {
                        text.push('"');
                        break;
                    }
                    _ => {}
                }
            }
        }
    }
    without_position(&text).to_owned()
}

/// The position in bytes means nothing to a reader who has the path.
fn without_position(text: &str) -> &str {
    text.split(" at line ").next().unwrap_or_default()
}

/// The JSON path of the value that ends at a line and column, both counting from one.
fn path(body: &[u8], line: usize, column: usize) -> String {
    let start: usize = body.split_inclusive(|b| *b == b'\n').take(line.saturating_sub(1)).map(<[u8]>::len).sum();
    let end = (start + column).min(body.len());
    let mut steps: Vec<Step> = Vec::new();
    let mut at = 0;
    while at < end {
        match body[at] {
            b'{' => steps.push(Step::Key(None)),
            // The last byte belongs to the value at which decoding stopped, which may be a list where none belongs.
            b'[' if at + 1 < end => steps.push(Step::Index(0)),
            b'}' | b']' if at + 1 < end => {
                steps.pop();
            }
            b',' if at + 1 < end => match steps.last_mut() {
                Some(Step::Index(index)) => *index += 1,
                Some(Step::Key(key)) => *key = None,
                None => {}
            },
            b'"' => {
                let from = at + 1;
                at = from;
                while at < body.len() && body[at] != b'"' {
                    at += if body[at] == b'\\' { 2 } else { 1 };
                }
                if let Some(Step::Key(key @ None)) = steps.last_mut() {
                    *key = body.get(from..at).map(|name| String::from_utf8_lossy(name).into_owned());
                }
            }
            b'}' => {
                // A missing field is noticed at the end of its object, so the object is reported.
                if let Some(Step::Key(key)) = steps.last_mut() {
                    *key = None;
                }
            }
            _ => {}
        }
        at += 1;
    }
    let mut text = "$".to_owned();
    for step in steps {
        match step {
            Step::Key(Some(name)) => text.push_str(&format!(".{name}")),
            Step::Key(None) => {}
            Step::Index(index) => text.push_str(&format!("[{index}]")),
        }
    }
    text
}

enum Step {
    Key(Option<String>),
    Index(usize),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[allow(dead_code)]
    struct Item {
        name: String,
        tags: Vec<String>,
        count: u8,
    }

    #[derive(Debug, serde::Deserialize)]
    #[allow(dead_code)]
    struct Page {
        items: Vec<Item>,
    }

    fn failed(json: &str) -> Error {
        failure(json.as_bytes(), serde_json::from_str::<Page>(json).unwrap_err())
    }

    #[test]
    fn the_path_names_the_value_that_did_not_fit() {
        for (json, path) in [
            (r#"{"items":[{"name":"a","tags":[],"count":1},{"name":5,"tags":[],"count":1}]}"#, "$.items[1].name"),
            (r#"{"items":[{"name":"a","tags":["x",7],"count":1}]}"#, "$.items[0].tags[1]"),
            (r#"{"items":[{"name":"a, \"b\" [","tags":[],"count":1000}]}"#, "$.items[0].count"),
            ("{\n \"items\": [\n  {\"name\": \"a\",\n   \"tags\": null, \"count\": 1}]}", "$.items[0].tags"),
            (r#"{"items":[{"name":"a","tags":[]}]}"#, "$.items[0]"),
            (r#"{"items":"no"}"#, "$.items"),
            ("[1,2]", "$[0]"),
            (r#"{"items":[{"name":["a"],"tags":[],"count":1}]}"#, "$.items[0].name"),
            (r#"{"items":[{"name":"a","tags":["x", [ 1 ] ],"count":1}]}"#, "$.items[0].tags[1]"),
            (r#"{"items":[{"name":"a","tags":[],"count":[]}]}"#, "$.items[0].count"),
            (r#"{"items":[{"name":{},"tags":[],"count":1}]}"#, "$.items[0].name"),
        ] {
            assert_eq!(failed(json).json_path(), Some(path), "{json}");
        }
        for (json, path) in [("[{}]", "$[0]"), (" [ [{}], 1]", "$[0]"), (r#"{"regions":[]}"#, "$")] {
            let source = serde_json::from_str::<Vec<crate::types::Region>>(json).unwrap_err();
            assert_eq!(failure(json.as_bytes(), source).json_path(), Some(path), "{json}");
        }
        let source = serde_json::from_str::<crate::types::Region>("[{}]").unwrap_err();
        assert_eq!(failure(b"[{}]", source).json_path(), Some("$"), "a list in the place of an object");
    }

    #[test]
    fn the_message_quotes_no_value_of_the_response() {
        let shown = failed(r#"{"items":[{"name":"a","tags":"hunter2","count":1}]}"#).to_string();
        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(shown.contains("invalid type: string"), "{shown}");
        for number in ["47110815", "-47110815", "4711.0815", "4711081500000000000000"] {
            let shown = failed(&format!(r#"{{"items":[{{"name":{number},"tags":[],"count":1}}]}}"#)).to_string();
            assert!(!shown.contains("4711") && shown.contains("expected a string"), "{shown}");
        }
        for (message, want) in [
            (
                r#"invalid type: string "a\"hunter2\\", expected b at line 1 column 2"#,
                "invalid type: string \"...\", expected b",
            ),
            ("unknown variant `hunter2`, expected `a` or `b`", "unknown variant `...`, expected `a` or `b`"),
            ("unknown variant `hun\"ter2`, expected `a`", "unknown variant `...`, expected `a`"),
            ("unknown variant `hun`, expected ter2`, expected `a`", "unknown variant `...`, expected `a`"),
            ("unknown variant `hunter2`, there are no variants", "unknown variant `...`, there are no variants"),
            ("missing field `name` at line 1 column 2", "missing field `name`"),
            ("invalid type: integer `4711`, expected a text", "invalid type: integer `...`, expected a text"),
            (
                "invalid type: floating point `47.11`, expected a text",
                "invalid type: floating point `...`, expected a text",
            ),
            (
                "invalid value: integer `-4711`, expected u8 at line 3 column 4",
                "invalid value: integer `...`, expected u8",
            ),
            ("invalid type: boolean `true`, expected a text", "invalid type: boolean `...`, expected a text"),
            ("invalid value: character `x`, expected y", "invalid value: character `...`, expected y"),
            ("\"hunter2", "\"..."),
        ] {
            assert_eq!(without_values(message), want);
        }
    }

    #[test]
    fn a_truncated_response_and_an_empty_one_are_distinguished() {
        assert!(failed(r#"{"items":[{"na"#).to_string().contains("ends in the middle"));
        assert!(failed("").to_string().contains("empty body"));
    }
}
