//! `cargo xtask update-spec`: published document + overlay -> `spec/openapi.json`.

use crate::document::{parse_yaml, read_openapi, to_text};
use crate::io::Io;
use crate::{Outcome, overlay};
use std::path::{Path, PathBuf};

pub fn run(arguments: &[String], io: &mut dyn Io) -> Result<Outcome, String> {
    let check = arguments.iter().any(|argument| argument == "--check");
    let published = read(io, "spec/published.yaml")?;
    let rules = read(io, "spec/overlay.yaml")?;
    let mut document = read_openapi("spec/published.yaml", &published)?;
    let text = String::from_utf8_lossy(&rules);
    let parsed = parse_yaml("spec/overlay.yaml", &text)?;
    let overlay = overlay::parse("spec/overlay.yaml", &parsed).map_err(|errors| errors.join("\n"))?;
    let problems = overlay::apply(&overlay, &mut document);
    if !problems.is_empty() {
        return Err(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
    }
    let resolved = to_text(&document);
    let path = PathBuf::from("spec/openapi.json");
    if io.read(&path).is_ok_and(|old| old == resolved.as_bytes()) {
        io.out("spec/openapi.json is up to date.\n");
        return Ok(Outcome::Same);
    }
    if check {
        io.out("spec/openapi.json would change.\n");
        return Ok(Outcome::WouldChange);
    }
    io.write_all(&[(path, resolved.into_bytes())]).map_err(|error| format!("Nothing was written: {error}."))?;
    io.out("wrote spec/openapi.json\n");
    Ok(Outcome::Same)
}

fn read(io: &dyn Io, path: &str) -> Result<Vec<u8>, String> {
    io.read(Path::new(path)).map_err(|error| format!("{path} cannot be read: {error}."))
}
