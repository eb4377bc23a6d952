//! Whole folders, up and down, on the emulator.

use std::path::Path;

use serde_json::json;
use singlestore_management::files::{FolderReport, SkipReason};
use singlestore_management::{Client, ErrorKind, WorkspaceGroupId};
use singlestore_management_emulator::{Emulator, Fault};

use crate::support::{builder, quick_retries};

fn stage(emulator: &Emulator) -> (Client, WorkspaceGroupId, String) {
    let group: WorkspaceGroupId = emulator.insert_workspace_group(json!({"name": "g"})).unwrap().parse().unwrap();
    let client = builder(emulator).retry(quick_retries()).build().unwrap();
    (client, group, format!("stage/{group}"))
}

fn write(root: &Path, path: &str, content: &[u8]) {
    let place = root.join(path);
    std::fs::create_dir_all(place.parent().unwrap()).unwrap();
    std::fs::write(place, content).unwrap();
}

fn moved(report: &FolderReport) -> Vec<&str> {
    report.moved.iter().map(|file| file.path.as_str()).collect()
}

fn failed(report: &FolderReport) -> Vec<&str> {
    report.failed.iter().map(|file| file.path.as_str()).collect()
}

fn skipped(report: &FolderReport) -> Vec<(&str, SkipReason)> {
    report.skipped.iter().map(|file| (file.path.as_str(), file.reason)).collect()
}

