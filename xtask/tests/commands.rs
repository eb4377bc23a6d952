//! The other commands, offline.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

mod support;

use std::path::Path;
use support::{Fake, fixture, golden, repository};
use xtask::Outcome;

const COMMANDS: [&str; 9] =
    ["update-spec", "spec-lint", "spec-diff", "changelog", "coverage", "api", "propose-update", "release", "ci"];

#[test]
fn every_command_has_help_with_its_exit_codes() {
    let mut fake = Fake::default();
    let overview = fake.done("--help").to_owned();
    for command in COMMANDS {
        assert!(overview.contains(&format!("  {command}")), "{overview}");
        let help = fake.done(&format!("{command} --help")).to_owned();
        assert!(help.starts_with(&format!("cargo xtask {command}")) && help.contains("Exit codes: 0"), "{help}");
        assert!(help.lines().all(|line| line.len() <= 120), "{help}");
        assert_eq!(fake.run(&format!("{command} --nonsense")), Outcome::Failed);
        assert!(
            fake.stderr.contains("`--nonsense` is not an option of it. Call it as: cargo xtask"),
            "{}",
            fake.stderr
        );
    }
    for line in ["", "nonsense"] {
        assert_eq!(fake.run(line), Outcome::Failed);
        assert!(fake.stderr.contains("  update-spec"), "{}", fake.stderr);
    }
}

#[test]
fn exit_codes_are_0_1_and_2() {
    assert_eq!([Outcome::Same, Outcome::Failed, Outcome::WouldChange].map(Outcome::code), [0, 1, 2]);
}

/// A repository with a document, a facade of three methods, tests and an example.
fn crate_with_facade() -> Fake {
    let mut fake = Fake::with_spec(&fixture("fixtures/published.yaml"), &fixture("fixtures/overlay.yaml"));
    fake.done("update-spec --from spec/published.yaml");
    fake.put(
        "src/resources/things.rs",
        "handle! { /// Things.\n Things, things, \"Things.\" }\nimpl Things {\n    /// Not [`DeleteThing`].\n    pub fn list(&self) -> ListThings<Client> { ListThings::new() }\n    pub fn create(&self, thing: ThingCreate) -> CreateThing<Client> { CreateThing::new(thing) }\n    fn private(&self) -> DeleteThing<Client> { todo() }\n}\nimpl Client {\n    /// The widgets.\n    pub fn widgets(&self) -> Widgets { Widgets }\n}\n",
    );
    fake.put(
        "src/resources/widgets.rs",
        "pub struct Widgets;\nimpl Widgets { pub async fn all(&self) { ListWidgets::new().await } }\n",
    );
    fake.put("tests/things.rs", "#[test]\nfn lists() { client\n    .things()\n    .list()\n; }\n// CreateThing\n");
    fake.put("tests/emulator/src/lib.rs", "const A: CreateThing = 1;\n");
    fake.put("examples/quickstart.rs", "fn main() { client.things().create(x); }\n");
    fake.put("src/all.rs", "#[test]\nfn all() { for operation in OPERATIONS {} }\n");
    fake.put("xtask/coverage-exceptions.yaml", "- {operation: delete_thing, reason: Nobody needs it.}\n");
    fake
}

/// The remaining places where a family must be.
fn with_all_places() -> Fake {
    let mut fake = crate_with_facade();
    fake.put("src/resources.rs", "mod things;\npub use things::Things;\n");
    fake.put("src/lib.rs", "pub use resources::Things;\n");
    fake.put("tests/it/facade.rs", "client.things().list(); client.things().create(x); client.widgets().all();\n");
    fake.put("tests/emulator/src/families/things.rs", "\"list_things\" => list,\n");
    fake.put("tests/emulator/tests/things.rs", "good(\"GET\", \"/v1/things\")\n");
    fake.put("CHANGELOG.md", "* `things` and `widgets`.\n");
    fake.put(
        "api.txt",
        "pub Things, made by handle! { Things, things, \"Things.\" }\n\npub struct Widgets (private fields)\n",
    );
    fake
}

#[test]
fn coverage_is_a_table_read_from_the_source() {
    let mut fake = with_all_places();
    fake.done("coverage");
    golden("coverage.md", &fake.stdout);
    fake.done("coverage --json");
    let report: serde_json::Value = serde_json::from_str(&fake.stdout).unwrap();
    assert_eq!(report["operations"][2]["facade"][0], "things().list");
    assert_eq!(report["testsOfAll"][0], "src/all.rs");
}

