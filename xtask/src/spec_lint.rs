use crate::io::Io;
use crate::{Outcome, document, lint};
use std::path::Path;
pub fn run(arguments: &[String], io: &mut dyn Io) -> Result<Outcome, String> {
    let name = arguments.first().ok_or("file?")?;
    let bytes = io.read(Path::new(name)).map_err(|e| e.to_string())?;
    let doc = document::read_openapi(name, &bytes)?;
    for f in lint::lint(&doc) { io.out(&format!("{} {}: {}\n{}", if f.fatal {"error"} else {"warning"}, f.pointer, f.message, f.fix.unwrap_or_default())); }
    Ok(Outcome::Same)
}
