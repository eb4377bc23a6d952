//! The description of one fault.

use std::time::Duration;

use crate::http::response::Response;

/// What happens to the response, or instead of it.
#[derive(Debug, Clone)]
pub(crate) enum Action {
    Respond(Response),
    Reset,
    ResetBeforeBody,
    ResetInBody,
    Close,
    CloseAfterResponse,
    Truncate,
    WrongLength(i64),
    Stall(Duration),
    Latency(Duration),
    Garbage(Vec<u8>),
    Oversize(usize),
    Slow {
        bytes: usize,
        pause: Duration,
    },
    CutJson,
    Empty,
    NewerServer,
    /// Sends a part of the real response.
    Cut {
        after: Place,
        end: End,
    },
    ReplaceItem(usize, Vec<u8>),
    ReplaceHeader(String, String),
    Chunked(usize),
    DropSlowReader(Duration),
    IgnoreRange,
    ShiftRange(i64),
}

/// Where a response is cut off.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place {
    Items(usize),
    Bytes(u64),
}

/// What happens at the cut.
#[derive(Debug, Clone, Copy)]
pub(crate) enum End {
    Reset,
    /// Closes the connection before the announced length.
    Close,
    /// Ends the response properly, with a length that matches what was sent.
    Whole,
    Stall(Duration),
}

impl Action {
    /// Faults that alter the real response need it to be made, so the request takes effect.
    pub(crate) fn disturbs_the_real_response(&self) -> bool {
        !matches!(
            self,
            Action::Respond(_)
                | Action::Reset
                | Action::ResetBeforeBody
                | Action::Close
                | Action::Stall(_)
                | Action::Garbage(_)
                | Action::Oversize(_)
        )
    }
}

/// A failure to produce, how often, and for which requests; pass it to [`Emulator::inject`](crate::Emulator::inject).
///
/// Without further conditions, a fault strikes the next request, whatever it is, once.
///
/// ```
/// use singlestore_management_emulator::{Emulator, Fault};
///
/// let emulator = Emulator::start()?;
/// emulator.inject(Fault::status(503).header("Retry-After", "3").times(2).on_operation("list_regions"));
/// emulator.inject(Fault::reset().after_effect().on_operation("create_workspace"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Fault {
    pub(crate) action: Action,
    pub(crate) after_effect: bool,
    pub(crate) times: Option<u32>,
    pub(crate) skip: u32,
    pub(crate) method: Option<String>,
    pub(crate) operation: Option<String>,
    pub(crate) path_prefix: Option<String>,
}

impl Fault {
    fn new(action: Action) -> Fault {
        Fault { action, after_effect: false, times: Some(1), skip: 0, method: None, operation: None, path_prefix: None }
    }

    /// Responds with a status and an empty text body; see [`body`](Fault::body) and [`header`](Fault::header).
    ///
    /// The request takes no effect unless [`after_effect`](Fault::after_effect) says so.
    pub fn status(status: u16) -> Fault {
        Fault::new(Action::Respond(Response::text(status, "")))
    }

    /// Responds with a redirect to another URL.
    pub fn redirect(status: u16, location: &str) -> Fault {
        Fault::new(Action::Respond(Response::redirect(status, location)))
    }

    /// Responds with an HTML page, as an intermediate proxy does.
    pub fn proxy_page(status: u16) -> Fault {
        let page = "<!DOCTYPE html><html><head><title>Error</title></head><body><h1>Proxy error</h1></body></html>";
        Fault::status(status).content_type("text/html").body(page)
    }

    /// Reads the whole request and resets the connection without a response.
    pub fn reset() -> Fault {
        Fault::new(Action::Reset)
    }

    /// Resets the connection as soon as the request head has arrived.
    pub fn reset_before_body() -> Fault {
        Fault::new(Action::ResetBeforeBody)
    }

    /// Sends half of the real response's body and resets the connection.
    pub fn reset_in_body() -> Fault {
        Fault::new(Action::ResetInBody)
    }

    /// Closes the connection properly, without a response.
    pub fn close() -> Fault {
        Fault::new(Action::Close)
    }

