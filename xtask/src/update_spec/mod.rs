//! `cargo xtask update-spec`: from the published document to everything that the crate is built from.

pub mod lock;
mod removed;
mod resolve;

pub use lock::Lock;
pub use removed::removed;
pub use resolve::{Resolved, resolve};

use crate::args::Syntax;
use crate::codegen;
use crate::diff::{Severity, diff, judge, next_version};
use crate::document::{read_openapi, to_text};
use crate::io::{Io, begin, read, read_text};
use crate::lint::{self, Finding};
use crate::references::Source;
use crate::report::{self, Edition, Update};
use crate::{Outcome, manifest, raw_check};
use serde_json::Value;
use std::path::{Path, PathBuf};

pub const UPSTREAM: &str = "https://api.singlestore.com/spec";
const PUBLISHED: &str = "spec/published.yaml";
const OVERLAY: &str = "spec/overlay.yaml";
const RESOLVED: &str = "spec/openapi.json";
const RAW: &str = "spec/raw.rs";

const SYNTAX: Syntax = Syntax {
    usage: "update-spec [--fetch | --from FILE|URL] [--check] [--json] [--allow-stale] [--no-check]",
    flags: &["--fetch", "--check", "--json", "--allow-stale", "--no-check"],
    values: &["--from"],
    names: (0, 0),
};

pub const HELP: &str = "\
update-spec [--fetch | --from FILE|URL] [--check] [--json] [--allow-stale] [--no-check]

Makes spec/openapi.json, the only document that build.rs reads, from spec/published.yaml (the vendor's document, never
edited) and spec/overlay.yaml (our changes to it), and spec/raw.rs, which builds without the feature `codegen` use, and
reports what changes for users of the crate. The document is checked, and the code is generated in memory and compiled;
if anything fails, nothing is written. Only one run writes at a time, and only one compiles; others wait for it. If a
run is interrupted, the next one undoes its changes and reports as if it were the first; it stops if somebody has
changed one of these files since.

  --fetch        take the published document from https://api.singlestore.com/spec
  --from X       take it from a file (relative to the repository root or the current directory) or another https
                 address; without either: the one in spec/, without network access; LOCK must match it
  --check        write nothing; exit 2 if something would change, 1 if an earlier run was interrupted
  --json         the report as JSON
  --allow-stale  rules of the overlay that do not fit are skipped with a warning, for exploring; CI does not allow it
  --no-check     do not compile the generated code, for exploring; CI does not allow it

A typical update:
  cargo xtask update-spec --fetch --check   # what is new? which rules of the overlay no longer fit?
  edit spec/overlay.yaml                    # name new operations, drop stale rules: the report says which lines
  cargo xtask update-spec --fetch           # writes spec/, prints the report and a draft for CHANGELOG.md

Exit codes: 0 up to date or written, 1 failed and nothing written, 2 would change (--check).
";

/// The new published document, unprocessed.
struct Incoming {
    /// Its name in messages.
    name: String,
    bytes: Vec<u8>,
    /// For LOCK; `None` if the document is the current one.
    source: Option<String>,
}

/// The options of an update.
#[derive(Debug, Default)]
pub struct Options<'a> {
    /// A file or an address; without one, the current document.
    pub from: Option<&'a str>,
    pub check: bool,
    pub allow_stale: bool,
    /// Skips compiling.
    pub no_check: bool,
    /// What the report compares with; without it, the current state.
    pub since: Option<Since>,
}

/// The files of a state, as far as they exist.
#[derive(Debug, Clone)]
pub struct Since {
    published: Option<Vec<u8>>,
    resolved: Option<Vec<u8>>,
    raw: Option<Vec<u8>>,
}

impl Since {
    /// The current state.
    pub fn now(io: &dyn Io) -> Self {
        let read = |path: &str| io.read(Path::new(path)).ok();
        Self { published: read(PUBLISHED), resolved: read(RESOLVED), raw: read(RAW) }
    }
}

/// Why nothing was written.
#[derive(Debug)]
pub struct Failure {
    pub message: String,
    /// What was found before it failed.
    pub update: Option<Box<Update>>,
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Self { message, update: None }
    }
}

