//! The questions that callers ask of an error, answered from the status and the words of the server.
//!
//! The service has no error codes: bodies are plain text, and some statuses mean several things. The texts are those
//! that have been seen on the live service.

use http::StatusCode;

use super::{CreateOutcome, Error, ErrorKind};

impl Error {
    /// The words of the server in lower case.
    fn words(&self) -> String {
        self.server_message().map(str::to_ascii_lowercase).unwrap_or_default()
    }

    fn is_status(&self, status: StatusCode) -> bool {
        self.kind() == ErrorKind::Api && self.status() == Some(status)
    }

    /// Whether the thing does not exist: a 404, a malformed id (which the service answers with 400), the odd words of a
    /// deleted flow, a look-up without result, or a waiter that saw `TERMINATED`.
    pub fn is_not_found(&self) -> bool {
        let words = self.words();
        self.kind() == ErrorKind::NotFound
            || self.0.gone
            || self.is_status(StatusCode::NOT_FOUND)
            || self.is_invalid_id()
            || self.kind() == ErrorKind::Api && words.contains("failed to get flow connector")
    }

    /// Whether the service did not take an id for one: a 400 that speaks of UUIDs.
    pub fn is_invalid_id(&self) -> bool {
        self.is_status(StatusCode::BAD_REQUEST) && self.words().contains("uuid")
    }

    /// Whether another creation holds the lock of the organization. Nothing was created.
    pub fn is_lock_conflict(&self) -> bool {
        let status = self.status().map_or(0, |status| status.as_u16());
        self.kind() == ErrorKind::Api && is_lock(status, &self.words())
    }

    /// Whether a live thing of that name is already there.
    pub fn is_already_exists(&self) -> bool {
        match self.0.creation {
            // Whoever looked knows more than the words say.
            Some(outcome) => outcome == CreateOutcome::AlreadyExists,
            None => self.kind() == ErrorKind::AlreadyExists || self.says_already_exists(),
        }
    }

    fn says_already_exists(&self) -> bool {
        self.kind() == ErrorKind::Api && self.words().contains("already exists")
    }

    /// Whether the account has no plan or no credits.
    pub fn is_out_of_credits(&self) -> bool {
        let words = self.words();
        self.kind() == ErrorKind::Api && (words.contains("no active plan") || words.contains("credits"))
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
        self.is_status(StatusCode::BAD_REQUEST) && self.words().contains("password must")
    }

    /// Whether the service does not know a field of the body. v2 bodies are strict.
    pub fn is_unknown_field(&self) -> bool {
        self.is_status(StatusCode::BAD_REQUEST) && self.words().contains("unknown field")
    }

    /// Whether a time limit passed.
    pub fn is_timeout(&self) -> bool {
        matches!(self.kind(), ErrorKind::Timeout | ErrorKind::WaitTimedOut)
    }

    /// Whether no connection could be made.
    pub fn is_connect(&self) -> bool {
        self.kind() == ErrorKind::Connect
    }

    /// Whether the same call may succeed later without a change. It says nothing of whether repeating it is safe: for
    /// that see [`is_outcome_unknown`](Self::is_outcome_unknown).
    pub fn is_retryable(&self) -> bool {
        if let Some(known) = self.0.retryable {
            return known;
        }
        match self.kind() {
            ErrorKind::Connect | ErrorKind::Timeout | ErrorKind::Transport => true,
            ErrorKind::Api => {
                let status = self.status().map_or(0, |status| status.as_u16());
                self.is_lock_conflict()
                    || matches!(status, 408 | 429 | 502..=504 | 520..=599)
                    || status == 500 && !self.says_already_exists()
            }
            ErrorKind::Storage => {
                let status = self.status().map_or(0, |status| status.as_u16());
                matches!(status, 408 | 429 | 500 | 502..=504 | 520..=599)
            }
            _ => false,
        }
    }

    /// Whether the operation may have taken effect although the call failed: something was sent, and no answer of the
    /// service says that nothing came of it.
    ///
    /// Before a create is repeated after such an error, look for what it may have made; `create_once` does so.
    pub fn is_outcome_unknown(&self) -> bool {
        match self.0.creation {
            Some(outcome) => outcome == CreateOutcome::Unknown,
            None => self.0.open_before || self.leaves_open(),
        }
    }

    /// The same of the last attempt alone.
    fn leaves_open(&self) -> bool {
        match self.kind() {
            ErrorKind::Timeout | ErrorKind::Transport | ErrorKind::TooLarge | ErrorKind::Redirect => {
                !self.attempts().is_empty()
            }
            // The service has said that it succeeded; what it made is in an answer that could not be read.
            ErrorKind::Decode => true,
            ErrorKind::Api => self.status().is_some_and(|status| may_have_acted(status.as_u16(), &self.words())),
            _ => false,
        }
    }

