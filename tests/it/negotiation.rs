//! What the client offers when it opens a connection: the TLS backend chosen by the features, and HTTP/2.

use std::io::Read;
use std::net::TcpListener;

use singlestore_management::{Client, RetryPolicy};

#[cfg(feature = "http2")]
use crate::network::client;
use crate::tls::HOST;
#[cfg(feature = "http2")]
use crate::tls::{Authority, Front, acceptor};
#[cfg(feature = "http2")]
use singlestore_management_emulator::Emulator;

/// Which library a TLS ClientHello comes from, judging by its offers: RSA without forward secrecy is OpenSSL's, a post-quantum
/// key exchange is aws-lc's.
fn backend(hello: &[u8]) -> &'static str {
    // The record, the message, the version, the random bytes; then the session, the suites, the compressions, the extensions.
    let (mut at, number) = (5 + 4 + 2 + 32, |at: usize| usize::from(hello[at]) << 8 | usize::from(hello[at + 1]));
    at += 1 + usize::from(hello[at]);
    let suites: Vec<usize> = (at + 2..at + 2 + number(at)).step_by(2).map(number).collect();
    at += 2 + number(at);
    at += 1 + usize::from(hello[at]);
    let end = at + 2 + number(at);
    at += 2;
    let mut groups = Vec::new();
    while at < end {
        if number(at) == 10 {
            groups = (at + 6..at + 4 + number(at + 2)).step_by(2).map(number).collect();
        }
        at += 4 + number(at + 2);
    }
    assert!(suites.contains(&0x1301) && groups.contains(&0x1d), "{suites:x?} {groups:x?}");
    match (suites.contains(&0x9d), groups.contains(&0x11ec)) {
        (true, _) => "native-tls",
        (false, true) => "rustls-aws-lc",
        (false, false) => "rustls-ring",
    }
}

/// Features are unified across all crates of a build, so there can be several: ring before aws-lc before the operating system.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_documented_one_of_several_backends_opens_the_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let first = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut hello = vec![0; 5];
        stream.read_exact(&mut hello).unwrap();
        hello.resize(5 + (usize::from(hello[3]) << 8 | usize::from(hello[4])), 0);
        stream.read_exact(&mut hello[5..]).unwrap();
        hello
    });
    let client = Client::builder()
        .base_url(format!("https://{HOST}:{}", address.port()))
        .api_key("0123456789abcdef")
        .dns_override(HOST, [address])
        .retry(RetryPolicy::none())
        .build()
        .unwrap();
    client.regions().list().await.unwrap_err();
    let documented = match () {
        () if cfg!(feature = "rustls-ring") => "rustls-ring",
        () if cfg!(feature = "rustls-aws-lc") => "rustls-aws-lc",
        () => "native-tls",
    };
    assert_eq!(backend(&first.join().unwrap()), documented);
}

/// An HTTP/2 server behind TLS that lists no regions; it counts its requests.
#[cfg(feature = "http2")]
#[tokio::test]
async fn http2_is_used_if_the_server_offers_it_and_http1_otherwise() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    let authority = Authority::new();
    let leaf = authority.leaf(HOST);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let tls = acceptor(&leaf, None, &["h2"]);
    let (requests, connections) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let counts = (requests.clone(), connections.clone());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (tls, requests) = (tls.clone(), counts.0.clone());
            counts.1.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(async move {
                let Ok(stream) = tls.accept(stream).await else { return };
                let Ok(mut connection) = h2::server::handshake(stream).await else { return };
                while let Some(Ok((request, mut respond))) = connection.accept().await {
                    assert_eq!(request.version(), http::Version::HTTP_2);
                    requests.fetch_add(1, Ordering::SeqCst);
                    let response =
                        http::Response::builder().header("content-type", "application/json").body(()).unwrap();
                    let mut body = respond.send_response(response, false).unwrap();
                    body.send_data(bytes::Bytes::from_static(b"[]"), true).unwrap();
                }
            });
        }
    });
    let emulator = Emulator::start().unwrap();
    let client2 = Client::builder()
        .base_url(format!("https://{HOST}:{}", address.port()))
        .api_key("0123456789abcdef")
        .dns_override(HOST, [address])
        .root_certificate(&authority.pem)
        .build()
        .unwrap();
    client2.regions().list().await.unwrap();
    let both = tokio::join!(client2.regions().list().into_future(), client2.regions().list().into_future());
    assert!(both.0.is_ok() && both.1.is_ok());
    assert_eq!((requests.load(Ordering::SeqCst), connections.load(Ordering::SeqCst)), (3, 1), "one connection for all");

    // The version configured by the caller decides nothing: the server does.
    let configured = Client::builder()
        .base_url(format!("https://{HOST}:{}", address.port()))
        .api_key("0123456789abcdef")
        .dns_override(HOST, [address])
        .root_certificate(&authority.pem)
        .configure_http(|http| http.http1_only())
        .build()
        .unwrap();
    let outcome = configured.regions().list().await;
    if cfg!(any(feature = "rustls-ring", feature = "rustls-aws-lc")) {
        assert!(outcome.is_ok(), "{outcome:?}");
        assert_eq!(requests.load(Ordering::SeqCst), 4);
    } else {
        assert!(outcome.is_err(), "native-tls offers HTTP/1.1 alone, which this server does not speak");
    }

    // The control: the same client with a server that speaks only HTTP/1.1.
    let front = Front::start(acceptor(&leaf, None, &["http/1.1"]), emulator.url()).await;
    let client1 = client(&emulator, &front).root_certificate(&authority.pem).build().unwrap();
    assert!(!client1.regions().list().await.unwrap().is_empty());
}
