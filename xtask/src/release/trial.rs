//! Builds the packages and uses them as somebody would who has nothing else.

use super::packages::{Review, review};
use super::{CLIENT, EMULATOR};
use crate::io::{Io, read};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Both crates, in publishing order: the tests and the guide of the second need the first.
pub const ORDER: [&str; 2] = [EMULATOR, CLIENT];

const PROGRAM: &str = r#"use singlestore_management::Client;
use singlestore_management_emulator::Emulator;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let emulator = Emulator::start()?;
    let client = Client::builder().base_url(emulator.url()).api_key(emulator.api_key()).build()?;
    let regions = client.regions().list().await?;
    println!("the program sees {} regions", regions.len());
    Ok(())
}
"#;

/// Where a trial takes place, all within one directory outside the repository.
pub struct Trial<'a> {
    pub io: &'a mut dyn Io,
    pub scratch: PathBuf,
    pub version: &'a str,
}

impl Trial<'_> {
    /// The manifest of the repository's copy.
    fn source(&self) -> String {
        text(&self.scratch.join("source/Cargo.toml"))
    }

    fn folder(&self, package: &str) -> PathBuf {
        self.scratch.join(format!("packages/{package}-{}", self.version))
    }

    /// Builds and checks both packages; returns a line for each.
    pub fn packages(&mut self) -> Result<(Vec<String>, Vec<String>), String> {
        let source = self.source();
        self.cargo(&["fetch", "--locked", "--manifest-path", &source])?;
        let about = self
            .io
            .capture("cargo", &["metadata", "--format-version", "1", "--no-deps", "--manifest-path", &source])?;
        let about: Value =
            serde_json::from_slice(&about).map_err(|error| format!("`cargo metadata` is not JSON: {error}."))?;
        let (mut done, mut all) = (Vec::new(), Review::default());
        for package in ORDER {
            let files = self.pack(package)?;
            let about = about["packages"].as_array().into_iter().flatten().find(|known| known["name"] == package);
            let seen = review(self.io, &self.folder(package), &files, about.unwrap_or(&Value::Null))?;
            all.wrong.extend(seen.wrong);
            all.reminders.extend(seen.reminders);
            done.push(format!("{package} {}: {} files", self.version, files.len()));
        }
        if all.wrong.is_empty() {
            Ok((done, all.reminders))
        } else {
            Err(format!("The packages are not right:\n{}", list(&all.wrong)))
        }
    }

    /// Builds a package of the copy and unpacks it; returns the names of its files.
    fn pack(&mut self, package: &str) -> Result<Vec<String>, String> {
        let source = self.source();
        // The copy differs from its commit by the version numbers.
        let how = ["--package", package, "--manifest-path", &source, "--allow-dirty", "--locked", "--offline"];
        let files = self.io.capture("cargo", &[&["package", "--list"], &how[..]].concat())?;
        let files = String::from_utf8_lossy(&files).lines().map(|file| file.replace('\\', "/")).collect();
        self.cargo(&[&["package", "--no-verify", "--quiet"], &how[..]].concat())?;
        let archive = text(&self.scratch.join(format!("target/package/{package}-{}.crate", self.version)));
        let packages = text(&self.scratch.join("packages"));
        self.run("tar", &["-xzf", &archive, "-C", &packages])?;
        Ok(files)
    }

    /// Builds every target of each unpacked package, then a program that has nothing but the packages.
    pub fn use_them(&mut self) -> Result<Vec<String>, String> {
        let packages = self.scratch.join("packages");
        if cfg!(unix) {
            self.run("chmod", &["-R", "a-w", &text(&packages)])?;
        }
        let before = self.contents(&packages);
        for package in ORDER {
            let manifest = text(&self.folder(package).join("Cargo.toml"));
            self.cargo(&["check", "--quiet", "--all-targets", "--locked", "--offline", "--manifest-path", &manifest])?;
        }
        let manifest = self.consumer()?;
        self.cargo(&["run", "--quiet", "--offline", "--manifest-path", &manifest])?;
        if self.contents(&packages) != before {
            return Err("A build wrote into the unpacked packages; only OUT_DIR may be written to.".to_owned());
        }
        Ok(vec![
            "each unpacked package passes `cargo check --all-targets`, offline, read-only, with DOCS_RS=1".to_owned(),
            "a program that depends on the two packages alone builds, offline, with DOCS_RS=1, and runs".to_owned(),
        ])
    }

    fn consumer(&mut self) -> Result<String, String> {
        let dependency =
            |package: &str| format!("{package} = {{ path = \"../packages/{package}-{}\" }}\n", self.version);
        let manifest = format!(
            "[package]\nname = \"consumer\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n{}{}\
             tokio = {{ version = \"1\", features = [\"macros\", \"rt-multi-thread\"] }}\n",
            dependency(CLIENT),
            dependency(EMULATOR),
        );
        // The versions of other crates that are known to be available.
        let lock = read(self.io, &text(&self.scratch.join("source/Cargo.lock")))?;
        let folder = self.scratch.join("consumer");
        self.make(&folder.join("src"))?;
        self.io
            .write_all(&[
                (folder.join("Cargo.toml"), manifest.into_bytes()),
                (folder.join("Cargo.lock"), lock),
                (folder.join("src/main.rs"), PROGRAM.as_bytes().to_vec()),
            ])
            .map_err(|error| format!("The program that uses the packages was not written: {error}."))?;
        Ok(text(&folder.join("Cargo.toml")))
    }

    fn contents(&self, folder: &Path) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
        let files = self.io.files_below(folder).into_iter();
        files.map(|file| (file.clone(), self.io.read(&file).ok())).collect()
    }

    /// Creates a directory and its parents.
    pub fn make(&mut self, folder: &Path) -> Result<(), String> {
        self.io.make_directory(folder).map_err(|error| format!("{} was not made: {error}.", folder.display()))
    }

    fn cargo(&mut self, arguments: &[&str]) -> Result<(), String> {
        self.run("cargo", arguments)
    }

    pub fn run(&mut self, program: &str, arguments: &[&str]) -> Result<(), String> {
        let target = text(&self.scratch.join("target"));
        let environment = [("CARGO_TARGET_DIR", target.as_str()), ("DOCS_RS", "1")];
        let called = format!("{program} {}", arguments.join(" "));
        self.io.err(&format!("== {called}\n"));
        match self.io.run(program, arguments, &environment) {
            Ok(true) => Ok(()),
            Ok(false) => Err(format!("`{called}` failed; nothing was released.")),
            Err(error) => Err(format!("`{program}` did not start ({error}); is it installed?")),
        }
    }
}

pub fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

pub fn list(lines: &[String]) -> String {
    lines.iter().map(|line| format!("- {line}\n")).collect()
}
