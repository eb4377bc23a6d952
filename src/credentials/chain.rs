//! Several providers combined.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::{CredentialsError, CredentialsProvider, TokenFuture};

/// Asks several providers in turn and takes the first token.
///
/// The provider that returned the last token keeps its place: when it fails temporarily, the chain fails temporarily,
/// instead of continuing under another identity.
///
/// ```
/// use singlestore_management::{CredentialsChain, Client, EnvironmentToken, Token, TokenFile};
///
/// let chain = CredentialsChain::new()
///     .or(TokenFile::new("/run/secrets/singlestore"))
///     .or(EnvironmentToken::new())
///     .or(Token::new("0123456789abcdef"));
/// let client = Client::builder().credentials(chain).build()?;
/// # Ok::<(), singlestore_management::Error>(())
/// ```
#[derive(Debug)]
pub struct CredentialsChain {
    providers: Vec<Arc<dyn CredentialsProvider>>,
    /// The provider that returned the last token.
    last: AtomicUsize,
}

impl Default for CredentialsChain {
    fn default() -> Self {
        Self { providers: Vec::new(), last: AtomicUsize::new(usize::MAX) }
    }
}

impl CredentialsChain {
    /// Creates a chain without providers.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a provider that is asked when the ones before it have no token.
    #[must_use]
    pub fn or(mut self, provider: impl CredentialsProvider) -> Self {
        self.providers.push(Arc::new(provider));
        self
    }
}

impl CredentialsProvider for CredentialsChain {
    fn token(&self) -> TokenFuture<'_> {
        Box::pin(async {
            let mut reasons = Vec::new();
            let mut transient = false;
            let last = self.last.load(Ordering::Relaxed);
            for (place, provider) in self.providers.iter().enumerate() {
                match provider.token().await {
                    Ok(token) => {
                        self.last.store(place, Ordering::Relaxed);
                        return Ok(token);
                    }
                    Err(error) if error.is_transient() && place == last => return Err(error),
                    Err(error) => {
                        transient |= error.is_transient();
                        reasons.push(error.to_string());
                    }
                }
            }
            let message = match reasons.is_empty() {
                true => "the credentials chain has no provider; add one with `or`".to_owned(),
                false => format!("no provider in the chain has a token: {}", reasons.join("; ")),
            };
            Err(if transient { CredentialsError::transient(message) } else { CredentialsError::permanent(message) })
        })
    }

    fn is_fixed(&self) -> bool {
        self.providers.iter().all(|provider| provider.is_fixed())
    }

    fn max_age(&self) -> Option<Duration> {
        self.providers.iter().filter_map(|provider| provider.max_age()).min()
    }
}
