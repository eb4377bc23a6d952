//! Turns the resolved OpenAPI document into the source of the raw layer: progenitor, then our own pass over its output.
//!
//! `build.rs` and `xtask` both include this module, so an update checks exactly what a build produces.

mod argument;
mod by_serde;
mod components;
mod describe;
mod enums;
mod fields;
mod inline;
mod lists;
mod methods;
pub mod names;
mod normalize;
mod objects;
pub mod openapi;
mod operations;
pub mod parameters;
mod place;
mod raw_client;
mod raw_parts;
mod requests;
pub mod rust_names;
mod samples;
mod schema_walk;
pub mod setters;
mod syntax;
mod table;
pub mod tidy;
mod told;
mod types;
mod unions;
pub mod uses;
mod written;

use std::panic::{AssertUnwindSafe, catch_unwind};

use progenitor::{GenerationSettings, Generator, InterfaceStyle, TagStyle, TypeImpl};
use serde_json::{Value, json};

/// The outcome of a generation.
#[derive(Debug)]
pub struct Generated {
    /// Rust source of the raw layer, formatted.
    pub code: String,
    /// For the tests of the crate: a module that calls every operation.
    pub samples: String,
    /// How many operations the document has.
    pub operations: usize,
}

/// Why code cannot be generated from a document.
#[derive(Debug)]
pub struct Failure {
    /// JSON pointer of the place; empty when it is the whole document.
    pub pointer: String,
    /// A sentence.
    pub message: String,
}

/// Generates the raw layer.
///
/// # Errors
/// What prevents generation, with the place in the document.
pub fn generate(document: &Value) -> Result<Generated, Failure> {
    let document = &rust_names::apply(document).map_err(|mut failures| failures.swap_remove(0))?;
    write(document).map_err(|message| {
        let first = message.clone();
        // Only an identical failure is the same failure: a part may lack what the whole has.
        let fails = |part: &Value| write(part).err().is_some_and(|message| message == first);
        Failure {
            pointer: place::of_failure(document, &fails),
            message: format!(
                "the code generator cannot take this document: {message}; repair the place in spec/overlay.yaml (`cargo xtask \
                 spec-lint` names what is known to fail)"
            ),
        }
    })
}

/// The generator panics on some input, which must not end a maintainer's command without a message.
fn write(document: &Value) -> Result<Generated, String> {
    catch_unwind(AssertUnwindSafe(|| write_all(document))).unwrap_or_else(|panic| {
        let message = panic.downcast_ref::<String>().map(String::as_str);
        let message = message.or_else(|| panic.downcast_ref::<&str>().copied());
        Err(message.unwrap_or("it stopped without a message").to_owned())
    })
}

fn write_all(document: &Value) -> Result<Generated, String> {
    let mut document = document.clone();
    texts(&mut document);
    let document = &document;
    let operations = operations::table(document);
    let mut normal = document.clone();
    let ids = normalize::normalize(&mut normal);
    let raw = run_progenitor(&normal, ids.keys())?;
    let mut file: syn::File = syn::parse2(raw).map_err(|e| e.to_string())?;
    describe::types(&mut file);
    types::rewrite(&mut file, document);
    objects::read_by_table(&mut file);
    by_serde::read(&mut file, document)?;
    enums::open(&mut file);
    let samples = samples::module(&file, &operations)?;
    requests::add(&mut file, &operations)?;
    raw_client::rewrite(&mut file, &operations)?;
    operations::add_table(&mut file, &operations);
    types::add_ids(&mut file, &ids);
    written::by_table(&mut file)?;
    inline::mark(&mut file);
    let samples = prettyplease::unparse(&samples);
    let code = format!("// @generated from spec/openapi.json.\n{}", prettyplease::unparse(&file));
    Ok(Generated { code, samples, operations: operations.len() })
}

/// Control characters, including bidirectional ones.
pub fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}')
}

/// Removes from the document's texts what a compiler does not allow in a comment: control characters, including
/// bidirectional ones.
fn texts(value: &mut Value) {
    let is_bad = |c: char| is_unseen(c) && c != '\n' && c != '\t';
    match value {
        Value::Object(map) => {
            for (key, inner) in map.iter_mut() {
                match inner {
                    Value::String(text) if ["description", "summary", "title", "version"].contains(&key.as_str()) => {
                        if text.contains(is_bad) {
                            *text = text.replace("\r\n", "\n").replace('\r', "\n").replace(is_bad, "");
                        }
                    }
                    other => texts(other),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(texts),
        _ => {}
    }
}

fn run_progenitor<'a>(
    document: &Value,
    ids: impl Iterator<Item = &'a String>,
) -> Result<proc_macro2::TokenStream, String> {
    let spec: openapiv3::OpenAPI = serde_json::from_value(document.clone()).map_err(|e| e.to_string())?;
    let mut settings = GenerationSettings::default();
    settings
        .with_interface(InterfaceStyle::Positional)
        .with_tag(TagStyle::Merged)
        .with_map_type("::std::collections::BTreeMap")
        .with_derive("PartialEq");
    let text = [TypeImpl::FromStr, TypeImpl::Display];
    convert(&mut settings, "date-time", "crate::Timestamp", &text)?;
    convert(&mut settings, "password", "crate::Secret", &[])?;
    for id in ids {
        convert(&mut settings, &format!("{}{id}", normalize::ID_FORMAT), &format!("crate::raw::ids::{id}"), &text)?;
    }
    Generator::new(&settings).generate_tokens(&spec).map_err(|e| e.to_string())
}

/// Maps a string format to a type of ours, nullable or not.
fn convert(settings: &mut GenerationSettings, format: &str, ty: &str, impls: &[TypeImpl]) -> Result<(), String> {
    let schema = serde_json::from_value(json!({"type": "string", "format": format})).map_err(|e| e.to_string())?;
    settings.with_conversion(schema, ty, impls.iter().copied());
    Ok(())
}