    /// Whether a deployment cannot be deleted or changed yet, because it is pending or in transition: a 409, or a 400 that
    /// names such a state. The same call works minutes later.
    pub fn is_pending(&self) -> bool {
        if self.kind() != ErrorKind::Api {
            return false;
        }
        let words = self.words();
        let names_a_state = ["pending", "transitioning", "in transition"].iter().any(|state| words.contains(state));
        names_a_state && matches!(self.status().map(|status| status.as_u16()), Some(400 | 409))
    }
}

/// `error creating workspace group (NAME): could not acquire lock ...`: the one failure that proves that a creation did not
/// take place. A creation is sent again because of it, so it is taken narrowly: only with 500, and never out of the name,
/// which the caller chose.
pub(crate) fn is_lock(status: u16, words: &str) -> bool {
    let words = words.to_ascii_lowercase();
    let after_the_name = words.rsplit("): ").next().unwrap_or_default();
    status == 500 && after_the_name.contains("could not acquire lock")
}

/// Whether a request that was answered so may have taken effect all the same.
pub(crate) fn may_have_acted(status: u16, words: &str) -> bool {
    match status {
        500 => !is_lock(status, words) && !says_for_good(words),
        // Of a redirected write nobody knows whether it was done before; 5xx beside 500 are also said by proxies.
        300..=399 | 408 | 501..=599 => true,
        _ => false,
    }
}

/// Words of failures that another attempt does not change, although the status may say so.
const FOR_GOOD: [&str; 4] =
    ["already exists", "failed to get flow connector", "is not a valid cloudserviceprovider", "no shared tier region"];

/// Whether the words of the server say that trying again is of no use.
pub(crate) fn says_for_good(words: &str) -> bool {
    let words = words.to_ascii_lowercase();
    FOR_GOOD.iter().any(|known| words.contains(known))
}

/// What to do about a failure, where it is known.
pub(super) fn advice(error: &Error) -> Option<&'static str> {
    if error.0.creation == Some(CreateOutcome::Unknown) {
        // Whoever looked has said what to do.
        return None;
    }
    if let Some(advice) = error.0.advice {
        return Some(advice);
    }
    if error.kind() == ErrorKind::Decode {
        return Some("the operation itself succeeded; `send` of `Client::request` returns the answer undecoded");
    }
    if error.kind() == ErrorKind::Connect && !error.is_outcome_unknown() {
        return Some("nothing was sent; check the base URL and the network");
    }
    if matches!(error.kind(), ErrorKind::Timeout | ErrorKind::Transport | ErrorKind::Connect)
        && error.is_outcome_unknown()
    {
        let idempotent = error.0.operation.is_some_and(|operation| operation.idempotent);
        return Some(if idempotent {
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
        Some(407) => {
            Some("put user and password into the URL of the proxy: http://user:password@proxy.example.com:3128")
        }
        Some(408) => Some("the server grew tired of waiting for the request; try again later"),
        Some(500..=599) => Some("the service failed; try again later, and give support the words above"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{is_lock, may_have_acted};

    #[test]
    fn only_the_lock_message_counts_as_a_lock_conflict() {
        for text in [
            "error creating workspace group (g): could not acquire lock within duration [0, 2026/09/23 16:45:04]",
            "error creating workspace (a): Could not acquire lock within duration [0, 2026-09-23T17:37:16Z]",
            "could not acquire lock",
        ] {
            assert!(is_lock(500, text), "{text}");
            assert!(!is_lock(503, text) && may_have_acted(503, text), "only the service says it, and with 500");
            assert!(!may_have_acted(500, text));
        }
        for text in [
            "",
            "lock",
            "acquire",
            "already exists",
            "cannot acquire. The lock",
            "error creating workspace group (acquire-lock-svc): internal error",
            "error creating workspace group (could not acquire lock): internal error",
            "error creating workspace group (a): failed to acquire CIDR block",
        ] {
            assert!(!is_lock(500, text), "{text}");
        }
    }

    #[test]
    fn only_a_refusal_by_the_service_says_that_nothing_happened() {
        for status in [301, 302, 303, 307, 408, 500, 502, 503, 504, 520, 524, 529, 599] {
            assert!(may_have_acted(status, "no"), "{status}");
        }
        for status in [400, 401, 403, 404, 409, 422, 429] {
            assert!(!may_have_acted(status, "no"), "{status}");
        }
    }
}
