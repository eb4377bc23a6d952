//! The pass over the generated types: what request types and response types need to be pleasant and to stay compatible.

use std::collections::{BTreeMap, BTreeSet};

use quote::{format_ident, quote};
use serde_json::Value;

use super::fields::{self, Use};
use super::operations::Operation;
use super::requests::methods;
use super::syntax::{doc_attrs, docs, generic_argument, last_ident, mentioned, types_module};

/// Rewrites every struct of the types module.
pub fn rewrite(file: &mut syn::File, operations: &[Operation], document: &Value) {
    let uses = Uses::of(file, operations);
    let texts = property_texts(document);
    let Some(items) = types_module(file) else { return };
    for item in std::mem::take(items) {
        let syn::Item::Struct(mut declared) = item else {
            items.push(item);
            continue;
        };
        let name = declared.ident.to_string();
        let usage = Use { request: uses.request.contains(&name), patch: uses.patch.contains(&name) };
        declared.attrs = with_docs(&declared.attrs);
        let mut builder = None;
        if let syn::Fields::Named(fields) = &mut declared.fields {
            for field in &mut fields.named {
                let wire = super::syntax::serde_key(&field.attrs, "rename")
                    .or_else(|| field.ident.as_ref().map(ToString::to_string))
                    .unwrap_or_default();
                let text = texts.get(&(flat(&name), wire)).map(String::as_str);
                fields::rewrite(field, usage, text);
            }
            if usage.request {
                builder = Some(constructor(&declared.ident, &fields.named));
            }
            declared.attrs.push(syn::parse_quote!(#[non_exhaustive]));
        }
        items.push(syn::Item::Struct(declared));
        items.extend(builder);
    }
}

/// Adds the identifier types, one for each value of `x-id-types`.
pub fn add_ids(file: &mut syn::File, ids: &BTreeMap<String, BTreeSet<String>>) {
    let types = ids.iter().map(|(name, wire)| {
        let ident = format_ident!("{name}");
        let noun = spaced(name.strip_suffix("Id").unwrap_or(name));
        let wire = wire.iter().map(|w| format!("`{w}`")).collect::<Vec<_>>().join(", ");
        let doc = format!("Identifies one {noun}: {wire} on the wire.");
        quote!(crate::ids::id_type! { #[doc = #doc] #ident, #noun })
    });
    file.items.push(syn::parse_quote! {
        /// Identifiers, one type for each kind of thing, so that one cannot be passed for another.
        pub mod ids { #(#types)* }
    });
}

/// `WorkspaceGroup` as `workspace group`.
fn spaced(name: &str) -> String {
    let mut text = String::new();
    for (index, letter) in name.char_indices() {
        if letter.is_uppercase() && index > 0 {
            text.push(' ');
        }
        text.extend(letter.to_lowercase());
    }
    text
}

/// Letters and digits in lower case: how names of the document and of Rust are compared.
pub fn flat(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

fn with_docs(attrs: &[syn::Attribute]) -> Vec<syn::Attribute> {
    let mut text = doc_attrs(&docs(attrs));
    text.extend(attrs.iter().filter(|attr| !attr.path().is_ident("doc")).cloned());
    text
}

/// Descriptions of the properties, which the generator drops beside a reference.
fn property_texts(document: &Value) -> BTreeMap<(String, String), String> {
    let mut texts = BTreeMap::new();
    let schemas = document.pointer("/components/schemas").and_then(Value::as_object);
    for (name, schema) in schemas.into_iter().flatten() {
        for (property, schema) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            if let Some(text) = schema.get("description").and_then(Value::as_str) {
                texts.insert((flat(name), property.clone()), super::normalize::fenced(text));
            }
        }
    }
    texts
}

/// Which structs are sent, and which of them are bodies of a PATCH.
struct Uses {
    request: BTreeSet<String>,
    patch: BTreeSet<String>,
}

impl Uses {
    fn of(file: &mut syn::File, operations: &[Operation]) -> Self {
        let mut request = BTreeSet::new();
        let mut patch = BTreeSet::new();
        for method in methods(file) {
            let Some(body) = method.inputs.iter().find(|(name, _)| name == "body") else { continue };
            let names = mentioned(&body.1);
            let is_patch = operations.iter().any(|o| method.name == o.id && o.method == "PATCH");
            // An inline body has no name of its own in the document; its fields are arguments, not a resource.
            patch.extend(names.iter().filter(|name| is_patch && !name.ends_with("Body")).cloned());
            request.extend(names);
        }
        let mut contents: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for item in types_module(file).into_iter().flatten() {
            if let syn::Item::Struct(declared) = item {
                let names = declared.fields.iter().flat_map(|field| mentioned(&field.ty)).collect();
                if matches!(declared.fields, syn::Fields::Unnamed(_)) && patch.contains(&declared.ident.to_string()) {
                    patch.extend(declared.fields.iter().flat_map(|field| mentioned(&field.ty)));
                }
                contents.insert(declared.ident.to_string(), names);
            }
        }
        let mut open: Vec<String> = request.iter().cloned().collect();
        while let Some(name) = open.pop() {
            for inner in contents.get(&name).into_iter().flatten() {
                if request.insert(inner.clone()) {
                    open.push(inner.clone());
                }
            }
        }
        Uses { request, patch }
    }
}

/// `new` with the required fields, the name first, and a setter for each field that may be left out.
fn constructor<'a>(name: &syn::Ident, fields: impl IntoIterator<Item = &'a syn::Field>) -> syn::Item {
    let (mut required, mut rest, mut setters) = (Vec::new(), Vec::new(), Vec::new());
    for field in fields {
        let Some(ident) = &field.ident else { continue };
        let text = doc_attrs(&docs(&field.attrs));
        if let Some(inner) = generic_argument(&field.ty, "Option") {
            let argument = Argument::of(ident, inner);
            let (ty, value) = (&argument.ty, &argument.value);
            setters.push(quote! {
                #(#text)*
                #[must_use]
                pub fn #ident(mut self, #ident: #ty) -> Self {
                    self.#ident = ::std::option::Option::Some(#value);
                    self
                }
            });
            rest.push(ident);
        } else if let Some(inner) = generic_argument(&field.ty, "Patch") {
            let argument = Argument::of(ident, inner);
            let (ty, value) = (&argument.ty, &argument.value);
            let clear = format_ident!("clear_{}", ident.to_string().trim_start_matches("r#"));
            let clear_text = format!(" Sends an explicit null for `{ident}`, which asks the service to clear it.");
            setters.push(quote! {
                #(#text)*
                #[must_use]
                pub fn #ident(mut self, #ident: #ty) -> Self {
                    self.#ident = crate::Patch::Value(#value);
                    self
                }
                #[doc = #clear_text]
                #[must_use]
                pub fn #clear(mut self) -> Self {
                    self.#ident = crate::Patch::Null;
                    self
                }
            });
            rest.push(ident);
        } else {
            let argument = Argument::of(ident, &field.ty);
            required.push((ident, argument));
        }
    }
    required.sort_by_key(|(ident, _)| *ident != "name");
    let arguments = required.iter().map(|(ident, argument)| {
        let ty = &argument.ty;
        quote!(#ident: #ty)
    });
    let values = required.iter().map(|(ident, argument)| {
        let value = &argument.value;
        quote!(#ident: #value)
    });
    syn::parse_quote! {
        impl #name {
            /// Creates a value from what must be given; the rest is left out of the request until it is set.
            pub fn new(#(#arguments),*) -> Self {
                Self { #(#values,)* #(#rest: ::std::default::Default::default()),* }
            }
            #(#setters)*
        }
    }
}

/// How a value of some type is taken from a caller.
pub struct Argument {
    /// The type of the argument.
    pub ty: proc_macro2::TokenStream,
    /// The expression that makes the value of the argument.
    pub value: proc_macro2::TokenStream,
}

impl Argument {
    /// Text, numbers, identifiers and enums come from anything that converts; lists from anything that iterates.
    pub fn of(ident: &syn::Ident, ty: &syn::Type) -> Self {
        if let Some(item) = generic_argument(ty, "Vec") {
            return Argument {
                ty: quote!(impl ::std::iter::IntoIterator<Item = impl ::std::convert::Into<#item>>),
                value: quote!(#ident.into_iter().map(::std::convert::Into::into).collect()),
            };
        }
        match last_ident(ty).as_deref() {
            Some("bool" | "BTreeMap" | "Map" | "Value" | "f64") | None => {
                Argument { ty: quote!(#ty), value: quote!(#ident) }
            }
            _ => Argument { ty: quote!(impl ::std::convert::Into<#ty>), value: quote!(#ident.into()) },
        }
    }
}
