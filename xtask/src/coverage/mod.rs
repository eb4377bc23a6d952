//! `cargo xtask coverage`: which operations the facade, the tests and the examples reach.

mod exceptions;
mod facade;
mod places;
mod table;

use crate::Outcome;
use crate::args::Syntax;
use crate::document::{read_openapi, to_text};
use crate::io::{Io, read, read_text};
use crate::naming::{names, pascal};
use crate::references::{Source, has_word, rust_sources};
use exceptions::Exceptions;
use facade::Facade;
use places::Repository;
use serde_json::Value;
use std::collections::BTreeSet;
use table::Row;

const EXCEPTIONS: &str = "xtask/coverage-exceptions.yaml";

const SYNTAX: Syntax =
    Syntax { usage: "coverage [--json | --family TAG]", flags: &["--json"], values: &["--family"], names: (0, 0) };

pub const HELP: &str = "\
coverage [--json | --family TAG]

A table of all operations of spec/openapi.json: the facade method that returns its request, the test files and the
examples that reach it. It is derived from the source:

  facade   a public method in src/resources/ that names the request type of the operation
  test     a file in tests/ or a test module in src/ that names the request type, or calls the facade method directly on
           its handle, as in `client.workspaces().list(`; calls through a variable are not seen. A test that iterates
           over OPERATIONS reaches all of them and is named below the table
  example  the same in examples/

Fails when an operation has no facade method, unless xtask/coverage-exceptions.yaml lists the operation or its family
with a reason, when an exception is no longer needed, and when a README states a different number of operations. Of the
nine places that CONTRIBUTING.md lists, it requires 2, 3, 4, 5, 8 and 9 for every family without an exception, and 7 if
6 has a handler. It does not require 1 (what the overlay adds) and 6 (without a handler the emulator responds with
samples).

  --family TAG  all nine places of one family, and what is still missing at each; fails if anything is

Exit codes: 0 every operation is covered or excused and every required place is filled, 1 otherwise.
";

pub fn run(arguments: &[String], io: &mut dyn Io) -> Result<Outcome, String> {
    let args = SYNTAX.parse(arguments)?;
    let document = read_openapi("spec/openapi.json", &read(io, "spec/openapi.json")?)?;
    let exceptions = Exceptions::parse(EXCEPTIONS, &read_text(io, EXCEPTIONS)?)?;
    let facade = Facade::read(&rust_sources(io, &["src"]))?;
    let tests = test_sources(io);
    let examples = rust_sources(io, &["examples"]);
    let rows: Vec<Row> = operations(&document)
        .into_iter()
        .map(|(id, family)| {
            let request = pascal(&id);
            let methods = facade.methods_of(&request);
            let reached = |sources: &[Source]| {
                let reaching = sources.iter().filter(|source| reaches(source, &request, &methods));
                reaching.map(|source| source.path.clone()).collect()
            };
            Row {
                tests: reached(&tests),
                examples: reached(&examples),
                facade: methods.iter().map(ToString::to_string).collect(),
                excuse: exceptions.reason(&id, &family).map(str::to_owned),
                id,
                family,
            }
        })
        .collect();
    let over_all: Vec<&str> =
        tests.iter().filter(|source| goes_through_all(source)).map(|source| source.path.as_str()).collect();
    let mut complaints: Vec<String> = rows.iter().filter_map(Row::complaint).collect();
    complaints.extend(exceptions.needless(&rows));
    let repository = Repository::read(io);
    if let Some(family) = args.value("--family") {
        if !rows.iter().any(|row| row.family == family) {
            let known: BTreeSet<&str> = rows.iter().map(|row| row.family.as_str()).collect();
            return Err(format!(
                "No operation of spec/openapi.json has the tag `{family}`, so it begins with place 1: add its operations to \
                 spec/overlay.yaml and run `cargo xtask update-spec`. The tags are: {}.",
                known.into_iter().collect::<Vec<_>>().join(", ")
            ));
        }
        let places = repository.places(&document, family, &rows, &facade);
        io.out(&places::checklist(family, &places));
        let missing = places.iter().filter(|place| !place.missing.is_empty()).count();
        return match missing {
            0 => Ok(Outcome::Same),
            1 => Err("One place is still missing.".to_owned()),
            more => Err(format!("{more} places are still missing.")),
        };
    }
    let families: BTreeSet<&str> =
        rows.iter().filter(|row| row.excuse.is_none()).map(|row| row.family.as_str()).collect();
    for family in families {
        let places = repository.places(&document, family, &rows, &facade);
        // What the overlay does not state may well be optional, and a missing facade method is reported already. Without behavior
        // the emulator responds with samples, which need no test.
        let is_sampled = places.iter().any(|place| place.number == 6 && !place.missing.is_empty());
        let open = places.into_iter().filter(|place| match place.number {
            1 | 3 | 6 => false,
            7 => !is_sampled,
            _ => true,
        });
        let missing = open.flat_map(|place| place.missing.into_iter().map(move |missing| (place.name, missing)));
        complaints.extend(missing.map(|(place, missing)| format!("{family}: {place}: {missing}")));
    }
    complaints.extend(places::told_numbers(io, rows.len()));
    if args.has("--json") {
        io.out(&to_text(&table::json(&rows, &over_all, &complaints)));
    } else {
        io.out(&table::markdown(&rows, &over_all));
    }
    if complaints.is_empty() {
        return Ok(Outcome::Same);
    }
    Err(complaints.join("\n"))
}

/// The name and the family of every operation, sorted by name.
fn operations(document: &Value) -> Vec<(String, String)> {
    let family = |(path, method): &(String, String)| {
        let tags = document.get("paths").and_then(|paths| paths.get(path)?.get(method)?.get("tags")?.get(0)?.as_str());
        tags.unwrap_or("no family").to_owned()
    };
    let mut operations: Vec<_> = names(document).into_iter().map(|(key, id)| (id, family(&key))).collect();
    operations.sort();
    operations
}

/// Files in tests/ and the emulator's own tests, and test modules in files of their own in src/.
fn test_sources(io: &dyn Io) -> Vec<Source> {
    let of_emulator = |path: &str| path.starts_with("tests/emulator/") && !path.starts_with("tests/emulator/tests/");
    let mut sources = rust_sources(io, &["tests"]);
    sources.retain(|source| !of_emulator(&source.path));
    sources.extend(rust_sources(io, &["src"]).into_iter().filter(|source| has_tests(&source.text)).map(only_tests));
    sources
}

fn has_tests(text: &str) -> bool {
    text.contains("#[test]") || text.contains("#[tokio::test")
}

/// The test part of a file: from the first `#[cfg(test)]`, or all of it if the file is a test module.
fn only_tests(source: Source) -> Source {
    let start = source.text.find("#[cfg(test)]").unwrap_or(0);
    Source { text: source.text[start..].to_owned(), path: source.path }
}

fn goes_through_all(source: &Source) -> bool {
    has_tests(&source.text) && source.text.lines().any(|line| line.contains("in OPERATIONS"))
}

fn reaches(source: &Source, request: &str, methods: &[&facade::Method]) -> bool {
    let code = source.text.lines().filter(|line| !line.trim_start().starts_with("//"));
    if code.clone().any(|line| has_word(line, request)) {
        return true;
    }
    // A chain may be broken over lines.
    let dense: String = code.flat_map(str::chars).filter(|c| !c.is_whitespace()).collect();
    methods.iter().any(|method| dense.contains(&format!(".{}().{}(", method.accessor, method.name)))
}
