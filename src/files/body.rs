//! The content of an upload: bytes, a file, or a reader.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use bytes::Bytes;
use tokio::io::{AsyncRead, ReadBuf};

use super::disk;
use crate::{Error, ErrorKind};

/// How much is read from or written to a disk at once.
pub(crate) const PIECE: usize = 256 << 10;
/// How much of a reader of unknown length is spooled to a temporary file, unless the caller sets another limit.
const SPOOL_LIMIT: u64 = 1 << 30;

type Reader = Pin<Box<dyn AsyncRead + Send>>;

/// The content of an upload.
///
/// A string, a `Vec<u8>` and [`Bytes`] convert into it, so that [`upload`](crate::Stage::upload) takes them as they are.
/// An upload from a path or from bytes can be retried; a reader can be read only once.
///
/// ```
/// use singlestore_management::files::UploadBody;
///
/// let text = UploadBody::from(r#"{"a": 1}"#);
/// let file = UploadBody::from_path("data.csv");
/// let reader = UploadBody::from_reader(std::io::Cursor::new(vec![0; 8]), Some(8));
/// # let _ = (text, file, reader);
/// ```
#[derive(Debug)]
pub struct UploadBody(Source);

enum Source {
    Bytes(Bytes),
    Path(PathBuf),
    Reader { reader: Reader, length: Option<u64>, chunked: bool, limit: u64 },
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "{} bytes", bytes.len()),
            Self::Path(path) => path.fmt(f),
            Self::Reader { length, .. } => write!(f, "a reader of {length:?} bytes"),
        }
    }
}

impl UploadBody {
    /// The file at a path. It is opened and measured before anything is sent, and read in small pieces while it is sent.
    pub fn from_path(path: impl Into<PathBuf>) -> Self {
        Self(Source::Path(path.into()))
    }

    /// Bytes held in memory.
    pub fn from_bytes(bytes: impl Into<Bytes>) -> Self {
        Self(Source::Bytes(bytes.into()))
    }

    /// A reader, with the exact number of bytes that it yields.
    ///
    /// With a length, the reader is sent as it is read, and the upload cannot be retried once its first byte has been
    /// taken. Without one, it is first written to an unnamed temporary file, up to a [limit](Self::spool_limit), and
    /// can then be retried like a file. [`chunked`](Self::chunked) sends a reader of unknown length as it is read.
    ///
    /// Tokio's `fs` feature provides a file that is an `AsyncRead`. For a reader from the standard library, the
    /// `blocking` feature of this crate provides `blocking::AsyncReader`.
    pub fn from_reader(reader: impl AsyncRead + Send + 'static, length: Option<u64>) -> Self {
        Self(Source::Reader { reader: Box::pin(reader), length, chunked: false, limit: SPOOL_LIMIT })
    }

    /// Sends a reader of unknown length in chunks, without a `Content-Length`. Whether the service accepts such
    /// requests is not known.
    pub fn chunked(mut self) -> Self {
        if let Source::Reader { chunked, .. } = &mut self.0 {
            *chunked = true;
        }
        self
    }

    /// Sets how much of a reader of unknown length is written to the temporary file before the upload fails. Default 1
    /// GiB.
    pub fn spool_limit(mut self, bytes: u64) -> Self {
        if let Source::Reader { limit, .. } = &mut self.0 {
            *limit = bytes;
        }
        self
    }

    /// Opens and measures the content, so that a failure here comes before anything is sent to the service.
    pub(crate) async fn open(self) -> Result<Content, Error> {
        match self.0 {
            Source::Bytes(bytes) => Ok(Content::Bytes(bytes)),
            Source::Path(path) => {
                disk::run(move || OpenFile::open(&path)).await.map(|file| Content::File(Arc::new(file)))
            }
            Source::Reader { reader, length: None, chunked: false, limit } => {
                spool(reader, limit).await.map(|file| Content::File(Arc::new(file)))
            }
            Source::Reader { reader, length, .. } => Ok(Content::Reader(Mutex::new(Some(reader)), length)),
        }
    }
}

impl From<Bytes> for UploadBody {
    fn from(bytes: Bytes) -> Self {
        Self::from_bytes(bytes)
    }
}

impl From<Vec<u8>> for UploadBody {
    fn from(bytes: Vec<u8>) -> Self {
        Self::from_bytes(bytes)
    }
}

impl From<&'static [u8]> for UploadBody {
    fn from(bytes: &'static [u8]) -> Self {
        Self::from_bytes(bytes)
    }
}

impl<const N: usize> From<&'static [u8; N]> for UploadBody {
    fn from(bytes: &'static [u8; N]) -> Self {
        Self::from_bytes(bytes.as_slice())
    }
}

impl From<String> for UploadBody {
    fn from(text: String) -> Self {
        Self::from_bytes(text)
    }
}

