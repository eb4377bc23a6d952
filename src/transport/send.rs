//! What is the same for every request before it is sent and after its response.

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

/// Sends a request with everything that a call has, and hands out the response in the form that the document promises.
pub(crate) fn send<'a>(
    core: &'a Core,
    call: &'a CallState,
    request: Box<Request>,
) -> impl Future<Output = Result<Reply, Error>> + Send + 'a {
    send_with(core, &core.http, call, request)
}

/// The same with attempts of another kind, such as those that open the body anew.
// No `async fn`, and `send` above neither: each would hold once more what it is given.
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

/// Sends a request in the same way up to the headers of a success, whose body is then read by the caller.
pub(crate) async fn open(
    core: &Core,
    call: &CallState,
    request: Box<Request>,
) -> Result<(Reply, reqwest::Body), Error> {
    let sender = OpenSender::new(&core.http);
    let reply = send_with(core, &sender, call, request).await?;
    Ok((reply, sender.into_body()))
}

/// What every request carries, and what the generated code puts in that this API does not want.
fn prepare(core: &Core, request: &mut Request) {
    if let Some(organization) = &core.organization
        && !request.url().query_pairs().any(|(name, _)| name == "organizationID")
    {
        request.url_mut().query_pairs_mut().append_pair("organizationID", organization.as_str());
    }
    if request.body().is_some() {
        // An upload names its own media type beside the one that the generated code adds for raw bodies.
        let last = request.headers().get_all(CONTENT_TYPE).iter().next_back().cloned();
        if let Some(last) = last {
            request.headers_mut().insert(CONTENT_TYPE, last);
        }
        return;
    }
    // A body that may be left out has its type all the same.
    request.headers_mut().remove(CONTENT_TYPE);
    // RFC 9110, 8.6: front ends respond with 411 to a write that says nothing of its length.
    if matches!(*request.method(), Method::POST | Method::PUT | Method::PATCH) {
        request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
}
