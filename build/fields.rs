//! How a field is read, written and shown, decided by its type alone.

use super::names::plural;
use super::syntax::{doc_attrs, docs, generic_argument, is_path, last_ident, serde_key};
use super::types::Fact;
use super::uses::Use;

/// Rewrites one field: facts of the overlay, lenient reading, secret values, the three states of a PATCH.
pub fn rewrite(field: &mut syn::Field, uses: Use, fact: Option<&Fact>) {
    apply(field, fact);
    plain_plural(field);
    if uses.patch {
        three_states(field);
    }
    let optional = generic_argument(&field.ty, "Option").or_else(|| generic_argument(&field.ty, "Patch"));
    let is_patch = last_ident(&field.ty).as_deref() == Some("Patch");
    let base = optional.unwrap_or(&field.ty).clone();
    let integer = matches!(last_ident(&base).as_deref(), Some("i64" | "i32" | "u64" | "u32"));
    let collection = matches!(last_ident(&base).as_deref(), Some("Vec" | "BTreeMap" | "Map"));
    let text_like = is_path(&base, "crate", "Timestamp") || base_is_id(&base);
    if is_path(&base, "crate", "Secret") {
        let with = match (uses.request, is_patch, optional.is_some()) {
            (true, true, _) => "crate::secret::expose_patch",
            (true, _, true) => "crate::secret::expose_option",
            (true, _, false) => "crate::secret::expose",
            (false, _, true) => "crate::secret::redact_option",
            (false, _, false) => "crate::secret::redact",
        };
        field.attrs.push(syn::parse_quote!(#[serde(serialize_with = #with)]));
    }
    if is_patch {
        return;
    }
    let with = match (optional.is_some(), integer, collection, text_like) {
        (true, true, ..) => "crate::de::integer_option",
        (true, _, _, true) => "crate::de::blank_is_none",
        (false, true, ..) => "crate::de::integer",
        (false, _, true, _) => "crate::de::null_is_empty",
        _ => return,
    };
    if optional.is_some() || collection {
        field.attrs.push(syn::parse_quote!(#[serde(default)]));
    }
    field.attrs.push(syn::parse_quote!(#[serde(deserialize_with = #with)]));
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

/// The description where the generator dropped it, and the older keys.
fn apply(field: &mut syn::Field, fact: Option<&Fact>) {
    let mut lines = docs(&field.attrs);
    let (description, aliases) =
        fact.map_or((None, &[][..]), |fact| (fact.description.as_deref(), fact.aliases.as_slice()));
    if lines.is_empty() {
        lines = description.unwrap_or_default().lines().map(str::to_owned).collect();
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
