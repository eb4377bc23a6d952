//! A repository in memory, and golden files.
#![allow(dead_code)] // Every test file uses its own part.

pub mod chain;
pub mod mutate;
pub mod small;

use std::collections::BTreeMap;
use std::io::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};
use xtask::Outcome;
use xtask::io::Io;

#[derive(Default, Clone)]
pub struct Fake {
    pub files: BTreeMap<PathBuf, Vec<u8>>,
    /// What an address responds with.
    pub pages: BTreeMap<String, std::result::Result<Vec<u8>, String>>,
    /// The output of `git show` and the like.
    pub programs: BTreeMap<String, Vec<u8>>,
    /// What was run, and whether each run succeeds (all do, unless listed here).
    pub ran: Vec<String>,
    pub failing: Vec<String>,
    pub full_disk: bool,
    /// The files as they were before a run that was killed.
    pub unfinished: Option<BTreeMap<PathBuf, Vec<u8>>>,
    /// The compiler's output for generated code.
    pub compiler: String,
    /// Its output for everything, round by round.
    pub rounds: Vec<String>,
    pub stdout: String,
    pub stderr: String,
}

impl Fake {
    /// A repository with this published document and overlay, and nothing made from them yet.
    pub fn with_spec(published: &str, overlay: &str) -> Self {
        let mut fake = Self::default();
        fake.put("Cargo.toml", "[package]\nname = \"demo\"\nversion = \"0.3.0\"\n");
        fake.put("spec/published.yaml", published);
        fake.put("spec/overlay.yaml", overlay);
        fake
    }

    pub fn put(&mut self, path: &str, text: &str) {
        self.files.insert(path.into(), text.as_bytes().to_vec());
    }

    pub fn text(&self, path: &str) -> String {
        String::from_utf8(self.files[Path::new(path)].clone()).unwrap()
    }

    pub fn json(&self, path: &str) -> serde_json::Value {
        serde_json::from_str(&self.text(path)).unwrap()
    }

    /// Runs a command line; earlier output is discarded.
    pub fn run(&mut self, line: &str) -> Outcome {
        self.stdout.clear();
        self.stderr.clear();
        let arguments: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        xtask::run(&arguments, self)
    }

    /// Runs a command line that must succeed.
    pub fn done(&mut self, line: &str) -> &str {
        let outcome = self.run(line);
        assert_eq!(outcome, Outcome::Same, "{line}:\n{}\n{}", self.stdout, self.stderr);
        &self.stdout
    }
}

impl Io for Fake {
    fn read(&self, path: &Path) -> Result<Vec<u8>> {
        // rustdoc has a page for every type.
        let page = || path.starts_with(DOC) && path.to_str().is_some_and(|path| path.contains("/struct."));
        let found = self.files.get(path).cloned().or_else(|| page().then(|| PAGE.as_bytes().to_vec()));
        found.ok_or_else(|| Error::new(ErrorKind::NotFound, "no such file"))
    }

    fn files_below(&self, directory: &Path) -> Vec<PathBuf> {
        self.files.keys().filter(|path| path.starts_with(directory)).cloned().collect()
    }

    fn write_all(&mut self, files: &[(PathBuf, Vec<u8>)]) -> Result<()> {
        if self.full_disk {
            return Err(Error::other("no space left"));
        }
        self.files.extend(files.iter().cloned());
        Ok(())
    }

    fn begin(&mut self, to_write: bool) -> std::result::Result<bool, String> {
        if !to_write && self.unfinished.is_some() {
            return Err("An earlier run did not finish.".to_owned());
        }
        let before = self.unfinished.take();
        let undone = before.is_some();
        self.files = before.unwrap_or_else(|| std::mem::take(&mut self.files));
        Ok(undone)
    }

    fn end(&mut self) {}

    fn fetch(&mut self, url: &str) -> std::result::Result<Vec<u8>, String> {
        self.pages.get(url).cloned().unwrap_or_else(|| Err(format!("{url} could not be fetched: no such host.")))
    }

    fn run(&mut self, program: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Result<bool> {
        let mut line = environment.iter().map(|(key, value)| format!("{key}={value} ")).collect::<String>();
        line.push_str(&format!("{program} {}", arguments.join(" ")));
        let fine = !self.failing.contains(&line);
        self.ran.push(line);
        Ok(fine)
    }

    fn capture(&mut self, program: &str, arguments: &[&str]) -> std::result::Result<Vec<u8>, String> {
        let line = format!("{program} {}", arguments.join(" "));
        let metadata = (line == "cargo metadata --no-deps --locked --format-version=1")
            .then(|| b"{\"target_directory\": \"/target\"}".to_vec());
        self.programs.get(&line).cloned().or(metadata).ok_or_else(|| format!("`{line}` failed: bad revision"))
    }

    fn compile(&mut self, modules: &[(String, String)]) -> std::result::Result<String, String> {
        self.ran
            .push(format!("compile {}", modules.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(" ")));
        Ok(self.compiler.clone())
    }

    fn compile_all(&mut self, files: &[(PathBuf, Vec<u8>)]) -> std::result::Result<String, String> {
        let names: Vec<_> = files.iter().map(|(path, _)| path.to_string_lossy()).collect();
        self.ran.push(format!("compile all with {}", names.join(" ")));
        Ok(if self.rounds.is_empty() { String::new() } else { self.rounds.remove(0) })
    }

    fn scratch(&mut self) -> Result<PathBuf> {
        Ok("/scratch".into())
    }

    fn make_directory(&mut self, _: &Path) -> Result<()> {
        Ok(())
    }

    fn today(&self) -> String {
        "2026-06-17".to_owned()
    }

    fn out(&mut self, text: &str) {
        self.stdout.push_str(text);
    }

    fn err(&mut self, text: &str) {
        self.stderr.push_str(text);
    }
}

/// The directory that rustdoc writes to.
pub const DOC: &str = "/target/doc/singlestore_management";

/// The part of a rustdoc page that is read.
pub const PAGE: &str = "<section id=\"impl-Send-for-X\"><h3>impl <a>Send</a> for <a>X</a></h3></section>\
                        <section id=\"impl-Sync-for-X\"><h3>impl <a>Sync</a> for <a>X</a></h3></section>";

/// A file of `xtask/tests/`.
pub fn fixture(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A file of the repository.
pub fn repository(name: &str) -> String {
    fixture(&format!("../../{name}"))
}

/// Compares with a golden file. `UPDATE_GOLDEN=1 cargo test -p xtask` rewrites it; review the difference.
pub fn golden(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let wanted = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(text, wanted, "{name} differs; if that is right, run: UPDATE_GOLDEN=1 cargo test -p xtask");
}
