//! File uploads and downloads, on the emulator.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use serde_json::json;
use singlestore_management::files::UploadBody;
use singlestore_management::{Client, ErrorKind, WorkspaceGroupId};
use singlestore_management_emulator::{Emulator, Fault};

use crate::support::{builder, client, quick_retries};

/// The bytes, total and attempt of each report.
type Seen = Arc<Mutex<Vec<(u64, Option<u64>, u32)>>>;

/// Files are read and written in pieces of 256 KiB.
const SIZES: [u64; 6] = [0, 1, 262_143, 262_144, 262_145, 1_000_000];

/// A Stage with the folder `in/`.
fn stage(emulator: &Emulator) -> (Client, WorkspaceGroupId, String) {
    let group: WorkspaceGroupId = emulator.insert_workspace_group(json!({"name": "g"})).unwrap().parse().unwrap();
    let space = format!("stage/{group}");
    emulator.insert_file(&space, "in/old.csv", b"old").unwrap();
    (builder(emulator).retry(quick_retries()).build().unwrap(), group, space)
}

fn operations(emulator: &Emulator) -> Vec<String> {
    emulator.requests().iter().filter_map(|request| request.operation.clone()).collect()
}

#[tokio::test]
async fn everything_that_converts_is_uploaded() {
    let emulator = Emulator::start().unwrap();
    let (client, group, space) = stage(&emulator);
    let stage = client.stage();
    let local = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(local.path(), b"from a file").unwrap();
    let reader = || std::io::Cursor::new(b"from a reader".to_vec());
    for (name, body, want) in [
        ("text", UploadBody::from("{\"a\":1}"), "{\"a\":1}"),
        ("string", String::from("owned").into(), "owned"),
        ("vec", vec![b'v'; 3].into(), "vvv"),
        ("bytes", Bytes::from_static(b"bytes").into(), "bytes"),
        ("empty", "".into(), ""),
        ("file", UploadBody::from_path(local.path()), "from a file"),
        ("reader", UploadBody::from_reader(reader(), Some(13)), "from a reader"),
        ("spooled", UploadBody::from_reader(reader(), None), "from a reader"),
    ] {
        let path = format!("in/{name}");
        let report = stage.upload(group, &path, body).await.unwrap();
        assert_eq!((report.bytes, report.attempts, report.replaced), (want.len() as u64, 1, false), "{name}");
        assert_eq!(report.uncertainty, None);
        assert_eq!(emulator.file(&space, &path).as_deref(), Some(want.as_bytes()), "{name}");
        assert_eq!(stage.download(group, &path).bytes().await.unwrap(), want);
    }
    assert_eq!(emulator.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn an_upload_has_an_exact_length_a_unique_boundary_and_no_name_of_the_caller() {
    let emulator = Emulator::start().unwrap();
    let (client, group, _) = stage(&emulator);
    emulator.inject(Fault::status(503).times(1).on_method("PUT"));
    let name = "in/\"; name=\"x\".csv";
    client.stage().upload(group, name, "1,2").content_type("text/csv").await.unwrap();
    client.stage().upload(group, "in/b", "1,2").await.unwrap();
    let puts = emulator.requests_of("upload_stage_file");
    let types: Vec<&str> = puts.iter().map(|put| put.header("content-type").unwrap()).collect();
    assert_eq!(types[0], types[1], "a retry sends the same");
    assert_ne!(types[1], types[2]);
    let body = |put: &singlestore_management_emulator::RecordedRequest| {
        String::from_utf8(put.raw_body_with_secrets().to_vec()).unwrap()
    };
    for put in &puts {
        assert_eq!(put.header("transfer-encoding"), None);
        assert_eq!(put.header("content-length").unwrap(), body(put).len().to_string());
        assert!(body(put).contains("filename=\"file\"\r\n") && !body(put).contains(name), "{}", body(put));
    }
    assert!(body(&puts[1]).contains("\r\nContent-Type: text/csv\r\n\r\n1,2\r\n--"));
    assert!(!body(&puts[2]).contains("Content-Type"));
    let error = client.stage().upload(group, "in/c", "1").content_type("csv\r\nX: y").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
}

#[tokio::test]
async fn an_existing_file_is_replaced_only_if_asked_and_its_loss_is_reported() {
    let emulator = Emulator::start().unwrap();
    let (client, group, space) = stage(&emulator);
    let stage = client.stage();
    let error = stage.upload(group, "in/old.csv", "new").await.unwrap_err();
    assert!(error.is_already_exists(), "{error}");
    assert_eq!(emulator.file(&space, "in/old.csv").unwrap(), b"old");
    assert!(emulator.requests_of("upload_stage_file").is_empty());

    let report = stage.upload(group, "in/old.csv", "new").overwrite(true).await.unwrap();
    assert!(report.replaced);
    assert_eq!(emulator.file(&space, "in/old.csv").unwrap(), b"new");
    let report = stage.upload(group, "in/fresh.csv", "new").overwrite(true).await.unwrap();
    assert!(!report.replaced);

    emulator.inject(Fault::status(400).body("no").on_method("PUT"));
    let error = stage.upload(group, "in/old.csv", "newer").overwrite(true).await.unwrap_err();
    assert!(error.to_string().contains("the old file is gone"), "{error}");
    assert_eq!(emulator.file(&space, "in/old.csv"), None);
    emulator.inject(Fault::status(400).body("no").on_method("PUT"));
    let error = stage.upload(group, "in/none.csv", "newer").overwrite(true).await.unwrap_err();
    assert!(!error.to_string().contains("gone"), "{error}");
}

#[tokio::test]
async fn a_service_that_replaces_and_one_that_refuses_give_the_same_result() {
    for refuses in [false, true] {
        let emulator =
            if refuses { Emulator::builder().refuse_overwrites().start() } else { Emulator::start() }.unwrap();
        let (client, group, space) = stage(&emulator);
        let stage = client.stage();
        assert!(stage.upload(group, "in/old.csv", "new").await.unwrap_err().is_already_exists());
        assert_eq!(emulator.file(&space, "in/old.csv").unwrap(), b"old");
        assert!(stage.upload(group, "in/old.csv", "new").overwrite(true).await.unwrap().replaced);
        assert_eq!(emulator.file(&space, "in/old.csv").unwrap(), b"new");
        // A lost response: the retry is refused because our own file is in the way.
        emulator.inject(Fault::reset().after_effect().on_method("PUT"));
        let report = stage.upload(group, "in/old.csv", "newer").overwrite(true).await.unwrap();
        assert_eq!((report.attempts, report.uncertainty.is_some(), report.replaced), (2, refuses, true));
        assert_eq!(emulator.file(&space, "in/old.csv").unwrap(), b"newer");
        // Another program stores the path between the check and the upload; the service decides.
        emulator.inject(Fault::status(404).body("path not found").on_path(&format!("/v1/stage/{group}/fs/in%2Fold")));
        let raced = stage.upload(group, "in/old.csv", "newest").await;
        assert_eq!(raced.is_err_and(|error| error.is_already_exists()), refuses);
        let found = emulator.file(&space, "in/old.csv").unwrap();
        assert_eq!(found, if refuses { b"newer".as_slice() } else { b"newest" });
        assert_eq!(emulator.faults_left(), 0);
    }
}

#[tokio::test]
async fn after_a_lost_response_the_existing_file_may_be_our_own() {
    let emulator = Emulator::start().unwrap();
    let (client, group, _) = stage(&emulator);
    let refuse = || Fault::status(409).body("in/a already exists").on_method("PUT");
    emulator.inject(Fault::reset().after_effect().on_method("PUT"));
    emulator.inject(refuse());
    let report = client.stage().upload(group, "in/a", "12345").await.unwrap();
    assert!(report.uncertainty.unwrap().contains("lost"));
    assert_eq!(report.attempts, 2);

    // Conversely: what is there is not what was sent.
    emulator.clear_faults();
    emulator.inject(Fault::reset().on_method("PUT"));
    emulator.inject(refuse());
    let error = client.stage().upload(group, "in/c", "12345").await.unwrap_err();
    assert!(error.to_string().contains("lost") && error.to_string().contains("no such file"), "{error}");
}

#[tokio::test]
async fn uploads_are_retried_if_their_content_can_be_read_again() {
    let emulator = Emulator::start().unwrap();
    let (client, group, space) = stage(&emulator);
    let local = tempfile::NamedTempFile::new().unwrap();
    let content: Vec<u8> = (0..600_000_u32).map(|n| n as u8).collect();
    std::fs::write(local.path(), &content).unwrap();
    for (name, body) in [
        ("in/file", UploadBody::from_path(local.path())),
        ("in/spooled", UploadBody::from_reader(std::io::Cursor::new(content.clone()), None)),
        ("in/bytes", content.clone().into()),
    ] {
        emulator.inject(Fault::status(503).on_method("PUT"));
        emulator.inject(Fault::reset().on_method("PUT"));
        let report = client.stage().upload(group, name, body).await.unwrap();
        assert_eq!(report.attempts, 3, "{name}");
        assert!(emulator.file(&space, name).unwrap() == content, "{name}");
    }
    emulator.inject(Fault::status(503).on_method("PUT"));
    let reader = UploadBody::from_reader(std::io::Cursor::new(content), Some(600_000));
    let error = client.stage().upload(group, "in/reader", reader).await.unwrap_err();
    assert!(error.to_string().contains("not tried again"), "{error}");
    assert_eq!(error.attempts().len(), 1);
    assert_eq!(emulator.file(&space, "in/reader"), None);
}

#[tokio::test]
async fn a_reader_of_the_wrong_length_and_a_file_that_changes_are_never_stored() {
    let emulator = Emulator::start().unwrap();
    let (client, group, space) = stage(&emulator);
    for (name, length) in [("in/longer", 9), ("in/shorter", 11)] {
        let body = UploadBody::from_reader(std::io::Cursor::new(vec![1; 10]), Some(length));
        let error = client.stage().upload(group, name, body).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts().len()), (ErrorKind::FileChanged, 1), "{error}");
        let text = error.to_string();
        assert!(text.contains("announce the length") && !text.contains("nothing writes to it"), "{text}");
        assert_eq!(emulator.file(&space, name), None);
    }
    for error in [
        client.stage().download(group, "in/old.csv").to_file("").await.unwrap_err(),
        client.stage().upload(group, "in/new", UploadBody::from_path("")).await.unwrap_err(),
    ] {
        assert!(error.to_string().contains("the file without a name cannot be "), "{error}");
    }
    let local = tempfile::NamedTempFile::new().unwrap();
    for change in [b"longer content".as_slice(), b"x"] {
        std::fs::write(local.path(), vec![7; 900_000]).unwrap();
        let path = local.path().to_owned();
        let upload = client.stage().upload(group, "in/changed", UploadBody::from_path(local.path()));
        let mut changed = false;
        let error = upload
            .on_progress(move |progress| {
                if progress.bytes > 0 && !std::mem::replace(&mut changed, true) {
                    let mut content = std::fs::read(&path).unwrap();
                    if change.len() > 1 {
                        content.extend_from_slice(change)
                    } else {
                        content.truncate(300_000)
                    }
                    std::fs::write(&path, content).unwrap();
                }
            })
            .await
            .unwrap_err();
        assert_eq!((error.kind(), error.attempts().len()), (ErrorKind::FileChanged, 1), "{error}");
        assert_eq!(emulator.file(&space, "in/changed"), None);
    }
    emulator.clear_requests();
    let missing = UploadBody::from_path("/does/not/exist");
    let error = client.stage().upload(group, "in/old.csv", missing).overwrite(true).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LocalFile);
    assert!(emulator.requests_of("delete_stage_file").is_empty(), "nothing is changed before the file is open");
}

