//! Names for operations that have none.

use super::snake;

/// Segments that name an action.
const ACTIONS: [&str; 22] = [
    "attach", "cancel", "detach", "disable", "drop", "enable", "failback", "failover", "move", "pause", "restart",
    "restore", "resume", "retry", "revoke", "rotate", "run", "setup", "simulate", "start", "stop", "suspend",
];

/// The same, as the first of several words.
const FIRST_WORDS: [&str; 7] = ["add", "create", "delete", "get", "list", "remove", "update"];

/// A name for an operation without one, from its method and path. `taken` says which names are taken; the same input always gives
/// the same name.
pub fn operation_id(method: &str, path: &str, taken: &dyn Fn(&str) -> bool) -> String {
    let mut segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let version = segments.first().and_then(|first| first.strip_prefix('v')?.parse::<u32>().ok());
    if version.is_some() {
        segments.remove(0);
    }
    let base = base_name(method, &segments);
    if !taken(&base) {
        return base;
    }
    let parameters: Vec<String> = segments.iter().filter(|s| s.starts_with('{')).map(|s| snake(s)).collect();
    let versioned = version.filter(|version| *version > 1).map(|version| format!("{base}_v{version}"));
    let by_parameters = (!parameters.is_empty()).then(|| format!("{base}_by_{}", parameters.join("_and_")));
    let mut candidates =
        versioned.into_iter().chain(by_parameters).chain((2..).map(|number| format!("{base}_{number}")));
    candidates.find(|name| !taken(name)).unwrap_or(base)
}

fn base_name(method: &str, segments: &[&str]) -> String {
    let ends_in_parameter = segments.last().is_some_and(|last| last.starts_with('{'));
    let literals = segments.iter().filter(|segment| !segment.starts_with('{'));
    let mut literals: Vec<String> = literals.map(|s| if *s == "fs" { "files".to_owned() } else { snake(s) }).collect();
    literals.dedup();
    let Some(last) = literals.pop() else { return format!("{method}_root") };
    let context: Vec<String> = literals.iter().map(|literal| singular(literal)).collect();
    // Words that came before are not repeated.
    let said: Vec<&str> = context.iter().flat_map(|words| words.split('_')).collect();
    let new = |words: &str| words.split('_').filter(|word| !said.contains(word)).collect::<Vec<_>>().join("_");
    let (first, rest) = last.split_once('_').unwrap_or((&last, ""));
    let action = ACTIONS.contains(&first) || FIRST_WORDS.contains(&first) && !rest.is_empty();
    if action && !ends_in_parameter && !context.is_empty() {
        return joined(first, &context, &new(rest));
    }
    if last == "current" && method == "get" && !context.is_empty() {
        return joined("get_current", &context, "");
    }
    let plural = singular(&last) != last;
    let (verb, object) = match method {
        "get" if plural && !ends_in_parameter => ("list", last),
        "get" => ("get", if ends_in_parameter { singular(&last) } else { last }),
        "post" if plural || context.is_empty() || ends_in_parameter => ("create", singular(&last)),
        "post" => ("create", last),
        "patch" => ("update", if ends_in_parameter { singular(&last) } else { last }),
        "put" => ("replace", if ends_in_parameter { singular(&last) } else { last }),
        other => (other, if ends_in_parameter { singular(&last) } else { last }),
    };
    let object = new(&object);
    joined(verb, &context, &object)
}

fn joined(verb: &str, context: &[String], object: &str) -> String {
    let parts = std::iter::once(verb).chain(context.iter().map(String::as_str)).chain(Some(object));
    parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join("_")
}

/// English singulars, as far as path segments need them.
fn singular(word: &str) -> String {
    if let Some(stem) = word.strip_suffix("ies") {
        return format!("{stem}y");
    }
    for (end, keep) in [("sses", 2), ("xes", 2), ("ches", 2), ("shes", 2)] {
        if word.ends_with(end) {
            return word[..word.len() - keep].to_owned();
        }
    }
    match word.strip_suffix('s') {
        Some(stem) if !stem.ends_with(['s', 'u', 'i']) && !stem.is_empty() => stem.to_owned(),
        _ => word.to_owned(),
    }
}