#[tokio::test]
async fn a_folder_upload_sends_missing_files_and_those_of_a_different_size() {
    let emulator = Emulator::start().unwrap();
    let (client, group, space) = stage(&emulator);
    let local = tempfile::tempdir().unwrap();
    for path in ["a.txt", "same.txt", "edited.txt", ".hidden", "x/b.txt", "x/y/c.txt"] {
        write(local.path(), path, path.as_bytes());
    }
    std::fs::create_dir_all(local.path().join("empty/deep")).unwrap();
    emulator.insert_file(&space, "in/same.txt", b"12345678").unwrap();
    emulator.insert_file(&space, "in/edited.txt", b"1").unwrap();
    emulator.insert_file(&space, "in/only there.txt", b"1").unwrap();
    let upload = || client.stage().upload_folder(group, local.path(), "in").with_concurrency(3);

    let before = emulator.files(&space);
    let plan = upload().dry_run(true).await.unwrap();
    assert_eq!(moved(&plan), [".hidden", "a.txt", "edited.txt", "x/b.txt", "x/y/c.txt"]);
    assert_eq!(emulator.files(&space), before);

    let report = upload().await.unwrap().into_result().unwrap();
    assert_eq!(moved(&report), moved(&plan));
    assert_eq!(skipped(&report), [("same.txt", SkipReason::SameSize)]);
    assert_eq!(report.bytes(), plan.bytes());
    let want = [
        "in/",
        "in/.hidden",
        "in/a.txt",
        "in/edited.txt",
        "in/empty/",
        "in/empty/deep/",
        "in/only there.txt",
        "in/same.txt",
        "in/x/",
        "in/x/b.txt",
        "in/x/y/",
        "in/x/y/c.txt",
    ];
    assert_eq!(emulator.files(&space), want);
    assert_eq!(emulator.file(&space, "in/edited.txt").unwrap(), b"edited.txt");
    assert_eq!(moved(&upload().await.unwrap()), Vec::<&str>::new(), "a second run has nothing to do");

    // The folder itself need not exist.
    let report = client.stage().upload_folder(group, local.path(), "new/deep").await.unwrap();
    assert_eq!(report.moved.len(), 6);
    assert_eq!(emulator.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn entries_that_cannot_be_uploaded_are_reported() {
    let emulator = Emulator::start().unwrap();
    let (client, group, space) = stage(&emulator);
    let local = tempfile::tempdir().unwrap();
    write(local.path(), "a.txt", b"a");
    write(local.path(), "b.txt", b"b");
    let refused = ["back\\slash", "line\nfeed", "\u{fffd}"];
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        write(local.path(), "back\\slash", b"x");
        write(local.path(), "line\nfeed", b"x");
        std::os::unix::fs::symlink("a.txt", local.path().join("link")).unwrap();
        std::os::unix::fs::symlink("/etc", local.path().join("folder link")).unwrap();
        std::fs::write(local.path().join(std::ffi::OsStr::from_bytes(b"\xff")), b"x").unwrap();
    }
    emulator.inject(
        Fault::status(400).body("no").always().on_method("PUT").on_path(&format!("/v1/stage/{group}/fs/in%2Fb")),
    );
    let report = client.stage().upload_folder(group, local.path(), "in").await.unwrap();
    assert_eq!(moved(&report), ["a.txt"]);
    let mut want = vec!["b.txt"];
    want.extend(refused.iter().filter(|_| cfg!(unix)));
    want.sort_unstable();
    assert_eq!(failed(&report), want);
    #[cfg(unix)]
    assert_eq!(skipped(&report), [("folder link", SkipReason::Symlink), ("link", SkipReason::Symlink)]);
    assert_eq!(emulator.files(&space), ["in/", "in/a.txt"]);
    assert!(report.into_result().is_err());
    emulator.clear_requests();
    for location in ["personal", "shared"] {
        let error = client.files().upload_folder(location, local.path(), "in").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{error}");
        let error = client.files().download_folder(location, "in", local.path()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{error}");
    }
    let error = client.stage().upload_folder(group, local.path().join("none"), "in").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LocalFile);
    assert!(emulator.requests().is_empty());
}

#[tokio::test]
async fn a_folder_is_downloaded_without_the_refused_names() {
    let emulator = Emulator::start().unwrap();
    let (client, group, space) = stage(&emulator);
    for path in ["in/a.txt", "in/x/b.txt", "in/x/y/c.txt", "in/.hidden", "in/%2F"] {
        emulator.insert_file(&space, path, path.as_bytes()).unwrap();
    }
    let refused = [
        "C:",
        "CON.txt",
        "Same/inner",
        "back\\slash",
        "blank ",
        "dot.",
        "line\nfeed",
        "same/inner",
        "stream:x",
        "\u{e9}",
        "e\u{301}",
    ];
    for path in refused {
        emulator.insert_file(&space, &format!("in/{path}"), b"x").unwrap();
    }
    let outer = tempfile::tempdir().unwrap();
    let local = outer.path().join("local");
    let report = client.stage().download_folder(group, "in", &local).await.unwrap();
    assert_eq!(moved(&report), ["%2F", ".hidden", "a.txt", "x/b.txt", "x/y/c.txt"]);
    let mut want = refused.to_vec();
    want.extend(["Same/", "same/"]);
    want.sort_unstable();
    assert_eq!(failed(&report), want);
    assert_eq!(std::fs::read(local.join("x/y/c.txt")).unwrap(), b"in/x/y/c.txt");
    assert_eq!(std::fs::read_dir(&local).unwrap().count(), 4);

    std::fs::write(local.join("a.txt"), b"longer than it was").unwrap();
    let report = client.stage().download_folder(group, "in/", &local).await.unwrap();
    assert_eq!(moved(&report), ["a.txt"]);
    let error = client.stage().download_folder(group, "none", &local).await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
}

#[tokio::test]
async fn names_of_a_hostile_server_do_not_leave_the_folder() {
    let emulator = Emulator::start().unwrap();
    let (client, group, _) = stage(&emulator);
    let entries: Vec<_> = ["../up", "/etc/passwd", "in/../../up", "in/ok", "in/..", "other/x", "in/a//b", "in/./c"]
        .iter()
        .map(|path| json!({"name": "x", "path": path, "type": "file", "size": 0}))
        .collect();
    let listing = json!({"name": "in", "path": "in/", "type": "directory", "content": entries}).to_string();
    emulator.inject(Fault::status(200).content_type("application/json").body(listing).on_operation("get_stage_file"));
    let outer = tempfile::tempdir().unwrap();
    let local = outer.path().join("local");
    let report = client.stage().download_folder(group, "in", &local).dry_run(true).await.unwrap();
    assert_eq!((moved(&report), report.failed.len()), (vec!["ok"], 7));
    assert!(!local.exists());
}

#[tokio::test]
async fn a_file_that_changed_since_it_was_listed_is_downloaded_as_it_is() {
    let emulator = Emulator::start().unwrap();
    let (client, group, space) = stage(&emulator);
    emulator.insert_file(&space, "in/a.txt", b"now longer").unwrap();
    let entries = [json!({"name": "a.txt", "path": "in/a.txt", "type": "file", "size": 3})];
    let listing = json!({"name": "in", "path": "in/", "type": "directory", "content": entries}).to_string();
    emulator.inject(Fault::status(200).content_type("application/json").body(listing).on_operation("get_stage_file"));
    let local = tempfile::tempdir().unwrap();
    let report = client.stage().download_folder(group, "in", local.path()).await.unwrap().into_result().unwrap();
    assert_eq!((moved(&report), report.bytes()), (vec!["a.txt"], 10));
    assert_eq!(emulator.storage_requests().len(), 1);
    assert_eq!(std::fs::read(local.path().join("a.txt")).unwrap(), b"now longer");
}

#[tokio::test]
async fn a_file_instead_of_a_folder_and_a_folder_instead_of_a_file_are_reported() {
    let emulator = Emulator::start().unwrap();
    let (client, group, space) = stage(&emulator);
    emulator.insert_file(&space, "in/file", b"1").unwrap();
    client.stage().create_folder(group, "in/folder").await.unwrap();
    let local = tempfile::tempdir().unwrap();
    std::fs::create_dir(local.path().join("file")).unwrap();
    std::fs::write(local.path().join("folder"), "mine").unwrap();
    for dry_run in [true, false] {
        let report = client.stage().download_folder(group, "in", local.path()).dry_run(dry_run).await.unwrap();
        assert_eq!((moved(&report), failed(&report)), (vec![], vec!["file", "folder/"]), "{dry_run}");
        assert!(report.failed.iter().all(|file| file.error.kind() == ErrorKind::LocalFile));
    }
    assert!(emulator.storage_requests().is_empty());
    assert_eq!(std::fs::read(local.path().join("folder")).unwrap(), b"mine");
}

#[tokio::test]
async fn leftovers_of_a_killed_download_are_not_uploaded() {
    let emulator = Emulator::start().unwrap();
    let (client, group, space) = stage(&emulator);
    let local = tempfile::tempdir().unwrap();
    for path in [
        ".a.csv.0Az9bC1dE2fG.part",
        "x/.b.0Az9bC1dE2fG.part",
        ".c.part",
        "d.0Az9bC1dE2fG.part",
        "e.part",
        ".f.0Az9bC1dE2f-.part",
    ] {
        write(local.path(), path, b"1");
    }
    let report = client.stage().upload_folder(group, local.path(), "in").await.unwrap().into_result().unwrap();
    assert_eq!(moved(&report), [".c.part", ".f.0Az9bC1dE2f-.part", "d.0Az9bC1dE2fG.part", "e.part"]);
    let left =
        [(".a.csv.0Az9bC1dE2fG.part", SkipReason::Unfinished), ("x/.b.0Az9bC1dE2fG.part", SkipReason::Unfinished)];
    assert_eq!(skipped(&report), left);
    assert!(emulator.file(&space, "in/.c.part").is_some());
}

#[cfg(unix)]
#[tokio::test]
async fn nothing_is_written_through_a_link() {
    let emulator = Emulator::start().unwrap();
    let (client, group, space) = stage(&emulator);
    emulator.insert_file(&space, "in/link/a.txt", b"1").unwrap();
    emulator.insert_file(&space, "in/file", b"22").unwrap();
    let (outside, local) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::os::unix::fs::symlink(outside.path(), local.path().join("link")).unwrap();
    std::os::unix::fs::symlink(outside.path().join("target"), local.path().join("file")).unwrap();
    let report = client.stage().download_folder(group, "in", local.path()).await.unwrap();
    let links = [("file", SkipReason::Symlink), ("link/", SkipReason::Symlink), ("link/a.txt", SkipReason::Symlink)];
    assert_eq!((moved(&report), skipped(&report)), (vec![], links.to_vec()));
    assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 0);
}

