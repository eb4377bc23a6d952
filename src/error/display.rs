//! The one-line display of an error.

use std::fmt;
use std::time::Duration;

use super::{Error, ErrorKind, classify};

/// The longest server message that the line quotes; `server_message` has all of it.
const QUOTED: usize = 300;
/// The longest name of a state or place that is shown.
const LONGEST_WORD: usize = 128;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &self.0;
        if let Some(operation) = inner.operation {
            let path = inner.path.as_deref().unwrap_or(operation.path);
            write!(f, "{} ({} {}): ", operation.id, operation.method, Cut(path))?;
        }
        match inner.status {
            Some(status) if inner.kind == ErrorKind::Api => {
                write!(f, "{} {}", status.as_u16(), status.canonical_reason().unwrap_or("unknown status"))?;
                match quote(self) {
                    Some(words) => write!(f, ": {words}")?,
                    None => f.write_str(", (empty response body)")?,
                }
                if !inner.message.is_empty() {
                    write!(f, "; {}", Plain(&inner.message))?;
                }
            }
            _ => write!(f, "{}", Plain(&inner.message))?,
        }
        if let Some(path) = &inner.json_path {
            write!(f, " at {}", Plain(&cut(path)))?;
        }
        if let Some(advice) = classify::advice(self) {
            write!(f, "; {advice}")?;
        }
        if !inner.attempts.is_empty() {
            let count = inner.attempts.len();
            write!(f, " ({count} attempt{}, {}", if count == 1 { "" } else { "s" }, span(inner.elapsed))?;
            if let Some(id) = self.request_id() {
                write!(f, ", request {id}")?;
            }
            f.write_str(")")?;
        }
        Ok(())
    }
}

/// A path, cut to a readable length; `path` has all of it.
struct Cut<'a>(&'a str);

impl fmt::Display for Cut<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.get(..QUOTED) {
            Some(start) if start.len() < self.0.len() => write!(f, "{start}..."),
            _ => f.write_str(self.0),
        }
    }
}

/// A text that may contain server output, on one line.
struct Plain<'a>(&'a str);

impl fmt::Display for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| fmt::Write::write_char(f, if disturbs(c) { ' ' } else { c }))
    }
}

/// A word from the server, cut to a readable length.
pub(crate) fn cut(text: &str) -> std::borrow::Cow<'_, str> {
    match text.char_indices().nth(LONGEST_WORD) {
        Some((end, _)) => format!("{}...", &text[..end]).into(),
        None => text.into(),
    }
}

/// Whether a character would change how the line around it is displayed: control and bidirectional control characters.
fn disturbs(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// A duration as people write it, with no more digits than are useful.
pub(crate) fn span(time: Duration) -> String {
    match time.as_secs() {
        0 => format!("{}ms", time.as_millis()),
        1..=9 => format!("{:.1}s", time.as_secs_f64()),
        seconds @ 10..=299 => format!("{seconds}s"),
        seconds @ 300..=10_799 => format!("{}min", seconds / 60),
        seconds @ 10_800..=31_535_999 => format!("{}h", seconds / 3600),
        _ => "more than a year".to_owned(),
    }
}

/// The server's words on one line, cut to a readable length; an HTML page is named, not quoted.
fn quote(error: &Error) -> Option<String> {
    let text = String::from_utf8_lossy(error.body());
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let start = text.get(..15).unwrap_or(text).to_ascii_lowercase();
    if start.starts_with("<!doctype") || start.starts_with("<html") {
        return Some("a page of HTML, so probably the response of a proxy and not of the service".to_owned());
    }
    // Some responses put the message in quotes, as JSON.
    let text = serde_json::from_str::<String>(text).unwrap_or_else(|_| text.to_owned());
    let line: String = text.chars().map(|c| if disturbs(c) { ' ' } else { c }).take(QUOTED).collect();
    Some(if text.chars().count() > QUOTED { format!("{line}...") } else { line })
}
