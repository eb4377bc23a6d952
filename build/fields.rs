//! How a field is read, written and displayed, determined by its type alone.

use std::collections::BTreeSet;

use super::names::plural;
use super::syntax::{doc_attrs, docs, drop_serde_key, generic_argument, is_path, last_ident, serde_key};
use super::types::Fact;
use super::uses::Use;

/// What is known about the types of fields.
pub struct Types {
    /// The enums with known values.
    pub enums: BTreeSet<String>,
}

/// Rewrites one field: facts of the overlay, lenient reading, secret values, the three states of a PATCH.
pub fn rewrite(field: &mut syn::Field, uses: Use, types: &Types, fact: Option<&Fact>) {
    apply(field, fact);
    plain_plural(field);
    if uses.patch {
        three_states(field);
    }
    let optional = generic_argument(&field.ty, "Option").or_else(|| generic_argument(&field.ty, "Patch"));
    let is_patch = last_ident(&field.ty).as_deref() == Some("Patch");
    let (base, optional) = (optional.unwrap_or(&field.ty).clone(), optional.is_some());
    let integer = matches!(last_ident(&base).as_deref(), Some("i64" | "i32" | "u64" | "u32"));
    let collection = matches!(last_ident(&base).as_deref(), Some("Vec" | "BTreeMap" | "Map"));
    let known_values = last_ident(&base).is_some_and(|name| types.enums.contains(&name));
    let empty = !optional && fact.is_some_and(|fact| fact.empty_if_missing);
    let text_like = is_path(&base, "crate", "Timestamp") || base_is_id(&base);
    if has_secret(&field.ty) {
        hide(field, uses);
    }
    if is_patch {
        return;
    }
    let with = match (optional, integer, collection, text_like) {
        (true, true, ..) => "crate::de::integer_option",
        (true, _, _, true) => "crate::de::blank_is_none",
        (false, true, ..) => "crate::de::integer",
        (false, _, true, _) => "crate::de::null_is_empty",
        // A missing state is an unknown state.
        _ if !optional && (known_values || empty) => "crate::de::null_is_empty",
        _ => return,
    };
    // The generator reads a required nullable value with a function of its own, so that it must be present; so do we.
    let must_be_there = drop_serde_key(&mut field.attrs, "deserialize_with");
    // A catch-all map takes the remaining properties and cannot be absent.
    let flat = serde_key(&field.attrs, "flatten").is_some();
    if flat {
        return;
    }
    if !must_be_there && (optional || collection || known_values || empty) {
        drop_serde_key(&mut field.attrs, "default");
        field.attrs.push(syn::parse_quote!(#[serde(default)]));
    }
    field.attrs.push(syn::parse_quote!(#[serde(deserialize_with = #with)]));
}

const NOT_WRITTEN: &str = "Left out when the value is written, so that a stored response contains no secret.";
/// A value with secrets is written in full when it is sent, and left out otherwise.
fn hide(field: &mut syn::Field, uses: Use) {
    if uses.request {
        field.attrs.push(syn::parse_quote!(#[serde(serialize_with = "crate::secret::expose")]));
    } else {
        field.attrs.extend(doc_attrs(&[String::new(), NOT_WRITTEN.to_owned()]));
        field.attrs.push(syn::parse_quote!(#[serde(skip_serializing)]));
    }
}

/// The same for a type that consists of the value alone, which cannot be left out.
pub fn hide_whole(field: &mut syn::Field, uses: Use) {
    let with = if uses.request { "crate::secret::expose" } else { "crate::secret::redact" };
    field.attrs.push(syn::parse_quote!(#[serde(serialize_with = #with)]));
}

/// The same for the branches of a union.
pub fn hide_in_branches(union: &mut syn::ItemEnum, uses: Use) {
    for variant in &mut union.variants {
        let is_whole = matches!(variant.fields, syn::Fields::Unnamed(_));
        for field in variant.fields.iter_mut().filter(|field| has_secret(&field.ty)) {
            if is_whole { hide_whole(field, uses) } else { hide(field, uses) }
        }
    }
}

/// Whether a type is a secret or contains one.
pub fn has_secret(ty: &syn::Type) -> bool {
    if is_path(ty, "crate", "Secret") {
        return true;
    }
    let syn::Type::Path(path) = ty else { return false };
    path.path.segments.iter().any(|segment| match &segment.arguments {
        syn::PathArguments::AngleBracketed(arguments) => arguments
            .args
            .iter()
            .any(|argument| matches!(argument, syn::GenericArgument::Type(inner) if has_secret(inner))),
        _ => false,
    })
}

/// The name on the wire stays in the serde attribute.
fn plain_plural(field: &mut syn::Field) {
    if let Some(ident) = &mut field.ident
        && ident.to_string().ends_with("_i_ds")
    {
        *ident = quote::format_ident!("{}", plural(&ident.to_string()));
    }
}

fn base_is_id(ty: &syn::Type) -> bool {
    let syn::Type::Path(path) = ty else { return false };
    path.path.segments.iter().any(|segment| segment.ident == "ids")
}

/// Restores the description if the generator dropped it, and adds the older keys.
fn apply(field: &mut syn::Field, fact: Option<&Fact>) {
    let mut lines = docs(&field.attrs);
    let (description, aliases) =
        fact.map_or((None, &[][..]), |fact| (fact.description.as_deref(), fact.aliases.as_slice()));
    if lines.is_empty() {
        lines = description.unwrap_or_default().lines().map(str::to_owned).collect();
    }
    if lines.iter().all(|line| line.trim().is_empty()) {
        lines = vec![match serde_key(&field.attrs, "flatten") {
            Some(_) => "Properties that the API description does not name.".to_owned(),
            None => super::describe::property(&super::types::wire_name(field)),
        }];
    }
    field.attrs.retain(|attr| !attr.path().is_ident("doc"));
    let mut attrs = doc_attrs(&lines);
    attrs.append(&mut field.attrs);
    field.attrs = attrs;
    for alias in aliases {
        field.attrs.push(syn::parse_quote!(#[serde(alias = #alias)]));
    }
}

/// `Option<T>` of a PATCH body becomes `Patch<T>`.
fn three_states(field: &mut syn::Field) {
    let Some(inner) = generic_argument(&field.ty, "Option").cloned() else { return };
    let rename = serde_key(&field.attrs, "rename");
    field.ty = syn::parse_quote!(crate::Patch<#inner>);
    field.attrs.retain(|attr| !attr.path().is_ident("serde"));
    if let Some(rename) = rename {
        field.attrs.push(syn::parse_quote!(#[serde(rename = #rename)]));
    }
    field.attrs.push(syn::parse_quote!(#[serde(default, skip_serializing_if = "crate::Patch::is_absent")]));
}
