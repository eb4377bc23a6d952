//! `cargo xtask release`, in memory.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

mod support;

use std::path::Path;

use support::{Fake, fixture, golden};
use xtask::Outcome;

const PACKAGES: [&str; 2] = ["singlestore-management-emulator", "singlestore-management"];
const HOW: &str = "--manifest-path /scratch/source/Cargo.toml --allow-dirty --locked --offline";

/// A repository that can be released for the first time, as 0.3.0.
fn first() -> Fake {
    let mut fake = Fake::with_spec(&fixture("fixtures/published.yaml"), &fixture("fixtures/overlay.yaml"));
    fake.done("update-spec --from spec/published.yaml");
    fake.put("src/lib.rs", "pub struct A;\n");
    fake.put("tests/emulator/src/lib.rs", "pub struct Emulator;\n");
    fake.put("tests/emulator/Cargo.toml", "[package]\nname = \"e\"\nversion = \"0.3.0\"\n");
    fake.put("tests/emulator/README.md", "An emulator.\n");
    fake.put("README.md", "```toml\nsinglestore-management = \"0.3\"\n```\n[a](https://example.test/)\n");
    fake.put("CHANGELOG.md", "# Changelog\n\n## Unreleased\n\n* A thing.\n");
    let lock: String = PACKAGES.iter().map(|name| format!("name = \"{name}\"\nversion = \"0.3.0\"\n")).collect();
    fake.put("Cargo.lock", &lock);
    fake.put("/scratch/source/Cargo.lock", &lock);
    fake.done("api");
    for (line, said) in [
        ("git status --porcelain", ""),
        ("git rev-parse --is-shallow-repository", "false\n"),
        ("git tag --list v* --merged HEAD", ""),
        ("git clone --quiet --shared --no-checkout . /scratch/source", ""),
        ("git -C /scratch/source checkout --quiet --detach HEAD", ""),
    ] {
        fake.programs.insert(line.to_owned(), said.as_bytes().to_vec());
    }
    version(&mut fake, "0.3.0");
    fake
}

/// The output of the programs when the release has this version.
fn version(fake: &mut Fake, version: &str) {
    let mut say = |line: String, said: &str| fake.programs.insert(line, said.as_bytes().to_vec());
    say(format!("git tag --list v{version}"), "");
    let about = PACKAGES.map(|name| {
        serde_json::json!({
            "name": name, "description": "x", "license": "MIT", "documentation": "https://docs.rs/x",
            "readme": "README.md", "rust_version": "1.88", "repository": null,
        })
    });
    say(
        "cargo metadata --format-version 1 --no-deps --manifest-path /scratch/source/Cargo.toml".to_owned(),
        &serde_json::json!({ "packages": about }).to_string(),
    );
    let files = "Cargo.toml\nREADME.md\nLICENSE-APACHE\nLICENSE-MIT\nspec/openapi.json\nsrc/lib.rs\n";
    for name in PACKAGES {
        say(format!("cargo package --list --package {name} {HOW}"), files);
    }
    for name in PACKAGES {
        fake.put(&format!("/scratch/packages/{name}-{version}/spec/openapi.json"), "{}");
        fake.put(&format!("/scratch/packages/{name}-{version}/README.md"), "[a](https://example.test/)\n");
    }
}

/// The same after the tag v0.3.0, with the interface of that time.
fn second(interface: &str) -> Fake {
    let mut fake = first();
    version(&mut fake, "0.3.1");
    version(&mut fake, "0.4.0");
    let then = [("spec/openapi.json", fake.text("spec/openapi.json")), ("api.txt", interface.to_owned())];
    for (path, content) in then {
        fake.put(&format!("/scratch/before/{path}"), &content);
    }
    fake.put("/scratch/before/tests/emulator/src/lib.rs", "pub struct Emulator;\n");
    let shipped = "src build build.rs spec Cargo.toml tests/emulator/src tests/emulator/Cargo.toml";
    for (line, said) in [
        ("git tag --list v* --merged HEAD", "v0.2.9\nv0.3.0\nv0.10.0-rc.1\n"),
        (&format!("git rev-list --count v0.3.0..HEAD -- {shipped}"), "3\n"),
        ("git clone --quiet --shared --no-checkout . /scratch/before", ""),
        ("git -C /scratch/before checkout --quiet --detach v0.3.0", ""),
    ] {
        fake.programs.insert(line.to_owned(), said.as_bytes().to_vec());
    }
    fake
}

