//! What the fuzz targets call; compiled for them alone.

use crate::Timestamp;
use crate::types::{Cluster, WorkspaceGroup};

/// Takes the bytes as the body of a response and as a time.
pub fn decode(bytes: &[u8]) {
    fn body<T: serde::de::DeserializeOwned>(bytes: &[u8]) {
        if let Err(source) = serde_json::from_slice::<T>(bytes) {
            let error = crate::decode::failure(bytes, source);
            // Showing it walks the whole error.
            let _ = format!("{error} {error:?}");
        }
    }
    body::<Vec<WorkspaceGroup>>(bytes);
    body::<Cluster>(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        if let Ok(time) = serde_json::from_value::<Timestamp>(text.into()) {
            let _ = (time.unix_seconds(), time.to_system_time(), time.is_set());
        }
    }
}
