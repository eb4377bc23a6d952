//! Pre-signed URLs: whoever has one can read the file.

use crate::Secret;

/// A URL from which a file can be read without credentials, for a limited time.
///
/// It has no `Display`, and its `Debug` shows nothing: whoever has it can read the file. How long it is valid is not known.
///
/// ```
/// # use singlestore_management_emulator::Emulator;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let emulator = Emulator::builder().polls_until_ready(0).start()?;
/// # let client = singlestore_management::Client::builder()
/// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
/// # let group = emulator.insert_workspace_group(serde_json::json!({"name": "g"}))?;
/// # let group: singlestore_management::WorkspaceGroupId = group.parse()?;
/// # client.stage().upload(group, "a.csv", "id\n1\n").await?;
/// let url = client.stage().download_url(group, "a.csv").await?;
/// assert!(url.expose().starts_with("http"));
/// assert!(!format!("{url:?}").contains(url.expose()));
/// # Ok(()) }
/// ```
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
