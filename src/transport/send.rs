//! Work common to every request: before it is sent and after its response arrives.

use std::future::Future;

use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderValue, Method};
use reqwest::Request;

use super::attempt::Sender;
use super::call::CallState;
use super::core::{Core, Reply};
use super::open::OpenSender;
use super::run;
use crate::Error;

/// Sends a request with everything that belongs to a call, and returns the response in the form that the document promises.
pub(crate) fn send<'a>(
    core: &'a Core,
    call: &'a CallState,
    request: Box<Request>,
) -> impl Future<Output = Result<Reply, Error>> + Send + 'a {
    send_with(core, &core.http, call, request)
}

/// The same with a different kind of attempt, such as one that reopens the body.
// Neither this nor `send` above is an `async fn`: each would hold its arguments once more.
pub(crate) fn send_with<'a>(
    core: &'a Core,
    sender: &'a dyn Sender,
    call: &'a CallState,
    mut request: Box<Request>,
) -> impl Future<Output = Result<Reply, Error>> + Send + 'a {
    prepare(core, &mut request);
    call.sends(&request);
    run::run(core, sender, call, request)
}

/// Sends a request in the same way, up to the headers of a success, whose body the caller then reads.
pub(crate) async fn open(
    core: &Core,
    call: &CallState,
    request: Box<Request>,
) -> Result<(Reply, reqwest::Body), Error> {
    let sender = OpenSender::new(&core.http);
    let reply = send_with(core, &sender, call, request).await?;
    Ok((reply, sender.into_body()))
}

/// Adds what every request carries, and removes what the generated code adds but this API does not want.
fn prepare(core: &Core, request: &mut Request) {
    if let Some(organization) = &core.organization
        && !request.url().query_pairs().any(|(name, _)| name == "organizationID")
    {
        request.url_mut().query_pairs_mut().append_pair("organizationID", organization.as_str());
    }
    if request.body().is_some() {
        // An upload names its own media type in addition to the one that the generated code adds for raw bodies.
        let last = request.headers().get_all(CONTENT_TYPE).iter().next_back().cloned();
        if let Some(last) = last {
            request.headers_mut().insert(CONTENT_TYPE, last);
        }
        return;
    }
    // The generated code sets a type for an optional body even if it is absent.
    request.headers_mut().remove(CONTENT_TYPE);
    // RFC 9110, 8.6: front ends respond with 411 to a write without a length.
    if matches!(*request.method(), Method::POST | Method::PUT | Method::PATCH) {
        request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
}
