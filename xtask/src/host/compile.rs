//! A copy of the crate with other modules beside its own, handed to the compiler.

use std::fs;
use std::io::Result;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Checks the library with these modules added, and hands out the JSON lines of cargo.
pub fn compile(root: &Path, modules: &[(String, String)]) -> std::result::Result<String, String> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    // The process in the name: two runs at once must not share a copy.
    let copy = target.join(format!("xtask-check-{}", std::process::id()));
    let checked = prepare(root, &copy, modules)
        .map_err(|error| format!("A copy of the crate could not be made below {}: {error}.", target.display()))
        .and_then(|()| run(&copy, &target));
    let _ = fs::remove_dir_all(&copy);
    checked
}

fn run(copy: &Path, target: &Path) -> std::result::Result<String, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["check", "--lib", "--offline", "--message-format=json", "--no-default-features"])
        .args(["--features", "rustls-ring,blocking,test-util"])
        .current_dir(copy)
        .env("CARGO_TARGET_DIR", target)
        .output()
        .map_err(|error| format!("`cargo check` did not start: {error}."))?;
    let lines = String::from_utf8_lossy(&output.stdout).into_owned();
    let said_why = lines.contains("\"level\":\"error\"");
    if output.status.success() || said_why {
        return Ok(lines);
    }
    Err(format!("`cargo check` failed: {}", String::from_utf8_lossy(&output.stderr).trim()))
}

fn prepare(root: &Path, copy: &Path, modules: &[(String, String)]) -> Result<()> {
    let _ = fs::remove_dir_all(copy);
    fs::create_dir_all(copy.join("spec"))?;
    for file in ["build.rs", "Cargo.lock", "spec/openapi.json", "spec/raw.rs"] {
        fs::copy(root.join(file), copy.join(file))?;
    }
    // Without the generator, which is what makes this quick; without members and targets that are not copied.
    let manifest = fs::read_to_string(root.join("Cargo.toml"))?;
    let sections: Vec<&str> = manifest.split("\n[").collect();
    let others = ["dev-dependencies", "build-dependencies", "[example", "[test", "[bench"];
    let kept = sections.into_iter().filter(|section| !others.iter().any(|name| section.starts_with(name)));
    let kept: Vec<String> = kept.map(without_generator).collect();
    fs::write(copy.join("Cargo.toml"), kept.join("\n["))?;
    for path in super::files::below(root, Path::new("src")) {
        let to = copy.join(&path);
        fs::create_dir_all(to.parent().unwrap_or(copy))?;
        fs::copy(root.join(&path), to)?;
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
