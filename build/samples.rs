//! For the tests of the crate: one call of each operation through its request type, so that an operation which the
//! document gains is tested without a line of code.

use quote::{format_ident, quote};

use super::operations::Operation;
use super::requests::{Field, fields, methods, pascal, required};
use super::syntax::last_ident;

/// Adds the module `samples`, which only the crate's own tests compile.
///
/// # Errors
/// As for the requests.
pub fn add(file: &mut syn::File, operations: &[Operation]) -> Result<(), String> {
    let mut arms = Vec::new();
    for method in methods(file) {
        let Some(operation) = operations.iter().find(|operation| operation.id == method.name) else { continue };
        let fields = fields(&method, operation)?;
        let name = format_ident!("{}", pascal(&operation.id));
        let id = &operation.id;
        let arguments = required(&fields, operation).into_iter().map(value);
        let setters = fields.iter().filter(|field| field.optional).map(|field| {
            let (ident, value) = (&field.ident, value(field));
            quote!(request = request.#ident(#value);)
        });
        arms.push(quote! {
            #id => {
                let mut request = super::requests::#name::new(#(#arguments),*);
                if full {
                    #(#setters)*
                }
                let request = request.with_client(client);
                ::std::boxed::Box::pin(async move { request.send().await.map(|answer| answer.status().as_u16()) })
            }
        });
    }
    file.items.push(syn::parse_quote! {
        #[cfg(test)]
        pub(crate) mod samples {
            use super::types;
            /// Calls the operation with the given arguments; none for an id that is not an operation.
            pub(crate) fn call(
                id: &str,
                client: &crate::Client,
                arguments: &crate::raw::every_operation::Arguments,
                full: bool,
            ) -> ::std::option::Option<crate::BoxFuture<::std::result::Result<u16, crate::Error>>> {
                ::std::option::Option::Some(match id {
                    #(#arms)*
                    _ => return ::std::option::Option::None,
                })
            }
        }
    });
    Ok(())
}

/// The sample of a field, by the place that the document gives it.
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
