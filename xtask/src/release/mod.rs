//! `cargo xtask release`: from a green main to a tag, with tested packages.

mod changelog;
mod commit;
mod interface;
mod manifests;
mod packages;
mod trial;
mod version;

use crate::args::Syntax;
use crate::diff::{Severity, diff};
use crate::document::read_openapi;
use crate::io::{Io, read, read_text};
use crate::update_spec::lock;
use crate::{Outcome, api, manifest, report, update_spec};
use changelog::Entry;
use commit::commit;
use interface::Difference;
use std::path::{Path, PathBuf};
use trial::{ORDER, Trial, list, text};
use version::Tag;

const SYNTAX: Syntax = Syntax { usage: "release [--dry-run]", flags: &["--dry-run"], values: &[], names: (0, 0) };

pub const HELP: &str = "\
release [--dry-run]

Makes a version of both crates, which always have the same number:

  1. spec/ and api.txt are up to date, and nothing is uncommitted.
  2. The number: determined by the changes since the last tag `vX.Y.Z` in the documents (spec-diff), in the public
     interface of both crates (api), and by what CHANGELOG.md marks as **Breaking**. A higher number in Cargo.toml is
     kept, as is that of the first release.
  3. CHANGELOG.md: what is under Unreleased becomes the version, with its date and the vendor's document. If it is
     empty, the draft of the document's changes is used.
  4. In a copy of the repository: `cargo package` of both crates. Each package has its licenses and no tests, and the
     links in its README work.
  5. Each unpacked package passes `cargo check --all-targets`, and a program with nothing but the packages builds
     and runs: offline, with read-only sources and DOCS_RS=1.
  6. `cargo semver-checks` against the last tag, if it is installed.
  7. The commit and the tag. Pushing and publishing are left to you; the commands are printed.

  --dry-run   do all but 7, and change nothing in the repository

Exit codes: 0 released or could be, 1 failed. Before 7 a failure changes nothing. If 7 fails halfway (a hook, a
signature), the message says what was done, and which commands finish and undo it.
";

const CLIENT: &str = "singlestore-management";
const EMULATOR: &str = "singlestore-management-emulator";
const MANIFESTS: [&str; 2] = ["Cargo.toml", "tests/emulator/Cargo.toml"];
const CHANGELOG: &str = "CHANGELOG.md";
const DOCUMENT: &str = "spec/openapi.json";
const EMULATOR_ROOT: &str = "tests/emulator/src/lib.rs";
/// What reaches users; a change elsewhere is no reason for a release.
const SHIPPED: [&str; 7] =
    ["src", "build", "build.rs", "spec", "Cargo.toml", "tests/emulator/src", "tests/emulator/Cargo.toml"];

type Files = Vec<(PathBuf, Vec<u8>)>;

pub fn run(arguments: &[String], io: &mut dyn Io) -> Result<Outcome, String> {
    let dry = SYNTAX.parse(arguments)?.has("--dry-run");
    let mut reminders = Vec::new();
    if !io.capture("git", &["status", "--porcelain"])?.is_empty() {
        if !dry {
            return Err("There are changes that are not committed; commit or stash them first.".to_owned());
        }
        reminders.push(
            "changes that are not committed are in the text, but not in the packages; commit them first".to_owned(),
        );
    }
    up_to_date(io)?;
    let last = version::last_tag(io)?;
    let scratch = io.scratch().map_err(|error| format!("There is no room for a copy: {error}."))?;
    clone(io, "HEAD", &scratch.join("source"))?;
    let changes = match &last {
        None => Changes::default(),
        Some(tag) => Changes::since(tag, &scratch.join("before"), io)?,
    };
    let file = read_text(io, CHANGELOG)?;
    let severity = changes.severity(&file)?;
    let number = version::decide(&manifest::version(io)?, last.as_ref(), severity)?;
    let tag = format!("v{number}");
    if !io.capture("git", &["tag", "--list", &tag])?.is_empty() {
        return Err(format!("The tag {tag} already exists; raise `version` in Cargo.toml."));
    }
    let lock = read_text(io, lock::PATH)?;
    let document = lock::Lock::parse(&lock).ok_or("spec/LOCK is unreadable; run `cargo xtask update-spec`.")?.version;
    let entry = changelog::cut(&file, &number, &io.today(), &document, &changes.draft)?;
    if severity == Some(Severity::Breaking) && !changelog::says_breaking(&entry.text) {
        reminders
            .push("something breaks, and CHANGELOG.md does not say `**Breaking:**` with a before and after".to_owned());
    }
    let files = changed_files(&entry, &number, io)?;
    let copies = files.iter().map(|(path, content)| (scratch.join("source").join(path), content.clone()));
    let copies: Files = copies.collect();
    io.write_all(&copies).map_err(|error| format!("The copy was not written: {error}."))?;

    let mut trial = Trial { io, scratch: scratch.clone(), version: &number };
    trial.make(&scratch.join("packages"))?;
    let (mut done, more) = trial.packages()?;
    reminders.extend(more);
    done.extend(trial.use_them()?);
    done.push(semver(&mut trial, last.as_ref())?);

    let report = Report { number: &number, last: last.as_ref(), severity, changes: &changes, entry: &entry };
    io.out(&report.text(&files, &done, &reminders));
    if dry {
        io.out(&format!("A dry run: nothing was changed. {}", next_steps("  cargo xtask release\n", &tag)));
        return Ok(Outcome::Same);
    }
    commit(&files, &number, io)?;
    io.out(&format!("Committed and tagged {tag}. {}", next_steps("", &tag)));
    Ok(Outcome::Same)
}

