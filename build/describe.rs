//! Adds a sentence to every generated type and union branch that the document does not describe.

use std::collections::BTreeSet;

use super::methods::methods;
use super::names::pascal;
use super::syntax::{docs, generic_argument, last_ident, types_module};
use super::types::with_docs;

/// Describes everything that has no description, or only its own name.
pub fn types(file: &mut syn::File) {
    let places = places(file);
    let ours: BTreeSet<String> = names(file);
    for item in types_module(file).into_iter().flatten() {
        let (ident, attrs) = match item {
            syn::Item::Struct(declared) => (&declared.ident, &mut declared.attrs),
            syn::Item::Enum(declared) => {
                declared.variants.iter_mut().for_each(|variant| branch(variant, |ty| ours.contains(ty)));
                (&declared.ident, &mut declared.attrs)
            }
            _ => continue,
        };
        let name = ident.to_string();
        if says_more_than(&docs(attrs), &name) {
            *attrs = with_docs(attrs);
            continue;
        }
        let place = places.iter().find(|(found, _)| *found == name).map(|(_, place)| place.as_str());
        let text = format!(" {}", place.unwrap_or("A value that the API description does not describe."));
        attrs.retain(|attr| !attr.path().is_ident("doc"));
        attrs.insert(0, syn::parse_quote!(#[doc = #text]));
    }
}

fn names(file: &mut syn::File) -> BTreeSet<String> {
    let names = types_module(file).into_iter().flatten().filter_map(|item| match item {
        syn::Item::Struct(declared) => Some(declared.ident.to_string()),
        syn::Item::Enum(declared) => Some(declared.ident.to_string()),
        _ => None,
    });
    names.collect()
}

/// Whether a description is more than the name of the type.
fn says_more_than(text: &[String], name: &str) -> bool {
    text.iter().any(|line| !line.trim().is_empty() && line.trim().trim_matches('`') != name)
}

fn branch(variant: &mut syn::Variant, is_ours: impl Fn(&str) -> bool) {
    for field in variant.fields.iter_mut() {
        if let Some(ident) = &field.ident
            && docs(&field.attrs).is_empty()
        {
            let text = property(&ident.to_string());
            field.attrs.insert(0, syn::parse_quote!(#[doc = #text]));
        }
    }
    if !docs(&variant.attrs).is_empty() {
        return;
    }
    let inner = variant.fields.iter().next().and_then(|field| last_ident(&field.ty));
    let text = match (variant.ident.to_string().as_str(), inner.as_deref()) {
        ("Other", _) => " Anything else, as it was sent.".to_owned(),
        (_, Some("Vec")) => " A list.".to_owned(),
        (_, Some("String")) => " A string.".to_owned(),
        (_, Some("i64" | "f64")) => " A number.".to_owned(),
        (_, Some("bool")) => " True or false.".to_owned(),
        (_, Some(ty)) if is_ours(ty) => format!(" As [`{ty}`]."),
        (name, _) => format!(" The form `{name}`."),
    };
    variant.attrs.insert(0, syn::parse_quote!(#[doc = #text]));
}

/// The description of a property that the document does not describe.
pub fn property(name: &str) -> String {
    format!(" `{}` on the wire; the API description does not describe it.", name.escape_debug())
}

/// Types and where each is used: in the body or response of an operation, or in a property of another type.
fn places(file: &mut syn::File) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for method in methods(file) {
        let request = pascal(&method.name);
        let request = format!("[`{request}`](super::requests::{request})");
        let body = method.inputs.iter().find(|(name, _)| name == "body").map(|(_, ty)| ty);
        found.extend(body.and_then(|ty| place(ty, &format!("body of {request}"))));
        found.extend(place(&method.output, &format!("response to {request}")));
    }
    for item in types_module(file).into_iter().flatten() {
        let syn::Item::Struct(declared) = item else { continue };
        for field in &declared.fields {
            let Some(name) = &field.ident else { continue };
            found.extend(place(&field.ty, &format!("`{name}` of [`{}`]", declared.ident)));
        }
    }
    found
}

/// The type used in a place, itself or as the element of a list.
fn place(ty: &syn::Type, of: &str) -> Option<(String, String)> {
    let ty = match ty {
        syn::Type::Reference(reference) => &reference.elem,
        plain => plain,
    };
    let ty = generic_argument(ty, "Option").unwrap_or(ty);
    match generic_argument(ty, "Vec") {
        Some(item) => Some((last_ident(item)?, format!("One element of the {of}."))),
        None => Some((last_ident(ty)?, format!("The {of}."))),
    }
}