#[tokio::test]
async fn a_failure_of_the_reader_is_reported_and_nothing_is_stored() {
    struct Failing(u8);
    impl tokio::io::AsyncRead for Failing {
        fn poll_read(
            mut self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
            buffer: &mut tokio::io::ReadBuf<'_>,
        ) -> std::task::Poll<std::io::Result<()>> {
            self.0 += 1;
            buffer.put_slice(b"some");
            std::task::Poll::Ready(if self.0 < 3 { Ok(()) } else { Err(std::io::Error::other("the tape tore")) })
        }
    }
    let emulator = Emulator::start().unwrap();
    let (client, group, space) = stage(&emulator);
    for body in [
        UploadBody::from_reader(Failing(0), Some(100)),
        UploadBody::from_reader(Failing(0), None),
        UploadBody::from_reader(Failing(0), None).chunked(),
    ] {
        let error = client.stage().upload(group, "in/tape", body).await.unwrap_err();
        assert!(error.kind() == ErrorKind::LocalFile && error.to_string().contains("the tape tore"), "{error}");
        assert!(error.attempts().len() <= 1);
        assert_eq!(emulator.file(&space, "in/tape"), None);
    }
}

#[tokio::test]
async fn a_panic_of_the_reader_is_not_reported_as_a_network_failure() {
    struct Panicking;
    impl tokio::io::AsyncRead for Panicking {
        fn poll_read(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
            _: &mut tokio::io::ReadBuf<'_>,
        ) -> std::task::Poll<std::io::Result<()>> {
            panic!("the reader panics")
        }
    }
    let emulator = Emulator::start().unwrap();
    let (client, group, space) = stage(&emulator);
    for body in [UploadBody::from_reader(Panicking, Some(9)), UploadBody::from_reader(Panicking, None).chunked()] {
        let error = client.stage().upload(group, "in/f", body).await.unwrap_err();
        assert!(error.kind() == ErrorKind::LocalFile && error.to_string().contains("panicked"), "{error}");
        assert_eq!(emulator.file(&space, "in/f"), None);
    }
}

