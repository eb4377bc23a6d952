//! Providers that come with the crate.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use super::{CredentialsError, CredentialsProvider, Token, TokenFuture};

/// The largest file that is read as a token.
const LARGEST: u64 = 64 << 10;

/// A token in a file, which is read again when the file changes: what a secret mounted into a container is.
///
/// ```no_run
/// use singlestore_management::{Client, TokenFile};
///
/// // no_run: there is no such file on the machine that builds the documentation.
/// let client = Client::builder().credentials(TokenFile::new("/run/secrets/singlestore")).build()?;
/// # Ok::<(), singlestore_management::Error>(())
/// ```
#[derive(Debug)]
pub struct TokenFile {
    path: PathBuf,
    read: Mutex<Option<(Option<SystemTime>, u64, Token)>>,
}

impl TokenFile {
    /// Reads the token from `path`, without the white space around it.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), read: Mutex::default() }
    }

    fn load(&self) -> Result<Token, CredentialsError> {
        let shown = self.path.display();
        let failed = |error: std::io::Error| {
            let message = format!("the token file {shown} cannot be read: {error}");
            // A mounted secret is replaced by renaming: for a moment there may be none.
            let transient = error.kind() != std::io::ErrorKind::PermissionDenied;
            let kind =
                if transient { CredentialsError::transient(message) } else { CredentialsError::permanent(message) };
            kind.with_source(error)
        };
        let meta = std::fs::metadata(&self.path).map_err(failed)?;
        if meta.len() > LARGEST {
            return Err(CredentialsError::permanent(format!("the token file {shown} is larger than any token")));
        }
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((modified, length, token)) = &*read
            && modified.is_some()
            && *modified == meta.modified().ok()
            && *length == meta.len()
        {
            return Ok(token.clone());
        }
        let text = zeroize::Zeroizing::new(std::fs::read_to_string(&self.path).map_err(failed)?);
        if text.trim().is_empty() {
            return Err(CredentialsError::transient(format!("the token file {shown} is empty")));
        }
        let token = Token::new(text.trim());
        *read = Some((meta.modified().ok(), meta.len(), token.clone()));
        Ok(token)
    }
}

impl CredentialsProvider for TokenFile {
    // A token is a few hundred bytes in a file that is read once: not worth a thread.
    fn token(&self) -> TokenFuture<'_> {
        Box::pin(async { self.load() })
    }
}

/// Asks several providers in turn and takes the first token.
///
/// ```
/// use singlestore_management::{Chain, Client, TokenFile};
///
/// let chain = Chain::new().or(TokenFile::new("token.txt")).or(TokenFile::new("other.txt"));
/// let client = Client::builder().credentials(chain).build()?;
/// # Ok::<(), singlestore_management::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Chain(Vec<Arc<dyn CredentialsProvider>>);

impl Chain {
    /// A chain without a provider.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a provider that is asked when those before it have no token.
    #[must_use]
    pub fn or(mut self, provider: impl CredentialsProvider) -> Self {
        self.0.push(Arc::new(provider));
        self
    }
}

impl CredentialsProvider for Chain {
    fn token(&self) -> TokenFuture<'_> {
        Box::pin(async {
            let mut reasons = Vec::new();
            let mut transient = false;
            for provider in &self.0 {
                match provider.token().await {
                    Ok(token) => return Ok(token),
                    Err(error) => {
                        transient |= error.is_transient();
                        reasons.push(error.to_string());
                    }
                }
            }
            let message = match reasons.is_empty() {
                true => "the chain of credentials has no provider".to_owned(),
                false => format!("no provider of the chain has a token: {}", reasons.join("; ")),
            };
            Err(if transient { CredentialsError::transient(message) } else { CredentialsError::permanent(message) })
        })
    }
}
