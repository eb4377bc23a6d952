//! The configuration of a client, validated as a whole when it is built, before anything is sent.

use std::sync::Arc;
use std::time::Duration;

use super::network::Network;
use super::{Client, base_url};
use crate::credentials::{CredentialsProvider, Lookup, Token, TokenCache, check_key, lookup, missing};
use crate::raw::Requests;
use crate::transport::budget::RetryBudget;
use crate::transport::clock::SystemClock;
use crate::transport::concurrency::Gate;
use crate::transport::core::Core;
use crate::transport::observe::Observer;
use crate::transport::rate::{RateLimit, RateLimiter};
use crate::transport::retry::RetryPolicy;
use crate::transport::size_limits::SizeLimits;
use crate::{Error, OrganizationId, Secret};

/// Configures a [`Client`].
///
/// Explicit settings take precedence over the environment, which is read only after [`env_from`](Self::env_from).
///
/// ```
/// use singlestore_management::{Client, RetryPolicy};
/// use std::time::Duration;
///
/// let client = Client::builder()
///     .api_key("0123456789abcdef")
///     .user_agent("tenant-provisioner/2.1")
///     .deadline(Duration::from_secs(120))
///     .retry(RetryPolicy::default().with_max_attempts(8))
///     .build()?;
/// # Ok::<(), singlestore_management::Error>(())
/// ```
#[must_use = "a builder does nothing until `build`"]
#[derive(Debug, Default)]
pub struct ClientBuilder {
    token: Option<Secret>,
    provider: Option<Arc<dyn CredentialsProvider>>,
    base_url: Option<String>,
    organization: Option<String>,
    insecure: bool,
    pub(super) network: Network,
    read_timeout: Option<Duration>,
    deadline: Option<Duration>,
    poll_interval: Option<(Duration, Duration)>,
    retry: RetryPolicy,
    max_response_bytes: Option<usize>,
    max_concurrent: Option<usize>,
    rate_limit: Option<RateLimit>,
    observer: Option<Arc<dyn Observer>>,
    environment: Option<Result<EnvironmentValues, Error>>,
}

#[derive(Debug)]
struct EnvironmentValues {
    token: Option<(&'static str, Secret)>,
    base_url: Option<String>,
    organization: Option<String>,
}

impl ClientBuilder {
    /// Sets the API key, or a JWT. A JWT needs [`organization`](Self::organization).
    ///
    /// White space, a byte order mark, quotation marks and `Bearer` around the key are removed. Anything else that
    /// cannot be a key, such as `${VAR}` or `<your-api-key>`, is rejected by [`build`](Self::build).
    pub fn api_key(mut self, key: impl Into<Secret>) -> Self {
        self.token = Some(key.into());
        self
    }

    /// Sets the source of tokens.
    pub fn credentials(mut self, provider: impl CredentialsProvider) -> Self {
        self.provider = Some(Arc::new(provider));
        self
    }

    /// Sets the base URL. Default `https://api.singlestore.com`. Plain http is for loopback addresses only.
    ///
    /// The path of a gateway may follow the host, but not the version of the API.
    ///
    /// The environment variables `HTTPS_PROXY` and `NO_PROXY` are honored, but not for a loopback address. A variable
    /// that does not hold a proxy URL is an error of [`build`](Self::build).
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// Sets the organization, a UUID, which is then sent with every request. A JWT needs it; an API key has its own.
    pub fn organization(mut self, id: impl ToString) -> Self {
        self.organization = Some(id.to_string());
        self
    }

    /// Sets a product that precedes this crate's name in the `User-Agent` header, such as `provisioner/2.1`.
    pub fn user_agent(mut self, product: impl Into<String>) -> Self {
        self.network.user_agent = Some(product.into());
        self
    }

    /// Allows plain http to hosts that are not loopback. The key is then sent unencrypted.
    pub fn allow_insecure_http(mut self) -> Self {
        self.insecure = true;
        self
    }

    /// Sets the time limit for establishing a connection. Default 10 s; zero is an error of [`build`](Self::build).
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.network.connect_timeout = Some(limit);
        self
    }

    /// Sets how long the server may send nothing. Default 180 s, as the vendor's own clients wait; zero is an error of
    /// [`build`](Self::build).
    pub fn read_timeout(mut self, limit: Duration) -> Self {
        self.read_timeout = Some(limit);
        self
    }

    /// Sets the time limit of a whole call, including all attempts and waits. Default 10 min; a request may set its
    /// own.
    pub fn deadline(mut self, limit: Duration) -> Self {
        self.deadline = Some(limit);
        self
    }

    /// Sets the wait between the polls of every [`Waiter`](crate::Waiter): the first, and the longest that it grows to.
    /// Default 2 s and 15 s; a waiter may set its own. Less than a millisecond counts as one.
    pub fn poll_interval(mut self, first: Duration, longest: Duration) -> Self {
        self.poll_interval = Some((first, longest));
        self
    }

