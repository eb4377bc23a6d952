//! The predicates of an error. `service_text.rs` says what the server's words mean.

use http::StatusCode;

use super::{CreateOutcome, Error, ErrorKind, Meaning, is_retryable, may_have_acted};

impl Error {
    fn is_status(&self, status: StatusCode) -> bool {
        self.kind() == ErrorKind::Api && self.status() == Some(status)
    }

    /// Whether the resource does not exist: the service itself says so about something that the request names (404 and
    /// the words `... not found`), a malformed id (400), the odd message for a deleted flow, a look-up without result,
    /// or a waiter that saw `TERMINATED`.
    ///
    /// A 404 with any other body, such as a proxy's page or nothing, does not count, and neither does one for a list.
    pub fn is_not_found(&self) -> bool {
        self.kind() == ErrorKind::NotFound || self.0.gone || self.0.meaning.not_found || self.is_invalid_id()
    }

    /// Whether the service rejected an id as malformed: a 400 that mentions UUIDs.
    pub fn is_invalid_id(&self) -> bool {
        self.0.meaning.invalid_id
    }

    /// Whether another creation holds the lock of the organization. Nothing was created.
    pub fn is_lock_conflict(&self) -> bool {
        self.0.meaning.lock
    }

    /// Whether a resource with that name already exists.
    pub fn is_already_exists(&self) -> bool {
        match self.0.creation {
            // An actual look-up is more reliable than the message.
            Some(outcome) => outcome == CreateOutcome::AlreadyExists,
            None => self.kind() == ErrorKind::AlreadyExists || self.0.meaning.already_exists,
        }
    }

    /// Whether the account has no plan or no credits.
    pub fn is_out_of_credits(&self) -> bool {
        self.0.meaning.out_of_credits
    }

    /// Whether the server asks to slow down (429).
    pub fn is_rate_limited(&self) -> bool {
        self.is_status(StatusCode::TOO_MANY_REQUESTS)
    }

    /// Whether the credentials were rejected (401).
    pub fn is_unauthorized(&self) -> bool {
        self.is_status(StatusCode::UNAUTHORIZED)
    }

    /// Whether the credentials do not allow this (403). A 403 can also mean [no credits](Self::is_out_of_credits).
    pub fn is_forbidden(&self) -> bool {
        self.is_status(StatusCode::FORBIDDEN) && !self.is_out_of_credits()
    }

    /// Whether another change is under way (409), or a deployment is not yet in a state that can be deleted.
    pub fn is_conflict(&self) -> bool {
        self.is_status(StatusCode::CONFLICT) && !self.is_out_of_credits()
    }

    /// Whether a password does not meet the policy: at least 14 characters, of every class.
    pub fn is_weak_password(&self) -> bool {
        self.0.meaning.weak_password
    }

    /// Whether the service does not know a field of the body; v2 bodies are strict.
    pub fn is_unknown_field(&self) -> bool {
        self.0.meaning.unknown_field
    }

    /// Whether a time limit was exceeded.
    pub fn is_timeout(&self) -> bool {
        matches!(self.kind(), ErrorKind::Timeout | ErrorKind::WaitTimedOut)
    }

    /// Whether no connection could be made.
    pub fn is_connect(&self) -> bool {
        self.kind() == ErrorKind::Connect
    }

    /// Whether the failure is transient: the same call may succeed within seconds, as the client's retries assume. It
    /// is false for what takes minutes, such as [`is_pending`](Self::is_pending) and
    /// [`is_conflict`](Self::is_conflict), and says nothing about whether repeating the call is safe: see
    /// [`is_outcome_unknown`](Self::is_outcome_unknown).
    pub fn is_retryable(&self) -> bool {
        if let Some(known) = self.0.retryable {
            return known;
        }
        match self.kind() {
            ErrorKind::Connect | ErrorKind::Timeout | ErrorKind::Transport => true,
            ErrorKind::Api => self.status().is_some_and(|status| is_retryable(status.as_u16(), self.0.meaning)),
            // The storage uses 404 where the service uses a message.
            ErrorKind::Storage => self.status().is_some_and(|status| {
                status != StatusCode::NOT_FOUND && is_retryable(status.as_u16(), Meaning::default())
            }),
            _ => false,
        }
    }

    /// Whether a write may have taken effect although the call failed: something was sent, and no response of the
    /// service says that it had no effect. A read (GET, HEAD) changes nothing and is never unknown.
    ///
    /// Before you repeat a create after such an error, look for what it may have created; `create_once` does so.
    pub fn is_outcome_unknown(&self) -> bool {
        match self.0.creation {
            Some(outcome) => outcome == CreateOutcome::Unknown,
            None => self.0.open_write || !self.is_read() && self.may_have_arrived(),
        }
    }

    /// Whether the call changes nothing, however it ended.
    fn is_read(&self) -> bool {
        self.0.operation.is_some_and(|operation| operation.is_safe())
    }

