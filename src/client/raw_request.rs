//! Requests to paths for which this version of the crate has no type.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use reqwest::Request;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Client, base_url};
use crate::Error;
use crate::operation::{CallOptions, OperationInfo};
use crate::response::Response;
use crate::transport::call::CallState;
use crate::transport::core::Reply;
use crate::transport::send;

impl Client {
    /// Creates a request to any path, for what is newer than this version of the crate.
    ///
    /// It has the same credentials, retries, limits and errors as any other call. The path begins with `/` and is sent
    /// unchanged.
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

    async fn send_raw(
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
        let reply = send::send(&self.core, &state, Box::new(request)).await?;
        Ok((reply, state))
    }
}

/// A request to a path for which this version of the crate has no type; see
/// [`Client::request`](crate::Client::request).
///
/// ```
/// # use singlestore_management_emulator::Emulator;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let emulator = Emulator::builder().polls_until_ready(0).start()?;
/// # let client = singlestore_management::Client::builder()
/// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
/// # let group = emulator.insert_workspace_group(serde_json::json!({"name": "g"}))?;
/// use serde_json::Value;
///
/// let request = client.request("GET", "/v1/workspaceGroups").query("includeTerminated", true);
/// let groups: Vec<Value> = request.fetch().await?;
/// assert_eq!(groups[0]["name"], "g");
/// # Ok(()) }
/// ```
#[must_use = "a request does nothing until it is sent"]
pub struct RawRequest {
    client: Client,
    method: Result<http::Method, Error>,
    path: String,
    query: Vec<(String, String)>,
    body: Option<Result<Vec<u8>, serde_json::Error>>,
    options: CallOptions,
}

impl std::fmt::Debug for RawRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The path, the query and the body may contain anything.
        f.debug_struct("RawRequest").field("method", &self.method.as_ref().ok()).finish_non_exhaustive()
    }
}

impl RawRequest {
    fn new(client: Client, method: Result<http::Method, Error>, path: String) -> Self {
        Self { client, method, path, query: Vec::new(), body: None, options: CallOptions::default() }
    }

    /// Adds a query parameter.
    pub fn query(mut self, name: impl Into<String>, value: impl ToString) -> Self {
        self.query.push((name.into(), value.to_string()));
        self
    }

    /// Sets a JSON body.
    pub fn json<T: Serialize + ?Sized>(mut self, body: &T) -> Self {
        self.body = Some(serde_json::to_vec(body));
        self
    }

    /// Sets the time limit of the whole call.
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.options.deadline = Some(deadline);
        self
    }

    /// Sets the time limit of each attempt.
    pub fn with_attempt_timeout(mut self, timeout: Duration) -> Self {
        self.options.attempt_timeout = Some(timeout);
        self
    }

    /// Sets whether the request may be repeated. By default the method decides: POST and PATCH may not.
    pub fn with_idempotent(mut self, idempotent: bool) -> Self {
        self.options.idempotent = Some(idempotent);
        self
    }

    /// Sends the request, with the same credentials, retries, limits and errors as any other call.
    ///
    /// # Errors
    /// Same as for any call.
    pub async fn send(self) -> Result<Response<Bytes>, Error> {
        let (reply, state) = self.reply().await?;
        Ok(Response::new(reply.body, reply.status, reply.headers, &state))
    }

    async fn reply(self) -> Result<(Reply, Arc<CallState>), Error> {
        let body = match self.body {
            Some(Ok(body)) => Some(body),
            Some(Err(source)) => {
                return Err(Error::invalid_request("the body cannot be written as JSON").with_source(source));
            }
            None => None,
        };
        self.client.send_raw(self.method, &self.path, &self.query, body, self.options).await
    }

    /// Sends the request and decodes the JSON of the response.
    ///
    /// Same as for any call; [`ErrorKind::Decode`](crate::ErrorKind::Decode) when the response does not fit `T`.
    /// As every call; [`ErrorKind::Decode`](crate::ErrorKind::Decode) when the response does not fit `T`.
    pub async fn fetch<T: DeserializeOwned>(self) -> Result<T, Error> {
        let (reply, state) = self.reply().await?;
        serde_json::from_slice(&reply.body).map_err(|source| {
            let mut error = crate::decode::failure(&reply.body, source);
            error.inner_mut().headers.clone_from(&reply.headers);
            state.complete(error)
        })
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

/// A request to a caller's path has no entry in the table of operations.
fn raw_info(method: &Method) -> &'static OperationInfo {
    static GET: OperationInfo = OperationInfo::other("GET", true);
    static HEAD: OperationInfo = OperationInfo::other("HEAD", true);
    static PUT: OperationInfo = OperationInfo::other("PUT", true);
    static DELETE: OperationInfo = OperationInfo::other("DELETE", true);
    static POST: OperationInfo = OperationInfo::other("POST", false);
    static PATCH: OperationInfo = OperationInfo::other("PATCH", false);
    static OTHER: OperationInfo = OperationInfo::other("other method", false);
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
