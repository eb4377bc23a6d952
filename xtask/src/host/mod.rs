//! The real disk, network and processes.

mod compile;
mod date;
mod fetch;
mod files;

use crate::io::Io;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The computer that the program runs on.
#[derive(Debug)]
pub struct Host {
    root: PathBuf,
    scratch: Option<PathBuf>,
}

impl Host {
    /// Works in the repository that cargo runs this program from, whatever the current directory is.
    pub fn new() -> Self {
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        let root = manifest.and_then(|path| path.parent().map(Path::to_path_buf));
        Self::at(root.unwrap_or_else(|| PathBuf::from(".")))
    }

    pub fn at(root: PathBuf) -> Self {
        Self { root, scratch: None }
    }

    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(&self.root);
        command
    }
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
        // What a person types may be meant from where they are.
        files::read(&self.root.join(path)).or_else(|error| files::read(path).map_err(|_| error))
    }

    fn files_below(&self, directory: &Path) -> Vec<PathBuf> {
        files::below(&self.root, directory)
    }

    fn write_all(&mut self, files: &[(PathBuf, Vec<u8>)]) -> std::io::Result<()> {
        files::write_all(&self.root, files)
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
        compile::compile(&self.root, modules)
    }

    fn scratch(&mut self) -> std::io::Result<PathBuf> {
        let path = std::env::temp_dir().join(format!("xtask-{}", std::process::id()));
        files::remove_all(&path);
        // Not `create_dir_all`: what somebody else has put there is not used.
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
        // A closed pipe (`| head`) is no reason to fail.
        let _ = std::io::stdout().write_all(text.as_bytes());
    }

    fn err(&mut self, text: &str) {
        let _ = std::io::stderr().write_all(text.as_bytes());
    }
}
