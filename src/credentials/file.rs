//! A token in a file.

use std::io::{ErrorKind, Read as _};
use std::path::PathBuf;
use std::time::Duration;

use super::{CredentialsError, CredentialsProvider, Token, TokenFuture, check_key, mend_key};

/// The maximum size of a token file.
const LARGEST: u64 = 64 << 10;

/// A token in a file that may be replaced while the program runs, such as a secret mounted into a container.
///
/// The file is read at most once a second, and when the service rejects the token. A file that cannot be read does no
/// harm as long as the last token is accepted.
///
/// ```no_run
/// use singlestore_management::{Client, TokenFile};
///
/// // no_run: the file does not exist where the documentation is built.
/// let client = Client::builder().credentials(TokenFile::new("/run/secrets/singlestore")).build()?;
/// # Ok::<(), singlestore_management::Error>(())
/// ```
#[derive(Debug)]
pub struct TokenFile {
    path: PathBuf,
    every: Duration,
}

impl TokenFile {
    /// Reads the token from `path`, without white space, a byte order mark, quotation marks or `Bearer` around it.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), every: Duration::from_secs(1) }
    }

    /// Sets how long a token is used before the file is read again. Default 1 s.
    #[must_use]
    pub fn check_every(mut self, interval: Duration) -> Self {
        self.every = interval;
        self
    }

    fn load(&self) -> Result<Token, CredentialsError> {
        let shown = self.path.display();
        let refused = |what: &str| CredentialsError::permanent(format!("the token file {shown} {what}"));
        let failed = |error: std::io::Error| match error.kind() {
            ErrorKind::InvalidData => refused("is not UTF-8 text; save it as UTF-8"),
            kind => {
                let message = format!("the token file {shown} cannot be read: {error}");
                // A mounted secret is replaced by renaming, so it may be missing for a moment.
                let failed = match kind {
                    ErrorKind::PermissionDenied | ErrorKind::InvalidInput | ErrorKind::NotADirectory => {
                        CredentialsError::permanent(message)
                    }
                    _ => CredentialsError::transient(message),
                };
                failed.with_source(error)
            }
        };
        let meta = std::fs::metadata(&self.path).map_err(failed)?;
        if !meta.is_file() {
            // Reading a pipe or a device may never end.
            return Err(refused("is not a regular file"));
        }
        if meta.len() > LARGEST {
            return Err(refused("is larger than any token"));
        }
        // The content is read every time: size and time of a file may not change when a key is replaced.
        let mut text = zeroize::Zeroizing::new(String::with_capacity(meta.len() as usize + 1));
        let file = std::fs::File::open(&self.path).map_err(failed)?;
        file.take(LARGEST + 1).read_to_string(&mut text).map_err(failed)?;
        if text.len() as u64 > LARGEST {
            return Err(refused("is larger than any token"));
        }
        if text.trim().is_empty() {
            return Err(CredentialsError::transient(format!("the token file {shown} is empty")));
        }
        let key = mend_key(&text);
        check_key(key).map_err(refused)?;
        Ok(Token::new(key))
    }
}

impl CredentialsProvider for TokenFile {
    // A token is a few hundred bytes, read at once: not worth a thread.
    fn token(&self) -> TokenFuture<'_> {
        Box::pin(async { self.load() })
    }

    fn max_age(&self) -> Option<Duration> {
        Some(self.every)
    }
}
