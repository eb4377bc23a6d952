//! Operations that were removed, and what still references them.

use crate::diff::path_shape;
use crate::io::Io;
use crate::naming::{self, pascal, snake};
use crate::references::{Source, lines, rust_sources};
use crate::report::Removed;
use serde_json::Value;
use std::collections::BTreeSet;

/// The operations of the old document that the new one has neither at the same place nor by the same name.
pub fn removed(io: &dyn Io, old: &Value, new: &Value, overlay: &Source) -> Vec<Removed> {
    let (old, new) = (naming::names(old), naming::names(new));
    let places: BTreeSet<_> = new.keys().map(|(path, method)| (path_shape(path), method.as_str())).collect();
    let ids: BTreeSet<_> = new.values().collect();
    let gone: Vec<_> = old
        .iter()
        .filter(|((path, method), id)| !places.contains(&(path_shape(path), method.as_str())) && !ids.contains(id))
        .collect();
    if gone.is_empty() {
        return Vec::new();
    }
    let sources = rust_sources(io, &["src", "tests", "examples", "benches"]);
    let mut found: Vec<Removed> = gone
        .into_iter()
        .map(|((path, method), id)| {
            let (snake, pascal) = (snake(id), pascal(id));
            let mut references = overlay_lines(overlay, path, method, &snake);
            references.extend(sources.iter().flat_map(|source| lines(source, &[&snake, &pascal])));
            Removed { operation: format!("{} {path}", method.to_uppercase()), id: id.clone(), references }
        })
        .collect();
    found.sort();
    found
}

/// Rules that target the operation or something in it, additions of it, and references to its name.
fn overlay_lines(overlay: &Source, path: &str, method: &str, id: &str) -> Vec<String> {
    let (target, key) = (format!("['{path}'].{method}"), format!("{path}:"));
    let numbered = overlay.text.lines().enumerate();
    let found = numbered
        .filter(|(_, line)| line.contains(&target) || line.trim() == key || crate::references::has_word(line, id));
    found.map(|(number, _)| format!("{}:{}", overlay.path, number + 1)).collect()
}
