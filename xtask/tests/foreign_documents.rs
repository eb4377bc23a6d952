//! Documents of others: linted, repaired with what the lint says, generated and compiled.
//!
//! `DOCUMENTS=directory cargo test -p xtask --test foreign_documents -- --ignored --nocapture` prints a table.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

use serde_json::{Value, json};
use std::path::Path;
use xtask::document::read_openapi;
use xtask::host::Host;
use xtask::io::Io;
use xtask::lint::{Finding, lint};
use xtask::openapi::operations;
use xtask::{codegen, overlay, raw_check};

/// What became of a document.
#[derive(Default)]
struct Outcome {
    operations: usize,
    errors: usize,
    warnings: usize,
    repaired: usize,
    left_out: Vec<String>,
    failed: Vec<String>,
}

/// Pastes what the lint suggests, and leaves out what it suggests nothing for, until nothing is left.
fn repair(document: &mut Value, outcome: &mut Outcome) {
    for round in 0..12 {
        let fatal: Vec<Finding> = lint(document).into_iter().filter(|finding| finding.fatal).collect();
        if round == 0 {
            outcome.errors = fatal.len();
        }
        if fatal.is_empty() {
            return;
        }
        let mut done = std::collections::BTreeSet::new();
        for finding in fatal {
            // One repair may be that of several findings.
            let fix = finding.fix.clone().filter(|fix| done.insert(fix.clone()));
            if let Some(fix) = fix {
                let text = format!("overlay: 1.0.0\ninfo: {{title: t, version: 1.0.0}}\nactions:\n{fix}");
                let rules = overlay::parse("fix", &text).unwrap_or_else(|errors| panic!("{errors:?}\n{fix}"));
                let problems = overlay::apply(&rules, document);
                if problems.is_empty() {
                    outcome.repaired += 1;
                    continue;
                }
            } else if done.contains(&finding.pointer) {
                continue;
            }
            leave_out(document, &finding, outcome);
            done.insert(finding.pointer);
        }
    }
    outcome.failed.push("it is not repaired after twelve rounds".to_owned());
}

/// An operation goes; a schema becomes anything.
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
    repair(&mut document, &mut outcome);
    outcome.warnings = lint(&document).iter().filter(|finding| !finding.fatal).count();
    match codegen::generate(&document) {
        Err(failure) => outcome.failed.push(format!("{}: {}", failure.pointer, failure.message)),
        Ok(generated) => {
            let code = raw_check::as_module("foreign", &generated.code);
            for error in raw_check::parse(&host.compile(&[("foreign".to_owned(), code.clone())]).unwrap()) {
                let line = code.lines().nth(error.line.saturating_sub(1)).unwrap_or_default().trim();
                let place = raw_check::place(&document, &code, error.line);
                outcome.failed.push(format!("{place}: {} `{line}`", error.message));
            }
        }
    }
    outcome
}

#[test]
#[ignore = "needs a directory of documents in DOCUMENTS"]
fn documents_of_others_compile_once_they_are_repaired() {
    let Some(directory) = std::env::var_os("DOCUMENTS") else { return };
    let mut files: Vec<_> = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut host = Host::at(Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf());
    let mut failed = Vec::new();
    println!(
        "| document | operations | errors | repaired as suggested | left out | warnings then | compiled | seconds |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for file in files {
        let began = std::time::Instant::now();
        let outcome = try_document(&file, &mut host);
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let Outcome { operations, errors, warnings, repaired, left_out, failed: wrong } = outcome;
        let (out, fine) = (left_out.len(), if wrong.is_empty() { "yes" } else { "NO" });
        let seconds = began.elapsed().as_secs();
        println!("| {name} | {operations} | {errors} | {repaired} | {out} | {warnings} | {fine} | {seconds} |");
        for text in left_out {
            eprintln!("{name}: left out: {text}");
        }
        failed.extend(wrong.into_iter().take(20).map(|text| format!("{name}: {text}")));
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
