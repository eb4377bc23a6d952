//! File contents, in a temporary directory: a program may upload more than fits in memory.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tempfile::TempDir;

/// The directory of one emulator; removed with the last content.
#[derive(Debug)]
pub(crate) struct Disk {
    directory: TempDir,
    counter: AtomicU64,
}

impl Disk {
    pub(crate) fn new() -> io::Result<Arc<Disk>> {
        let directory = tempfile::Builder::new().prefix("singlestore-emulator-").tempdir()?;
        Ok(Arc::new(Disk { directory, counter: AtomicU64::new(0) }))
    }

    /// Starts a new content.
    pub(crate) fn writer(self: &Arc<Disk>) -> io::Result<Writer> {
        let number = self.counter.fetch_add(1, Ordering::Relaxed);
        let path = self.directory.path().join(format!("{number}.content"));
        let file = OpenOptions::new().write(true).create_new(true).open(&path)?;
        Ok(Writer { stored: Stored { path, length: 0, hash: FNV, disk: self.clone() }, file })
    }

    /// Stores bytes already in memory.
    pub(crate) fn keep(self: &Arc<Disk>, bytes: &[u8]) -> io::Result<Arc<Stored>> {
        let mut writer = self.writer()?;
        writer.write(bytes)?;
        Ok(writer.finish())
    }
}

const FNV: u64 = 0xcbf2_9ce4_8422_2325;

/// A content being written.
#[derive(Debug)]
pub(crate) struct Writer {
    stored: Stored,
    file: File,
}

impl Writer {
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.stored.length += bytes.len() as u64;
        // FNV-1a over words: the tag distinguishes contents, it is not for security.
        let mut words = bytes.chunks_exact(8);
        let mix = |hash: u64, word: u64| (hash ^ word).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(23);
        for word in words.by_ref() {
            self.stored.hash = mix(self.stored.hash, word.iter().fold(0, |all, byte| (all << 8) | u64::from(*byte)));
        }
        self.stored.hash = words.remainder().iter().fold(self.stored.hash, |hash, byte| mix(hash, u64::from(*byte)));
        Ok(())
    }

    pub(crate) fn finish(self) -> Arc<Stored> {
        Arc::new(self.stored)
    }
}

/// A content on disk; dropping the last reference removes the file.
#[derive(Debug)]
pub(crate) struct Stored {
    path: PathBuf,
    pub(crate) length: u64,
    hash: u64,
    /// Keeps the directory alive while one of its files is being sent.
    disk: Arc<Disk>,
}

impl Stored {
    /// The strong entity tag of the content; different piece sizes may give equal bytes different tags, as multipart uploads do.
    pub(crate) fn etag(&self) -> String {
        format!("\"{:016x}{:x}\"", self.hash, self.length)
    }

    /// Opens the content at an offset.
    pub(crate) fn open(&self, start: u64) -> io::Result<File> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(start))?;
        Ok(file)
    }

    pub(crate) fn read(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.open(0)?.read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

impl Drop for Stored {
    fn drop(&mut self) {
        // What cannot be removed now is removed with the directory.
        let _ = std::fs::remove_file(&self.path);
        let _ = &self.disk;
    }
}
