//! Downloads from storages that break off, stall, or change what they say: the same bytes in the end, or a clear error, never a
//! wrong file.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sha2::Digest;
use singlestore_management::{
    AttemptEvent, Client, CredentialsProvider, Error, ErrorKind, Observer, Token, TokenFuture,
};

use crate::storage_server::{End, SIZE, Script, Server, content, cut, group, head, ok, ok_as, part, status};
use crate::support::quick_retries;

async fn to_file(server: &Server) -> Result<Vec<u8>, Error> {
    to_file_by(server.client()).await
}

async fn to_file_by(client: Client) -> Result<Vec<u8>, Error> {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("f");
    let outcome = client.stage().download(group(), "f").sha256(true).to_file(&target).await;
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, usize::from(outcome.is_ok()), "no .part file is left");
    outcome.map(|report| {
        let bytes = std::fs::read(&target).unwrap();
        assert_eq!(report.bytes, bytes.len() as u64);
        let hash: String = sha2::Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(report.sha256, Some(hash));
        bytes
    })
}

const POINTS: [usize; 4] = [SIZE / 100, SIZE / 2, SIZE / 100 * 99, SIZE];

#[tokio::test]
async fn an_interrupted_download_resumes_where_it_stopped() {
    for end in [End::Close, End::Reset, End::Stall] {
        // Only stalling needs a wait for the end; all places run together, since each waits by itself.
        let silence = Duration::from_secs(if end == End::Stall { 2 } else { 60 });
        let downloads = POINTS.map(|at| async move {
            let server = Server::start(move |number, seen| match (number, seen.range) {
                (1, None) => cut(at, "\"v1\"", end),
                (_, Some(from)) => part(from, "\"v1\""),
                // A reset may overtake everything that was sent.
                _ => ok(&[("ETag", "\"v1\"")], &content()),
            });
            let client = server.builder().read_timeout(silence).build().unwrap();
            assert!(to_file_by(client).await.unwrap() == content(), "{at} {end:?}");
            let seen = server.seen();
            assert!(seen.iter().all(|seen| !seen.authorization));
            match (end, at) {
                (End::Reset, _) => assert!(seen.len() <= 2 && seen.iter().all(|seen| seen.range <= Some(at))),
                (_, SIZE) => assert_eq!(seen.len(), 1, "all bytes are held, and nothing is asked for"),
                _ => {
                    assert_eq!((seen.len(), seen[1].range, seen[1].if_match.as_deref()), (2, Some(at), Some("\"v1\"")))
                }
            }
        });
        let [a, b, c, d] = downloads;
        tokio::join!(a, b, c, d);
    }
}

#[tokio::test]
async fn a_response_that_does_not_continue_the_download_restarts_it() {
    for at in [POINTS[0], POINTS[1], POINTS[2]] {
        for kind in
            ["etag", "weak", "offset", "whole", "416", "412", "length", "no etag", "no range", "gzip", "two lengths"]
        {
            let server = Server::start(move |number, seen| match (number, seen.range) {
                (1, None) => cut(at, if kind == "weak" { "W/\"v1\"" } else { "\"v1\"" }, End::Close),
                (_, Some(from)) => match kind {
                    "etag" => part(from, "\"v2\""),
                    "no etag" => part(from, "W/\"v1\""),
                    "offset" => part(from + 1, "\"v1\""),
                    "whole" => ok(&[("ETag", "\"v2\"")], &content()),
                    "412" => status("412 Precondition Failed", ""),
                    "no range" => ok_as("206 Partial Content", &[("ETag", "\"v1\"")], &content()[from..]),
                    "gzip" => {
                        let mut script = part(from, "\"v1\"");
                        script.head.push_str("Content-Encoding: gzip\r\n");
                        script
                    }
                    "two lengths" => {
                        let mut script = part(from, "\"v1\"");
                        script.head = script.head.replace("Content-Length: ", "Content-Length: 1");
                        script
                    }
                    "length" => {
                        let mut script = part(from, "\"v1\"");
                        script.head = script.head.replace(&format!("/{SIZE}"), &format!("/{}", SIZE + 1));
                        script
                    }
                    _ => status("416 Range Not Satisfiable", "<Code>InvalidRange</Code>"),
                },
                (_, None) => ok(&[("ETag", "\"v2\"")], &content()),
            });
            assert!(to_file(&server).await.unwrap() == content(), "{at} {kind}");
            let ranges: Vec<Option<usize>> = server.seen().iter().map(|seen| seen.range).collect();
            let want = match kind {
                "weak" => vec![None, None],
                "whole" => vec![None, Some(at)],
                _ => vec![None, Some(at), None],
            };
            assert_eq!(ranges, want, "{at} {kind}");
        }
    }
}

