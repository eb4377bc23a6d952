//! What a value says about the state that is waited for.

/// What a poll means for a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// This is what is waited for.
    Reached,
    /// Not yet.
    Pending,
    /// A terminal state other than the requested one.
    Failed,
}

/// A resource's state as a [`Waiter`](crate::Waiter) judges it: the verdict, and the state in words.
///
/// ```
/// use singlestore_management::{Verdict, WaitState};
///
/// let state = WaitState::by_name("ACTIVE", &["ACTIVE"], &["FAILED"]);
/// assert_eq!(state.verdict(), Verdict::Reached);
/// assert_eq!(WaitState::by_name("RESUMING", &["ACTIVE"], &["FAILED"]), WaitState::pending("RESUMING"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitState {
    pub(super) verdict: Verdict,
    pub(super) text: String,
    /// Whether the resource does not exist any more.
    pub(super) gone: bool,
}

/// States in which a resource can still be read although it does not exist any more.
const GONE: [&str; 2] = ["TERMINATED", "DELETED"];

impl WaitState {
    fn new(verdict: Verdict, text: impl Into<String>) -> Self {
        Self { verdict, text: text.into(), gone: false }
    }

    /// A state that is waited for.
    pub fn reached(state: impl Into<String>) -> Self {
        Self::new(Verdict::Reached, state)
    }

    /// A state on the way to it.
    pub fn pending(state: impl Into<String>) -> Self {
        Self::new(Verdict::Pending, state)
    }

    /// A terminal state other than the requested one.
    pub fn failed(state: impl Into<String>) -> Self {
        Self::new(Verdict::Failed, state)
    }

    /// Judges a state by its name, without regard to case. One that is in neither list is neither success nor failure:
    /// the service has states that are newer than this crate.
    pub fn by_name(state: &str, reached: &[&str], failed: &[&str]) -> Self {
        let name = state.trim();
        let among = |states: &[&str]| states.iter().any(|other| other.eq_ignore_ascii_case(name));
        if among(reached) {
            Self::reached(state)
        } else if among(failed) {
            Self { gone: among(&GONE), ..Self::failed(state) }
        } else {
            Self::pending(state)
        }
    }

    /// What the state means for the wait.
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// The state in words.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Asks for an endpoint beside the state: a deployment is active before it can be connected to.
    pub(crate) fn with_endpoint(self, endpoint: Option<&str>) -> Self {
        if endpoint.is_some_and(|endpoint| !endpoint.trim().is_empty()) {
            self
        } else {
            self.lacking("without an endpoint")
        }
    }

    /// Turns a reached state into a pending one, for what it still lacks.
    pub(crate) fn lacking(self, what: &str) -> Self {
        match self.verdict {
            Verdict::Reached => Self::pending(format!("{}, {what}", self.text)),
            _ => self,
        }
    }
}
