//! Published document + overlay + names, in memory.

use crate::document::read_openapi;
use crate::naming::{self, Key};
use crate::openapi::sorted;
use crate::overlay::{self, Problem, Recognized};
use serde_json::Value;

#[derive(Debug)]
pub struct Resolved {
    pub published: Value,
    pub document: Value,
    /// Rules that do not fit.
    pub problems: Vec<Problem>,
    /// Operations without a name.
    pub nameless: Vec<(Key, String)>,
    pub recognized: Vec<Recognized>,
    /// Schemas that only the overlay has and nothing uses, with the place of the rule.
    pub unused: Vec<(String, String)>,
}

/// Resolves the text of a published document and of an overlay. `name` is used for the document in messages.
pub fn resolve(name: &str, published: &[u8], overlay_name: &str, overlay: &str) -> Result<Resolved, String> {
    let published = read_openapi(name, published)?;
    let mut overlay = overlay::parse(overlay_name, overlay).map_err(|errors| errors.join("\n"))?;
    if let Some(other) = overlay.extends.as_deref().filter(|file| *file != "published.yaml") {
        return Err(format!("{overlay_name} extends {other}, but it is applied to published.yaml; write that."));
    }
    let recognized = overlay::recognize(&mut overlay, &published);
    let mut document = published.clone();
    let problems = overlay::apply(&overlay, &mut document);
    let unused = overlay::unused_schemas(&overlay, &document);
    let nameless = naming::name_all(&mut document);
    Ok(Resolved { published, document: sorted(&document), problems, nameless, recognized, unused })
}
