//! What a consumer pays in CPU seconds for a cold build: this crate with default features against reqwest with its own.
//!
//! `cargo bench --bench cold_build` builds both twice, in turn, into empty folders, and prints the ratio. It needs the
//! packages in cargo's cache or the registry.

use std::error::Error;
use std::path::Path;
use std::process::Command;

fn main() -> Result<(), Box<dyn Error>> {
    // `cargo test --benches` runs this too; a build of minutes is not a test.
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let ours = format!("singlestore-management = {{ path = {:?} }}", root.display().to_string());
    let cases = [("reqwest", "reqwest = \"0.13\"".to_owned()), ("singlestore-management", ours)];
    let mut best = [f64::INFINITY; 2];
    for round in 1..=2 {
        for (best, (name, dependency)) in best.iter_mut().zip(&cases) {
            let seconds = build(name, dependency, &root.join("Cargo.lock"))?;
            println!("round {round}: {name}: {seconds:.1} CPU seconds");
            *best = best.min(seconds);
        }
    }
    println!("ratio of the better rounds: {:.2}", best[1] / best[0]);
    Ok(())
}

/// Builds an empty program with one dependency, cold, with the versions of our lock file; the CPU seconds it took.
fn build(name: &str, dependency: &str, lock: &Path) -> Result<f64, Box<dyn Error>> {
    let folder = std::env::temp_dir().join(format!("cold-build-{name}-{}", std::process::id()));
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
        command.args(arguments).current_dir(&folder).env("CARGO_INCREMENTAL", "0").env_remove("CARGO_TARGET_DIR");
        let status = command.env_remove("RUSTC_WRAPPER").status()?;
        if status.success() { Ok(()) } else { Err(format!("cargo {arguments:?} failed for {name}").into()) }
    };
    // Downloads are not part of a build.
    cargo(&["fetch", "--quiet"])?;
    let before = children()?;
    cargo(&["build", "--quiet"])?;
    let seconds = children()? - before;
    std::fs::remove_dir_all(&folder)?;
    Ok(seconds)
}

/// CPU seconds of the child processes that have ended, from the kernel's books.
fn children() -> Result<f64, Box<dyn Error>> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    // The second field is a name in parentheses, which may hold spaces.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|text| text.parse::<f64>().ok()).ok_or("no such field");
    // cutime and cstime, in hundredths of a second on every Linux that matters.
    Ok((ticks(13)? + ticks(14)?) / 100.0)
}