pub fn run(arguments: &[String], io: &mut dyn Io) -> Result<Outcome, String> {
    let args = SYNTAX.parse(arguments)?;
    let from = match (args.value("--from"), args.has("--fetch")) {
        (Some(_), true) => return Err("Give either --fetch or --from, not both.".to_owned()),
        (None, true) => Some(UPSTREAM),
        (from, false) => from,
    };
    let options = Options {
        from,
        check: args.has("--check"),
        allow_stale: args.has("--allow-stale"),
        no_check: args.has("--no-check"),
        since: None,
    };
    let result = perform(&options, io);
    let update = match &result {
        Ok(update) => Some(update),
        Err(failure) => failure.update.as_deref(),
    };
    if let Some(update) = update {
        let json = || to_text(&report::update_json(update));
        io.out(&if args.has("--json") { json() } else { report::update_markdown(update) });
    }
    io.end();
    let changes = result.map_err(|failure| failure.message)?.changed.is_some_and(|files| !files.is_empty());
    Ok(if changes && options.check { Outcome::WouldChange } else { Outcome::Same })
}

/// Performs the update and returns what there is to report.
pub fn perform(options: &Options<'_>, io: &mut dyn Io) -> Result<Update, Failure> {
    begin(io, !options.check)?;
    let overlay = Source { path: OVERLAY.to_owned(), text: read_text(io, OVERLAY)? };
    let incoming = incoming(options.from, io)?;
    let resolved = resolve(&incoming.name, &incoming.bytes, OVERLAY, &overlay.text)?;
    let lock = new_lock(&incoming, &resolved.published, io)?;
    let since = options.since.clone().unwrap_or_else(|| Since::now(io));
    let mut update = report_of(&resolved, &overlay, &since, io)?;
    let (fatal, warnings): (Vec<_>, Vec<_>) = lint::lint(&resolved.document).into_iter().partition(|f| f.fatal);
    update.findings = warnings;
    if !fatal.is_empty() || !update.stale.is_empty() && !options.allow_stale {
        return Err(refuse(update, fatal));
    }
    let generated = codegen::generate(&resolved.document)
        .map_err(|failure| format!("Nothing was written. {}: {}", failure.pointer, failure.message))?;
    syn::parse_file(&generated.code)
        .map_err(|error| format!("The generated code is not Rust: {error}. Nothing was written."))?;
    let raw_before = io.read(Path::new(RAW)).ok();
    if let Some(before) = since.raw.as_deref().and_then(|code| std::str::from_utf8(code).ok()) {
        update.diff = judge(update.diff, before, &generated.code);
        update.next_version = next_version(&update.crate_version, update.diff.severity());
    }
    let document = to_text(&resolved.document).into_bytes();
    // What is on disk was compiled before it was written.
    let is_new = raw_before.as_deref() != Some(generated.code.as_bytes());
    if is_new && !options.no_check {
        io.err("Compiling the generated code; --no-check leaves that out.\n");
        let verdict = raw_check::check(&resolved.document, &generated.code, io)?;
        if !verdict.findings.is_empty() {
            return Err(refuse(update, verdict.findings));
        }
        // If no change is breaking, everything fits as before.
        if !verdict.library_fits || update.diff.severity() == Some(Severity::Breaking) {
            let before = raw_before.as_deref().and_then(|code| std::str::from_utf8(code).ok());
            io.err("Compiling the library, tests, examples and benches, to list what no longer fits.\n");
            update.broken = raw_check::broken(&document, &generated.code, before, io)?;
        }
    }
    let mut files = vec![
        (PathBuf::from(RESOLVED), document),
        (PathBuf::from(RAW), generated.code.into_bytes()),
        (PathBuf::from(lock::PATH), lock.to_text().into_bytes()),
    ];
    if incoming.source.is_some() {
        files.push((PathBuf::from(PUBLISHED), incoming.bytes));
    }
    files.retain(|(path, content)| io.read(path).ok().as_ref() != Some(content));
    files.sort();
    update.changed = Some(files.iter().map(|(path, _)| path.to_string_lossy().into_owned()).collect());
    if !options.check && !files.is_empty() {
        io.write_all(&files).map_err(|error| format!("Writing spec/ failed ({error}); everything is as it was."))?;
    }
    Ok(update)
}

