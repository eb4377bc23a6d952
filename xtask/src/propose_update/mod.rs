//! `cargo xtask propose-update`: what the daily workflow runs.

mod proposal;
mod text;

use crate::args::Syntax;
use crate::io::Io;
use crate::report::{Update, release_kind, update_markdown};
use crate::update_spec::{Options, Since, UPSTREAM, perform};
use crate::{Outcome, api};
use proposal::{EMAIL, Proposal};

const SYNTAX: Syntax = Syntax {
    usage: "propose-update [--from FILE|URL] [--start-ci]",
    flags: &["--start-ci"],
    values: &["--from"],
    names: (0, 0),
};

const BRANCH: &str = "update-spec";

pub const HELP: &str = "\
propose-update [--from FILE|URL] [--start-ci]

For the daily workflow, and for you with a clean working tree on main: runs update-spec on the published document and,
when something changed, commits spec/ and api.txt to the branch `update-spec`, pushes it and opens a pull request with
the report, or updates the one that is open. Needs git with a remote `origin`, and `gh` with a login.

Other people's commits on the branch are kept: the update is then made on top of them, with their overlay. Nothing is
pushed if the branch already has the same content (the date in LOCK does not count). Only a pull request from the branch
of this repository is edited, never one from a fork.

When the document is refused or rules of the overlay do not fit, nothing is pushed and the command fails with the
report: the failed run of the workflow is the notice. An open pull request gets it as a comment.

  --from X    the published document, as for update-spec
  --start-ci  start the workflow `ci` on the branch: a push with a workflow's default token starts none

Exit codes: 0 nothing new or proposed, 1 failed.
";

pub fn run(arguments: &[String], io: &mut dyn Io) -> Result<Outcome, String> {
    let args = SYNTAX.parse(arguments)?;
    if !io.capture("git", &["status", "--porcelain"])?.is_empty() {
        return Err("There are changes that are not committed; commit or stash them first.".to_owned());
    }
    let there = Proposal::find(BRANCH, io)?;
    // Commits by others are kept and built upon; a branch with only our own commits is recreated from main.
    let continues = there.has_foreign_commits();
    // The pull request shows its changes to main, whatever the branch already has of them.
    let since = Some(Since::now(io));
    if continues {
        if there.pull_request.is_none() {
            return Err(there.orphaned(BRANCH));
        }
        io.capture("git", &["switch", "--force-create", BRANCH, &there.commit])?;
    }
    let options = Options { from: Some(args.value("--from").unwrap_or(UPSTREAM)), since, ..Options::default() };
    let result = perform(&options, io);
    io.end();
    let update = match result {
        Ok(update) => update,
        Err(failure) => {
            let report = failure.update.map(|update| update_markdown(&update)).unwrap_or_default();
            let report = format!("{report}\n{}", failure.message);
            if let Some(number) = &there.pull_request {
                comment(number, &report, io)?;
            }
            return Err(report);
        }
    };
    if update.changed.as_ref().is_none_or(Vec::is_empty) {
        io.out("Nothing new upstream.\n");
        return Ok(Outcome::Same);
    }
    api::run(&[], io)?;
    let title = title(&update);
    if !continues {
        io.capture("git", &["switch", "--force-create", BRANCH])?;
    }
    io.capture("git", &["add", "--", "spec", api::PATH])?;
    let (name, email) = ("user.name=update-spec", format!("user.email={EMAIL}"));
    io.capture("git", &["-c", name, "-c", &email, "commit", "--message", &title])?;
    if !continues && there.has_same_content(io)? {
        io.out("The proposal is up to date.\n");
        return Ok(Outcome::Same);
    }
    // Refused if somebody pushed to the branch in the meantime.
    let lease = format!("--force-with-lease={BRANCH}:{}", there.commit);
    io.capture("git", &["push", &lease, "origin", BRANCH])?;
    let report = update_markdown(&update);
    propose(there.pull_request.as_deref(), &title, &text::body(&report), io)?;
    if args.has("--start-ci") {
        io.capture("gh", &["workflow", "run", "ci.yml", "--ref", BRANCH])?;
    }
    io.out(&report);
    Ok(Outcome::Same)
}

fn propose(open: Option<&str>, title: &str, body: &str, io: &mut dyn Io) -> Result<(), String> {
    let said = match open {
        Some(number) => io.capture("gh", &["pr", "edit", number, "--title", title, "--body", body])?,
        None => io.capture("gh", &["pr", "create", "--head", BRANCH, "--title", title, "--body", body])?,
    };
    io.err(&String::from_utf8_lossy(&said));
    Ok(())
}

fn comment(number: &str, report: &str, io: &mut dyn Io) -> Result<(), String> {
    let body = text::body(&format!("The next update needs a hand; nothing was pushed.\n\n{report}"));
    io.capture("gh", &["pr", "comment", number, "--body", &body]).map(drop)
}

fn title(update: &Update) -> String {
    format!(
        "spec: take version {} of the vendor ({})",
        text::version(&update.after.version),
        release_kind(&update.diff)
    )
}