    /// Whether the service may have acted on the request.
    fn may_have_arrived(&self) -> bool {
        self.0.open_before || self.leaves_open()
    }

    /// Whether the service says that the path does not exist, as opposed to the place in which it was looked up.
    pub(crate) fn is_missing_path(&self) -> bool {
        self.0.meaning.no_path
    }

    /// The same for the last attempt alone.
    fn leaves_open(&self) -> bool {
        match self.kind() {
            ErrorKind::Timeout | ErrorKind::Transport | ErrorKind::TooLarge | ErrorKind::Redirect => {
                !self.attempts().is_empty()
            }
            // The service has reported success; what it created is in a response that could not be read.
            ErrorKind::Decode => true,
            ErrorKind::Api => self.status().is_some_and(|status| may_have_acted(status.as_u16(), self.0.meaning)),
            _ => false,
        }
    }

    /// Whether a deployment cannot be deleted or changed yet, because it is pending or in transition: a 409, or a 400 that
    /// names such a state. The same call works minutes later.
    pub fn is_pending(&self) -> bool {
        self.0.meaning.pending
    }
}

/// The advice for a path that does not exist.
pub(crate) const OTHER_KIND: &str = "nothing exists at this path, or it is of the other kind: the path of a folder ends in `/`, that of a file does not";
const NO_PARENT: &str = "the parent folder does not exist; create it with `create_folder` and `parents(true)`";

/// The advice for a failure, where there is any.
pub(super) fn advice(error: &Error) -> Option<&'static str> {
    if error.0.creation == Some(CreateOutcome::Unknown) {
        // The look-up has already added advice.
        return None;
    }
    if let Some(advice) = error.0.advice {
        return Some(advice);
    }
    if error.kind() == ErrorKind::Decode && error.0.page {
        return Some(if error.is_read() {
            "check the base URL, and what is in front of the service"
        } else {
            "whether the operation took effect is unknown; check the base URL, and what is in front of the service"
        });
    }
    if error.kind() == ErrorKind::Decode {
        return Some("the operation itself succeeded; `send` of `Client::request` returns the response undecoded");
    }
    if error.kind() == ErrorKind::Connect && !error.may_have_arrived() {
        return Some("nothing was sent; check the base URL and the network");
    }
    if matches!(error.kind(), ErrorKind::Timeout | ErrorKind::Transport | ErrorKind::Connect)
        && (error.may_have_arrived() || error.is_outcome_unknown())
    {
        let repeatable = error.is_read() || error.0.operation.is_some_and(|operation| operation.idempotent);
        return Some(if repeatable && !error.0.open_write {
            "the call may be repeated"
        } else {
            "whether it took effect is unknown; look for the result before you repeat it"
        });
    }
    if error.is_already_exists() {
        return Some("choose another name, or use the existing one (`find_by_name`)");
    }
    if error.kind() != ErrorKind::Api {
        return None;
    }
    if error.is_lock_conflict() {
        return Some("another creation is running in the organization and nothing was created; try again in a minute");
    }
    if error.is_out_of_credits() {
        return Some("the organization has no active plan or no credits; see its billing page in the portal");
    }
    if error.is_unauthorized() {
        return Some("the key or token is wrong, expired or revoked, or a JWT came without an organization");
    }
    if error.is_forbidden() {
        return Some("the credentials have no role that allows this");
    }
    if error.is_invalid_id() {
        return Some("the id is not a UUID");
    }
    if error.is_missing_path() {
        let stores = error.0.operation.is_some_and(|operation| operation.method == "PUT");
        return Some(if stores { NO_PARENT } else { OTHER_KIND });
    }
    if error.is_not_found() {
        return Some("it never existed, or these credentials cannot see it");
    }
    if error.is_rate_limited() {
        return Some("slow down: fewer calls at once, or more attempts in the retry policy");
    }
    if error.is_weak_password() {
        return Some(
            "use 14 characters or more, with an upper and a lower case letter, a digit and a special character",
        );
    }
    if error.is_pending() {
        return Some("it is still on its way to another state; try again in a few minutes");
    }
    if error.is_conflict() {
        return Some("wait until the change in progress has finished");
    }
    match error.status().map(|status| status.as_u16()) {
        Some(408 | 500..=599) if error.is_outcome_unknown() && error.0.operation.is_some_and(|o| !o.idempotent) => {
            Some("whether it took effect is unknown; look for the result before you repeat it")
        }
        Some(404) => Some(
            "this is not how the service reports that something is missing: check the base URL, and what is in front of \
             the service",
        ),
        Some(407) => Some("put the user and password into the proxy URL: http://user:password@proxy.example.com:3128"),
        Some(408) => Some("the server timed out waiting for the request; try again later"),
        Some(500..=599) => Some("the service failed; try again later, and give support the words above"),
        _ => None,
    }
}
