//! Files: bounded reads, and writes that happen all or not at all.

use crate::document::MAX_BYTES;
use std::fs::{self, File};
use std::io::{Error, Read, Result, Write};
use std::path::{Path, PathBuf};

/// Reads a regular file that is not absurdly large.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    let file = File::open(path)?;
    if !file.metadata()?.is_file() {
        return Err(Error::other("it is not a regular file"));
    }
    let mut bytes = Vec::new();
    // One byte more than is ever accepted, so that the reader can say that it is too much.
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

/// Stages everything beside its destination first: a full disk shows before the first file is replaced. If a rename
/// fails all the same, those before it are undone.
pub fn write_all(root: &Path, files: &[(PathBuf, Vec<u8>)]) -> Result<()> {
    let mut staged = Vec::new();
    let outcome = stage(root, files, &mut staged).and_then(|()| replace(&staged));
    for (temporary, _) in &staged {
        // Gone already when it was renamed.
        let _ = fs::remove_file(temporary);
    }
    outcome
}

/// Removes a directory, as far as that goes; what was made read-only on the way too. Links are not followed.
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

fn stage(root: &Path, files: &[(PathBuf, Vec<u8>)], staged: &mut Vec<(PathBuf, PathBuf)>) -> Result<()> {
    for (path, content) in files {
        let path = root.join(path);
        let mut name = path.file_name().map(std::ffi::OsStr::to_os_string).unwrap_or_default();
        name.push(".new");
        let temporary = path.with_file_name(name);
        staged.push((temporary.clone(), path));
        let mut file = File::create(&temporary)?;
        file.write_all(content)?;
        file.sync_all()?;
    }
    Ok(())
}

fn replace(staged: &[(PathBuf, PathBuf)]) -> Result<()> {
    let mut done: Vec<(&PathBuf, Option<Vec<u8>>)> = Vec::new();
    for (temporary, path) in staged {
        let before = fs::read(path).ok();
        if let Err(error) = fs::rename(temporary, path) {
            for (path, before) in done {
                let _ = match before {
                    Some(content) => fs::write(path, content),
                    None => fs::remove_file(path),
                };
            }
            return Err(error);
        }
        done.push((path, before));
    }
    Ok(())
}

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
    fn a_failure_leaves_every_file_as_it_was() {
        let root = directory("atomic");
        fs::write(root.join("a"), "old").unwrap();
        // A directory cannot be replaced by a file, so the second rename fails after the first has happened.
        fs::create_dir(root.join("b")).unwrap();
        let files = [("a".into(), b"new".to_vec()), ("b".into(), b"new".to_vec())];
        assert!(write_all(&root, &files).is_err());
        assert_eq!(fs::read_to_string(root.join("a")).unwrap(), "old");
        assert_eq!(below(&root, Path::new("")), [PathBuf::from("a")]);
        fs::remove_dir(root.join("b")).unwrap();
        write_all(&root, &files).unwrap();
        assert_eq!(fs::read_to_string(root.join("a")).unwrap(), "new");
        fs::remove_dir_all(root).unwrap();
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
