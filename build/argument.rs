//! How a value is taken from a caller: the argument, and the setter of something that may be left out.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;

use super::setters::Names;
use super::syntax::{generic_argument, last_ident};

/// How a value of some type is taken from a caller.
pub struct Argument {
    /// The type of the argument.
    pub ty: TokenStream,
    /// The expression that makes the value of the argument.
    pub value: TokenStream,
}

impl Argument {
    /// Strings, numbers, identifiers and enums come from anything that converts; lists from anything that iterates.
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
            // Minutes and sizes come as what a program counts in.
            Some("i64") => Argument { ty: quote!(impl crate::IntoInteger), value: quote!(#ident.into_integer()) },
            _ => {
                let into = into(ty);
                Argument { ty: quote!(impl #into<#ty>), value: quote!(#ident.into()) }
            }
        }
    }
}

/// The trait of what can be given for a value. That of ids has the compiler say how one is made of a string.
fn into(ty: &syn::Type) -> TokenStream {
    let is_id = matches!(ty, syn::Type::Path(path) if path.path.segments.iter().any(|segment| segment.ident == "ids"));
    if is_id { quote!(crate::IntoId) } else { quote!(::std::convert::Into) }
}

/// A method that sets the field `ident` to what `wrap` makes of the given value, and one that may be given none.
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
    let maybe_text = format!(" As [`{plain}`](Self::{plain}) where there is a value; none leaves everything as it is.");
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
