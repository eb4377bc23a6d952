//! `cargo xtask spec-diff`: what changed between two documents.

use crate::args::Syntax;
use crate::diff::{Diff, judged, next_version};
use crate::document::{read_openapi, to_text};
use crate::io::{Io, read};
use crate::report::{changelog, diff_json, diff_markdown};
use crate::{Outcome, manifest};
use serde_json::Value;

const SYNTAX: Syntax =
    Syntax { usage: "spec-diff OLD NEW [--format md|json]", flags: &[], values: &["--format"], names: (2, 2) };

pub const HELP: &str = "\
spec-diff OLD NEW [--format md|json]

Compares two OpenAPI documents by meaning and reports for each operation and schema what changed, how severe it is for
users of the crate (breaking, additive, documentation; the table is in spec/README.md), which Rust items it touches, and
what the next version is by semver. OLD and NEW are files, or REV:FILE for a file of a git revision.

  cargo xtask spec-diff HEAD:spec/openapi.json spec/openapi.json
  cargo xtask spec-diff v0.3.0:spec/openapi.json spec/openapi.json --format json

Exit codes: 0 compared (whatever the result), 1 failed.
";

const CHANGELOG_SYNTAX: Syntax = Syntax { usage: "changelog [OLD [NEW]]", flags: &[], values: &[], names: (0, 2) };

pub const CHANGELOG_HELP: &str = "\
changelog [OLD [NEW]]

Drafts the CHANGELOG.md entry for a change of the specification. The draft is complete but dull: shorten it, and write
a before and after for breaking changes. Default: from HEAD:spec/openapi.json to spec/openapi.json.

Exit codes: 0 written to stdout (nothing when nothing changed), 1 failed.
";

pub fn run(arguments: &[String], io: &mut dyn Io) -> Result<Outcome, String> {
    let args = SYNTAX.parse(arguments)?;
    let diff = compare(io, &args.names[0], &args.names[1])?;
    let version = manifest::version(io)?;
    let next = next_version(&version, diff.severity());
    match args.value("--format").unwrap_or("md") {
        "json" => io.out(&to_text(&diff_json(&diff, &version, &next))),
        "md" => match diff.severity() {
            None => io.out("The documents mean the same.\n"),
            Some(severity) => {
                io.out(&format!("Release: {} change, version {version} -> {next}.\n\n", severity.name()));
                io.out(&diff_markdown(&diff));
            }
        },
        other => return Err(format!("`--format {other}` is unknown; it is md or json.")),
    }
    Ok(Outcome::Same)
}

pub fn run_changelog(arguments: &[String], io: &mut dyn Io) -> Result<Outcome, String> {
    let args = CHANGELOG_SYNTAX.parse(arguments)?;
    let old = args.names.first().map_or("HEAD:spec/openapi.json", String::as_str);
    let new = args.names.get(1).map_or("spec/openapi.json", String::as_str);
    let draft = changelog(&compare(io, old, new)?);
    io.out(&draft);
    Ok(Outcome::Same)
}

fn compare(io: &mut dyn Io, old: &str, new: &str) -> Result<Diff, String> {
    Ok(judged(&document(io, old)?, &document(io, new)?))
}

fn document(io: &mut dyn Io, name: &str) -> Result<Value, String> {
    let bytes = match name.split_once(':') {
        // A revision never starts with a dash; git would read that as an option.
        Some((revision, _)) if !revision.starts_with('-') && io.read(std::path::Path::new(name)).is_err() => {
            io.capture("git", &["show", name])?
        }
        _ => read(io, name)?,
    };
    read_openapi(name, &bytes)
}
