//! Standard-library readers and writers where a file transfer takes async ones.

use std::io::{self, Read, Write};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

/// How much is read at once.
const PIECE: usize = 64 << 10;

/// Turns a reader of the standard library into the content of an upload.
///
/// It reads on a thread of its own, so that an idle pipe does not hold up other calls.
///
/// ```
/// # use singlestore_management_emulator::Emulator;
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let emulator = Emulator::builder().polls_until_ready(0).start()?;
/// # let client = singlestore_management::Client::builder()
/// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
/// # let group = emulator.insert_workspace_group(serde_json::json!({"name": "g"}))?;
/// # let group: singlestore_management::WorkspaceGroupId = group.parse()?;
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("data.csv");
/// # std::fs::write(&path, "id\n1\n")?;
/// use singlestore_management::blocking::{AsyncReader, Call as _};
/// use singlestore_management::files::UploadBody;
///
/// let file = std::fs::File::open(path)?;
/// let length = file.metadata()?.len();
/// let body = UploadBody::from_reader(AsyncReader::new(file), Some(length));
/// let report = client.stage().upload(group, "data.csv", body).call()?;
/// assert_eq!(report.bytes, length);
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct AsyncReader<R>(State<R>);

#[derive(Debug)]
enum State<R> {
    /// The reader, and what it has read that was not yet taken.
    Idle(Option<R>, Piece),
    Busy(JoinHandle<(R, Piece, io::Result<usize>)>),
}

#[derive(Debug, Default)]
struct Piece {
    bytes: Vec<u8>,
    taken: usize,
}

impl Piece {
    fn rest(&self) -> &[u8] {
        self.bytes.get(self.taken..).unwrap_or_default()
    }

    fn fill(&mut self, reader: &mut impl Read) -> io::Result<usize> {
        self.taken = 0;
        self.bytes.resize(PIECE, 0);
        let read = loop {
            match reader.read(&mut self.bytes) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        self.bytes.truncate(*read.as_ref().unwrap_or(&0));
        read
    }
}

impl<R: Read + Send + Unpin + 'static> AsyncReader<R> {
    /// Takes the reader; nothing is read until the upload asks for it.
    pub fn new(reader: R) -> Self {
        Self(State::Idle(Some(reader), Piece::default()))
    }
}

impl<R: Read + Send + Unpin + 'static> AsyncRead for AsyncReader<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            match &mut self.0 {
                State::Idle(_, piece) if !piece.rest().is_empty() => {
                    let count = piece.rest().len().min(buffer.remaining());
                    buffer.put_slice(piece.rest().get(..count).unwrap_or_default());
                    piece.taken += count;
                    return Poll::Ready(Ok(()));
                }
                State::Idle(reader, piece) => {
                    let runtime = Handle::try_current().map_err(io::Error::other)?;
                    let Some(mut reader) = reader.take() else {
                        return Poll::Ready(Err(io::Error::other("the reader was lost when it panicked")));
                    };
                    let mut piece = std::mem::take(piece);
                    self.0 = State::Busy(runtime.spawn_blocking(move || {
                        let read = piece.fill(&mut reader);
                        (reader, piece, read)
                    }));
                }
                State::Busy(work) => {
                    let done = ready!(Pin::new(work).poll(context));
                    let Ok((reader, piece, read)) = done else {
                        self.0 = State::Idle(None, Piece::default());
                        return Poll::Ready(Err(io::Error::other("the reader panicked")));
                    };
                    self.0 = State::Idle(Some(reader), piece);
                    if read? == 0 {
                        return Poll::Ready(Ok(()));
                    }
                }
            }
        }
    }
}

/// Turns a writer of the standard library into the target of a download.
///
/// It writes on the calling thread, which waits for it.
///
/// ```
/// # use singlestore_management_emulator::Emulator;
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let emulator = Emulator::builder().polls_until_ready(0).start()?;
/// # let client = singlestore_management::Client::builder()
/// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
/// # let group = emulator.insert_workspace_group(serde_json::json!({"name": "g"}))?;
/// # let group: singlestore_management::WorkspaceGroupId = group.parse()?;
/// # client.stage().upload(group, "data.csv", "id\n1\n").call()?;
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("data.csv");
/// use singlestore_management::blocking::{AsyncWriter, Call as _};
///
/// let mut file = std::fs::File::create(&path)?;
/// client.stage().download(group, "data.csv").to_writer(&mut AsyncWriter::new(&mut file)).call()?;
/// assert_eq!(std::fs::read(&path)?, b"id\n1\n");
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct AsyncWriter<W>(W);

impl<W: Write + Unpin> AsyncWriter<W> {
    /// Takes the writer, or a `&mut` of it.
    pub fn new(writer: W) -> Self {
        Self(writer)
    }

    /// The writer.
    pub fn into_inner(self) -> W {
        self.0
    }
}

impl<W: Write + Unpin> AsyncWrite for AsyncWriter<W> {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(uninterrupted(|| self.0.write(bytes)))
    }

    fn poll_flush(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(uninterrupted(|| self.0.flush()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(context)
    }
}

fn uninterrupted<T>(mut work: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match work() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            outcome => return outcome,
        }
    }
}