#[tokio::test]
async fn folders_need_a_trailing_slash_only_where_it_matters() {
    let emulator = Emulator::start().unwrap();
    let (client, group, space) = stage(&emulator);
    let stage = client.stage();
    for path in ["in", "in/", "/in", "/in/"] {
        assert!(stage.exists(group, path).await.unwrap() && stage.is_folder(group, path).await.unwrap(), "{path}");
        assert!(format!("{:?}", stage.metadata(group, path).await.unwrap().content).contains("old.csv"), "{path}");
    }
    assert!(stage.is_folder(group, "").await.unwrap() && stage.exists(group, "/").await.unwrap());
    assert!(!stage.is_folder(group, "in/old.csv").await.unwrap() && !stage.exists(group, "out").await.unwrap());
    assert!(stage.metadata(group, "out").await.unwrap_err().is_not_found());
    // A folder is requested without the flag, which is for files.
    let flagged = emulator
        .requests_of("get_stage_file")
        .into_iter()
        .filter(|request| request.query.iter().any(|(name, _)| name == "metadata") && request.path.ends_with("%2F"));
    assert_eq!(flagged.count(), 0);

    stage.create_folder(group, "a/b/c").parents(true).await.unwrap();
    stage.create_folder(group, "a/b/c/").parents(true).await.unwrap();
    stage.create_folder(group, "a/b/c/d").await.unwrap();
    assert!(stage.create_folder(group, "x/y").await.is_err());
    assert_eq!(emulator.files(&space), ["a/", "a/b/", "a/b/c/", "a/b/c/d/", "in/", "in/old.csv"]);

    emulator.clear_requests();
    for error in [
        stage.upload(group, "in/", "x").await.unwrap_err(),
        stage.download(group, "in/").bytes().await.unwrap_err(),
        stage.delete(group, "in/").await.unwrap_err(),
        stage.delete_folder(group, "/").await.unwrap_err(),
        stage.move_to(group, "in/", "in/deeper/").await.unwrap_err(),
        stage.move_to(group, "in/old.csv", "in/").await.unwrap_err(),
        stage.metadata(group, "../x").await.unwrap_err(),
        stage.delete(group, "..\\..\\workspaceGroups").await.unwrap_err(),
        stage.move_to(group, "in/old.csv", "../x").await.unwrap_err(),
        client.files().create_folder("personal", "a").await.unwrap_err(),
        client.files().create_folder("models", "a").await.unwrap_err(),
        client.files().v2().create_folder("models", "a/b").parents(true).await.unwrap_err(),
        client.files().delete_folder("shared", "a").await.unwrap_err(),
        client.files().upload("shared", "a/b", "x").await.unwrap_err(),
        client.files().metadata("..\\x", "a").await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{error}");
    }
    assert_eq!(operations(&emulator), Vec::<String>::new());

    stage.delete_folder(group, "a").await.unwrap();
    assert_eq!(emulator.files(&space), ["in/", "in/old.csv"]);
}

