//! Errors of the storage behind a pre-signed URL. Their messages contain bucket names and parts of signatures, so only the code
//! and the request id are shown.

use http::{HeaderMap, StatusCode};

use crate::{Error, ErrorKind};

/// How much of an error body is read.
pub(crate) const MAX_BODY: usize = 16 << 10;

/// The two facts of an error that may be shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Complaint {
    code: Option<String>,
    request_id: Option<String>,
}

impl Complaint {
    pub(crate) fn read(headers: &HeaderMap, body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body);
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let code = element(&text, "Code").or(header("x-ms-error-code")).and_then(plain);
        let ids = ["x-amz-request-id", "x-ms-request-id", "x-guploader-uploadid"];
        let request_id =
            element(&text, "RequestId").or_else(|| ids.iter().find_map(|name| header(name))).and_then(plain);
        Self { code, request_id }
    }

    /// Whether a 400 says that the signature or the credentials behind it have expired.
    pub(crate) fn is_expiry(&self) -> bool {
        self.code.as_deref().is_some_and(|code| {
            let code = code.to_ascii_lowercase();
            code.contains("expired") || code == "authenticationfailed"
        })
    }

    /// The error for a response of this status.
    pub(crate) fn into_error(self, status: StatusCode, what: &str) -> Error {
        let mut message = format!("{what}: the storage responded {}", status.as_u16());
        if let Some(reason) = status.canonical_reason() {
            message = format!("{message} {reason}");
        }
        match (self.code, self.request_id) {
            (Some(code), Some(id)) => message = format!("{message} (code {code}, request {id})"),
            (Some(code), None) => message = format!("{message} (code {code})"),
            (None, Some(id)) => message = format!("{message} (request {id})"),
            (None, None) => {}
        }
        let mut error = Error::new(ErrorKind::Storage, message);
        error.inner_mut().status = Some(status);
        error
    }
}

/// The text of the first element of this name.
fn element<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    rest.split_once('<').map(|(value, _)| value.trim())
}

/// Codes and ids are short words; anything else is not shown.
fn plain(text: &str) -> Option<String> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./+=:".contains(&byte);
    (!text.is_empty() && text.len() <= 128 && text.bytes().all(is_plain)).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_code_and_request_id_of_a_storage_error_are_shown() {
        let body = b"<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code><Message>Request has expired</Message>\
            <StringToSign>canary</StringToSign><RequestId>4442587FB7D0A2F9</RequestId></Error>";
        let complaint = Complaint::read(&HeaderMap::new(), body);
        let error = complaint.into_error(StatusCode::FORBIDDEN, "the URL was refused");
        let text = format!("{error} {error:?}");
        assert!(text.contains("403 Forbidden (code AccessDenied, request 4442587FB7D0A2F9)"), "{text}");
        assert!(!text.contains("canary") && !text.contains("expired"), "{text}");
        assert!(!error.is_not_found() && error.server_message().is_none());
    }

    #[test]
    fn a_404_of_the_storage_is_not_a_404_of_the_api() {
        let error =
            Complaint::read(&HeaderMap::new(), b"<Code>NoSuchKey</Code>").into_error(StatusCode::NOT_FOUND, "x");
        assert!(!error.is_not_found() && error.kind() == ErrorKind::Storage);
    }

    #[test]
    fn expiry_is_recognized_by_its_code() {
        for (code, expired) in [
            ("ExpiredToken", true),
            ("RequestExpired", true),
            ("TokenExpired", true),
            ("AuthenticationFailed", true),
            ("InvalidArgument", false),
            ("<b>Expired</b>", false),
            ("", false),
        ] {
            let complaint = Complaint::read(&HeaderMap::new(), format!("<Code>{code}</Code>").as_bytes());
            assert_eq!(complaint.is_expiry(), expired, "{code}");
        }
    }

    #[test]
    fn garbage_is_not_shown() {
        for body in [&b"<Code>"[..], b"<Code></Code>", b"\xff\xfe", b"<Code>a b\nc</Code>", b"<html>Code</html>"] {
            assert_eq!(Complaint::read(&HeaderMap::new(), body), Complaint::default(), "{body:?}");
        }
    }
}
