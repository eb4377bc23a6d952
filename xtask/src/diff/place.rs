//! Where a schema is, for people and for the Rust items made from it.

use super::change::{Recorder, Subject};
use super::rules::Rule;
use crate::codegen::uses::Use;
use crate::naming::{field, pascal};

/// Where a schema is, on both sides of the comparison.
#[derive(Clone)]
pub struct Place {
    pub subject: Subject,
    pub used: Use,
    /// The type made from an object or enum at this place, as the generator names it.
    pub type_name: String,
    /// The path to here within the subject, for people.
    path: String,
    /// The Rust item that holds this place: a type or a field.
    item: String,
    /// An optional property: it is an `Option` whether or not it is nullable.
    pub optional: bool,
    /// A component: its type is not named by its title.
    pub component: bool,
}

impl Place {
    /// A component schema.
    pub fn root(subject: Subject, used: Use, type_name: String) -> Self {
        let item = format!("types::{type_name}");
        Self { subject, used, type_name, path: String::new(), item, optional: false, component: true }
    }

    /// The schema of a parameter, body or response; `path` is its name.
    pub fn part(subject: Subject, used: Use, path: String, type_name: String, item: String) -> Self {
        Self { subject, used, type_name, path, item, optional: false, component: false }
    }

    pub fn property(&self, name: &str, optional: bool) -> Self {
        let path = if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) };
        Self {
            path,
            item: format!("types::{}::{}", self.type_name, field(name)),
            type_name: format!("{}{}", self.type_name, pascal(name)),
            optional,
            component: false,
            ..self.clone()
        }
    }

    pub fn below(&self, mark: &str, suffix: &str) -> Self {
        Self {
            path: format!("{}{mark}", self.path),
            type_name: format!("{}{suffix}", self.type_name),
            optional: false,
            component: false,
            ..self.clone()
        }
    }

    /// Records a change of this place.
    pub fn note(&self, recorder: &mut Recorder<'_>, rule: Rule, text: &str) {
        self.note_items(recorder, rule, text, vec![self.item.clone()]);
    }

    /// Records a change of the type made from this place.
    pub fn note_type(&self, recorder: &mut Recorder<'_>, rule: Rule, text: &str) {
        self.note_items(recorder, rule, text, vec![format!("types::{}", self.type_name)]);
    }

    /// The Rust item that holds this place.
    pub fn item(&self) -> &str {
        &self.item
    }

    pub fn note_items(&self, recorder: &mut Recorder<'_>, rule: Rule, text: &str, items: Vec<String>) {
        let text = if self.path.is_empty() { text.to_owned() } else { format!("`{}` {text}", self.path) };
        recorder.add_used(self.subject.clone(), rule, self.used, text, items);
    }
}