#[test]
fn coverage_fails_without_facade_and_for_needless_or_groundless_exceptions() {
    let mut fake = with_all_places();
    for (exceptions, said) in [
        ("[]", "`delete_thing` (Things) has no facade method: write one in src/resources/, or list it"),
        (
            "- {family: Widgets, reason: x}\n- {operation: delete_thing, reason: x}\n",
            "The exception for the family `Widgets` is not needed",
        ),
        (
            "- {operation: gone, reason: x}\n- {operation: delete_thing, reason: x}\n",
            "The exception for the operation `gone` is not needed",
        ),
        ("- {operation: delete_thing}\n", "exception 1 has no reason"),
        ("- {reason: x}\n", "exception 1 needs either `family` or `operation`"),
        ("a: b\n", "must be a list"),
    ] {
        fake.put("xtask/coverage-exceptions.yaml", exceptions);
        assert_eq!(fake.run("coverage"), Outcome::Failed, "{exceptions}");
        assert!(fake.stderr.contains(said), "{exceptions}: {}", fake.stderr);
    }
    fake.put("xtask/coverage-exceptions.yaml", "- {operation: delete_thing, reason: x}\n");
    fake.done("coverage");
    fake.put("src/lib.rs", "");
    assert_eq!(fake.run("coverage"), Outcome::Failed);
    let said = "Things: src/resources.rs, src/lib.rs: src/lib.rs does not re-export `Things`.";
    assert!(fake.stderr.contains(said), "{}", fake.stderr);
    fake.put("src/lib.rs", "pub use resources::Things;\n");
    fake.put("README.md", "All 3 known operations.\n");
    assert_eq!(fake.run("coverage"), Outcome::Failed);
    assert!(fake.stderr.contains("README.md must say \"4 known operations\""), "{}", fake.stderr);
    fake.put("README.md", "All 4 known operations.\n");
    // The emulator has samples for what has no handler, and then there is nothing to test.
    fake.put("tests/emulator/tests/things.rs", "");
    assert_eq!(fake.run("coverage"), Outcome::Failed);
    assert!(fake.stderr.contains("Things: tests/emulator/tests/: no test sends"), "{}", fake.stderr);
    fake.put("tests/emulator/src/families/things.rs", "");
    fake.done("coverage");
    // Excusing a family excuses all of its operations.
    fake.put("xtask/coverage-exceptions.yaml", "- {family: Things, reason: Later.}\n");
    fake.done("coverage");
}

#[test]
fn coverage_names_the_places_of_a_family_that_are_still_missing() {
    let mut fake = crate_with_facade();
    let document = fake.text("spec/openapi.json");
    let paged = document.replace("\"operationId\": \"list_", "\"x-pagination\": {},\n\"operationId\": \"list_");
    assert_ne!(paged, document);
    fake.put("spec/openapi.json", &paged);
    let missing = |fake: &mut Fake| {
        let outcome = fake.run("coverage --family Things");
        let lines = fake.stdout.lines().filter(|line| line.contains("MISSING"));
        let missing: Vec<u32> = lines.map(|line| line[..1].parse().unwrap()).collect();
        assert_eq!(outcome, if missing.is_empty() { Outcome::Same } else { Outcome::Failed }, "{}", fake.stdout);
        missing
    };
    // Only what the generator needs, and the handle, exist.
    assert_eq!(missing(&mut fake), [4, 5, 6, 7, 8, 9], "{}", fake.stdout);
    golden("places.txt", &fake.stdout);
    let raw = fake.text("spec/raw.rs");
    fake.put("spec/raw.rs", "");
    assert_eq!(missing(&mut fake), [2, 4, 5, 6, 7, 8, 9]);
    fake.put("spec/raw.rs", &raw);
    for (path, text, left) in [
        ("src/resources.rs", "mod things;\npub use things::Things;\n", &[4, 5, 6, 7, 8, 9][..]),
        ("src/lib.rs", "pub use resources::Things;\n", &[5, 6, 7, 8, 9]),
        ("tests/it/facade.rs", "client\n .things()\n .list();\n// client.things().create(x)\n", &[5, 6, 7, 8, 9]),
        ("tests/it/facade.rs", "client.things().list(); client.things().create(x);\n", &[6, 7, 8, 9]),
        ("tests/emulator/src/families/things.rs", "// \"nothing\"\n", &[6, 7, 8, 9]),
        ("tests/emulator/src/families/things.rs", "\"list_things\" => list,\n", &[7, 8, 9]),
        ("tests/emulator/tests/things.rs", "good(\"GET\", \"/v1/things\")\n", &[8, 9]),
        ("CHANGELOG.md", "* Other things, `Things` and `/v1/things`.\n", &[8, 9]),
        ("CHANGELOG.md", "* `client.things()`, and nothings.\n", &[9]),
        ("CHANGELOG.md", "* `things`, and nothings.\n", &[9]),
        ("api.txt", "pub Things, made by handle! { Things, things, \"Things.\" }\n", &[]),
    ] {
        fake.put(path, text);
        assert_eq!(missing(&mut fake), left, "{path}: {}", fake.stdout);
    }
    fake.put("spec/openapi.json", &document);
    assert_eq!(missing(&mut fake), [1], "{}", fake.stdout);
    assert_eq!(fake.run("coverage --family Thinks"), Outcome::Failed);
    assert!(fake.stderr.contains("The tags are: Things, Widgets."), "{}", fake.stderr);
}

