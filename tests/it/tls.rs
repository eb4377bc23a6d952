//! TLS in front of an emulator, with certificates made by the test.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

/// The name for which the certificates of the tests are made.
pub(crate) const HOST: &str = "management.example.com";

/// A private authority.
pub(crate) struct Authority {
    pub(crate) pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate and its key, as PEM.
pub(crate) struct Leaf {
    pub(crate) certificate: String,
    pub(crate) key: String,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        // OpenSSL looks for an issuer by its name.
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        params.distinguished_name.push(DnType::CommonName, format!("the CA {number} of a test"));
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self { pem, issuer: Issuer::new(params, key) }
    }

    pub(crate) fn leaf(&self, name: &str) -> Leaf {
        self.leaf_until(name, 2999)
    }

    /// A certificate valid from 2000 to the beginning of a year.
    pub(crate) fn leaf_until(&self, name: &str, year: i32) -> Leaf {
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        (params.not_before, params.not_after) = (rcgen::date_time_ymd(2000, 1, 1), rcgen::date_time_ymd(year, 1, 1));
        params.distinguished_name.push(DnType::CommonName, "a leaf of a test");
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap().pem();
        Leaf { certificate, key: key.serialize_pem() }
    }

    fn store(&self) -> RootCertStore {
        let mut store = RootCertStore::empty();
        store.add(CertificateDer::from_pem_slice(self.pem.as_bytes()).unwrap()).unwrap();
        store
    }
}

/// The TLS of a server; with `clients`, only for clients whose certificate this authority has signed.
pub(crate) fn acceptor(leaf: &Leaf, clients: Option<&Authority>, protocols: &[&str]) -> TlsAcceptor {
    let provider = Arc::new(ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions().unwrap();
    let config = match clients {
        Some(authority) => {
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(authority.store()), provider);
            config.with_client_cert_verifier(verifier.build().unwrap())
        }
        None => config.with_no_client_auth(),
    };
    let chain = vec![CertificateDer::from_pem_slice(leaf.certificate.as_bytes()).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(leaf.key.as_bytes()).unwrap();
    let mut config = config.with_single_cert(chain, key).unwrap();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    TlsAcceptor::from(Arc::new(config))
}

/// A server that terminates TLS and forwards to a plain one; its connections are counted.
pub(crate) struct Front {
    pub(crate) address: SocketAddr,
    connections: Arc<AtomicU32>,
}

impl Front {
    pub(crate) async fn start(acceptor: TlsAcceptor, behind: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let behind: SocketAddr = behind.trim_start_matches("http://").parse().unwrap();
        let connections = Arc::new(AtomicU32::new(0));
        let count = connections.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    let Ok(mut outside) = acceptor.accept(stream).await else { return };
                    let Ok(mut inside) = TcpStream::connect(behind).await else { return };
                    let _ = tokio::io::copy_bidirectional(&mut outside, &mut inside).await;
                });
            }
        });
        Self { address, connections }
    }

    /// How many connections were made, whatever happened to them.
    pub(crate) fn connections(&self) -> u32 {
        self.connections.load(Ordering::SeqCst)
    }

    /// Its URL with the name in the certificates, which no DNS knows.
    pub(crate) fn url(&self) -> String {
        format!("https://{HOST}:{}", self.address.port())
    }
}

/// A proxy that tunnels every CONNECT to one server, or refuses all with a status; it records the requests.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    pub(crate) async fn start(target: SocketAddr, refusal: Option<&'static str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let notes = asked.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    match stream.read_u8().await {
                        Ok(byte) => head.push(byte),
                        Err(_) => break,
                    }
                }
                notes.lock().unwrap().push(String::from_utf8_lossy(&head).into_owned());
                let fields = if refusal.is_some() { "content-length: 0\r\nconnection: close\r\n" } else { "" };
                let response = format!("HTTP/1.1 {}\r\n{fields}\r\n", refusal.unwrap_or("200 OK"));
                let _ = stream.write_all(response.as_bytes()).await;
                if refusal.is_none() {
                    tokio::spawn(async move {
                        let Ok(mut inside) = TcpStream::connect(target).await else { return };
                        let _ = tokio::io::copy_bidirectional(&mut stream, &mut inside).await;
                    });
                }
            }
        });
        Self { address, asked }
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// A SOCKS 5 proxy that requires a user and a password or none, and connects everything to one server.
#[cfg(feature = "socks")]
pub(crate) struct Socks {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    connections: Arc<AtomicU32>,
}

#[cfg(feature = "socks")]
impl Socks {
    pub(crate) async fn start(target: SocketAddr, password: Option<&'static str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (asked, connections) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicU32::new(0)));
        let (notes, count) = (asked.clone(), connections.clone());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                let notes = notes.clone();
                tokio::spawn(async move {
                    let Ok(name) = greet(&mut stream, password).await else { return };
                    notes.lock().unwrap().push(name);
                    let Ok(mut inside) = TcpStream::connect(target).await else { return };
                    let _ = tokio::io::copy_bidirectional(&mut stream, &mut inside).await;
                });
            }
        });
        Self { address, asked, connections }
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    pub(crate) fn connections(&self) -> u32 {
        self.connections.load(Ordering::SeqCst)
    }
}

/// RFC 1928 and 1929 up to the response to CONNECT; returns the requested name and port.
#[cfg(feature = "socks")]
async fn greet(stream: &mut TcpStream, password: Option<&str>) -> std::io::Result<String> {
    async fn text(stream: &mut TcpStream) -> std::io::Result<Vec<u8>> {
        let mut text = vec![0; usize::from(stream.read_u8().await?)];
        stream.read_exact(&mut text).await?;
        Ok(text)
    }
    let refused = || std::io::Error::other("refused");
    let _version = stream.read_u8().await?;
    let methods = text(stream).await?;
    let method = if password.is_some() { 2 } else { 0 };
    if !methods.contains(&method) {
        stream.write_all(&[5, 0xff]).await?;
        return Err(refused());
    }
    stream.write_all(&[5, method]).await?;
    if let Some(password) = password {
        let _version = stream.read_u8().await?;
        let (user, given) = (text(stream).await?, text(stream).await?);
        let right = format!("{}:{}", String::from_utf8_lossy(&user), String::from_utf8_lossy(&given)) == password;
        stream.write_all(&[1, u8::from(!right)]).await?;
        if !right {
            return Err(refused());
        }
    }
    let mut head = [0; 4];
    stream.read_exact(&mut head).await?;
    assert_eq!(head, [5, 1, 0, 3], "it connects to a name");
    let name = String::from_utf8(text(stream).await?).map_err(|_| refused())?;
    let port = stream.read_u16().await?;
    stream.write_all(&[5, 0, 0, 1, 127, 0, 0, 1, 0, 1]).await?;
    Ok(format!("{name}:{port}"))
}
