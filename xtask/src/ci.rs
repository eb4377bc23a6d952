//! `cargo xtask ci`: what CI runs for every change, but for what `cargo deny` says of the dependencies.

use crate::args::Syntax;
use crate::io::Io;
use crate::{Outcome, api, coverage, release, update_spec};

const SYNTAX: Syntax = Syntax { usage: "ci [STEP...]", flags: &["--list"], values: &[], names: (0, 17) };

pub const HELP: &str = "\
ci [STEP...] [--list]

Runs the checks that a change must pass, all of them or the named ones, and goes on after a failure so that one run
shows everything. The workflow `ci` calls this, and `cargo deny check` besides; `weekly` fuzzes, runs
clients of other languages against the emulator, and calls this with the newest dependencies; `update-spec` calls
propose-update. .ci/run calls this for all but `test`, for which it takes the command of the README.

  fmt         cargo fmt --all -- --check
  clippy      cargo clippy on everything, warnings are errors
  test        cargo test on everything
  spec        update-spec --check: openapi.json belongs to the published document and the overlay
  api         api --check: api.txt shows what users see
  coverage    coverage: every operation has a facade method or an excuse
  doc         cargo doc, warnings are errors
  quickstart  the example of the README against the emulator
  examples    the other examples against the emulator; each fails when a request breaks the API description
  features    cargo check of the crate without features
  pregenerated  without `codegen`: no build dependency, the library's tests, and the example of the README
  unification  the library's tests with the features of serde_json that another crate of a program may turn on for all
  compiles    that what the lint accepts compiles, for our document and others, and what the compiler says to
              callers; too slow for `test`

Only by name, since they need what not every machine has:

  tls         every backend of TLS alone, and the tests of the network for each with HTTP/2 and for several at once
  targets     cargo check for other systems (rustup target add ...), and the refusal of WebAssembly
  packages    both packages as a release makes them: contents, all targets, and a program that has nothing else
  minimal     the oldest versions that the manifests allow (rustup toolchain install nightly)

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
    ("doc", |io| cargo(io, &api::auto::DOCUMENTED, &api::auto::STRICT)),
    ("quickstart", |io| cargo(io, &["run", "--locked", "--example", "quickstart"], &NO_KEY)),
    ("examples", examples),
    ("features", |io| {
        cargo(io, &["check", "--package", "singlestore-management", "--no-default-features", "--locked"], &[])
    }),
    ("pregenerated", pregenerated),
    ("unification", unification),
    ("compiles", |io| {
        let tests = ["guarantee", "foreign_documents", "messages", "mutation", "own_code"].map(|name| ["--test", name]);
        let tests = tests.concat();
        cargo(io, &[&["test", "--package", "xtask", "--locked"], &tests[..], &["--", "--ignored"]].concat(), &[])
    }),
];

/// Steps that run only when they are named.
const ON_REQUEST: &[Step] =
    &[("tls", tls), ("targets", targets), ("packages", release::try_packages), ("minimal", minimal)];

/// Each backend decides differently, so each is built and tested alone.
fn tls(io: &mut dyn Io) -> Result<Outcome, String> {
    for features in ["rustls-ring", "rustls-aws-lc", "native-tls"] {
        let alone = ["--no-default-features", "--features", features, "--locked", "--", "-D", "warnings"];
        cargo(io, &[&["clippy", "--package", "singlestore-management"], &alone[..]].concat(), &[])?;
    }
    for features in [
        "rustls-ring,http2,socks",
        "rustls-aws-lc,http2",
        "native-tls,http2,socks",
        "rustls-aws-lc,native-tls,http2",
        "rustls-ring,rustls-aws-lc,native-tls,http2",
    ] {
        let arguments =
            ["--package", "singlestore-management", "--no-default-features", "--features", features, "--locked"];
        cargo(io, &[&["test", "--test", "it"], &arguments[..], &["--", "network::", "negotiation::"]].concat(), &[])?;
    }
    cargo(
        io,
        &[
            "clippy",
            "--package",
            "singlestore-management",
            "--all-features",
            "--all-targets",
            "--locked",
            "--",
            "-D",
            "warnings",
        ],
        &[],
    )
}

