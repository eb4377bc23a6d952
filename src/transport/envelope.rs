//! Responses that differ from the published document: the live service wraps some in an object that the document shows bare, and
//! leaves the body of others empty.

use bytes::Bytes;

use crate::json::RawFields;
use crate::operation::OperationInfo;

/// The body in the form that the document promises.
pub(super) fn as_promised(body: Bytes, info: &OperationInfo) -> Bytes {
    match (info.envelope, info.empty_body_as) {
        (_, Some(json)) if body.iter().all(u8::is_ascii_whitespace) => Bytes::from_static(json.as_bytes()),
        (Some(key), _) => open(body, key),
        _ => body,
    }
}

/// The value under `key`, if the body is an object that has it; otherwise the body unchanged. Both forms are accepted.
pub(crate) fn open(body: Bytes, key: &str) -> Bytes {
    if body.iter().find(|b| !b.is_ascii_whitespace()) != Some(&b'{') {
        return body;
    }
    // A bare resource may have a property of that name, but then it is a string. Other properties prove nothing: an envelope may
    // also hold a request id.
    match RawFields::read(&body).and_then(|fields| fields.get(key)) {
        Some(inner) if inner.starts_with(['{', '[', 'n']) => body.slice_ref(inner.as_bytes()),
        _ => body,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrapped_and_bare_responses_are_read_alike() {
        for (body, want) in [
            (r#"{"secrets":[1, 2]}"#, "[1, 2]"),
            (r#" {"secrets": {"a":1} , "next": null}"#, r#"{"a":1}"#),
            (r#"{"requestID":"x","secrets":[1]}"#, "[1]"),
            (r#"{"orgID":"x","secrets":null}"#, "null"),
            ("[1]", "[1]"),
            (r#"{"secretID":"x","secrets":"y"}"#, r#"{"secretID":"x","secrets":"y"}"#),
            (r#"{"other":1}"#, r#"{"other":1}"#),
            (r#"{"secrets":"#, r#"{"secrets":"#),
            ("", ""),
        ] {
            assert_eq!(open(Bytes::from(body), "secrets"), want);
        }
    }
}
