//! A resource of the organization, with its pending changes.

use std::collections::VecDeque;
use std::time::Instant;

use serde_json::{Map, Value};

use super::clock;

/// A change that takes effect after this many observations.
#[derive(Debug, Clone)]
struct Later {
    observations: u32,
    /// The new values; null removes the field.
    set: Map<String, Value>,
}

/// A value as clients see it, with what only the server knows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Item {
    pub(crate) value: Map<String, Value>,
    /// The endpoint while the item runs; removed from `value` when it does not.
    pub(crate) endpoint: Option<String>,
    /// How many lists still show the item although it is terminated.
    pub(crate) lingers: u32,
    /// How many more lists do not yet show the item.
    pub(crate) unlisted: u32,
    /// The state shown by lists, if they are out of date.
    pub(crate) listed_as: Option<String>,
    /// Until when lists do not show the item.
    pub(crate) unlisted_until: Option<Instant>,
    /// How many more GETs do not yet find the item.
    pub(crate) unfound: u32,
    /// How often the item returns to its former state after it became active.
    pub(crate) flaps: u32,
    /// Facts that responses do not show, such as the owner of a starter user.
    pub(crate) hidden: Map<String, Value>,
    later: Vec<Later>,
    script: VecDeque<String>,
    /// When the last change was scheduled.
    touched: Option<Instant>,
}

impl Item {
    pub(crate) fn new(value: Value) -> Item {
        let value = match value {
            Value::Object(map) => map,
            _ => Map::new(),
        };
        Item { value, ..Item::default() }
    }

    /// Schedules fields to change after this many observations.
    pub(crate) fn later(&mut self, observations: u32, set: Value) {
        if let Value::Object(set) = set {
            self.touched = Some(clock::instant());
            self.later.push(Later { observations, set });
        }
    }

    /// Drops pending changes; a newer one supersedes them.
    pub(crate) fn forget_later(&mut self) {
        self.later.clear();
    }

    /// Shows these states, one for each observation, and then stays in the last.
    pub(crate) fn script(&mut self, states: impl IntoIterator<Item = String>) {
        self.script = states.into_iter().collect();
        for later in &mut self.later {
            later.set.remove("state");
        }
    }

    /// What a GET sees; each observation advances the item's time.
    pub(crate) fn observe(&mut self) -> Value {
        self.pass();
        Value::Object(self.value.clone())
    }

    /// Advances time by one observation.
    pub(crate) fn pass(&mut self) {
        for later in std::mem::take(&mut self.later) {
            match later.observations.checked_sub(1) {
                None => self.apply(later.set),
                Some(left) => self.later.push(Later { observations: left, ..later }),
            }
        }
        if let Some(state) = self.script.pop_front() {
            // A state does not bring a pending endpoint forward.
            let endpoint_comes = self.later.iter().any(|later| later.set.contains_key("endpoint"));
            if endpoint_comes { self.enter_quietly(&state) } else { self.enter(&state) }
        }
    }

    /// Whether lists do not yet show the item; each call counts as a list.
    pub(crate) fn is_unlisted(&mut self) -> bool {
        if self.unlisted_until.is_some_and(|until| clock::instant() < until) {
            return true;
        }
        self.unlisted_until = None;
        let behind = self.unlisted > 0;
        self.unlisted = self.unlisted.saturating_sub(1);
        behind
    }

    /// When the last change was scheduled, if one is still pending.
    pub(crate) fn pending_since(&self) -> Option<Instant> {
        self.touched.filter(|_| !self.later.is_empty())
    }

    /// Completes all pending changes now.
    pub(crate) fn settle(&mut self) {
        let mut all = std::mem::take(&mut self.later);
        all.sort_by_key(|later| later.observations);
        for later in all {
            self.apply(later.set);
        }
        if let Some(last) = std::mem::take(&mut self.script).pop_back() {
            self.enter(&last);
        }
    }

    fn apply(&mut self, set: Map<String, Value>) {
        for (name, value) in set {
            match (name.as_str(), &value) {
                ("state", Value::String(state)) => self.arrive(&state.clone()),
                // Stands for the endpoint that the item was given when it was created.
                ("endpoint", Value::Bool(true)) => self.show_endpoint(),
                (_, Value::Null) => {
                    self.value.remove(&name);
                }
                _ => {
                    self.value.insert(name, value);
                }
            }
        }
    }

    /// Reaches a state, going back and forth as often as the item is to flap.
    fn arrive(&mut self, state: &str) {
        let before = self.state().to_owned();
        self.enter_quietly(state);
        if state == "ACTIVE" && before != state {
            for _ in 0..std::mem::take(&mut self.flaps) {
                self.script.extend([state.to_owned(), before.clone()]);
            }
            if !self.script.is_empty() {
                self.script.push_back(state.to_owned());
            }
        }
    }

    /// Makes what was to become active fail instead.
    pub(crate) fn fail_pending(&mut self) {
        self.later.retain(|later| later.set.get("state").is_some_and(|state| state == "ACTIVE"));
        for later in &mut self.later {
            later.set.insert("state".to_owned(), "FAILED".into());
        }
    }

    /// Puts the item in a state at once, with everything that belongs to it.
    pub(crate) fn enter(&mut self, state: &str) {
        self.enter_quietly(state);
        if state == "ACTIVE" {
            self.show_endpoint();
        }
    }

    fn enter_quietly(&mut self, state: &str) {
        self.value.insert("state".to_owned(), state.into());
        if ["SUSPENDED", "TERMINATED", "FAILED"].contains(&state) {
            self.value.remove("endpoint");
        }
        if state == "TERMINATED" && !self.value.contains_key("terminatedAt") {
            self.value.insert("terminatedAt".to_owned(), clock::now().into());
        }
    }

    fn show_endpoint(&mut self) {
        if let Some(endpoint) = &self.endpoint {
            self.value.insert("endpoint".to_owned(), endpoint.clone().into());
        }
    }

    pub(crate) fn text(&self, field: &str) -> &str {
        self.value.get(field).and_then(Value::as_str).unwrap_or_default()
    }

    pub(crate) fn state(&self) -> &str {
        self.text("state")
    }

    pub(crate) fn set(&mut self, field: &str, value: impl Into<Value>) {
        self.value.insert(field.to_owned(), value.into());
    }
}

/// Whether a value represents something that still exists.
pub(crate) fn is_live(value: &Map<String, Value>) -> bool {
    let text = |field: &str| value.get(field).and_then(Value::as_str).unwrap_or_default();
    let gone = ["TERMINATED", "DELETED", "Deleted", "Revoked"];
    !gone.contains(&text("state"))
        && !gone.contains(&text("status"))
        && text("terminatedAt").is_empty()
        && text("deletedAt").is_empty()
}
