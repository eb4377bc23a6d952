//! How the service is reached: certificates, proxies, connections. What the transport relies on is set here, last.

use std::borrow::Borrow;
use std::net::SocketAddr;
use std::time::Duration;

use reqwest::Url;
use zeroize::Zeroizing;

use super::{ClientBuilder, base_url, proxy};
use crate::tls::{self, TlsOptions};
use crate::{Error, Secret};

/// The maximum wait passed to the HTTP library, which adds it to the current time and would overflow.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

type Configure = Box<dyn FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync>;

/// The network settings of a [`ClientBuilder`].
#[derive(Default)]
pub(super) struct Network {
    pub user_agent: Option<String>,
    pub connect_timeout: Option<Duration>,
    tls: TlsOptions,
    proxy: Option<Secret>,
    pool_idle_timeout: Option<Duration>,
    dns: Vec<(String, Vec<SocketAddr>)>,
    configure: Vec<Configure>,
}

impl std::fmt::Debug for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Network")
            .field("user_agent", &self.user_agent)
            .field("connect_timeout", &self.connect_timeout)
            .field("tls", &self.tls)
            .field("proxy", &self.proxy)
            .field("pool_idle_timeout", &self.pool_idle_timeout)
            .field("dns", &self.dns)
            .finish_non_exhaustive()
    }
}

impl ClientBuilder {
    /// Trusts the certificates of a PEM file in addition to those of the operating system: a private CA, or an
    /// inspecting proxy.
    ///
    /// The file may hold several certificates, and this may be called several times.
    ///
    /// ```
    /// # fn build(pem: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
    /// use singlestore_management::Client;
    ///
    /// // `pem` is what std::fs::read("/etc/ssl/company-ca.pem") returns.
    /// let client = Client::builder().api_key("0123456789abcdef").root_certificate(pem).build()?;
    /// # Ok(()) }
    /// # let error = build(b"no certificate").unwrap_err();
    /// # assert!(error.to_string().contains("root_certificate"));
    /// ```
    pub fn root_certificate(mut self, pem: impl AsRef<[u8]>) -> Self {
        self.network.tls.roots.push(pem.as_ref().to_vec());
        self
    }

    /// Sets the certificate that the client presents to the server or gateway: PEM with the certificate, its chain and
    /// its key, in any order.
    ///
    /// The key must be unencrypted, and in PKCS #8 form with the feature `native-tls` alone.
    ///
    /// ```
    /// # fn build(pem: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
    /// use singlestore_management::Client;
    ///
    /// // `pem` is what std::fs::read("/run/secrets/client.pem") returns.
    /// let client = Client::builder().api_key("0123456789abcdef").client_identity(pem).build()?;
    /// # Ok(()) }
    /// # let error = build(b"no certificate").unwrap_err();
    /// # assert!(error.to_string().contains("client_identity"));
    /// ```
    pub fn client_identity(mut self, pem: impl AsRef<[u8]>) -> Self {
        self.network.tls.identity = Some(Zeroizing::new(pem.as_ref().to_vec()));
        self
    }

    /// Sends everything through a proxy, instead of those of the environment; `NO_PROXY` does not apply to it.
    ///
    /// The URL may include a user and a password. SOCKS proxies need the feature `socks`.
    ///
    /// ```
    /// use singlestore_management::Client;
    ///
    /// let client = Client::builder()
    ///     .api_key("0123456789abcdef")
    ///     .proxy("http://user:password@proxy.example.com:3128")
    ///     .build()?;
    /// # Ok::<(), singlestore_management::Error>(())
    /// ```
    pub fn proxy(mut self, url: impl Into<Secret>) -> Self {
        self.network.proxy = Some(url.into());
        self
    }

    /// Sets how long an idle connection is kept. Default 50 s, less than the service keeps it.
    ///
    /// ```
    /// use singlestore_management::Client;
    /// use std::time::Duration;
    ///
    /// // For a load balancer that closes idle connections after 10 s.
    /// let client =
    ///     Client::builder().api_key("0123456789abcdef").pool_idle_timeout(Duration::from_secs(8)).build()?;
    /// # Ok::<(), singlestore_management::Error>(())
    /// ```
    pub fn pool_idle_timeout(mut self, limit: Duration) -> Self {
        self.network.pool_idle_timeout = Some(limit);
        self
    }

