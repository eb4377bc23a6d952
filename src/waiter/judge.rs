//! What a value says about the state that is waited for.

/// The state in words, and what follows from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Judgement {
    /// This is what was waited for.
    Reached(String),
    /// Not yet.
    Waiting(String),
    /// What is waited for cannot come any more.
    Failed(String),
}

impl Judgement {
    /// Judges by the state alone. A state that is in neither list, or unknown, is neither success nor failure.
    pub(crate) fn by_state(state: &str, reached: &[&str], failed: &[&str]) -> Self {
        let among = |states: &[&str]| states.iter().any(|name| name.eq_ignore_ascii_case(state.trim()));
        if among(reached) {
            Judgement::Reached(state.to_owned())
        } else if among(failed) {
            Judgement::Failed(state.to_owned())
        } else {
            Judgement::Waiting(state.to_owned())
        }
    }

    /// Asks for an endpoint beside the state: a deployment is active before it can be connected to.
    pub(crate) fn with_endpoint(self, endpoint: Option<&str>) -> Self {
        match self {
            Judgement::Reached(state) if endpoint.is_none_or(|e| e.trim().is_empty()) => {
                Judgement::Waiting(format!("{state}, without an endpoint"))
            }
            other => other,
        }
    }
}
