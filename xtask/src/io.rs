//! The outside world behind one trait, so that every command can be tested without disk, network or processes.

use std::path::{Path, PathBuf};

/// What a command may do. Paths are relative to the root of the repository unless they are absolute.
pub trait Io {
    fn read(&self, path: &Path) -> std::io::Result<Vec<u8>>;
    /// Every file below a directory, sorted; empty when the directory does not exist.
    fn files_below(&self, directory: &Path) -> Vec<PathBuf>;
    /// Replaces all the files or none: a failure leaves everything as it was. Refused if something had to be undone first, since
    /// the files were made from what was there: a command that writes what it has read [begins](Self::begin) first.
    fn write_all(&mut self, files: &[(PathBuf, Vec<u8>)]) -> std::io::Result<()>;
    /// Begins work on the repository. For writing, takes exclusive access and first undoes what an earlier run left unfinished;
    /// returns whether there was something. Otherwise nothing is undone, and unfinished work is an error. What is written from
    /// then on is undone by the next run unless this one reaches its [`end`](Self::end).
    fn begin(&mut self, to_write: bool) -> Result<bool, String>;
    /// Everything is written and reported.
    fn end(&mut self);
    /// The body of a response with status 200, of bounded size and within bounded time; otherwise a message.
    fn fetch(&mut self, url: &str) -> Result<Vec<u8>, String>;
    /// Runs a program with its output going where ours goes; returns whether it succeeded.
    fn run(&mut self, program: &str, arguments: &[&str], environment: &[(&str, &str)]) -> std::io::Result<bool>;
    /// Runs a program and returns what it prints.
    fn capture(&mut self, program: &str, arguments: &[&str]) -> Result<Vec<u8>, String>;
    /// Compiles the library of the crate with these modules (name and code) added, or one of them replacing the raw layer:
    /// cargo's JSON lines.
    fn compile(&mut self, modules: &[(String, String)]) -> Result<String, String>;
    /// Compiles the library, tests, examples and benches of a copy in which these files are replaced: cargo's JSON lines.
    fn compile_all(&mut self, files: &[(PathBuf, Vec<u8>)]) -> Result<String, String>;
    /// An empty directory outside the repository, removed when the program ends.
    fn scratch(&mut self) -> std::io::Result<PathBuf>;
    /// Creates a directory and its parents.
    fn make_directory(&mut self, path: &Path) -> std::io::Result<()>;
    /// Today in UTC, as 2026-06-17.
    fn today(&self) -> String;
    /// The report, for people and for pipes.
    fn out(&mut self, text: &str);
    /// Progress and errors.
    fn err(&mut self, text: &str);
}

/// [Begins](Io::begin), and reports when something was undone.
pub fn begin(io: &mut dyn Io, to_write: bool) -> Result<(), String> {
    if io.begin(to_write)? {
        io.err("An earlier run did not finish; its changes are undone.\n");
    }
    Ok(())
}

/// Reads a text file; the error is a message.
pub fn read_text(io: &dyn Io, path: &str) -> Result<String, String> {
    let bytes = read(io, path)?;
    String::from_utf8(bytes).map_err(|_| format!("{path} is not UTF-8 text; restore it from git."))
}

/// Reads a file; the error is a message.
pub fn read(io: &dyn Io, path: &str) -> Result<Vec<u8>, String> {
    io.read(Path::new(path)).map_err(|error| format!("{path} cannot be read ({error}); check the path."))
}
