//! Keeps the token, renews it in time, and never twice at once.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::HeaderValue;

use super::{CredentialsProvider, Token};
use crate::secret::REDACTED;
use crate::{Error, ErrorKind, OrganizationId};

/// How long before its end a token is renewed.
const EARLY: Duration = Duration::from_secs(120);

/// A token in the form in which it is sent.
#[derive(Clone, Debug)]
pub(crate) struct Header {
    value: HeaderValue,
    token: Token,
}

impl Header {
    fn new(token: Token) -> Result<Self, Error> {
        let text = token.secret().expose();
        if text.trim().is_empty() {
            return Err(Error::new(ErrorKind::Credentials, "the API key or token is empty"));
        }
        let mut value = HeaderValue::from_str(&format!("Bearer {}", text.trim())).map_err(|_| {
            // The library's own error would not show the value either, but says nothing of what to do.
            Error::new(ErrorKind::Credentials, "the API key or token holds a character that no header can carry")
        })?;
        value.set_sensitive(true);
        Ok(Self { value, token })
    }

    pub(crate) fn value(&self) -> HeaderValue {
        self.value.clone()
    }

    /// Takes the token out of a text of the server, should it echo it.
    pub(crate) fn scrub(&self, body: Bytes) -> Bytes {
        let token = self.token.secret().expose().trim().as_bytes();
        if token.len() < 8 || !body.windows(token.len()).any(|window| window == token) {
            return body;
        }
        let text = String::from_utf8_lossy(&body);
        Bytes::from(text.replace(self.token.secret().expose().trim(), REDACTED))
    }

    fn ends_before(&self, at: SystemTime) -> bool {
        self.token.expires_at().is_some_and(|end| end <= at)
    }
}

/// The token of a client and all its clones.
#[derive(Debug)]
pub(crate) struct TokenCache {
    provider: Arc<dyn CredentialsProvider>,
    current: RwLock<Option<Header>>,
    /// Held while the provider is asked: one at a time.
    asking: tokio::sync::Mutex<()>,
}

impl TokenCache {
    pub(crate) fn new(provider: Arc<dyn CredentialsProvider>) -> Self {
        Self { provider, current: RwLock::default(), asking: tokio::sync::Mutex::default() }
    }

    fn current(&self) -> Option<Header> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn store(&self, header: Option<Header>) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = header;
    }

    /// The header to send. The flag of a failure says whether asking again may help.
    pub(crate) async fn header(&self, organization: Option<&OrganizationId>) -> Result<Header, (Error, bool)> {
        let header = self.fresh().await?;
        if header.token.is_jwt() && organization.is_none() {
            let error = Error::new(ErrorKind::Credentials, "a JWT needs the organization that it is meant for")
                .with_advice("set `organization` of the client, or SINGLESTOREDB_ORGANIZATION");
            return Err((error, false));
        }
        Ok(header)
    }

    async fn fresh(&self) -> Result<Header, (Error, bool)> {
        let soon = |header: &Header| header.ends_before(SystemTime::now() + EARLY);
        if let Some(header) = self.current().filter(|header| !soon(header)) {
            return Ok(header);
        }
        let _turn = self.asking.lock().await;
        // Another call may have asked while this one waited for its turn.
        if let Some(header) = self.current().filter(|header| !soon(header)) {
            return Ok(header);
        }
        let old = self.current().filter(|header| !header.ends_before(SystemTime::now()));
        match self.ask().await {
            Ok(header) => Ok(header),
            // A token that is still good outlives a provider that is not.
            Err((error, transient)) => old.filter(|_| transient).ok_or((error, transient)),
        }
    }

    async fn ask(&self) -> Result<Header, (Error, bool)> {
        let token = self.provider.token().await.map_err(|source| {
            let transient = source.is_transient();
            let error = Error::new(ErrorKind::Credentials, format!("no token: {source}")).with_source(source);
            (error, transient)
        })?;
        let header = Header::new(token).map_err(|error| (error, false))?;
        if header.ends_before(SystemTime::now()) {
            let error = Error::new(ErrorKind::Credentials, "the token has expired")
                .with_advice("get a new one; a `CredentialsProvider` does so by itself");
            return Err((error, false));
        }
        self.store(Some(header.clone()));
        Ok(header)
    }

    /// The service has refused `used`: gets another token, and says whether there is one. Calls that were refused
    /// together renew together.
    pub(crate) async fn renew(&self, used: &Header) -> bool {
        if self.provider.is_fixed() {
            return false;
        }
        let _turn = self.asking.lock().await;
        if self.current().is_some_and(|header| header.value != used.value) {
            return true;
        }
        self.store(None);
        match self.ask().await {
            Ok(header) => header.value != used.value,
            Err(_) => false,
        }
    }
}
