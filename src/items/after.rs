//! A list that can only be requested after something else has been read.

use std::sync::Arc;
use std::task::{Context, Poll};

use reqwest::Request;

use super::allowance::Allowance;
use super::asking::Asking;
use super::pager::send_page;
use super::source::{Settings, Source};
use super::stream::Items;
use crate::Error;
use crate::operation::{CallOptions, OperationInfo};
use crate::resume_token::{Place, ResumeToken};
use crate::transport::core::{Core, Reply};

/// What is read first, and the list it leads to.
pub(crate) struct After<T> {
    core: Arc<Core>,
    info: &'static OperationInfo,
    request: Request,
    allowance: Allowance,
    asking: Asking<Reply>,
    then: Then<T>,
    items: Option<Items<T>>,
    done: bool,
}

/// Creates the list from the body of the response.
type Then<T> = Box<dyn Fn(&[u8]) -> Result<Items<T>, Error> + Send>;

impl<T: 'static> After<T> {
    /// The list that follows from the response of the operation `info` at `path`.
    pub(crate) fn items(
        core: Arc<Core>,
        info: &'static OperationInfo,
        path: &str,
        then: impl Fn(&[u8]) -> Result<Items<T>, Error> + Send + 'static,
    ) -> Items<T> {
        let mut url = core.base.clone();
        url.set_path(&format!("{}{path}", core.base.path().trim_end_matches('/')));
        let mut request = Request::new(http::Method::GET, url);
        request.headers_mut().insert(http::header::ACCEPT, http::HeaderValue::from_static("application/json"));
        let allowance = Allowance::new(&core, info, &CallOptions::default());
        let asking = Asking::new(send_page);
        Items::new(Self { core, info, request, allowance, asking, then: Box::new(then), items: None, done: false })
    }
}

impl<T> Source<T> for After<T> {
    fn poll_next(&mut self, context: &mut Context<'_>, settings: &Settings) -> Poll<Option<Result<T, Error>>> {
        loop {
            if self.done {
                return Poll::Ready(None);
            }
            if let Some(items) = &mut self.items {
                return items.source().poll_next(context, settings);
            }
            let (core, options) = (&self.core, CallOptions::default());
            let outcome = self.asking.poll(context, core, self.info, &options, &self.request, &mut self.allowance);
            let Poll::Ready(outcome) = outcome else { return Poll::Pending };
            match outcome.and_then(|reply| (self.then)(&reply.body)) {
                Ok(items) => self.items = Some(items),
                Err(error) => {
                    self.done = true;
                    return Poll::Ready(Some(Err(self.allowance.complete(error))));
                }
            }
        }
    }

    fn pause(&mut self) {
        self.asking.pause();
        if let Some(items) = &mut self.items {
            items.source().pause();
        }
    }

    fn resume_token(&self) -> ResumeToken {
        match &self.items {
            Some(items) => items.resume_token(),
            None => ResumeToken::of(&Place::of(self.info.id, 0)),
        }
    }
}
