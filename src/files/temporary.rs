//! Temporary files: one that takes the place of another when it is complete, and one without a name.

use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// How many random letters and digits are in the name of a temporary file.
pub(super) const RANDOM: usize = 12;

/// How often another name is tried. A name that is taken is no accident, so that more would be of no use.
const NAMES: u32 = 64;

/// A file that is removed when it is dropped, unless it was moved to its place.
pub(super) struct Temporary {
    file: File,
    path: PathBuf,
    is_moved: bool,
}

impl Temporary {
    /// Creates a file with the mode of an ordinary new one, as limited by the umask.
    pub(super) fn create(folder: &Path, prefix: &OsStr, suffix: &str) -> io::Result<Self> {
        // Removing it must not depend on the working directory of then.
        let folder = std::path::absolute(folder)?;
        let mut options = OpenOptions::new();
        let (file, path) = create(options.read(true).write(true), &folder, prefix, suffix)?;
        Ok(Self { file, path, is_moved: false })
    }

    pub(super) fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// Moves the file to its place; a file that is there is replaced. After an error it can be tried again.
    pub(super) fn move_to(&mut self, target: &Path) -> io::Result<()> {
        std::fs::rename(&self.path, target)?;
        self.is_moved = true;
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.is_moved {
            // Nobody could be told of an error.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// A file without a name in the system's folder for temporary files, which nobody else can open.
pub(super) fn unnamed() -> io::Result<File> {
    let folder = std::env::temp_dir();
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // Shared with nobody, a hint to keep it in memory, and deleted by the system when it is closed.
    #[cfg(windows)]
    {
        use std::os::windows::fs::OpenOptionsExt;

        const FILE_ATTRIBUTE_TEMPORARY: u32 = 0x100;
        const FILE_FLAG_DELETE_ON_CLOSE: u32 = 0x0400_0000;
        options.share_mode(0).attributes(FILE_ATTRIBUTE_TEMPORARY).custom_flags(FILE_FLAG_DELETE_ON_CLOSE);
    }
    let (file, path) = create(&mut options, &folder, OsStr::new(".tmp"), "")?;
    if cfg!(unix) {
        std::fs::remove_file(path)?;
    }
    Ok(file)
}

/// Creates a file that did not exist: what has its name, such as a symbolic link, is not opened.
fn create(options: &mut OpenOptions, folder: &Path, prefix: &OsStr, suffix: &str) -> io::Result<(File, PathBuf)> {
    options.create_new(true);
    let mut attempt = 1;
    loop {
        let mut name = prefix.to_owned();
        name.push((0..RANDOM).map(|_| fastrand::alphanumeric()).collect::<String>());
        name.push(suffix);
        let path = folder.join(name);
        match options.open(&path) {
            Ok(file) => return Ok((file, path)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempt < NAMES => attempt += 1,
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Seek, Write};

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_file_that_was_not_moved_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let file = Temporary::create(folder.path(), OsStr::new(".a."), ".part").unwrap();
        let there = names(folder.path());
        let is_named = |name: &String| name.starts_with(".a.") && name.ends_with(".part") && name.len() == 8 + RANDOM;
        assert!(there.len() == 1 && there.iter().all(is_named), "{there:?}");
        drop(file);
        assert!(names(folder.path()).is_empty());
    }

    #[test]
    fn a_file_that_was_moved_replaces_another_and_stays() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("a");
        std::fs::write(&target, "old").unwrap();
        let mut file = Temporary::create(folder.path(), OsStr::new(".a."), ".part").unwrap();
        file.file().write_all(b"new").unwrap();
        assert!(file.move_to(&folder.path().join("none/a")).is_err());
        assert_eq!(std::fs::read(&target).unwrap(), b"old");
        file.move_to(&target).unwrap();
        drop(file);
        assert_eq!((std::fs::read(&target).unwrap(), names(folder.path())), (b"new".to_vec(), vec!["a".to_owned()]));
    }

    #[test]
    fn what_has_the_name_already_is_not_opened() {
        let folder = tempfile::tempdir().unwrap();
        let mut options = OpenOptions::new();
        let (_, path) = create(options.read(true).write(true), folder.path(), OsStr::new("a"), "").unwrap();
        assert_eq!(options.open(path).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
    }

    #[test]
    fn a_file_without_a_name_can_be_written_and_read() {
        let mut file = unnamed().unwrap();
        file.write_all(b"content").unwrap();
        file.rewind().unwrap();
        let mut read = String::new();
        file.read_to_string(&mut read).unwrap();
        assert_eq!(read, "content");
    }

    #[cfg(unix)]
    #[test]
    fn only_an_unnamed_file_is_for_its_owner_alone() {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};

        let metadata = unnamed().unwrap().metadata().unwrap();
        assert_eq!((metadata.permissions().mode() & 0o777, metadata.nlink()), (0o600, 0));

        let folder = tempfile::tempdir().unwrap();
        let ordinary = File::create(folder.path().join("a")).unwrap().metadata().unwrap();
        let mut file = Temporary::create(folder.path(), OsStr::new(".b."), ".part").unwrap();
        assert_eq!(file.file().metadata().unwrap().permissions(), ordinary.permissions());
    }
}