    /// Responds, and closes the connection without announcing it.
    pub fn close_after_response() -> Fault {
        Fault::new(Action::CloseAfterResponse)
    }

    /// Announces the length of the real response, sends half of it and closes the connection.
    pub fn truncated() -> Fault {
        Fault::new(Action::Truncate)
    }

    /// Announces a length that is off by this many bytes, sends the real response and closes the connection.
    pub fn wrong_length(difference: i64) -> Fault {
        Fault::new(Action::WrongLength(difference))
    }

    /// Sends nothing for a time and closes the connection.
    pub fn stall(time: Duration) -> Fault {
        Fault::new(Action::Stall(time))
    }

    /// Responds as usual, after a time.
    pub fn latency(time: Duration) -> Fault {
        Fault::new(Action::Latency(time))
    }

    /// Sends bytes that are not HTTP.
    pub fn garbage() -> Fault {
        Fault::garbage_bytes(b"\x16\x03\x01\x02\x00 this is not HTTP \xff\xfe\r\n\r\n")
    }

    /// Sends these bytes instead of a response and closes the connection.
    pub fn garbage_bytes(bytes: &[u8]) -> Fault {
        Fault::new(Action::Garbage(bytes.to_vec()))
    }

    /// Responds with 200 and valid JSON of about this many MiB, generated while it is sent.
    pub fn oversize(mebibytes: usize) -> Fault {
        Fault::new(Action::Oversize(mebibytes))
    }

    /// Sends the real response this many bytes at a time, with a pause in between.
    pub fn slow_body(bytes: usize, pause: Duration) -> Fault {
        Fault::new(Action::Slow { bytes: bytes.max(1), pause })
    }

    /// Sends a well-framed response whose JSON ends in the middle.
    pub fn cut_json() -> Fault {
        Fault::new(Action::CutJson)
    }

    /// Responds with the real status and no body.
    pub fn empty_body() -> Fault {
        Fault::new(Action::Empty)
    }

    /// Rewrites the real response to what a newer server might send.
    ///
    /// Every enum value becomes `FROM_THE_FUTURE`, every time is written the way Go prints it, every object gains the field
    /// `fromTheFuture`, and optional properties that were absent become null.
    pub fn newer_server() -> Fault {
        Fault::new(Action::NewerServer)
    }

