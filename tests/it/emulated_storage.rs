//! Downloads from the emulator's storage, disturbed by its faults.

use std::time::Duration;

use serde_json::json;
use singlestore_management::files::UploadBody;
use singlestore_management::{Client, ErrorKind, WorkspaceGroupId};
use singlestore_management_emulator::{Emulator, Fault};

use crate::support::{builder, quick_retries};

const SIZE: usize = 200_000;
const POINTS: [usize; 4] = [SIZE / 100, SIZE / 2, SIZE / 100 * 99, SIZE];

fn content() -> Vec<u8> {
    (0..SIZE).map(|n| (n % 251) as u8).collect()
}

/// A Stage with the file `f`.
fn stage(emulator: &Emulator) -> (Client, WorkspaceGroupId) {
    let group: WorkspaceGroupId = emulator.insert_workspace_group(json!({"name": "g"})).unwrap().parse().unwrap();
    emulator.insert_file(&format!("stage/{group}"), "f", content()).unwrap();
    (builder(emulator).retry(quick_retries()).build().unwrap(), group)
}

#[tokio::test]
async fn the_file_is_complete_after_a_reset_at_any_point() {
    let emulator = Emulator::start().unwrap();
    let (client, group) = stage(&emulator);
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("f");
    let second: [fn() -> Option<Fault>; 10] = [
        || None,
        || Some(Fault::reset()),
        || Some(Fault::shift_range(1)),
        || Some(Fault::ignore_range()),
        || Some(Fault::replace_header("ETag", "\"other\"")),
        || Some(Fault::replace_header("ETag", "W/\"weak\"")),
        || Some(Fault::replace_header("Content-Range", "bytes 0-199999/200000")),
        || Some(Fault::status(416)),
        || Some(Fault::status(403)),
        || Some(Fault::status(503)),
    ];
    for at in POINTS {
        for first in [Fault::reset_after_bytes(at as u64), Fault::close_after_bytes(at as u64)] {
            for (number, second) in second.iter().enumerate() {
                emulator.inject_storage(first.clone());
                if let Some(second) = second() {
                    emulator.inject_storage(second);
                }
                let report = client.stage().download(group, "f").to_file(&target).await.unwrap();
                assert!(report.bytes == SIZE as u64 && std::fs::read(&target).unwrap() == content(), "{at} {number}");
                emulator.clear_faults();
            }
        }
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no .part file is left");
}

#[tokio::test]
async fn urls_of_the_emulator_expire_during_a_transfer_and_at_once() {
    let emulator = Emulator::start().unwrap();
    let (client, group) = stage(&emulator);
    for at in POINTS {
        emulator.clear_requests();
        emulator.inject_storage(Fault::close_after_bytes(at as u64));
        let mut stream = client.stage().download(group, "f").stream().await.unwrap();
        let mut received = Vec::new();
        while received.len() < at {
            received.extend_from_slice(&stream.next().await.unwrap().unwrap());
        }
        emulator.expire_urls();
        while let Some(piece) = stream.next().await {
            received.extend_from_slice(&piece.unwrap());
        }
        assert!(received == content(), "{at}");
        let statuses: Vec<_> = emulator.storage_requests().iter().map(|request| request.status).collect();
        let want = if at == SIZE { vec![Some(200)] } else { vec![Some(200), Some(403), Some(206)] };
        assert_eq!(statuses, want, "{at}");
    }
    let emulator = Emulator::builder().url_lifetime(Duration::ZERO).start().unwrap();
    let (client, group) = stage(&emulator);
    let error = client.stage().download(group, "f").bytes().await.unwrap_err();
    assert_eq!((error.kind(), emulator.storage_requests().len()), (ErrorKind::Storage, 2), "{error}");
    assert!(error.to_string().contains("AccessDenied") && !error.is_not_found(), "{error}");
}

#[tokio::test]
async fn resets_and_wrong_lengths_of_the_emulator_never_make_a_wrong_file() {
    let emulator = Emulator::start().unwrap();
    let (client, group) = stage(&emulator);
    emulator.insert_file("files/shared", "f", content()).unwrap();
    let faults = || {
        [
            Fault::reset(),
            Fault::reset_in_body(),
            Fault::close(),
            Fault::truncated(),
            Fault::garbage(),
            Fault::wrong_length(-5),
            Fault::wrong_length(5),
            Fault::status(500),
            Fault::status(403),
            Fault::empty_body(),
        ]
    };
    for (number, fault) in faults().into_iter().enumerate() {
        emulator.inject_storage(fault);
        assert!(client.stage().download(group, "f").bytes().await.unwrap() == content(), "fault {number}");
        assert_eq!(emulator.faults_left(), 0);
    }
    for (number, fault) in faults().into_iter().enumerate().filter(|(number, _)| *number != 8) {
        emulator.inject(fault.on_operation("get_file"));
        assert!(client.files().download("shared", "f").bytes().await.unwrap() == content(), "fault {number}");
        assert_eq!(emulator.faults_left(), 0);
    }
}

#[tokio::test]
async fn a_storage_that_cannot_be_reached_is_named_and_the_service_is_not_blamed() {
    let emulator = Emulator::start().unwrap();
    let (client, group) = stage(&emulator);
    let nowhere = format!("{}/bucket/f?signature=canary", emulator.refused_url());
    emulator.inject(Fault::redirect(307, &nowhere).on_operation("get_stage_file").always());
    let error = client.stage().download(group, "f").bytes().await.unwrap_err();
    let text = error.to_string();
    assert!(error.is_connect() && text.contains("redirected to 127.0.0.1"), "{text}");
    assert!(!text.contains("base URL") && !text.contains("nothing was sent") && !text.contains("canary"), "{text}");

    emulator.clear_faults();
    emulator.inject_storage(Fault::stall(Duration::from_secs(600)).always());
    let hasty = builder(&emulator).read_timeout(Duration::from_secs(1)).retry(quick_retries()).build().unwrap();
    let error = hasty.stage().download(group, "f").bytes().await.unwrap_err();
    assert!(error.is_timeout() && error.to_string().contains("the storage 127.0.0.1 sent nothing"), "{error}");
}

#[tokio::test]
async fn a_deadline_ends_a_transfer_whose_own_reader_or_writer_hangs() {
    let emulator = Emulator::start().unwrap();
    let (client, group) = stage(&emulator);
    let (reader, _held) = tokio::io::duplex(64);
    let body = UploadBody::from_reader(reader, None);
    let error = client.stage().upload(group, "g", body).with_deadline(Duration::from_secs(1)).await.unwrap_err();
    assert!(error.is_timeout() && error.to_string().contains("nothing was sent"), "{error}");
    let (mut writer, _held) = tokio::io::duplex(64);
    let download = client.stage().download(group, "f").with_deadline(Duration::from_secs(1));
    let error = download.to_writer(&mut writer).await.unwrap_err();
    assert!(error.is_timeout() && error.to_string().contains("bytes were written"), "{error}");
}

#[tokio::test]
async fn an_html_page_instead_of_every_response_is_never_a_file() {
    let emulator = Emulator::start().unwrap();
    let (client, group) = stage(&emulator);
    let folder = tempfile::tempdir().unwrap();
    emulator.inject(Fault::proxy_page(200).always());
    let error = client.stage().download(group, "f").to_file(folder.path().join("f")).await.unwrap_err();
    assert!(error.to_string().contains("page of HTML"), "{error}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    // A file that is itself an HTML page is downloaded like any other.
    emulator.clear_faults();
    emulator.insert_file(&format!("stage/{group}"), "page.html", b"<html>mine</html>").unwrap();
    assert_eq!(client.stage().download(group, "page.html").bytes().await.unwrap(), "<html>mine</html>");
    emulator.insert_file("files/shared", "page.html", b"<html>mine</html>").unwrap();
    assert_eq!(client.files().download("shared", "page.html").bytes().await.unwrap(), "<html>mine</html>");
}

#[tokio::test]
async fn content_from_the_service_and_from_the_storage_is_downloaded_the_same_way() {
    let emulator = Emulator::builder().direct_stage_downloads().redirect_file_downloads().start().unwrap();
    let (client, group) = stage(&emulator);
    emulator.insert_file("files/shared", "f", content()).unwrap();
    for at in POINTS {
        emulator.inject(Fault::close_after_bytes(at as u64).on_operation("get_stage_file"));
        assert!(client.stage().download(group, "f").bytes().await.unwrap() == content(), "{at}");
        emulator.inject_storage(Fault::close_after_bytes(at as u64));
        assert!(client.files().download("shared", "f").bytes().await.unwrap() == content(), "{at}");
        assert_eq!(emulator.faults_left(), 0);
    }
    let ranges = emulator.requests_of("get_stage_file");
    let mut ranges = ranges.iter().filter_map(|request| request.header("range"));
    assert_eq!(ranges.next(), Some(format!("bytes={}-", POINTS[0]).as_str()));
    assert_eq!(client.stage().download_url(group, "f").await.unwrap_err().kind(), ErrorKind::Redirect);
    assert!(client.files().download_url("shared", "f").await.unwrap().expose().starts_with(emulator.storage_url()));
    assert!(emulator.requests().iter().all(|request| request.method != "HEAD"));
}

#[tokio::test]
async fn a_slow_caller_does_not_count_as_silence_of_the_server() {
    let emulator = Emulator::start().unwrap();
    let (_, group) = stage(&emulator);
    // More than the buffers of a connection hold.
    let large = content().repeat(60);
    emulator.insert_file(&format!("stage/{group}"), "large", large.clone()).unwrap();
    let limit = Duration::from_secs(2);
    let client = builder(&emulator).retry(quick_retries()).read_timeout(limit).build().unwrap();
    emulator.inject_storage(Fault::drop_slow_reader(limit / 2));
    let mut stream = client.stage().download(group, "large").stream().await.unwrap();
    let mut received = stream.next().await.unwrap().unwrap().to_vec();
    tokio::time::sleep(limit * 3 / 2).await;
    while let Some(piece) = stream.next().await {
        received.extend_from_slice(&piece.unwrap());
    }
    assert!(received == large, "{} of {} bytes", received.len(), large.len());
    let statuses: Vec<_> = emulator.storage_requests().iter().map(|request| request.status).collect();
    assert_eq!(statuses[..2], [Some(200), Some(206)], "the server dropped it, and it went on");
}