    /// Sets when and how often a call is retried.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// Sets the maximum size of a response, in bytes. Default 256 MiB. Error bodies are truncated to 64 KiB.
    pub fn max_response_bytes(mut self, bytes: usize) -> Self {
        self.max_response_bytes = Some(bytes);
        self
    }

    /// Sets how many requests of all clones may be under way at once. No limit by default; zero is an error of
    /// [`build`](Self::build).
    pub fn max_concurrent_requests(mut self, limit: usize) -> Self {
        self.max_concurrent = Some(limit);
        self
    }

    /// Sets how many requests per second all clones together may send. No limit by default.
    pub fn rate_limit(mut self, limit: RateLimit) -> Self {
        self.rate_limit = Some(limit);
        self
    }

    /// Sets the observer of attempts and calls.
    pub fn observer(mut self, observer: impl Observer) -> Self {
        self.observer = Some(Arc::new(observer));
        self
    }

    /// Reads what is not set explicitly from the same variables as [`Client::from_env`], through `lookup`.
    ///
    /// ```
    /// use singlestore_management::Client;
    ///
    /// // The process environment, for anything not set here.
    /// let from_process = Client::builder().deadline(std::time::Duration::from_secs(60)).env_from(|name| std::env::var(name).ok());
    ///
    /// // A map, as in a test or from a configuration file.
    /// let values = std::collections::HashMap::from([("SINGLESTOREDB_API_KEY", "0123456789abcdef")]);
    /// let client = Client::builder().env_from(|name| values.get(name).map(ToString::to_string)).build()?;
    /// # let _ = from_process;
    /// # Ok::<(), singlestore_management::Error>(())
    /// ```
    pub fn env_from(mut self, lookup_variable: impl Fn(&str) -> Option<String>) -> Self {
        let source: Lookup<'_> = &lookup_variable;
        self.environment = Some(lookup(source).map(|found| EnvironmentValues {
            token: found.token,
            base_url: found.base_url,
            organization: found.organization,
        }));
        self
    }

    /// Builds the client. Nothing is sent.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) when something is missing or malformed.
    pub fn build(self) -> Result<Client, Error> {
        let explicit = self.token.is_some() || self.provider.is_some();
        let environment = match self.environment {
            // Two keys in the environment do not matter to a client that was given a key.
            Some(Err(_)) if explicit => None,
            Some(found) => Some(found?),
            None => None,
        };
        let (env_token, env_base, env_organization) = match environment {
            Some(found) => (found.token, found.base_url, found.organization),
            None => (None, None, None),
        };
        if self.token.is_some() && self.provider.is_some() {
            return Err(Error::config("both `api_key` and `credentials` are set; give one of them"));
        }
        let provider: Arc<dyn CredentialsProvider> = match (self.provider, self.token, env_token) {
            (Some(provider), ..) => provider,
            (None, Some(key), _) => Arc::new(token(key, "the API key")?),
            (None, None, Some((name, key))) => Arc::new(token(key, &format!("the environment variable {name}"))?),
            (None, None, None) => return Err(missing()),
        };
        let base = base_url::parse(self.base_url.or(env_base).as_deref().unwrap_or(base_url::DEFAULT), self.insecure)?;
        let organization: Option<OrganizationId> = match self.organization.or(env_organization) {
            Some(text) => Some(text.parse().map_err(|invalid: crate::InvalidId| Error::config(invalid.to_string()))?),
            None => None,
        };
        if self.read_timeout.is_some_and(|limit| limit.is_zero()) {
            return Err(Error::config("`read_timeout` is zero, so no response could arrive in time"));
        }
        if self.max_concurrent == Some(0) {
            return Err(Error::config("`max_concurrent_requests` is zero, which lets no request through"));
        }
        let http = self.network.build(&base, self.insecure)?;
        let limits = SizeLimits::default();
        let mut client = Client::from_core(Core {
            requests: Requests::new(&base),
            base,
            http,
            organization,
            credentials: TokenCache::new(provider),
            budget: RetryBudget::new(self.retry.budget.unwrap_or(u32::MAX)),
            policy: self.retry,
            limits: SizeLimits { response: self.max_response_bytes.unwrap_or(limits.response), ..limits },
            gate: Gate::new(self.max_concurrent),
            rate: self.rate_limit.map(|limit| RateLimiter::new(limit, tokio::time::Instant::now())),
            deadline: self.deadline.unwrap_or(Duration::from_secs(600)),
            read_timeout: self.read_timeout.unwrap_or(Duration::from_secs(180)),
            observer: self.observer,
            clock: Arc::new(SystemClock),
            runtime: std::sync::OnceLock::new(),
        });
        client.poll_interval = self.poll_interval;
        Ok(client)
    }
}

/// The token for a given key, if it can be one.
fn token(key: Secret, what: &str) -> Result<Token, Error> {
    let token = Token::new(key);
    check_key(token.secret().expose()).map_err(|reason| Error::config(format!("{what} {reason}")))?;
    Ok(token)
}
