//! A file that is either complete or absent: written next to its target under another name, and renamed at the end.

use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use tempfile::NamedTempFile;

use super::body::PIECE;
use super::digest::Digest;
use super::disk;
use super::worker::Worker;
use crate::{Error, ErrorKind};

/// How often the rename is attempted while another program holds the target open.
const RENAMES: u32 = 5;

/// How many random letters and digits are in the name of a part file.
const RANDOM: usize = 12;

/// Whether a file has the name of a part file: it is in use, or was left behind by a process that was killed.
pub(crate) fn is_left_over(name: &str) -> bool {
    let parts = name.strip_prefix('.').and_then(|name| name.strip_suffix(".part")?.rsplit_once('.'));
    parts.is_some_and(|(name, random)| {
        !name.is_empty() && random.len() == RANDOM && random.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

/// The file and the hash of what was written to it. Dropping it removes the file.
struct Writer {
    file: NamedTempFile,
    digest: Digest,
}

/// A file being written. Bytes are gathered and written in pieces; while one piece is written nothing more is received, so that
/// memory holds a single piece.
///
/// They are copied, so that the connection can reuse its own buffer instead of allocating another for the next bytes.
pub(crate) struct PartFile {
    target: PathBuf,
    writer: Option<Writer>,
    gathered: Vec<u8>,
    disk: Worker<(Writer, Vec<u8>)>,
}

impl PartFile {
    /// Creates the file next to its target, which must be a regular file or not exist.
    pub(crate) async fn create(target: &Path, digest: Digest) -> Result<Self, Error> {
        let target = target.to_owned();
        disk::run(move || {
            check(&target)?;
            let folder = match target.parent() {
                Some(parent) if !parent.as_os_str().is_empty() => parent,
                _ => Path::new("."),
            };
            let mut prefix = std::ffi::OsString::from(".");
            // With its random part, the name must still be one that the file system accepts.
            let name = target.file_name().unwrap_or_default();
            prefix.push(if name.len() <= 200 { name } else { "download".as_ref() });
            prefix.push(".");
            let mut builder = tempfile::Builder::new();
            builder.prefix(&prefix).suffix(".part").rand_bytes(RANDOM);
            // The mode of an ordinary new file, as limited by the umask.
            #[cfg(unix)]
            builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
            let file = builder.tempfile_in(folder).map_err(|source| failed(&target, source))?;
            let writer = Some(Writer { file, digest });
            Ok(Self { target, writer, gathered: Vec::new(), disk: Worker::new() })
        })
        .await
    }

    /// Takes bytes; they are written once enough have been gathered, or at once if they come in large pieces.
    pub(crate) async fn write(&mut self, bytes: Bytes) -> Result<(), Error> {
        self.gathered.reserve_exact(bytes.len());
        self.gathered.extend_from_slice(&bytes);
        let enough = self.gathered.len() >= PIECE || bytes.len() >= PIECE / 4;
        drop(bytes);
        if enough { self.flush().await } else { Ok(()) }
    }

    /// Writes what has been gathered. A full disk, or any other error, is final.
    async fn flush(&mut self) -> Result<(), Error> {
        let mut writer = self.take_writer()?;
        let mut gathered = std::mem::take(&mut self.gathered);
        let outcome = self.disk.run(move || {
            writer.file.write_all(&gathered)?;
            writer.digest.update(&gathered);
            gathered.clear();
            Ok((writer, gathered))
        });
        let (writer, gathered) = outcome.await.map_err(|source| failed(&self.target, source))?;
        (self.writer, self.gathered) = (Some(writer), gathered);
        Ok(())
    }

    fn take_writer(&mut self) -> Result<Writer, Error> {
        self.writer.take().ok_or_else(|| Error::new(ErrorKind::LocalFile, "an earlier write to the file has failed"))
    }

    /// Discards what has been written.
    pub(crate) async fn restart(&mut self) -> Result<(), Error> {
        self.gathered.clear();
        let mut writer = self.take_writer()?;
        let target = self.target.clone();
        self.writer = Some(
            disk::run(move || {
                let file = writer.file.as_file_mut();
                file.set_len(0)
                    .and_then(|()| file.seek(SeekFrom::Start(0)))
                    .map_err(|source| failed(&target, source))?;
                writer.digest = writer.digest.fresh();
                Ok(writer)
            })
            .await?,
        );
        Ok(())
    }

    /// Writes the rest and moves the file to its target. Returns the hash, if one was asked for.
    pub(crate) async fn finish(mut self) -> Result<Option<String>, Error> {
        self.flush().await?;
        let mut writer = self.take_writer()?;
        let target = self.target;
        disk::run(move || {
            writer.file.flush().map_err(|source| failed(&target, source))?;
            check(&target)?;
            rename(writer.file, &target).map_err(|source| failed(&target, source))?;
            Ok(writer.digest.finish())
        })
        .await
    }
}

fn failed(target: &Path, source: io::Error) -> Error {
    let name = match target.as_os_str().is_empty() {
        true => "without a name".to_owned(),
        false => target.display().to_string(),
    };
    disk::error(format!("the file {name} cannot be written"), source)
}

/// Refuses to replace anything that is not a regular file: a folder, a device, a symbolic link.
pub(crate) fn check(target: &Path) -> Result<(), Error> {
    let last = target.as_os_str().as_encoded_bytes().last();
    if last.is_some_and(|byte| std::path::is_separator(char::from(*byte))) {
        let text = format!("{} ends like a folder, and a download needs the path of a file", target.display());
        return Err(Error::new(ErrorKind::LocalFile, text));
    }
    match std::fs::symlink_metadata(target) {
        Ok(metadata) if metadata.is_file() => Ok(()),
        Ok(_) => Err(Error::new(
            ErrorKind::LocalFile,
            format!("{} exists and is not a regular file; it is left as it is", target.display()),
        )),
        Err(source) if source.kind() == io::ErrorKind::NotFound && target.file_name().is_some() => Ok(()),
        Err(source) => Err(failed(target, source)),
    }
}

fn rename(mut file: NamedTempFile, target: &Path) -> io::Result<()> {
    for attempt in 1.. {
        match file.persist(target) {
            Ok(_) => break,
            Err(failure) if attempt < RENAMES && failure.error.kind() == io::ErrorKind::PermissionDenied => {
                // Some systems do not replace a file that another program is reading.
                file = failure.file;
                std::thread::sleep(Duration::from_millis(20) * attempt);
            }
            Err(failure) => return Err(failure.error),
        }
    }
    Ok(())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    /// Runs on any machine; a full disk of its own, and what a caller sees of it, are in the integration tests.
    #[tokio::test]
    async fn a_full_disk_is_final_and_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("f");
        let mut part = PartFile::create(&target, Digest::None).await.unwrap();
        // Its name stays, and the bytes go to the device that is always full.
        let Writer { file, digest } = part.writer.take().unwrap();
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let file = NamedTempFile::from_parts(full, file.into_temp_path());
        part.writer = Some(Writer { file, digest });

        let entries = || std::fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(entries(), 1);
        let error = part.write(Bytes::from(vec![7; PIECE])).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::LocalFile, "{error}");
        assert!(error.to_string().contains("No space left"), "{error}");
        assert_eq!(
            part.finish().await.unwrap_err().kind(),
            ErrorKind::LocalFile,
            "no part takes the place of the whole"
        );
        assert_eq!(entries(), 0);
    }
}
