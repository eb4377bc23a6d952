//! How the structs of the types module are read: by `crate::de::object!` where it knows all of a struct, and otherwise by what
//! serde derives.

use std::collections::{BTreeMap, BTreeSet};

use quote::{format_ident, quote};

use super::normalize::Id;
use super::syntax::{derives, generic_argument, last_ident, types_module, without_derive};
use super::types::wire_name;

/// The reading keeps its books in as many bits.
const MOST_FIELDS: usize = 128;

/// Takes the derived reading off every struct that can do without.
pub fn read_by_table(file: &mut syn::File, ids: &BTreeMap<String, Id>) {
    let Some(items) = types_module(file) else { return };
    let known = Known {
        enums: items.iter().filter_map(super::enums::plain).map(|item| item.ident.to_string()).collect(),
        wrappers: items.iter().filter_map(wrapper).collect(),
        uuids: ids.iter().filter(|(_, id)| !id.is_opaque).map(|(name, _)| name.clone()).collect(),
    };
    for item in std::mem::take(items) {
        let syn::Item::Struct(mut declared) = item else {
            items.push(item);
            continue;
        };
        let table = table(&declared, &known);
        if table.is_some() {
            declared.attrs.iter_mut().for_each(|attribute| without_derive(attribute, "Deserialize"));
            declared.fields.iter_mut().for_each(forget_reading);
        }
        items.push(syn::Item::Struct(declared));
        items.extend(table);
    }
}

/// What is known of the types that fields may have.
struct Known {
    /// The enums of known values.
    enums: BTreeSet<String>,
    /// The structs of one value: one that may be null is there when nothing is, which only serde's own code knows.
    wrappers: BTreeSet<String>,
    /// The ids that are UUIDs; others are read of a number, too.
    uuids: BTreeSet<String>,
}

fn wrapper(item: &syn::Item) -> Option<String> {
    match item {
        syn::Item::Struct(declared) if matches!(declared.fields, syn::Fields::Unnamed(_)) => {
            Some(declared.ident.to_string())
        }
        _ => None,
    }
}

/// One field: the name on the wire, how it is read, and whether it must be there.
struct Row {
    wire: String,
    field: syn::Ident,
    how: &'static str,
    required: bool,
}

fn table(declared: &syn::ItemStruct, known: &Known) -> Option<syn::Item> {
    let syn::Fields::Named(fields) = &declared.fields else { return None };
    let told = declared.attrs.iter().any(|attribute| attribute.path().is_ident("serde"));
    if told || !derives(&declared.attrs, "Deserialize") || fields.named.len() > MOST_FIELDS {
        return None;
    }
    let mut rows = fields.named.iter().map(|field| row(field, known)).collect::<Option<Vec<Row>>>()?;
    rows.sort_by_key(|row| !row.required);
    let line = |(index, row): (usize, &Row)| {
        let (index, wire, field) = (proc_macro2::Literal::usize_unsuffixed(index), &row.wire, &row.field);
        let how = format_ident!("{}", row.how);
        quote!(#index #wire #field #how,)
    };
    let required = rows.iter().take_while(|row| row.required).count();
    let needed = rows.iter().enumerate().take(required).map(line);
    let others = rows.iter().enumerate().skip(required).map(line);
    let name = &declared.ident;
    Some(syn::parse_quote!(crate::de::object::object! { #name { required: #(#needed)* ; #(#others)* } }))
}

/// Nothing where the field is read in a way of its own.
fn row(field: &syn::Field, known: &Known) -> Option<Row> {
    let (mut default, mut with) = (false, None);
    for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("serde")) {
        let understood = attribute.parse_nested_meta(|meta| {
            let name = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
            let value = if meta.input.peek(syn::Token![=]) {
                Some(meta.value()?.parse::<syn::LitStr>()?.value())
            } else {
                None
            };
            match (name.as_str(), value) {
                ("rename" | "skip_serializing_if" | "serialize_with", Some(_)) | ("skip_serializing", None) => {}
                ("default", None) => default = true,
                ("deserialize_with", Some(path)) => with = Some(path),
                _ => return Err(meta.error("not known here")),
            }
            Ok(())
        });
        understood.ok()?;
    }
    let inner = generic_argument(&field.ty, "Option");
    let optional = inner.is_some();
    let name = last_ident(inner.unwrap_or(&field.ty)).unwrap_or_default();
    let is_known = known.enums.contains(&name);
    let (how, required) = match (with.as_deref(), default) {
        (Some("crate::de::blank_is_none"), true) => ("blank_is_none", false),
        (Some("crate::de::null_is_empty"), true) if is_known => ("known_or_default", false),
        (Some("crate::de::null_is_empty"), true) => ("null_is_empty", false),
        (Some("crate::de::integer_option"), true) => ("integer_option", false),
        (Some("crate::de::integer"), false) => ("integer", true),
        (None, _) if optional && is_known => ("known", false),
        (None, default) if default || optional => ("value", false),
        (None, _) if known.uuids.contains(&name) && in_ids(&field.ty) => ("parsed", true),
        (None, _) if !known.wrappers.contains(&name) => ("required", true),
        _ => return None,
    };
    Some(Row { wire: wire_name(field), field: field.ident.clone()?, how, required })
}

/// Whether it is one of the module of ids: the document may have a component of the same name.
fn in_ids(ty: &syn::Type) -> bool {
    matches!(ty, syn::Type::Path(path) if path.path.segments.iter().any(|segment| segment.ident == "ids"))
}

/// Takes out of a field what only the derived reading reads.
fn forget_reading(field: &mut syn::Field) {
    for key in ["default", "deserialize_with"] {
        super::syntax::drop_serde_key(&mut field.attrs, key);
    }
    // An attribute that says nothing more.
    field.attrs.retain(|attribute| !matches!(&attribute.meta, syn::Meta::List(list) if list.path.is_ident("serde") && list.tokens.is_empty()));
}
