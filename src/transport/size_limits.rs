//! Limits how much of a response is read into memory.

/// The largest bodies that are read, in bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SizeLimits {
    /// Of a response.
    pub response: usize,
    /// Of a failure; the rest is discarded.
    pub error: usize,
}

impl Default for SizeLimits {
    /// 256 MiB for a response, about 200,000 deployments; 64 KiB for a failure.
    fn default() -> Self {
        Self { response: 256 << 20, error: 64 << 10 }
    }
}
