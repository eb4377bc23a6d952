//! A folder of 2,000 files, including every kind of refused name, killed halfway and run again.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::json;
use singlestore_management::files::{FolderReport, SkipReason};
use singlestore_management::{Client, WorkspaceGroupId};
use singlestore_management_emulator::{Emulator, Fault};

use crate::support::client;

const FILES: usize = 2_000;
/// How many are transferred before the other side goes silent.
const BEFORE: usize = FILES / 4;
/// Longer than any test.
const LONG: Duration = Duration::from_secs(3_600);

fn path(number: usize) -> String {
    format!("{}/{number}.txt", number % 20)
}

fn content(number: usize) -> String {
    format!("file {number}")
}

/// Transfers a folder until it is killed; started by the parent.
#[tokio::test]
#[ignore = "a part of the tests below"]
async fn child() {
    let Ok(url) = std::env::var("FOLDERS_URL") else { return };
    let variable = |name: &str| std::env::var(name).unwrap();
    let group: WorkspaceGroupId = variable("FOLDERS_GROUP").parse().unwrap();
    let client = Client::builder().base_url(url).api_key(variable("FOLDERS_KEY")).build().unwrap();
    let local = variable("FOLDERS_LOCAL");
    let report = match variable("FOLDERS_WAY").as_str() {
        "up" => client.stage().upload_folder(group, local, "in").await,
        _ => client.stage().download_folder(group, "in", local).await,
    };
    panic!("it was to be killed: {report:?}");
}