/// Everything except what is outside the repository.
fn repository(fake: &Fake) -> Vec<(String, Vec<u8>)> {
    let own = fake.files.iter().filter(|(path, _)| !path.starts_with("/scratch"));
    own.map(|(path, content)| (path.display().to_string(), content.clone())).collect()
}

#[test]
fn a_dry_run_checks_everything_and_changes_nothing() {
    let mut fake = first();
    let before = repository(&fake);
    fake.ran.clear();
    fake.done("release --dry-run");
    assert_eq!(repository(&fake), before);
    golden("release.md", &fake.stdout);
    // Not on every system are files made read-only by a program.
    fake.ran.retain(|line| !line.contains("chmod"));
    golden("release_runs.txt", &format!("{}\n", fake.ran.join("\n")));
    assert!(fake.text("/scratch/source/CHANGELOG.md").contains("## 0.3.0 - 2026-06-17"));
    assert!(fake.text("/scratch/consumer/Cargo.toml").contains("../packages/singlestore-management-0.3.0"));
}

#[test]
fn a_release_commits_and_tags_what_the_dry_run_showed() {
    let mut fake = first();
    for line in [
        "git add -- CHANGELOG.md",
        "git commit --message chore: release 0.3.0",
        "git tag --annotate --message Version 0.3.0 v0.3.0",
    ] {
        fake.programs.insert(line.to_owned(), Vec::new());
    }
    fake.done("release");
    assert!(fake.text("CHANGELOG.md").starts_with("# Changelog\n\n## Unreleased\n\n## 0.3.0 - 2026-06-17\n"));
    assert!(
        fake.stdout.contains("Committed and tagged v0.3.0.") && fake.stdout.contains("git push origin HEAD v0.3.0")
    );
}

#[test]
fn the_changes_since_the_last_tag_decide_the_number() {
    let now = first().text("api.txt");
    let fewer = now.replace("pub struct A", "pub struct A\n\npub struct Gone");
    let of_a = |line: &str| line.starts_with("pub struct A") || line.starts_with("  auto ");
    let more = now.lines().filter(|line| !of_a(line)).collect::<Vec<_>>().join("\n");
    for (interface, changelog, number, why) in [
        (now.as_str(), "* A thing.", "0.3.1", "documentation (3 commits"),
        (&more, "* A thing.", "0.3.1", "additive (3 commits"),
        (&fewer, "* **Breaking:** gone.", "0.4.0", "breaking (3 commits"),
        (&now, "* **Breaking:** acts otherwise.", "0.4.0", "interface: no change"),
    ] {
        let mut fake = second(interface);
        fake.put("CHANGELOG.md", &format!("## Unreleased\n\n{changelog}\n"));
        fake.done("release --dry-run");
        assert!(fake.stdout.contains(&format!("# Release {number}\n")), "{interface}: {}", fake.stdout);
        assert!(fake.stdout.contains(why), "{}", fake.stdout);
        assert!(fake.text("/scratch/source/Cargo.toml").contains(&format!("version = \"{number}\"")));
        assert!(fake.text("/scratch/source/tests/emulator/Cargo.toml").contains(&format!("version = \"{number}\"")));
        assert_eq!(fake.text("/scratch/source/Cargo.lock").matches(number).count(), 2);
        assert_eq!(fake.files.contains_key(Path::new("/scratch/source/README.md")), number == "0.4.0");
    }
}

#[test]
fn breaking_changes_are_listed_and_must_be_in_the_changelog() {
    let mut fake = second(&first().text("api.txt").replace("pub struct A", "pub struct A\n\npub struct Gone"));
    fake.done("release --dry-run");
    assert!(fake.stdout.contains("## What breaks in the interfaces (1)\n\n- `- pub struct Gone`"), "{}", fake.stdout);
    assert!(fake.stdout.contains("CHANGELOG.md does not say `**Breaking:**`"), "{}", fake.stdout);
    assert!(fake.stdout.contains("`cargo semver-checks` is not installed"), "{}", fake.stdout);

    fake.programs.insert("cargo semver-checks --version".to_owned(), Vec::new());
    fake.ran.clear();
    fake.done("release --dry-run");
    assert_eq!(fake.ran.iter().filter(|line| line.ends_with("--baseline-rev v0.3.0")).count(), 2, "{:?}", fake.ran);
}

