//! What `x-pagination` says about a list, and the code that makes a request type a list.

use quote::{format_ident, quote};
use serde_json::Value;

use super::methods::Method;
use super::names::{flat, pascal};
use super::operations::Operation;
use super::syntax::{generic_argument, last_ident, serde_key, structure};

/// How a list is read.
#[derive(Clone, Debug)]
pub struct List {
    /// The key of the list in the response; none for a bare array.
    pub items: Option<String>,
    /// The property that identifies an element.
    pub id: Option<String>,
    /// How its pages follow each other.
    pub style: Style,
}

/// How the pages of a list follow each other.
#[derive(Clone, Debug)]
pub enum Style {
    /// There is only one response.
    None,
    /// By a token.
    Token { send: String, receive: String, follow_refuses: Vec<String> },
    /// By the id of the last element.
    Keyset { send: String, more: String },
    /// By ranges of numbers.
    Range { first: String, last: String, number: String },
}

impl List {
    /// Reads the extension of an operation.
    ///
    /// # Errors
    /// What is missing or unknown.
    pub fn read(extension: &Value) -> Result<Self, String> {
        let text = |key: &str| extension.get(key).and_then(Value::as_str).map(str::to_owned);
        let needed = |key: &str| text(key).ok_or_else(|| format!("x-pagination lacks `{key}`"));
        let style = match needed("style")?.as_str() {
            "none" => Style::None,
            "token" => {
                let refuses = extension.get("follow-refuses").and_then(Value::as_array);
                let refuses = refuses.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
                Style::Token { send: needed("send")?, receive: needed("receive")?, follow_refuses: refuses.collect() }
            }
            "keyset" => Style::Keyset { send: needed("send")?, more: needed("more")? },
            "range" => Style::Range { first: needed("first")?, last: needed("last")?, number: needed("number")? },
            other => return Err(format!("x-pagination has the unknown style `{other}`")),
        };
        Ok(Self { items: text("items"), id: text("id"), style })
    }

    /// The row of the table of operations.
    pub fn info(&self) -> proc_macro2::TokenStream {
        let optional = |value: &Option<String>| match value {
            Some(text) => quote!(::std::option::Option::Some(#text)),
            None => quote!(::std::option::Option::None),
        };
        let (items, id) = (optional(&self.items), optional(&self.id));
        let pagination = match &self.style {
            Style::None => quote!(None),
            Style::Token { send, receive, follow_refuses } => {
                quote!(Token { send: #send, receive: #receive, follow_refuses: &[#(#follow_refuses),*] })
            }
            Style::Keyset { send, more } => quote!(Keyset { send: #send, more: #more }),
            Style::Range { first, last, number } => quote!(Range { first: #first, last: #last, number: #number }),
        };
        quote!(crate::operation::ListInfo {
            items: #items, item_id: #id, pagination: crate::operation::Pagination::#pagination,
        })
    }
}

/// The implementation that makes a request type a list, and the methods for reading it.
///
/// # Errors
/// A list whose element type is not known.
pub fn implement(
    file: &syn::File,
    method: &Method,
    operation: &Operation,
    build: &proc_macro2::TokenStream,
) -> Result<proc_macro2::TokenStream, String> {
    let Some(list) = &operation.list else { return Ok(quote!()) };
    let list = list.as_ref().map_err(|message| format!("`{}`: {message}", operation.id))?;
    let name = format_ident!("{}", pascal(&operation.id));
    let item = item(file, &method.output, list)
        .ok_or_else(|| format!("`{}`: the response has no list that x-pagination could refer to", operation.id))?;
    let ident = format_ident!("{item}");
    let key = match &list.id {
        None => quote!(::std::option::Option::None),
        Some(id) => {
            let field = structure(file, &item)
                .and_then(|declared| declared.fields.iter().find(|field| is_called(field, id)))
                .ok_or_else(|| format!("`{}`: `{item}` has no property `{id}`", operation.id))?;
            let (field, optional) = (&field.ident, generic_argument(&field.ty, "Option").is_some());
            let key = match optional {
                true => quote!(item.#field.as_ref().map(crate::request::list::key)),
                false => quote!(::std::option::Option::Some(crate::request::list::key(&item.#field))),
            };
            quote!(::std::option::Option::Some(|item: &types::#ident| #key))
        }
    };
    let info = super::operations::constant(operation);
    let is_paged = !matches!(list.style, Style::None);
    let (resume, methods) = match &list.style {
        Style::None => {
            (quote!(::std::option::Option::None), quote!(crate::items::list_methods!(#name, types::#ident);))
        }
        style => {
            let follow = matches!(style, Style::Token { .. });
            let follow = follow.then(|| quote!(crate::items::follow_methods!(#name, types::#ident);));
            let methods = quote! {
                crate::items::list_methods!(#name, types::#ident);
                crate::items::page_methods!(#name, types::#ident);
                #follow
            };
            (quote!(self.resume.as_ref()), methods)
        }
    };
    debug_assert_eq!(is_paged, operation.is_paged());
    Ok(quote! {
        impl<C> #name<C> {
            fn build(&self, call: &crate::request::Call) -> crate::request::Built {
                #build
            }
        }
        impl<C> crate::request::list::ListOperation for #name<C> {
            type Item = types::#ident;
            const KEY: ::std::option::Option<crate::request::list::KeyOf<types::#ident>> = #key;
            fn call(&self) -> (&'static crate::operation::OperationInfo, &crate::operation::CallOptions) {
                (&super::operations::#info, &self.options)
            }
            fn build(&self, call: &crate::request::Call) -> crate::request::Built {
                self.build(call)
            }
            fn resume_from(&self) -> ::std::option::Option<&crate::ResumeToken> {
                #resume
            }
        }
        #methods
    })
}

/// The name of the type of the elements.
fn item(file: &syn::File, output: &syn::Type, list: &List) -> Option<String> {
    if let Some(item) = generic_argument(output, "Vec") {
        return last_ident(item);
    }
    let key = list.items.as_deref()?;
    let declared = structure(file, &last_ident(output)?)?;
    let field = declared.fields.iter().find(|field| is_called(field, key))?;
    let vec = generic_argument(&field.ty, "Option").unwrap_or(&field.ty);
    last_ident(generic_argument(vec, "Vec")?)
}

fn is_called(field: &syn::Field, wire: &str) -> bool {
    let ident = field.ident.as_ref().map(ToString::to_string).unwrap_or_default();
    serde_key(&field.attrs, "rename").is_some_and(|name| name == wire) || flat(&ident) == flat(wire)
}
