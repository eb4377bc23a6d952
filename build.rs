//! Provides the raw layer: no network, no other program, nothing written outside `OUT_DIR`. With the feature `codegen`
//! it is generated from the vendored document; without it, `spec/raw.rs` is copied, which is identical and needs no
//! generator.

// The modules are shared with xtask, whose library makes some of them public.
#![allow(unreachable_pub)]

#[cfg(feature = "codegen")]
#[path = "build/mod.rs"]
mod codegen;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=build.rs");
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            for line in message.lines() {
                println!("cargo::error={line}");
            }
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    if std::env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family.split(',').any(|name| name == "wasm")) {
        return Err(
            "singlestore-management does not work on WebAssembly: it needs sockets, timers and threads of the \
                    operating system. Call it from a server that the browser talks to, which also keeps the key secret"
                .to_owned(),
        );
    }
    let variable =
        |name: &str| std::env::var_os(name).ok_or_else(|| format!("{name} is not set; run this through cargo"));
    let root = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    // The published package has no emulator, so the tests that need it are only compiled here.
    if root.join("tests/emulator/Cargo.toml").exists() {
        println!("cargo::rustc-cfg=repository");
    }
    raw_layer(&root, &PathBuf::from(variable("OUT_DIR")?))
}

#[cfg(feature = "codegen")]
fn raw_layer(root: &Path, out: &Path) -> Result<(), String> {
    const SPEC: &str = "spec/openapi.json";
    println!("cargo::rerun-if-changed={SPEC}");
    println!("cargo::rerun-if-changed=build");
    let text = std::fs::read(root.join(SPEC))
        .map_err(|e| format!("{SPEC} cannot be read: {e}; `cargo xtask update-spec` writes it"))?;
    let document = serde_json::from_slice(&text)
        .map_err(|e| format!("{SPEC} is not JSON ({e}); `cargo xtask update-spec` rewrites it"))?;
    let generated =
        codegen::generate(&document).map_err(|failure| format!("{SPEC}#{}: {}", failure.pointer, failure.message))?;
    if generated.operations == 0 {
        return Err(format!("{SPEC} has no operations; `cargo xtask update-spec` rewrites it"));
    }
    std::fs::write(out.join("raw.rs"), generated.code)
        .and_then(|()| std::fs::write(out.join("samples.rs"), generated.samples))
        .map_err(|e| format!("the generated code cannot be written: {e}"))
}

#[cfg(not(feature = "codegen"))]
fn raw_layer(root: &Path, out: &Path) -> Result<(), String> {
    const RAW: &str = "spec/raw.rs";
    println!("cargo::rerun-if-changed={RAW}");
    // A copy would keep the modification time of the original, which may be older than the last build.
    std::fs::read(root.join(RAW))
        .and_then(|code| std::fs::write(out.join("raw.rs"), code))
        .map_err(|e| format!("{RAW} cannot be copied: {e}; `cargo xtask update-spec` writes it"))
}
