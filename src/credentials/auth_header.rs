//! A token in the form in which it is sent.

use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use http::HeaderValue;
use zeroize::Zeroizing;

use super::{FetchError, Token, check_key};
use crate::secret::REDACTED;

/// The value of the header `Authorization`, with the token it was made of.
#[derive(Clone, Debug)]
pub(crate) struct AuthHeader {
    value: HeaderValue,
    token: Arc<Token>,
}

impl AuthHeader {
    pub(super) fn new(token: Token) -> Result<Self, FetchError> {
        let key = token.secret().expose();
        check_key(key).map_err(|reason| FetchError::permanent(format!("the API key or token {reason}")))?;
        let text = Zeroizing::new(format!("Bearer {key}"));
        let mut value = HeaderValue::from_str(&text)
            .map_err(|_| FetchError::permanent("the API key or token has characters that no header can carry"))?;
        value.set_sensitive(true);
        Ok(Self { value, token: Arc::new(token) })
    }

    pub(crate) fn value(&self) -> &HeaderValue {
        &self.value
    }

    /// Takes the token out of a text of the server, should it echo it.
    pub(crate) fn scrub(&self, body: Bytes) -> Bytes {
        let token = self.token.secret().expose().as_bytes();
        if token.len() < 8 || !body.windows(token.len()).any(|window| window == token) {
            return body;
        }
        let text = String::from_utf8_lossy(&body);
        Bytes::from(text.replace(self.token.secret().expose(), REDACTED))
    }

    pub(super) fn is_jwt(&self) -> bool {
        self.token.is_jwt()
    }

    pub(super) fn expires_at(&self) -> Option<SystemTime> {
        self.token.expires_at()
    }

    pub(super) fn expires_before(&self, at: SystemTime) -> bool {
        self.expires_at().is_some_and(|end| end <= at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_the_server_echoes_is_taken_out() {
        let header = AuthHeader::new(Token::new("canary-0123456789")).unwrap();
        let body = Bytes::from_static(b"the key canary-0123456789 is not known");
        assert_eq!(header.scrub(body), Bytes::from_static(b"the key [redacted] is not known"));
        assert_eq!(header.scrub(Bytes::from_static(b"\xff")), Bytes::from_static(b"\xff"));
        assert!(!format!("{header:?}").contains("canary"));
        for text in ["", " ", "line\nbreak", "\u{7f}"] {
            let error = AuthHeader::new(Token::new(text)).unwrap_err();
            assert!(!error.message().contains("line"), "{error:?}");
        }
    }
}
