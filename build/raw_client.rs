//! Turns the methods of the raw client into request builders: everything after building is the same for all operations
//! and is done once, in the transport. That removes 184 coroutines with four suspension points each from every build.

use std::collections::BTreeSet;

use quote::quote;

use super::operations::Operation;
use super::raw_parts::{Building, Header, Step};
use super::syntax::{generic_argument, is_path, last_ident, types};

/// Rewrites the raw client.
///
/// # Errors
/// A method in which this pass does not find how the request is built, or does not know the shape of it.
pub fn rewrite(file: &mut syn::File, operations: &[Operation]) -> Result<(), String> {
    // The client has no hooks and no inner value, since it never sends.
    file.items.retain(|item| match item {
        syn::Item::Impl(item) => item.trait_.is_none(),
        syn::Item::Const(_) | syn::Item::Use(_) => false,
        // The prelude would export the client, which is internal.
        syn::Item::Mod(module) => module.ident != "prelude",
        _ => true,
    });
    let enums = types(file).iter().filter_map(|item| match item {
        syn::Item::Macro(item) => super::enums::opened(&item.mac),
        _ => None,
    });
    let enums: BTreeSet<String> = enums.collect();
    for item in &mut file.items {
        match item {
            // The raw client takes its arguments by position, which a new upstream parameter would shift.
            syn::Item::Struct(declared) if declared.ident == "Client" => {
                declared.vis = syn::parse_quote!(pub(crate));
                declared.fields = syn::Fields::Named(syn::parse_quote!({ pub(crate) client: crate::raw::Requests }));
            }
            syn::Item::Impl(item) if last_ident(&item.self_ty).as_deref() == Some("Client") => {
                methods(item, operations, &enums)?
            }
            _ => {}
        }
    }
    file.items.retain(|item| !matches!(item, syn::Item::Impl(item) if item.trait_.is_none() && item.items.is_empty()));
    Ok(())
}

