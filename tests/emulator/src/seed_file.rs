//! Seeds: the initial contents of an emulator, as JSON.

use std::fmt;
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::emulator::Emulator;
use crate::spec::{IssueKind, Spec};

/// What is wrong with a seed, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedError {
    /// Name of the file.
    pub(crate) file: Option<String>,
    /// The line in the file, counting from one.
    pub(crate) line: Option<usize>,
    /// Path of the value, such as `workspace_groups[0].nmae`.
    key: String,
    problem: String,
}

impl SeedError {
    fn new(key: impl Into<String>, problem: impl fmt::Display) -> SeedError {
        SeedError { file: None, line: None, key: key.into(), problem: problem.to_string() }
    }
}

impl fmt::Display for SeedError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(formatter, "{file}:")?;
        }
        if let Some(line) = self.line {
            write!(formatter, "{line}:")?;
        }
        if self.file.is_some() || self.line.is_some() {
            write!(formatter, " ")?;
        }
        if !self.key.is_empty() {
            write!(formatter, "{}: ", self.key)?;
        }
        formatter.write_str(&self.problem)
    }
}

impl std::error::Error for SeedError {}

/// Inserts the contents of a seed; an error names the line.
pub(crate) fn apply_text(emulator: &Emulator, text: &str) -> Result<(), SeedError> {
    let value: Value = serde_json::from_str(text)
        .map_err(|error| SeedError { line: Some(error.line()), ..SeedError::new("", error) })?;
    apply(emulator, &value).map_err(|error| SeedError { line: line_of(text, &error.key), ..error })
}

/// The line of the last name of a path, searched for after the names before it.
fn line_of(text: &str, key: &str) -> Option<usize> {
    let mut at = 0;
    for name in key.split(['.', '[', ']']).filter(|name| !name.is_empty()) {
        match name.parse::<usize>() {
            // Each element of a list of objects begins with a brace.
            Ok(index) => {
                for _ in 0..=index {
                    at += text.get(at..)?.find('{').map_or(0, |found| found + 1);
                }
            }
            Err(_) => at += text.get(at..)?.find(&format!("\"{name}\"")).map_or(0, |found| found + 1),
        }
    }
    Some(text.get(..at)?.matches('\n').count() + 1)
}

/// Inserts the contents of a file; an error names it.
pub(crate) fn apply_file(emulator: &Emulator, path: &Path) -> Result<(), SeedError> {
    let file = Some(path.display().to_string());
    let text =
        std::fs::read_to_string(path).map_err(|error| SeedError { file: file.clone(), ..SeedError::new("", error) })?;
    apply_text(emulator, &text).map_err(|error| SeedError { file, ..error })
}

const KEYS: &str = "workspace_groups, workspaces, clusters, items, files, audit_logs, groups";

/// Inserts the contents of a seed.
pub(crate) fn apply(emulator: &Emulator, seed: &Value) -> Result<(), SeedError> {
    let seed = seed.as_object().ok_or_else(|| SeedError::new("", "a seed must be an object"))?;
    for (key, value) in seed {
        match key.as_str() {
            "workspace_groups" => each(key, value, |place, value| group(emulator, place, value))?,
            "workspaces" => each(key, value, |place, value| workspace(emulator, place, value))?,
            "clusters" => each(key, value, |place, value| {
                known_fields("Cluster", place, value)?;
                put(place, emulator.insert_cluster(value.clone()))
            })?,
            "items" => {
                for (kind, values) in object(key, value)? {
                    each(&format!("{key}.{kind}"), values, |place, value| {
                        put(place, emulator.insert(kind, value.clone()))
                    })?;
                }
            }
            "files" => files(emulator, key, value)?,
            "audit_logs" => emulator.seed_audit_logs(count(key, value)?),
            "groups" => emulator.seed_workspace_groups(count(key, value)?),
            _ => return Err(SeedError::new(key, format!("unknown key; the keys are {KEYS}"))),
        }
    }
    Ok(())
}

fn put<T>(place: &str, outcome: Result<T, crate::state::InsertError>) -> Result<(), SeedError> {
    outcome.map(|_| ()).map_err(|error| SeedError::new(place, error))
}

fn object<'a>(place: &str, value: &'a Value) -> Result<&'a Map<String, Value>, SeedError> {
    value.as_object().ok_or_else(|| SeedError::new(place, "must be an object"))
}

