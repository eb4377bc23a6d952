use super::*;
use crate::host::Host;
use crate::io::Io;
use crate::update_spec::{Options, perform};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

fn directory(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("xtask-replace-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

#[test]
fn a_failure_leaves_every_file_as_it_was() {
    let root = directory("atomic");
    fs::write(root.join("a"), "old").unwrap();
    // A directory cannot be replaced by a file.
    fs::create_dir(root.join("b")).unwrap();
    let files = [("a".into(), b"new".to_vec()), ("b".into(), b"new".to_vec())];
    assert!(replace_all(&root, &files).is_err());
    assert_eq!(fs::read_to_string(root.join("a")).unwrap(), "old");
    assert!(!is_unfinished(&root));
    fs::remove_dir(root.join("b")).unwrap();
    replace_all(&root, &files).unwrap();
    commit(&root).unwrap();
    assert_eq!(fs::read_to_string(root.join("b")).unwrap(), "new");
    assert!(!is_unfinished(&root));
    fs::remove_dir_all(root).unwrap();
}

#[test]
#[cfg(unix)]
fn links_are_not_followed() {
    use std::os::unix::fs::symlink;
    let root = directory("links");
    let outside = directory("links-outside");
    fs::write(outside.join("a"), "theirs").unwrap();
    symlink(outside.join("a"), root.join("a")).unwrap();
    symlink(&outside, root.join("spec")).unwrap();
    for path in ["a", "spec/a"] {
        let error = replace_all(&root, &[(path.into(), b"new".to_vec())]).unwrap_err();
        assert!(error.to_string().contains("is a link"), "{error}");
    }
    for path in ["../a", "/a"] {
        assert!(replace_all(&root, &[(path.into(), b"new".to_vec())]).is_err());
    }
    // Where the lock and the work in progress would be.
    fs::remove_dir_all(root.join(".xtask")).unwrap_or_default();
    symlink(&outside, root.join(".xtask")).unwrap();
    assert!(replace_all(&root, &[("b".into(), b"new".to_vec())]).is_err());
    assert!(lock::take(&root).is_err());
    fs::remove_file(root.join(".xtask")).unwrap();
    fs::create_dir(root.join(".xtask")).unwrap();
    symlink(outside.join("a"), root.join(".xtask/lock")).unwrap();
    assert!(lock::take(&root).is_err());
    assert_eq!(fs::read_to_string(outside.join("a")).unwrap(), "theirs");
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 1);
    fs::remove_dir_all(root).unwrap();
    fs::remove_dir_all(outside).unwrap();
}

#[test]
fn one_run_writes_at_a_time() {
    let root = directory("lock");
    let mut first = Host::at(root.clone());
    assert_eq!(first.begin(true), Ok(false));
    let mut second = Host::at(root.clone());
    assert!(second.begin(true).unwrap_err().contains("Another run"));
    // Looking is allowed.
    assert_eq!(second.begin(false), Ok(false));
    drop(first);
    assert_eq!(second.begin(true), Ok(false));
    fs::remove_dir_all(root).unwrap();
}

/// A repository with a small document, and a new one next to it.
fn repository(root: &Path) {
    let fixture =
        |name: &str| fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)).unwrap();
    fs::create_dir_all(root.join("spec")).unwrap();
    fs::write(root.join("Cargo.toml"), "[package]\nname = \"demo\"\nversion = \"0.3.0\"\n").unwrap();
    fs::write(root.join("spec/published.yaml"), fixture("published.yaml")).unwrap();
    fs::write(root.join("spec/overlay.yaml"), fixture("overlay.yaml")).unwrap();
    let text = String::from_utf8(fixture("published.yaml")).unwrap();
    fs::write(root.join("new.yaml"), text.replace("[ACTIVE, PENDING]", "[ACTIVE]").replace("1.0.1", "1.1.0")).unwrap();
}

fn update(root: &Path, from: &str) -> (crate::diff::Diff, Vec<String>) {
    let options = Options { from: Some(from), no_check: true, ..Options::default() };
    let mut host = Host::at(root.to_path_buf());
    let update = perform(&options, &mut host).unwrap_or_else(|failure| panic!("{}", failure.message));
    host.end();
    (update.diff, update.changed.unwrap())
}

fn spec(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let files = super::super::files::below(root, Path::new("spec"));
    files.into_iter().map(|path| (path.clone(), fs::read(root.join(path)).unwrap())).collect()
}

/// The process that the test below starts and kills.
#[test]
#[ignore = "a process of its own"]
fn child() {
    let Ok(root) = std::env::var("XTASK_TEST_ROOT") else { return };
    let mut host = Host::at(root.into());
    let line = ["update-spec", "--from", "new.yaml", "--no-check"].map(str::to_owned);
    assert_eq!(crate::run(&line, &mut host), crate::Outcome::Same);
}

/// Whether the process reached the step, where it was killed.
fn killed_at(step: usize, root: &Path) -> bool {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["host::replace::tests::child", "--exact", "--ignored", "--nocapture"])
        .env("XTASK_TEST_STOP", step.to_string())
        .env("XTASK_TEST_ROOT", root)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let stopped = lines.map_while(|line| line.ok()).any(|line| line.ends_with("stopped"));
    if stopped {
        child.kill().unwrap();
    }
    let status = child.wait().unwrap();
    assert!(stopped || status.success());
    stopped
}

