//! How the structs of the types module are read: by `crate::de::object!` where it knows all of a struct. What is left is read as
//! [`by_serde`](super::by_serde) says.

use std::collections::{BTreeMap, BTreeSet};

use quote::{format_ident, quote};

use super::syntax::{derives, generic_argument, types, types_module, without_derive};
use super::types::wire_name;

/// The reading keeps its books in as many bits.
const MOST_FIELDS: usize = 128;

/// Takes the derived reading off every struct that can do without.
pub fn read_by_table(file: &mut syn::File) {
    let Some(items) = types_module(file) else { return };
    let tables = tables(items);
    for item in std::mem::take(items) {
        let syn::Item::Struct(mut declared) = item else {
            items.push(item);
            continue;
        };
        let table = tables.get(&declared.ident.to_string()).map(|rows| write(&declared.ident, rows));
        if table.is_some() {
            declared.attrs.iter_mut().for_each(|attribute| without_derive(attribute, "Deserialize"));
            declared.fields.iter_mut().for_each(forget_reading);
        }
        items.push(syn::Item::Struct(declared));
        items.extend(table);
    }
}

/// The types that the crate reads itself: `crate::de::Value`.
pub struct Values(BTreeSet<String>);

impl Values {
    /// Of a file in which the structs have been rewritten.
    pub fn of(file: &syn::File) -> Self {
        let named = types(file).iter().filter_map(|item| match item {
            syn::Item::Macro(call) => declared_by(&call.mac),
            other => super::enums::plain(other).map(|item| item.ident.to_string()),
        });
        Self(named.collect())
    }

    /// Whether the type is one, or made of such.
    pub fn has(&self, ty: &syn::Type) -> bool {
        let syn::Type::Path(path) = ty else { return false };
        let names: Vec<String> = path.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        match names.as_slice() {
            ["bool" | "f64"] | ["std", "string", "String"] | ["crate", "Timestamp" | "Secret"] => true,
            ["crate", "raw", "ids", _] | ["serde_json", "Value" | "Map"] => true,
            // None in a box: it breaks a circle of types, which have no blank value if they must hold each other.
            ["std", _, wrapper @ ("Option" | "Vec")] => {
                generic_argument(ty, wrapper).is_some_and(|inner| self.has(inner))
            }
            [name] | ["types", name] => self.0.contains(*name),
            _ => false,
        }
    }
}

/// The type that one of the crate's macros declares, or declares the reading of.
fn declared_by(call: &syn::Macro) -> Option<String> {
    let mut tokens = call.tokens.clone().into_iter();
    match call.path.segments.last()?.ident.to_string().as_str() {
        "object" => tokens.next().map(|name| name.to_string()),
        "open_enum" => {
            tokens.find(|token| token.to_string() == "enum")?;
            tokens.next().map(|name| name.to_string())
        }
        _ => None,
    }
}

/// The rows of every struct that has a table. What a struct must have decides whether it has one, and that may be a struct.
fn tables(items: &[syn::Item]) -> BTreeMap<String, Vec<Row>> {
    let structs: Vec<&syn::ItemStruct> = items.iter().filter_map(candidate).collect();
    let enums = items.iter().filter_map(super::enums::plain).map(|item| item.ident.to_string());
    let mut values = Values(enums.chain(structs.iter().map(|declared| declared.ident.to_string())).collect());
    loop {
        let rows = structs.iter().map(|declared| (declared.ident.to_string(), rows(declared, &values)));
        let (with, without): (Vec<_>, Vec<_>) = rows.partition(|(_, rows)| rows.is_some());
        let before = values.0.len();
        for (name, _) in &without {
            values.0.remove(name);
        }
        if values.0.len() == before {
            return with.into_iter().filter_map(|(name, rows)| Some((name, rows?))).collect();
        }
    }
}

/// A struct of which nothing is said that a table cannot say.
fn candidate(item: &syn::Item) -> Option<&syn::ItemStruct> {
    let syn::Item::Struct(declared) = item else { return None };
    let syn::Fields::Named(fields) = &declared.fields else { return None };
    let told = declared.attrs.iter().any(|attribute| attribute.path().is_ident("serde"));
    (!told && derives(&declared.attrs, "Deserialize") && fields.named.len() <= MOST_FIELDS).then_some(declared)
}

/// One field: the name on the wire, the older ones, how it is read, and whether it must be there.
struct Row {
    wire: String,
    aliases: Vec<String>,
    field: syn::Ident,
    how: &'static str,
    required: bool,
}

/// Those that must be there first.
fn rows(declared: &syn::ItemStruct, values: &Values) -> Option<Vec<Row>> {
    let mut rows = declared.fields.iter().map(|field| row(field, values)).collect::<Option<Vec<Row>>>()?;
    rows.sort_by_key(|row| !row.required);
    Some(rows)
}

fn write(name: &syn::Ident, rows: &[Row]) -> syn::Item {
    let line = |(index, row): (usize, &Row)| {
        let (index, wire, field) = (proc_macro2::Literal::usize_unsuffixed(index), &row.wire, &row.field);
        let how = format_ident!("{}", row.how);
        quote!(#index #wire #field #how,)
    };
    let required = rows.iter().take_while(|row| row.required).count();
    let needed = rows.iter().enumerate().take(required).map(line);
    let others = rows.iter().enumerate().skip(required).map(line);
    let aliases = rows.iter().enumerate().flat_map(|(index, row)| {
        let index = proc_macro2::Literal::usize_unsuffixed(index);
        row.aliases.iter().map(move |alias| quote!(#alias #index,))
    });
    let aliases: Vec<_> = aliases.collect();
    let aliases = (!aliases.is_empty()).then(|| quote!(; aliases: #(#aliases)*));
    syn::parse_quote!(crate::de::object::object! { #name { required: #(#needed)* ; #(#others)* #aliases } })
}

/// Nothing where the field is read in a way of its own.
fn row(field: &syn::Field, values: &Values) -> Option<Row> {
    let (mut default, mut with, mut aliases) = (false, None, Vec::new());
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
                ("alias", Some(alias)) => aliases.push(alias),
                ("deserialize_with", Some(path)) => with = Some(path),
                _ => return Err(meta.error("not known here")),
            }
            Ok(())
        });
        understood.ok()?;
    }
    let inner = generic_argument(&field.ty, "Option");
    let is_value = values.has(inner.unwrap_or(&field.ty));
    let (how, required) = match (with.as_deref(), default) {
        (Some("crate::de::blank_is_none"), true) => ("filled", false),
        (Some("crate::de::null_is_empty"), true) => (if is_value { "or_blank" } else { "any_or_default" }, false),
        (Some("crate::de::integer_option"), true) => ("integer_option", false),
        (Some("crate::de::integer"), false) => ("integer", true),
        (None, _) if inner.is_some() => (if is_value { "option" } else { "any" }, false),
        (None, default) if is_value => ("value", !default),
        (None, true) => ("any", false),
        // One of a type that may be null is there when nothing is, which only serde's own code knows.
        _ => return None,
    };
    Some(Row { wire: wire_name(field), aliases, field: field.ident.clone()?, how, required })
}

/// Takes out of a field what only the derived reading reads.
fn forget_reading(field: &mut syn::Field) {
    for key in ["default", "deserialize_with", "alias"] {
        super::syntax::drop_serde_key(&mut field.attrs, key);
    }
    // An attribute that says nothing more.
    field.attrs.retain(|attribute| !matches!(&attribute.meta, syn::Meta::List(list) if list.path.is_ident("serde") && list.tokens.is_empty()));
}
