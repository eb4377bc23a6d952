//! The kinds of failure.

/// What kind of failure an [`Error`](crate::Error) is.
///
/// ```
/// use singlestore_management::{Error, ErrorKind};
///
/// /// Which failures are the caller's own.
/// fn is_ours(error: &Error) -> bool {
///     matches!(error.kind(), ErrorKind::Config | ErrorKind::Credentials | ErrorKind::InvalidRequest)
/// }
/// assert_eq!(ErrorKind::InvalidRequest.as_str(), "invalid_request");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The client is misconfigured; nothing was sent.
    Config,
    /// No credentials could be obtained; nothing was sent.
    Credentials,
    /// The request cannot be sent as it is; nothing was sent.
    InvalidRequest,
    /// No connection could be made: the server saw nothing, unless it had redirected a read to an unreachable server.
    Connect,
    /// A time limit was exceeded. Unless the operation is idempotent, whether it took effect is unknown.
    Timeout,
    /// The connection broke. Unless the operation is idempotent, whether it took effect is unknown.
    Transport,
    /// The response is larger than the limit.
    TooLarge,
    /// The server sent a redirect that must not be followed.
    Redirect,
    /// The server responded with a failure.
    Api,
    /// The server reported success, but the response could not be read. The operation took effect, unless the response
    /// is an HTML page, which the service never sends.
    Decode,
    /// A file on this machine could not be read or written.
    LocalFile,
    /// The content of an upload changed while it was being sent; nothing was stored.
    FileChanged,
    /// The storage behind the service's files did not return one.
    Storage,
    /// A resource with that name already exists, so the creation sent nothing.
    AlreadyExists,
    /// A look-up by name found nothing.
    NotFound,
    /// A look-up by name found more than one.
    Ambiguous,
    /// The pages of a list would never end: a token was repeated, or a page brought nothing new.
    Pagination,
    /// The service no longer accepts the cursor of a list, which has to be read from its beginning.
    CursorExpired,
    /// Of two concurrent changes, one has overwritten the other.
    LostUpdate,
    /// A waiter ran out of time; the error keeps the value that it saw last.
    WaitTimedOut,
    /// A waiter saw a terminal state other than the requested one; the error keeps the value.
    WaitFailed,
}

impl ErrorKind {
    /// The kind as one lower-case word, as used in traces and metrics.
    pub fn as_str(&self) -> &'static str {
        match self {
            ErrorKind::Config => "config",
            ErrorKind::Credentials => "credentials",
            ErrorKind::InvalidRequest => "invalid_request",
            ErrorKind::Connect => "connect",
            ErrorKind::Timeout => "timeout",
            ErrorKind::Transport => "transport",
            ErrorKind::TooLarge => "too_large",
            ErrorKind::Redirect => "redirect",
            ErrorKind::Api => "api",
            ErrorKind::Decode => "decode",
            ErrorKind::LocalFile => "local_file",
            ErrorKind::FileChanged => "file_changed",
            ErrorKind::Storage => "storage",
            ErrorKind::AlreadyExists => "already_exists",
            ErrorKind::NotFound => "not_found",
            ErrorKind::Ambiguous => "ambiguous",
            ErrorKind::Pagination => "pagination",
            ErrorKind::CursorExpired => "cursor_expired",
            ErrorKind::LostUpdate => "lost_update",
            ErrorKind::WaitTimedOut => "wait_timed_out",
            ErrorKind::WaitFailed => "wait_failed",
        }
    }
}
