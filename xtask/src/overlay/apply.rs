//! Applying an overlay: objects merge, lists grow, scalars are replaced, exactly as the standard says.

use super::{Action, Change, Overlay};
use serde_json::Value;

/// A rule that does not fit the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub index: usize,
    pub target: String,
    /// JSON pointer of the match that is not as expected; empty when the rule as a whole does not fit.
    pub pointer: String,
    pub complaint: String,
    pub reason: String,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let place = if self.pointer.is_empty() { String::new() } else { format!(" at {}", self.pointer) };
        write!(
            f,
            "rule {} `{}` {}{place}; it is there because: {}",
            self.index + 1,
            self.target,
            self.complaint,
            self.reason
        )
    }
}

/// Applies every action in order and reports all the rules that do not fit. A rule that does not fit is not applied,
/// so the result is of use only when the caller tolerates the problems.
pub fn apply(overlay: &Overlay, document: &mut Value) -> Vec<Problem> {
    overlay.actions.iter().flat_map(|action| apply_action(action, document)).collect()
}

fn apply_action(action: &Action, document: &mut Value) -> Vec<Problem> {
    let problem = |pointer: String, complaint: String| Problem {
        index: action.index,
        target: action.target.clone(),
        pointer,
        complaint,
        reason: action.reason.clone(),
    };
    let mut problems = Vec::new();
    let mut pointers = Vec::new();
    {
        let found = action.path.query_located(document).dedup();
        if let Some(complaint) = action.expect.count_complaint(found.len()) {
            problems.push(problem(String::new(), complaint));
        }
        for node in found.iter() {
            let pointer = node.location().to_json_pointer();
            match action.expect.match_complaint(node.node()) {
                Some(complaint) => problems.push(problem(pointer, complaint)),
                None => pointers.push(pointer),
            }
        }
    }
    if !problems.is_empty() {
        return problems;
    }
    match &action.change {
        Change::Update(update) => {
            for pointer in &pointers {
                if let Some(target) = document.pointer_mut(pointer) {
                    merge(target, update);
                }
            }
        }
        // From the last to the first: removing an element of a list shifts those behind it.
        Change::Remove => {
            for pointer in removal_order(pointers) {
                remove(document, &pointer);
            }
        }
    }
    problems
}

/// The merge of the standard: objects recursively, lists by appending, everything else by replacing.
pub fn merge(target: &mut Value, update: &Value) {
    match (target, update) {
        (Value::Object(target), Value::Object(update)) => {
            for (key, value) in update {
                match target.get_mut(key) {
                    Some(existing) => merge(existing, value),
                    None => {
                        target.insert(key.clone(), value.clone());
                    }
                }
            }
        }
        (Value::Array(target), Value::Array(update)) => target.extend(update.iter().cloned()),
        // A list that is updated with one object or scalar gets it as a new element.
        (Value::Array(target), update) => target.push(update.clone()),
        (target, update) => *target = update.clone(),
    }
}

fn removal_order(mut pointers: Vec<String>) -> Vec<String> {
    let key = |pointer: &String| -> Vec<(usize, String)> {
        pointer.split('/').map(|part| (part.parse().unwrap_or(0), part.to_owned())).collect()
    };
    pointers.sort_by_key(key);
    pointers.reverse();
    pointers
}

fn remove(document: &mut Value, pointer: &str) {
    let Some((parent, last)) = pointer.rsplit_once('/') else { return };
    let name = last.replace("~1", "/").replace("~0", "~");
    match document.pointer_mut(parent) {
        Some(Value::Object(map)) => {
            map.remove(&name);
        }
        Some(Value::Array(items)) => {
            if let Ok(index) = name.parse::<usize>()
                && index < items.len()
            {
                items.remove(index);
            }
        }
        _ => {}
    }
}