impl From<&'static str> for UploadBody {
    fn from(text: &'static str) -> Self {
        Self::from_bytes(text)
    }
}

/// Content that is ready to be sent.
pub(crate) enum Content {
    Bytes(Bytes),
    File(Arc<OpenFile>),
    /// The rest of a reader; `None` once an attempt has taken it.
    Reader(Mutex<Option<Reader>>, Option<u64>),
}

impl Content {
    /// The number of bytes, if it is known.
    pub(crate) fn length(&self) -> Option<u64> {
        match self {
            Self::Bytes(bytes) => Some(bytes.len() as u64),
            Self::File(file) => Some(file.length),
            Self::Reader(_, length) => *length,
        }
    }

    /// Whether another attempt can send the same content again.
    pub(crate) fn is_repeatable(&self) -> bool {
        match self {
            Self::Bytes(_) | Self::File(_) => true,
            Self::Reader(reader, _) => reader.lock().unwrap_or_else(PoisonError::into_inner).is_some(),
        }
    }
}

/// A file that has been opened and measured.
#[derive(Debug)]
pub(crate) struct OpenFile {
    cursor: Mutex<Cursor>,
    length: u64,
    modified: Option<SystemTime>,
}

/// The file, and the offset of the next read.
#[derive(Debug)]
struct Cursor {
    file: File,
    position: u64,
}

impl Cursor {
    fn new(file: File, position: u64) -> Mutex<Self> {
        Mutex::new(Self { file, position })
    }

    /// Fills the buffer from an offset, up to the end of the file.
    fn fill(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        if self.position != offset {
            self.position = self.file.seek(SeekFrom::Start(offset))?;
        }
        let mut filled = 0;
        while let Some(space) = buffer.get_mut(filled..).filter(|space| !space.is_empty()) {
            match self.file.read(space) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
            self.position = offset + filled as u64;
        }
        Ok(filled)
    }
}

/// The file is not what it was when it was measured.
#[derive(Debug)]
pub(crate) struct Changed {
    what: String,
    /// Whether the content is a reader with a wrong announced length, rather than a file.
    pub(crate) announced: bool,
}

impl std::fmt::Display for Changed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for Changed {}

impl Changed {
    pub(crate) fn error(what: impl Into<String>) -> io::Error {
        io::Error::other(Self { what: what.into(), announced: false })
    }

    /// A reader yielded less or more than its length.
    pub(crate) fn other_length(what: impl Into<String>) -> io::Error {
        io::Error::other(Self { what: what.into(), announced: true })
    }
}

impl OpenFile {
    fn open(path: &std::path::Path) -> Result<Self, Error> {
        let name = match path.as_os_str().is_empty() {
            true => "without a name".to_owned(),
            false => path.display().to_string(),
        };
        let failed = |source: io::Error| disk::error(format!("the file {name} cannot be read"), source);
        // Opening a pipe waits for its other end, so the kind is checked first; and again afterwards, since the name
        // may by then belong to something else.
        let regular = |metadata: &std::fs::Metadata| match metadata.is_file() {
            true => Ok(()),
            false => Err(Error::new(
                ErrorKind::LocalFile,
                format!("{} is not a regular file; send something else with `UploadBody::from_reader`", path.display()),
            )),
        };
        regular(&std::fs::metadata(path).map_err(failed)?)?;
        let file = File::open(path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        regular(&metadata)?;
        Ok(Self { length: metadata.len(), modified: metadata.modified().ok(), cursor: Cursor::new(file, 0) })
    }

    /// A file that only this process can access.
    fn spooled(file: File, length: u64) -> Self {
        Self { cursor: Cursor::new(file, length), length, modified: None }
    }

    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// The length of the piece at an offset.
    pub(crate) fn piece(&self, offset: u64) -> usize {
        usize::try_from(self.length.saturating_sub(offset)).unwrap_or(PIECE).min(PIECE)
    }

    /// Fills a buffer with the piece at an offset. The last piece also checks that the file is still the one that was
    /// measured, so that a changed file is never sent to its end.
    pub(crate) fn read(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let mut cursor = self.cursor.lock().unwrap_or_else(PoisonError::into_inner);
        if cursor.fill(offset, buffer)? < buffer.len() {
            return Err(Changed::error(format!("it ended before its {} bytes were read", self.length)));
        }
        if offset + buffer.len() as u64 == self.length {
            let metadata = cursor.file.metadata()?;
            if metadata.len() != self.length {
                return Err(Changed::error(format!("it had {} bytes and now has {}", self.length, metadata.len())));
            }
            // Some system files hold more than their length says.
            if cursor.fill(self.length, &mut [0])? > 0 {
                return Err(Changed::error(format!("it holds more than the {} bytes of its length", self.length)));
            }
            if self.modified.is_some() && metadata.modified().ok() != self.modified {
                return Err(Changed::error("it was modified"));
            }
        }
        Ok(())
    }
}

/// Writes a reader to an unnamed temporary file.
async fn spool(mut reader: Reader, limit: u64) -> Result<OpenFile, Error> {
    let failed = |source| disk::error("the temporary file for the upload failed", source);
    let mut file = disk::run(move || tempfile::tempfile().map_err(failed)).await?;
    let (mut length, mut end) = (0, false);
    let mut piece = vec![0; PIECE];
    while !end {
        let mut filled = 0;
        while filled < piece.len() && !end {
            let space = piece.get_mut(filled..).unwrap_or_default();
            let read = read_some(&mut reader, space).await;
            let read = read.map_err(|source| disk::error("the reader of the upload failed", source))?;
            (filled, end) = (filled + read, read == 0);
        }
        length += filled as u64;
        if length > limit {
            return Err(Error::new(
                ErrorKind::TooLarge,
                format!(
                    "the reader of the upload gave more than the {limit} bytes that are put into a temporary file; raise \
                     `spool_limit`, or say the length"
                ),
            ));
        }
        let write = move || {
            file.write_all(piece.get(..filled).unwrap_or_default()).map_err(failed)?;
            Ok((file, piece))
        };
        (file, piece) = disk::run(write).await?;
    }
    Ok(OpenFile::spooled(file, length))
}

/// Reads what is available: at least one byte unless the reader has ended.
async fn read_some(reader: &mut Reader, space: &mut [u8]) -> io::Result<usize> {
    std::future::poll_fn(|context| {
        let mut buffer = ReadBuf::new(space);
        reader.as_mut().poll_read(context, &mut buffer).map_ok(|()| buffer.filled().len())
    })
    .await
}

pub(crate) type TakenReader = Reader;

#[cfg(test)]
mod tests {
    use super::*;

