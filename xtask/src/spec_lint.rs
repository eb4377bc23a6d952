//! `cargo xtask spec-lint`: what the generator would panic on or mangle.

use crate::args::Syntax;
use crate::document::{read_openapi, to_text};
use crate::io::{Io, read};
use crate::report::{finding_json, finding_markdown};
use crate::{Outcome, lint};
use serde_json::Value;

const SYNTAX: Syntax = Syntax { usage: "spec-lint [FILE] [--json]", flags: &["--json"], values: &[], names: (0, 1) };

pub const HELP: &str = "\
spec-lint [FILE] [--json]

Reports what the generator would stop at or mangle in an OpenAPI 3.0 document (YAML or JSON; default:
spec/openapi.json), each with a message, a JSON pointer and, if one is known, an overlay action to paste into
spec/overlay.yaml. Errors prevent code generation; with warnings the result compiles, but is not what is wanted.

What is fixed by rule is not reported: failure responses, several equal 2xx responses, defaults and limits, and
uploads with the single part `file`.

Try it on a new document of the vendor before updating: every operation without a name is listed with a suitable one.

Exit codes: 0 no errors (there may be warnings), 1 errors or unreadable.
";

pub fn run(arguments: &[String], io: &mut dyn Io) -> Result<Outcome, String> {
    let args = SYNTAX.parse(arguments)?;
    let name = args.names.first().map_or("spec/openapi.json", String::as_str);
    let document = read_openapi(name, &read(io, name)?)?;
    let findings = lint::lint(&document);
    let errors = findings.iter().filter(|finding| finding.fatal).count();
    if args.has("--json") {
        io.out(&to_text(&Value::Array(findings.iter().map(finding_json).collect())));
    } else {
        for finding in &findings {
            io.out(&finding_markdown(finding));
        }
        io.out(&format!("{name}: {errors} errors, {} warnings.\n", findings.len() - errors));
    }
    Ok(if errors == 0 { Outcome::Same } else { Outcome::Failed })
}
