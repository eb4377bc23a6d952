//! Documents with faults: linted, fixed with what the lint suggests, generated and compiled. In CI that is one of ours;
//! `DOCUMENTS=directory cargo test -p xtask --test foreign_documents -- --ignored --nocapture` uses others. Either prints a
//! table.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Instant;
use xtask::document::read_openapi;
use xtask::host::Host;
use xtask::io::Io;
use xtask::lint::{Finding, lint};
use xtask::openapi::operations;
use xtask::{codegen, overlay, raw_check};

/// What happened to a document.
#[derive(Default)]
struct Outcome {
    operations: usize,
    errors: usize,
    warnings: usize,
    repaired: usize,
    left_out: Vec<String>,
    failed: Vec<String>,
    /// The seconds until it was fixed, generated, compiled.
    took: [u64; 3],
}

/// Pastes what the lint suggests until it suggests nothing more, leaves out what is still wrong, and starts again.
fn repair(document: &mut Value, outcome: &mut Outcome) {
    for round in 0..24 {
        let fatal: Vec<Finding> = lint(document).into_iter().filter(|finding| finding.fatal).collect();
        if round == 0 {
            outcome.errors = fatal.len();
        }
        if fatal.is_empty() {
            return;
        }
        // One fix may serve several findings.
        let fixes: BTreeSet<&String> = fatal.iter().filter_map(|finding| finding.fix.as_ref()).collect();
        let fits = fixes.into_iter().filter(|fix| paste(document, fix)).count();
        outcome.repaired += fits;
        if fits == 0 {
            let mut gone = BTreeSet::new();
            let places = fatal.iter().filter(|finding| gone.insert(&finding.pointer));
            places.for_each(|finding| leave_out(document, finding, outcome));
        }
    }
    outcome.failed.push("it is not repaired after many rounds".to_owned());
}

/// Whether it fits. It may not, if another fix has changed the place.
fn paste(document: &mut Value, fix: &str) -> bool {
    let text = format!("overlay: 1.0.0\ninfo: {{title: t, version: 1.0.0}}\nactions:\n{fix}");
    let rules = overlay::parse("fix", &text).unwrap_or_else(|errors| panic!("{errors:?}\n{fix}"));
    overlay::apply(&rules, document).is_empty()
}

/// An operation is removed; a schema becomes anything.
fn leave_out(document: &mut Value, finding: &Finding, outcome: &mut Outcome) {
    let parts: Vec<&str> = finding.pointer.split('/').collect();
    let name = |part: &str| part.replace("~1", "/").replace("~0", "~");
    match parts.as_slice() {
        ["", "paths", path, method, ..] => {
            if let Some(item) = document["paths"].get_mut(name(path)).and_then(Value::as_object_mut) {
                item.remove(*method);
            }
        }
        ["", "paths", path] => drop(document["paths"].as_object_mut().unwrap().remove(&name(path))),
        ["", "components", "schemas", schema, ..] => document["components"]["schemas"][name(schema)] = json!({}),
        _ => {}
    }
    outcome.left_out.push(format!("{}: {}", finding.pointer, finding.message));
}

fn try_document(path: &Path, host: &mut Host) -> Outcome {
    let mut outcome = Outcome::default();
    let mut document = match read_openapi(&path.to_string_lossy(), &std::fs::read(path).unwrap()) {
        Ok(document) => document,
        Err(message) => {
            outcome.failed.push(message);
            return outcome;
        }
    };
    outcome.operations = operations(&document).count();
    let began = Instant::now();
    repair(&mut document, &mut outcome);
    outcome.warnings = lint(&document).iter().filter(|finding| !finding.fatal).count();
    outcome.took[0] = began.elapsed().as_secs();
    match codegen::generate(&document) {
        Err(failure) => outcome.failed.push(format!("{}: {}", failure.pointer, failure.message)),
        Ok(generated) => {
            outcome.took[1] = began.elapsed().as_secs();
            let code = raw_check::as_module("foreign", &generated.code);
            for error in raw_check::parse(&host.compile(&[("foreign".to_owned(), code.clone())]).unwrap()) {
                let line = code.lines().nth(error.line.saturating_sub(1)).unwrap_or_default().trim();
                let place = raw_check::place(&document, &code, error.line);
                outcome.failed.push(format!("{place}: {} `{line}`", error.message));
            }
        }
    }
    outcome.took[2] = began.elapsed().as_secs();
    outcome
}

/// A small document with many faults.
const OURS: &str = "faults.yaml";

fn documents() -> Vec<PathBuf> {
    let Some(directory) = std::env::var_os("DOCUMENTS") else {
        return vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(OURS)];
    };
    let mut files: Vec<_> = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
#[ignore = "compiles the crate; `cargo xtask ci compiles` runs it"]
fn a_document_with_faults_compiles_once_it_is_repaired() {
    let mut host = Host::at(Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf());
    let mut failed = Vec::new();
    println!(
        "| document | operations | errors | repaired as suggested | left out | warnings then | compiled | s: repaired, generated, compiled |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for file in documents() {
        let outcome = try_document(&file, &mut host);
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let Outcome { operations, errors, warnings, repaired, left_out, failed: wrong, took } = outcome;
        let (out, fine) = (left_out.len(), if wrong.is_empty() { "yes" } else { "NO" });
        println!("| {name} | {operations} | {errors} | {repaired} | {out} | {warnings} | {fine} | {took:?} |");
        for text in &left_out {
            eprintln!("{name}: left out: {text}");
        }
        if name == OURS {
            // Whatever has a fix is fixed, and nothing else is left out.
            let out: Vec<_> = left_out.iter().filter(|text| !text.contains("points outside the document")).collect();
            assert!(repaired > 15 && left_out.len() == 1 && out.is_empty(), "{repaired}, {left_out:?}");
        }
        failed.extend(wrong.into_iter().take(20).map(|text| format!("{name}: {text}")));
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