#[cfg(feature = "glob")]
#[tokio::test]
async fn patterns_exclude_files() {
    let emulator = Emulator::start().unwrap();
    let (client, group, _) = stage(&emulator);
    let local = tempfile::tempdir().unwrap();
    for path in ["a.txt", "a.tmp", "x/b.tmp", "target/c.txt"] {
        write(local.path(), path, b"1");
    }
    let upload = client.stage().upload_folder(group, local.path(), "in").ignore("*.tmp").ignore("/target");
    assert_eq!(moved(&upload.await.unwrap()), ["a.txt"]);
}

#[tokio::test]
async fn the_models_space_creates_its_folders_by_itself() {
    let emulator = Emulator::start().unwrap();
    let (client, _, _) = stage(&emulator);
    let (up, down) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for path in ["a.bin", "x/y/b.bin"] {
        write(up.path(), path, path.as_bytes());
    }
    std::fs::create_dir(up.path().join("empty")).unwrap();
    client.files().upload("models", "m/v0/one.bin", "1").await.unwrap();
    let report = client.files().upload_folder("models", up.path(), "m/v1").await.unwrap().into_result().unwrap();
    assert_eq!(moved(&report), ["a.bin", "x/y/b.bin"]);
    assert!(emulator.requests().iter().all(|request| request.query.is_empty() || request.method != "PUT"));
    let report = client.files().v2().download_folder("models", "m", down.path()).await.unwrap().into_result().unwrap();
    assert_eq!(moved(&report), ["v0/one.bin", "v1/a.bin", "v1/x/y/b.bin"]);
    assert_eq!(std::fs::read(down.path().join("v1/x/y/b.bin")).unwrap(), b"x/y/b.bin");
    assert_eq!(emulator.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn a_walk_lists_every_entry_below_a_folder_once() {
    let emulator = Emulator::start().unwrap();
    let (client, group, space) = stage(&emulator);
    for path in ["in/a", "in/x/b", "in/x/y/c", "in/z", "other"] {
        emulator.insert_file(&space, path, b"1").unwrap();
    }
    let paths = |path: &'static str| {
        let entries = client.stage().walk(group, path);
        async move {
            let entries: Vec<singlestore_management::types::FileObject> = entries.try_collect().await?;
            Ok::<Vec<String>, singlestore_management::Error>(entries.into_iter().map(|entry| entry.path).collect())
        }
    };
    assert_eq!(paths("in/").await.unwrap(), ["in/a", "in/x/", "in/z", "in/x/b", "in/x/y/", "in/x/y/c"]);
    assert_eq!(paths("in/x").await.unwrap(), ["in/x/b", "in/x/y/", "in/x/y/c"]);
    assert_eq!(paths("").await.unwrap().len(), 8);
    assert!(paths("none").await.unwrap_err().is_not_found());
    assert_eq!(paths("../x").await.unwrap_err().kind(), ErrorKind::InvalidRequest);

    // A folder that fails is an error in its place.
    emulator.inject(Fault::status(403).body("no").on_path(&format!("/v1/stage/{group}/fs/in%2Fx%2F")));
    let (entries, errors) = client.stage().walk(group, "in").collect_with_errors().await;
    assert_eq!((entries.len(), errors.len()), (3, 1));
    // A listing that contains itself is not walked forever.
    let folder = json!({"name": "in", "path": "in/", "type": "directory"});
    let listing = json!({"name": "in", "path": "in/", "type": "directory", "content": [folder]}).to_string();
    emulator.inject(Fault::status(200).content_type("application/json").body(listing).on_operation("get_stage_file"));
    assert_eq!(paths("in").await.unwrap(), ["in/"]);
    emulator.insert_file("files/shared", "a.ipynb", b"{}").unwrap();
    let shared = client.files().walk("shared", "").next().await.unwrap().unwrap();
    assert_eq!(shared.path, "a.ipynb");
}
