//! Files of the personal, shared and models spaces, v1 and v2.

use super::handle;
use crate::Client;
use crate::requests::{
    DeleteFile, DeleteFileV2, GetFile, GetFileV2, ListFiles, ListFilesV2, MoveFile, MoveFileV2, UploadFile,
    UploadFileV2,
};
use crate::types::{FileLocation, MoveFileBody, MoveFileV2Body};

handle! {
    /// Files beside the deployments: the spaces `personal`, `shared` and `models`.
    Files, files, "Files beside the deployments: the spaces `personal`, `shared` and `models`."
}

impl Files {
    /// Lists a space: the entries are the `content` of the answer. `personal` and `shared` have no folders.
    pub fn list(&self, location: impl Into<FileLocation>) -> ListFiles<Client> {
        ListFiles::new(location).with_client(&self.client)
    }

    /// Lists a space through the v2 interface.
    pub fn list_v2(&self, location: impl Into<FileLocation>) -> ListFilesV2<Client> {
        ListFilesV2::new(location).with_client(&self.client)
    }

    /// Gets what the service knows of a file, which is not its content: size, kind, times. A file that does not exist
    /// is [`Error::is_not_found`](crate::Error::is_not_found).
    pub fn get(&self, location: impl Into<FileLocation>, path: impl Into<String>) -> GetFile<Client> {
        GetFile::new(location, path).metadata(true).with_client(&self.client)
    }

    /// Gets what the service knows of a file through the v2 interface.
    pub fn get_v2(&self, location: impl Into<FileLocation>, path: impl Into<String>) -> GetFileV2<Client> {
        GetFileV2::new(location, path).metadata(true).with_client(&self.client)
    }

    /// Uploads a file. The body is a form (`multipart/form-data`) whose part `file` is the content; `content_type`
    /// names its boundary. Whether a file that is already there is replaced is not known: remove it first.
    pub fn upload(
        &self,
        location: impl Into<FileLocation>,
        path: impl Into<String>,
        content_type: impl Into<String>,
        body: impl Into<reqwest::Body>,
    ) -> UploadFile<Client> {
        UploadFile::new(location, path, content_type, body).with_client(&self.client)
    }

    /// Uploads a file through the v2 interface. The body is a form (`multipart/form-data`) whose part `file` is the
    /// content; `content_type` names its boundary.
    pub fn upload_v2(
        &self,
        location: impl Into<FileLocation>,
        path: impl Into<String>,
        content_type: impl Into<String>,
        body: impl Into<reqwest::Body>,
    ) -> UploadFileV2<Client> {
        UploadFileV2::new(location, path, content_type, body).with_client(&self.client)
    }

    /// Gives a file another path in the same space.
    pub fn rename(
        &self,
        location: impl Into<FileLocation>,
        path: impl Into<String>,
        new_path: impl Into<String>,
    ) -> MoveFile<Client> {
        MoveFile::new(location, path, MoveFileBody::new(new_path)).with_client(&self.client)
    }

    /// Gives a file another path through the v2 interface.
    pub fn rename_v2(
        &self,
        location: impl Into<FileLocation>,
        path: impl Into<String>,
        new_path: impl Into<String>,
    ) -> MoveFileV2<Client> {
        MoveFileV2::new(location, path, MoveFileV2Body::new(new_path)).with_client(&self.client)
    }

    /// Removes a file for good.
    pub fn remove(&self, location: impl Into<FileLocation>, path: impl Into<String>) -> DeleteFile<Client> {
        DeleteFile::new(location, path).with_client(&self.client)
    }

    /// Removes a file through the v2 interface.
    pub fn remove_v2(&self, location: impl Into<FileLocation>, path: impl Into<String>) -> DeleteFileV2<Client> {
        DeleteFileV2::new(location, path).with_client(&self.client)
    }
}
