//! A real network: private authorities, client certificates, proxies, names that DNS does not know.

use std::time::Duration;

use singlestore_management::{Client, ClientBuilder, Error, ErrorKind};
use singlestore_management_emulator::Emulator;

use crate::support::quick_retries;
use crate::tls::{Authority, Front, HOST, Leaf, Proxy, acceptor};

/// A client of the emulator behind TLS, which no certificate of the operating system covers.
pub(crate) fn client(emulator: &Emulator, front: &Front) -> ClientBuilder {
    Client::builder()
        .base_url(front.url())
        .api_key(emulator.api_key())
        .dns_override(HOST, [front.address])
        .retry(quick_retries())
}

async fn behind_tls(leaf: &Leaf, clients: Option<&Authority>) -> (Emulator, Front) {
    let emulator = Emulator::start().unwrap();
    let front = Front::start(acceptor(leaf, clients, &["http/1.1"]), emulator.url()).await;
    (emulator, front)
}

/// A failure that another attempt would meet again: one connection, no further attempt, and advice.
#[track_caller]
fn is_final(error: &Error, connections: u32, says: &[&str]) {
    println!("{error}");
    assert_eq!((error.kind(), connections), (ErrorKind::Connect, 1), "{error}");
    assert_eq!(error.attempts().len(), 1, "{error}");
    assert!(!error.is_retryable() && !error.is_outcome_unknown(), "{error}");
    for words in says {
        assert!(error.to_string().contains(words), "{words}: {error}");
    }
}

