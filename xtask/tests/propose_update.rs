//! The days of a proposal, against a bare repository: real git, and an in-memory host of pull requests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use support::fixture;
use xtask::Outcome;
use xtask::host::Host;
use xtask::io::Io;

/// A clone with its bare origin, the vendor's current document, and the pull requests.
struct Days {
    folder: PathBuf,
    host: Host,
    published: String,
    today: &'static str,
    /// What `gh pr list` prints.
    pulls: String,
    /// What `gh` was asked to do.
    gh: Vec<Vec<String>>,
    out: String,
    err: String,
}

impl Drop for Days {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let identity = ["-c", "user.name=Jo", "-c", "user.email=jo@example.com", "-c", "commit.gpgsign=false"];
    let output = Command::new("git").args(identity).args(arguments).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

impl Days {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("xtask-propose-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        let root = folder.join("clone");
        std::fs::create_dir_all(root.join("src")).unwrap();
        std::fs::create_dir_all(root.join("spec")).unwrap();
        git(&folder, &["init", "--quiet", "--bare", "--initial-branch=main", "origin.git"]);
        git(&root, &["init", "--quiet", "--initial-branch=main"]);
        git(&root, &["remote", "add", "origin", "../origin.git"]);
        let write = |path: &str, text: &str| std::fs::write(root.join(path), text).unwrap();
        write("Cargo.toml", "[package]\nname = \"demo\"\nversion = \"0.3.0\"\n");
        write("src/lib.rs", "");
        write("spec/published.yaml", &fixture("fixtures/published.yaml"));
        write("spec/overlay.yaml", &fixture("fixtures/overlay.yaml"));
        let mut days = Self {
            host: Host::at(root),
            folder,
            published: fixture("fixtures/published.yaml"),
            today: "2026-06-17",
            pulls: "[]".to_owned(),
            gh: Vec::new(),
            out: String::new(),
            err: String::new(),
        };
        assert_eq!(days.run("update-spec --from spec/published.yaml"), Outcome::Same, "{}", days.err);
        assert_eq!(days.run("api"), Outcome::Same, "{}", days.err);
        git(&days.root(), &["add", "--all"]);
        git(&days.root(), &["commit", "--quiet", "--message", "first"]);
        git(&days.root(), &["push", "--quiet", "origin", "main"]);
        days
    }

    fn root(&self) -> PathBuf {
        self.folder.join("clone")
    }

    fn run(&mut self, line: &str) -> Outcome {
        self.out.clear();
        self.err.clear();
        let arguments: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        xtask::run(&arguments, self)
    }

    /// A day of the workflow, starting on a fresh main.
    fn day(&mut self, today: &'static str) -> Outcome {
        git(&self.root(), &["switch", "--quiet", "--discard-changes", "main"]);
        self.today = today;
        self.gh.clear();
        let outcome = self.run("propose-update");
        println!("{today}: {outcome:?}\n{}{}\n{:?}\n{}", self.out, self.err, self.gh, self.log());
        outcome
    }

    /// The vendor publishes a new document.
    fn publish(&mut self, edits: &[(&str, &str)]) {
        for (from, to) in edits {
            assert!(self.published.contains(from), "{from}");
            self.published = self.published.replacen(from, to, 1);
        }
    }

    /// Commits of the branch on origin that are not on main, newest first.
    fn log(&self) -> String {
        let branches = git(&self.folder.join("origin.git"), &["branch", "--list", "update-spec"]);
        if branches.is_empty() {
            return String::new();
        }
        git(&self.folder.join("origin.git"), &["log", "--format=%an: %s", "main..update-spec"])
    }

    fn head(&self) -> String {
        git(&self.folder.join("origin.git"), &["rev-parse", "update-spec"])
    }

    /// A maintainer changes the overlay on the branch, as the report asks.
    fn maintainer_commits(&self) {
        let other = self.folder.join("maintainer");
        git(&self.folder, &["clone", "--quiet", "--branch", "update-spec", "origin.git", "maintainer"]);
        std::fs::write(other.join("NOTES.md"), "why\n").unwrap();
        git(&other, &["add", "--all"]);
        git(&other, &["commit", "--quiet", "--message", "name the new operation"]);
        git(&other, &["push", "--quiet", "origin", "update-spec"]);
    }

