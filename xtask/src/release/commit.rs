//! The commit and the tag of a release.

use super::Files;
use super::trial::text;
use crate::io::Io;

/// Writes, commits and tags.
///
/// # Errors
/// A message with what was done by then, and the commands that finish and undo it.
pub fn commit(files: &Files, number: &str, io: &mut dyn Io) -> Result<(), String> {
    io.write_all(files).map_err(|error| format!("The release was not written: {error}."))?;
    let paths: Vec<String> = files.iter().map(|(path, _)| text(path)).collect();
    let (message, about, tag) = (format!("chore: release {number}"), format!("Version {number}"), format!("v{number}"));
    let add: Vec<&str> = ["add", "--"].into_iter().chain(paths.iter().map(String::as_str)).collect();
    let commit = ["commit", "--message", &message];
    let mark = ["tag", "--annotate", "--message", &about, &tag];
    let restore: Vec<&str> = ["restore", "--staged", "--worktree", "--"].into_iter().chain(add[2..].to_vec()).collect();
    let back = ["reset", "--keep", "HEAD~1"];
    let mut run = |step: &[&str], done: &str, finish: &[&[&str]], undo: &[&str]| {
        let stopped = |said: String| {
            let finish: Vec<String> = finish.iter().map(|step| line(step)).collect();
            let (finish, undo) = (finish.join(" && "), line(undo));
            format!("{said}\n{done} To finish:\n\n  {finish}\n\nTo undo it:\n\n  {undo}")
        };
        io.capture("git", step).map(drop).map_err(stopped)
    };
    let written = "The files of the release are written, and nothing is committed.";
    run(&add, written, &[&add, &commit, &mark], &restore)?;
    run(&commit, written, &[&add, &commit, &mark], &restore)?;
    run(&mark, "The release is committed, but not tagged.", &[&mark], &back)
}

/// A git command line as one would type it.
fn line(arguments: &[&str]) -> String {
    let quoted =
        arguments.iter().map(|word| if word.contains(' ') { format!(" \"{word}\"") } else { format!(" {word}") });
    format!("git{}", quoted.collect::<String>())
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::Host;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::path::{Path, PathBuf};
    use std::process::Command;

    /// A repository with one commit.
    fn repository(name: &str) -> PathBuf {
        let root = std::env::temp_dir().join(format!("xtask-release-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        fs::create_dir_all(&root).unwrap();
        sh(&root, "git init --quiet --initial-branch=main");
        for set in ["user.name Jo", "user.email jo@example.com", "commit.gpgsign false", "tag.gpgsign false"] {
            sh(&root, &format!("git config {set}"));
        }
        sh(&root, "git config core.hooksPath .git/hooks && echo .xtask > .git/info/exclude");
        fs::write(root.join("CHANGELOG.md"), "old\n").unwrap();
        fs::write(root.join("Cargo.toml"), "old\n").unwrap();
        sh(&root, "git add . && git commit --quiet --message first");
        root
    }

    fn sh(root: &Path, line: &str) -> String {
        let output = Command::new("sh").args(["-c", line]).current_dir(root).output().unwrap();
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// A hook of the repository, with its path.
    fn hook(root: &Path, name: &str, text: &str) -> PathBuf {
        let path = root.join(".git/hooks").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    fn release(root: &Path) -> Result<(), String> {
        let files = ["CHANGELOG.md", "Cargo.toml"].map(|path| (path.into(), b"new\n".to_vec()));
        commit(&files.to_vec(), "0.4.0", &mut Host::at(root.to_path_buf()))
    }

    /// The command that a message gives after these words.
    fn command(said: &str, words: &str) -> String {
        let rest = said.split_once(words).unwrap_or_else(|| panic!("{words}: {said}")).1;
        rest.lines().map(str::trim).find(|line| !line.is_empty()).unwrap().to_owned()
    }

    /// The subject of the last commit, the tags, and the pending changes.
    fn state(root: &Path) -> [String; 3] {
        ["git log -1 --format=%s", "git tag --list", "git status --porcelain"]
            .map(|line| sh(root, line).trim().to_owned())
    }

    const BEFORE: [&str; 3] = ["first", "", ""];
    const DONE: [&str; 3] = ["chore: release 0.4.0", "v0.4.0", ""];

    #[test]
    fn what_a_failing_hook_leaves_is_told_with_the_commands_that_finish_and_undo_it() {
        for (name, text, told) in [
            ("pre-commit", "echo too long >&2; exit 1", "nothing is committed"),
            // Rejects the tag, not the commit.
            (
                "reference-transaction",
                "while read old new ref; do case $ref in refs/tags/*) echo no tags >&2; exit 1;; esac; done",
                "is committed, but not tagged",
            ),
        ] {
            for (words, end) in [("To finish:", DONE), ("To undo it:", BEFORE)] {
                let root = repository(name);
                let hook = hook(&root, name, text);
                let said = release(&root).unwrap_err();
                assert!(said.contains(told), "{name}: {said}");
                fs::remove_file(hook).unwrap();
                sh(&root, &command(&said, words));
                assert_eq!(state(&root), end, "{name}: {said}");
                fs::remove_dir_all(root).unwrap();
            }
        }
    }

    #[test]
    fn without_a_hook_it_is_committed_and_tagged() {
        let root = repository("fine");
        assert_eq!(state(&root), BEFORE);
        release(&root).unwrap();
        assert_eq!(state(&root), DONE);
        fs::remove_dir_all(root).unwrap();
    }
}
