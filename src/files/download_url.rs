//! Pre-signed URLs: whoever has one can read the file.

use crate::Secret;

/// A URL from which a file can be read without credentials, for a while.
///
/// It has no `Display`, and its `Debug` shows nothing: whoever has it can read the file. How long it is valid is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DownloadUrl(Secret);

impl DownloadUrl {
    pub(crate) fn new(url: &str) -> Self {
        Self(Secret::from(url.to_owned()))
    }

    /// The URL itself. Named so that its uses can be searched for.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}
