//! Unions of objects are told apart by the property that `x-union-key` of their schema names. The generator would take the
//! first that fits, and where little is required everything fits the first.

use quote::quote;
use serde_json::Value;

use super::names::flat;
use super::syntax::{last_ident, serde_key, types_module, without_derive};

/// Gives every union whose branches all have a key a way of its own to be read.
pub fn by_key(file: &mut syn::File, document: &Value) {
    let Some(items) = types_module(file) else { return };
    let mut added = Vec::new();
    for item in items.iter_mut() {
        let syn::Item::Enum(declared) = item else { continue };
        if serde_key(&declared.attrs, "untagged").is_none() {
            continue;
        }
        let branches: Vec<_> = declared.variants.iter().filter(|variant| variant.ident != "Other").collect();
        let keys = branches.iter().map(|variant| {
            let ty = &variant.fields.iter().next()?.ty;
            Some((&variant.ident, ty, key(document, &last_ident(ty)?)?))
        });
        let Some(keys) = keys.collect::<Option<Vec<_>>>() else { continue };
        let name = &declared.ident;
        let tries = keys.iter().map(|(variant, ty, key)| {
            quote! {
                if value.get(#key).is_some_and(|key| !key.is_null())
                    && let Ok(value) = <#ty as ::serde::Deserialize>::deserialize(&value)
                {
                    return Ok(Self::#variant(value));
                }
            }
        });
        added.push(syn::parse_quote! {
            impl<'de> ::serde::Deserialize<'de> for #name {
                fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                    let value = ::serde_json::Value::deserialize(deserializer)?;
                    #(#tries)*
                    Ok(Self::Other(value))
                }
            }
        });
        declared.attrs.iter_mut().for_each(|attribute| without_derive(attribute, "Deserialize"));
    }
    items.extend(added);
}

/// `x-union-key` of the component that became the type.
fn key(document: &Value, ty: &str) -> Option<String> {
    let schemas = document.pointer("/components/schemas")?.as_object()?;
    let (_, schema) = schemas.iter().find(|(name, _)| flat(name) == flat(ty))?;
    schema.get("x-union-key")?.as_str().map(str::to_owned)
}