fn methods(item: &mut syn::ItemImpl, operations: &[Operation], enums: &BTreeSet<String>) -> Result<(), String> {
    // They create a client from a base URL given as a string, and `new` an HTTP client with time limits that are not
    // ours.
    item.items.retain(|item| matches!(item, syn::ImplItem::Fn(function) if function.sig.asyncness.is_some()));
    for item in &mut item.items {
        let syn::ImplItem::Fn(function) = item else { continue };
        function.vis = syn::parse_quote!(pub(crate));
        // The docs of the request type describe the method; these are never shown.
        function.attrs.retain(|attr| !attr.path().is_ident("doc"));
        // Compiled by the programs that use it, not in every build of this crate.
        function.attrs.push(syn::parse_quote!(#[inline]));
        function.sig.asyncness = None;
        let name = function.sig.ident.to_string();
        let building = Building::of(&function.block).map_err(|what| format!("`{name}` {what}"))?;
        let optional = operations.iter().any(|operation| operation.is_method(&name) && !operation.body_required);
        let body = Body::of(function, optional);
        let mut arguments = Vec::new();
        for input in &function.sig.inputs {
            if let syn::FnArg::Typed(argument) = input
                && let syn::Pat::Ident(pattern) = &*argument.pat
            {
                arguments.push((pattern.ident.clone(), (*argument.ty).clone()));
            }
        }
        let ty = |ident: &syn::Ident| arguments.iter().find(|(name, _)| name == ident).map(|(_, ty)| ty);
        let (request, method, template) = (&building.request, &building.method, &building.template);
        let segments = building.segments.iter().map(|value| {
            let text = text(quote!(#value), ty(value), enums);
            quote!(crate::raw::Segment(#text))
        });
        let steps = building.steps.iter().map(|step| match step {
            Step::Accept => quote!(#request.accept_json();),
            Step::ContentType(value) => quote!(#request.content_type(#value);),
            Step::Json => body.sent(quote!(#request.json), |value| quote!(::serde_json::to_vec(#value))),
            Step::Form => body.sent(quote!(#request.form), |value| quote!(&#value)),
            Step::Bytes => body.bytes(request),
            Step::Query { name, value } => query(request, name, value, ty(value), enums),
        });
        let headers = building.headers.iter().map(|Header { name, value, required }| {
            let name = quote!(const { ::reqwest::header::HeaderName::from_static(#name) });
            if *required {
                let text = text(quote!(#value), ty(value), enums);
                return quote!(#request.header(#name, #text););
            }
            let text = text(quote!(value), ty(value).and_then(|ty| generic_argument(ty, "Option")), enums);
            quote! {
                if let ::std::option::Option::Some(value) = #value {
                    #request.header(#name, #text);
                }
            }
        });
        function.block = syn::parse_quote!({
            let mut #request =
                self.client.request(::reqwest::Method::#method, ::std::format_args!(#template #(, #segments)*));
            #(#steps)*
            #(#headers)*
            #request.build()
        });
        function.sig.output = syn::parse_quote!(-> crate::raw::Built);
    }
    Ok(())
}

/// A query parameter: a string as it is, a number by `Display`, and anything else as it is serialized.
fn query(
    request: &syn::Ident,
    name: &syn::LitStr,
    value: &syn::Ident,
    ty: Option<&syn::Type>,
    enums: &BTreeSet<String>,
) -> proc_macro2::TokenStream {
    let inside = ty.and_then(|ty| generic_argument(ty, "Option"));
    let (inner, optional) = (inside.or(ty), inside.is_some());
    let given = if optional { quote!(value) } else { quote!(#value) };
    let add = match inner {
        Some(inner) if is_plain(inner) => quote!(#request.query_display(#name, &#given);),
        Some(inner) => match borrowed(given, inner, enums) {
            Some(text) => quote!(#request.query_str(#name, #text);),
            None => return quote!(#request.query(#name, &#value);),
        },
        None => return quote!(#request.query(#name, &#value);),
    };
    if optional { quote!(if let ::std::option::Option::Some(value) = #value { #add }) } else { add }
}

/// An argument as a string: in a path or a header every value is one.
fn text(value: proc_macro2::TokenStream, ty: Option<&syn::Type>, enums: &BTreeSet<String>) -> proc_macro2::TokenStream {
    let text = ty.and_then(|ty| borrowed(value.clone(), ty, enums));
    text.unwrap_or_else(|| quote!(&::std::string::ToString::to_string(&#value)))
}

/// The string that a value contains and is written as, if there is one.
fn borrowed(
    value: proc_macro2::TokenStream,
    ty: &syn::Type,
    enums: &BTreeSet<String>,
) -> Option<proc_macro2::TokenStream> {
    let (ty, reference) = match ty {
        syn::Type::Reference(reference) => (&*reference.elem, true),
        other => (other, false),
    };
    let name = last_ident(ty)?;
    if reference && name == "str" {
        return Some(value);
    }
    let holds = is_path(ty, "crate", "Timestamp")
        || quote!(#ty).to_string().starts_with("crate :: raw :: ids ::")
        || (is_path(ty, "types", &name) && enums.contains(&name));
    holds.then(|| quote!(#value.as_str()))
}

/// Whether values of the type are written by `Display`. Numbers with a fraction are not.
fn is_plain(ty: &syn::Type) -> bool {
    const PLAIN: [&str; 9] = ["bool", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64"];
    matches!(ty, syn::Type::Path(path) if path.path.get_ident().is_some_and(|name| PLAIN.iter().any(|plain| name == plain)))
}

/// The body of a method, which may be optional in the document.
struct Body {
    optional: bool,
    has_secret: bool,
    is_reference: bool,
}

impl Body {
    /// Reads the signature; an optional body becomes an `Option`, and a body of bytes the type that it is kept as.
    fn of(function: &mut syn::ImplItemFn, optional: bool) -> Self {
        let mut body = Self { optional: false, has_secret: false, is_reference: false };
        for input in &mut function.sig.inputs {
            if let syn::FnArg::Typed(argument) = input
                && matches!(&*argument.pat, syn::Pat::Ident(pattern) if pattern.ident == "body")
            {
                match &*argument.ty {
                    syn::Type::Reference(reference) => {
                        body.has_secret = super::fields::has_secret(&reference.elem);
                        body.is_reference = true;
                        body.optional = optional;
                    }
                    ty if last_ident(ty).as_deref() == Some("B") => {
                        *argument.ty = syn::parse_quote!(::reqwest::Body);
                    }
                    _ => {}
                }
                if body.optional {
                    let ty = &argument.ty;
                    *argument.ty = syn::parse_quote!(::std::option::Option<#ty>);
                }
            }
        }
        let is_body =
            |parameter: &syn::GenericParam| matches!(parameter, syn::GenericParam::Type(ty) if ty.ident == "B");
        let generics = std::mem::take(&mut function.sig.generics.params);
        function.sig.generics.params = generics.into_iter().filter(|parameter| !is_body(parameter)).collect();
        body
    }

    /// Sets a body that is serialized; one with secrets is written in full.
    fn sent(
        &self,
        set: proc_macro2::TokenStream,
        written: impl Fn(proc_macro2::TokenStream) -> proc_macro2::TokenStream,
    ) -> proc_macro2::TokenStream {
        let value = written(match (self.has_secret, self.is_reference) {
            (true, _) => quote!(&crate::ser::exposed(body)),
            (false, true) => quote!(body),
            (false, false) => quote!(&body),
        });
        self.unless_missing(quote!(#set(#value);))
    }

    fn bytes(&self, request: &syn::Ident) -> proc_macro2::TokenStream {
        let value = if self.is_reference { quote!(body.to_owned()) } else { quote!(body) };
        self.unless_missing(quote!(#request.body(#value);))
    }

    fn unless_missing(&self, set: proc_macro2::TokenStream) -> proc_macro2::TokenStream {
        if self.optional { quote!(if let ::std::option::Option::Some(body) = body { #set }) } else { set }
    }
}