#[test]
fn a_run_that_is_killed_anywhere_is_undone_by_the_next_which_reports_as_if_it_were_the_first() {
    let root = directory("kill");
    repository(&root);
    update(&root, "spec/published.yaml");
    let before = spec(&root);
    let wanted = update(&root, "new.yaml");
    let after = spec(&root);
    assert!(before != after && wanted.0.severity() == Some(crate::diff::Severity::Breaking));
    let mut steps = 0;
    loop {
        for (path, content) in &before {
            fs::write(root.join(path), content).unwrap();
        }
        if !killed_at(steps, &root) {
            break;
        }
        let reported = update(&root, "new.yaml");
        // After the last step the backups are deleted, and the report is printed.
        let is_done = reported.1.is_empty();
        assert!(is_done && reported.0.changes.is_empty() || reported == wanted, "step {steps}: {reported:?}");
        assert!(!is_done || !killed_at(steps + 1, &root), "step {steps} is not the last");
        assert_eq!(spec(&root), after, "step {steps}");
        steps += 1;
        if is_done {
            break;
        }
    }
    // The search for leftovers, the directory, three for each of four files, the journal, and the end.
    assert_eq!(steps, 16);
    // The same when the run that undoes is killed as well: three of the four files were replaced.
    for second in 0..5 {
        for (path, content) in &before {
            fs::write(root.join(path), content).unwrap();
        }
        assert!(killed_at(13, &root) && killed_at(second, &root));
        assert_eq!(update(&root, "new.yaml"), wanted, "{second}");
        assert_eq!(spec(&root), after, "{second}");
    }
    fs::remove_dir_all(root).unwrap();
}

/// A repository whose update was killed when three of its four files were replaced, with the previous contents.
fn half_done(name: &str) -> (PathBuf, BTreeMap<PathBuf, Vec<u8>>) {
    let root = directory(name);
    repository(&root);
    update(&root, "spec/published.yaml");
    let before = spec(&root);
    assert!(killed_at(13, &root));
    assert!(spec(&root) != before);
    (root, before)
}

#[test]
fn what_another_command_made_from_the_files_of_a_killed_run_is_not_written() {
    let (root, before) = half_done("other");
    let files = [("api.txt".into(), b"of the document that is gone".to_vec())];
    let mut host = Host::at(root.clone());
    let said = host.write_all(&files).map_err(|error| error.to_string());
    assert!(said.as_ref().is_err_and(|said| said.contains("run the command again")), "{said:?}");
    assert!(spec(&root) == before);
    assert!(!root.join("api.txt").exists());
    // Once it is undone, nothing is in the way.
    host.write_all(&files).unwrap();
    assert!(root.join("api.txt").exists());
    fs::remove_dir_all(root).unwrap();
}

#[test]
fn a_check_reports_a_killed_run_and_leaves_its_files_as_they_are() {
    let (root, before) = half_done("check");
    let there = spec(&root);
    let options = Options { check: true, no_check: true, ..Options::default() };
    let said = perform(&options, &mut Host::at(root.clone())).map(|_| ()).map_err(|failure| failure.message);
    assert!(spec(&root) == there, "{said:?}");
    let said = said.unwrap_err();
    assert!(said.contains("did not finish") && said.contains("cargo xtask update-spec"), "{said}");
    // A run that writes undoes it, and then there is nothing left to report.
    Host::at(root.clone()).begin(true).unwrap();
    assert!(spec(&root) == before);
    assert!(perform(&options, &mut Host::at(root.clone())).is_ok());
    fs::remove_dir_all(root).unwrap();
}

#[test]
fn what_a_person_has_edited_since_is_not_undone() {
    let (root, before) = half_done("edited");
    let lock = root.join("spec/LOCK");
    fs::write(&lock, "mine").unwrap();
    let there = spec(&root);
    for _ in 0..2 {
        let said = Host::at(root.clone()).begin(true);
        assert!(spec(&root) == there, "{said:?}");
        let said = said.unwrap_err();
        for part in ["spec/LOCK", "`.xtask/write`", "`.xtask/write/0.old`"] {
            assert!(said.contains(part), "{part}: {said}");
        }
    }
    // As the message says.
    fs::copy(root.join(".xtask/write/0.old"), &lock).unwrap();
    assert_eq!(Host::at(root.clone()).begin(true), Ok(true));
    assert!(spec(&root) == before);
    // The other way out keeps everything.
    assert!(killed_at(13, &root));
    fs::write(&lock, "mine").unwrap();
    assert!(Host::at(root.clone()).begin(true).is_err());
    fs::remove_dir_all(root.join(".xtask/write")).unwrap();
    assert_eq!(Host::at(root.clone()).begin(true), Ok(false));
    assert!(spec(&root) == there);
    fs::remove_dir_all(root).unwrap();
}

#[test]
fn a_new_file_goes_again_only_as_it_was_written() {
    let root = directory("new-file");
    let files = [(PathBuf::from("a"), b"new".to_vec())];
    replace_all(&root, &files).unwrap();
    fs::write(root.join("a"), "mine").unwrap();
    let said = undo(&root).map_err(|error| error.to_string());
    assert!(root.join("a").exists());
    assert!(said.as_ref().is_err_and(|said| said.contains("remove `a`")), "{said:?}");
    fs::write(root.join("a"), "new").unwrap();
    assert!(undo(&root).unwrap());
    assert!(!root.join("a").exists());
    fs::remove_dir_all(root).unwrap();
}