#[tokio::test]
async fn a_move_checks_its_target() {
    let emulator = Emulator::start().unwrap();
    let (client, group, space) = stage(&emulator);
    emulator.insert_file(&space, "in/new.csv", b"new").unwrap();
    let stage = client.stage();
    assert!(stage.move_to(group, "in/new.csv", "in/old.csv").await.unwrap_err().is_already_exists());
    let error = stage.move_to(group, "in/none.csv", "in/old.csv").overwrite(true).await.unwrap_err();
    assert!(error.is_not_found() && emulator.file(&space, "in/old.csv").unwrap() == b"old", "{error}");
    stage.move_to(group, "in/new.csv", "in/old.csv").overwrite(true).await.unwrap();
    assert_eq!(emulator.files(&space), ["in/", "in/old.csv"]);
    assert_eq!(emulator.file(&space, "in/old.csv").unwrap(), b"new");
    stage.move_to(group, "in/", "out/").await.unwrap();
    assert_eq!(emulator.files(&space), ["out/", "out/old.csv"]);
}

#[tokio::test]
async fn files_of_every_size_around_a_piece_are_uploaded_from_every_source() {
    let emulator = Emulator::start().unwrap();
    let (client, group, space) = stage(&emulator);
    let folder = tempfile::tempdir().unwrap();
    for size in SIZES {
        let content: Vec<u8> = (0..size as u32).map(|n| (n % 251) as u8).collect();
        let local = folder.path().join("local");
        std::fs::write(&local, &content).unwrap();
        let reader = || std::io::Cursor::new(content.clone());
        for (name, body) in [
            ("path", UploadBody::from_path(&local)),
            ("bytes", UploadBody::from_bytes(content.clone())),
            ("reader", UploadBody::from_reader(reader(), Some(size))),
            ("spooled", UploadBody::from_reader(reader(), None)),
            ("chunked", UploadBody::from_reader(reader(), None).chunked()),
        ] {
            let seen = Seen::default();
            let sink = seen.clone();
            let path = format!("in/{name} {size}");
            let upload = client.stage().upload(group, &path, body);
            let upload = upload.on_progress(move |p| sink.lock().unwrap().push((p.bytes, p.total, p.attempt)));
            assert_eq!(upload.await.unwrap().bytes, size, "{path}");
            assert!(emulator.file(&space, &path).unwrap() == content, "{path}");
            let total = (name != "chunked").then_some(size);
            let seen = seen.lock().unwrap();
            assert_eq!(seen.last(), Some(&(size, total, 1)), "{path}");
            assert!(seen.windows(2).all(|two| two[0].0 < two[1].0), "{path}: {seen:?}");
        }
    }
    let chunked = |request: &singlestore_management_emulator::RecordedRequest| {
        (request.header("transfer-encoding").is_some(), request.header("content-length").is_some())
    };
    for request in emulator.requests_of("upload_stage_file") {
        assert_eq!(chunked(&request), (request.path.contains("chunked"), !request.path.contains("chunked")));
    }
}

