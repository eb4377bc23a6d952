//! The real disk, network and processes.

mod compile;
mod date;
mod fetch;
mod files;
mod lock;
mod replace;

use crate::io::Io;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The computer that the program runs on.
#[derive(Debug)]
pub struct Host {
    root: PathBuf,
    scratch: Option<PathBuf>,
    copy: Option<compile::Copy>,
    lock: Option<lock::Lock>,
    /// Backups of what was written are kept until the end.
    begun: bool,
}

impl Host {
    /// Works in the repository that cargo runs this program from, whatever the current directory.
    pub fn new() -> Self {
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        let root = manifest.and_then(|path| path.parent().map(Path::to_path_buf));
        Self::at(root.unwrap_or_else(|| PathBuf::from(".")))
    }

    pub fn at(root: PathBuf) -> Self {
        Self { root, scratch: None, copy: None, lock: None, begun: false }
    }

    /// Takes the lock, and undoes what an earlier run left unfinished; returns whether there was something.
    fn alone(&mut self) -> Result<bool, String> {
        if self.lock.is_some() {
            return Ok(false);
        }
        self.lock = Some(self.take_lock()?);
        let undone = replace::undo(&self.root).map_err(failed);
        if undone.is_err() {
            self.lock = None;
        }
        undone
    }

    fn take_lock(&self) -> Result<lock::Lock, String> {
        let busy = "Another run is writing to this repository; wait until it has ended.";
        lock::take(&self.root).map_err(failed)?.ok_or_else(|| busy.to_owned())
    }

    fn command(&mut self, program: &str, arguments: &[&str]) -> Command {
        // It may make a copy of its own, and would wait for ours.
        self.copy = None;
        let mut command = Command::new(program);
        command.args(arguments).current_dir(&self.root);
        command
    }
}

fn failed(error: std::io::Error) -> String {
    format!("The repository cannot be written to: {error}.")
}

fn waits() {
    let _ = std::io::stderr().write_all(b"Another run compiles a copy of the crate; waiting until it has ended.\n");
}

impl Default for Host {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        if let Some(path) = self.scratch.take() {
            files::remove_all(&path);
        }
    }
}

impl Io for Host {
    fn read(&self, path: &Path) -> std::io::Result<Vec<u8>> {
        // A path typed by a person may be relative to their current directory.
        files::read(&self.root.join(path)).or_else(|error| files::read(path).map_err(|_| error))
    }

    fn files_below(&self, directory: &Path) -> Vec<PathBuf> {
        files::below(&self.root, directory)
    }

    fn write_all(&mut self, files: &[(PathBuf, Vec<u8>)]) -> std::io::Result<()> {
        if files.iter().all(|(path, _)| path.is_absolute()) {
            return replace::write_outside(files);
        }
        if self.alone().map_err(std::io::Error::other)? {
            // It was made from files that have changed since.
            return Err(std::io::Error::other(
                "an earlier run did not finish, and its changes are undone only now; run the command again",
            ));
        }
        replace::replace_all(&self.root, files)?;
        if self.begun { Ok(()) } else { replace::commit(&self.root) }
    }

    fn begin(&mut self, to_write: bool) -> Result<bool, String> {
        if to_write {
            let undone = self.alone()?;
            self.begun = true;
            return Ok(undone);
        }
        if self.lock.is_some() || !replace::is_unfinished(&self.root) {
            return Ok(false);
        }
        // Only to see whether that run is still going.
        drop(self.take_lock()?);
        Err("An earlier run did not finish, and what it wrote is still there; looking undoes nothing. Run \
             `cargo xtask update-spec`, which undoes it first, and then this again."
            .to_owned())
    }

    fn end(&mut self) {
        if self.begun {
            // If it remains, the next run undoes it and says so.
            let _ = replace::commit(&self.root);
        }
        self.begun = false;
        self.lock = None;
        self.copy = None;
    }

    fn fetch(&mut self, url: &str) -> Result<Vec<u8>, String> {
        fetch::fetch(url)
    }

    fn run(&mut self, program: &str, arguments: &[&str], environment: &[(&str, &str)]) -> std::io::Result<bool> {
        let mut command = self.command(program, arguments);
        command.envs(environment.iter().copied());
        Ok(command.status()?.success())
    }

    fn capture(&mut self, program: &str, arguments: &[&str]) -> Result<Vec<u8>, String> {
        let called = format!("{program} {}", arguments.join(" "));
        let output =
            self.command(program, arguments).output().map_err(|error| format!("`{called}` did not start: {error}."))?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        Err(format!("`{called}` failed: {}", String::from_utf8_lossy(&output.stderr).trim()))
    }

    fn compile(&mut self, modules: &[(String, String)]) -> Result<String, String> {
        self.copy = None;
        compile::library(&self.root, modules, waits)
    }

    fn compile_all(&mut self, files: &[(PathBuf, Vec<u8>)]) -> Result<String, String> {
        compile::everything(&mut self.copy, &self.root, files, waits)
    }

    fn scratch(&mut self) -> std::io::Result<PathBuf> {
        let path = std::env::temp_dir().join(format!("xtask-{}", std::process::id()));
        files::remove_all(&path);
        // Not `create_dir_all`: a directory that somebody else put there is not used.
        std::fs::create_dir(&path)?;
        self.scratch = Some(path.clone());
        Ok(path)
    }

    fn make_directory(&mut self, path: &Path) -> std::io::Result<()> {
        std::fs::create_dir_all(self.root.join(path))
    }

    fn today(&self) -> String {
        date::today()
    }

    fn out(&mut self, text: &str) {
        // A closed pipe (`| head`) is not an error.
        let _ = std::io::stdout().write_all(text.as_bytes());
    }

    fn err(&mut self, text: &str) {
        let _ = std::io::stderr().write_all(text.as_bytes());
    }
}
