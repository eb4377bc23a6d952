//! A token in a file.

use std::io::Read as _;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use super::{CredentialsError, CredentialsProvider, Token, TokenFuture};

/// The largest file that is read as a token.
const LARGEST: u64 = 64 << 10;

/// A token in a file, which is read again when the file changes: what a secret mounted into a container is.
///
/// Whether it has changed is looked up at most once a second, and when the service refuses the token. A file that cannot
/// be read for the moment does no harm while the token that was read last is accepted.
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
    every: Duration,
    read: Mutex<Option<(Option<SystemTime>, u64, Token)>>,
}

impl TokenFile {
    /// Reads the token from `path`, without the white space around it.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), every: Duration::from_secs(1), read: Mutex::default() }
    }

    /// Sets how long a token is used before the file is looked at again. Default 1 s.
    #[must_use]
    pub fn check_every(mut self, interval: Duration) -> Self {
        self.every = interval;
        self
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
        let too_large = || CredentialsError::permanent(format!("the token file {shown} is larger than any token"));
        if !meta.is_file() {
            // Reading a pipe or a device may never end.
            return Err(CredentialsError::permanent(format!("the token file {shown} is not a regular file")));
        }
        if meta.len() > LARGEST {
            return Err(too_large());
        }
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((modified, length, token)) = &*read
            && modified.is_some()
            && *modified == meta.modified().ok()
            && *length == meta.len()
        {
            return Ok(token.clone());
        }
        let mut text = zeroize::Zeroizing::new(String::with_capacity(LARGEST as usize + 1));
        let file = std::fs::File::open(&self.path).map_err(failed)?;
        file.take(LARGEST + 1).read_to_string(&mut text).map_err(failed)?;
        if text.len() as u64 > LARGEST {
            return Err(too_large());
        }
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

    fn max_age(&self) -> Option<Duration> {
        Some(self.every)
    }
}
