//! The hash of the received content, if the caller asks for one.

/// A hash in progress, or nothing.
#[derive(Clone, Debug, Default)]
pub(crate) enum Digest {
    #[default]
    None,
    #[cfg(feature = "sha256")]
    Sha256(sha2::Sha256),
}

impl Digest {
    #[cfg(feature = "sha256")]
    pub(crate) fn sha256() -> Self {
        Self::Sha256(sha2::Sha256::default())
    }

    /// A new hash of the same kind.
    pub(crate) fn fresh(&self) -> Self {
        match self {
            Self::None => Self::None,
            #[cfg(feature = "sha256")]
            Self::Sha256(_) => Self::sha256(),
        }
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::None => {
                let _ = bytes;
            }
            #[cfg(feature = "sha256")]
            Self::Sha256(hash) => sha2::Digest::update(hash, bytes),
        }
    }

    /// The hash in lower-case hexadecimal.
    pub(crate) fn finish(self) -> Option<String> {
        match self {
            Self::None => None,
            #[cfg(feature = "sha256")]
            Self::Sha256(hash) => {
                use std::fmt::Write as _;
                let mut text = String::with_capacity(64);
                for byte in sha2::Digest::finalize(hash) {
                    let _ = write!(text, "{byte:02x}");
                }
                Some(text)
            }
        }
    }
}
