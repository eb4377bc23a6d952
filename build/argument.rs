//! How a value is taken from a caller: the argument, and the setter of an optional value.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;

use super::setters::Names;
use super::syntax::{generic_argument, last_ident};

/// How a value of some type is taken from a caller.
pub struct Argument {
    /// The type of the argument.
    pub ty: TokenStream,
    /// The expression for the value of the argument.
    pub value: TokenStream,
}

impl Argument {
    /// Strings, numbers, identifiers and enums accept anything that converts; lists accept anything that iterates.
    pub fn of(ident: &syn::Ident, ty: &syn::Type) -> Self {
        if let Some(item) = generic_argument(ty, "Vec") {
            let into = into(item);
            return Argument {
                ty: quote!(impl ::std::iter::IntoIterator<Item = impl #into<#item>>),
                value: quote!(#ident.into_iter().map(::std::convert::Into::into).collect()),
            };
        }
        match last_ident(ty).as_deref() {
            Some("bool" | "BTreeMap" | "Map" | "Value") | None => Argument { ty: quote!(#ty), value: quote!(#ident) },
            // Minutes and sizes accept any integer type that a program counts in.
            Some("i64") => Argument { ty: quote!(impl crate::IntoInteger), value: quote!(#ident.into_integer()) },
            _ => {
                let into = into(ty);
                Argument { ty: quote!(impl #into<#ty>), value: quote!(#ident.into()) }
            }
        }
    }
}

/// The trait that an argument must implement. The one for ids makes the compiler explain how to parse an id from a
/// string.
fn into(ty: &syn::Type) -> TokenStream {
    let is_id = matches!(ty, syn::Type::Path(path) if path.path.segments.iter().any(|segment| segment.ident == "ids"));
    if is_id { quote!(crate::IntoId) } else { quote!(::std::convert::Into) }
}

/// A method that sets the field `ident` to the result of `wrap`, and one that takes an option.
pub fn setter(
    attrs: &[syn::Attribute],
    ident: &syn::Ident,
    names: &mut Names,
    ty: &syn::Type,
    wrap: impl FnOnce(TokenStream) -> TokenStream,
) -> TokenStream {
    let Argument { ty, value } = Argument::of(ident, ty);
    let value = wrap(value);
    let (name, maybe) = (names.setter(ident), names.maybe(ident));
    let plain = name.unraw();
    let maybe_text = format!(" Same as [`{plain}`](Self::{plain}), but takes an option; `None` changes nothing.");
    let must_use = attrs.iter().filter(|attribute| attribute.path().is_ident("must_use"));
    quote! {
        #(#attrs)*
        pub fn #name(mut self, #ident: #ty) -> Self {
            self.#ident = #value;
            self
        }
        #[doc = #maybe_text]
        #(#must_use)*
        pub fn #maybe(self, #ident: ::std::option::Option<#ty>) -> Self {
            match #ident {
                ::std::option::Option::Some(value) => self.#name(value),
                ::std::option::Option::None => self,
            }
        }
    }
}
