//! Writing of the types module: every type by `crate::ser`, none by serde's derive.

use quote::{ToTokens, quote};

use super::fields::has_secret;
use super::syntax::{derives, last_ident, serde_key, types_module};
use super::told::{Told, forget_writing, to_serde};
use super::types::wire_name;

/// Removes derived writing from every type. This is the last pass: after it, only the tables for reading and writing
/// say what is on the wire.
///
/// # Errors
/// The first type with an unknown way of writing.
pub fn by_table(file: &mut syn::File) -> Result<(), String> {
    let Some(items) = types_module(file) else { return Ok(()) };
    for mut item in std::mem::take(items) {
        let (attributes, made) = match &item {
            syn::Item::Struct(declared) => (&declared.attrs, of_struct as fn(&syn::Item) -> _),
            syn::Item::Enum(declared) => (&declared.attrs, of_union as fn(&syn::Item) -> _),
            _ => {
                items.push(item);
                continue;
            }
        };
        let made = if derives(attributes, "Serialize") { made(&item)? } else { Vec::new() };
        forget_writing(&mut item);
        items.push(item);
        items.extend(made);
    }
    Ok(())
}

fn of_struct(item: &syn::Item) -> Result<Vec<syn::Item>, String> {
    let syn::Item::Struct(declared) = item else { return Ok(Vec::new()) };
    let name = &declared.ident;
    match &declared.fields {
        syn::Fields::Named(fields) => {
            to_serde(&declared.attrs).next().map_or(Ok(()), |attribute| Err(unknown(name, attribute)))?;
            let rows = Rows::of(name, &fields.named)?;
            let others = rows.others.map(|others| quote!(..#others));
            let rows = rows.rows.iter().map(|Row { wire, field, how }| {
                let how = how.map(|how| quote::format_ident!("{how}"));
                quote!(#wire #how .#field,)
            });
            Ok(vec![syn::parse_quote!(crate::ser::written! { #name { #(#rows)* #others } })])
        }
        syn::Fields::Unnamed(fields) if fields.unnamed.len() == 1 && is(&declared.attrs, "transparent") => {
            let value = whole(name, &fields.unnamed[0], quote!(&self.0))?;
            Ok(written(name, &quote!(crate::ser::Writable::write(#value, out))))
        }
        other => Err(unknown(name, other)),
    }
}

fn of_union(item: &syn::Item) -> Result<Vec<syn::Item>, String> {
    let syn::Item::Enum(declared) = item else { return Ok(Vec::new()) };
    let name = &declared.ident;
    let arms = declared.variants.iter().map(|branch| {
        let variant = &branch.ident;
        match &branch.fields {
            syn::Fields::Unnamed(fields) if fields.unnamed.len() == 1 && branch_is_plain(branch) => {
                let value = whole(name, &fields.unnamed[0], quote!(value))?;
                Ok(quote!(Self::#variant(value) => crate::ser::Writable::write(#value, out),))
            }
            syn::Fields::Named(fields) if branch_is_plain(branch) => {
                let Rows { rows, others: None } = Rows::of(name, &fields.named)? else {
                    return Err(unknown(name, branch));
                };
                let (names, text) = (rows.iter().map(|row| &row.wire), name.to_string());
                let values = rows.iter().map(|Row { field, how, .. }| match how {
                    Some(how) => {
                        let how = quote::format_ident!("{how}");
                        quote!(&crate::ser::#how(#field))
                    }
                    None => quote!(#field),
                });
                let fields = fields.named.iter().map(|field| &field.ident);
                Ok(quote! {
                    // What is not written is not named.
                    #[allow(unused_variables)]
                    Self::#variant { #(#fields),* } => out.object(#text, &[#(#names),*], &[#(#values),*]),
                })
            }
            _ => Err(unknown(name, branch)),
        }
    });
    let arms = arms.collect::<Result<Vec<_>, String>>()?;
    if !is(&declared.attrs, "untagged") {
        return Err(unknown(name, &quote!(union)));
    }
    Ok(written(name, &quote!(match self { #(#arms)* })))
}

/// The two implementations; `out` is what the value is written to.
fn written(name: &syn::Ident, how: &proc_macro2::TokenStream) -> Vec<syn::Item> {
    let whole = syn::parse_quote! {
        impl ::serde::Serialize for #name {
            #[inline]
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                crate::ser::serialize(self, serializer)
            }
        }
    };
    let part = syn::parse_quote! {
        impl crate::ser::Writable for #name {
            #[inline]
            fn write(&self, out: &mut dyn crate::ser::Out) {
                #how
            }
        }
    };
    vec![whole, part]
}

/// One property: its name, the field that holds it, and how that is prepared.
struct Row {
    wire: String,
    field: syn::Ident,
    how: Option<&'static str>,
}

/// The properties of an object.
struct Rows {
    rows: Vec<Row>,
    /// The map of the properties without a field of their own.
    others: Option<syn::Ident>,
}

impl Rows {
    fn of<'a>(owner: &syn::Ident, fields: impl IntoIterator<Item = &'a syn::Field>) -> Result<Self, String> {
        let mut rows = Self { rows: Vec::new(), others: None };
        for field in fields {
            let Some(ident) = &field.ident else { continue };
            let told = Told::of(&field.attrs).ok_or_else(|| unknown(owner, field))?;
            let (shown, may_be_absent) = (shown(owner, field, &told)?, may_be_absent(owner, field, &told)?);
            if told.skipped {
                continue;
            }
            if told.flat {
                rows.others = Some(ident.clone());
                continue;
            }
            let can_be_absent = last_ident(&field.ty).is_some_and(|ty| ty == "Option" || ty == "Patch");
            let how = match (shown, can_be_absent && !may_be_absent) {
                (None, false) => None,
                (None, true) => Some("always"),
                (Some(true), false) => Some("exposed"),
                (Some(true), true) => Some("always_exposed"),
                (Some(false), _) => Some("redacted"),
            };
            rows.rows.push(Row { wire: wire_name(field), field: ident.clone(), how });
        }
        Ok(rows)
    }
}

/// A value without a name of its own.
fn whole(
    owner: &syn::Ident,
    field: &syn::Field,
    value: proc_macro2::TokenStream,
) -> Result<proc_macro2::TokenStream, String> {
    let told = Told::of(&field.attrs).ok_or_else(|| unknown(owner, field))?;
    match shown(owner, field, &told)? {
        None if !told.flat && !told.skipped && !has_secret(&field.ty) => Ok(value),
        None => Err(unknown(owner, field)),
        Some(true) => Ok(quote!(&crate::ser::exposed(#value))),
        Some(false) => Ok(quote!(&crate::ser::redacted(#value))),
    }
}

/// For a field with secrets: whether they are shown.
///
/// # Errors
/// A function that is not known here.
fn shown(owner: &syn::Ident, field: &syn::Field, told: &Told) -> Result<Option<bool>, String> {
    match told.written_with.as_deref() {
        None => Ok(None),
        Some("crate::secret::expose") => Ok(Some(true)),
        Some("crate::secret::redact") => Ok(Some(false)),
        Some(_) => Err(unknown(owner, field)),
    }
}

/// Whether a field is left out if it is empty.
///
/// # Errors
/// A function that is not known here.
fn may_be_absent(owner: &syn::Ident, field: &syn::Field, told: &Told) -> Result<bool, String> {
    match told.skipped_if.as_deref() {
        None => Ok(false),
        Some("::std::option::Option::is_none" | "crate::Patch::is_absent") => Ok(true),
        Some(_) => Err(unknown(owner, field)),
    }
}

fn branch_is_plain(branch: &syn::Variant) -> bool {
    to_serde(&branch.attrs).next().is_none()
}

/// Whether this is all that serde is told about a type.
fn is(attributes: &[syn::Attribute], what: &str) -> bool {
    to_serde(attributes).count() == 1 && serde_key(attributes, what).is_some()
}

fn unknown(name: &syn::Ident, what: &impl ToTokens) -> String {
    format!("how the type {name} is written or read is not known: {}", what.to_token_stream())
}