    fn asked(&self, verb: &str) -> Option<&Vec<String>> {
        self.gh.iter().find(|call| call.get(1).is_some_and(|word| word == verb))
    }
}

impl Io for Days {
    fn read(&self, path: &Path) -> std::io::Result<Vec<u8>> {
        self.host.read(path)
    }

    fn files_below(&self, directory: &Path) -> Vec<PathBuf> {
        self.host.files_below(directory)
    }

    fn write_all(&mut self, files: &[(PathBuf, Vec<u8>)]) -> std::io::Result<()> {
        self.host.write_all(files)
    }

    fn begin(&mut self, to_write: bool) -> Result<bool, String> {
        self.host.begin(to_write)
    }

    fn end(&mut self) {
        self.host.end();
    }

    fn fetch(&mut self, _: &str) -> Result<Vec<u8>, String> {
        Ok(self.published.clone().into_bytes())
    }

    fn run(&mut self, program: &str, arguments: &[&str], environment: &[(&str, &str)]) -> std::io::Result<bool> {
        // The crate of these tests has nothing to document.
        if program == "cargo" { Ok(true) } else { self.host.run(program, arguments, environment) }
    }

    fn capture(&mut self, program: &str, arguments: &[&str]) -> Result<Vec<u8>, String> {
        if program == "cargo" {
            return Ok(b"{\"target_directory\": \"/nowhere\"}".to_vec());
        }
        if program != "gh" {
            return self.host.capture(program, arguments);
        }
        if arguments[..2] == ["pr", "list"] {
            return Ok(self.pulls.clone().into_bytes());
        }
        self.gh.push(arguments.iter().map(ToString::to_string).collect());
        Ok(Vec::new())
    }

    fn compile(&mut self, _: &[(String, String)]) -> Result<String, String> {
        Ok(String::new())
    }

    fn compile_all(&mut self, _: &[(PathBuf, Vec<u8>)]) -> Result<String, String> {
        Ok(String::new())
    }

    fn scratch(&mut self) -> std::io::Result<PathBuf> {
        self.host.scratch()
    }

    fn make_directory(&mut self, path: &Path) -> std::io::Result<()> {
        self.host.make_directory(path)
    }

    fn today(&self) -> String {
        self.today.to_owned()
    }

