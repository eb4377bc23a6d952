//! Generates the raw layer from the vendored document: no network, no other program, nothing written but `OUT_DIR`.

// The modules are shared with xtask, whose library makes some of it public.
#![allow(unreachable_pub, missing_debug_implementations)]

#[path = "build/mod.rs"]
mod codegen;

use std::path::PathBuf;
use std::process::ExitCode;

const SPEC: &str = "spec/openapi.json";

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed={SPEC}");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build");
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
    let variable =
        |name: &str| std::env::var_os(name).ok_or_else(|| format!("{name} is not set; run this through cargo"));
    let root = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(variable("OUT_DIR")?);
    let text = std::fs::read(root.join(SPEC))
        .map_err(|e| format!("{SPEC} cannot be read: {e}; `cargo xtask update-spec` writes it"))?;
    let document = serde_json::from_slice(&text)
        .map_err(|e| format!("{SPEC} is not JSON ({e}); `cargo xtask update-spec` writes it anew"))?;
    let generated =
        codegen::generate(&document).map_err(|failure| format!("{SPEC}#{}: {}", failure.pointer, failure.message))?;
    if generated.operations == 0 {
        return Err(format!("{SPEC} has no operations; `cargo xtask update-spec` writes it anew"));
    }
    std::fs::write(out.join("raw.rs"), generated.code)
        .and_then(|()| std::fs::write(out.join("samples.rs"), generated.samples))
        .map_err(|e| format!("the generated code cannot be written: {e}"))
}
