//! The outcome of a creation.

/// The outcome of a creation.
///
/// ```
/// # use singlestore_management_emulator::Emulator;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let emulator = Emulator::builder().polls_until_ready(0).start()?;
/// # let client = singlestore_management::Client::builder()
/// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
/// use singlestore_management::types::WorkspaceGroupCreate;
/// use singlestore_management::CreateOutcome;
///
/// # let region = client.regions().list().await?.remove(0).region_id;
/// let group = || WorkspaceGroupCreate::new("tenants", ["203.0.113.0/24"]).region_id(region);
/// client.workspace_groups().create_once(group()).await?;
/// let error = client.workspace_groups().create_once(group()).await.unwrap_err();
/// assert_eq!(error.create_outcome(), Some(CreateOutcome::AlreadyExists));
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CreateOutcome {
    /// The call created it.
    Created,
    /// A live resource has the name, and no attempt of this call can have created it: the service rejected the name,
    /// or, where names are not known to be unique, an earlier list already showed it.
    AlreadyExists,
    /// Nothing was created: the service refused, or never saw the request.
    NotCreated,
    /// The response was lost, and looking afterwards gave no certain result.
    Unknown,
}