#[tokio::test]
async fn downloads_go_to_files_memory_writers_and_streams() {
    let emulator = Emulator::start().unwrap();
    let (client, group, space) = stage(&emulator);
    let folder = tempfile::tempdir().unwrap();
    for size in SIZES {
        let content: Vec<u8> = (0..size as u32).map(|n| (n % 251) as u8).collect();
        emulator.insert_file(&space, "in/f", content.clone()).unwrap();
        let download = || client.stage().download(group, "in/f");
        let target = folder.path().join("f");
        let seen = Seen::default();
        let sink = seen.clone();
        let report = download()
            .on_progress(move |p| sink.lock().unwrap().push((p.bytes, p.total, p.attempt)))
            .to_file(&target)
            .await
            .unwrap();
        assert_eq!((report.bytes, report.attempts), (size, 1));
        assert!(std::fs::read(&target).unwrap() == content);
        assert_eq!(seen.lock().unwrap().last(), Some(&(size, Some(size), 1)));
        assert!(download().bytes().await.unwrap() == content);
        let mut written = Vec::new();
        assert_eq!(download().to_writer(&mut written).await.unwrap().bytes, size);
        assert!(written == content);
        let mut stream = download().stream().await.unwrap();
        assert_eq!(stream.size(), Some(size));
        let mut streamed = Vec::new();
        while let Some(piece) = stream.next().await {
            streamed.extend_from_slice(&piece.unwrap());
        }
        assert!(streamed == content && stream.offset() == size);
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no .part file is left");
    let error = client.stage().download(group, "in/f").max_bytes(999_999).bytes().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    let error = client.stage().download(group, "in/none").to_file(folder.path().join("g")).await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    for request in emulator.storage_requests() {
        assert_eq!((request.header("authorization"), request.header("accept-encoding")), (None, Some("identity")));
        assert_eq!(request.method, "GET");
    }
}

#[tokio::test]
async fn a_target_that_is_not_a_regular_file_is_refused_before_anything_is_sent() {
    let emulator = Emulator::start().unwrap();
    let (client, group, _) = stage(&emulator);
    let folder = tempfile::tempdir().unwrap();
    let mut targets = vec![
        folder.path().to_owned(),
        folder.path().join("missing/f"),
        folder.path().join(".."),
        folder.path().join("new/"),
    ];
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("/dev/null", folder.path().join("link")).unwrap();
        targets.extend([folder.path().join("link"), "/dev/null".into()]);
    }
    for target in targets {
        let error = client.stage().download(group, "in/old.csv").to_file(&target).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::LocalFile, "{target:?}: {error}");
    }
    assert!(emulator.requests().is_empty());
}

