//! Copies of the crate with other code, handed to the compiler.

use std::fs;
use std::io::Result;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A copy of the crate, which is gone when this is.
#[derive(Debug)]
pub struct Copy {
    root: PathBuf,
    path: PathBuf,
    target: PathBuf,
    /// What is not as in the repository.
    changed: Vec<PathBuf>,
}

impl Drop for Copy {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

impl Copy {
    fn new(root: &Path) -> Self {
        // Runs at once, and threads of one, must not share a copy.
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
        let name = format!("xtask-check-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let path = target.join(name);
        let _ = fs::remove_dir_all(&path);
        Self { root: root.to_path_buf(), path, target, changed: Vec::new() }
    }

    fn check(&self, arguments: &[&str]) -> std::result::Result<String, String> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo)
            .args(["check", "--offline", "--message-format=json", "--no-default-features"])
            .args(["--features", "rustls-ring,blocking,test-util"])
            .args(arguments)
            .current_dir(&self.path)
            .env("CARGO_TARGET_DIR", &self.target)
            .output()
            .map_err(|error| format!("`cargo check` did not start: {error}."))?;
        let lines = String::from_utf8_lossy(&output.stdout).into_owned();
        let said_why = lines.contains("\"level\":\"error\"");
        if output.status.success() || said_why {
            return Ok(lines);
        }
        Err(format!("`cargo check` failed: {}", String::from_utf8_lossy(&output.stderr).trim()))
    }

    fn failed(&self, error: &std::io::Error) -> String {
        format!("A copy of the crate could not be made below {}: {error}.", self.target.display())
    }
}

/// Checks the library with these modules added, and hands out the JSON lines of cargo.
pub fn library(root: &Path, modules: &[(String, String)]) -> std::result::Result<String, String> {
    let copy = Copy::new(root);
    prepare(root, &copy.path, modules).map_err(|error| copy.failed(&error))?;
    copy.check(&["--lib"])
}

/// Checks everything with these files in the place of others. The copy is kept for the next time: what did not change is
/// not compiled again.
pub fn everything(
    copy: &mut Option<Copy>,
    root: &Path,
    files: &[(PathBuf, Vec<u8>)],
) -> std::result::Result<String, String> {
    if copy.is_none() {
        let new = Copy::new(root);
        whole(root, &new.path).map_err(|error| new.failed(&error))?;
        *copy = Some(new);
    }
    let Some(copy) = copy else { return Err("There is no copy of the crate.".to_owned()) };
    copy.put(files).map_err(|error| copy.failed(&error))?;
    copy.check(&["--package", "singlestore-management", "--all-targets", "--keep-going"])
}

impl Copy {
    fn put(&mut self, files: &[(PathBuf, Vec<u8>)]) -> Result<()> {
        let gone: Vec<PathBuf> =
            self.changed.drain(..).filter(|path| files.iter().all(|(other, _)| other != path)).collect();
        for path in gone {
            fs::copy(self.root.join(&path), self.path.join(&path))?;
        }
        for (path, content) in files {
            let to = self.path.join(path);
            // Other times alone would have it compiled again.
            if fs::read(&to).ok().as_ref() != Some(content) {
                fs::write(&to, content)?;
            }
            self.changed.push(path.clone());
        }
        Ok(())
    }
}

/// The repository, as far as it is compiled. Links become what they lead to.
fn whole(root: &Path, copy: &Path) -> Result<()> {
    for directory in ["src", "tests", "examples", "benches", "build", "spec", "xtask", "docs"] {
        let mut waiting = vec![PathBuf::from(directory)];
        while let Some(next) = waiting.pop() {
            let Ok(entries) = fs::read_dir(root.join(&next)) else { continue };
            for entry in entries {
                let path = next.join(entry?.file_name());
                match fs::metadata(root.join(&path))? {
                    about if about.is_dir() => waiting.push(path),
                    _ => put(root, copy, &path)?,
                }
            }
        }
    }
    for file in fs::read_dir(root)? {
        let file = file?;
        let is_hidden = file.file_name().to_string_lossy().starts_with('.');
        if file.file_type()?.is_file() && !is_hidden {
            put(root, copy, Path::new(&file.file_name()))?;
        }
    }
    Ok(())
}

fn put(root: &Path, copy: &Path, path: &Path) -> Result<()> {
    let to = copy.join(path);
    fs::create_dir_all(to.parent().unwrap_or(copy))?;
    fs::copy(root.join(path), to).map(drop)
}

fn prepare(root: &Path, copy: &Path, modules: &[(String, String)]) -> Result<()> {
    for file in ["build.rs", "Cargo.lock", "spec/openapi.json", "spec/raw.rs"] {
        put(root, copy, Path::new(file))?;
    }
    // Without the generator, which is what makes this quick; without members and targets that are not copied.
    let manifest = fs::read_to_string(root.join("Cargo.toml"))?;
    let sections: Vec<&str> = manifest.split("\n[").collect();
    let others = ["dev-dependencies", "build-dependencies", "[example", "[test", "[bench"];
    let kept = sections.into_iter().filter(|section| !others.iter().any(|name| section.starts_with(name)));
    let kept: Vec<String> = kept.map(without_generator).collect();
    fs::write(copy.join("Cargo.toml"), kept.join("\n["))?;
    for path in super::files::below(root, Path::new("src")) {
        put(root, copy, &path)?;
    }
    let mut library = fs::read_to_string(root.join("src/lib.rs"))?;
    for (name, code) in modules {
        if name == crate::raw_check::RAW {
            fs::write(copy.join("spec/raw.rs"), code)?;
            continue;
        }
        library.push_str(&format!(
            "\n#[allow(unused, missing_docs, unreachable_pub, deprecated, missing_debug_implementations)]\nmod {name};\n"
        ));
        fs::write(copy.join(format!("src/{name}.rs")), code)?;
    }
    fs::write(copy.join("src/lib.rs"), library)
}

/// A section of the manifest without what names the members and the build dependencies.
fn without_generator(section: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for line in section.lines() {
        inside |= line.starts_with("codegen = [") || line.starts_with("members = [");
        if !inside {
            text.push_str(line);
            text.push('\n');
        }
        inside &= !line.trim_end().ends_with(']');
    }
    text.replace("default = [\"codegen\", ", "default = [")
}
