//! Unions of objects are distinguished by the property named in the schema's `x-union-key`. The generator would take
//! the first branch that fits, and with few required fields everything fits the first.

use quote::quote;
use serde_json::Value;

use super::names::flat;
use super::syntax::last_ident;

/// How the struct of a branch is read.
type Reading<'a> = &'a dyn Fn(&syn::ItemStruct) -> Result<syn::Item, String>;

/// How a union is read: as the first of its branches that fits and whose key is present, if all have one.
///
/// # Errors
/// A branch that is not known here.
pub fn reading(declared: &syn::ItemEnum, document: &Value, reading: Reading<'_>) -> Result<syn::Item, String> {
    let (name, text) = (&declared.ident, declared.ident.to_string());
    let is_other = |branch: &syn::Variant| branch.ident == "Other";
    let branches: Vec<_> = declared.variants.iter().filter(|branch| !is_other(branch)).collect();
    let keys = branches.iter().map(|branch| key(document, &last_ident(&branch.fields.iter().next()?.ty)?));
    let keys = keys.collect::<Option<Vec<String>>>();
    let mut tries = Vec::new();
    for (index, branch) in branches.iter().enumerate() {
        let condition = keys
            .as_ref()
            .map(|keys| &keys[index])
            .map(|key| quote!(value.get(#key).is_some_and(|key| !key.is_null()) &&));
        let variant = &branch.ident;
        tries.push(match &branch.fields {
            syn::Fields::Unnamed(fields) if fields.unnamed.len() == 1 => quote! {
                if #condition let Ok(value) = ::serde::Deserialize::deserialize(&value) {
                    return Ok(Self::#variant(value));
                }
            },
            syn::Fields::Named(fields) => {
                let mut branch: syn::ItemStruct = syn::parse_quote!(#[derive(Deserialize)] struct __Branch #fields);
                let table = reading(&branch)?;
                branch.attrs.clear();
                for field in &mut branch.fields {
                    field.attrs.clear();
                }
                let names: Vec<_> = fields.named.iter().map(|field| &field.ident).collect();
                quote! {
                    {
                        #branch
                        #table
                        if let Ok(__Branch { #(#names),* }) = ::serde::Deserialize::deserialize(&value) {
                            return Ok(Self::#variant { #(#names),* });
                        }
                    }
                }
            }
            _ => return Err(format!("how the branch {variant} of {name} is read is not known")),
        });
    }
    let end = if declared.variants.iter().any(is_other) {
        quote!(Ok(Self::Other(value)))
    } else {
        quote!(Err(<D::Error as ::serde::de::Error>::custom(
            concat!("data did not match any variant of untagged enum ", #text)
        )))
    };
    Ok(syn::parse_quote! {
        impl<'de> ::serde::Deserialize<'de> for #name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                let value = ::serde_json::Value::deserialize(deserializer)?;
                #(#tries)*
                #end
            }
        }
    })
}

/// `x-union-key` of the component that became the type.
fn key(document: &Value, ty: &str) -> Option<String> {
    let schemas = document.pointer("/components/schemas")?.as_object()?;
    let (_, schema) = schemas.iter().find(|(name, _)| flat(name) == flat(ty))?;
    schema.get("x-union-key")?.as_str().map(str::to_owned)
}
