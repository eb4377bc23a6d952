//! For the crate's tests: one call of each operation through its request type, so that a new operation in the document
//! is tested without additional code.

use quote::{format_ident, quote};

use super::methods::{Field, fields, methods, required};
use super::names::pascal;
use super::operations::Operation;
use super::syntax::last_ident;

/// A file that only the crate's own tests include.
///
/// # Errors
/// Same as for the requests.
pub fn module(file: &syn::File, operations: &[Operation]) -> Result<syn::File, String> {
    let (mut arms, mut readings, mut lists) = (Vec::new(), Vec::new(), Vec::new());
    let values = super::objects::Values::of(file);
    for method in methods(file) {
        let Some(operation) = operations.iter().find(|operation| operation.is_method(&method.name)) else { continue };
        let fields = fields(&method, operation)?;
        let name = format_ident!("{}", pascal(&operation.id));
        let id = &operation.id;
        readings.push(match super::requests::finish(&method, &values) {
            (output, "json") => quote!(#id => crate::de::of_slice::<#output>(body).map(drop)),
            (output, "any_json") => quote!(#id => ::serde_json::from_slice::<#output>(body).map(drop)),
            (output, read @ ("list" | "any_list")) => {
                let read = format_ident!("{read}");
                quote!(#id => crate::de::#read::<<#output as ::std::iter::IntoIterator>::Item>(body).map(drop))
            }
            _ => quote!(#id => Ok(())),
        });
        let arguments: Vec<_> = required(&fields, operation).into_iter().map(value).collect();
        if operation.list.is_some() {
            lists.push(quote! {
                #id => {
                    let items = crate::requests::#name::new(#(#arguments),*).with_client(client).items();
                    ::std::boxed::Box::pin(async move {
                        let (items, errors) = items.collect_with_errors().await;
                        (items.len(), errors)
                    })
                }
            });
        }
        let names = super::requests::setter_names(&fields);
        let setters = fields.iter().filter(|field| field.optional && !field.always).map(|field| {
            let (ident, value) = (names.setter(&field.ident), value(field));
            quote!(request = request.#ident(#value);)
        });
        arms.push(quote! {
            #id => {
                let mut request = crate::requests::#name::new(#(#arguments),*);
                if full {
                    #(#setters)*
                }
                let request = request.with_client(client);
                ::std::boxed::Box::pin(async move { request.send().await.map(|response| response.status().as_u16()) })
            }
        });
    }
    Ok(syn::parse_quote! {
        use crate::types;
        /// Calls the operation with the given arguments; none for an id that is not an operation.
        pub(crate) fn call(
            id: &str,
            client: &crate::Client,
            arguments: &super::Arguments,
            full: bool,
        ) -> ::std::option::Option<crate::BoxFuture<::std::result::Result<u16, crate::Error>>> {
            ::std::option::Option::Some(match id {
                #(#arms)*
                _ => return ::std::option::Option::None,
            })
        }
        /// Reads the list element by element: how many there were, and what failed. None for an operation that is not a
        /// list.
        pub(crate) fn items(
            id: &str,
            client: &crate::Client,
            arguments: &super::Arguments,
        ) -> ::std::option::Option<
            ::std::pin::Pin<::std::boxed::Box<dyn ::std::future::Future<Output = (usize, ::std::vec::Vec<crate::Error>)> + Send>>,
        > {
            ::std::option::Option::Some(match id {
                #(#lists)*
                _ => return ::std::option::Option::None,
            })
        }
        /// Reads a response of the operation the same way as its request type.
        pub(crate) fn read(id: &str, body: &[u8]) -> ::std::result::Result<(), ::serde_json::Error> {
            match id {
                #(#readings,)*
                _ => Ok(()),
            }
        }
    })
}

/// The sample value of a field, by its place in the document.
fn value(field: &Field<'_>) -> proc_macro2::TokenStream {
    let ty = &field.owned;
    match field.parameter {
        Some(parameter) => {
            let name = &parameter.name;
            quote!(arguments.parameter::<#ty>(#name))
        }
        None if last_ident(ty).as_deref() == Some("Body") => quote!(arguments.bytes()),
        None if field.ident == "content_type" => quote!(arguments.content_type()),
        None => quote!(arguments.json::<#ty>()),
    }
}
