//! The outside world behind one trait, so that every command runs in a test without disk, network or processes.

use std::path::{Path, PathBuf};

/// What a command may do. Paths are relative to the root of the repository unless they are absolute.
pub trait Io {
    fn read(&self, path: &Path) -> std::io::Result<Vec<u8>>;
    /// Every file below a directory, sorted; empty when the directory does not exist.
    fn files_below(&self, directory: &Path) -> Vec<PathBuf>;
    /// Replaces all the files or none: a failure leaves everything as it was.
    fn write_all(&mut self, files: &[(PathBuf, Vec<u8>)]) -> std::io::Result<()>;
    /// The report, for people and for pipes.
    fn out(&mut self, text: &str);
    /// Progress and complaints.
    fn err(&mut self, text: &str);
}

/// The real one.
pub struct Machine {
    root: PathBuf,
}

impl Machine {
    /// Works in the repository that this program was built from, from whatever directory it is called.
    pub fn new() -> Self {
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        let root = manifest.and_then(|path| path.parent().map(Path::to_path_buf)).unwrap_or_else(|| PathBuf::from("."));
        Self { root }
    }
}

impl Default for Machine {
    fn default() -> Self {
        Self::new()
    }
}

impl Io for Machine {
    fn read(&self, path: &Path) -> std::io::Result<Vec<u8>> {
        std::fs::read(self.root.join(path))
    }

    fn files_below(&self, directory: &Path) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut waiting = vec![directory.to_path_buf()];
        while let Some(next) = waiting.pop() {
            let Ok(entries) = std::fs::read_dir(self.root.join(&next)) else { continue };
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

    fn write_all(&mut self, files: &[(PathBuf, Vec<u8>)]) -> std::io::Result<()> {
        let mut staged = Vec::new();
        let outcome = stage_and_rename(&self.root, files, &mut staged);
        for path in staged {
            // Gone already when the rename took place.
            let _ = std::fs::remove_file(path);
        }
        outcome
    }

    fn out(&mut self, text: &str) {
        use std::io::Write;
        // A closed pipe (`| head`) is no reason to fail.
        let _ = std::io::stdout().write_all(text.as_bytes());
    }

    fn err(&mut self, text: &str) {
        use std::io::Write;
        let _ = std::io::stderr().write_all(text.as_bytes());
    }
}

/// Writes everything beside its destination first: a full disk shows before the first file is replaced.
fn stage_and_rename(root: &Path, files: &[(PathBuf, Vec<u8>)], staged: &mut Vec<PathBuf>) -> std::io::Result<()> {
    use std::io::Write;
    let mut moves = Vec::new();
    for (path, content) in files {
        let path = root.join(path);
        let mut name = path.file_name().map(std::ffi::OsStr::to_os_string).unwrap_or_default();
        name.push(".new");
        let temporary = path.with_file_name(name);
        staged.push(temporary.clone());
        let mut file = std::fs::File::create(&temporary)?;
        file.write_all(content)?;
        file.sync_all()?;
        moves.push((temporary, path));
    }
    for (temporary, path) in moves {
        std::fs::rename(temporary, path)?;
    }
    Ok(())
}