#[tokio::test]
async fn a_rest_that_is_too_short_or_too_long_never_makes_a_wrong_file() {
    for at in [POINTS[0], POINTS[1], POINTS[2]] {
        for kind in ["cut again", "surplus"] {
            let server = Server::start(move |number, seen| match (number, seen.range) {
                (1, None) => cut(at, "\"v1\"", End::Close),
                (number, Some(from)) => {
                    let mut script = part(from, "\"v1\"");
                    match kind {
                        // Announces the rest, and sends half of it.
                        "cut again" if number == 2 => script.body.truncate((SIZE - from) / 2),
                        "cut again" => {}
                        _ => script.body.extend_from_slice(b"more than was announced"),
                    }
                    script
                }
                _ => status("500 Not expected", ""),
            });
            assert!(to_file(&server).await.unwrap() == content(), "{at} {kind}");
            assert_eq!(server.seen().len(), if kind == "surplus" { 2 } else { 3 }, "{at} {kind}");
        }
    }
}

#[tokio::test]
async fn a_storage_that_never_delivers_the_whole_file_is_given_up() {
    let server = Server::start(|_, seen| match seen.range {
        None => cut(SIZE / 2, "\"v1\"", End::Close),
        Some(_) => status("412 Precondition Failed", ""),
    });
    let error = to_file(&server).await.unwrap_err();
    assert!(error.to_string().contains("begun 3 times"), "{error}");
    let server = Server::start(|_, _| status("503 Service Unavailable", "<Code>SlowDown</Code>"));
    let error = to_file(&server).await.unwrap_err();
    assert_eq!((error.kind(), server.seen().len()), (ErrorKind::Storage, 5), "{error}");
    assert!(error.to_string().contains("SlowDown"), "{error}");
    let server = Server::start(|_, _| status("404 Not Found", "<Code>NoSuchKey</Code><RequestId>R1</RequestId>"));
    let error = to_file(&server).await.unwrap_err();
    assert!(!error.is_not_found() && error.to_string().contains("(code NoSuchKey, request R1)"), "{error}");
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn attempts_that_make_progress_do_not_count_against_the_limit() {
    // Twenty pieces of one twentieth each, with five attempts allowed.
    let server = Server::start(|_, seen| {
        let from = seen.range.unwrap_or(0);
        let mut script = if from == 0 { cut(SIZE / 20, "\"v1\"", End::Close) } else { part(from, "\"v1\"") };
        script.body.truncate(SIZE / 20);
        script
    });
    assert!(to_file(&server).await.unwrap() == content());
    assert_eq!(server.seen().len(), 20);
}

#[tokio::test]
async fn a_wrong_announced_length_never_makes_a_file() {
    let (short, long) = (POINTS.map(|at| at - 1), POINTS.map(|more| SIZE + more));
    for announced in [0, 1].into_iter().chain(short).chain([SIZE + 1]).chain(long) {
        let server = Server::start(move |_, seen| match seen.range {
            None => Script { head: head("200 OK", &[("ETag", "\"v1\"")], announced), body: content(), end: End::Close },
            Some(_) => status("416 Range Not Satisfiable", ""),
        });
        let error = to_file(&server).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Transport, "{announced}: {error}");
        assert!(error.to_string().contains(&announced.to_string()), "{announced}: {error}");
    }
    // Without an announced length, it is not known to be whole.
    let server = Server::start(|_, _| Script { head: "HTTP/1.1 200 OK\r\n".into(), body: content(), end: End::Close });
    let error = to_file(&server).await.unwrap_err();
    assert!(error.to_string().contains("no length"), "{error}");
    let server = Server::start(|_, _| {
        let mut body = format!("{SIZE:x}\r\n").into_bytes();
        body.extend_from_slice(&content());
        body.extend_from_slice(b"\r\n0\r\n\r\n");
        Script { head: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n".into(), body, end: End::Close }
    });
    assert!(to_file(&server).await.unwrap() == content());
}

#[tokio::test]
async fn an_expired_url_is_replaced_once_for_each_step_forward() {
    for refusal in ["403 Forbidden", "400 Bad Request"] {
        for at in [POINTS[0], POINTS[1], POINTS[2]] {
            let server = Server::start(move |_, seen| match (seen.url.starts_with("/storage/1"), seen.range) {
                (true, None) => cut(at, "\"v1\"", End::Close),
                (true, Some(_)) => status(refusal, "<Error><Code>ExpiredToken</Code><Token>canary</Token></Error>"),
                (false, Some(from)) => part(from, "\"v1\""),
                (false, None) => status("500 Not expected", ""),
            });
            assert!(to_file(&server).await.unwrap() == content(), "{refusal} {at}");
            let urls: Vec<String> = server.seen().iter().map(|seen| seen.url[..10].to_owned()).collect();
            assert_eq!(urls, ["/storage/1", "/storage/1", "/storage/2"]);
            // Refused again without progress.
            let server = Server::start(move |number, _| match number {
                1 => cut(at, "\"v1\"", End::Close),
                _ => status(refusal, "<Error><Code>ExpiredToken</Code><Token>canary</Token></Error>"),
            });
            let error = to_file(&server).await.unwrap_err();
            assert_eq!((error.kind(), server.seen().len()), (ErrorKind::Storage, 3), "{error}");
            assert!(error.to_string().contains(&format!("{at} of {SIZE} bytes were received")), "{error}");
            assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
        }
        let server =
            Server::start(move |_, _| status(refusal, "<Error><Code>ExpiredToken</Code><Token>canary</Token></Error>"));
        let error = to_file(&server).await.unwrap_err();
        assert_eq!((error.kind(), server.seen().len()), (ErrorKind::Storage, 2), "{error}");
        assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
    }
    let server = Server::start(|_, _| status("400 Bad Request", "<Code>InvalidArgument</Code>"));
    assert_eq!(to_file(&server).await.unwrap_err().kind(), ErrorKind::Storage);
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn bytes_handed_out_are_not_taken_back() {
    for kind in ["weak", "changed"] {
        let server = Server::start(move |_, seen| match seen.range {
            None => cut(SIZE / 2, if kind == "weak" { "W/\"v1\"" } else { "\"v1\"" }, End::Close),
            Some(_) => status("412 Precondition Failed", ""),
        });
        let mut written = Vec::new();
        let error = server.client().stage().download(group(), "f").to_writer(&mut written).await.unwrap_err();
        assert!(error.to_string().contains(&format!("{} bytes", SIZE / 2)), "{error}");
        assert!(written == content()[..SIZE / 2]);
        let mut stream = server.client().stage().download(group(), "f").stream().await.unwrap();
        let mut failure = None;
        while let Some(piece) = stream.next().await {
            failure = piece.err();
        }
        assert!(failure.is_some() && stream.offset() == SIZE as u64 / 2, "{kind}");
    }
    // One that can resume does so unnoticed.
    let server = Server::start(|_, seen| match seen.range {
        None => cut(SIZE / 2, "\"v1\"", End::Close),
        Some(from) => part(from, "\"v1\""),
    });
    let mut written = Vec::new();
    let report = server.client().stage().download(group(), "f").to_writer(&mut written).await.unwrap();
    assert!(written == content() && report.attempts == 2);
}

#[tokio::test]
async fn downloaded_bytes_are_the_stored_ones_whatever_content_encoding_is_named() {
    // The tests of this crate are built with the HTTP library's decoder, as another crate in a build may enable it.
    for at in POINTS {
        for encoding in ["gzip", "identity", "br"] {
            let server = Server::start(move |_, seen| {
                let mut script = match seen.range {
                    None => cut(at, "\"v1\"", End::Close),
                    Some(from) => part(from, "\"v1\""),
                };
                script.head.push_str(&format!("Content-Encoding: {encoding}\r\n"));
                script
            });
            assert!(to_file(&server).await.unwrap() == content(), "{at} {encoding}");
            let mut written = Vec::new();
            server.client().stage().download(group(), "f").to_writer(&mut written).await.unwrap();
            assert!(written == content(), "{at} {encoding}");
        }
    }
}

#[tokio::test]
async fn a_deadline_ends_a_transfer_that_makes_progress() {
    let server = Server::start(|_, _| cut(SIZE / 2, "\"v1\"", End::Stall));
    let client = Client::builder().base_url(&server.url).api_key("key").build().unwrap();
    let download = client.stage().download(group(), "f").with_deadline(Duration::from_secs(1));
    let error = download.bytes().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
}

#[tokio::test]
async fn a_dropped_download_leaves_nothing_behind() {
    let server = Server::start(|_, _| cut(SIZE / 2, "\"v1\"", End::Stall));
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("f");
    std::fs::write(&target, "old").unwrap();
    let names = || {
        let entries = std::fs::read_dir(folder.path()).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect::<Vec<_>>()
    };
    let download = tokio::spawn(server.client().stage().download(group(), "f").to_file(&target));
    while names().len() < 2 || server.seen().is_empty() {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    assert!(names().iter().any(|name| name.starts_with(".f.") && name.ends_with(".part")), "{:?}", names());
    download.abort();
    assert!(download.await.unwrap_err().is_cancelled());
    while names().len() > 1 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    assert_eq!((names(), std::fs::read(&target).unwrap()), (vec!["f".to_owned()], b"old".to_vec()));
}

#[tokio::test]
async fn errors_of_the_storage_are_not_attributed_to_the_api() {
    for (refusal, requests) in [
        ("401 Unauthorized", 2),
        ("404 Not Found", 1),
        ("403 Forbidden", 2),
        ("409 Conflict", 1),
        ("429 Too Many Requests", 5),
    ] {
        let server = Server::start(move |_, _| status(refusal, "<Code>No</Code><RequestId>R</RequestId>"));
        let tokens = Counted::default();
        let client = Client::builder().base_url(&server.url).credentials(tokens.clone());
        let client = client.retry(quick_retries().with_max_attempts(5)).build().unwrap();
        let error = client.stage().download(group(), "f").bytes().await.unwrap_err();
        assert_eq!((error.kind(), server.seen().len()), (ErrorKind::Storage, requests), "{error}");
        assert!(error.status().is_some_and(|status| refusal.starts_with(status.as_str())), "{error}");
        assert!(!error.is_not_found() && !error.is_unauthorized() && !error.is_rate_limited(), "{error}");
        assert!(!error.is_forbidden() && !error.is_conflict(), "{error}");
        assert_eq!(tokens.0.load(Ordering::SeqCst), 1, "the token is not renewed: {refusal}");
    }
}

/// A provider that counts how often it is asked.
#[derive(Clone, Debug, Default)]
struct Counted(Arc<AtomicU32>);

impl CredentialsProvider for Counted {
    fn token(&self) -> TokenFuture<'_> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Box::pin(async { Ok(Token::new("token")) })
    }
}

/// What an observer sees of the requests to the storage.
#[derive(Clone, Debug, Default)]
struct Told(Arc<Mutex<Vec<Visit>>>);

/// Its status, and the bytes of its body.
type Visit = (Option<u16>, u64);

impl Observer for Told {
    fn on_attempt(&self, event: &AttemptEvent<'_>) {
        if event.host.is_some() {
            self.0.lock().unwrap().push((event.status.map(|status| status.as_u16()), event.response_bytes));
        }
    }
}

#[tokio::test]
async fn the_observer_is_told_of_a_dropped_download() {
    let told = Told::default();
    let server = Server::start(|_, _| cut(SIZE / 2, "\"v1\"", End::Stall));
    let client = server.builder().observer(told.clone()).build().unwrap();
    let mut stream = client.stage().download(group(), "f").stream().await.unwrap();
    let first = stream.next().await.unwrap().unwrap().len() as u64;
    assert_eq!(*told.0.lock().unwrap(), []);
    drop(stream);
    assert_eq!(*told.0.lock().unwrap(), [(Some(200), first)]);
    // A writer that fails ends a download as well, and its failure is reported once.
    let mut small = std::io::Cursor::new(Box::<[u8]>::from([0; 10]));
    let error = client.stage().download(group(), "f").to_writer(&mut small).await.unwrap_err();
    assert_eq!((error.kind(), told.0.lock().unwrap().len()), (ErrorKind::LocalFile, 2));
    let whole = Server::start(|_, _| cut(SIZE, "\"v1\"", End::Close));
    let client = whole.builder().observer(told.clone()).build().unwrap();
    client.stage().download(group(), "f").bytes().await.unwrap();
    assert_eq!(told.0.lock().unwrap().get(2..), Some(&[(Some(200), SIZE as u64)][..]));
}

#[tokio::test]
async fn an_endless_body_is_cut_off_where_the_file_ends() {
    // Chunks without a length, of 64 MiB for what the API says is 200 kB.
    let server = Server::start(|_, _| Script {
        head: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nETag: \"v1\"\r\n".to_owned(),
        body: Vec::new(),
        end: End::Endless,
    });
    let folder = tempfile::tempdir().unwrap();
    let download = server.client().stage().download(group(), "f").to_file(folder.path().join("f"));
    let error = download.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport, "{error}");
    assert!(error.to_string().contains(&format!("says {SIZE}")), "{error}");
    assert_eq!(server.seen().len(), 3, "it begins again as after any other wrong length");
    let mut written = Vec::new();
    server.client().stage().download(group(), "f").to_writer(&mut written).await.unwrap_err();
    assert!(written.len() <= SIZE, "{}", written.len());
}
