//! The nine places of a resource family, in the order of CONTRIBUTING.md, and what is still missing at each.

use super::facade::{Facade, Method};
use super::table::Row;
use crate::io::{Io, read_text};
use crate::naming::{names, pascal};
use crate::openapi::{entries, resolve};
use crate::references::{Source, has_word, rust_sources};
use serde_json::Value;
use std::collections::BTreeSet;

/// One of the nine.
pub struct Place {
    pub number: usize,
    pub name: &'static str,
    /// Messages; empty if nothing is missing.
    pub missing: Vec<String>,
}

/// What is read once for all families.
pub struct Repository {
    raw: String,
    resources: String,
    library: String,
    facade_test: String,
    behavior: Vec<Source>,
    behavior_tests: Vec<Source>,
    changelog: String,
    interface: String,
    handles: Vec<Source>,
}

impl Repository {
    pub fn read(io: &dyn Io) -> Self {
        let text = |path: &str| read_text(io, path).unwrap_or_default();
        Self {
            raw: text("spec/raw.rs"),
            resources: text("src/resources.rs"),
            library: text("src/lib.rs"),
            facade_test: dense(&text("tests/it/facade.rs")),
            behavior: rust_sources(io, &["tests/emulator/src/families"]),
            behavior_tests: rust_sources(io, &["tests/emulator/tests"]),
            changelog: text("CHANGELOG.md"),
            interface: text("api.txt"),
            handles: rust_sources(io, &["src"]),
        }
    }

    /// The nine places of a family.
    pub fn places(&self, document: &Value, family: &str, rows: &[Row], facade: &Facade) -> Vec<Place> {
        let rows: Vec<&Row> = rows.iter().filter(|row| row.family == family).collect();
        let paths: Vec<(String, String)> = names(document)
            .into_iter()
            .filter(|(_, id)| rows.iter().any(|row| row.id == *id))
            .map(|((path, method), _)| (path, method))
            .collect();
        let wanted: Vec<&Row> = rows.iter().copied().filter(|row| row.excuse.is_none()).collect();
        let methods: Vec<&Method> = wanted.iter().flat_map(|row| facade.methods_of(&pascal(&row.id))).collect();
        let handles: BTreeSet<(&str, &str)> = methods
            .iter()
            .filter_map(|method| Some((facade.handle_of(&method.accessor)?, method.accessor.as_str())))
            .collect();
        let found = [
            ("spec/overlay.yaml", described(document, &paths)),
            ("spec/openapi.json, spec/raw.rs", self.generated(&rows)),
            ("src/resources/<family>.rs", wanted.iter().filter_map(|row| row.complaint()).collect()),
            ("src/resources.rs, src/lib.rs", self.exported(&handles)),
            ("tests/it/facade.rs", self.called(&wanted, facade)),
            ("tests/emulator/src/families/", self.behaves(family, &rows)),
            ("tests/emulator/tests/", self.behavior_is_tested(family, &paths)),
            ("CHANGELOG.md", self.told(&handles)),
            ("api.txt", self.shown(&handles)),
        ];
        let place = |(index, (name, missing))| Place { number: index + 1, name, missing };
        found.into_iter().enumerate().map(place).collect()
    }

    fn generated(&self, rows: &[&Row]) -> Vec<String> {
        let is_old = |row: &&&Row| !has_word(&self.raw, &pascal(&row.id));
        let old: Vec<String> = rows.iter().filter(is_old).map(|row| format!("`{}`", row.id)).collect();
        sentence(&old, |old| format!("spec/raw.rs has no request for {old}: run `cargo xtask update-spec`."))
    }

    fn exported(&self, handles: &BTreeSet<(&str, &str)>) -> Vec<String> {
        let mut missing = no_handle(handles);
        for (handle, _) in handles {
            let declared =
                |source: &&Source| source.text.contains(&format!("{handle}, ")) && source.text.contains("handle!");
            let file = self.handles.iter().find(declared).and_then(|source| source.path.strip_prefix("src/resources/"));
            // A different kind of handle, such as that of files, is exported by its own module.
            let Some(module) = file.and_then(|file| file.strip_suffix(".rs")).filter(|file| !file.contains('/')) else {
                continue;
            };
            if !self.resources.contains(&format!("mod {module};")) {
                missing.push(format!("src/resources.rs has no `mod {module};`."));
            }
            let listed = |text: &str| text.lines().any(|line| !line.starts_with("//") && has_word(line, handle));
            if !listed(&self.resources) {
                missing.push(format!("src/resources.rs does not re-export `{handle}`."));
            }
            if !listed(&self.library) {
                missing.push(format!("src/lib.rs does not re-export `{handle}`."));
            }
        }
        missing
    }

    fn called(&self, wanted: &[&Row], facade: &Facade) -> Vec<String> {
        let uncalled = wanted.iter().filter(|row| {
            let methods = facade.methods_of(&pascal(&row.id));
            let calls = |method: &&Method| {
                self.facade_test.contains(&format!(".{}().{}(", method.accessor, method.name))
                    || self.facade_test.contains(&pascal(&row.id))
            };
            !methods.iter().any(calls)
        });
        let uncalled: Vec<String> = uncalled.map(|row| format!("`{}`", row.id)).collect();
        sentence(&uncalled, |ids| format!("no call reaches {ids}: call the method with the smallest body."))
    }

