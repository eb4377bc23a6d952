//! What a value says about the requested state.

/// What a poll means for a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// The requested state.
    Reached,
    /// Not yet.
    Pending,
    /// A terminal state other than the requested one.
    Failed,
}

/// A resource's state as a [`Waiter`](crate::Waiter) judges it: the verdict, and the state's name.
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
    /// Whether the resource no longer exists.
    pub(super) gone: bool,
}

/// States in which a resource can still be read although it no longer exists.
const GONE: [&str; 2] = ["TERMINATED", "DELETED"];

impl WaitState {
    fn new(verdict: Verdict, text: impl Into<String>) -> Self {
        Self { verdict, text: text.into(), gone: false }
    }

    /// The requested state.
    pub fn reached(state: impl Into<String>) -> Self {
        Self::new(Verdict::Reached, state)
    }

    /// A state on the way to the requested one.
    pub fn pending(state: impl Into<String>) -> Self {
        Self::new(Verdict::Pending, state)
    }

    /// A terminal state other than the requested one.
    pub fn failed(state: impl Into<String>) -> Self {
        Self::new(Verdict::Failed, state)
    }

    /// Judges a state by its name, ignoring case. One that is in neither list is pending: the service has states that
    /// are newer than this crate.
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

    /// The state's name.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Requires an endpoint in addition to the state: a deployment is active before it can be connected to.
    pub(crate) fn with_endpoint(self, endpoint: Option<&str>) -> Self {
        if endpoint.is_some_and(|endpoint| !endpoint.trim().is_empty()) {
            self
        } else {
            self.lacking("without an endpoint")
        }
    }

    /// Turns a reached state into a pending one, naming what is still lacking.
    pub(crate) fn lacking(self, what: &str) -> Self {
        match self.verdict {
            Verdict::Reached => Self::pending(format!("{}, {what}", self.text)),
            _ => self,
        }
    }
}