fn incoming(from: Option<&str>, io: &mut dyn Io) -> Result<Incoming, String> {
    let Some(from) = from else {
        return Ok(Incoming { name: PUBLISHED.to_owned(), bytes: read(io, PUBLISHED)?, source: None });
    };
    if from.contains("://") {
        let bytes = io.fetch(from)?;
        return Ok(Incoming { name: from.to_owned(), bytes, source: Some(from.to_owned()) });
    }
    Ok(Incoming { name: from.to_owned(), bytes: read(io, from)?, source: Some("file".to_owned()) })
}

/// The LOCK entry for the document. An unchanged document keeps its entry, so that a second run changes nothing.
fn new_lock(incoming: &Incoming, published: &Value, io: &dyn Io) -> Result<Lock, String> {
    let there = io.read(Path::new(lock::PATH)).ok().and_then(|bytes| Lock::parse(&String::from_utf8_lossy(&bytes)));
    let sha256 = lock::sha256(&incoming.bytes);
    match (there, &incoming.source) {
        (Some(lock), _) if lock.sha256 == sha256 => Ok(Lock { version: version(published), ..lock }),
        (_, Some(source)) => Ok(Lock::new(&version(published), &incoming.bytes, io.today(), source.clone())),
        (Some(_), None) => Err(format!(
            "{PUBLISHED} is not the document that spec/LOCK describes: somebody edited it. Corrections belong in {OVERLAY}; \
             restore it with `git checkout {PUBLISHED}`, or accept it with `cargo xtask update-spec --from {PUBLISHED}`."
        )),
        (None, None) => Err(format!(
            "spec/LOCK is missing or unreadable; write it anew with `cargo xtask update-spec --from {PUBLISHED}`."
        )),
    }
}

fn report_of(resolved: &Resolved, overlay: &Source, since: &Since, io: &dyn Io) -> Result<Update, String> {
    // Without a readable previous document, everything is new.
    let before = |path: &str, bytes: &Option<Vec<u8>>| bytes.as_ref().and_then(|bytes| read_openapi(path, bytes).ok());
    let empty = serde_json::json!({"openapi": "3.0.3", "info": {}, "paths": {}});
    let published_before = before(PUBLISHED, &since.published).unwrap_or_else(|| empty.clone());
    let resolved_before = before(RESOLVED, &since.resolved).unwrap_or(empty);
    let diff = diff(&resolved_before, &resolved.document);
    let crate_version = manifest::version(io)?;
    Ok(Update {
        before: edition(&published_before),
        after: edition(&resolved.published),
        resolved: edition(&resolved.document),
        next_version: next_version(&crate_version, diff.severity()),
        crate_version,
        nameless: resolved.nameless.clone(),
        removed: removed(io, &resolved_before, &resolved.document, overlay),
        recognized: resolved.recognized.clone(),
        unused: resolved.unused.clone(),
        stale: resolved.problems.clone(),
        diff,
        ..Update::default()
    })
}

fn refuse(update: Update, fatal: Vec<Finding>) -> Failure {
    let mut reasons = Vec::new();
    if !update.stale.is_empty() {
        reasons.push(format!("rules of {OVERLAY} that do not fit the document: {}", update.stale.len()));
    }
    if !fatal.is_empty() {
        reasons.push(format!(
            "places of the document that cannot be generated: {}\n{}",
            fatal.len(),
            sentences(&fatal)
        ));
    }
    let message = format!("Nothing was written. Found {}.", reasons.join("; ").trim_end_matches(['.', '\n']));
    let update = Update { findings: fatal.into_iter().chain(update.findings).collect(), ..update };
    Failure { message, update: Some(Box::new(update)) }
}

fn sentences(findings: &[Finding]) -> String {
    findings.iter().map(|finding| format!("{}: {}\n", finding.pointer, finding.message)).collect()
}

fn version(document: &Value) -> String {
    let text = match document.pointer("/info/version") {
        Some(Value::String(text)) => text.clone(),
        // Written without quotes.
        Some(Value::Number(number)) => number.to_string(),
        _ => "unknown".to_owned(),
    };
    text.lines().next().unwrap_or("unknown").to_owned()
}

/// The version and size of a document, for the heading of a report.
pub fn edition(document: &Value) -> Edition {
    let schemas = document.pointer("/components/schemas").and_then(Value::as_object).map_or(0, serde_json::Map::len);
    Edition { version: version(document), operations: crate::naming::names(document).len(), schemas }
}