#[test]
fn the_public_interface_follows_modules_and_reexports() {
    let mut fake = crate_with_facade();
    fake.put("src/lib.rs", &fixture("fixtures/api/lib.rs"));
    fake.put("src/raw.rs", "include!(concat!(env!(\"OUT_DIR\"), \"/raw.rs\"));\n");
    fake.put("src/inner.rs", &fixture("fixtures/api/inner.rs"));
    fake.put("src/inner/deep.rs", "pub fn hidden_but_shown_elsewhere(text: &str) -> Option<&str> { None }\n");
    assert_eq!(fake.run("api --check"), Outcome::WouldChange);
    assert!(!fake.files.contains_key(std::path::Path::new("api.txt")));
    fake.done("api");
    golden("api.txt", &fake.text("api.txt"));
    fake.done("api --check");
    let shorter = fake.text("src/inner.rs").replace("pub fn open(", "fn open(");
    fake.put("src/inner.rs", &shorter);
    assert_eq!(fake.run("api --check"), Outcome::WouldChange);
    assert!(
        fake.stdout.starts_with("- pub struct Door<T> (private fields): pub fn open(&self) -> bool\n"),
        "{}",
        fake.stdout
    );
    let door = format!("{}/struct.Door.html", support::DOC);
    fake.put(&door, &support::PAGE.replacen("impl <a>Sync</a>", "impl !<a>Sync</a>", 1));
    assert_eq!(fake.run("api --check"), Outcome::WouldChange);
    let lost = "- pub struct Door<T> (private fields): auto Send, Sync\n";
    let now = "+ pub struct Door<T> (private fields): auto Send, !Sync\n";
    assert!(fake.stdout.contains(lost) && fake.stdout.contains(now), "{}", fake.stdout);
    fake.put(&door, "<p>another form</p>");
    assert_eq!(fake.run("api"), Outcome::Failed);
    assert!(fake.stderr.contains("The page of Door does not say"), "{}", fake.stderr);
    let doc = "RUSTDOCFLAGS=-D warnings cargo doc --workspace --no-deps --locked --features \
               blocking,glob,http2,sha256,socks,test-util";
    assert!(fake.ran.iter().any(|line| line == doc), "{:?}", fake.ran);
    fake.failing.push(doc.to_owned());
    assert_eq!(fake.run("api"), Outcome::Failed);
    assert!(fake.stderr.contains("which says what is Send"), "{}", fake.stderr);
    fake.put("src/inner.rs", "pub struct {");
    assert_eq!(fake.run("api"), Outcome::Failed);
    assert!(fake.stderr.starts_with("src/inner.rs is not Rust"), "{}", fake.stderr);
}

#[test]
fn the_interface_is_read_after_a_killed_run_is_undone() {
    let mut fake = crate_with_facade();
    fake.put("src/lib.rs", "pub struct A;\n");
    fake.done("api");
    assert!(!fake.stderr.contains("undone"), "{}", fake.stderr);
    fake.unfinished = Some(fake.files.clone());
    fake.put("src/lib.rs", "pub struct Half;\n");
    fake.done("api");
    assert!(fake.stderr.contains("did not finish; its changes are undone"), "{}", fake.stderr);
    assert!(!fake.text("api.txt").contains("Half") && fake.stdout == "api.txt is up to date.\n", "{}", fake.stdout);
    fake.unfinished = Some(fake.files.clone());
    assert_eq!(fake.run("api --check"), Outcome::Failed);
    assert!(fake.unfinished.is_some());
}

