//! The canonical form in which JSON is written, so that a file changes only when its content does.

use crate::openapi::sorted;
use serde_json::Value;

/// Pretty JSON with two spaces, sorted keys and a final newline.
///
/// The keys are sorted here and not left to `serde_json`, whose order depends on features that other packages of the same build
/// enable.
pub fn to_text(value: &Value) -> String {
    let mut text = format!("{:#}", sorted(value));
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_sorted_at_every_depth_and_lists_keep_their_order() {
        let value = serde_json::json!({"b": [{"z": 1, "a": 2}], "a": null});
        assert_eq!(
            to_text(&value),
            "{\n  \"a\": null,\n  \"b\": [\n    {\n      \"a\": 2,\n      \"z\": 1\n    }\n  ]\n}\n"
        );
    }
}
