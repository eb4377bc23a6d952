//! The table by which an object is read: a row for each field, whichever macro reads it.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use super::told::Told;
use super::types::wire_name;

/// One field: the name on the wire, the older ones, how it is read, and whether it must be there.
pub struct Row {
    wire: String,
    aliases: Vec<String>,
    /// The field that holds it.
    pub field: syn::Ident,
    /// The word of the macro for the way in which it is read.
    pub how: &'static str,
    required: bool,
}

/// How a field is read, and whether it must be there; nothing where it is read in a way of its own.
pub type How<'a> = &'a dyn Fn(&syn::Field, &Told) -> Option<(&'static str, bool)>;

/// The rows of an object, those that must be there first; nothing where a field is read in a way of its own.
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

/// The rows as the macros take them.
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

/// The older names, each with the number of its row.
pub fn aliases(rows: &[Row]) -> TokenStream {
    let aliases = rows.iter().enumerate().flat_map(|(index, row)| {
        let index = Literal::usize_unsuffixed(index);
        row.aliases.iter().map(move |alias| quote!(#alias #index,))
    });
    aliases.collect()
}