fn start_child(emulator: &Emulator, group: WorkspaceGroupId, way: &str, local: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["killed_folders::child", "--exact", "--ignored"])
        .env("FOLDERS_URL", emulator.url())
        .env("FOLDERS_KEY", emulator.api_key())
        .env("FOLDERS_GROUP", group.to_string())
        .env("FOLDERS_WAY", way)
        .env("FOLDERS_LOCAL", local)
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// Kills a child that makes no more progress, once it has come this far.
async fn kill_when(mut child: Child, has_come_so_far: impl Fn() -> bool) {
    while !has_come_so_far() {
        assert!(child.try_wait().unwrap().is_none(), "it ended although the other side is silent");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

fn failed(report: &FolderReport) -> BTreeSet<String> {
    report.failed.iter().map(|file| file.path.clone()).collect()
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

#[tokio::test]
async fn an_upload_of_two_thousand_files_is_killed_midway_and_run_again() {
    let emulator = Emulator::start().unwrap();
    let group: WorkspaceGroupId = emulator.insert_workspace_group(json!({"name": "g"})).unwrap().parse().unwrap();
    let (client, space) = (client(&emulator), format!("stage/{group}"));
    let local = tempfile::tempdir().unwrap();
    for number in 0..FILES {
        let place = local.path().join(path(number));
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::fs::write(place, content(number)).unwrap();
    }
    let (mut refused, mut skipped) = (set(&["7/%2e%2e"]), BTreeSet::new());
    std::fs::write(local.path().join("7/%2e%2e"), "x").unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        let at = |name: &[u8]| local.path().join("7").join(std::ffi::OsStr::from_bytes(name));
        for name in [&b"back\\slash"[..], b"line\nfeed", b"not \xff utf-8"] {
            std::fs::write(at(name), "x").unwrap();
        }
        refused.extend(set(&["7/back\\slash", "7/line\nfeed", "7/not \u{fffd} utf-8"]));
        std::os::unix::fs::symlink("/etc", at(b"folder link")).unwrap();
        std::os::unix::fs::symlink("1.txt", at(b"link")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(at(b"socket")).unwrap();
        skipped.extend(
            [
                ("7/folder link".to_owned(), SkipReason::Symlink),
                ("7/link".to_owned(), SkipReason::Symlink),
                ("7/socket".to_owned(), SkipReason::NotAFile),
            ]
            .map(|(path, reason)| (path, format!("{reason:?}"))),
        );
    }

    let is_content = |path: &str| path.ends_with(".txt");
    // Folders use PUT too, so uploads of content are counted by their length.
    let slow = Fault::stall(LONG).always().on_method("PUT").after(21 + BEFORE as u32);
    emulator.inject(slow);
    let child = start_child(&emulator, group, "up", local.path());
    // All four workers: while fewer are held up, the uploads of the others may not have arrived.
    kill_when(child, || emulator.count_of("upload_stage_file") as usize >= 21 + BEFORE + 4).await;
    emulator.clear_faults();
    let stored = emulator.files(&space).iter().filter(|path| is_content(path)).count();
    assert_eq!(stored, BEFORE);

    let report = client.stage().upload_folder(group, local.path(), "in").await.unwrap();
    assert_eq!((report.moved.len(), failed(&report)), (FILES - stored, refused));
    let other = report.skipped.iter().filter(|file| file.reason != SkipReason::SameSize);
    let other: BTreeSet<_> = other.map(|file| (file.path.clone(), format!("{:?}", file.reason))).collect();
    assert_eq!((report.skipped.len() - other.len(), other), (stored, skipped));
    assert_eq!(emulator.files(&space).iter().filter(|path| is_content(path)).count(), FILES);
    for number in 0..FILES {
        assert_eq!(emulator.file(&space, &format!("in/{}", path(number))).unwrap(), content(number).as_bytes());
    }
    // A kill may cut off the uploads under way, and does no other damage.
    let cut = |said: &String| said.starts_with("the connection ended after ");
    let others: Vec<String> = emulator.violations().into_iter().filter(|said| !cut(said)).collect();
    assert_eq!(others, Vec::<String>::new());
}

#[tokio::test]
async fn a_download_of_two_thousand_files_is_killed_midway_and_run_again() {
    let emulator = Emulator::start().unwrap();
    let group: WorkspaceGroupId = emulator.insert_workspace_group(json!({"name": "g"})).unwrap().parse().unwrap();
    let (client, space) = (client(&emulator), format!("stage/{group}"));
    for number in 0..FILES {
        emulator.insert_file(&space, &format!("in/{}", path(number)), content(number)).unwrap();
    }
    let refused = [
        "7/C:",
        "7/stream:x",
        "7/CON.txt",
        "7/lpt1",
        "7/Same",
        "7/same",
        "7/back\\slash",
        "7/blank ",
        "7/dot.",
        "7/line\nfeed",
        "7/right\u{202e}left",
        "Folder/",
        "Folder/x",
        "folder/",
        "folder/x",
    ];
    for name in refused.iter().filter(|name| !name.ends_with('/')) {
        emulator.insert_file(&space, &format!("in/{name}"), b"x").unwrap();
    }
    // A listing can still name what a tree cannot hold.
    emulator.insert_file(&space, "in/hostile/ok.txt", b"ok").unwrap();
    let names = [
        "in/hostile/../../up",
        "/etc/passwd",
        "../up",
        "in/hostile/..",
        "in/hostile/./c",
        "other/x",
        "in/hostile//b",
        "C:/x",
    ];
    let entries: Vec<_> = ["in/hostile/ok.txt"]
        .iter()
        .chain(&names)
        .map(|path| json!({"name": "x", "path": path, "type": "file", "size": 2}))
        .collect();
    let listing = json!({"name": "hostile", "path": "in/hostile/", "type": "directory", "content": entries});
    // Once, since the path of the folder is a prefix of those of its files.
    let list_hostile = || {
        let fault = Fault::status(200).content_type("application/json").body(listing.to_string());
        emulator.inject(fault.on_path(&format!("/v1/stage/{group}/fs/in%2Fhostile%2F")));
    };
    list_hostile();
    let outer = tempfile::tempdir().unwrap();
    let local = outer.path().join("local");

    emulator.inject_storage(Fault::stall_after_bytes(3, LONG).always().after(BEFORE as u32));
    let child = start_child(&emulator, group, "down", &local);
    kill_when(child, || emulator.storage_requests().len() >= BEFORE + 4).await;
    let here = || {
        let folders = std::fs::read_dir(&local).unwrap().map(|entry| entry.unwrap().path());
        let files = folders.flat_map(|folder| std::fs::read_dir(folder).unwrap());
        let names = files.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.partition::<Vec<String>, _>(|name| name.ends_with(".part"))
    };
    let (parts, whole) = here();
    assert_eq!(
        (parts.len(), whole.len()),
        (4, BEFORE),
        "a kill leaves the files under way, and nothing under a wrong name"
    );
    emulator.clear_faults();
    list_hostile();

    let report = client.stage().download_folder(group, "in", &local).await.unwrap();
    assert_eq!((report.moved.len(), report.skipped.len()), (FILES + 1 - BEFORE, BEFORE));
    let mut want = set(&refused);
    want.extend(
        ["hostile/../../up", "etc/passwd", "../up", "hostile/..", "hostile/./c", "other/x", "hostile//b", "C:/x"]
            .map(str::to_owned),
    );
    assert_eq!(failed(&report), want);
    for number in 0..FILES {
        assert_eq!(std::fs::read(local.join(path(number))).unwrap(), content(number).as_bytes());
    }
    assert_eq!(std::fs::read_dir(&local).unwrap().count(), 21);
    assert_eq!(std::fs::read_dir(outer.path()).unwrap().count(), 1, "nothing left the folder");
    let (parts, whole) = here();
    assert_eq!((parts.len(), whole.len()), (4, FILES + 1));
    assert_eq!(emulator.violations(), Vec::<String>::new());
}
