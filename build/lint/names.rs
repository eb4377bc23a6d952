//! Names as the generator makes them, and names for operations that have none.

/// Splits like `heck`, which the generator uses: at everything that is not alphanumeric and where the case changes.
pub fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for part in text.split(|c: char| !c.is_alphanumeric()) {
        let chars: Vec<char> = part.chars().collect();
        let (mut start, mut upper) = (0, None);
        for at in 0..chars.len() {
            let Some(next) = chars.get(at + 1) else {
                words.push(chars[start..].iter().collect::<String>().to_lowercase());
                break;
            };
            let now = if chars[at].is_lowercase() {
                Some(false)
            } else if chars[at].is_uppercase() {
                Some(true)
            } else {
                upper
            };
            let cut = if now == Some(false) && next.is_uppercase() {
                Some(at + 1)
            } else if upper == Some(true) && chars[at].is_uppercase() && next.is_lowercase() {
                Some(at)
            } else {
                None
            };
            match cut {
                Some(end) => {
                    if end > start {
                        words.push(chars[start..end].iter().collect::<String>().to_lowercase());
                    }
                    (start, upper) = (end, None);
                }
                None => upper = now,
            }
        }
    }
    words
}

pub fn snake(text: &str) -> String {
    words(text).join("_")
}

pub fn pascal(text: &str) -> String {
    words(text)
        .iter()
        .map(|word| {
            let mut chars = word.chars();
            chars.next().map(|first| first.to_uppercase().chain(chars).collect::<String>()).unwrap_or_default()
        })
        .collect()
}

const ACTIONS: [&str; 22] = [
    "attach", "cancel", "detach", "disable", "drop", "enable", "failback", "failover", "move", "pause", "restart",
    "restore", "resume", "retry", "revoke", "rotate", "run", "setup", "simulate", "start", "stop", "suspend",
];

/// A name for an operation that has none, from its method and path. `taken` says which names are not free; the same
/// input always gives the same name.
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
    let versioned = match version {
        Some(version) if version > 1 => format!("{base}_v{version}"),
        _ => format!("{base}_at_{}", if parameters.is_empty() { "root".to_owned() } else { parameters.join("_and_") }),
    };
    let candidates = std::iter::once(versioned).chain((2..).map(|number| format!("{base}_{number}")));
    candidates.into_iter().find(|name| !taken(name)).unwrap_or(base)
}

fn base_name(method: &str, segments: &[&str]) -> String {
    let ends_in_parameter = segments.last().is_some_and(|last| last.starts_with('{'));
    let mut literals: Vec<String> = Vec::new();
    for (at, segment) in segments.iter().enumerate().filter(|(_, segment)| !segment.starts_with('{')) {
        // One of many: the segment is followed by the parameter that picks it.
        let one = segments.get(at + 1).is_some_and(|next| next.starts_with('{'));
        literals.push(if one { singular(&snake(segment)) } else { snake(segment) });
    }
    let Some(last) = literals.pop() else { return format!("{method}_root") };
    let action = last.split('_').next().is_some_and(|word| ACTIONS.contains(&word));
    let first_only = literals.is_empty();
    let plural = singular(&last) != last;
    let (verb, object) = match method {
        _ if action && !ends_in_parameter && !first_only => return joined(&last, &literals, ""),
        "get" if plural && !ends_in_parameter => ("list", last),
        "get" => ("get", last),
        "post" if plural || first_only || ends_in_parameter => ("create", singular(&last)),
        "post" => ("create", last),
        "patch" => ("update", last),
        "put" => ("replace", last),
        other => (other, last),
    };
    joined(verb, &literals, &object)
}

fn joined(verb: &str, context: &[String], object: &str) -> String {
    let parts = std::iter::once(verb).chain(context.iter().map(String::as_str)).chain(Some(object));
    parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join("_")
}

/// English, as far as path segments need it.
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
        Some(stem) if !stem.ends_with(['s', 'u', 'i']) && !stem.is_empty() && stem != "metric" => stem.to_owned(),
        _ => word.to_owned(),
    }
}
