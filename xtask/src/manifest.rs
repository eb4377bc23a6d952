//! What `Cargo.toml` says about the crate.

use crate::io::{Io, read_text};

/// The version of the root package.
pub fn version(io: &dyn Io) -> Result<String, String> {
    let text = read_text(io, "Cargo.toml")?;
    let package = text.split("[package]").nth(1).map(|rest| rest.split("\n[").next().unwrap_or(rest));
    let version = package.and_then(|package| {
        package
            .lines()
            .find_map(|line| line.strip_prefix("version")?.trim_start().strip_prefix('=')?.trim().split('"').nth(1))
    });
    version.map(str::to_owned).ok_or_else(|| "Cargo.toml has no `version = \"...\"` under [package].".to_owned())
}
