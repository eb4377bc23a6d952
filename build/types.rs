//! The pass over the generated types: makes request and response types convenient and keeps them compatible.

use std::collections::{BTreeMap, BTreeSet};

use quote::{format_ident, quote};
use serde_json::Value;

use super::argument::{Argument, setter};
use super::fields::{self, Types};
use super::methods::methods;
use super::names::{flat, pascal};
use super::normalize::Id;
use super::openapi::{entries, items};
use super::setters::{Names, OF_TYPES};
use super::syntax::{derives, doc_attrs, docs, generic_argument, referenced, types_module};
use super::uses::{Use, Uses};

/// Rewrites every struct of the types module.
pub fn rewrite(file: &mut syn::File, document: &Value) {
    let uses = type_uses(file, document);
    let facts = property_facts(document);
    let wanted = wanted_in_requests(document);
    let Some(items) = types_module(file) else { return };
    let enums = items.iter().filter_map(super::enums::plain).map(|item| item.ident.to_string());
    let types = Types { enums: enums.collect() };
    let mut sampled = Vec::new();
    for item in std::mem::take(items) {
        let mut declared = match item {
            syn::Item::Struct(declared) => declared,
            syn::Item::Enum(mut union) => {
                let usage = uses.get(&union.ident.to_string()).copied().unwrap_or_default();
                fields::hide_in_branches(&mut union, usage);
                items.push(syn::Item::Enum(union));
                continue;
            }
            other => {
                items.push(other);
                continue;
            }
        };
        let name = declared.ident.to_string();
        let usage = uses.get(&name).copied().unwrap_or_default();
        declared.attrs = with_docs(&declared.attrs);
        let mut builder = None;
        if let syn::Fields::Named(fields) = &mut declared.fields {
            for field in &mut fields.named {
                fields::rewrite(field, usage, &types, facts.get(&(flat(&name), wire_name(field))));
            }
            if usage.request {
                let wanted = |field: &syn::Field| wanted.contains(&(flat(&name), wire_name(field)));
                builder = Some(constructor(&declared.ident, &fields.named, wanted));
            }
            declared.attrs.push(syn::parse_quote!(#[non_exhaustive]));
            // The generator derives none if a property is required, which does not matter if it may be null or is a
            // list.
            if !usage.request && fields.named.iter().all(can_be_empty) && !derives(&declared.attrs, "Default") {
                declared.attrs.push(syn::parse_quote!(#[derive(Default)]));
            }
            let is_open =
                declared.fields.iter().all(|field| field.ident.as_ref().is_none_or(|ident| ident != "sample"));
            if usage.response && is_open {
                sampled.push(declared.ident.clone());
            }
        }
        if let syn::Fields::Unnamed(fields) = &mut declared.fields {
            for field in fields.unnamed.iter_mut().filter(|field| fields::has_secret(&field.ty)) {
                fields::hide_whole(field, usage);
            }
        }
        items.push(syn::Item::Struct(declared));
        items.extend(builder);
    }
    items.extend(sampled.iter().map(sample));
    let names = sampled.iter().map(ToString::to_string);
    let all = names.zip(&sampled).map(|(name, ident)| quote!((#name, ::std::format!("{:?}", types::#ident::sample()))));
    let all: syn::Item = syn::parse_quote! {
        /// A sample of every response type, in its `Debug` form.
        #[cfg(all(test, feature = "test-util"))]
        pub(crate) fn all_samples() -> ::std::vec::Vec<(&'static str, ::std::string::String)> {
            ::std::vec![#(#all),*]
        }
    };
    file.items.push(all);
}

/// Creates a value for callers' tests.
fn sample(name: &syn::Ident) -> syn::Item {
    let text = name.to_string();
    syn::parse_quote! {
        #[cfg(feature = "test-util")]
        impl #name {
            /// A value for tests, built from the API description with every field set. Feature `test-util`.
            pub fn sample() -> Self {
                crate::sample::sample(#text)
            }
        }
    }
}

/// Adds the identifier types, one for each value of `x-id-types`.
pub fn add_ids(file: &mut syn::File, ids: &BTreeMap<String, Id>) {
    let types = ids.iter().map(|(name, id)| {
        let ident = format_ident!("{name}");
        // Users know as starter what the wire calls virtual.
        let noun = spaced(name.strip_suffix("Id").unwrap_or(name)).replace("virtual ", "starter ");
        let wire = id.names.iter().map(|w| format!("`{w}`")).collect::<Vec<_>>().join(", ");
        let doc = format!("Identifies one {noun}: {wire} on the wire.");
        let declare = format_ident!("{}", if id.is_opaque { "opaque_id_type" } else { "id_type" });
        quote!(crate::ids::#declare! { #[doc = #doc] #ident, #noun })
    });
    file.items.push(syn::parse_quote! {
        /// Identifiers, one type for each kind of resource, so that one cannot be passed for another.
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

/// The attributes with the documentation first, in the conventional order.
pub fn with_docs(attrs: &[syn::Attribute]) -> Vec<syn::Attribute> {
    let mut text = doc_attrs(&docs(attrs));
    text.extend(attrs.iter().filter(|attr| !attr.path().is_ident("doc")).cloned());
    text
}

/// What the document says about a property and the generator drops.
#[derive(Default)]
pub struct Fact {
    /// The description, which is dropped next to a reference.
    pub description: Option<String>,
    /// `x-aliases`: older keys that are read as well.
    pub aliases: Vec<String>,
    /// `x-empty-if-missing`: a missing or null string is read as an empty one.
    pub empty_if_missing: bool,
}

/// The facts of the properties of components, by the type in flat letters and the name on the wire.
fn property_facts(document: &Value) -> BTreeMap<(String, String), Fact> {
    let mut facts = BTreeMap::new();
    for (name, schema) in document.get("components").into_iter().flat_map(|all| entries(all, "schemas")) {
        for (property, schema) in entries(schema, "properties") {
            let description = schema.get("description").and_then(Value::as_str).map(super::normalize::fenced);
            let aliases = items(schema, "x-aliases").iter().filter_map(Value::as_str).map(str::to_owned).collect();
            let empty_if_missing = schema.get("x-empty-if-missing") == Some(&Value::Bool(true));
            facts.insert((flat(name), property.to_owned()), Fact { description, aliases, empty_if_missing });
        }
    }
    facts
}

/// Properties that are required when sent and may be missing when read: `x-required-in-requests` of a schema used both
/// ways.
fn wanted_in_requests(document: &Value) -> BTreeSet<(String, String)> {
    let schemas = document.get("components").into_iter().flat_map(|all| entries(all, "schemas"));
    let listed = schemas.flat_map(|(name, schema)| {
        let names = items(schema, "x-required-in-requests").iter().filter_map(Value::as_str);
        names.map(|property| (flat(name), property.to_owned())).collect::<Vec<_>>()
    });
    listed.collect()
}

/// Whether a field has a value when nothing is known.
fn can_be_empty(field: &syn::Field) -> bool {
    matches!(super::syntax::last_ident(&field.ty).as_deref(), Some("Option" | "Vec" | "BTreeMap" | "Map"))
}

fn is_bool(ty: &syn::Type) -> bool {
    super::syntax::last_ident(ty).as_deref() == Some("bool")
}

/// The name of a field on the wire.
pub fn wire_name(field: &syn::Field) -> String {
    let renamed = super::syntax::serde_key(&field.attrs, "rename");
    renamed.or_else(|| field.ident.as_ref().map(ToString::to_string)).unwrap_or_default()
}

/// The use of every generated type. A component has its own; types created inside others are used like them.
fn type_uses(file: &mut syn::File, document: &Value) -> BTreeMap<String, Use> {
    let of_components = Uses::of(document);
    let mut uses: BTreeMap<String, Use> = BTreeMap::new();
    for (name, _) in document.get("components").into_iter().flat_map(|all| entries(all, "schemas")) {
        uses.insert(pascal(name), of_components.get(name));
    }
    let components: BTreeSet<String> = uses.keys().cloned().collect();
    let mut open: Vec<(String, Use)> = Vec::new();
    for method in methods(file) {
        let body = method.inputs.iter().find(|(name, _)| name == "body");
        let names = body.map(|(_, ty)| referenced(ty)).unwrap_or_default();
        open.extend(names.into_iter().map(|name| (name, Use::REQUEST)));
    }
    let mut contents: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for item in types_module(file).into_iter().flatten() {
        let (name, fields): (_, Vec<&syn::Field>) = match item {
            syn::Item::Struct(declared) => (&declared.ident, declared.fields.iter().collect()),
            syn::Item::Enum(union) => (&union.ident, union.variants.iter().flat_map(|branch| &branch.fields).collect()),
            _ => continue,
        };
        contents.insert(name.to_string(), fields.into_iter().flat_map(|field| referenced(&field.ty)).collect());
    }
    open.extend(uses.iter().filter(|(_, used)| used.request).map(|(name, _)| (name.clone(), Use::REQUEST)));
    let mut seen = BTreeSet::new();
    while let Some((name, used)) = open.pop() {
        if !seen.insert(name.clone()) {
            continue;
        }
        let known = uses.entry(name.clone()).or_default();
        *known = known.or(used);
        let inner = contents.get(&name).into_iter().flatten();
        open.extend(inner.filter(|name| !components.contains(*name)).map(|name| (name.clone(), Use::REQUEST)));
    }
    uses
}

/// `new` with the required fields, the name first, and a setter for each optional field.
fn constructor<'a>(
    name: &syn::Ident,
    fields: impl IntoIterator<Item = &'a syn::Field>,
    wanted: impl Fn(&syn::Field) -> bool,
) -> syn::Item {
    let (mut required, mut rest, mut set, mut setters) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let fields: Vec<&syn::Field> = fields.into_iter().collect();
    let mut names = Names::new(OF_TYPES, fields.iter().filter_map(|field| field.ident.as_ref()));
    for field in fields {
        let Some(ident) = &field.ident else { continue };
        let mut text = doc_attrs(&docs(&field.attrs));
        text.push(syn::parse_quote!(#[must_use]));
        let optional = generic_argument(&field.ty, "Option");
        if optional.filter(|_| wanted(field)).or(Some(&field.ty)).is_some_and(is_bool) {
            // `new(true, id)` would be unreadable: the service gets `false` until it is set.
            let value = if optional.is_some() { quote!(::std::option::Option::Some(false)) } else { quote!(false) };
            set.push(quote!(#ident: #value));
            let some = optional.is_some();
            let wrap = |value| if some { quote!(::std::option::Option::Some(#value)) } else { value };
            setters.push(setter(&text, ident, &mut names, optional.unwrap_or(&field.ty), wrap));
        } else if let Some(inner) = optional.filter(|_| wanted(field)) {
            let mut argument = Argument::of(ident, inner);
            let value = &argument.value;
            argument.value = quote!(::std::option::Option::Some(#value));
            required.push((ident, argument));
        } else if let Some(inner) = optional {
            let some = |value| quote!(::std::option::Option::Some(#value));
            setters.push(setter(&text, ident, &mut names, inner, some));
            rest.push(ident);
        } else if let Some(inner) = generic_argument(&field.ty, "Patch") {
            let clear = names.clear(ident);
            let clear_text = format!(" Sends an explicit null for `{ident}`, which asks the service to clear it.");
            setters.push(setter(&text, ident, &mut names, inner, |value| quote!(crate::Patch::Value(#value))));
            setters.push(quote! {
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
            /// Creates a value from its required fields; the others are left out of the request until they are set.
            pub fn new(#(#arguments),*) -> Self {
                Self { #(#values,)* #(#set,)* #(#rest: ::std::default::Default::default()),* }
            }
            #(#setters)*
        }
    }
}
