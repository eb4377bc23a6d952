//! The table for reading an object: one row for each field, whichever macro reads it.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use super::told::Told;
use super::types::wire_name;

/// One field: its name on the wire, the older names, how it is read, and whether it is required.
pub struct Row {
    wire: String,
    aliases: Vec<String>,
    /// The field that holds it.
    pub field: syn::Ident,
    /// The macro's keyword for how it is read.
    pub how: &'static str,
    required: bool,
}

/// How a field is read, and whether it is required; none if it has its own way of reading.
pub type How<'a> = &'a dyn Fn(&syn::Field, &Told) -> Option<(&'static str, bool)>;

/// The rows of an object, required ones first; none if a field has its own way of reading.
pub fn rows<'a>(fields: impl IntoIterator<Item = &'a syn::Field>, how: How<'_>) -> Option<Vec<Row>> {
    let mut rows = fields.into_iter().map(|field| row(field, how)).collect::<Option<Vec<Row>>>()?;
    rows.sort_by_key(|row| !row.required);
    Some(rows)
}

fn row(field: &syn::Field, how: How<'_>) -> Option<Row> {
    let told = Told::of(&field.attrs)?;
    let (how, required) = how(field, &told)?;
    Some(Row { wire: wire_name(field), aliases: told.aliases, field: field.ident.clone()?, how, required })
}

/// The rows in the macros' syntax.
pub fn written(rows: &[Row]) -> TokenStream {
    let line = |(index, row): (usize, &Row)| {
        let (index, wire, field) = (Literal::usize_unsuffixed(index), &row.wire, &row.field);
        let how = format_ident!("{}", row.how);
        quote!(#index #wire #field #how,)
    };
    let required = rows.iter().take_while(|row| row.required).count();
    let needed = rows.iter().enumerate().take(required).map(line);
    let others = rows.iter().enumerate().skip(required).map(line);
    quote!(required: #(#needed)* ; #(#others)*)
}

/// The older names, each with its row number.
pub fn aliases(rows: &[Row]) -> TokenStream {
    let aliases = rows.iter().enumerate().flat_map(|(index, row)| {
        let index = Literal::usize_unsuffixed(index);
        row.aliases.iter().map(move |alias| quote!(#alias #index,))
    });
    aliases.collect()
}
