//! Whether generated code compiles: in place of the raw layer, and alongside it as a separate module, so that a facade that no
//! longer fits cannot hide problems in the code, and several documents can be checked at once.

mod blank;
mod diagnostics;
mod own_code;
mod places;

pub use diagnostics::{Diagnostic, parse};
pub use own_code::{Broken, broken};
pub use places::place;

use crate::io::Io;
use crate::lint::Finding;
use serde_json::Value;

/// Generated code as a module of the crate named `name`.
pub fn as_module(name: &str, code: &str) -> String {
    let code = code.replace("crate::raw::ids::", &format!("crate::{name}::ids::"));
    // The client that a call holds is that of the real raw layer. A long call is broken before its dots.
    let mut text = String::new();
    let mut rest = code.as_str();
    while let Some(at) = rest.find("call") {
        let (before, after) = (&rest[..at], &rest[at + 4..]);
        let method = after.trim_start().strip_prefix(".raw").map(str::trim_start).filter(|rest| rest.starts_with('.'));
        let whole_word = !before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        text.push_str(before);
        match method.filter(|_| whole_word) {
            Some(method) => {
                text.push_str("super::client_of(&call.raw)");
                rest = method;
            }
            None => {
                text.push_str("call");
                rest = after;
            }
        }
    }
    text.push_str(rest);
    format!("{text}\nfn client_of(_: &crate::raw::Client) -> Client {{\n    unreachable!()\n}}\n")
}

/// The compiler's verdict on generated code.
#[derive(Debug, Default)]
pub struct Verdict {
    /// Places in the document whose code does not compile.
    pub findings: Vec<Finding>,
    /// Whether the library fits it.
    pub library_fits: bool,
}

/// Compiles the code generated from a document: in place of the raw layer, and, if the rest of the crate does not fit it, once
/// more alongside the current raw layer.
///
/// # Errors
/// A message when the compiler could not be run.
pub fn check(document: &Value, code: &str, io: &mut dyn Io) -> Result<Verdict, String> {
    const NAME: &str = "candidate";
    let found = parse(&io.compile(&[(RAW.to_owned(), code.to_owned())])?);
    let (raw, own): (Vec<_>, Vec<_>) = found.into_iter().partition(|error| error.file.ends_with("/raw.rs"));
    if !raw.is_empty() || own.is_empty() {
        return Ok(Verdict { findings: findings(document, code, &raw), library_fits: own.is_empty() });
    }
    let module = as_module(NAME, code);
    let beside = parse(&io.compile(&[(NAME.to_owned(), module.clone())])?);
    let beside: Vec<_> = beside.into_iter().filter(|error| error.file.ends_with(&format!("/{NAME}.rs"))).collect();
    Ok(Verdict { findings: findings(document, &module, &beside), library_fits: false })
}

/// The name of the module whose code replaces the raw layer.
pub const RAW: &str = "raw";

fn findings(document: &Value, code: &str, errors: &[Diagnostic]) -> Vec<Finding> {
    let mut findings: Vec<Finding> = errors
        .iter()
        .map(|error| Finding {
            pointer: place(document, code, error.line),
            message: format!(
                "the generated code does not compile: {}; repair the place in spec/overlay.yaml, and tell the lint about it.",
                error.message
            ),
            fix: None,
            fatal: true,
        })
        .collect();
    findings.sort();
    findings.dedup();
    findings
}
