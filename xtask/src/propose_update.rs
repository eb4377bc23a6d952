//! `cargo xtask propose-update`: what the daily workflow runs.

use crate::args::Syntax;
use crate::io::Io;
use crate::report::{Update, release_kind, update_markdown};
use crate::update_spec::{Options, UPSTREAM, perform};
use crate::{Outcome, api};

const SYNTAX: Syntax =
    Syntax { usage: "propose-update [--from FILE|URL]", flags: &[], values: &["--from"], names: (0, 0) };

const BRANCH: &str = "update-spec";

/// A pull request takes about 65,000 characters.
const MOST_CHARACTERS: usize = 60_000;

pub const HELP: &str = "\
propose-update [--from FILE|URL]

For the daily workflow, and for you with a clean working tree: runs update-spec on the published document and, when
something changed, commits spec/ and api.txt to the branch `update-spec`, pushes it and opens a pull request with the
report, or updates the one that is open. Needs git with a remote `origin`, and `gh` with a login.

When the document is refused or rules of the overlay do not fit, nothing is committed and the command fails with the
report: the failed run of the workflow is the notice.

Exit codes: 0 nothing new or proposed, 1 failed.
";

pub fn run(arguments: &[String], io: &mut dyn Io) -> Result<Outcome, String> {
    let args = SYNTAX.parse(arguments)?;
    if !io.capture("git", &["status", "--porcelain"])?.is_empty() {
        return Err("There are changes that are not committed; commit or stash them first.".to_owned());
    }
    let options = Options { from: Some(args.value("--from").unwrap_or(UPSTREAM)), ..Options::default() };
    let update = perform(&options, io).map_err(|failure| {
        let report = failure.update.map(|update| update_markdown(&update)).unwrap_or_default();
        format!("{report}\n{}", failure.message)
    })?;
    if update.changed.as_ref().is_none_or(Vec::is_empty) {
        io.out("Nothing new upstream.\n");
        return Ok(Outcome::Same);
    }
    api::run(&[], io)?;
    let report = update_markdown(&update);
    let title = title(&update);
    let steps: [&[&str]; 4] = [
        &["switch", "--force-create", BRANCH],
        &["add", "--", "spec", api::PATH],
        &["-c", "user.name=update-spec", "-c", "user.email=update-spec@localhost", "commit", "--message", &title],
        &["push", "--force", "origin", BRANCH],
    ];
    for step in steps {
        io.capture("git", step)?;
    }
    propose(&title, &shortened(&report), io)?;
    io.out(&report);
    Ok(Outcome::Same)
}

fn propose(title: &str, body: &str, io: &mut dyn Io) -> Result<(), String> {
    let open = io.capture(
        "gh",
        &["pr", "list", "--head", BRANCH, "--state", "open", "--json", "number", "--jq", ".[].number"],
    )?;
    let number = String::from_utf8_lossy(&open).trim().to_owned();
    let said = if number.is_empty() {
        io.capture("gh", &["pr", "create", "--head", BRANCH, "--title", title, "--body", body])?
    } else {
        io.capture("gh", &["pr", "edit", &number, "--title", title, "--body", body])?
    };
    io.err(&String::from_utf8_lossy(&said));
    Ok(())
}

fn title(update: &Update) -> String {
    format!("spec: take version {} of the vendor ({})", update.after.version, release_kind(&update.diff))
}

fn shortened(report: &str) -> String {
    match report.char_indices().nth(MOST_CHARACTERS) {
        Some((end, _)) => format!("{}\n\n(cut; `cargo xtask spec-diff` shows all of it)\n", &report[..end]),
        None => report.to_owned(),
    }
}