    fn out(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn err(&mut self, text: &str) {
        self.err.push_str(text);
    }
}

const OPEN: &str = r#"[{"number":9,"isCrossRepository":false}]"#;

#[test]
fn a_proposal_is_updated_over_days_and_loses_no_commit() {
    let mut days = Days::new("days");
    assert_eq!(days.day("2026-06-17"), Outcome::Same);
    assert_eq!(days.out, "Nothing new upstream.\n");
    assert!(days.gh.is_empty() && days.log().is_empty());

    // A new document: one commit, one pull request.
    days.publish(&[("1.0.1", "1.0.2"), ("Lists the things", "Lists all things, thanks @octo, fixes #12")]);
    assert_eq!(days.day("2026-06-18"), Outcome::Same);
    let title = "spec: take version 1.0.2 of the vendor (documentation)";
    assert_eq!(days.log(), format!("update-spec: {title}\n"));
    let create = days.asked("create").unwrap().clone();
    assert!(create.contains(&title.to_owned()), "{create:?}");
    assert!(create.iter().all(|word| !word.contains("@octo") && !word.contains("#12")), "{create:?}");

    // The same document on the next day: the date alone makes no difference.
    days.pulls = OPEN.to_owned();
    let before = days.head();
    assert_eq!(days.day("2026-06-19"), Outcome::Same);
    assert_eq!(days.out.lines().last(), Some("The proposal is up to date."));
    assert!(days.gh.is_empty());
    assert_eq!(days.head(), before);

    // A maintainer commits to the branch; the same document again changes nothing.
    days.maintainer_commits();
    let before = days.head();
    assert_eq!(days.day("2026-06-20"), Outcome::Same);
    assert_eq!(days.head(), before);
    assert_eq!(days.out, "Nothing new upstream.\n");

    // The next document comes on top of the maintainer's commit.
    days.publish(&[("1.0.2", "1.0.3"), ("Lists all things", "Lists every thing")]);
    assert_eq!(days.day("2026-06-21"), Outcome::Same);
    let next = "spec: take version 1.0.3 of the vendor (documentation)";
    assert_eq!(days.log(), format!("update-spec: {next}\nJo: name the new operation\nupdate-spec: {title}\n"));
    assert_eq!(days.asked("edit").unwrap()[2], "9");
}

#[test]
fn a_pull_request_lists_everything_that_it_brings_to_main() {
    let mut days = Days::new("whole");
    let operation = "paths:\n  /v1/new:\n    get: {summary: Gets the new, responses: {'200': {description: OK}}}\n";
    days.publish(&[("1.0.1", "1.0.2"), ("paths:\n", operation)]);
    days.day("2026-06-18");
    assert!(days.log().ends_with("1.0.2 of the vendor (additive)\n"), "{}", days.log());
    days.pulls = OPEN.to_owned();
    days.maintainer_commits();
    days.publish(&[("1.0.2", "1.0.3"), ("Lists the things", "Lists every thing")]);
    assert_eq!(days.day("2026-06-19"), Outcome::Same);
    let edit = days.asked("edit").unwrap().join("\n");
    assert!(edit.contains("take version 1.0.3 of the vendor (additive)"), "{edit}");
    for part in ["1.0.1 -> 1.0.3", "GET /v1/new** is new", "another `description`", "0.3.0 -> 0.3.1"] {
        assert!(edit.contains(part), "{part}: {edit}");
    }
}

#[test]
fn without_commits_of_others_the_proposal_is_recreated() {
    let mut days = Days::new("anew");
    days.publish(&[("1.0.1", "1.0.2"), ("Lists the things", "Lists all things")]);
    days.day("2026-06-18");
    days.pulls = OPEN.to_owned();
    days.publish(&[("1.0.2", "1.0.3"), ("Lists all things", "Lists every thing")]);
    assert_eq!(days.day("2026-06-19"), Outcome::Same);
    assert_eq!(days.log(), "update-spec: spec: take version 1.0.3 of the vendor (documentation)\n");
}

#[test]
fn a_pull_request_from_a_fork_is_left_alone() {
    let mut days = Days::new("fork");
    days.pulls = r#"[{"number":3,"isCrossRepository":true}]"#.to_owned();
    days.publish(&[("1.0.1", "1.0.2"), ("Lists the things", "Lists all things")]);
    assert_eq!(days.day("2026-06-18"), Outcome::Same);
    assert!(days.asked("create").is_some() && days.asked("edit").is_none(), "{:?}", days.gh);
}

#[test]
fn commits_of_others_without_a_pull_request_stop_it() {
    let mut days = Days::new("orphan");
    days.publish(&[("1.0.1", "1.0.2"), ("Lists the things", "Lists all things")]);
    days.day("2026-06-18");
    days.maintainer_commits();
    let before = days.head();
    assert_eq!(days.day("2026-06-19"), Outcome::Failed);
    assert!(days.err.contains("name the new operation") && days.err.contains("--delete update-spec"), "{}", days.err);
    assert_eq!(days.head(), before);
}

#[test]
fn rules_that_do_not_apply_are_reported_in_the_run_and_in_the_open_pull_request() {
    let mut days = Days::new("stale");
    days.publish(&[("1.0.1", "1.0.2"), ("adminPassword", "password")]);
    assert_eq!(days.day("2026-06-18"), Outcome::Failed);
    assert!(days.err.contains("Rules of the overlay that do not fit (1)"), "{}", days.err);
    assert!(days.gh.is_empty() && days.log().is_empty(), "there is no pull request to tell");
    days.pulls = OPEN.to_owned();
    assert_eq!(days.day("2026-06-19"), Outcome::Failed);
    let comment = days.asked("comment").unwrap();
    assert!(comment[2] == "9" && comment[4].contains("do not fit (1)"), "{comment:?}");
}

#[test]
fn a_dirty_tree_is_not_touched() {
    let mut days = Days::new("dirty");
    std::fs::write(days.root().join("src/lib.rs"), "// mine\n").unwrap();
    assert_eq!(days.run("propose-update"), Outcome::Failed);
    assert!(days.err.contains("commit or stash them first"), "{}", days.err);
}
