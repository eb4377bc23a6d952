//! What a consumer pays in CPU seconds for a cold build: this crate with default features, and without `codegen`,
//! compared with reqwest with its own default features.
//!
//! `cargo bench --bench cold_build` builds each of the three three times, in turn, into empty folders, and prints the
//! ratios. It needs the packages in cargo's cache or the registry.

use std::error::Error;
use std::path::Path;
use std::process::Command;

const ROUNDS: usize = 3;

fn main() -> Result<(), Box<dyn Error>> {
    // `cargo test --benches` runs this too; a build that takes minutes is not a test.
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let ours = |more: &str| format!("singlestore-management = {{ path = {:?}{more} }}", root.display().to_string());
    let cases = [
        ("reqwest", "reqwest = \"0.13\"".to_owned()),
        ("this crate", ours("")),
        ("this crate without codegen", ours(", default-features = false, features = [\"rustls-ring\"]")),
    ];
    let mut all = [const { Vec::new() }; 3];
    for round in 1..=ROUNDS {
        for (all, (name, dependency)) in all.iter_mut().zip(&cases) {
            let seconds = build(dependency, &root.join("Cargo.lock"))?;
            println!("round {round}: {name}: {seconds:.1} CPU seconds");
            all.push(seconds);
        }
    }
    let [reqwest, ours, without] = all.map(|mut all| {
        all.sort_by(f64::total_cmp);
        all[ROUNDS / 2]
    });
    println!("medians against reqwest: this crate {:.2}, without codegen {:.2}", ours / reqwest, without / reqwest);
    Ok(())
}

/// Builds an empty program with one dependency, cold, with the versions of our lock file; returns the CPU seconds it
/// took.
fn build(dependency: &str, lock: &Path) -> Result<f64, Box<dyn Error>> {
    let folder = std::env::temp_dir().join(format!("cold-build-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(folder.join("src"))?;
    std::fs::write(folder.join("src/main.rs"), "fn main() {}\n")?;
    let manifest = format!(
        "[package]\nname = \"consumer\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n[dependencies]\n{dependency}\n"
    );
    std::fs::write(folder.join("Cargo.toml"), manifest)?;
    std::fs::copy(lock, folder.join("Cargo.lock"))?;
    let cargo = |arguments: &[&str]| -> Result<(), Box<dyn Error>> {
        let mut command = Command::new(env!("CARGO"));
        command.args(arguments).current_dir(&folder).env("CARGO_INCREMENTAL", "0");
        // Settings of this repository's environment, which users do not have.
        for name in ["CARGO_TARGET_DIR", "RUSTC_WRAPPER", "RUSTFLAGS", "CARGO_PROFILE_DEV_DEBUG"] {
            command.env_remove(name);
        }
        let status = command.status()?;
        if status.success() { Ok(()) } else { Err(format!("cargo {arguments:?} failed with {dependency}").into()) }
    };
    // Downloads are not part of a build.
    cargo(&["fetch", "--quiet"])?;
    let before = children()?;
    cargo(&["build", "--quiet"])?;
    let seconds = children()? - before;
    std::fs::remove_dir_all(&folder)?;
    Ok(seconds)
}

/// CPU seconds of the child processes that have ended, as counted by the kernel.
fn children() -> Result<f64, Box<dyn Error>> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    // The second field is a name in parentheses, which may contain spaces.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|text| text.parse::<f64>().ok()).ok_or("no such field");
    // cutime and cstime, in hundredths of a second on every Linux that matters.
    Ok((ticks(13)? + ticks(14)?) / 100.0)
}
