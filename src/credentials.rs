//! Where the token comes from: a key, a JWT, a file, the environment, or the caller's own provider.

mod auth_header;
mod cache;
mod chain;
mod environment;
mod fetch_error;
mod file;
mod jwt;
mod key;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, SystemTime};

pub(crate) use auth_header::AuthHeader;
pub(crate) use cache::{Renewal, TokenCache};
pub use chain::CredentialsChain;
pub use environment::EnvironmentToken;
pub(crate) use environment::{Lookup, lookup, missing};
pub(crate) use fetch_error::FetchError;
pub use file::TokenFile;
pub(crate) use key::{check as check_key, mend as mend_key};

use crate::Secret;

/// A bearer token: an API key or a JWT.
///
/// ```
/// use singlestore_management::Token;
///
/// let key = Token::new("0123456789abcdef");
/// assert!(!key.is_jwt());
/// assert!(key.expires_at().is_none());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    secret: Secret,
    expires_at: Option<SystemTime>,
    jwt: bool,
}

impl Token {
    /// Takes a key or a JWT; the expiry of a JWT is read from it.
    ///
    /// White space, a byte order mark, quotation marks and `Bearer` around the key are removed. Anything else that
    /// cannot be a key, such as `${VAR}`, is rejected when the token is about to be sent.
    pub fn new(secret: impl Into<Secret>) -> Self {
        let mut secret = secret.into();
        let key = key::mend(secret.expose());
        if key.len() < secret.expose().len() {
            secret = Secret::from(key);
        }
        let claims = jwt::claims(secret.expose());
        let jwt = claims.is_some();
        Self { secret, expires_at: claims.flatten(), jwt }
    }

    /// Sets when the token expires.
    #[must_use]
    pub fn with_expiry(mut self, at: SystemTime) -> Self {
        self.expires_at = Some(at);
        self
    }

    /// When the token expires, if that is known.
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.expires_at
    }

    /// Whether this is a JWT, which requires that every request names the organization.
    pub fn is_jwt(&self) -> bool {
        self.jwt
    }

    pub(crate) fn secret(&self) -> &Secret {
        &self.secret
    }
}

/// Why a provider has no token.
///
/// ```
/// use singlestore_management::CredentialsError;
///
/// assert!(CredentialsError::transient("the vault does not respond").is_transient());
/// assert!(!CredentialsError::permanent("the vault has no such key").is_transient());
/// ```
#[derive(Clone, Debug)]
pub struct CredentialsError {
    message: String,
    transient: bool,
    source: Option<std::sync::Arc<dyn std::error::Error + Send + Sync>>,
}

impl CredentialsError {
    /// A permanent failure: asking again will not help.
    pub fn permanent(message: impl Into<String>) -> Self {
        Self { message: message.into(), transient: false, source: None }
    }

    /// A temporary failure: the provider is asked again, within the deadline of the call.
    pub fn transient(message: impl Into<String>) -> Self {
        Self { message: message.into(), transient: true, source: None }
    }

    /// Adds the cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(std::sync::Arc::from(source.into()));
        self
    }

    /// Whether asking again may help.
    pub fn is_transient(&self) -> bool {
        self.transient
    }
}

impl fmt::Display for CredentialsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for CredentialsError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn std::error::Error + 'static))
    }
}

/// The future that a provider returns.
pub type TokenFuture<'a> = Pin<Box<dyn Future<Output = Result<Token, CredentialsError>> + Send + 'a>>;

/// A source of tokens.
///
/// The client keeps the token until it is about to expire and requests a new one in time, never twice at once across
/// all clones, and again when the service responds 401.
///
/// ```
/// use singlestore_management::{Client, CredentialsProvider, Token, TokenFuture};
///
/// #[derive(Debug)]
/// struct Vault;
///
/// impl CredentialsProvider for Vault {
///     fn token(&self) -> TokenFuture<'_> {
///         Box::pin(async { Ok(Token::new("0123456789abcdef")) })
///     }
/// }
///
/// let client = Client::builder().credentials(Vault).build()?;
/// # Ok::<(), singlestore_management::Error>(())
/// ```
pub trait CredentialsProvider: Send + Sync + fmt::Debug + 'static {
    /// Returns a token: the current one, or a new one.
    fn token(&self) -> TokenFuture<'_>;

    /// Whether [`token`](Self::token) always returns the same token. A fixed token is not requested again after a 401.
    fn is_fixed(&self) -> bool {
        false
    }

    /// How long a token may be used before the provider is asked again; none for as long as it is valid.
    ///
    /// Use it for tokens that are replaced at the source without an expiry that the client can see.
    fn max_age(&self) -> Option<Duration> {
        None
    }
}

/// A token that never changes is its own provider, for instance as the last of a [`CredentialsChain`].
impl CredentialsProvider for Token {
    fn token(&self) -> TokenFuture<'_> {
        Box::pin(async { Ok(self.clone()) })
    }

    fn is_fixed(&self) -> bool {
        true
    }
}
