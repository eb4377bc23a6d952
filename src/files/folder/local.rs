//! A folder on this machine.

use std::path::{Path, PathBuf};

use super::patterns::Ignored;
use super::report::{FolderReport, SkipReason};
use crate::files::remote_path::RemotePath;
use crate::files::{disk, part_file};
use crate::order::sorted;
use crate::{Error, ErrorKind};

/// A file or a folder below the root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LocalEntry {
    /// With `/` between the parts, and a trailing one for a folder.
    pub(crate) path: String,
    pub(crate) place: PathBuf,
    pub(crate) size: u64,
}

/// Everything below a folder, sorted, each folder before its content. Entries that are not sent go to the report.
#[inline]
pub(crate) fn scan(root: &Path, ignored: &Ignored, report: &mut FolderReport) -> Result<Vec<LocalEntry>, Error> {
    let failed = |path: &Path, source| disk::error(format!("the folder {} cannot be read", path.display()), source);
    let mut entries = Vec::new();
    let mut folders = vec![(String::new(), root.to_owned())];
    while let Some((prefix, folder)) = folders.pop() {
        let listing = match std::fs::read_dir(&folder) {
            Ok(listing) => listing,
            Err(source) if prefix.is_empty() => return Err(failed(&folder, source)),
            Err(source) => {
                report.failed(prefix, failed(&folder, source));
                continue;
            }
        };
        for entry in listing {
            match entry {
                Ok(entry) => look_at(&entry, &prefix, ignored, report, &mut entries, &mut folders),
                Err(source) => {
                    report.failed(prefix.clone(), failed(&folder, source));
                    break;
                }
            }
        }
    }
    Ok(sorted(entries, |entry| entry.path.clone()))
}

fn look_at(
    entry: &std::fs::DirEntry,
    prefix: &str,
    ignored: &Ignored,
    report: &mut FolderReport,
    entries: &mut Vec<LocalEntry>,
    folders: &mut Vec<(String, PathBuf)>,
) {
    let name = entry.file_name();
    let Some(name) = name.to_str() else {
        report.refused(format!("{prefix}{}", name.to_string_lossy()), "it is not UTF-8");
        return;
    };
    let path = format!("{prefix}{name}");
    if ignored.contains(&path) {
        report.skipped(path, SkipReason::Ignored);
        return;
    }
    // Links are not followed: the metadata is that of the link itself.
    let metadata = match entry.metadata() {
        Ok(metadata) => metadata,
        Err(source) => {
            report.failed(path, disk::error("it cannot be read", source));
            return;
        }
    };
    if metadata.is_symlink() {
        report.skipped(path, SkipReason::Symlink);
    } else if let Err(error) = RemotePath::file(&path) {
        report.failed(path, error);
    } else if metadata.is_dir() {
        folders.push((format!("{path}/"), entry.path()));
        entries.push(LocalEntry { path: format!("{path}/"), place: entry.path(), size: 0 });
    } else if metadata.is_file() && part_file::is_left_over(name) {
        report.skipped(path, SkipReason::Unfinished);
    } else if metadata.is_file() {
        entries.push(LocalEntry { path, place: entry.path(), size: metadata.len() });
    } else {
        report.skipped(path, SkipReason::NotAFile);
    }
}

/// Where a path below the root is to be written.
#[derive(Debug)]
pub(crate) enum Place {
    /// At this path, where there is nothing, or a file of a different size.
    Write(PathBuf),
    /// Nowhere.
    Skip(SkipReason),
}

/// Finds the target of a file, and creates its parent folders. Nothing is written through a link.
pub(crate) fn place(root: &Path, path: &str, size: Option<u64>, dry_run: bool) -> Result<Place, Error> {
    let (above, name) = path.rsplit_once('/').unwrap_or(("", path));
    let Some(folder) = folder(root, above, dry_run)? else { return Ok(Place::Skip(SkipReason::Symlink)) };
    let target = folder.join(name);
    match std::fs::symlink_metadata(&target) {
        Ok(metadata) if metadata.is_symlink() => Ok(Place::Skip(SkipReason::Symlink)),
        Ok(metadata) if metadata.is_file() && Some(metadata.len()) == size => Ok(Place::Skip(SkipReason::SameSize)),
        // Refused before any request is sent, and in a dry run too.
        _ => part_file::check(&target).map(|()| Place::Write(target)),
    }
}

/// Creates a folder below the root, and its parents; `None` if one of them is a link.
pub(crate) fn folder(root: &Path, path: &str, dry_run: bool) -> Result<Option<PathBuf>, Error> {
    let mut place = root.to_owned();
    for part in path.split('/').filter(|part| !part.is_empty()) {
        place.push(part);
        match std::fs::symlink_metadata(&place) {
            Ok(metadata) if metadata.is_symlink() => return Ok(None),
            Ok(metadata) if metadata.is_dir() => {}
            Ok(_) => {
                let text = format!("{} exists and is not a folder; it is left as it is", place.display());
                return Err(Error::new(ErrorKind::LocalFile, text));
            }
            Err(_) if dry_run => {}
            Err(_) => match std::fs::create_dir(&place) {
                Err(source) if source.kind() != std::io::ErrorKind::AlreadyExists => {
                    return Err(disk::error(format!("the folder {} cannot be created", place.display()), source));
                }
                _ => {}
            },
        }
    }
    Ok(Some(place))
}
