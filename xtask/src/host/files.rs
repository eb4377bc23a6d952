//! Files: bounded reads, listing, and removal.

use crate::document::MAX_BYTES;
use std::fs::{self, File};
use std::io::{Error, Read, Result};
use std::path::{Path, PathBuf};

/// Reads a regular file of reasonable size.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    let file = File::open(path)?;
    if !file.metadata()?.is_file() {
        return Err(Error::other("it is not a regular file"));
    }
    let mut bytes = Vec::new();
    // One byte more than is ever accepted, so that the reader can report that it is too large.
    file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Every file below a directory, sorted, with paths relative to the root. Links are not followed.
pub fn below(root: &Path, directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut waiting = vec![directory.to_path_buf()];
    while let Some(next) = waiting.pop() {
        let Ok(entries) = fs::read_dir(root.join(&next)) else { continue };
        for entry in entries.flatten() {
            let path = next.join(entry.file_name());
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => waiting.push(path),
                Ok(kind) if kind.is_file() => found.push(path),
                _ => {}
            }
        }
    }
    found.sort();
    found
}

/// Removes a directory as far as possible, including read-only contents. Links are not followed.
pub fn remove_all(directory: &Path) {
    let mut waiting = vec![directory.to_path_buf()];
    while let Some(next) = waiting.pop() {
        let Ok(about) = fs::symlink_metadata(&next) else { continue };
        if about.is_dir() {
            make_writable(&next, about.permissions());
            waiting.extend(fs::read_dir(&next).into_iter().flatten().flatten().map(|entry| entry.path()));
        }
    }
    let _ = fs::remove_dir_all(directory);
}

#[cfg(unix)]
fn make_writable(path: &Path, mut permissions: fs::Permissions) {
    use std::os::unix::fs::PermissionsExt;
    permissions.set_mode(permissions.mode() | 0o700);
    let _ = fs::set_permissions(path, permissions);
}

#[cfg(not(unix))]
fn make_writable(_: &Path, _: fs::Permissions) {}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("xtask-files-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        path
    }

    #[test]
    fn reading_stops_above_the_limit_and_refuses_what_is_no_file() {
        let root = directory("limit");
        let file = File::create(root.join("big")).unwrap();
        file.set_len(50 * 1024 * 1024).unwrap();
        assert_eq!(read(&root.join("big")).unwrap().len(), MAX_BYTES + 1);
        assert!(read(&root).is_err());
        fs::remove_dir_all(root).unwrap();
    }
}
