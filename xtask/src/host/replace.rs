//! Replaces files of the repository, all or none, even if the process is killed on the way: the work in progress is recorded in
//! `.xtask/write`, and the next run undoes it, except files that somebody else has changed since.

use super::lock;
use crate::update_spec::lock::sha256;
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions};
use std::io::{Error, ErrorKind, Result, Write};
use std::path::{Component, Path, PathBuf};

const WRITE: &str = "write";
const JOURNAL: &str = "journal";

/// A file that is being replaced; `N.new` and `N.old` are its contents, by its position.
#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    path: PathBuf,
    /// The SHA-256 of the previous content; `None` if there was no file.
    before: Option<String>,
    /// The SHA-256 of the new content.
    after: String,
}

/// Whether an earlier run ended while replacing files, or before reporting what it did.
pub fn is_unfinished(root: &Path) -> bool {
    fs::symlink_metadata(root.join(".xtask").join(WRITE).join(JOURNAL)).is_ok()
}

/// Puts all files in place. The previous contents are kept until [`commit`].
pub fn replace_all(root: &Path, files: &[(PathBuf, Vec<u8>)]) -> Result<()> {
    for (path, _) in files {
        refuse_links(root, path)?;
    }
    let directory = lock::directory(root)?.join(WRITE);
    // Not `create_dir_all`: a directory that somebody else put there is not used.
    fs::create_dir(&directory)?;
    tests_stop_here();
    let outcome = stage(root, &directory, files).and_then(|entries| put(root, &directory, &entries));
    if let Err(error) = outcome {
        undo(root)?;
        return Err(error);
    }
    Ok(())
}

/// Deletes the backups.
pub fn commit(root: &Path) -> Result<()> {
    let directory = root.join(".xtask").join(WRITE);
    match fs::remove_file(directory.join(JOURNAL)) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    tests_stop_here();
    remove(&directory)
}

/// Restores everything that was not committed; returns whether there was something.
///
/// # Errors
/// Nothing is restored if a file is neither as it was before nor as we wrote it.
pub fn undo(root: &Path) -> Result<bool> {
    let directory = root.join(".xtask").join(WRITE);
    let entries: Vec<Entry> = match fs::read(directory.join(JOURNAL)) {
        Ok(text) => serde_json::from_slice(&text).map_err(unreadable)?,
        // Ended before the first file was replaced, or after the last.
        Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(error),
    };
    let mut replaced = Vec::new();
    for (number, entry) in entries.iter().enumerate() {
        refuse_links(root, &entry.path)?;
        let there = match fs::read(root.join(&entry.path)) {
            Ok(content) => Some(sha256(&content)),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        if there == entry.before {
            // Not replaced yet, or restored by a run that was itself interrupted.
            replaced.push(false);
        } else if there.as_ref() == Some(&entry.after) {
            replaced.push(true);
        } else {
            return Err(edited(number, entry));
        }
    }
    for (number, (Entry { path, before, .. }, replaced)) in entries.iter().zip(replaced).enumerate() {
        let (old, path) = (directory.join(format!("{number}.old")), root.join(path));
        match before {
            _ if !replaced => {}
            Some(_) => fs::rename(old, path)?,
            None => fs::remove_file(path)?,
        }
        tests_stop_here();
    }
    commit(root)?;
    Ok(!entries.is_empty())
}

/// Somebody else's work is not undone.
fn edited(number: usize, Entry { path, before, .. }: &Entry) -> Error {
    let path = path.display();
    let back = match before {
        Some(_) => format!("copy `.xtask/{WRITE}/{number}.old` to `{path}`"),
        None => format!("remove `{path}`"),
    };
    Error::other(format!(
        "an earlier run did not finish, and `{path}` was changed since, so nothing is undone. To keep all \
         files as they are, remove `.xtask/{WRITE}`; to undo that run, {back}. Then run the command again"
    ))
}

fn unreadable(error: serde_json::Error) -> Error {
    Error::other(format!(
        "what an earlier run left in `.xtask/{WRITE}/{JOURNAL}` cannot be read ({error}): look at `git diff`, restore \
         what is wrong, and remove `.xtask/{WRITE}`"
    ))
}

/// Writes files outside the repository, each atomically.
pub fn write_outside(files: &[(PathBuf, Vec<u8>)]) -> Result<()> {
    for (path, content) in files {
        let mut name = path.file_name().map(std::ffi::OsStr::to_os_string).unwrap_or_default();
        name.push(format!(".{}.new", std::process::id()));
        let temporary = path.with_file_name(name);
        write_new(&temporary, content)?;
        if let Err(error) = fs::rename(&temporary, path) {
            let _ = fs::remove_file(&temporary);
            return Err(error);
        }
    }
    Ok(())
}

/// A full disk shows here, before the first file is replaced.
fn stage(root: &Path, directory: &Path, files: &[(PathBuf, Vec<u8>)]) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for (number, (path, content)) in files.iter().enumerate() {
        write_new(&directory.join(format!("{number}.new")), content)?;
        tests_stop_here();
        let before = match fs::read(root.join(path)) {
            Ok(before) => {
                write_new(&directory.join(format!("{number}.old")), &before)?;
                Some(sha256(&before))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        tests_stop_here();
        entries.push(Entry { path: path.clone(), before, after: sha256(content) });
    }
    let text = serde_json::to_vec(&entries).map_err(Error::other)?;
    // The name appears only when the content is complete.
    write_new(&directory.join("journal.new"), &text)?;
    fs::rename(directory.join("journal.new"), directory.join(JOURNAL))?;
    tests_stop_here();
    Ok(entries)
}

fn put(root: &Path, directory: &Path, entries: &[Entry]) -> Result<()> {
    for (number, entry) in entries.iter().enumerate() {
        fs::rename(directory.join(format!("{number}.new")), root.join(&entry.path))?;
        tests_stop_here();
    }
    Ok(())
}

fn write_new(path: &Path, content: &[u8]) -> Result<()> {
    // Fails if anything exists there, even a link.
    let mut file: File = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

fn remove(directory: &Path) -> Result<()> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        outcome => outcome,
    }
}

/// Nothing on the path to a file may lead elsewhere.
fn refuse_links(root: &Path, path: &Path) -> Result<()> {
    if !path.components().all(|part| matches!(part, Component::Normal(_))) {
        return Err(Error::other(format!("{} is not in the repository", path.display())));
    }
    for part in path.ancestors().filter(|part| !part.as_os_str().is_empty()) {
        if fs::symlink_metadata(root.join(part)).is_ok_and(|about| about.is_symlink()) {
            return Err(Error::other(format!("{} is a link, which is not replaced", part.display())));
        }
    }
    Ok(())
}

#[cfg(not(test))]
fn tests_stop_here() {}

/// Stops forever at the numbered step, so that a test can kill the process there.
#[cfg(test)]
fn tests_stop_here() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static STEP: AtomicUsize = AtomicUsize::new(0);
    let stop: Option<usize> = std::env::var("XTASK_TEST_STOP").ok().and_then(|text| text.parse().ok());
    if stop.is_some_and(|stop| STEP.fetch_add(1, Ordering::Relaxed) == stop) {
        println!("stopped");
        loop {
            std::thread::park();
        }
    }
}

#[cfg(test)]
mod tests;