#[tokio::test]
async fn a_certificate_of_a_private_authority_is_trusted_once_configured() {
    let authority = Authority::new();
    let (emulator, front) = behind_tls(&authority.leaf(HOST), None).await;
    let error = client(&emulator, &front).build().unwrap().regions().list().await.unwrap_err();
    is_final(&error, front.connections(), &["not trusted", "SSL_CERT_FILE", "`root_certificate`"]);
    assert!(emulator.requests().is_empty());

    let bundle = format!("{}\n# and the one that counts\n{}", Authority::new().pem, authority.pem);
    for builder in [
        client(&emulator, &front).root_certificate(&authority.pem),
        client(&emulator, &front).root_certificate(Authority::new().pem).root_certificate(authority.pem.as_bytes()),
        client(&emulator, &front).root_certificate(bundle),
    ] {
        assert!(!builder.build().unwrap().regions().list().await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_certificate_that_expired_or_is_for_another_name_is_not_retried() {
    let authority = Authority::new();
    for (leaf, says) in [
        (authority.leaf_until(HOST, 2001), &["has expired", "clock"]),
        (authority.leaf("expired.example.com"), &["another name", "base URL"]),
    ] {
        let (emulator, front) = behind_tls(&leaf, None).await;
        let client = client(&emulator, &front).root_certificate(&authority.pem).build().unwrap();
        let error = client.regions().list().await.unwrap_err();
        is_final(&error, front.connections(), says);
    }
}

#[tokio::test]
async fn the_client_shows_its_certificate_and_a_refusal_names_it() {
    let authority = Authority::new();
    let clients = Authority::new();
    let (emulator, front) = behind_tls(&authority.leaf(HOST), Some(&clients)).await;
    let with = |identity: Option<String>| {
        let builder = client(&emulator, &front).root_certificate(&authority.pem);
        match identity {
            Some(pem) => builder.client_identity(pem),
            None => builder,
        }
    };
    let shown = clients.leaf("client.example.com");
    let client = with(Some(format!("{}{}", shown.key, shown.certificate))).build().unwrap();
    assert!(!client.regions().list().await.unwrap().is_empty());
    let client = with(Some(format!("{}{}", shown.certificate, shown.key))).build().unwrap();
    assert!(!client.regions().list().await.unwrap().is_empty());

    let before = front.connections();
    let error = with(None).build().unwrap().regions().list().await.unwrap_err();
    is_final(&error, front.connections() - before, &["certificate of the client", "`client_identity`"]);
}

#[test]
fn certificates_that_cannot_be_used_are_refused_by_build_without_showing_them() {
    let authority = Authority::new();
    let (one, other) = (authority.leaf(HOST), authority.leaf(HOST));
    let key = || Client::builder().api_key("0123456789abcdef");
    for (name, builder, says) in [
        ("no PEM", key().root_certificate("canary"), "no certificate"),
        ("a key", key().root_certificate(&one.key), "no certificate"),
        (
            "a certificate that is none",
            key().root_certificate("-----BEGIN CERTIFICATE-----\nY2FuYXJ5\n-----END CERTIFICATE-----\n"),
            "root_certificate",
        ),
        ("no PEM", key().client_identity("canary"), "no certificate"),
        ("a certificate without key", key().client_identity(&one.certificate), "no private key"),
        ("a key without certificate", key().client_identity(&one.key), "no certificate"),
        (
            "a certificate and another key",
            key().client_identity(format!("{}{}", one.certificate, other.key)),
            "together",
        ),
        ("no address", key().dns_override(HOST, Vec::<std::net::SocketAddr>::new()), "dns_override"),
        ("a malformed proxy", key().proxy("http//canary:3128"), "`proxy`"),
        ("a proxy of an unknown scheme", key().proxy("ftp://canary:21"), "scheme"),
        (
            "a proxy elsewhere for a server here",
            key().base_url("http://127.0.0.1:1").proxy("http://canary.example.com:3128"),
            "allow_insecure_http",
        ),
    ] {
        let debug = format!("{builder:?}");
        let error = builder.build().expect_err(name);
        println!("{name}: {error}");
        assert_eq!(error.kind(), ErrorKind::Config, "{name}");
        assert!(error.to_string().contains(says), "{name}: {error}");
        assert!(!format!("{error} {debug}").contains("canary"), "{name}: {error} {debug}");
        assert!(!debug.contains("BEGIN") && !debug.contains("45, 45, 45"), "{debug}");
    }
    #[cfg(not(feature = "socks"))]
    {
        let error = key().proxy("socks5://proxy.example.com").build().unwrap_err();
        assert!(error.to_string().contains("feature `socks`"), "{error}");
    }
}

#[tokio::test]
async fn a_proxy_is_used_with_its_password_and_sees_only_the_tunnel() {
    let authority = Authority::new();
    let (emulator, front) = behind_tls(&authority.leaf(HOST), None).await;
    let proxy = Proxy::start(front.address, None).await;
    let with = |url: String| client(&emulator, &front).root_certificate(&authority.pem).proxy(url).build().unwrap();
    let regions = with(format!("http://user:p%40ss@{}", proxy.address)).regions().list().await.unwrap();
    assert!(!regions.is_empty());
    let asked = proxy.asked();
    assert_eq!(asked.len(), 1);
    assert!(asked[0].starts_with(&format!("CONNECT {HOST}:{}", front.address.port())), "{asked:?}");
    assert!(asked[0].to_ascii_lowercase().contains("proxy-authorization: basic dxnlcjpwqhnz"), "{asked:?}");
    assert!(!asked[0].contains(emulator.api_key()), "{asked:?}");
    // Without a scheme it is http, as usual.
    with(proxy.address.to_string()).regions().list().await.unwrap();
    assert_eq!(proxy.asked().len(), 2);
}

#[tokio::test]
async fn a_proxy_that_requires_a_password_is_asked_once() {
    let authority = Authority::new();
    let (emulator, front) = behind_tls(&authority.leaf(HOST), None).await;
    let refusal = "407 Proxy Authentication Required";
    let proxy = Proxy::start(front.address, Some(refusal)).await;
    let client = client(&emulator, &front).proxy(format!("http://{}", proxy.address)).build().unwrap();
    let error = client.regions().list().await.unwrap_err();
    is_final(&error, u32::try_from(proxy.asked().len()).unwrap(), &["407", "user:password@"]);

    // The same for a plain request, to which a proxy responds itself.
    let proxy = Proxy::start(front.address, Some(refusal)).await;
    let client = Client::builder().base_url(emulator.url()).api_key(emulator.api_key()).retry(quick_retries());
    let client = client.proxy(format!("http://{}", proxy.address)).build().unwrap();
    let error = client.regions().list().await.unwrap_err();
    assert_eq!((error.status().map(|status| status.as_u16()), proxy.asked().len()), (Some(407), 1), "{error}");
    assert!(error.to_string().contains("user:password@"), "{error}");
}

#[tokio::test]
async fn a_broken_server_is_retried_unlike_the_failures_above() {
    let emulator = Emulator::start().unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let client = Client::builder().base_url(format!("https://{HOST}:{}", address.port())).api_key(emulator.api_key());
    let client = client.dns_override(HOST, [address]).retry(quick_retries()).build().unwrap();
    let error = client.regions().list().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts().len()), (ErrorKind::Connect, 5), "{error}");
    assert!(error.is_retryable(), "{error}");
}

#[tokio::test]
async fn idle_connections_are_kept_for_the_configured_time() {
    let authority = Authority::new();
    let (emulator, front) = behind_tls(&authority.leaf(HOST), None).await;
    for (limit, connections) in [(Duration::from_secs(3600), 1), (Duration::ZERO, 3)] {
        let client = client(&emulator, &front).root_certificate(&authority.pem).pool_idle_timeout(limit);
        let (client, before) = (client.build().unwrap(), front.connections());
        for _ in 0..3 {
            client.regions().list().await.unwrap();
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(front.connections() - before, connections, "{limit:?}");
    }
}

#[tokio::test]
async fn http_client_settings_cannot_override_what_the_client_relies_on() {
    let emulator = Emulator::start().unwrap();
    let configured = Client::builder()
        .base_url(emulator.url())
        .api_key(emulator.api_key())
        .user_agent("provisioner/2.1")
        .retry(quick_retries())
        .configure_http(|http| {
            let mut headers = http::HeaderMap::new();
            headers.insert("x-team", http::HeaderValue::from_static("tenants"));
            http.default_headers(headers)
                .user_agent("mine")
                .gzip(true)
                .redirect(reqwest::redirect::Policy::limited(10))
                .retry(reqwest::retry::for_host("127.0.0.1").classify_fn(|attempt| attempt.retryable()))
        })
        .build()
        .unwrap();
    configured.regions().list().await.unwrap();
    let request = emulator.requests().remove(0);
    assert_eq!(request.header("x-team"), Some("tenants"), "what is not relied on stays");
    assert!(request.header("user-agent").is_some_and(|agent| agent.starts_with("provisioner/2.1 singlestore")));
    assert_eq!(request.header("accept-encoding"), None);

    // A redirected POST is not followed, and its failure is not retried below the transport.
    emulator.clear_requests();
    use singlestore_management_emulator::Fault;
    emulator.inject(Fault::redirect(307, &format!("{}/v1/elsewhere", emulator.url())).on_method("POST"));
    let error = configured.request("POST", "/v1/regions").send().await.unwrap_err();
    assert_eq!((error.kind(), emulator.requests().len()), (ErrorKind::Redirect, 1), "{error}");
    emulator.inject(Fault::reset().on_method("POST").always());
    let error = configured.request("POST", "/v1/regions").send().await.unwrap_err();
    assert_eq!((error.attempts().len(), emulator.requests().len()), (1, 2), "{error}");
}

#[tokio::test]
async fn certificates_are_verified_whatever_is_configured_on_the_http_client() {
    let authority = Authority::new();
    let (emulator, front) = behind_tls(&authority.leaf(HOST), None).await;
    let client = client(&emulator, &front)
        .configure_http(|http| http.tls_danger_accept_invalid_certs(true).tls_danger_accept_invalid_hostnames(true))
        .build()
        .unwrap();
    let error = client.regions().list().await.unwrap_err();
    is_final(&error, front.connections(), &["not trusted"]);
}

#[tokio::test]
async fn a_compressed_response_is_returned_as_sent_although_the_library_could_decode_it() {
    // The tests are built with gzip enabled in the HTTP library; the control shows it.
    const BODY: &[u8] = &[
        0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0x8b, 0x8e, 0x05, 0x00, 0x29, 0xbb, 0x4c, 0x0d,
        0x02, 0x00, 0x00, 0x00,
    ];
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 4096]).await;
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\
                 connection: close\r\n\r\n",
                BODY.len()
            );
            let _ = stream.write_all(head.as_bytes()).await;
            let _ = stream.write_all(BODY).await;
        }
    });
    let client = Client::builder().base_url(&url).api_key("0123456789abcdef").build().unwrap();
    let response = client.request("GET", "/v1/files/fs/personal/data.gz").send().await.unwrap();
    assert_eq!(&response.body()[..], BODY);
    assert_eq!(response.headers().get("content-length").unwrap(), &BODY.len().to_string());
    assert_eq!(response.headers().get("content-encoding").unwrap(), "gzip");

    let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
    let decoded = reqwest::get(&url).await.unwrap().bytes().await.unwrap();
    assert_eq!(&decoded[..], b"[]", "the control: with its defaults the library decodes");
}

