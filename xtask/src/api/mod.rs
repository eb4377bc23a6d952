//! `cargo xtask api`: the public interface as text, so that reviews show what users will see.

pub mod auto;
mod items;
mod macros;
mod modules;
mod text;
mod visit;

pub use items::Block;
pub use text::signature;

use crate::args::{Args, Syntax};
use crate::document::read_openapi;
use crate::io::{Io, begin, read};
use crate::{Outcome, codegen};
use std::collections::BTreeMap;
use std::path::PathBuf;

pub const PATH: &str = "api.txt";

const SYNTAX: Syntax = Syntax { usage: "api [--check]", flags: &["--check"], values: &[], names: (0, 0) };

pub const HELP: &str = "\
api [--check]

Writes the public interface of the crate to api.txt, which is committed so that reviews show what users will see.
--check writes nothing and exits with 2 if the file would change.

No stable tool prints the interface (rustdoc's JSON needs a nightly toolchain), so this reads the source: src/ starting
at lib.rs, with the code that build.rs would generate. It covers public modules, re-exports, structs with their public
fields, enums, traits, functions, constants, type aliases, public methods, and the names of implemented and derived
traits. Send and Sync are inferred by the compiler: that line, `auto`, is read from the pages that rustdoc writes, so
the documentation is built first, as `ci doc` does. Macros other than open_enum! are shown as they are called, and what
each of our own generates is shown at the end. Items under a cfg are shown with it; tests, hidden items and blanket
implementations are left out.

Exit codes: 0 written or same, 1 failed, 2 would change (--check).
";

pub fn run(arguments: &[String], io: &mut dyn Io) -> Result<Outcome, String> {
    let args = SYNTAX.parse(arguments)?;
    // Nothing is read that is about to be undone.
    begin(io, !args.has("--check"))?;
    let outcome = write_or_check(&args, io);
    io.end();
    outcome
}

fn write_or_check(args: &Args, io: &mut dyn Io) -> Result<Outcome, String> {
    let document = read_openapi("spec/openapi.json", &read(io, "spec/openapi.json")?)?;
    let generated = codegen::generate(&document)
        .map_err(|failure| format!("The code cannot be generated: {}: {}", failure.pointer, failure.message))?;
    let root = modules::load(io, "src/lib.rs", &generated.code)?;
    let mut blocks = visit::blocks(&root);
    let pages = auto::pages(io)?;
    auto::add(io, &pages, &mut blocks)?;
    let text = visit::public_interface(&root, &blocks);
    let before = io.read(PATH.as_ref()).ok();
    if before.as_deref() == Some(text.as_bytes()) {
        io.out(&format!("{PATH} is up to date.\n"));
        return Ok(Outcome::Same);
    }
    let before = before.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    io.out(&difference(&before, &text));
    if args.has("--check") {
        io.out(&format!("{PATH} would change; run `cargo xtask api` and commit it.\n"));
        return Ok(Outcome::WouldChange);
    }
    io.write_all(&[(PathBuf::from(PATH), text.into_bytes())])
        .map_err(|error| format!("{PATH} was not written: {error}."))?;
    io.out(&format!("wrote {PATH}\n"));
    Ok(Outcome::Same)
}

/// The public interface of a crate, starting from its root file, without what the compiler infers; `generated` replaces what the
/// source includes.
pub fn interface(io: &dyn Io, root: &str, generated: &str) -> Result<String, String> {
    let root = modules::load(io, root, generated)?;
    Ok(visit::public_interface(&root, &visit::blocks(&root)))
}

/// The public items of generated code, by the path that users write.
///
/// # Errors
/// A message when it is not Rust.
pub fn of_generated(code: &str) -> Result<BTreeMap<String, Block>, String> {
    Ok(visit::blocks(&modules::load_generated(code)?))
}

/// The first lines that were added and removed, with the item that they belong to.
fn difference(before: &str, after: &str) -> String {
    const MOST: usize = 40;
    let with_owner = |text: &str| {
        let mut owner = String::new();
        let lines = text.lines().filter(|line| !line.is_empty()).map(|line| {
            if line.starts_with(' ') {
                return format!("{owner}: {}", line.trim_start());
            }
            line.clone_into(&mut owner);
            line.to_owned()
        });
        lines.collect::<std::collections::BTreeSet<String>>()
    };
    let (before, after) = (with_owner(before), with_owner(after));
    let gone = before.difference(&after).map(|line| format!("- {line}\n"));
    let came = after.difference(&before).map(|line| format!("+ {line}\n"));
    let all: Vec<String> = gone.chain(came).collect();
    let more = all.len().saturating_sub(MOST);
    let rest = if more > 0 { format!("... and {more} more lines\n") } else { String::new() };
    all.into_iter().take(MOST).collect::<String>() + &rest
}
