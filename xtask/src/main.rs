//! `cargo xtask`: see `cargo xtask --help`.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut io = xtask::host::Host::new();
    ExitCode::from(xtask::run(&arguments, &mut io).code())
}