#[tokio::test]
async fn the_connect_timeout_applies_whatever_is_configured() {
    // Its connection queue is full, so it does not respond to another one.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    for _ in 0..8 {
        let connecting = tokio::net::TcpStream::connect(address);
        match tokio::time::timeout(Duration::from_secs(1), connecting).await {
            Ok(stream) => waiting.push(stream.unwrap()),
            Err(_) => break,
        }
    }
    let client = Client::builder()
        .base_url(format!("http://{address}"))
        .api_key("0123456789abcdef")
        .connect_timeout(Duration::from_millis(50))
        .configure_http(|http| http.connect_timeout(Duration::from_secs(3600)))
        .retry(singlestore_management::RetryPolicy::none())
        .deadline(Duration::from_secs(20))
        .build()
        .unwrap();
    let error = client.request("POST", "/v1/regions").send().await.unwrap_err();
    // Without the limit the deadline ends it, and the outcome is unknown.
    assert_eq!(error.kind(), ErrorKind::Connect, "{error}");
    assert!(!error.is_outcome_unknown() && error.is_retryable(), "{error}");
}

#[cfg(feature = "socks")]
#[tokio::test]
async fn a_socks_proxy_is_used_with_its_password_and_resolves_the_name() {
    let authority = Authority::new();
    let (emulator, front) = behind_tls(&authority.leaf(HOST), None).await;
    let with = |url: String| client(&emulator, &front).root_certificate(&authority.pem).proxy(url).build().unwrap();
    let proxy = crate::tls::Socks::start(front.address, Some("user:p@ss")).await;
    let regions = with(format!("socks5h://user:p%40ss@{}", proxy.address)).regions().list().await.unwrap();
    assert!(!regions.is_empty());
    assert_eq!(proxy.asked(), [format!("{HOST}:{}", front.address.port())]);
    // Without a password, and with a wrong one: a setting is wrong, which another attempt does not change.
    for url in [format!("socks5h://{}", proxy.address), format!("socks5h://user:canary@{}", proxy.address)] {
        let before = proxy.connections();
        let error = with(url).regions().list().await.unwrap_err();
        is_final(&error, proxy.connections() - before, &["credentials", "user:password@"]);
        assert!(!format!("{error:?}").contains("canary"), "{error:?}");
    }
    // A proxy that asks for none.
    let open = crate::tls::Socks::start(front.address, None).await;
    assert!(!with(format!("socks5h://{}", open.address)).regions().list().await.unwrap().is_empty());
}

