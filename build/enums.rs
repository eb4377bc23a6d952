//! Makes string enums open: a value that this version does not know keeps its string.

use std::collections::BTreeSet;

use quote::quote;

use super::syntax::{derives, docs, last_ident, serde_key, trait_name, types_module};

/// The item if it is a string enum.
pub fn plain(item: &syn::Item) -> Option<&syn::ItemEnum> {
    let syn::Item::Enum(declared) = item else { return None };
    let plain = declared.variants.iter().all(|variant| matches!(variant.fields, syn::Fields::Unit));
    (plain && !declared.variants.is_empty() && derives(&declared.attrs, "Deserialize")).then_some(declared)
}

/// The name of the string enum that the macro declares, after rewriting.
pub fn opened(call: &syn::Macro) -> Option<String> {
    call.path.segments.last().filter(|name| name.ident == "open_enum")?;
    let mut tokens = call.tokens.clone().into_iter().skip_while(|token| token.to_string() != "enum");
    tokens.nth(1).map(|name| name.to_string())
}

/// Rewrites every string enum of the types module into a call of `crate::open_enum!`.
pub fn open(file: &mut syn::File) {
    let Some(items) = types_module(file) else { return };
    let mut opened = BTreeSet::new();
    for item in items.iter_mut() {
        let Some(declared) = plain(item) else {
            // A union may gain a branch.
            if let syn::Item::Enum(declared) = item {
                declared.attrs.push(syn::parse_quote!(#[non_exhaustive]));
            }
            continue;
        };
        let name = &declared.ident;
        opened.insert(name.to_string());
        let text: Vec<String> = docs(&declared.attrs);
        let variants = declared.variants.iter().map(|variant| {
            let wire = serde_key(&variant.attrs, "rename").unwrap_or_else(|| variant.ident.to_string());
            let doc = format!("`{wire}` on the wire.");
            // This name is taken by unknown values.
            let ours = variant.ident == "Unrecognized";
            let ident = if ours { quote::format_ident!("UnrecognizedValue") } else { variant.ident.clone() };
            quote!(#[doc = #doc] #ident = #wire)
        });
        *item = syn::parse_quote!(crate::open_enum! { #(#[doc = #text])* pub enum #name { #(#variants),* } });
    }
    // The macro provides its own conversions.
    items.retain(|item| match item {
        syn::Item::Impl(item) => {
            let ours = last_ident(&item.self_ty).is_some_and(|name| opened.contains(&name));
            !(ours && ["Display", "FromStr", "TryFrom", "Default"].contains(&trait_name(item).as_str()))
        }
        _ => true,
    });
}
