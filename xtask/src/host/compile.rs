//! Copies of the crate with different code, given to the compiler. All share the target directory of the repository, where the
//! dependencies are already compiled, and there cargo confuses one copy with another: a file counts as compiled if it is older
//! than the last compilation. So only one copy exists at a time, and its files are written after the previous copy was compiled.
//! The repository itself is a different package to cargo, by its version.

use super::lock::{Lock, wait_for};
use std::fs;
use std::io::Result;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A copy of the crate, removed when this is dropped.
#[derive(Debug)]
pub struct Copy {
    root: PathBuf,
    path: PathBuf,
    target: PathBuf,
    /// The files that differ from the repository.
    changed: Vec<PathBuf>,
    lock: Lock,
}

impl Drop for Copy {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

impl Copy {
    /// An empty one. If another run or thread has one, waits until that is gone, and says so.
    fn new(root: &Path, say: impl FnMut()) -> std::result::Result<Self, String> {
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
        Self::below(root, &target, say).map_err(|error| failed(&target, &error))
    }

    fn below(root: &Path, target: &Path, say: impl FnMut()) -> Result<Self> {
        // Cargo is started in the copy.
        let target = std::path::absolute(target)?;
        fs::create_dir_all(&target)?;
        let lock = wait_for(&target.join("xtask-check.lock"), say)?;
        let path = target.join("xtask-check");
        // Left by a run that was killed.
        let _ = fs::remove_dir_all(&path);
        fs::create_dir(&path)?;
        Ok(Self { root: root.to_path_buf(), path, target, changed: Vec::new(), lock })
    }

    fn check(&self, arguments: &[&str]) -> std::result::Result<String, String> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo)
            .args(["check", "--offline", "--message-format=json", "--no-default-features"])
            .args(["--features", "rustls-ring,blocking,test-util"])
            .args(arguments)
            .current_dir(&self.path)
            .env("CARGO_TARGET_DIR", &self.target)
            .stdin(self.lock.as_stdin().map_err(|error| self.failed(&error))?)
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
        failed(&self.target, error)
    }
}

fn failed(target: &Path, error: &std::io::Error) -> String {
    format!("A copy of the crate could not be made below {}: {error}.", target.display())
}

/// Checks the library with these modules added, and returns cargo's JSON lines.
pub fn library(root: &Path, modules: &[(String, String)], say: impl FnMut()) -> std::result::Result<String, String> {
    let copy = Copy::new(root, say)?;
    prepare(root, &copy.path, modules).map_err(|error| copy.failed(&error))?;
    copy.check(&["--lib"])
}

/// Checks everything with these files replaced. The copy is kept for the next time: unchanged files are not compiled again.
pub fn everything(
    copy: &mut Option<Copy>,
    root: &Path,
    files: &[(PathBuf, Vec<u8>)],
    say: impl FnMut(),
) -> std::result::Result<String, String> {
    if copy.is_none() {
        let new = Copy::new(root, say)?;
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
            put(&self.root, &self.path, &path)?;
        }
        for (path, content) in files {
            let to = self.path.join(path);
            // A different time alone would cause recompilation.
            if fs::read(&to).ok().as_ref() != Some(content) {
                fs::write(&to, content)?;
            }
            self.changed.push(path.clone());
        }
        Ok(())
    }
}

/// The parts of the repository that are compiled. Links are replaced by their targets.
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
    for manifest in ["Cargo.toml", "tests/emulator/Cargo.toml"].map(|path| copy.join(path)) {
        fs::write(&manifest, other_version(&fs::read_to_string(&manifest)?))?;
    }
    Ok(())
}

/// A manifest with an equivalent version that cargo treats as different.
fn other_version(manifest: &str) -> String {
    let line = |line: &str| match line.strip_prefix("version = \"").and_then(|rest| rest.strip_suffix('"')) {
        Some(version) => format!("version = \"{version}+copy\"\n"),
        None => format!("{line}\n"),
    };
    manifest.lines().map(line).collect()
}

fn put(root: &Path, copy: &Path, path: &Path) -> Result<()> {
    let to = copy.join(path);
    fs::create_dir_all(to.parent().unwrap_or(copy))?;
    // Not `fs::copy`, which on some systems preserves the time, so that the file looks as old as what was compiled before.
    fs::write(to, fs::read(root.join(path))?)
}

fn prepare(root: &Path, copy: &Path, modules: &[(String, String)]) -> Result<()> {
    for file in ["build.rs", "Cargo.lock", "spec/openapi.json", "spec/raw.rs"] {
        put(root, copy, Path::new(file))?;
    }
    // Without the generator, which is what makes this quick, and without members and targets that are not copied.
    let manifest = fs::read_to_string(root.join("Cargo.toml"))?;
    let sections: Vec<&str> = manifest.split("\n[").collect();
    let others = ["dev-dependencies", "build-dependencies", "[example", "[test", "[bench"];
    let kept = sections.into_iter().filter(|section| !others.iter().any(|name| section.starts_with(name)));
    let kept: Vec<String> = kept.map(without_generator).collect();
    fs::write(copy.join("Cargo.toml"), other_version(&kept.join("\n[")))?;
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

/// A section of the manifest without the lines that name members and build dependencies.
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::{Sender, channel};

    fn directory(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("xtask-compile-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        path
    }

    fn copy(target: &Path, said: &Sender<&'static str>) -> Copy {
        Copy::below(Path::new("."), target, || said.send("waits").unwrap()).unwrap()
    }

    #[test]
    fn a_copy_waits_until_the_one_before_is_gone() {
        let target = directory("waits");
        let (said, heard) = channel();
        let first = copy(&target, &said);
        fs::write(first.path.join("file"), "first").unwrap();
        std::thread::scope(|scope| {
            let (said, target) = (&said, &target);
            scope.spawn(move || {
                let second = copy(target, said);
                let files = fs::read_dir(&second.path).unwrap().count();
                said.send(if files == 0 { "has one of its own" } else { "has files of the first" }).unwrap();
            });
            assert_eq!(heard.recv(), Ok("waits"));
            assert_eq!(fs::read_to_string(first.path.join("file")).unwrap(), "first");
            assert!(heard.try_recv().is_err());
            drop(first);
            assert_eq!(heard.recv(), Ok("has one of its own"));
        });
        // The next one finds nothing in its way.
        drop(copy(&target, &said));
        assert!(heard.try_recv().is_err());
        fs::remove_dir_all(target).unwrap();
    }

    #[test]
    fn a_copy_is_another_version_of_the_package_and_of_nothing_else() {
        let manifest =
            "[package]\nversion = \"0.1.0\"\n[dependencies]\na = { version = \"1\" }\nversion.workspace = true\n";
        assert_eq!(other_version(manifest), manifest.replace("0.1.0", "0.1.0+copy"));
    }

    #[test]
    fn what_is_copied_is_newer_than_what_was_compiled_before() {
        let root = directory("times");
        fs::create_dir_all(&root).unwrap();
        let long_ago = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
        fs::write(root.join("old"), "text").unwrap();
        fs::File::options().write(true).open(root.join("old")).unwrap().set_modified(long_ago).unwrap();
        put(&root, &root.join("copy"), Path::new("old")).unwrap();
        assert_eq!(fs::read(root.join("copy/old")).unwrap(), b"text");
        assert!(fs::metadata(root.join("copy/old")).unwrap().modified().unwrap() > long_ago);
        fs::remove_dir_all(root).unwrap();
    }
}