#[test]
fn nothing_is_released_when_anything_is_wrong() {
    type Break = fn(&mut Fake);
    let cases: [(&str, Break, &str); 11] = [
        (
            "uncommitted",
            |fake| drop(fake.programs.insert("git status --porcelain".into(), b" M a".to_vec())),
            "not committed",
        ),
        ("old spec", |fake| fake.put("spec/raw.rs", "old"), "spec/ is not up to date"),
        ("old api", |fake| fake.put("src/lib.rs", "pub struct B;\n"), "api.txt is not up to date"),
        (
            "shallow",
            |fake| drop(fake.programs.insert("git rev-parse --is-shallow-repository".into(), b"true\n".to_vec())),
            "shallow",
        ),
        (
            "tagged",
            |fake| drop(fake.programs.insert("git tag --list v0.3.0".into(), b"v0.3.0\n".to_vec())),
            "v0.3.0 already exists",
        ),
        ("no text", |fake| fake.put("CHANGELOG.md", "## Unreleased\n"), "nothing under Unreleased"),
        (
            "tests in the package",
            |fake| {
                let line = format!("cargo package --list --package singlestore-management {HOW}");
                fake.programs.get_mut(&line).unwrap().extend(b"tests/it/main.rs\n");
            },
            "singlestore-management has tests/it/main.rs",
        ),
        (
            "no license in the package",
            |fake| {
                let line = format!("cargo package --list --package singlestore-management-emulator {HOW}");
                fake.programs.insert(line, b"Cargo.toml\nREADME.md\nLICENSE-MIT\nspec/openapi.json\n".to_vec());
            },
            "singlestore-management-emulator has no LICENSE-APACHE",
        ),
        (
            "a link instead of the document",
            |fake| {
                fake.put(
                    "/scratch/packages/singlestore-management-emulator-0.3.0/spec/openapi.json",
                    "../../../spec/openapi.json",
                )
            },
            "spec/openapi.json of singlestore-management-emulator is not the document",
        ),
        (
            "a dead link",
            |fake| fake.put("/scratch/packages/singlestore-management-0.3.0/README.md", "[a](examples/a.rs)\n"),
            "links to examples/a.rs",
        ),
        (
            "the program does not build",
            |fake| {
                fake.failing.push("CARGO_TARGET_DIR=/scratch/target DOCS_RS=1 cargo run --quiet --offline --manifest-path /scratch/consumer/Cargo.toml".into())
            },
            "nothing was released",
        ),
    ];
    for (name, damage, said) in cases {
        let mut fake = first();
        damage(&mut fake);
        let before = repository(&fake);
        assert_eq!(fake.run("release"), Outcome::Failed, "{name}: {}", fake.stdout);
        assert!(fake.stderr.contains(said), "{name}: {}", fake.stderr);
        assert_eq!(repository(&fake), before, "{name}");
    }
}

#[test]
fn nothing_is_released_without_a_change() {
    let mut fake = second("");
    let count = fake.programs.iter_mut().find(|(line, _)| line.starts_with("git rev-list")).unwrap().1;
    *count = b"0\n".to_vec();
    assert_eq!(fake.run("release --dry-run"), Outcome::Failed);
    assert!(fake.stderr.contains("Nothing that reaches users has changed since v0.3.0"), "{}", fake.stderr);
}

#[test]
fn ci_tries_the_packages_and_the_oldest_versions_by_name() {
    let mut fake = first();
    fake.programs.insert("git clone --quiet --shared . /scratch/source".to_owned(), Vec::new());
    let before = repository(&fake);
    fake.ran.clear();
    fake.done("ci packages minimal");
    assert!(
        fake.ran
            .iter()
            .any(|line| line.ends_with("cargo run --quiet --offline --manifest-path /scratch/consumer/Cargo.toml"))
    );
    let resolve =
        "rustup run nightly cargo update -Z direct-minimal-versions --manifest-path /scratch/source/Cargo.toml";
    assert!(fake.ran.iter().any(|line| line == resolve), "{:?}", fake.ran);
    assert!(fake.ran.last().unwrap().starts_with("CARGO_TARGET_DIR=/scratch/target cargo check --lib --bins --locked"));
    assert_eq!(repository(&fake), before);

    fake.failing.push(resolve.to_owned());
    assert_eq!(fake.run("ci minimal"), Outcome::Failed);
    assert!(fake.stderr.contains("do not fit each other"), "{}", fake.stderr);
}
