//! The client: cheap to clone, one for all threads.

mod base_url;
mod builder;

use std::sync::Arc;

use bytes::Bytes;
use http::Method;
use reqwest::Request;

pub use builder::ClientBuilder;

use crate::request::{BoxFuture, Call, CallOptions, Operation, OperationInfo, RawRequest};
use crate::transport::{CallState, Core, Reply, send};
use crate::{Error, Response, raw};

/// A client of the Management API.
///
/// Cloning it is cheap; clones share connections, credentials and the retry budget.
///
/// ```
/// # use singlestore_management_emulator::Emulator;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let emulator = Emulator::start()?;
/// use singlestore_management::Client;
///
/// let client = Client::builder().base_url(emulator.url()).api_key(emulator.api_key()).build()?;
/// for region in client.regions().list().await? {
///     println!("{}: {}", region.provider, region.region);
/// }
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Client {
    core: Arc<Core>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("base_url", &self.core.base.as_str())
            .field("organization", &self.core.organization)
            .field("retry", &self.core.policy)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Starts the configuration of a client.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// Makes a client from the environment variables of the official tools.
    ///
    /// The key or JWT is taken from `SINGLESTOREDB_MANAGEMENT_TOKEN`, `SINGLESTOREDB_API_KEY` or `SINGLESTORE_API_KEY`,
    /// the base URL from `SINGLESTOREDB_MANAGEMENT_BASE_URL`, the organization from `SINGLESTOREDB_ORGANIZATION`.
    ///
    /// ```no_run
    /// // no_run: there need not be a key in the environment that builds the documentation.
    /// let client = singlestore_management::Client::from_env()?;
    /// # Ok::<(), singlestore_management::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) without a key, with two different keys, or with a value that
    /// cannot be used.
    pub fn from_env() -> Result<Self, Error> {
        ClientBuilder::default().env_from(|name| std::env::var(name).ok()).build()
    }

    pub(crate) fn from_core(core: Core) -> Self {
        Self { core: Arc::new(core) }
    }

    /// Sends a request of any operation: the answer has status and headers beside the value.
    ///
    /// ```
    /// # use singlestore_management_emulator::Emulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::start()?;
    /// # let client = singlestore_management::Client::builder()
    /// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
    /// use singlestore_management::requests::ListWorkspaceGroups;
    ///
    /// let answer = client.send(ListWorkspaceGroups::new().include_terminated(true)).await?;
    /// println!("{} groups, {}", answer.len(), answer.status());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As every call; see [`Error`].
    pub fn send<O: Operation>(&self, operation: O) -> BoxFuture<Result<Response<O::Output>, Error>> {
        let core = self.core.clone();
        let state = Arc::new(CallState::new(O::INFO, operation.options().clone()));
        let raw = raw::Client::new_with_client(core.base.as_str().trim_end_matches('/'), core.http.clone());
        operation.run(Call { core, raw, state })
    }

    /// Makes a request to any path, for what is newer than this version of the crate.
    ///
    /// It has the credentials, retries, limits and errors of every other call. The path begins with `/` and is sent as it
    /// is given.
    ///
    /// ```
    /// # use singlestore_management_emulator::Emulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::start()?;
    /// # let client = singlestore_management::Client::builder()
    /// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
    /// let regions: serde_json::Value = client.request("GET", "/v2/regions").query("fields", "region").fetch().await?;
    /// assert!(regions.is_array());
    /// # Ok(()) }
    /// ```
    pub fn request(&self, method: impl IntoMethod, path: impl Into<String>) -> RawRequest {
        RawRequest::new(self.clone(), method.into_method(), path.into())
    }

    pub(crate) async fn send_raw(
        &self,
        method: Result<Method, Error>,
        path: &str,
        query: &[(String, String)],
        body: Option<Vec<u8>>,
        options: CallOptions,
    ) -> Result<(Reply, Arc<CallState>), Error> {
        let method = method?;
        let url = base_url::join(&self.core.base, path, query)?;
        let state = Arc::new(CallState::new(raw_info(&method), options));
        let mut request = Request::new(method, url);
        request.headers_mut().insert(http::header::ACCEPT, http::HeaderValue::from_static("*/*"));
        if let Some(body) = body {
            request
                .headers_mut()
                .insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
            *request.body_mut() = Some(Bytes::from(body).into());
        }
        let reply = send::send(&self.core, &state, request).await?;
        Ok((reply, state))
    }
}

/// An HTTP method, or its name.
pub trait IntoMethod {
    #[doc(hidden)]
    fn into_method(self) -> Result<Method, Error>;
}

impl IntoMethod for Method {
    fn into_method(self) -> Result<Method, Error> {
        Ok(self)
    }
}

impl IntoMethod for &str {
    fn into_method(self) -> Result<Method, Error> {
        let method = Method::from_bytes(self.to_ascii_uppercase().as_bytes());
        method.map_err(|_| Error::invalid_request(format!("{self:?} is not an HTTP method")))
    }
}

/// A request to a path of the caller has no entry in the table of operations; its path may hold anything, so it is not
/// shown.
pub(crate) fn raw_info(method: &Method) -> &'static OperationInfo {
    const fn info(method: &'static str, idempotent: bool) -> OperationInfo {
        OperationInfo {
            id: "request",
            method,
            path: "a path of the caller",
            tag: "",
            summary: "",
            idempotent,
            lock_conflict: false,
            unwrap: None,
            empty_answer: None,
            confidence: None,
        }
    }
    static GET: OperationInfo = info("GET", true);
    static HEAD: OperationInfo = info("HEAD", true);
    static PUT: OperationInfo = info("PUT", true);
    static DELETE: OperationInfo = info("DELETE", true);
    static POST: OperationInfo = info("POST", false);
    static PATCH: OperationInfo = info("PATCH", false);
    static OTHER: OperationInfo = info("other method", false);
    match method.as_str() {
        "GET" => &GET,
        "HEAD" => &HEAD,
        "PUT" => &PUT,
        "DELETE" => &DELETE,
        "POST" => &POST,
        "PATCH" => &PATCH,
        _ => &OTHER,
    }
}
