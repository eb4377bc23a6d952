//! `cargo xtask ci`: exactly what CI runs.

use crate::args::Syntax;
use crate::io::Io;
use crate::{Outcome, api, coverage, update_spec};

const SYNTAX: Syntax = Syntax { usage: "ci [STEP...]", flags: &["--list"], values: &[], names: (0, 16) };

pub const HELP: &str = "\
ci [STEP...] [--list]

Runs the checks that a change must pass, all of them or the named ones, and goes on after a failure so that one run
shows everything. The workflows call this and nothing else; .ci/run calls it for all
but `test`, for which it takes the command of the README.

  fmt         cargo fmt --all -- --check
  clippy      cargo clippy on everything, warnings are errors
  test        cargo test on everything
  spec        update-spec --check: openapi.json belongs to the published document and the overlay
  api         api --check: api.txt shows what users see
  coverage    coverage: every operation has a facade method or an excuse
  doc         cargo doc, warnings are errors
  quickstart  the example of the README against the emulator
  features    cargo check of the crate without features
  pregenerated  without `codegen`: no build dependency, the library's tests, and the example of the README
  compiles    the raw layer of documents that are not ours, which is too slow for `test`

  --list      print the names of the steps

Exit codes: 0 all passed, 1 a step failed.
";

type Step = (&'static str, fn(&mut dyn Io) -> Result<Outcome, String>);

const STEPS: &[Step] = &[
    ("fmt", |io| cargo(io, &["fmt", "--all", "--", "--check"], &[])),
    ("clippy", |io| cargo(io, &["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"], &[])),
    ("test", |io| cargo(io, &["test", "--workspace", "--locked"], &[])),
    ("spec", |io| update_spec::run(&["--check".to_owned()], io)),
    ("api", |io| api::run(&["--check".to_owned()], io)),
    ("coverage", |io| coverage::run(&[], io)),
    ("doc", |io| cargo(io, &["doc", "--workspace", "--no-deps", "--locked"], &[("RUSTDOCFLAGS", "-D warnings")])),
    ("quickstart", |io| cargo(io, &["run", "--locked", "--example", "quickstart"], &NO_KEY)),
    ("features", |io| {
        cargo(io, &["check", "--package", "singlestore-management", "--no-default-features", "--locked"], &[])
    }),
    ("pregenerated", pregenerated),
    ("compiles", |io| {
        cargo(io, &["test", "--package", "xtask", "--test", "compiles", "--locked", "--", "--ignored"], &[])
    }),
];

/// An empty key is no key: the example takes the emulator.
const NO_KEY: [(&str, &str); 3] =
    [("SINGLESTOREDB_MANAGEMENT_TOKEN", ""), ("SINGLESTOREDB_API_KEY", ""), ("SINGLESTORE_API_KEY", "")];

/// What a user gets who leaves the generator out.
fn pregenerated(io: &mut dyn Io) -> Result<Outcome, String> {
    const PACKAGE: [&str; 6] =
        ["--package", "singlestore-management", "--no-default-features", "--features", "rustls-ring", "--locked"];
    let tree = io.capture("cargo", &[&["tree", "--edges", "build", "--prefix", "none"], &PACKAGE[..]].concat())?;
    let tree = String::from_utf8_lossy(&tree);
    if tree.lines().filter(|line| !line.trim().is_empty()).count() != 1 {
        return Err(format!("Without `codegen` there must be no build dependency, but there are:\n{tree}"));
    }
    cargo(io, &[&["test", "--lib"], &PACKAGE[..], &["raw::"]].concat(), &[])?;
    cargo(io, &[&["run", "--example", "quickstart"], &PACKAGE[..]].concat(), &NO_KEY)
}

pub fn run(arguments: &[String], io: &mut dyn Io) -> Result<Outcome, String> {
    let args = SYNTAX.parse(arguments)?;
    let names = || STEPS.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(" ");
    if args.has("--list") {
        io.out(&format!("{}\n", names()));
        return Ok(Outcome::Same);
    }
    if let Some(unknown) = args.names.iter().find(|name| !STEPS.iter().any(|(step, _)| step == name)) {
        return Err(format!("There is no step `{unknown}`; the steps are: {}.", names()));
    }
    let mut failed = Vec::new();
    for (name, step) in
        STEPS.iter().filter(|(name, _)| args.names.is_empty() || args.names.iter().any(|given| given == name))
    {
        io.err(&format!("== {name}\n"));
        match step(io) {
            Ok(Outcome::Same) => {}
            Ok(outcome) => {
                let hint = if outcome == Outcome::WouldChange {
                    " (run it without --check and commit the result)"
                } else {
                    ""
                };
                failed.push(format!("{name}{hint}"));
            }
            Err(message) => {
                io.err(&format!("{message}\n"));
                failed.push((*name).to_owned());
            }
        }
    }
    if failed.is_empty() {
        io.err("== all passed\n");
        return Ok(Outcome::Same);
    }
    Err(format!("== failed: {}.", failed.join(", ")))
}

fn cargo(io: &mut dyn Io, arguments: &[&str], environment: &[(&str, &str)]) -> Result<Outcome, String> {
    match io.run("cargo", arguments, environment) {
        Ok(true) => Ok(Outcome::Same),
        Ok(false) => Err(format!("`cargo {}` failed.", arguments.join(" "))),
        Err(error) => Err(format!("`cargo` did not start ({error}); is it installed?")),
    }
}
