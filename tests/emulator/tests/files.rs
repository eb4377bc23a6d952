//! Stage and file spaces: trees, uploads, and downloads that leave the interface.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

mod support;

use serde_json::{Value, json};
use singlestore_management_emulator::{Emulator, Fault};
use support::{Reply, good, parse, raw, refusal, request, try_call};

fn put(emulator: &Emulator, target: &str, content: &[u8]) -> Reply {
    let head = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n";
    let body = [head.as_bytes(), content, b"\r\n--b--\r\n"].concat();
    try_call(emulator, "PUT", target, &[("Content-Type", "multipart/form-data; boundary=b")], &body).unwrap()
}

fn paths(emulator: &Emulator, target: &str) -> Vec<String> {
    let listing = good(emulator, "GET", target, Value::Null);
    listing["content"].as_array().unwrap().iter().map(|entry| support::text(entry, "path")).collect()
}

#[test]
fn a_stage_file_is_downloaded_elsewhere_and_the_key_stays_at_home() {
    let emulator = Emulator::start().unwrap();
    let group = emulator.insert_workspace_group(json!({"name": "g"})).unwrap();
    let root = format!("/v1/stage/{group}/fs");
    assert_eq!(put(&emulator, &format!("{root}/data.bin"), b"\x00bytes").status, 200);
    let reply = try_call(&emulator, "GET", &format!("{root}/data.bin"), &[], b"").unwrap();
    let location = reply.header("location").unwrap().to_owned();
    assert!(reply.status == 307 && location.starts_with(emulator.storage_url()), "{location}");
    let target = location.strip_prefix(emulator.storage_url()).unwrap();
    let fetch = |target: &str, headers: &[(&str, &str)]| {
        parse(&raw(emulator.storage_url(), &request("GET", target, headers, b"")).unwrap()).unwrap()
    };
    assert_eq!(fetch(target, &[]).body, b"\x00bytes");
    assert_eq!(fetch(target, &[("Authorization", "Bearer x")]).status, 400);
    assert_eq!(fetch(target.split("Signature").next().unwrap(), &[]).status, 403);
    emulator.inject_storage(Fault::truncated());
    assert_eq!((fetch(target, &[]).body, fetch(target, &[]).body.len()), (b"\x00by".to_vec(), 6));
    assert_eq!(emulator.storage_requests().len(), 5);
    assert_eq!(good(&emulator, "GET", &format!("{root}/data.bin?metadata=true"), Value::Null)["size"], 6);
}

#[test]
fn folders_need_their_slash_and_their_parents() {
    let emulator = Emulator::start().unwrap();
    let cluster = emulator.insert_cluster(json!({"name": "c"})).unwrap();
    let root = format!("/v2/clusters/{cluster}/stage/fs");
    let folder = |path: &str| good(&emulator, "PUT", &format!("{root}/{path}?isFile=false"), Value::Null);
    assert_eq!(refusal(&emulator, "PUT", &format!("{root}/a/b/?isFile=false"), Value::Null).0, 404);
    assert_eq!(folder("a"), json!({"name": "a", "path": "a/"}));
    folder("a%2Fb%2F");
    assert_eq!(put(&emulator, &format!("{root}/a/b/c.txt"), b"x").status, 200);
    assert_eq!(put(&emulator, &format!("{root}/nowhere/c.txt"), b"x").status, 404);
    assert_eq!(refusal(&emulator, "GET", &format!("{root}/a"), Value::Null).0, 404);
    assert_eq!(
        (paths(&emulator, &format!("{root}/")), paths(&emulator, &format!("{root}/a/b/"))),
        (vec!["a/".to_owned()], vec!["a/b/c.txt".to_owned()])
    );
    good(&emulator, "PATCH", &format!("{root}/a/"), json!({"newPath": "z/"}));
    assert_eq!(emulator.files(&format!("stage/{cluster}")), ["z/", "z/b/", "z/b/c.txt"]);
    assert_eq!(refusal(&emulator, "PATCH", &format!("{root}/z/"), json!({})).0, 400);
    good(&emulator, "DELETE", &format!("{root}/z/"), Value::Null);
    assert_eq!(refusal(&emulator, "DELETE", &format!("{root}/z/"), Value::Null).0, 404);
}

#[test]
fn file_spaces_respond_with_bytes_and_know_no_folders() {
    let emulator = Emulator::start().unwrap();
    emulator.insert_file("files/shared", "n.ipynb", b"{}");
    let reply = try_call(&emulator, "GET", "/v1/files/fs/shared/n.ipynb", &[], b"").unwrap();
    assert_eq!((reply.status, reply.body.as_slice()), (200, b"{}".as_slice()));
    assert_eq!(good(&emulator, "GET", "/v2/files/fs/shared/n.ipynb?metadata=1", Value::Null)["type"], "notebook");
    assert_eq!(refusal(&emulator, "GET", "/v1/files/fs/shared/d/", Value::Null).0, 400);
    assert_eq!(refusal(&emulator, "GET", "/v1/files/fs/personal/n.ipynb", Value::Null).0, 404);
    assert_eq!(paths(&emulator, "/v1/files/fs/shared"), ["n.ipynb"]);
    let wrong =
        try_call(&emulator, "PUT", "/v1/files/fs/shared/x", &[("Content-Type", "application/json")], b"{}").unwrap();
    assert!(wrong.status == 400 && emulator.violations().concat().contains("multipart"));
}