#[test]
fn ci_runs_all_steps_and_continues_after_a_failure() {
    let mut fake = with_all_places();
    fake.ran.clear();
    fake.done("ci fmt clippy test doc quickstart spec coverage");
    assert_eq!(
        fake.ran,
        [
            "cargo fmt --all -- --check",
            "cargo clippy --workspace --all-targets --locked -- -D warnings",
            "cargo test --workspace --locked",
            "RUSTDOCFLAGS=-D warnings cargo doc --workspace --no-deps --locked --features blocking,glob,http2,sha256,socks,test-util",
            "SINGLESTOREDB_MANAGEMENT_TOKEN= SINGLESTOREDB_API_KEY= SINGLESTORE_API_KEY= cargo run --locked --example quickstart",
        ]
    );
    fake.ran.clear();
    fake.failing.push("cargo fmt --all -- --check".to_owned());
    fake.put("spec/openapi.json", "{}");
    assert_eq!(fake.run("ci fmt spec test"), Outcome::Failed);
    assert_eq!(fake.ran.len(), 2);
    assert!(
        fake.stderr.ends_with("== failed: fmt, spec (run it without --check and commit the result).\n"),
        "{}",
        fake.stderr
    );
    assert_eq!(fake.run("ci tset"), Outcome::Failed);
    assert!(fake.stderr.contains("There is no step `tset`"), "{}", fake.stderr);
    let steps = "fmt clippy test spec api coverage doc quickstart examples features pregenerated unification compiles tls targets packages minimal\n";
    assert_eq!(fake.done("ci --list"), steps);
}

#[test]
fn ci_tries_the_features_that_another_crate_may_turn_on() {
    let mut fake = Fake::with_spec("", "");
    fake.done("ci unification");
    let features = "rustls-ring,serde_json/arbitrary_precision,serde_json/float_roundtrip,serde_json/preserve_order";
    let command = "cargo test --lib --package singlestore-management --no-default-features --features";
    assert_eq!(fake.ran, [format!("{command} {features} --locked")]);
}

#[test]
fn a_build_dependency_without_the_generator_fails_the_step() {
    let mut fake = Fake::with_spec("", "");
    let tree = "cargo tree --edges build --prefix none --package singlestore-management --no-default-features \
                --features rustls-ring --locked";
    fake.programs.insert(tree.to_owned(), b"singlestore-management v0.1.0\n".to_vec());
    fake.done("ci pregenerated");
    assert!(fake.ran.last().unwrap().contains("--example quickstart --package"), "{:?}", fake.ran);
    fake.programs.insert(tree.to_owned(), b"singlestore-management v0.1.0\nsyn v3.0.0\n".to_vec());
    assert_eq!(fake.run("ci pregenerated"), Outcome::Failed);
    assert!(fake.stderr.contains("syn v3.0.0"), "{}", fake.stderr);
}

#[test]
fn the_workflows_only_call_tools_of_a_pinned_version() {
    // What sets up the machine, and checks that are separate tools.
    let allowed = [
        "cargo xtask ",
        "rustup t",
        "cargo install cargo-",
        "cargo +nightly ",
        "cargo deny check",
        "cargo update",
        "sudo sysctl -w ",
    ];
    for name in ["ci.yml", "update-spec.yml", "weekly.yml"] {
        let workflow = repository(&format!(".github/workflows/{name}"));
        let lines = || workflow.lines().map(str::trim_start);
        for step in lines().filter_map(|line| line.strip_prefix("- run: ")) {
            // A script of the repository, which can also be run by hand.
            let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(step);
            let known = allowed.iter().any(|start| step.starts_with(start));
            assert!(known || (step.ends_with(".sh") && script.is_file()), "{name}: {step}");
            assert!(!step.contains(" install cargo-") || step.contains("--version"), "{name}: {step}");
        }
        for action in lines().filter_map(|line| line.strip_prefix("- uses: ")) {
            let hash = action.split_once('@').and_then(|(_, rest)| rest.split(' ').next()).unwrap_or_default();
            assert!(hash.len() == 40 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()), "{name}: {action}");
        }
        assert!(!workflow.contains("run: |"), "{name} has a script");
    }
}

