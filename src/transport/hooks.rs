//! Where the generated client hands its requests to us.

use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use progenitor_client::{ClientHooks, ClientInfo, OperationInfo};
use reqwest::{Request, Response, StatusCode};

use super::{Core, Inner, Reply, run};
use crate::raw;
use crate::transport::CallState;
use crate::transport::attempt::HttpSender;

impl ClientHooks<Inner> for raw::Client {
    async fn pre<E>(&self, request: &mut Request, _: &OperationInfo) -> Result<(), progenitor_client::Error<E>> {
        let Inner { core, call } = self.inner();
        prepare(core, call, request);
        Ok(())
    }

    /// Failures stay in the state of the call, where the finishing code looks first; what is returned then is a blank.
    async fn exec(&self, request: Request, _: &OperationInfo) -> reqwest::Result<Response> {
        let Inner { core, call } = self.inner();
        let sender = HttpSender { http: core.http.clone(), read_timeout: core.read_timeout };
        match run::run(core, &sender, call, request).await {
            Ok(reply) => {
                let body = match (call.info.unwrap, call.info.empty_answer) {
                    (_, Some(json)) if reply.body.iter().all(u8::is_ascii_whitespace) => {
                        bytes::Bytes::from_static(json.as_bytes())
                    }
                    (Some(key), _) => super::unwrap::unwrap(reply.body, key),
                    _ => reply.body,
                };
                Ok(response(reply.status, reply.headers, body))
            }
            Err(error) => {
                call.put_error(error);
                Ok(response(StatusCode::INTERNAL_SERVER_ERROR, http::HeaderMap::new(), bytes::Bytes::new()))
            }
        }
    }
}

/// Sends a request that no generated method made.
pub(crate) async fn send(core: &Core, call: &CallState, mut request: Request) -> Result<Reply, crate::Error> {
    prepare(core, call, &mut request);
    let sender = HttpSender { http: core.http.clone(), read_timeout: core.read_timeout };
    run::run(core, &sender, call, request).await
}

/// What every request carries, and what the generated code puts in that this API does not want.
fn prepare(core: &Core, call: &CallState, request: &mut Request) {
    if let Some(organization) = &core.organization
        && !request.url().query_pairs().any(|(name, _)| name == "organizationID")
    {
        request.url_mut().query_pairs_mut().append_pair("organizationID", &organization.to_string());
    }
    // An upload names its own media type beside the one that the generated code adds for raw bodies.
    let last = request.headers().get_all(CONTENT_TYPE).iter().next_back().cloned();
    if let Some(last) = last {
        request.headers_mut().insert(CONTENT_TYPE, last);
    }
    if call.is_without_body() {
        *request.body_mut() = None;
        request.headers_mut().remove(CONTENT_TYPE);
        request.headers_mut().remove(CONTENT_LENGTH);
    }
}

fn response(status: StatusCode, headers: http::HeaderMap, body: bytes::Bytes) -> Response {
    let mut response = http::Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response.into()
}
