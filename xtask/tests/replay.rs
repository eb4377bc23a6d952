//! Growth replayed: a chain of documents is applied forwards and backwards, and every report is right.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

mod support;

use serde_json::Value;
use support::chain::{STEPS, Said, documents};
use support::{Fake, golden, repository};
use xtask::Outcome;

/// Our own document already has names, so no rule is needed.
const NO_RULES: &str = "overlay: 1.0.0\ninfo: {title: t, version: 1.0.0}\nextends: published.yaml\nactions: []\n";

fn said(report: &str) -> Vec<(String, String, String)> {
    let report: Value = serde_json::from_str(report).unwrap();
    let text = |change: &Value, key: &str| change[key].as_str().unwrap().to_owned();
    let changes = report["changes"].as_array().unwrap().iter();
    let mut said: Vec<_> =
        changes.map(|change| (text(change, "severity"), text(change, "rule"), text(change, "subject"))).collect();
    said.sort();
    said
}

fn wanted(said: &[Said]) -> Vec<(String, String, String)> {
    let mut wanted: Vec<_> = said.iter().map(|(a, b, c)| (a.to_string(), b.to_string(), c.to_string())).collect();
    wanted.sort();
    wanted
}

#[test]
fn every_step_of_the_chain_is_reported_correctly_forwards_and_backwards() {
    let first: Value = serde_json::from_str(&repository("spec/openapi.json")).unwrap();
    let documents = documents(first);
    let mut fake = Fake::with_spec(&documents[0].to_string(), NO_RULES);
    fake.done("update-spec --from spec/published.yaml");
    let mut resolved = vec![fake.text("spec/openapi.json")];
    for (step, document) in STEPS.iter().zip(&documents[1..]) {
        fake.put("new.json", &document.to_string());
        let report = fake.done("update-spec --from new.json --json").to_owned();
        assert_eq!(said(&report), wanted(step.forward), "{}", step.name);
        resolved.push(fake.text("spec/openapi.json"));
    }
    assert_eq!(fake.run("update-spec --check"), Outcome::Same, "running again changes something");
    for (index, step) in STEPS.iter().enumerate().rev() {
        fake.put("new.json", &documents[index].to_string());
        let report = fake.done("update-spec --from new.json --json").to_owned();
        assert_eq!(said(&report), wanted(step.backward), "{} (backwards)", step.name);
        assert_eq!(fake.text("spec/openapi.json"), resolved[index], "{} (backwards): not what it was", step.name);
    }
}

#[test]
fn the_whole_chain_in_one_update_makes_one_readable_report() {
    let first: Value = serde_json::from_str(&repository("spec/openapi.json")).unwrap();
    let documents = documents(first);
    let mut fake = Fake::with_spec(&documents[0].to_string(), NO_RULES);
    fake.done("update-spec --from spec/published.yaml");
    fake.put("new.json", &documents[documents.len() - 1].to_string());
    fake.done("update-spec --from new.json");
    let changes = fake.stdout.split_once("## Breaking").map(|(_, rest)| rest.to_owned()).unwrap();
    golden("whole_chain.md", &changes);
}