    fn file(content: &[u8]) -> (tempfile::NamedTempFile, OpenFile) {
        let mut named = tempfile::NamedTempFile::new().unwrap();
        named.write_all(content).unwrap();
        let open = OpenFile::open(named.path()).unwrap();
        (named, open)
    }

    #[test]
    fn a_file_is_read_in_pieces() {
        let content: Vec<u8> = (0..PIECE * 2 + 1).map(|n| n as u8).collect();
        let (_named, open) = file(&content);
        let read = |open: &OpenFile, at: usize| {
            let mut piece = vec![0; open.piece(at as u64)];
            open.read(at as u64, &mut piece).unwrap();
            piece
        };
        let pieces = [0, PIECE, PIECE * 2].map(|at| read(&open, at));
        assert_eq!(pieces.each_ref().map(Vec::len), [PIECE, PIECE, 1]);
        assert!(pieces.concat() == content);
        // Another attempt starts again.
        assert!(read(&open, 0) == content[..PIECE]);
        let (_named, empty) = file(b"");
        assert!(read(&empty, 0).is_empty());
    }

    #[test]
    fn a_file_that_changes_is_not_read_to_its_end() {
        for change in [
            (|file: &File| (&*file).write_all(b"more").unwrap()) as fn(&File),
            |file| file.set_len(3).unwrap(),
            |file| file.set_modified(SystemTime::UNIX_EPOCH).unwrap(),
        ] {
            let (named, open) = file(b"content");
            let mut piece = vec![0; open.piece(0)];
            open.read(0, &mut piece).unwrap();
            assert_eq!(piece, b"content");
            change(named.as_file());
            let error = open.read(0, &mut piece).unwrap_err();
            assert!(error.get_ref().is_some_and(|inner| inner.is::<Changed>()), "{error}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_that_holds_more_than_its_length_is_not_sent() {
        let open = OpenFile::open(std::path::Path::new("/proc/self/status")).unwrap();
        assert_eq!(open.length(), 0);
        assert!(open.read(0, &mut []).unwrap_err().to_string().contains("more than the 0 bytes"));
    }

    #[test]
    fn only_regular_files_are_opened() {
        let folder = tempfile::tempdir().unwrap();
        let missing = OpenFile::open(&folder.path().join("missing")).unwrap_err();
        assert_eq!(missing.kind(), ErrorKind::LocalFile);
        assert_eq!(OpenFile::open(folder.path()).unwrap_err().kind(), ErrorKind::LocalFile);
    }

    #[tokio::test]
    async fn a_reader_without_a_length_is_spooled_up_to_its_limit() {
        let body = |limit| UploadBody::from_reader(std::io::Cursor::new(vec![7; PIECE + 1]), None).spool_limit(limit);
        let content = body(PIECE as u64 + 1).open().await.unwrap();
        assert_eq!((content.length(), content.is_repeatable()), (Some(PIECE as u64 + 1), true));
        let error = body(PIECE as u64).open().await.err().unwrap();
        assert_eq!(error.kind(), ErrorKind::TooLarge);
        let chunked = body(1).chunked().open().await.unwrap();
        assert_eq!(chunked.length(), None);
    }
}