    fn behaves(&self, family: &str, rows: &[&Row]) -> Vec<String> {
        let bound = rows.iter().any(|row| {
            let arm = format!("\"{}\"", row.id);
            self.behavior.iter().any(|source| source.text.contains(&arm))
        });
        if bound {
            return Vec::new();
        }
        vec![format!(
            "no operation of {family} has a handler, so the emulator responds with samples and keeps nothing."
        )]
    }

    fn behavior_is_tested(&self, family: &str, paths: &[(String, String)]) -> Vec<String> {
        // The leading version is ignored.
        let literal = |part: &&str| !part.starts_with('{') && !part.is_empty();
        let literals = paths.iter().filter_map(|(path, _)| path.split('/').skip(2).filter(literal).last());
        let tested = literals
            .flat_map(|part| [format!("/{part}"), format!("\"{part}\"")])
            .any(|part| self.behavior_tests.iter().any(|source| source.text.contains(&part)));
        if tested { Vec::new() } else { vec![format!("no test sends a request of {family} in plain HTTP.")] }
    }

    fn told(&self, handles: &BTreeSet<(&str, &str)>) -> Vec<String> {
        // `jobs`, `jobs()` and `client.jobs().get(id)` name it; the word in a sentence, a type or a path does not.
        let names = |code: &str, accessor: &str| {
            let rest = code.strip_prefix("client.").unwrap_or(code).strip_prefix(accessor);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("()"))
        };
        let told = |accessor: &str| {
            let mut code = self.changelog.lines().flat_map(|line| line.split('`').skip(1).step_by(2));
            code.any(|code| names(code, accessor))
        };
        let untold = handles.iter().filter(|(_, accessor)| !told(accessor));
        let untold = untold.map(|(_, accessor)| format!("no line names `{accessor}`, in backquotes."));
        no_handle(handles).into_iter().chain(untold).collect()
    }

    fn shown(&self, handles: &BTreeSet<(&str, &str)>) -> Vec<String> {
        let shown = |handle: &str| {
            let starts = [format!("pub {handle}, made by "), format!("pub struct {handle} ")];
            self.interface.lines().any(|line| starts.iter().any(|start| line.starts_with(start.as_str())))
        };
        let hidden = handles.iter().filter(|(handle, _)| !shown(handle));
        let hidden = hidden.map(|(handle, _)| format!("`{handle}` is not in it: run `cargo xtask api`."));
        no_handle(handles).into_iter().chain(hidden).collect()
    }
}

fn no_handle(handles: &BTreeSet<(&str, &str)>) -> Vec<String> {
    if handles.is_empty() { vec!["there is no handle yet.".to_owned()] } else { Vec::new() }
}

/// What the document must state before anything can be generated from it.
fn described(document: &Value, paths: &[(String, String)]) -> Vec<String> {
    let mut missing = Vec::new();
    for (path, method) in paths {
        let Some(operation) = document.get("paths").and_then(|paths| paths.get(path)?.get(method)) else { continue };
        let place = format!("{} {path}", method.to_uppercase());
        if operation.get("operationId").is_none() {
            missing.push(format!("{place} has no operationId."));
        }
        if method == "get" && is_list(document, operation) && operation.get("x-pagination").is_none() {
            missing.push(format!("{place} responds with a list and has no x-pagination."));
        }
    }
    missing
}

fn is_list(document: &Value, operation: &Value) -> bool {
    entries(operation, "responses").filter(|(status, _)| status.starts_with('2')).any(|(_, response)| {
        let schema = response.get("content").and_then(|content| content.get("application/json")?.get("schema"));
        let schema = schema.and_then(|schema| resolve(document, schema));
        schema.and_then(|schema| schema.get("type")).and_then(Value::as_str) == Some("array")
    })
}

fn sentence(names: &[String], say: impl FnOnce(String) -> String) -> Vec<String> {
    if names.is_empty() { Vec::new() } else { vec![say(names.join(", "))] }
}

fn dense(text: &str) -> String {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.flat_map(str::chars).filter(|c| !c.is_whitespace()).collect()
}

/// Numbers of operations stated in documents for readers that differ from the document.
pub fn told_numbers(io: &dyn Io, operations: usize) -> Vec<String> {
    let told = [("README.md", " known operations"), ("tests/emulator/README.md", " operations have behavior")];
    let wrong = told.iter().filter_map(|(path, words)| {
        let text = read_text(io, path).ok()?;
        let before = text.split_once(words).map(|(before, _)| before);
        let number = before.and_then(|before| before.split_whitespace().last());
        (number != Some(&operations.to_string()))
            .then(|| format!("{path} must say \"{operations}{words}\", which is the number of the document."))
    });
    wrong.collect()
}

/// The places of one family, as a checklist.
pub fn checklist(family: &str, places: &[Place]) -> String {
    let mut text = format!("{family}, by the steps of CONTRIBUTING.md:\n\n");
    for Place { number, name, missing } in places {
        let mark = if missing.is_empty() { "there  " } else { "MISSING" };
        text.push_str(&format!("{number}  {mark}  {name}\n"));
        missing.iter().for_each(|missing| text.push_str(&format!("            {missing}\n")));
    }
    text
}
