//! Reading of the remaining types, which `crate::de::object!` does not fully cover: objects with values that only serde
//! reads, types with a single value, and unions. None of them uses serde's derive.

use std::collections::BTreeSet;

use quote::{ToTokens, quote};
use serde_json::Value;

use super::syntax::{derives, generic_argument, last_ident, serde_key, trait_name, types_module};
use super::table;
use super::told::{Told, forget_reading, to_serde};

/// Removes derived reading from every type that still has it.
///
/// # Errors
/// The first type with an unknown way of reading.
pub fn read(file: &mut syn::File, document: &Value) -> Result<(), String> {
    let Some(items) = types_module(file) else { return Ok(()) };
    let options: BTreeSet<String> = items.iter().filter_map(option).collect();
    let defaults: BTreeSet<String> = items.iter().filter_map(default).collect();
    for mut item in std::mem::take(items) {
        let made = match &item {
            syn::Item::Struct(declared) if derives(&declared.attrs, "Deserialize") => {
                Some(reading(declared, &options)?)
            }
            syn::Item::Enum(declared) if serde_key(&declared.attrs, "untagged").is_some() => {
                Some(super::unions::reading(declared, document, &|declared| reading(declared, &options))?)
            }
            syn::Item::Enum(_) if super::enums::plain(&item).is_none() => {
                return Err(format!("how this enum is read is not known: {}", item.to_token_stream()));
            }
            _ => None,
        };
        if let syn::Item::Struct(declared) = &mut item
            && options.contains(&declared.ident.to_string())
            && !derives(&declared.attrs, "Default")
            && !defaults.contains(&declared.ident.to_string())
        {
            declared.attrs.push(syn::parse_quote!(#[derive(Default)]));
        }
        if made.is_some() {
            forget_reading(&mut item);
        }
        items.push(item);
        items.extend(made);
    }
    Ok(())
}

/// How a struct is read: by name, or as its only value.
fn reading(declared: &syn::ItemStruct, options: &BTreeSet<String>) -> Result<syn::Item, String> {
    let name = &declared.ident;
    let unknown = || format!("how the type {name} is read is not known: {}", declared.to_token_stream());
    match &declared.fields {
        syn::Fields::Unnamed(fields)
            if serde_key(&declared.attrs, "transparent").is_some() && fields.unnamed.len() == 1 =>
        {
            Ok(syn::parse_quote! {
                impl<'de> ::serde::Deserialize<'de> for #name {
                    #[inline]
                    fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                        ::serde::Deserialize::deserialize(deserializer).map(Self)
                    }
                }
            })
        }
        syn::Fields::Named(fields) => table(declared, fields, options).ok_or_else(unknown),
        _ => Err(unknown()),
    }
}

/// The structs with a single nullable value: they are present even if the value is not.
fn option(item: &syn::Item) -> Option<String> {
    let syn::Item::Struct(declared) = item else { return None };
    let syn::Fields::Unnamed(fields) = &declared.fields else { return None };
    generic_argument(&fields.unnamed.first()?.ty, "Option").map(|_| declared.ident.to_string())
}

/// The types with an explicit default.
fn default(item: &syn::Item) -> Option<String> {
    match item {
        syn::Item::Impl(item) if trait_name(item) == "Default" => last_ident(&item.self_ty),
        _ => None,
    }
}

/// How the field for the remaining properties is read.
const OTHERS: &str = "others";

fn table(declared: &syn::ItemStruct, fields: &syn::FieldsNamed, options: &BTreeSet<String>) -> Option<syn::Item> {
    if to_serde(&declared.attrs).next().is_some() {
        return None;
    }
    let mut rows = table::rows(&fields.named, &|field, told| how(field, told, options))?;
    let others = rows.iter().position(|row| row.how == OTHERS).map(|index| rows.remove(index).field);
    let others = others.map(|field| quote!(others: #field));
    let (name, written, aliases) = (&declared.ident, table::written(&rows), table::aliases(&rows));
    Some(syn::parse_quote! {
        crate::de::by_serde::by_serde! { #name { #written ; aliases: #aliases ; #others } }
    })
}

fn how(field: &syn::Field, told: &Told, options: &BTreeSet<String>) -> Option<(&'static str, bool)> {
    let name = last_ident(&field.ty).unwrap_or_default();
    Some(match (told.read_with.as_deref(), told.default) {
        (None, false) if told.flat && name != "Option" => (OTHERS, false),
        _ if told.flat => return None,
        (Some("crate::de::blank_is_none"), true) => ("blank_is_none", false),
        (Some("crate::de::blank_is_none"), false) => ("required_blank_is_none", true),
        (Some("crate::de::null_is_empty"), true) => ("null_is_empty", false),
        (Some("crate::de::null_is_empty"), false) => ("required_null_is_empty", true),
        (Some("crate::de::integer_option"), true) => ("integer_option", false),
        (Some("crate::de::integer_option"), false) => ("required_integer_option", true),
        (Some("crate::de::integer"), true) => ("integer", false),
        (Some("crate::de::integer"), false) => ("required_integer", true),
        (Some("::std::option::Option::deserialize"), false) => ("required", true),
        (None, default) if default || name == "Option" || options.contains(&name) => ("value", false),
        (None, _) => ("required", true),
        _ => return None,
    })
}
