//! The list of commands.

use crate::io::Io;
use crate::{api, ci, coverage, propose_update, release, spec_diff, spec_lint, update_spec};

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing to do, or done.
    Same,
    /// Failed; the reasons were written to stderr, along with any changes made.
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

struct Command {
    name: &'static str,
    summary: &'static str,
    help: &'static str,
    run: fn(&[String], &mut dyn Io) -> Result<Outcome, String>,
}

const COMMANDS: &[Command] = &[
    Command {
        name: "update-spec",
        summary: "make spec/openapi.json from the published document and the overlay, and report what changes",
        help: update_spec::HELP,
        run: update_spec::run,
    },
    Command {
        name: "spec-lint",
        summary: "what the generator would stop at or mangle in a document, with repairs to paste",
        help: spec_lint::HELP,
        run: spec_lint::run,
    },
    Command {
        name: "spec-diff",
        summary: "what changed between two documents, how severe it is, and the next version",
        help: spec_diff::HELP,
        run: spec_diff::run,
    },
    Command {
        name: "changelog",
        summary: "a draft for CHANGELOG.md from the change of the specification",
        help: spec_diff::CHANGELOG_HELP,
        run: spec_diff::run_changelog,
    },
    Command {
        name: "coverage",
        summary: "which operations the facade, the tests and the examples reach",
        help: coverage::HELP,
        run: coverage::run,
    },
    Command { name: "api", summary: "the public interface as text, for reviews", help: api::HELP, run: api::run },
    Command {
        name: "propose-update",
        summary: "update-spec --fetch, and a pull request when something changed",
        help: propose_update::HELP,
        run: propose_update::run,
    },
    Command {
        name: "release",
        summary: "the next version: its number, changelog, packages and tag",
        help: release::HELP,
        run: release::run,
    },
    Command { name: "ci", summary: "the checks that a change must pass", help: ci::HELP, run: ci::run },
];

/// Runs a command line (without the program's name).
pub fn run(arguments: &[String], io: &mut dyn Io) -> Outcome {
    let Some((name, rest)) = arguments.split_first() else {
        io.err(&overview());
        return Outcome::Failed;
    };
    if ["--help", "-h", "help"].contains(&name.as_str()) {
        io.out(&overview());
        return Outcome::Same;
    }
    let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
        io.err(&format!("There is no command `{name}`.\n\n{}", overview()));
        return Outcome::Failed;
    };
    if rest.iter().any(|argument| argument == "--help" || argument == "-h") {
        io.out(&format!("cargo xtask {}", command.help));
        return Outcome::Same;
    }
    (command.run)(rest, io).unwrap_or_else(|message| {
        io.err(&format!("{}\n", message.trim_end()));
        Outcome::Failed
    })
}

fn overview() -> String {
    let mut text =
        "The maintainer's tools. Call: cargo xtask COMMAND [...]; `cargo xtask COMMAND --help` explains.\n\n"
            .to_owned();
    for command in COMMANDS {
        text.push_str(&format!("  {:<14} {}\n", command.name, command.summary));
    }
    text.push_str("\nExit codes of all: 0 same or done, 1 failed, 2 would change (--check).\n");
    text
}