/// What the crate is checked for; WebAssembly is refused with one sentence.
fn targets(io: &mut dyn Io) -> Result<Outcome, String> {
    const PACKAGE: [&str; 4] = ["--package", "singlestore-management", "--no-default-features", "--locked"];
    for target in ["aarch64-unknown-linux-gnu", "x86_64-pc-windows-gnu", "aarch64-apple-darwin"] {
        cargo(io, &[&["check", "--target", target], &PACKAGE[..]].concat(), &[])?;
    }
    match io.capture("cargo", &[&["check", "--target", "wasm32-unknown-unknown"], &PACKAGE[..]].concat()) {
        Err(said) if said.contains("does not work on WebAssembly") => Ok(Outcome::Same),
        Err(said) => Err(format!("WebAssembly is refused in other words than meant:\n{said}")),
        Ok(_) => Err("WebAssembly is not refused, but nothing there is tested.".to_owned()),
    }
}

/// What the manifests call the oldest version works, in a copy, since it changes Cargo.lock.
fn minimal(io: &mut dyn Io) -> Result<Outcome, String> {
    let scratch = io.scratch().map_err(|error| format!("There is no room for a copy: {error}."))?;
    let (copy, target) = (scratch.join("source"), scratch.join("target"));
    let (copy, target) = (copy.to_string_lossy().into_owned(), target.to_string_lossy().into_owned());
    let manifest = format!("{copy}/Cargo.toml");
    io.capture("git", &["clone", "--quiet", "--shared", ".", &copy])?;
    // The nightly cargo resolves, the stable one compiles.
    let resolve = ["run", "nightly", "cargo", "update", "-Z", "direct-minimal-versions", "--manifest-path", &manifest];
    if !io.run("rustup", &resolve, &[]).is_ok_and(|fine| fine) {
        return Err("The oldest versions that the manifests allow do not fit each other.".to_owned());
    }
    let features = "singlestore-management/blocking,singlestore-management/glob,singlestore-management/sha256,\
                    singlestore-management/http2,singlestore-management/socks";
    let packages = ["--package", "singlestore-management", "--package", "singlestore-management-emulator"];
    let how = ["check", "--lib", "--bins", "--locked", "--features", features, "--manifest-path", &manifest];
    cargo(io, &[&how[..], &packages[..]].concat(), &[("CARGO_TARGET_DIR", &target)])
}

/// An empty key is no key: the example takes the emulator.
const NO_KEY: [(&str, &str); 3] =
    [("SINGLESTOREDB_MANAGEMENT_TOKEN", ""), ("SINGLESTOREDB_API_KEY", ""), ("SINGLESTORE_API_KEY", "")];

/// Each with what a reader would try first.
fn examples(io: &mut dyn Io) -> Result<Outcome, String> {
    for line in [
        "tenant_service",
        "nightly_sweep -- --groups 50",
        "load_data",
        "ops -- --format json list",
        "ops -- suspend tenant-1 etl --wait",
        "ops -- terminate tenant-1 --yes",
        "rotate_passwords",
        "metrics",
    ] {
        let arguments: Vec<&str> = ["run", "--locked", "--example"].into_iter().chain(line.split(' ')).collect();
        cargo(io, &arguments, &NO_KEY)?;
    }
    Ok(Outcome::Same)
}

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

/// Features are turned on for a whole program. Without the generator, whose crates would all be built anew.
fn unification(io: &mut dyn Io) -> Result<Outcome, String> {
    const FEATURES: &str =
        "rustls-ring,serde_json/arbitrary_precision,serde_json/float_roundtrip,serde_json/preserve_order";
    let package = ["--package", "singlestore-management", "--no-default-features", "--features", FEATURES, "--locked"];
    cargo(io, &[&["test", "--lib"], &package[..]].concat(), &[])
}

pub fn run(arguments: &[String], io: &mut dyn Io) -> Result<Outcome, String> {
    let args = SYNTAX.parse(arguments)?;
    let all = || STEPS.iter().chain(ON_REQUEST);
    let names = || all().map(|(name, _)| *name).collect::<Vec<_>>().join(" ");
    if args.has("--list") {
        io.out(&format!("{}\n", names()));
        return Ok(Outcome::Same);
    }
    if let Some(unknown) = args.names.iter().find(|name| !all().any(|(step, _)| step == name)) {
        return Err(format!("There is no step `{unknown}`; the steps are: {}.", names()));
    }
    let mut failed = Vec::new();
    let chosen: Vec<&Step> = if args.names.is_empty() {
        STEPS.iter().collect()
    } else {
        all().filter(|(name, _)| args.names.iter().any(|given| given == name)).collect()
    };
    for (name, step) in chosen {
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
