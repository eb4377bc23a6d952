//! A token in the form in which it is sent.

use std::sync::Arc;
use std::time::SystemTime;

use http::HeaderValue;
use zeroize::Zeroizing;

use super::{FetchError, Token, check_key};

/// The value of the `Authorization` header, and the token it was made from.
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

    /// The token, for finding it where it must not appear.
    pub(crate) fn token(&self) -> &str {
        self.token.secret().expose()
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
    fn a_token_that_does_not_fit_in_a_header_is_refused_without_being_shown() {
        let header = AuthHeader::new(Token::new("canary-0123456789")).unwrap();
        assert!(!format!("{header:?}").contains("canary"));
        for text in ["", " ", "line\nbreak", "\u{7f}"] {
            let error = AuthHeader::new(Token::new(text)).unwrap_err();
            assert!(!error.message().contains("line"), "{error:?}");
        }
    }
}