#[cfg(unix)]
#[tokio::test]
async fn a_downloaded_file_has_the_mode_of_an_ordinary_file() {
    use std::os::unix::fs::PermissionsExt;
    let emulator = Emulator::start().unwrap();
    let (client, group, _) = stage(&emulator);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ordinary"), b"").unwrap();
    client.stage().download(group, "in/old.csv").to_file(folder.path().join("f")).await.unwrap();
    let mode = |name: &str| std::fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
    assert_eq!(mode("f"), mode("ordinary"));
}

#[tokio::test]
async fn a_download_url_is_returned_if_there_is_one_and_never_shown() {
    let emulator = Emulator::start().unwrap();
    let (client, group, _) = stage(&emulator);
    let url = client.stage().download_url(group, "in/old.csv").await.unwrap();
    assert!(url.expose().starts_with(emulator.storage_url()));
    assert!(!format!("{url:?}").contains("Signature"), "{url:?}");
    emulator.insert_file("files/shared", "a.txt", b"a").unwrap();
    let error = client.files().download_url("shared", "a.txt").await.unwrap_err();
    assert!(error.kind() == ErrorKind::Redirect && error.to_string().contains("use `download`"), "{error}");
    assert_eq!(client.files().download("shared", "a.txt").bytes().await.unwrap(), "a");
    assert_eq!(client.files().v2().download("shared", "a.txt").bytes().await.unwrap(), "a");
}

#[tokio::test]
async fn the_request_slot_is_free_once_the_redirect_is_followed() {
    let emulator = Emulator::start().unwrap();
    let (_, group, space) = stage(&emulator);
    let client = builder(&emulator).max_concurrent_requests(1).build().unwrap();
    emulator.insert_file(&space, "in/f", vec![1; 2_000_000]).unwrap();
    let mut stream = client.stage().download(group, "in/f").stream().await.unwrap();
    stream.next().await.unwrap().unwrap();
    assert!(client.stage().exists(group, "in/f").await.unwrap());
    while let Some(piece) = stream.next().await {
        piece.unwrap();
    }
}

#[tokio::test]
async fn files_of_starters_and_clusters_are_reached_the_same_way() {
    let emulator = Emulator::start().unwrap();
    let client = client(&emulator);
    let cluster = emulator.insert("cluster", json!({"name": "c"})).unwrap();
    let cluster: singlestore_management::ClusterId = cluster.parse().unwrap();
    client.cluster_stage().upload(cluster, "/a.txt", "a").await.unwrap();
    assert_eq!(client.cluster_stage().download(cluster, "a.txt").bytes().await.unwrap(), "a");
    let starter = emulator.insert("starter", json!({"name": "s"})).unwrap();
    let starter: singlestore_management::VirtualWorkspaceId = starter.parse().unwrap();
    client.stage().upload(starter, "a.txt", "b").await.unwrap();
    assert_eq!(client.stage().metadata(starter, "a.txt").await.unwrap().size, Some(1));
}
