//! Replaces the admin passwords of all workspace groups, without ever losing one.
//!
//! ```text
//! cargo run --example rotate_passwords -- [--only PREFIX] [--yes]
//! ```
//!
//! A password is stored before it is set, because one that was set but not stored would lock everybody out. If it is not
//! known whether the service accepted it, the old and the new password are both kept, and the group is named at the end.
//! The program can be run again at any time.
//!
//! Without a key in the environment it runs against an emulator. With a key it asks before it begins; `--yes` skips the
//! question.

mod support;

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use serde_json::json;
use singlestore_management::types::{WorkspaceGroupState, WorkspaceGroupUpdate};
use singlestore_management::{Client, WorkspaceGroupId};
use support::Place;

const STORE: &str = "rotated_passwords.jsonl";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (mut prefix, mut yes) = (String::new(), false);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--only" => prefix = arguments.next().ok_or("--only needs a name prefix")?,
            "--yes" => yes = true,
            _ => return Err(format!("unknown argument {argument}").into()),
        }
    }
    let place = Place::choose()?;
    let whose = if prefix.is_empty() { String::new() } else { format!(" whose name begins with {prefix:?}") };
    place.agree(&format!("This replaces the admin passwords of all workspace groups{whose}."), yes)?;
    let store = match &place.emulator {
        Some(emulator) => {
            for number in 1..=5 {
                emulator.insert_workspace_group(json!({"name": format!("tenant-{number}")}))?;
            }
            std::env::temp_dir().join(format!("{}-{STORE}", std::process::id()))
        }
        None => STORE.into(),
    };
    let outcome = rotate(&place.client, &prefix, &store).await;
    if place.emulator.is_some() {
        std::fs::remove_file(&store)?;
    }
    outcome?;
    place.check()
}

async fn rotate(client: &Client, prefix: &str, store: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let (mut changed, mut kept, mut unknown) = (0_u32, Vec::new(), Vec::new());
    let mut groups = client.workspace_groups().list().items();
    while let Some(group) = groups.try_next().await? {
        if !group.name.starts_with(prefix) || group.state == WorkspaceGroupState::Terminated {
            continue;
        }
        let password = password()?;
        remember(store, group.workspace_group_id, &password)?;
        let change = WorkspaceGroupUpdate::new().admin_password(password);
        match client.workspace_groups().update(group.workspace_group_id, change).await {
            Ok(_) => changed += 1,
            Err(error) if error.is_outcome_unknown() => unknown.push(format!("{}: {error}", group.name)),
            Err(error) => kept.push(format!("{}: {error}", group.name)),
        }
    }
    println!("{changed} passwords replaced, {} kept, {} unknown", kept.len(), unknown.len());
    for line in kept {
        println!("kept its old password: {line}");
    }
    for line in unknown {
        println!("has the old or the new password: {line}");
    }
    Ok(())
}

/// A password that follows the service's rules: upper case, lower case, digits and a special character, and no two adjacent
/// characters that are equal or consecutive. This alphabet has no consecutive characters, so only repeats are skipped.
fn password() -> Result<String, Box<dyn std::error::Error>> {
    const ALPHABET: &[u8; 32] = b"adgjmpsvyBEHKNQTWZ258adgjmpsvyBE";
    let mut password = "Zd5-".to_owned();
    while password.len() < 36 {
        let mut byte = [0];
        getrandom::fill(&mut byte)?;
        let character = char::from(ALPHABET[usize::from(byte[0] % 32)]);
        if !password.ends_with(character) {
            password.push(character);
        }
    }
    Ok(password)
}

/// A stand-in for your vault: the password is appended, and is on the disk before it is sent to the service.
fn remember(store: &Path, group: WorkspaceGroupId, password: &str) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(store)?;
    writeln!(file, "{}", json!({"group": group, "password": password}))?;
    file.sync_all()
}
