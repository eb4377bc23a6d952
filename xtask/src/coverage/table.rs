//! The table.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;

pub struct Row {
    pub id: String,
    pub family: String,
    pub facade: Vec<String>,
    pub tests: Vec<String>,
    pub examples: Vec<String>,
    pub excuse: Option<String>,
}

impl Row {
    pub fn complaint(&self) -> Option<String> {
        if !self.facade.is_empty() || self.excuse.is_some() {
            return None;
        }
        let Self { id, family, .. } = self;
        Some(format!(
            "`{id}` ({family}) has no facade method: write one in src/resources/, or list it in \
             xtask/coverage-exceptions.yaml with a reason."
        ))
    }
}

pub fn markdown(rows: &[Row], over_all: &[&str]) -> String {
    let mut by_family: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        by_family.entry(&row.family).or_default().push(row);
    }
    let mut text = "| Operation | Facade | Tests | Examples |\n|---|---|---|---|\n".to_owned();
    for (family, rows) in by_family {
        let covered = rows.iter().filter(|row| !row.facade.is_empty()).count();
        let _ = writeln!(text, "| **{family}** | {covered} of {} | | |", rows.len());
        for row in rows {
            let none = if row.excuse.is_some() { "excused" } else { "-" };
            let facade = if row.facade.is_empty() { none.to_owned() } else { code(&row.facade) };
            let _ = writeln!(text, "| `{}` | {facade} | {} | {} |", row.id, names(&row.tests), names(&row.examples));
        }
    }
    let count = |has: fn(&Row) -> bool| rows.iter().filter(|row| has(row)).count();
    let _ = writeln!(
        text,
        "\n{} operations: {} with a facade method, {} excused; {} named in a test, {} in an example.",
        rows.len(),
        count(|row| !row.facade.is_empty()),
        count(|row| row.facade.is_empty() && row.excuse.is_some()),
        count(|row| !row.tests.is_empty()),
        count(|row| !row.examples.is_empty()),
    );
    if !over_all.is_empty() {
        let _ = writeln!(text, "Every operation is called by: {}.", over_all.join(", "));
    }
    text
}

pub fn json(rows: &[Row], over_all: &[&str], complaints: &[String]) -> Value {
    let row = |row: &Row| {
        let Row { id, family, facade, tests, examples, excuse } = row;
        json!({"operation": id, "family": family, "facade": facade, "tests": tests, "examples": examples, "excuse": excuse})
    };
    json!({"operations": rows.iter().map(row).collect::<Vec<_>>(), "testsOfAll": over_all, "complaints": complaints})
}

fn code(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// File names without their directories, which the columns imply.
fn names(paths: &[String]) -> String {
    if paths.is_empty() {
        return "-".to_owned();
    }
    paths.iter().map(|path| path.split_once('/').map_or(path.as_str(), |(_, rest)| rest)).collect::<Vec<_>>().join(", ")
}
