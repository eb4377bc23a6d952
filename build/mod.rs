//! Turns the resolved OpenAPI document into the source of the raw layer: progenitor, then our own pass over its output.
//!
//! `build.rs` and `xtask` both include this module, so what an update checks is what a build produces.

mod enums;
mod fields;
mod lint;
mod normalize;
mod operations;
mod raw_client;
mod requests;
mod rust_names;
mod samples;
mod schema_walk;
mod syntax;
mod types;

use std::panic::{AssertUnwindSafe, catch_unwind};

use progenitor::{GenerationSettings, Generator, InterfaceStyle, TagStyle, TypeImpl};
use serde_json::{Value, json};

pub use lint::{Finding, lint};
pub use operations::Operation;

/// The outcome of a generation.
pub struct Generated {
    /// Rust source of the raw layer, formatted.
    pub code: String,
    /// The operations of the document, in the order of their ids.
    pub operations: Vec<Operation>,
}

/// Generates the raw layer.
///
/// # Errors
/// Everything that keeps the document from being generated, each with the place in the document.
pub fn generate(document: &Value) -> Result<Generated, Vec<Finding>> {
    let fatal: Vec<Finding> = lint(document).into_iter().filter(|finding| finding.fatal).collect();
    if !fatal.is_empty() {
        return Err(fatal);
    }
    let document = &rust_names::apply(document)?;
    let operations = operations::table(document);
    let mut normal = document.clone();
    let ids = normalize::normalize(&mut normal);
    let raw = run_progenitor(&normal, ids.keys()).map_err(|message| vec![give_up(&message)])?;
    let mut file: syn::File = syn::parse2(raw).map_err(|e| vec![give_up(&e.to_string())])?;
    types::rewrite(&mut file, &operations, document);
    enums::open(&mut file);
    requests::add(&mut file, &operations).map_err(|message| vec![give_up(&message)])?;
    samples::add(&mut file, &operations).map_err(|message| vec![give_up(&message)])?;
    raw_client::rewrite(&mut file).map_err(|message| vec![give_up(&message)])?;
    operations::add_table(&mut file, &operations);
    types::add_ids(&mut file, &ids);
    Ok(Generated { code: prettyplease::unparse(&file), operations })
}

fn give_up(message: &str) -> Finding {
    Finding {
        pointer: String::new(),
        message: format!(
            "the code generator cannot take this document: {message}; repair the place in spec/overlay.yaml (`cargo xtask spec-lint` names what is known to fail)"
        ),
        fix: None,
        fatal: true,
    }
}

/// Runs progenitor. It panics on some input, which must not end a maintainer's command without a sentence.
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
    match catch_unwind(AssertUnwindSafe(|| Generator::new(&settings).generate_tokens(&spec))) {
        Ok(tokens) => tokens.map_err(|e| e.to_string()),
        Err(panic) => Err(panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("it stopped without a message")
            .to_owned()),
    }
}

/// Gives a string format a type of ours, nullable or not.
fn convert(settings: &mut GenerationSettings, format: &str, ty: &str, impls: &[TypeImpl]) -> Result<(), String> {
    let schema = serde_json::from_value(json!({"type": "string", "format": format})).map_err(|e| e.to_string())?;
    settings.with_conversion(schema, ty, impls.iter().copied());
    Ok(())
}
