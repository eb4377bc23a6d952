//! The maintainer's tools: from a new upstream document to a reviewed release. One module per command; `io` is the
//! only door to the outside.
#![forbid(unsafe_code)]

#[path = "../../build/lint/mod.rs"]
pub mod lint;
pub mod document;
pub mod io;
pub mod overlay;
pub mod spec_lint;
pub mod update_spec;

use io::Io;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing to do, or done.
    Same,
    /// Failed; the reasons were written to stderr and nothing was changed.
    Failed,
    /// `--check` found that something would change.
    WouldChange,
}

impl Outcome {
    pub fn code(self) -> u8 {
        match self {
            Self::Same => 0,
            Self::Failed => 1,
            Self::WouldChange => 2,
        }
    }
}

/// Runs a command line (without the program's name).
pub fn run(arguments: &[String], io: &mut dyn Io) -> Outcome {
    let result = match arguments.split_first() {
        Some((command, rest)) if command == "update-spec" => update_spec::run(rest, io),
        Some((command, rest)) if command == "spec-lint" => spec_lint::run(rest, io),
        _ => Err("Say which command: update-spec.".to_owned()),
    };
    result.unwrap_or_else(|message| {
        io.err(&format!("{message}\n"));
        Outcome::Failed
    })
}
