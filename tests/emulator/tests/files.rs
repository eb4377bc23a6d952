//! Stage and file spaces: trees, uploads, and downloads that leave the API.
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
fn a_stage_file_is_downloaded_from_another_host_without_the_key() {
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
fn folders_of_models_are_prefixes_that_come_and_go_with_files() {
    let emulator = Emulator::start().unwrap();
    let root = "/v1/files/fs/models";
    assert_eq!(put(&emulator, &format!("{root}/a/v1/one.bin"), b"1").status, 200);
    good(&emulator, "PATCH", &format!("{root}/a/v1/one.bin"), json!({"newPath": "b/v2/one.bin"}));
    assert_eq!(emulator.files("files/models"), ["b/", "b/v2/", "b/v2/one.bin"]);
    assert_eq!(put(&emulator, &format!("{root}/b/two.bin"), b"2").status, 200);
    good(&emulator, "DELETE", &format!("{root}/b/v2/one.bin"), Value::Null);
    assert_eq!(emulator.files("files/models"), ["b/", "b/two.bin"]);
    good(&emulator, "PATCH", &format!("{root}/b/"), json!({"newPath": "c/d/"}));
    assert_eq!(emulator.files("files/models"), ["c/", "c/d/", "c/d/two.bin"]);
    // A move that is refused leaves no prefix behind.
    assert_eq!(refusal(&emulator, "PATCH", &format!("{root}/none"), json!({"newPath": "e/none"})).0, 404);
    // The document has no upload without a file here, and nothing else creates a folder.
    assert_eq!(refusal(&emulator, "PUT", &format!("{root}/empty/"), Value::Null).0, 400);
    assert_eq!(emulator.files("files/models"), ["c/", "c/d/", "c/d/two.bin"]);
    // The control: in a Stage a folder remains when its last file is removed.
    let group = emulator.insert_workspace_group(json!({"name": "g"})).unwrap();
    emulator.insert_file(&format!("stage/{group}"), "a/x", b"x").unwrap();
    good(&emulator, "DELETE", &format!("/v1/stage/{group}/fs/a/x"), Value::Null);
    assert_eq!(emulator.files(&format!("stage/{group}")), ["a/"]);
}

#[test]
fn file_spaces_respond_with_bytes_and_know_no_folders() {
    let emulator = Emulator::start().unwrap();
    emulator.insert_file("files/shared", "n.ipynb", b"{}").unwrap();
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

fn download(emulator: &Emulator, target: &str) -> String {
    let reply = try_call(emulator, "GET", target, &[], b"").unwrap();
    assert_eq!(reply.status, 307, "{}", reply.text());
    reply.header("location").unwrap().strip_prefix(emulator.storage_url()).unwrap().to_owned()
}

fn fetch(emulator: &Emulator, target: &str, headers: &[(&str, &str)]) -> Reply {
    parse(&raw(emulator.storage_url(), &request("GET", target, headers, b"")).unwrap()).unwrap()
}

#[test]
fn the_storage_serves_ranges_with_a_strong_etag() {
    let emulator = Emulator::start().unwrap();
    let group = emulator.insert_workspace_group(json!({"name": "g"})).unwrap();
    emulator.insert_file(&format!("stage/{group}"), "in/a.bin", b"0123456789").unwrap();
    let url = download(&emulator, &format!("/v1/stage/{group}/fs/in/a.bin"));
    let whole = fetch(&emulator, &url, &[]);
    let etag = whole.header("etag").unwrap().to_owned();
    assert!(whole.status == 200 && etag.starts_with('"'), "{etag}");
    let part = fetch(&emulator, &url, &[("Range", "bytes=4-"), ("If-Match", &etag)]);
    assert_eq!((part.status, part.text().as_str()), (206, "456789"));
    assert_eq!((part.header("content-range"), part.header("etag")), (Some("bytes 4-9/10"), Some(etag.as_str())));
    assert_eq!(fetch(&emulator, &url, &[("Range", "bytes=4-"), ("If-Match", "\"other\"")]).status, 412);
    let beyond = fetch(&emulator, &url, &[("Range", "bytes=10-")]);
    assert_eq!((beyond.status, beyond.header("content-range")), (416, Some("bytes */10")));
    emulator.inject_storage(Fault::ignore_range());
    assert_eq!(fetch(&emulator, &url, &[("Range", "bytes=4-")]).status, 200);
    emulator.inject_storage(Fault::shift_range(2));
    assert_eq!(fetch(&emulator, &url, &[("Range", "bytes=4-")]).header("content-range"), Some("bytes 6-9/10"));
    emulator.inject_storage(Fault::replace_header("ETag", "W/\"weak\""));
    assert_eq!(fetch(&emulator, &url, &[]).header("etag"), Some("W/\"weak\""));
    emulator.insert_file(&format!("stage/{group}"), "in/a.bin", b"changed").unwrap();
    assert_ne!(fetch(&emulator, &url, &[]).header("etag"), Some(etag.as_str()));
}

#[test]
fn pre_signed_urls_expire_by_time_and_at_once() {
    let emulator = Emulator::start().unwrap();
    let cluster = emulator.insert_cluster(json!({"name": "c"})).unwrap();
    emulator.insert_file(&format!("stage/{cluster}"), "a", b"x").unwrap();
    let target = format!("/v2/clusters/{cluster}/stage/fs/a");
    let first = download(&emulator, &target);
    assert_eq!(fetch(&emulator, &first, &[]).status, 200);
    emulator.advance_time(std::time::Duration::from_secs(901));
    let refused = fetch(&emulator, &first, &[]);
    assert!(refused.status == 403 && refused.text().contains("<Code>AccessDenied</Code>"), "{}", refused.text());
    let second = download(&emulator, &target);
    assert_eq!(fetch(&emulator, &second, &[]).status, 200);
    emulator.expire_urls();
    assert_eq!(fetch(&emulator, &second, &[]).status, 403);
    assert_eq!(fetch(&emulator, &download(&emulator, &target), &[]).status, 200);
}

#[test]
fn download_bodies_break_where_requested() {
    let emulator = Emulator::start().unwrap();
    emulator.insert_file("files/shared", "a.bin", vec![b'x'; 300_000]).unwrap();
    let get = || {
        raw(emulator.url(), &request("GET", "/v1/files/fs/shared/a.bin", &[("Authorization", &key(&emulator))], b""))
    };
    let length = |bytes: Vec<u8>| parse(&bytes).unwrap();
    emulator.inject(Fault::close_after_bytes(1000));
    let cut = length(get().unwrap());
    assert_eq!((cut.body.len(), cut.header("content-length")), (1000, Some("300000")));
    emulator.inject(Fault::end_after_bytes(299_999));
    let short = length(get().unwrap());
    assert_eq!((short.body.len(), short.header("content-length")), (299_999, Some("299999")));
    emulator.inject(Fault::reset_after_bytes(10));
    assert!(get().is_err());
    assert_eq!(length(get().unwrap()).body.len(), 300_000);
}

fn key(emulator: &Emulator) -> String {
    format!("Bearer {}", emulator.api_key())
}

#[test]
fn an_upload_replaces_or_is_refused_and_its_beginning_is_recorded() {
    for replaces in [true, false] {
        let builder = Emulator::builder().keep_bodies_up_to(4096).redirect_file_downloads();
        let emulator = if replaces { builder.start() } else { builder.refuse_overwrites().start() }.unwrap();
        let target = "/v1/files/fs/shared/a.bin";
        assert_eq!(put(&emulator, target, &vec![b'a'; 1_000_000]).status, 200);
        assert_eq!(put(&emulator, target, b"second").status, if replaces { 200 } else { 409 });
        let kept = emulator.file("files/shared", "a.bin").unwrap();
        assert_eq!(kept.len(), if replaces { 6 } else { 1_000_000 });
        assert_eq!(fetch(&emulator, &download(&emulator, target), &[]).body, kept);
        let request = &emulator.requests()[0];
        assert!(request.body.len() == 4096 && request.body_length > 1_000_000);
        assert_eq!(emulator.violations(), Vec::<String>::new());
    }
}

#[test]
fn a_stage_may_serve_content_itself_and_models_create_their_folders() {
    let emulator = Emulator::builder().direct_stage_downloads().start().unwrap();
    let group = emulator.insert_workspace_group(json!({"name": "g"})).unwrap();
    emulator.insert_file(&format!("stage/{group}"), "a.json", b"{}").unwrap();
    let reply = try_call(&emulator, "GET", &format!("/v1/stage/{group}/fs/a.json"), &[], b"").unwrap();
    assert_eq!((reply.status, reply.text().as_str()), (200, "{}"));
    assert_eq!(put(&emulator, "/v1/files/fs/models/llm/weights.bin", b"w").status, 200);
    assert_eq!(emulator.files("files/models"), ["llm/", "llm/weights.bin"]);
}
