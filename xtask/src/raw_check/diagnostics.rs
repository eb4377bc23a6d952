//! The compiler's diagnostics, from cargo's JSON lines.

use serde_json::Value;

/// One error or warning.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Diagnostic {
    pub file: String,
    pub line: usize,
    /// `error` or `warning`.
    pub level: String,
    pub message: String,
}

impl std::fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)
    }
}

/// The errors. Those without a place in a file, such as the final count, are left out.
pub fn parse(output: &str) -> Vec<Diagnostic> {
    parse_level(output, "error")
}

/// The diagnostics of a level.
pub fn parse_level(output: &str, level: &str) -> Vec<Diagnostic> {
    let lines = output.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut found: Vec<Diagnostic> = lines.filter_map(|line| one(&line, level)).collect();
    found.sort();
    found.dedup();
    found
}

fn one(line: &Value, level: &str) -> Option<Diagnostic> {
    let message = line.get("message")?;
    if message.get("level")?.as_str()? != level {
        return None;
    }
    let spans = message.get("spans")?.as_array()?;
    let primary = spans.iter().find(|span| span.get("is_primary") == Some(&Value::Bool(true)))?;
    // Inside a macro: where it was called.
    let mut span = primary;
    while let Some(outer) = span.pointer("/expansion/span").filter(|outer| outer.is_object()) {
        span = outer;
    }
    Some(Diagnostic {
        file: span.get("file_name")?.as_str()?.replace('\\', "/"),
        line: usize::try_from(span.get("line_start")?.as_u64()?).ok()?,
        level: level.to_owned(),
        message: message.get("message")?.as_str()?.to_owned(),
    })
}
