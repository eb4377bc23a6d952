//! Operations without a facade method, each with its reason.

use super::table::Row;
use crate::document::parse_yaml;
use std::collections::BTreeMap;

#[derive(Debug, Default)]
pub struct Exceptions {
    families: BTreeMap<String, String>,
    operations: BTreeMap<String, String>,
}

impl Exceptions {
    /// Reads a list of `{family or operation, reason}`.
    pub fn parse(name: &str, text: &str) -> Result<Self, String> {
        let document = parse_yaml(name, text)?;
        let mut exceptions = Self::default();
        let list = document.as_array().ok_or_else(|| format!("{name} must be a list of exceptions."))?;
        for (index, entry) in list.iter().enumerate() {
            let field = |key: &str| {
                entry.get(key).and_then(|value| value.as_str()).map(str::trim).filter(|text| !text.is_empty())
            };
            let reason =
                field("reason").ok_or_else(|| format!("{name}: exception {} has no reason; say why.", index + 1))?;
            let before = match (field("family"), field("operation")) {
                (Some(family), None) => exceptions.families.insert(family.to_owned(), reason.to_owned()),
                (None, Some(operation)) => exceptions.operations.insert(operation.to_owned(), reason.to_owned()),
                _ => return Err(format!("{name}: exception {} needs either `family` or `operation`.", index + 1)),
            };
            if before.is_some() {
                return Err(format!("{name}: exception {} is listed twice.", index + 1));
            }
        }
        Ok(exceptions)
    }

    pub fn reason(&self, id: &str, family: &str) -> Option<&str> {
        self.operations.get(id).or_else(|| self.families.get(family)).map(String::as_str)
    }

    /// Exceptions that excuse nothing, as sentences.
    pub fn needless(&self, rows: &[Row]) -> Vec<String> {
        let excuses = |found: &dyn Fn(&Row) -> bool| rows.iter().any(|row| found(row) && row.facade.is_empty());
        let families = self.families.keys().filter(|family| !excuses(&|row: &Row| row.family == **family));
        let operations = self.operations.keys().filter(|id| !excuses(&|row: &Row| row.id == **id));
        let sentence = |kind: &str, name: &str| {
            format!(
                "The exception for the {kind} `{name}` is not needed: it has facade methods or does not exist. Remove it."
            )
        };
        families
            .map(|name| sentence("family", name))
            .chain(operations.map(|name| sentence("operation", name)))
            .collect()
    }
}
