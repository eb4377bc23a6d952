//! The questions that callers ask of an error. What the words of the server mean stands in `service_text.rs`.

use http::StatusCode;

use super::{CreateOutcome, Error, ErrorKind, Meaning, is_retryable, may_have_acted};

impl Error {
    fn is_status(&self, status: StatusCode) -> bool {
        self.kind() == ErrorKind::Api && self.status() == Some(status)
    }

    /// Whether the resource does not exist: the service itself says so of something that the request names (404 and the
    /// words `... not found`), a malformed id (400), the odd words of a deleted flow, a look-up without result, or a waiter
    /// that saw `TERMINATED`.
    ///
    /// A 404 in other words, such as the page of a proxy or an empty body, is not taken for that, nor is one to a list.
    pub fn is_not_found(&self) -> bool {
        self.kind() == ErrorKind::NotFound || self.0.gone || self.0.meaning.not_found || self.is_invalid_id()
    }

    /// Whether the service did not take an id for one: a 400 that speaks of UUIDs.
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
            // Whoever looked knows more than the words say.
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

    /// Whether the credentials were not accepted (401).
    pub fn is_unauthorized(&self) -> bool {
        self.is_status(StatusCode::UNAUTHORIZED)
    }

    /// Whether the credentials may not do this (403). A 403 can also mean [no credits](Self::is_out_of_credits).
    pub fn is_forbidden(&self) -> bool {
        self.is_status(StatusCode::FORBIDDEN) && !self.is_out_of_credits()
    }

    /// Whether another change is under way (409), or a deployment is not yet in a state that can be deleted.
    pub fn is_conflict(&self) -> bool {
        self.is_status(StatusCode::CONFLICT) && !self.is_out_of_credits()
    }

    /// Whether a password does not meet the policy: 14 characters or more, of every class.
    pub fn is_weak_password(&self) -> bool {
        self.0.meaning.weak_password
    }

    /// Whether the service does not know a field of the body. v2 bodies are strict.
    pub fn is_unknown_field(&self) -> bool {
        self.0.meaning.unknown_field
    }

    /// Whether a time limit passed.
    pub fn is_timeout(&self) -> bool {
        matches!(self.kind(), ErrorKind::Timeout | ErrorKind::WaitTimedOut)
    }

    /// Whether no connection could be made.
    pub fn is_connect(&self) -> bool {
        self.kind() == ErrorKind::Connect
    }

    /// Whether the failure is transient: the same call may succeed within seconds, as the retries of a client assume. It is
    /// false for what takes minutes, such as [`is_pending`](Self::is_pending) and [`is_conflict`](Self::is_conflict), and says
    /// nothing of whether repeating it is safe: for that see [`is_outcome_unknown`](Self::is_outcome_unknown).
    pub fn is_retryable(&self) -> bool {
        if let Some(known) = self.0.retryable {
            return known;
        }
        match self.kind() {
            ErrorKind::Connect | ErrorKind::Timeout | ErrorKind::Transport => true,
            ErrorKind::Api => self.status().is_some_and(|status| is_retryable(status.as_u16(), self.0.meaning)),
            // The storage says with 404 what the service says in words.
            ErrorKind::Storage => self.status().is_some_and(|status| {
                status != StatusCode::NOT_FOUND && is_retryable(status.as_u16(), Meaning::default())
            }),
            _ => false,
        }
    }

    /// Whether a write may have taken effect although the call failed: something was sent, and no response of the service
    /// says that nothing came of it. Never of a read (GET, HEAD): it changes nothing.
    ///
    /// Before a create is repeated after such an error, look for what it may have made; `create_once` does so.
    pub fn is_outcome_unknown(&self) -> bool {
        match self.0.creation {
            Some(outcome) => outcome == CreateOutcome::Unknown,
            None => self.0.open_write || !self.is_read() && self.may_have_arrived(),
        }
    }

    /// Whether the call changes nothing, whatever became of it.
    fn is_read(&self) -> bool {
        self.0.operation.is_some_and(|operation| operation.is_safe())
    }

    /// Whether the service may have acted on the request.
    fn may_have_arrived(&self) -> bool {
        self.0.open_before || self.leaves_open()
    }

    /// Whether the service says that there is no such path, and not that the place is missing in which it was looked for.
    pub(crate) fn is_missing_path(&self) -> bool {
        self.0.meaning.no_path
    }

    /// The same of the last attempt alone.
    fn leaves_open(&self) -> bool {
        match self.kind() {
            ErrorKind::Timeout | ErrorKind::Transport | ErrorKind::TooLarge | ErrorKind::Redirect => {
                !self.attempts().is_empty()
            }
            // The service has said that it succeeded; what it made is in a response that could not be read.
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

/// What to do about a path that is not there.
pub(crate) const OTHER_KIND: &str = "nothing of that name is there, or only one of the other kind: the path of a folder ends in `/`, that of a file does not";
const NO_PARENT: &str = "the folder above it is not there; make it with `create_folder` and `parents(true)`";

/// What to do about a failure, where it is known.
pub(super) fn advice(error: &Error) -> Option<&'static str> {
    if error.0.creation == Some(CreateOutcome::Unknown) {
        // Whoever looked has said what to do.
        return None;
    }
    if let Some(advice) = error.0.advice {
        return Some(advice);
    }
    if error.kind() == ErrorKind::Decode && error.0.page {
        return Some(if error.is_read() {
            "check the base URL, and what stands before the service"
        } else {
            "whether the operation took effect is unknown; check the base URL, and what stands before the service"
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
        return Some("choose another name, or use the one that is there (`find_by_name`)");
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
        return Some("14 characters or more with an upper and a lower case letter, a digit and a special character");
    }
    if error.is_pending() {
        return Some("it is still on its way to another state; try again in a few minutes");
    }
    if error.is_conflict() {
        return Some("wait until the change that is under way has ended");
    }
    match error.status().map(|status| status.as_u16()) {
        Some(408 | 500..=599) if error.is_outcome_unknown() && error.0.operation.is_some_and(|o| !o.idempotent) => {
            Some("whether it took effect is unknown; look for the result before you repeat it")
        }
        Some(404) => Some(
            "this is not what the service says of something that is missing: check the base URL, and what stands before \
             the service",
        ),
        Some(407) => {
            Some("put user and password into the URL of the proxy: http://user:password@proxy.example.com:3128")
        }
        Some(408) => Some("the server timed out waiting for the request; try again later"),
        Some(500..=599) => Some("the service failed; try again later, and give support the words above"),
        _ => None,
    }
}