/// Builds and tries the packages of the committed version, whatever was released before.
pub fn try_packages(io: &mut dyn Io) -> Result<Outcome, String> {
    let scratch = io.scratch().map_err(|error| format!("There is no room for a copy: {error}."))?;
    clone(io, "HEAD", &scratch.join("source"))?;
    let version = manifest::version(io)?;
    let mut trial = Trial { io, scratch: scratch.clone(), version: &version };
    trial.make(&scratch.join("packages"))?;
    let (mut done, _) = trial.packages()?;
    done.extend(trial.use_them()?);
    io.out(&list(&done));
    Ok(Outcome::Same)
}

/// Checks that the committed files are consistent.
fn up_to_date(io: &mut dyn Io) -> Result<(), String> {
    let check = ["--check".to_owned()];
    if update_spec::run(&check, io)? != Outcome::Same {
        return Err("spec/ is not up to date; run `cargo xtask update-spec` and commit it.".to_owned());
    }
    if api::run(&check, io)? != Outcome::Same {
        return Err("api.txt is not up to date; run `cargo xtask api` and commit it.".to_owned());
    }
    Ok(())
}

/// A copy of a revision, without stray files of the working tree.
fn clone(io: &mut dyn Io, revision: &str, to: &Path) -> Result<(), String> {
    let to = text(to);
    io.capture("git", &["clone", "--quiet", "--shared", "--no-checkout", ".", &to])?;
    io.capture("git", &["-C", &to, "checkout", "--quiet", "--detach", revision]).map(drop)
}

/// What is new since the last version.
#[derive(Default)]
struct Changes {
    document: Option<Severity>,
    client: Difference,
    emulator: Difference,
    /// Commits that reach users.
    commits: usize,
    /// What the changelog could say about the document.
    draft: String,
}

impl Changes {
    /// Compares with the tag, which is checked out into `folder`.
    fn since(tag: &Tag, folder: &Path, io: &mut dyn Io) -> Result<Self, String> {
        let range = format!("{}..HEAD", tag.name);
        let commits = io.capture("git", &[&["rev-list", "--count", &range, "--"], &SHIPPED[..]].concat())?;
        let commits = String::from_utf8_lossy(&commits).trim().parse().unwrap_or_default();
        if commits == 0 {
            return Err(format!("Nothing that reaches users has changed since {}.", tag.name));
        }
        clone(io, &tag.name, folder)?;
        let before = |path: &str| text(&folder.join(path));
        let old = read_openapi(&before(DOCUMENT), &read(io, &before(DOCUMENT))?)?;
        let documents = diff(&old, &read_openapi(DOCUMENT, &read(io, DOCUMENT)?)?);
        Ok(Self {
            document: documents.severity(),
            client: interface::compare(&read_text(io, &before(api::PATH))?, &read_text(io, api::PATH)?),
            emulator: interface::compare(
                &api::interface(io, &before(EMULATOR_ROOT), "")?,
                &api::interface(io, EMULATOR_ROOT, "")?,
            ),
            commits,
            draft: report::changelog(&documents),
        })
    }

