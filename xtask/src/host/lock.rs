//! One run at a time writes to a repository. The lock is the operating system's: it goes with the process, however that
//! ends.

use std::fs::{self, File, OpenOptions};
use std::io::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};

/// Held as long as it lives.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "open files hold the lock")] File);

/// The directory for what is under way; not a link, which would lead elsewhere.
pub fn directory(root: &Path) -> Result<PathBuf> {
    let path = root.join(".xtask");
    match fs::create_dir(&path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    if !fs::symlink_metadata(&path)?.is_dir() {
        return Err(Error::other(format!("{} is not a directory; remove it", path.display())));
    }
    Ok(path)
}

/// Takes the lock; `None` while another run has it.
pub fn take(root: &Path) -> Result<Option<Lock>> {
    let path = directory(root)?.join("lock");
    let mut options = OpenOptions::new();
    options.create(true).write(true).truncate(false);
    match exclusive(&mut options, &path) {
        Ok(file) => Ok(Some(Lock(file))),
        Err(error) if is_busy(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(unix)]
fn exclusive(options: &mut OpenOptions, path: &Path) -> Result<File> {
    use rustix::fs::{FlockOperation, OFlags, flock};
    use std::os::unix::fs::OpenOptionsExt;
    options.custom_flags(i32::try_from(OFlags::NOFOLLOW.bits()).unwrap_or_default());
    let file = options.open(path)?;
    flock(&file, FlockOperation::NonBlockingLockExclusive)?;
    Ok(file)
}

#[cfg(windows)]
fn exclusive(options: &mut OpenOptions, path: &Path) -> Result<File> {
    use std::os::windows::fs::OpenOptionsExt;
    options.share_mode(0).open(path)
}

#[cfg(unix)]
fn is_busy(error: &Error) -> bool {
    error.kind() == ErrorKind::WouldBlock
}

#[cfg(windows)]
fn is_busy(error: &Error) -> bool {
    // ERROR_SHARING_VIOLATION
    error.raw_os_error() == Some(32)
}
