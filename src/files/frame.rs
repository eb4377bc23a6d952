//! The form around an uploaded file (`multipart/form-data`, RFC 7578), with a length known in advance.

use bytes::Bytes;
use http::HeaderValue;

use crate::{Error, ErrorKind};

/// The bytes before and after the content. It is made once per upload, and retries send the same bytes.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    pub(crate) prefix: Bytes,
    pub(crate) suffix: Bytes,
    /// The value of the request's `Content-Type` header.
    pub(crate) media_type: HeaderValue,
}

impl Frame {
    /// A frame whose boundary nobody who chose the content can know: 128 bits from the operating system.
    pub(crate) fn new(content_type: Option<&HeaderValue>) -> Result<Self, Error> {
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(|error| {
            Error::new(ErrorKind::Config, format!("the operating system provides no random numbers: {error}"))
        })?;
        Self::with_boundary(&format!("{:032x}", u128::from_be_bytes(random)), content_type)
    }

    fn with_boundary(boundary: &str, content_type: Option<&HeaderValue>) -> Result<Self, Error> {
        // The file name goes only in the path, so that no name can end the header.
        let mut prefix =
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"file\"\r\n")
                .into_bytes();
        if let Some(content_type) = content_type {
            prefix.extend_from_slice(b"Content-Type: ");
            prefix.extend_from_slice(content_type.as_bytes());
            prefix.extend_from_slice(b"\r\n");
        }
        prefix.extend_from_slice(b"\r\n");
        let media_type = HeaderValue::from_str(&format!("multipart/form-data; boundary={boundary}"))
            .map_err(|_| Error::invalid_request("the form boundary is not valid in a header"))?;
        let suffix = Bytes::from(format!("\r\n--{boundary}--\r\n"));
        Ok(Self { prefix: prefix.into(), suffix, media_type })
    }

    /// The length of the whole body for a content of this length.
    pub(crate) fn length(&self, content: u64) -> Option<u64> {
        content.checked_add(self.prefix.len() as u64)?.checked_add(self.suffix.len() as u64)
    }
}

/// Parses a media type, `type/subtype` with or without parameters, before anything is sent.
pub(crate) fn media_type(text: &str) -> Result<HeaderValue, Error> {
    let refuse = || Error::invalid_request(format!("{text:?} is not a content type; it should look like text/csv"));
    let is_token = |part: &str| {
        let symbol = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        !part.is_empty() && part.bytes().all(symbol)
    };
    let essence = text.split(';').next().unwrap_or_default().trim();
    match essence.split_once('/') {
        Some((kind, sub)) if is_token(kind) && is_token(sub) => {
            HeaderValue::from_str(text.trim()).map_err(|_| refuse())
        }
        _ => Err(refuse()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_frame_has_one_part_called_file_and_an_exact_length() {
        let frame = Frame::with_boundary("B", None).unwrap();
        let expected = "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"file\"\r\n\r\n";
        assert_eq!(frame.prefix, expected);
        assert_eq!(frame.suffix, "\r\n--B--\r\n");
        assert_eq!(frame.length(10), Some((expected.len() + 10 + 9) as u64));
        assert_eq!(frame.length(u64::MAX), None);
        assert_eq!(frame.media_type, "multipart/form-data; boundary=B");
        let typed = Frame::with_boundary("B", Some(&media_type("text/csv; charset=utf-8").unwrap())).unwrap();
        assert!(
            std::str::from_utf8(&typed.prefix).unwrap().contains("\r\nContent-Type: text/csv; charset=utf-8\r\n\r\n")
        );
    }

    #[test]
    fn every_boundary_is_different() {
        let boundaries: std::collections::BTreeSet<String> =
            (0..100).map(|_| Frame::new(None).unwrap().media_type.to_str().unwrap().to_owned()).collect();
        assert_eq!(boundaries.len(), 100);
        assert!(boundaries.iter().all(|text| text.len() == "multipart/form-data; boundary=".len() + 32));
    }

    #[test]
    fn only_media_types_are_accepted_as_content_types() {
        for good in ["text/csv", "application/x-ipynb+json", " text/plain; charset=utf-8 "] {
            assert!(media_type(good).is_ok(), "{good}");
        }
        for bad in ["", "csv", "/", "text/", "text/csv\r\nX: y", "te xt/csv", "text/csv; a=\u{7f}\n"] {
            assert!(media_type(bad).is_err(), "{bad:?}");
        }
    }
}