#[test]
fn spec_diff_reads_files_and_revisions() {
    let mut fake = Fake::with_spec("", "");
    let old = fixture("fixtures/published.yaml");
    fake.put("old.yaml", &old);
    fake.put(
        "new.yaml",
        &old.replace("[ACTIVE, PENDING]", "[ACTIVE, PENDING, GONE]")
            .replace("required: [name]", "required: [name, adminPassword]"),
    );
    fake.done("spec-diff old.yaml new.yaml");
    golden("diff.md", &fake.stdout);
    fake.done("spec-diff old.yaml new.yaml --format json");
    golden("diff.json", &fake.stdout);
    fake.done("spec-diff old.yaml old.yaml");
    assert_eq!(fake.stdout, "The documents mean the same.\n");
    assert_eq!(fake.run("spec-diff old.yaml new.yaml --format=xml"), Outcome::Failed);
    assert!(fake.stderr.contains("it is md or json"), "{}", fake.stderr);
    fake.programs.insert("git show v0.3.0:spec/openapi.json".to_owned(), old.clone().into_bytes());
    fake.done("spec-diff v0.3.0:spec/openapi.json new.yaml");
    assert_eq!(fake.run("spec-diff v9:spec/openapi.json new.yaml"), Outcome::Failed);
    assert!(fake.stderr.contains("bad revision"), "{}", fake.stderr);
}

#[test]
fn changelog_drafts_from_the_last_commit() {
    let mut fake = Fake::with_spec("", "");
    let old = fixture("fixtures/published.yaml");
    fake.programs.insert("git show HEAD:spec/openapi.json".to_owned(), old.clone().into_bytes());
    fake.put(
        "spec/openapi.json",
        &old.replace("[ACTIVE, PENDING]", "[ACTIVE]")
            .replace("        createdAt:\n", "        color: {type: string}\n        createdAt:\n"),
    );
    fake.done("changelog");
    golden("changelog.md", &fake.stdout);
    fake.put("spec/openapi.json", &old);
    assert_eq!(fake.done("changelog"), "");
}

#[test]
fn items_made_by_a_macro_are_shown_once() {
    const LIBRARY: &str = "
        macro_rules! door {
            ($(#[$meta:meta])* $name:ident, $output:ty) => {
                $(#[$meta])*
                pub struct $name { inside: u8 }
                impl $name {
                    pub fn open(self) -> $output { todo!() }
                    pub fn close(self) {}
                    fn hidden(self) {}
                }
            };
        }
        macro_rules! unused { () => { pub struct Nothing; } }
        door!(Front, u8);
        door!(Back, u16);
    ";
    let mut fake = Fake::default();
    fake.put("spec/openapi.json", &support::repository("spec/openapi.json"));
    fake.put("src/lib.rs", LIBRARY);
    fake.done("api");
    let before = fake.text("api.txt");
    let made = before.split_once("\nmacro door! ").map(|(_, made)| made.to_owned()).unwrap();
    assert_eq!(made.matches("$name: pub fn open(self) -> $output").count(), 1, "{made}");
    assert!(made.contains("pub struct $name (private fields)") && !made.contains("hidden"), "{made}");
    assert!(!made.contains("Nothing"), "{made}");
    fake.put("src/lib.rs", &LIBRARY.replace("pub fn close(self) {}", ""));
    assert_eq!(fake.run("api --check"), Outcome::WouldChange);
}

/// The macros of this crate generate most of what users call, so a removed method must show.
#[test]
fn removing_a_method_from_our_own_macro_changes_the_interface() {
    let mut fake = crate_with_facade();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let real = xtask::host::Host::at(root);
    for path in xtask::io::Io::files_below(&real, "src".as_ref()) {
        fake.put(path.to_str().unwrap(), &repository(path.to_str().unwrap()));
    }
    fake.done("api");
    fake.done("api --check");
    let whole = fake.text("src/request.rs");
    for method in ["with_attempt_timeout", "with_deadline", "send", "call"] {
        let (before, rest) = whole.split_once(&format!("pub fn {method}(")).unwrap();
        fake.put("src/request.rs", &format!("{before}fn {method}({rest}"));
        assert_eq!(fake.run("api --check"), Outcome::WouldChange, "{method}");
        assert!(fake.stdout.starts_with("- macro awaitable! "), "{method}: {}", fake.stdout);
        assert!(fake.stdout.contains(&format!("pub fn {method}(")), "{method}: {}", fake.stdout);
    }
}
