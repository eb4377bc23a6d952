//! Reading of the structs of the types module: by `crate::de::object!` if it fully covers a struct, otherwise by
//! [`by_serde`](super::by_serde).

use std::collections::{BTreeMap, BTreeSet};

use quote::quote;

use super::syntax::{derives, generic_argument, types, types_module};
use super::table::{self, Row};
use super::told::{Told, forget_reading, to_serde};

/// The reading tracks fields in this many bits.
const MOST_FIELDS: usize = 128;

/// Removes derived reading from every struct that does not need it.
pub fn read_by_table(file: &mut syn::File) {
    let Some(items) = types_module(file) else { return };
    let tables = tables(items);
    for mut item in std::mem::take(items) {
        let table = match &item {
            syn::Item::Struct(declared) => {
                tables.get(&declared.ident.to_string()).map(|rows| write(&declared.ident, rows))
            }
            _ => None,
        };
        if table.is_some() {
            forget_reading(&mut item);
        }
        items.push(item);
        items.extend(table);
    }
}

/// The types that the crate reads itself: `crate::de::Value`.
pub struct Values(BTreeSet<String>);

impl Values {
    /// Collects them from a file in which the structs have been rewritten.
    pub fn of(file: &syn::File) -> Self {
        let named = types(file).iter().filter_map(|item| match item {
            syn::Item::Macro(call) => declared_by(&call.mac),
            other => super::enums::plain(other).map(|item| item.ident.to_string()),
        });
        Self(named.collect())
    }

    /// Whether the type is one of them, or composed of them.
    pub fn has(&self, ty: &syn::Type) -> bool {
        let syn::Type::Path(path) = ty else { return false };
        let names: Vec<String> = path.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        match names.as_slice() {
            ["bool" | "f64"] | ["std", "string", "String"] | ["crate", "Timestamp" | "Secret"] => true,
            ["crate", "raw", "ids", _] | ["serde_json", "Value" | "Map"] => true,
            // Not in a box: it breaks a cycle of types, which have no blank value if they must contain each other.
            ["std", _, wrapper @ ("Option" | "Vec")] => {
                generic_argument(ty, wrapper).is_some_and(|inner| self.has(inner))
            }
            [name] | ["types", name] => self.0.contains(*name),
            _ => false,
        }
    }
}

/// The type that one of the crate's macros declares, or whose reading it declares.
fn declared_by(call: &syn::Macro) -> Option<String> {
    match call.path.segments.last()?.ident == "object" {
        true => call.tokens.clone().into_iter().next().map(|name| name.to_string()),
        false => super::enums::opened(call),
    }
}

/// The rows of every struct that has a table. Whether it has one depends on its required fields, which may be structs,
/// too.
fn tables(items: &[syn::Item]) -> BTreeMap<String, Vec<Row>> {
    let structs: Vec<&syn::ItemStruct> = items.iter().filter_map(candidate).collect();
    let enums = items.iter().filter_map(super::enums::plain).map(|item| item.ident.to_string());
    let mut values = Values(enums.chain(structs.iter().map(|declared| declared.ident.to_string())).collect());
    loop {
        let rows = structs.iter().map(|declared| {
            let rows = table::rows(&declared.fields, &|field, told| how(field, told, &values));
            (declared.ident.to_string(), rows)
        });
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

/// A struct whose attributes a table can express.
fn candidate(item: &syn::Item) -> Option<&syn::ItemStruct> {
    let syn::Item::Struct(declared) = item else { return None };
    let syn::Fields::Named(fields) = &declared.fields else { return None };
    let told = to_serde(&declared.attrs).next().is_some();
    (!told && derives(&declared.attrs, "Deserialize") && fields.named.len() <= MOST_FIELDS).then_some(declared)
}

fn write(name: &syn::Ident, rows: &[Row]) -> syn::Item {
    let (written, aliases) = (table::written(rows), table::aliases(rows));
    let aliases = (!aliases.is_empty()).then(|| quote!(; aliases: #aliases));
    syn::parse_quote!(crate::de::object::object! { #name { #written #aliases } })
}

fn how(field: &syn::Field, told: &Told, values: &Values) -> Option<(&'static str, bool)> {
    let inner = generic_argument(&field.ty, "Option");
    let is_value = values.has(inner.unwrap_or(&field.ty));
    Some(match (told.read_with.as_deref(), told.default) {
        _ if told.flat => return None,
        (Some("crate::de::blank_is_none"), true) => ("filled", false),
        (Some("crate::de::null_is_empty"), true) => (if is_value { "or_blank" } else { "any_or_default" }, false),
        (Some("crate::de::integer_option"), true) => ("integer_option", false),
        (Some("crate::de::integer"), false) => ("integer", true),
        (None, _) if inner.is_some() => (if is_value { "option" } else { "any" }, false),
        (None, default) if is_value => ("value", !default),
        (None, true) => ("any", false),
        // A struct with one nullable value is present even if the value is not, which only serde's own code handles.
        _ => return None,
    })
}
