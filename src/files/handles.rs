//! The file operations, the same on every handle.

/// Adds the file operations to a handle.
macro_rules! file_verbs {
    ($handle:ident, $owner:ident: $into:ident<$id:ident>) => {
        impl $handle {
            /// Uploads a file: a string, bytes, a file on disk, or a reader.
            ///
            /// Parent folders must exist. See [`Upload`](crate::files::Upload) for what happens to an existing file.
            pub fn upload(
                &self,
                $owner: impl $into<$id>,
                path: impl Into<String>,
                body: impl Into<crate::files::UploadBody>,
            ) -> crate::files::Upload {
                crate::files::Upload::new(&self.client, self.space($owner), path.into(), body.into())
            }

            /// Downloads a file: to a file, into memory, to a writer, or as a stream; see
            /// [`Download`](crate::files::Download).
            pub fn download(&self, $owner: impl $into<$id>, path: impl Into<String>) -> crate::files::Download {
                crate::files::Download::new(&self.client, self.space($owner), path.into())
            }

            /// Gets a URL from which a file can be downloaded without credentials, for a limited time.
            ///
            /// # Errors
            /// [`ErrorKind::Redirect`](crate::ErrorKind::Redirect) if the service serves the content itself.
            pub fn download_url(
                &self,
                $owner: impl $into<$id>,
                path: impl Into<String>,
            ) -> crate::files::FileCall<crate::files::DownloadUrl> {
                crate::files::verbs::download_url(&self.client, self.space($owner), path.into())
            }

            /// Gets a file's metadata, not its contents; or lists a folder, whose path need not end in `/`.
            ///
            /// # Errors
            /// [`Error::is_not_found`](crate::Error::is_not_found) if there is neither.
            pub fn metadata(
                &self,
                $owner: impl $into<$id>,
                path: impl Into<String>,
            ) -> crate::files::FileCall<crate::types::FileObject> {
                crate::files::verbs::metadata(&self.client, self.space($owner), path.into())
            }

            /// Whether there is a file or a folder.
            pub fn exists(&self, $owner: impl $into<$id>, path: impl Into<String>) -> crate::files::FileCall<bool> {
                crate::files::verbs::exists(&self.client, self.space($owner), path.into())
            }

            /// Whether there is a folder.
            pub fn is_folder(&self, $owner: impl $into<$id>, path: impl Into<String>) -> crate::files::FileCall<bool> {
                crate::files::verbs::is_folder(&self.client, self.space($owner), path.into())
            }

            /// Creates a folder, whose path need not end in `/`. Creating one is refused before anything is sent in a
            /// file space that has no folders, or that creates those above an uploaded file by itself.
            ///
            /// An existing folder is left as it is, with everything in it: if the service accepts the request, as the
            /// emulator does, that is not an error, and with [`parents`](crate::files::CreateFolder::parents) it never
            /// is.
            pub fn create_folder(
                &self,
                $owner: impl $into<$id>,
                path: impl Into<String>,
            ) -> crate::files::CreateFolder {
                crate::files::CreateFolder::new(&self.client, self.space($owner), path.into())
            }

            /// Lists everything below a folder, one listing at a time: each folder before its content.
            ///
            /// A folder that cannot be listed is an error in its place, and the others follow.
            pub fn walk(
                &self,
                $owner: impl $into<$id>,
                path: impl Into<String>,
            ) -> crate::Items<crate::types::FileObject> {
                crate::files::walk(&self.client, &self.space($owner), &path.into())
            }

            /// Deletes a file permanently; never a folder, for which there is [`delete_folder`](Self::delete_folder).
            pub fn delete(&self, $owner: impl $into<$id>, path: impl Into<String>) -> crate::files::FileCall<()> {
                crate::files::verbs::delete(&self.client, self.space($owner), path.into())
            }

            /// Deletes a folder with everything in it.
            pub fn delete_folder(
                &self,
                $owner: impl $into<$id>,
                path: impl Into<String>,
            ) -> crate::files::FileCall<()> {
                crate::files::verbs::delete_folder(&self.client, self.space($owner), path.into())
            }

            /// Uploads a folder and everything below it; see [`UploadFolder`](crate::files::UploadFolder).
            pub fn upload_folder(
                &self,
                $owner: impl $into<$id>,
                local: impl Into<std::path::PathBuf>,
                remote: impl Into<String>,
            ) -> crate::files::UploadFolder {
                crate::files::UploadFolder::new(&self.client, self.space($owner), local.into(), remote.into())
            }

            /// Downloads a folder and everything below it; see [`DownloadFolder`](crate::files::DownloadFolder).
            pub fn download_folder(
                &self,
                $owner: impl $into<$id>,
                remote: impl Into<String>,
                local: impl Into<std::path::PathBuf>,
            ) -> crate::files::DownloadFolder {
                crate::files::DownloadFolder::new(&self.client, self.space($owner), remote.into(), local.into())
            }

            /// Moves or renames a file; or a folder, both of whose paths then end in `/`.
            pub fn move_to(
                &self,
                $owner: impl $into<$id>,
                from: impl Into<String>,
                to: impl Into<String>,
            ) -> crate::files::MoveTo {
                crate::files::MoveTo::new(&self.client, self.space($owner), from.into(), to.into())
            }
        }
    };
}

pub(crate) use file_verbs;
