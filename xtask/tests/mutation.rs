//! Single random changes of our own document, from a seed: what the lint accepts compiles, and the reported severity is what
//! happens to the public interface.
//!
//! `MUTANTS=1000 SEED=7 cargo test -p xtask --test mutation -- --ignored --nocapture` prints the table for others.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

mod support;

use serde_json::Value;
use std::path::Path;
use support::mutate::{Dice, excerpts, mutate};
use xtask::diff::{Severity, diff, judged, severity_of_code};
use xtask::host::Host;
use xtask::io::Io;
use xtask::{codegen, lint, raw_check};

#[derive(Debug, Default)]
struct Table {
    mutants: usize,
    accepted: usize,
    compiled: usize,
    right: usize,
    /// What the lint accepts but the generator does not.
    failed: Vec<String>,
    low: Vec<String>,
    noise: Vec<String>,
    /// Cases that the table of rules alone would have reported wrongly.
    rules_low: usize,
    rules_noise: usize,
}

/// A mutant with its name as a module.
struct Mutant {
    what: String,
    document: Value,
    code: String,
}

/// Makes this many mutants, and checks each against the interface before and after.
fn judge(mutants: usize, seed: u64) -> (Table, Vec<Mutant>) {
    let document: Value = serde_json::from_str(&support::repository("spec/openapi.json")).unwrap();
    let (excerpts, mut dice) = (excerpts(&document), Dice::new(seed));
    let (mut table, mut accepted) = (Table::default(), Vec::new());
    while table.mutants < mutants {
        let old = &excerpts[dice.below(excerpts.len())];
        let mut new = old.clone();
        let Some(what) = mutate(&mut new, &mut dice) else { continue };
        if new == *old {
            continue;
        }
        table.mutants += 1;
        if lint::lint(&new).iter().any(|finding| finding.fatal) {
            continue;
        }
        table.accepted += 1;
        let before = codegen::generate(old).unwrap();
        let after = match codegen::generate(&new) {
            Ok(after) => after,
            Err(failure) => {
                table.failed.push(format!("{what}: {}", failure.message));
                continue;
            }
        };
        let real = severity_of_code(&before.code, &after.code).unwrap().unwrap_or(Severity::Documentation);
        let told = |severity: Option<Severity>| severity.unwrap_or(Severity::Documentation);
        let (rules, verdict) = (told(diff(old, &new).severity()), judged(old, &new));
        let ours = told(verdict.severity());
        table.rules_low += usize::from(rules < real);
        table.rules_noise += usize::from(rules > real);
        // The same code sent elsewhere is reported as additive on purpose.
        let elsewhere = verdict
            .changes
            .iter()
            .any(|c| ["operation-moved", "media-type-changed", "pagination-changed"].contains(&c.rule));
        match ours.cmp(&real) {
            std::cmp::Ordering::Less => table.low.push(format!("{what}: {ours:?} for {real:?}")),
            std::cmp::Ordering::Greater if !elsewhere => table.noise.push(format!("{what}: {ours:?} for {real:?}")),
            _ => table.right += 1,
        }
        accepted.push(Mutant { what, document: new, code: after.code });
    }
    (table, accepted)
}

/// What does not compile, with its place.
fn compile(mutants: &[Mutant]) -> Vec<String> {
    let mut host = Host::at(Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf());
    let modules: Vec<(String, String)> = mutants
        .iter()
        .enumerate()
        .map(|(index, mutant)| {
            let name = format!("mutant_{index}");
            (name.clone(), raw_check::as_module(&name, &mutant.code))
        })
        .collect();
    let mut wrong = std::collections::BTreeMap::new();
    for error in raw_check::parse(&host.compile(&modules).unwrap()) {
        let owner = modules.iter().position(|(name, _)| error.file.ends_with(&format!("/{name}.rs")));
        let owner = owner.unwrap_or_else(|| panic!("{error}"));
        let code = &modules[owner].1;
        wrong.entry(owner).or_insert_with(|| {
            let line = code.lines().nth(error.line - 1).unwrap_or_default().trim();
            let place = raw_check::place(&mutants[owner].document, code, error.line);
            format!("{}: {} `{line}` ({place})", mutants[owner].what, error.message)
        });
    }
    wrong.into_values().collect()
}

fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

#[test]
fn a_few_mutants_are_reported_with_their_true_severity() {
    let (table, _) = judge(40, 1);
    assert!(table.accepted > 20, "{table:?}");
    assert!(table.failed.is_empty() && table.low.is_empty() && table.noise.is_empty(), "{table:#?}");
}

#[test]
#[ignore = "compiles the crate with hundreds of modules; `cargo xtask ci compiles` runs it"]
fn mutants_compile_and_are_reported_with_their_true_severity() {
    let (mutants, seed) = (usize::try_from(number("MUTANTS", 250)).unwrap(), number("SEED", 20_260_617));
    let began = std::time::Instant::now();
    let (mut table, accepted) = judge(mutants, seed);
    println!("judged after {} s", began.elapsed().as_secs());
    // Some change nothing in Rust, or have the same effect as another.
    let mut codes = std::collections::BTreeSet::new();
    let (fresh, known): (Vec<_>, Vec<_>) = accepted.into_iter().partition(|mutant| codes.insert(mutant.code.clone()));
    // Few enough at once that the compiler stays within a few gigabytes.
    let wrong: Vec<String> = fresh.chunks(100).flat_map(compile).collect();
    table.compiled = fresh.len() + known.len() - wrong.len();
    println!("| mutants | accepted | compiled | severity right | too low | noise | seed | seconds |");
    println!("|---|---|---|---|---|---|---|---|");
    let Table { mutants, accepted, compiled, right, failed, low, noise, rules_low, rules_noise } = &table;
    let seconds = began.elapsed().as_secs();
    println!(
        "| {mutants} | {accepted} | {compiled} | {right} | {} | {} | {seed} | {seconds} |",
        low.len(),
        noise.len()
    );
    println!("The rules without the generated code: {rules_low} too low, {rules_noise} too high.");
    println!("{}", [failed.as_slice(), &wrong, low, noise].concat().join("\n"));
    assert!(failed.is_empty(), "not generated:\n{}", failed.join("\n"));
    assert!(wrong.is_empty(), "{} do not compile:\n{}", wrong.len(), wrong.join("\n"));
    assert!(low.is_empty(), "too low:\n{}", low.join("\n"));
    assert!(noise.len() * 100 < *accepted, "noise:\n{}", noise.join("\n"));
}
