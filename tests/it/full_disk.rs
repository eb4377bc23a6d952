//! A disk that takes no more: final, said clearly, and nothing is left of the file. The disk is that of a child process.

#![cfg(target_os = "linux")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::json;
use singlestore_management::files::UploadBody;
use singlestore_management::{Client, ErrorKind, WorkspaceGroupId};
use singlestore_management_emulator::Emulator;

const SIZE: usize = 3 << 20;

/// Downloads and uploads with the disk that it is given; the parent starts it.
#[tokio::test]
#[ignore = "a part of the test below"]
async fn child() {
    let Ok(url) = std::env::var("FULL_DISK_URL") else { return };
    let variable = |name: &str| std::env::var(name).unwrap();
    let group: WorkspaceGroupId = variable("FULL_DISK_GROUP").parse().unwrap();
    let client = Client::builder().base_url(url).api_key(variable("FULL_DISK_KEY")).build().unwrap();
    let folder = variable("FULL_DISK_FOLDER");
    let target = Path::new(&folder).join("f");
    std::fs::write(&target, "old").unwrap();
    let error = client.stage().download(group, "f").to_file(&target).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LocalFile, "{error}");
    let names: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!((names, std::fs::read(&target).unwrap()), (vec!["f".into()], b"old".to_vec()));
    println!("down: {error}");
    // A reader of unknown length goes to the same disk first.
    let body = UploadBody::from_reader(std::io::Cursor::new(vec![1; SIZE]), None);
    let error = client.stage().upload(group, "up", body).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LocalFile, "{error}");
    println!("up: {error}");
}

fn run(emulator: &Emulator, group: &str, folder: &Path, program: &str, arguments: &[&str]) -> Output {
    Command::new(program)
        .args(arguments)
        .arg(std::env::current_exe().unwrap())
        .args(["full_disk::child", "--exact", "--ignored", "--nocapture"])
        .env("FULL_DISK_URL", emulator.url())
        .env("FULL_DISK_KEY", emulator.api_key())
        .env("FULL_DISK_GROUP", group)
        .env("FULL_DISK_FOLDER", folder)
        .env("TMPDIR", folder)
        .output()
        .unwrap()
}

#[tokio::test]
async fn a_full_disk_is_final_and_leaves_nothing() {
    let emulator = Emulator::start().unwrap();
    let group = emulator.insert_workspace_group(json!({"name": "g"})).unwrap();
    emulator.insert_file(&format!("stage/{group}"), "f", vec![7; SIZE]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    // 512 KiB for a file; without the trap the system ends the process.
    let limited =
        run(&emulator, &group, folder.path(), "sh", &["-c", "trap '' XFSZ; ulimit -f 1024; exec \"$0\" \"$@\""]);
    let said = String::from_utf8_lossy(&limited.stdout);
    assert!(limited.status.success(), "{said} {}", String::from_utf8_lossy(&limited.stderr));
    assert!(said.contains("down: ") && said.contains("up: ") && said.contains("File too large"), "{said}");
    let storage = emulator.storage_requests().len();
    assert_eq!((storage, emulator.requests_of("upload_stage_file").len()), (1, 0), "it is not tried again");

    // A disk of its own, where the system lets a user make one.
    let mount = format!("mount -t tmpfs -o size=512k tmpfs {} && exec \"$0\" \"$@\"", folder.path().display());
    let unshare = ["--user", "--map-root-user", "--mount", "sh", "-c"];
    let probe = Command::new("unshare").args(unshare).arg(mount.replace("exec \"$0\" \"$@\"", "true")).output();
    if !probe.is_ok_and(|output| output.status.success()) {
        eprintln!("this system makes no disks for users");
        return;
    }
    let full = run(&emulator, &group, folder.path(), "unshare", &[&unshare[..], &[mount.as_str()]].concat());
    let said = String::from_utf8_lossy(&full.stdout);
    assert!(full.status.success(), "{said} {}", String::from_utf8_lossy(&full.stderr));
    assert!(said.contains("down: ") && said.contains("up: ") && said.contains("No space left"), "{said}");
    assert_eq!(emulator.storage_requests().len(), storage + 1);
}
