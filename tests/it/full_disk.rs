//! A full disk: final, reported clearly, and nothing is left of the file. The disk is that of a child process.

#![cfg(target_os = "linux")]

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::json;
use singlestore_management::files::UploadBody;
use singlestore_management::{Client, ErrorKind, WorkspaceGroupId};
use singlestore_management_emulator::Emulator;

const SIZE: usize = 3 << 20;

/// Downloads and uploads with the given disk; started by the parent.
#[tokio::test]
#[ignore = "a part of the tests below"]
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

/// An emulator with a group that has a file, and a folder for it.
fn stand() -> (Emulator, String, tempfile::TempDir) {
    let emulator = Emulator::start().unwrap();
    let group = emulator.insert_workspace_group(json!({"name": "g"})).unwrap();
    emulator.insert_file(&format!("stage/{group}"), "f", vec![7; SIZE]).unwrap();
    (emulator, group, tempfile::tempdir().unwrap())
}

/// The child has met the full disk both ways, with this message, and has not retried.
fn is_final(output: &Output, words: &str, emulator: &Emulator) {
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said} {}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("down: ") && said.contains("up: ") && said.contains(words), "{said}");
    let requests = (emulator.storage_requests().len(), emulator.requests_of("upload_stage_file").len());
    assert_eq!(requests, (1, 0), "it is not tried again");
}

#[test]
fn a_file_that_may_not_grow_is_final_and_leaves_nothing() {
    let (emulator, group, folder) = stand();
    // 512 KiB for a file; without the trap the system kills the process.
    let limit = "trap '' XFSZ; ulimit -f 1024; exec \"$0\" \"$@\"";
    is_final(&run(&emulator, &group, folder.path(), "sh", &["-c", limit]), "File too large", &emulator);
}

/// Set where a separate disk must be available, as in the CI workflow.
const NEEDED: &str = "SINGLESTORE_MANAGEMENT_TEST_NEEDS_TMPFS";

/// On a separate disk, which not every system lets a user create.
#[test]
fn a_full_disk_is_final_and_leaves_nothing() {
    let (emulator, group, folder) = stand();
    let mount = format!("mount -t tmpfs -o size=512k tmpfs {}", folder.path().display());
    let unshare = ["--user", "--map-root-user", "--mount", "sh", "-c"];
    let refusal = match Command::new("unshare").args(unshare).arg(&mount).output() {
        Ok(output) if output.status.success() => None,
        Ok(output) => Some(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
        Err(error) => Some(format!("unshare: {error}")),
    };
    if let Some(refusal) = refusal {
        assert!(std::env::var_os(NEEDED).is_none(), "{NEEDED} is set, and no disk can be made: {refusal}");
        // Not `eprintln!`, whose output is hidden for a passing test.
        let _ = writeln!(std::io::stderr(), "a_full_disk_is_final_and_leaves_nothing did NOT run: {refusal}");
        return;
    }
    let command = format!("{mount} && exec \"$0\" \"$@\"");
    let output = run(&emulator, &group, folder.path(), "unshare", &[&unshare[..], &[command.as_str()]].concat());
    is_final(&output, "No space left", &emulator);
}
