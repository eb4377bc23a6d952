//! Names that have a meaning in a URL, in a form, on a disk, or to a human eye.

use serde_json::json;
use singlestore_management::types::FileObject;
use singlestore_management::{ClusterId, WorkspaceGroupId};
use singlestore_management_emulator::Emulator;

use crate::support::client;

const NAMES: [&str; 19] = [
    "a b+ü%.txt",
    "#",
    "?",
    "%2F",
    "🦀.txt",
    ".hidden",
    "blank ",
    " x",
    "a&b=c",
    "semi;colon",
    "quo\"te'",
    "tilde~",
    "per%cent%20",
    "naïve—dash",
    "[brackets]{}",
    "a:b|c*<>",
    "plus+plus",
    "...",
    "\u{65}\u{301}",
];

/// What all handles have in common, tried on one of them: upload, list, download, move, delete.
macro_rules! odd_names {
    ($emulator:expr, $handle:expr, $owner:expr, $space:expr, $prefix:expr) => {
        let (handle, prefix) = ($handle, $prefix);
        for name in NAMES {
            let path = format!("{prefix}{name}");
            handle.upload($owner, &path, name).await.unwrap();
            let object = handle.metadata($owner, &path).await.unwrap();
            assert_eq!((object.path.as_str(), object.name.as_str()), (path.as_str(), name));
            assert_eq!(handle.download($owner, &path).bytes().await.unwrap(), name.as_bytes());
        }
        let mut want: Vec<String> = NAMES.iter().map(|name| format!("{prefix}{name}")).collect();
        want.sort_unstable();
        let all: Vec<FileObject> = handle.walk($owner, prefix).try_collect().await.unwrap();
        let mut listed: Vec<String> = all.into_iter().map(|entry| entry.path).collect();
        listed.sort_unstable();
        assert_eq!(listed, want);
        for name in NAMES {
            let (from, to) = (format!("{prefix}{name}"), format!("{prefix}moved {name}"));
            assert!($emulator.files($space).contains(&from), "{from}");
            handle.move_to($owner, &from, &to).await.unwrap();
            assert!(
                !handle.exists($owner, &from).await.unwrap() && handle.exists($owner, &to).await.unwrap(),
                "{name}"
            );
            assert_eq!($emulator.file($space, &to).as_deref(), Some(name.as_bytes()));
            handle.delete($owner, &to).await.unwrap();
        }
        assert_eq!($emulator.files($space).len(), usize::from(!prefix.is_empty()));
    };
}

#[tokio::test]
async fn odd_names_are_uploaded_listed_downloaded_moved_and_deleted() {
    let emulator = Emulator::start().unwrap();
    let client = client(&emulator);
    let group: WorkspaceGroupId = emulator.insert_workspace_group(json!({"name": "g"})).unwrap().parse().unwrap();
    client.stage().create_folder(group, "in").await.unwrap();
    odd_names!(emulator, client.stage(), group, &format!("stage/{group}"), "in/");
    let cluster: ClusterId = emulator.insert_cluster(json!({"name": "c"})).unwrap().parse().unwrap();
    odd_names!(emulator, client.cluster_stage(), cluster, &format!("stage/{cluster}"), "");
    odd_names!(emulator, client.files(), "shared", "files/shared", "");
    odd_names!(emulator, client.files().v2(), "personal", "files/personal", "");
    assert_eq!(emulator.violations(), Vec::<String>::new());
}