fn each(
    place: &str,
    value: &Value,
    mut act: impl FnMut(&str, &Value) -> Result<(), SeedError>,
) -> Result<(), SeedError> {
    let values = value.as_array().ok_or_else(|| SeedError::new(place, "must be a list"))?;
    values.iter().enumerate().try_for_each(|(index, value)| act(&format!("{place}[{index}]"), value))
}

fn count(place: &str, value: &Value) -> Result<usize, SeedError> {
    let count = value.as_u64().and_then(|count| usize::try_from(count).ok()).filter(|count| *count <= 1_000_000);
    count.ok_or_else(|| SeedError::new(place, "must be a whole number up to 1,000,000"))
}

fn known_fields(schema: &str, place: &str, value: &Value) -> Result<(), SeedError> {
    let spec = Spec::load().map_err(|problem| SeedError::new(place, problem))?;
    let schema = json!({"$ref": format!("#/components/schemas/{schema}")});
    // Missing fields are filled in; those present must be known and well-formed.
    let wrong = spec
        .validate(&schema, value)
        .into_iter()
        .find(|issue| !matches!(issue.kind, IssueKind::Missing | IssueKind::Null | IssueKind::NullForAbsent));
    match wrong {
        None => Ok(()),
        Some(issue) => Err(SeedError::new(format!("{place}{}", issue.pointer.replace('/', ".")), issue.message)),
    }
}

fn group(emulator: &Emulator, place: &str, value: &Value) -> Result<(), SeedError> {
    let mut fields = object(place, value)?.clone();
    let inner = fields.remove("workspaces");
    let fields = Value::Object(fields);
    known_fields("WorkspaceGroup", place, &fields)?;
    let id = emulator.insert_workspace_group(fields).map_err(|error| SeedError::new(place, error))?;
    let Some(inner) = inner else { return Ok(()) };
    each(&format!("{place}.workspaces"), &inner, |place, value| {
        let mut fields = object(place, value)?.clone();
        fields.insert("workspaceGroupID".to_owned(), id.clone().into());
        workspace(emulator, place, &Value::Object(fields))
    })
}

fn workspace(emulator: &Emulator, place: &str, value: &Value) -> Result<(), SeedError> {
    known_fields("Workspace", place, value)?;
    put(place, emulator.insert_workspace(value.clone()))
}

/// Spaces by name, each with its files by path; Stage spaces are `stage/<deployment id>`.
fn files(emulator: &Emulator, place: &str, value: &Value) -> Result<(), SeedError> {
    for (space, files) in object(place, value)? {
        for (path, content) in object(&format!("{place}.{space}"), files)? {
            let place = format!("{place}.{space}.{path}");
            let content = content.as_str().ok_or_else(|| SeedError::new(&place, "the content must be a string"))?;
            put(&place, emulator.insert_file(space, path, content))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_put_in_and_a_mistake_is_named_by_line_and_key() {
        let emulator = Emulator::start().unwrap();
        let good = r#"{"workspace_groups": [{"name": "g", "workspaces": [{"name": "w", "size": "S-1"}]}],
            "files": {"files/shared": {"a.txt": "x"}}, "audit_logs": 3, "groups": 2}"#;
        apply_text(&emulator, good).unwrap();
        assert_eq!((emulator.live_count("workspace"), emulator.live_count("workspace_group")), (1, 3));
        assert_eq!(emulator.file("files/shared", "a.txt"), Some(b"x".to_vec()));
        let error = |text: &str| apply_text(&emulator, text).unwrap_err().to_string();
        assert!(
            error("{\n\"clusterz\": []}").starts_with("2: clusterz: unknown key"),
            "{}",
            error("{\n\"clusterz\": []}")
        );
        let deep = error("{\n\"workspace_groups\": [\n{\"name\": \"a\"},\n{\"name\": \"b\",\n\"nmae\": 1}]}");
        assert!(deep.starts_with("5: workspace_groups[1].nmae: unknown field"), "{deep}");
        assert!(error("{\n\n,}").starts_with("3: "));
        assert!(error(r#"{"files": {"files/typo": {"a": "b"}}}"#).contains("no space"));
        assert!(error(r#"{"items": {"typo": [{}]}}"#).contains("no kind"));
    }
}
