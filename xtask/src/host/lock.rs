//! Only one run at a time writes to a repository, and only one compiles copies of it in a target directory. The operating system
//! holds the lock: it is released with the process, however that ends.

use std::fs::{self, File, OpenOptions};
use std::io::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// Held as long as it lives.
#[derive(Debug)]
pub struct Lock(File);

impl Lock {
    /// Lets a child process and its children hold it as well: they may outlive us.
    pub fn as_stdin(&self) -> Result<Stdio> {
        self.0.try_clone().map(Stdio::from)
    }
}

#[cfg(unix)]
impl Drop for Lock {
    fn drop(&mut self) {
        // A process being started by another thread has a copy of the file until it has loaded its program.
        let _ = rustix::fs::flock(&self.0, rustix::fs::FlockOperation::Unlock);
    }
}

/// The directory for work in progress; not a link, which would lead elsewhere.
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

/// Takes the lock of a repository; `None` while another run has it.
pub fn take(root: &Path) -> Result<Option<Lock>> {
    take_file(&directory(root)?.join("lock"))
}

/// Takes the lock on a file, and says so before waiting for another run or thread that has it.
pub fn wait_for(path: &Path, mut say: impl FnMut()) -> Result<Lock> {
    if let Some(lock) = take_file(path)? {
        return Ok(lock);
    }
    say();
    block(path)
}

fn take_file(path: &Path) -> Result<Option<Lock>> {
    match exclusive(path) {
        Ok(file) => Ok(Some(Lock(file))),
        Err(error) if is_busy(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.create(true).write(true).truncate(false);
    options
}

#[cfg(unix)]
fn open(path: &Path) -> Result<File> {
    use rustix::fs::OFlags;
    use std::os::unix::fs::OpenOptionsExt;
    options().custom_flags(i32::try_from(OFlags::NOFOLLOW.bits()).unwrap_or_default()).open(path)
}

#[cfg(unix)]
fn exclusive(path: &Path) -> Result<File> {
    use rustix::fs::{FlockOperation, flock};
    let file = open(path)?;
    flock(&file, FlockOperation::NonBlockingLockExclusive)?;
    Ok(file)
}

#[cfg(unix)]
fn block(path: &Path) -> Result<Lock> {
    use rustix::fs::{FlockOperation, flock};
    let file = open(path)?;
    loop {
        match flock(&file, FlockOperation::LockExclusive) {
            Err(rustix::io::Errno::INTR) => {}
            outcome => return Ok(outcome.map(|()| Lock(file))?),
        }
    }
}

#[cfg(windows)]
fn exclusive(path: &Path) -> Result<File> {
    use std::os::windows::fs::OpenOptionsExt;
    options().share_mode(0).open(path)
}

#[cfg(windows)]
fn block(path: &Path) -> Result<Lock> {
    // There is no notification when the other closes it.
    loop {
        std::thread::sleep(std::time::Duration::from_millis(100));
        if let Some(lock) = take_file(path)? {
            return Ok(lock);
        }
    }
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

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    fn path(name: &str) -> PathBuf {
        std::env::temp_dir().join(format!("xtask-lock-{name}-{}", std::process::id()))
    }

    #[test]
    fn what_is_started_with_a_lock_holds_it_when_we_are_killed() {
        let path = path("outlived");
        let lock = exclusive(&path).unwrap();
        // Ends when its output is closed.
        let mut child = Command::new("sh")
            .args(["-c", "while echo; do sleep 0.01; done 2>/dev/null"])
            .stdin(lock.try_clone().unwrap())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        drop(lock);
        assert!(take_file(&path).unwrap().is_none());
        drop(child.stdout.take());
        drop(wait_for(&path, || {}).unwrap());
        child.wait().unwrap();
        fs::remove_file(path).unwrap();
    }

    #[test]
    fn a_lock_is_gone_though_a_process_that_is_being_started_has_its_file() {
        let path = path("forked");
        let lock = take_file(&path).unwrap().unwrap();
        let forked = lock.0.try_clone().unwrap();
        assert!(take_file(&path).unwrap().is_none());
        drop(lock);
        assert!(take_file(&path).unwrap().is_some());
        drop(forked);
        fs::remove_file(path).unwrap();
    }
}
