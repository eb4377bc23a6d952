//! The methods that progenitor generates, and their arguments.

use quote::{format_ident, quote};

use super::names::flat;
use super::operations::{Operation, Parameter};
use super::syntax::{generic_argument, last_ident};

/// A method of the raw client.
pub struct Method {
    /// Its name, which is the operationId.
    pub name: String,
    /// The arguments after `self`.
    pub inputs: Vec<(String, syn::Type)>,
    /// `T` of the `ResponseValue<T>` that it returns.
    pub output: syn::Type,
}

/// The operations among the methods of the raw client, in the order of the file.
pub fn methods(file: &syn::File) -> Vec<Method> {
    let mut found = Vec::new();
    for item in &file.items {
        let syn::Item::Impl(item) = item else { continue };
        if item.trait_.is_some() || last_ident(&item.self_ty).as_deref() != Some("Client") {
            continue;
        }
        for item in &item.items {
            let syn::ImplItem::Fn(function) = item else { continue };
            if function.sig.asyncness.is_none() {
                continue;
            }
            let syn::ReturnType::Type(_, output) = &function.sig.output else { continue };
            let value = generic_argument(output, "Result").and_then(|ok| generic_argument(ok, "ResponseValue"));
            let Some(output) = value.cloned() else { continue };
            let inputs = function.sig.inputs.iter().filter_map(|input| match input {
                syn::FnArg::Typed(argument) => match &*argument.pat {
                    syn::Pat::Ident(pattern) => Some((pattern.ident.to_string(), (*argument.ty).clone())),
                    _ => None,
                },
                syn::FnArg::Receiver(_) => None,
            });
            found.push(Method { name: function.sig.ident.to_string(), inputs: inputs.collect(), output });
        }
    }
    found
}

/// An argument of the raw method, and how the request stores it.
pub struct Field<'a> {
    /// Its name.
    pub ident: syn::Ident,
    /// The type that the request owns.
    pub owned: syn::Type,
    /// The expression that passes the field on.
    pub pass: proc_macro2::TokenStream,
    /// Whether it is optional.
    pub optional: bool,
    /// Whether it is always sent; then it has no setter.
    pub always: bool,
    /// What the document says about it; none for a body.
    pub parameter: Option<&'a Parameter>,
}

/// The arguments of a method in the order of its signature.
///
/// # Errors
/// An argument whose shape this pass does not know.
pub fn fields<'a>(method: &Method, operation: &'a Operation) -> Result<Vec<Field<'a>>, String> {
    method.inputs.iter().map(|(name, ty)| field(name, ty, operation)).collect()
}

/// The arguments that `new` takes, in its order.
pub fn required<'f, 'a>(fields: &'f [Field<'a>], operation: &Operation) -> Vec<&'f Field<'a>> {
    let mut required: Vec<&Field<'a>> = fields.iter().filter(|field| !field.optional).collect();
    required.sort_by_key(|field| rank(field, operation));
    required
}

fn field<'a>(name: &str, ty: &syn::Type, operation: &'a Operation) -> Result<Field<'a>, String> {
    let ident = format_ident!("{name}");
    let parameter = operation.parameters.iter().find(|parameter| flat(&parameter.name) == flat(name));
    let string: syn::Type = syn::parse_quote!(::std::string::String);
    let is_str = |ty: &syn::Type| last_ident(ty).as_deref() == Some("str");
    let secret = parameter.is_some_and(|parameter| parameter.secret);
    let hidden: syn::Type = syn::parse_quote!(crate::Secret);
    let (owned, pass, optional) = match ty {
        syn::Type::Reference(reference) if name == "body" && !operation.body_required && is_str(&reference.elem) => {
            (string, quote!(self.#ident.as_deref()), true)
        }
        syn::Type::Reference(reference) if secret && is_str(&reference.elem) => {
            (hidden, quote!(self.#ident.expose()), false)
        }
        syn::Type::Reference(reference) if is_str(&reference.elem) => (string, quote!(&self.#ident), false),
        syn::Type::Reference(reference) if name == "body" && !operation.body_required => {
            let ty = &reference.elem;
            (syn::parse_quote!(#ty), quote!(self.#ident.as_ref()), true)
        }
        syn::Type::Reference(reference) => ((*reference.elem).clone(), quote!(&self.#ident), false),
        syn::Type::Path(_) if last_ident(ty).as_deref() == Some("B") => {
            (syn::parse_quote!(::reqwest::Body), quote!(self.#ident), false)
        }
        syn::Type::Path(_) => match generic_argument(ty, "Option") {
            Some(syn::Type::Reference(reference)) if secret && is_str(&reference.elem) => {
                (hidden, quote!(self.#ident.as_ref().map(crate::Secret::expose)), true)
            }
            Some(syn::Type::Reference(reference)) if is_str(&reference.elem) => {
                (string, quote!(self.#ident.as_deref()), true)
            }
            Some(syn::Type::Reference(reference)) => ((*reference.elem).clone(), quote!(self.#ident.as_ref()), true),
            Some(inner) => (inner.clone(), quote!(self.#ident.clone()), true),
            None => (ty.clone(), quote!(self.#ident.clone()), false),
        },
        other => return Err(format!("`{}` has an argument `{name}` of the type `{}`", operation.id, quote!(#other))),
    };
    let always = optional && parameter.is_some_and(|parameter| parameter.always);
    Ok(Field { ident, owned, pass, optional, always, parameter })
}

/// Path parameters in the order of the path, then the query in the order of the document, then the body.
fn rank(field: &Field<'_>, operation: &Operation) -> (u8, usize) {
    let Some(parameter) = field.parameter else { return (2, 0) };
    match operation.path.find(&format!("{{{}}}", parameter.name)) {
        Some(position) => (0, position),
        None => (1, operation.parameters.iter().position(|other| other.name == parameter.name).unwrap_or(usize::MAX)),
    }
}