    /// The most severe of all; a change that none of them detects still counts as one.
    fn severity(&self, changelog: &str) -> Result<Option<Severity>, String> {
        let told = changelog::says_breaking(changelog::unreleased(changelog)?).then_some(Severity::Breaking);
        let other = (self.commits > 0).then_some(Severity::Documentation);
        Ok([self.document, self.client.severity(), self.emulator.severity(), told, other].into_iter().flatten().max())
    }
}

/// The files of the release commit.
fn changed_files(entry: &Entry, number: &str, io: &dyn Io) -> Result<Files, String> {
    let mut files = vec![(PathBuf::from(CHANGELOG), entry.file.clone())];
    for path in MANIFESTS {
        files.push((path.into(), manifests::set_package(&read_text(io, path)?, number)));
    }
    files.push(("Cargo.lock".into(), manifests::set_lock(&read_text(io, "Cargo.lock")?, &ORDER, number)));
    let guide = io.files_below(Path::new("src/guide"));
    for path in guide.into_iter().chain(["README.md".into(), "tests/emulator/README.md".into()]) {
        let content = read_text(io, &text(&path))?;
        files.push((path, manifests::set_requirement(&content, &ORDER, number)));
    }
    let mut files: Files = files.into_iter().map(|(path, content)| (path, content.into_bytes())).collect();
    files.retain(|(path, content)| io.read(path).ok().as_ref() != Some(content));
    Ok(files)
}

fn semver(trial: &mut Trial<'_>, last: Option<&Tag>) -> Result<String, String> {
    let Some(last) = last else { return Ok("no version is tagged yet, so there is none to compare with".to_owned()) };
    if trial.io.capture("cargo", &["semver-checks", "--version"]).is_err() {
        return Ok("`cargo semver-checks` is not installed: the difference of the interfaces alone decided".to_owned());
    }
    let source = text(&trial.scratch.join("source/Cargo.toml"));
    for package in ORDER {
        let how = ["--manifest-path", &source, "--package", package, "--baseline-rev", &last.name];
        trial.run("cargo", &[&["semver-checks", "check-release"], &how[..]].concat())?;
    }
    Ok(format!("`cargo semver-checks` against {} agrees with the number", last.name))
}

/// The commands that follow, `first` before those for the tag.
fn next_steps(first: &str, tag: &str) -> String {
    let publish: String = ORDER.iter().map(|package| format!("  cargo publish -p {package}\n")).collect();
    format!("What is left, in this order:\n\n{first}  git push origin HEAD {tag}\n{publish}")
}

struct Report<'a> {
    number: &'a str,
    last: Option<&'a Tag>,
    severity: Option<Severity>,
    changes: &'a Changes,
    entry: &'a Entry,
}

impl Report<'_> {
    fn text(&self, files: &Files, done: &[String], reminders: &[String]) -> String {
        let names: Vec<String> = files.iter().map(|(path, _)| text(path)).collect();
        let mut out = format!("\n# Release {}\n\n{}\n", self.number, self.reason());
        let Changes { client, emulator, draft, .. } = self.changes;
        let breaking: Vec<String> =
            client.breaking.iter().chain(&emulator.breaking).map(|line| format!("`{line}`")).collect();
        if !breaking.is_empty() {
            out += &format!("## What breaks in the interfaces ({})\n\n{}\n", breaking.len(), list(&breaking));
        }
        out += &format!("## {CHANGELOG}\n\n{}\n", indented(&self.entry.text));
        if !draft.is_empty() && !self.entry.text.contains(draft.trim()) {
            out += &format!("## What the document changed; the changelog should tell it\n\n{}\n", indented(draft));
        }
        out += &format!("## Files of the commit\n\n{}\n## Seen\n\n{}\n", list(&names), list(done));
        if !reminders.is_empty() {
            out += &format!("## To keep in mind\n\n{}\n", list(reminders));
        }
        out
    }

    fn reason(&self) -> String {
        let Some(last) = self.last else {
            return "The first release keeps the version of Cargo.toml.\n".to_owned();
        };
        let name = |severity: Option<Severity>| severity.map_or("no change", Severity::name);
        let Changes { document, client, emulator, commits, .. } = self.changes;
        format!(
            "Since {}: {} ({commits} commits; document: {}; interface: {}; of the emulator: {}).\n",
            last.name,
            name(self.severity),
            name(*document),
            name(client.severity()),
            name(emulator.severity()),
        )
    }
}

fn indented(text: &str) -> String {
    text.lines().map(|line| if line.is_empty() { "\n".to_owned() } else { format!("    {line}\n") }).collect()
}