    /// Connects to these addresses when a URL names `host`, without asking DNS. Certificates are still checked against
    /// `host`.
    ///
    /// An address with port 0 uses the port of the URL. Through a proxy it has no effect: the proxy resolves names.
    ///
    /// ```
    /// use singlestore_management::Client;
    /// use std::net::SocketAddr;
    ///
    /// let private_link: SocketAddr = "10.20.0.7:443".parse()?;
    /// let client = Client::builder()
    ///     .api_key("0123456789abcdef")
    ///     .dns_override("api.singlestore.com", [private_link])
    ///     .build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn dns_override(
        mut self,
        host: impl Into<String>,
        addresses: impl IntoIterator<Item = impl Borrow<SocketAddr>>,
    ) -> Self {
        let addresses = addresses.into_iter().map(|address| *address.borrow()).collect();
        self.network.dns.push((host.into().to_ascii_lowercase(), addresses));
        self
    }

    /// Customizes the HTTP client before it is built, for anything that has no setter here.
    ///
    /// Afterwards the client sets what it relies on: TLS, redirects (it follows them itself), retries (likewise),
    /// compression (off), the user agent, and what was passed to the other setters. Changing any of these here has no
    /// effect.
    ///
    /// With rustls the version of HTTP is negotiated whatever `http1_only` says: a build without the feature `http2`
    /// only speaks HTTP/1.1. `http2_prior_knowledge` is for a server that speaks nothing else.
    ///
    /// ```
    /// use singlestore_management::Client;
    ///
    /// let client = Client::builder()
    ///     .api_key("0123456789abcdef")
    ///     .configure_http(|http| http.pool_max_idle_per_host(4).local_address(None))
    ///     .build()?;
    /// # Ok::<(), singlestore_management::Error>(())
    /// ```
    pub fn configure_http(
        mut self,
        configure: impl FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync + 'static,
    ) -> Self {
        self.network.configure.push(Box::new(configure));
        self
    }
}

impl Network {
    /// Builds the HTTP client for a base URL.
    pub(super) fn build(self, base: &Url, insecure: bool) -> Result<reqwest::Client, Error> {
        let user_agent = user_agent(self.user_agent.as_deref())?;
        // Defaults come before the caller's settings; what the transport relies on comes after them.
        let mut builder = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(10))
            // The service drops idle connections between polls; a shorter limit than its own avoids most of that.
            .pool_idle_timeout(Duration::from_secs(50))
            .tcp_keepalive(Duration::from_secs(30));
        for configure in self.configure {
            builder = configure(builder);
        }
        let mut encrypted = base.scheme() == "https";
        let loopback = base_url::is_loopback(base);
        if let Some(url) = &self.proxy {
            if base.scheme() == "http" && loopback && !insecure && !proxy::is_local(url) {
                return Err(Error::config(
                    "the proxy would see the key, which plain http to this machine does not hide; use https, or allow \
                     it with `allow_insecure_http`",
                ));
            }
            builder = builder.proxy(proxy::of_caller(url)?);
            encrypted = true;
        } else if loopback {
            // A proxy from the environment would see the key, since plain http to this machine does not hide it.
            builder = builder.no_proxy();
        } else {
            // What is not Unicode is not a URL either.
            let variable = |name: &str| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
            proxy::check_environment(base, &variable)?;
            encrypted = true;
        }
        for (host, addresses) in &self.dns {
            if addresses.is_empty() {
                return Err(Error::config("`dns_override` was given no address"));
            }
            builder = builder.resolve_to_addrs(host, addresses);
        }
        if let Some(limit) = self.connect_timeout {
            if limit.is_zero() {
                return Err(Error::config("`connect_timeout` is zero, so no connection could be made in time"));
            }
            builder = builder.connect_timeout(limit.min(LONGEST));
        }
        if let Some(limit) = self.pool_idle_timeout {
            builder = builder.pool_idle_timeout(limit.min(LONGEST));
        }
        tls::apply(builder, &self.tls, encrypted)?
            .user_agent(user_agent)
            // Both are handled by the transport.
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            // Another crate may enable decoders for the whole build; files must arrive as they are stored.
            .no_gzip()
            .no_brotli()
            .no_deflate()
            .no_zstd()
            .build()
            .map_err(|source| {
                let error = Error::config("the HTTP client cannot be set up").with_source(source.without_url());
                // The TLS of the operating system only checks them here.
                match self.tls.identity.is_some() {
                    true => error.with_advice("do the certificate and the key of `client_identity` belong together?"),
                    false => error,
                }
            })
    }
}

fn user_agent(product: Option<&str>) -> Result<http::HeaderValue, Error> {
    let own = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));
    let text = product.map_or_else(|| own.to_owned(), |product| format!("{product} {own}"));
    http::HeaderValue::from_str(&text)
        .map_err(|_| Error::config("the user agent holds a character that no header can carry"))
}
