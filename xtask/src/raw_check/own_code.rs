//! Every place in our own code that does not fit new generated code. The compiler stops at the first crate with errors, and
//! within a crate checks names before types: so what it reports is removed from a copy, and it is run again.

use super::blank::{Blanked, blank};
use super::diagnostics::{Diagnostic, parse};
use crate::api;
use crate::io::Io;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const RAW: &str = "spec/raw.rs";
const ROUNDS: usize = 10;

/// Places in our own code that do not fit, sorted.
#[derive(Debug, Default)]
pub struct Broken {
    pub places: Vec<Diagnostic>,
    /// No errors can be hidden by others.
    pub complete: bool,
}

/// Compiles the library, tests, examples and benches with this document and the code generated from it.
///
/// # Errors
/// A message when the compiler could not be run.
pub fn broken(document: &[u8], code: &str, before: Option<&str>, io: &mut dyn Io) -> Result<Broken, String> {
    let mut files: BTreeMap<PathBuf, Vec<u8>> = BTreeMap::new();
    files.insert("spec/openapi.json".into(), document.to_vec());
    files.insert(RAW.into(), code.as_bytes().to_vec());
    let mut places = BTreeSet::new();
    let mut found = ask(&files, io)?;
    // Removed names are kept as placeholders, or the compiler would report nothing but the imports.
    files.insert(RAW.into(), with_names(code, before).into_bytes());
    let mut blanked = Blanked::default();
    for _ in 0..ROUNDS {
        if found.is_empty() {
            return Ok(Broken { places: places.into_iter().collect(), complete: true });
        }
        blanked.next_round();
        let mut changed = false;
        for error in &found {
            let path = PathBuf::from(&error.file);
            let source = files.get(&path).cloned().or_else(|| io.read(&path).ok());
            let source = source.and_then(|bytes| String::from_utf8(bytes).ok());
            let Some(text) = source.and_then(|source| blank(&source, error, &mut blanked)) else { continue };
            files.insert(path, text.into_bytes());
            changed = true;
        }
        let is_first = places.is_empty();
        places.extend(found.into_iter().filter(|error| !blanked.causes(error)));
        // In the first round the names may help where nothing can be removed.
        if !changed && !is_first {
            break;
        }
        found = ask(&files, io)?;
    }
    Ok(Broken { places: places.into_iter().collect(), complete: false })
}

/// The errors in our files.
fn ask(files: &BTreeMap<PathBuf, Vec<u8>>, io: &mut dyn Io) -> Result<Vec<Diagnostic>, String> {
    let files: Vec<(PathBuf, Vec<u8>)> = files.iter().map(|(path, text)| (path.clone(), text.clone())).collect();
    let mut found = parse(&io.compile_all(&files)?);
    let ours = ["src/", "tests/", "examples/", "benches/"];
    found
        .retain(|error| ours.iter().any(|start| error.file.starts_with(start)) && Path::new(&error.file).is_relative());
    Ok(found)
}

/// The code with an empty type for every name that the previous code has and it lacks.
fn with_names(code: &str, before: Option<&str>) -> String {
    let interface = |code: &str| api::of_generated(code).unwrap_or_default();
    let (old, new) = (before.map(interface).unwrap_or_default(), interface(code));
    let mut text = code.to_owned();
    for path in old.keys().filter(|path| !new.contains_key(*path)) {
        let Some((module, name)) = path.split_once("::").filter(|(_, name)| !name.contains("::")) else { continue };
        let generic = module == "requests";
        let (parameter, inside) = if generic { ("<C = ()>", "(::std::marker::PhantomData<C>)") } else { ("", "") };
        let serde = if generic { "" } else { ", ::serde::Serialize, ::serde::Deserialize" };
        let start = format!("pub mod {module} {{\n");
        let stub = format!(
            "{start}#[derive(Clone, Debug, Default, PartialEq{serde})] pub struct {name}{parameter}{inside};\n"
        );
        text = text.replacen(&start, &stub, 1);
    }
    text
}