    /// Sends this many elements of the real list and resets the connection.
    ///
    /// ```
    /// use singlestore_management_emulator::{Emulator, Fault};
    ///
    /// let emulator = Emulator::start()?;
    /// emulator.seed_workspace_groups(20);
    /// emulator.inject(Fault::reset_after_items(10).on_operation("list_workspace_groups"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn reset_after_items(count: usize) -> Fault {
        Fault::new(Action::Cut { after: Place::Items(count), end: End::Reset })
    }

    /// Announces the whole list, sends this many of its elements and closes the connection properly.
    pub fn close_after_items(count: usize) -> Fault {
        Fault::new(Action::Cut { after: Place::Items(count), end: End::Close })
    }

    /// Sends a well-framed response that ends after this many elements of the list, without its `]`.
    pub fn end_after_items(count: usize) -> Fault {
        Fault::new(Action::Cut { after: Place::Items(count), end: End::Whole })
    }

    /// Sends this many elements of the list, then nothing for a time, and closes the connection.
    pub fn stall_after_items(count: usize, time: Duration) -> Fault {
        Fault::new(Action::Cut { after: Place::Items(count), end: End::Stall(time) })
    }

    /// Sends the list with one of its elements replaced, counting from zero.
    ///
    /// ```
    /// use serde_json::json;
    /// use singlestore_management_emulator::{Emulator, Fault};
    ///
    /// let emulator = Emulator::start()?;
    /// emulator.inject(Fault::replace_item(5, json!({"name": 5})).on_operation("list_regions"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn replace_item(index: usize, with: serde_json::Value) -> Fault {
        Fault::new(Action::ReplaceItem(index, with.to_string().into_bytes()))
    }

    /// Sends this many bytes of the real response's body and resets the connection.
    pub fn reset_after_bytes(count: u64) -> Fault {
        Fault::new(Action::Cut { after: Place::Bytes(count), end: End::Reset })
    }

    /// Announces the length of the real response, sends this many bytes and closes the connection properly.
    pub fn close_after_bytes(count: u64) -> Fault {
        Fault::new(Action::Cut { after: Place::Bytes(count), end: End::Close })
    }

    /// Sends a well-framed response that ends after this many bytes.
    pub fn end_after_bytes(count: u64) -> Fault {
        Fault::new(Action::Cut { after: Place::Bytes(count), end: End::Whole })
    }

    /// Sends this many bytes, then nothing for a time, and closes the connection.
    pub fn stall_after_bytes(count: u64, time: Duration) -> Fault {
        Fault::new(Action::Cut { after: Place::Bytes(count), end: End::Stall(time) })
    }

    /// Sends the real response with one header replaced, or added if it is missing.
    pub fn replace_header(name: &str, value: &str) -> Fault {
        Fault::new(Action::ReplaceHeader(name.to_owned(), value.to_owned()))
    }

    /// Sends the real response in chunks of this many bytes, without announcing its length.
    pub fn chunked(bytes: usize) -> Fault {
        Fault::new(Action::Chunked(bytes.max(1)))
    }

    /// Sends the real response and resets the connection when the client reads nothing for this long.
    ///
    /// The buffers of both systems are kept small, but they hold some hundred kibibytes: the response must be larger than that.
    pub fn drop_slow_reader(patience: Duration) -> Fault {
        Fault::new(Action::DropSlowReader(patience))
    }

    /// Responds with 200 and the whole content to a request for a part of it.
    pub fn ignore_range() -> Fault {
        Fault::new(Action::IgnoreRange)
    }

    /// Responds with 206 and a part that begins this many bytes later than requested, earlier if negative.
    pub fn shift_range(by: i64) -> Fault {
        Fault::new(Action::ShiftRange(by))
    }

    /// Sets the body of a [`status`](Fault::status) fault.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Fault {
        if let Action::Respond(response) = &mut self.action {
            response.body = body.into();
        }
        self
    }

    /// Sets the content type of a [`status`](Fault::status) fault; it is `text/plain` otherwise.
    pub fn content_type(mut self, media: &str) -> Fault {
        if let Action::Respond(response) = &mut self.action {
            response.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
        }
        self.header("Content-Type", media)
    }

    /// Adds a header to a [`status`](Fault::status) fault.
    pub fn header(mut self, name: &str, value: &str) -> Fault {
        if let Action::Respond(response) = &mut self.action {
            response.headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// Strikes this many requests instead of one.
    pub fn times(mut self, times: u32) -> Fault {
        self.times = Some(times);
        self
    }

    /// Strikes until the faults are cleared.
    pub fn always(mut self) -> Fault {
        self.times = None;
        self
    }

    /// Lets this many matching requests pass first.
    pub fn after(mut self, requests: u32) -> Fault {
        self.skip = requests;
        self
    }

    /// Lets the request take effect first: the resource is created, the response is lost.
    pub fn after_effect(mut self) -> Fault {
        self.after_effect = true;
        self
    }

    /// Strikes only requests of this operation id.
    ///
    /// # Panics
    /// If the interface document has no such operation: the fault would never strike.
    pub fn on_operation(mut self, id: &str) -> Fault {
        crate::spec::assert_known(id);
        self.operation = Some(id.to_owned());
        self
    }

    /// Strikes only requests with this method.
    pub fn on_method(mut self, method: &str) -> Fault {
        self.method = Some(method.to_ascii_uppercase());
        self
    }

    /// Strikes only requests whose path begins like this.
    pub fn on_path(mut self, prefix: &str) -> Fault {
        self.path_prefix = Some(prefix.to_owned());
        self
    }

    pub(crate) fn fits(&self, method: &str, path: &str, operation: Option<&str>) -> bool {
        self.method.as_deref().is_none_or(|wanted| wanted == method)
            && self.path_prefix.as_deref().is_none_or(|wanted| path.starts_with(wanted))
            && self.operation.as_deref().is_none_or(|wanted| Some(wanted) == operation)
    }
}
