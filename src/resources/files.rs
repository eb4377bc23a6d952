//! Files of the personal, shared and models spaces, v1 and v2.

use crate::Client;
use crate::files::{Space, file_verbs};
use crate::requests::{ListFiles, ListFilesV2};
use crate::types::FileLocation;

/// Files outside deployments: the spaces `personal`, `shared` and `models`. See [`files`](crate::files) for a guide.
///
/// `personal` and `shared` have no folders; an operation that needs one fails before anything is sent. `models` creates the
/// folders above a file by itself, and creating an empty one is refused in the same way.
///
/// ```
/// # use singlestore_management_emulator::Emulator;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let emulator = Emulator::builder().polls_until_ready(0).polls_until_settled(0).start()?;
/// # let quick = std::time::Duration::from_millis(1);
/// # let client = singlestore_management::Client::builder().poll_interval(quick, quick)
/// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
/// use singlestore_management::types::FileLocation;
///
/// client.files().upload(FileLocation::Shared, "report.ipynb", "{}").await?;
/// for entry in client.files().list(FileLocation::Shared).await?.entries() {
///     println!("{} has {:?} bytes", entry.path, entry.size);
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Files {
    client: Client,
    v2: bool,
}

impl Client {
    /// Files outside deployments: the spaces `personal`, `shared` and `models`. See [`files`](crate::files) for a guide.
    #[inline]
    pub fn files(&self) -> Files {
        Files { client: self.clone(), v2: false }
    }
}

impl Files {
    /// The same files through the v2 interface.
    #[inline]
    pub fn v2(&self) -> Self {
        Self { client: self.client.clone(), v2: true }
    }

    /// Lists a space through the v1 interface: see [`entries`](crate::types::FileObject::entries).
    pub fn list(&self, location: impl Into<FileLocation>) -> ListFiles<Client> {
        ListFiles::new(location).with_client(&self.client)
    }

    /// Lists a space through the v2 interface.
    pub fn list_v2(&self, location: impl Into<FileLocation>) -> ListFilesV2<Client> {
        ListFilesV2::new(location).with_client(&self.client)
    }

    fn space(&self, location: impl Into<FileLocation>) -> Space {
        Space::Files { location: location.into(), v2: self.v2 }
    }
}

file_verbs!(Files, location: Into<FileLocation>);