/// The DER of a PEM file.
fn der(pem: &str) -> Vec<u8> {
    use base64::Engine as _;
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    base64::engine::general_purpose::STANDARD.decode(body).unwrap()
}

#[tokio::test]
async fn a_certificate_after_a_byte_order_mark_is_read() {
    let emulator = Emulator::start().unwrap();
    let authority = Authority::new();
    let front = Front::start(acceptor(&authority.leaf(HOST), None, &[]), emulator.url()).await;
    // The second of two concatenated files has its byte order mark in the middle.
    for pem in [
        format!("\u{feff}{}", authority.pem),
        format!("\u{feff}{}\u{feff}{}", Authority::new().pem, authority.pem),
        authority.pem.replace('\n', "\r\n"),
    ] {
        let client = client(&emulator, &front).root_certificate(pem).build().unwrap();
        client.regions().list().await.unwrap();
    }
    let one = authority.leaf(HOST);
    let identity = format!("\u{feff}{}\u{feff}{}", one.certificate, one.key);
    Client::builder().api_key("0123456789abcdef").client_identity(identity).build().unwrap();
}

#[test]
fn input_that_is_not_pem_is_identified() {
    let one = Authority::new().leaf(HOST);
    let (pem, key) = (&one.certificate, &one.key);
    let wide = |bytes: fn(u16) -> [u8; 2], mark: &str| -> Vec<u8> {
        format!("{mark}{pem}").encode_utf16().flat_map(bytes).collect()
    };
    let relabeled = |label: &str| pem.replace("CERTIFICATE", label);
    let builder = || Client::builder().api_key("0123456789abcdef");
    let pkcs12 = b"\x30\x82\x0a\x20\x02\x01\x03\x30\x82\x09\xe6".to_vec();
    for (given, want) in [
        (wide(u16::to_le_bytes, "\u{feff}"), "UTF-16"),
        (wide(u16::to_be_bytes, "\u{feff}"), "UTF-16"),
        (wide(u16::to_le_bytes, ""), "UTF-16"),
        (wide(u16::to_be_bytes, ""), "UTF-16"),
        (der(pem), "`openssl x509 -inform der"),
        (pkcs12.clone(), "PKCS #12"),
        (relabeled("TRUSTED CERTIFICATE").into(), "TRUSTED CERTIFICATE"),
        (format!("{pem}{}", relabeled("TRUSTED CERTIFICATE")).into(), "TRUSTED CERTIFICATE"),
        (relabeled("CERTIFICATE REQUEST").into(), "CERTIFICATE REQUEST"),
        (relabeled("PKCS7").into(), "PKCS7"),
        (key.clone().into(), "PRIVATE KEY"),
        (b"/etc/ssl/company-ca.pem".to_vec(), "path"),
        (Vec::new(), "empty"),
    ] {
        let error = builder().root_certificate(&given).build().unwrap_err();
        let text = error.to_string();
        assert!(text.contains("root_certificate") && text.contains(want), "{want}: {text}");
        // The input is described, not shown.
        assert!(!text.contains("company-ca"), "{text}");
    }
    for (given, want) in [
        (wide(u16::to_le_bytes, "\u{feff}"), "UTF-16"),
        (der(pem), "`openssl x509 -inform der"),
        (pkcs12, "PKCS #12"),
        (format!("{pem}{}", key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY")).into(), "ENCRYPTED PRIVATE KEY"),
        (Vec::new(), "empty"),
    ] {
        let error = builder().client_identity(&given).build().unwrap_err();
        assert!(error.to_string().contains("client_identity") && error.to_string().contains(want), "{want}: {error}");
    }
}
