//! One request type for each operation, made from the signature of the method that progenitor wrote for it.

use super::normalize::fenced;
use super::operations::{Operation, Parameter};
use super::syntax::{doc_attrs, generic_argument, last_ident};
use super::types::{Argument, flat};
use quote::{format_ident, quote};

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

/// Adds the module `requests`.
///
/// # Errors
/// A method that belongs to no operation, or an argument of a shape that this pass does not know.
pub fn add(file: &mut syn::File, operations: &[Operation]) -> Result<(), String> {
    let mut requests = Vec::new();
    for method in methods(file) {
        let position = operations.iter().position(|operation| operation.id == method.name);
        let index = position.ok_or_else(|| {
            format!("the operationId of the method `{}` is not in snake case; write it so in the overlay", method.name)
        })?;
        requests.push(request(&method, &operations[index], index)?);
    }
    file.items.push(syn::parse_quote! {
        /// One request type for each operation: required arguments in `new`, the others as setters.
        pub mod requests {
            use super::types;
            #(#requests)*
        }
    });
    Ok(())
}

/// An argument of the raw method, and how the request keeps it.
pub struct Field<'a> {
    /// Its name.
    pub ident: syn::Ident,
    /// The type that the request owns.
    pub owned: syn::Type,
    /// The expression that passes the field on.
    pass: proc_macro2::TokenStream,
    /// Whether it may be left out.
    pub optional: bool,
    /// What the document says of it; nothing for a body.
    pub parameter: Option<&'a Parameter>,
}

/// The arguments of a method in the order of its signature.
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
    let text: syn::Type = syn::parse_quote!(::std::string::String);
    let is_str = |ty: &syn::Type| last_ident(ty).as_deref() == Some("str");
    let (owned, pass, optional) = match ty {
        syn::Type::Reference(reference) if is_str(&reference.elem) => (text, quote!(&self.#ident), false),
        syn::Type::Reference(reference) if name == "body" && !operation.body_required => {
            let ty = &reference.elem;
            let pass = quote!(&call.optional_body(&self.#ident));
            (syn::parse_quote!(#ty), pass, true)
        }
        syn::Type::Reference(reference) => ((*reference.elem).clone(), quote!(&self.#ident), false),
        syn::Type::Path(_) if last_ident(ty).as_deref() == Some("B") => {
            (syn::parse_quote!(::reqwest::Body), quote!(self.#ident), false)
        }
        syn::Type::Path(_) => match generic_argument(ty, "Option") {
            Some(syn::Type::Reference(reference)) if is_str(&reference.elem) => {
                (text, quote!(self.#ident.as_deref()), true)
            }
            Some(syn::Type::Reference(reference)) => ((*reference.elem).clone(), quote!(self.#ident.as_ref()), true),
            Some(inner) => (inner.clone(), quote!(self.#ident.clone()), true),
            None => (ty.clone(), quote!(self.#ident.clone()), false),
        },
        other => return Err(format!("`{}` has an argument `{name}` of the type `{}`", operation.id, quote!(#other))),
    };
    Ok(Field { ident, owned, pass, optional, parameter })
}

/// Path parameters as they stand in the path, then the query in the order of the document, then the body.
fn rank(field: &Field<'_>, operation: &Operation) -> (u8, usize) {
    let Some(parameter) = field.parameter else { return (2, 0) };
    match operation.path.find(&format!("{{{}}}", parameter.name)) {
        Some(position) => (0, position),
        None => (1, operation.parameters.iter().position(|other| other.name == parameter.name).unwrap_or(usize::MAX)),
    }
}

fn request(method: &Method, operation: &Operation, index: usize) -> Result<proc_macro2::TokenStream, String> {
    let fields = fields(method, operation)?;
    let required = required(&fields, operation);
    let optional: Vec<&Field<'_>> = fields.iter().filter(|field| field.optional).collect();
    let name = format_ident!("{}", pascal(&operation.id));
    let raw_name = format_ident!("{}", method.name);

    let declared = fields.iter().map(|field| {
        let (ident, ty) = (&field.ident, &field.owned);
        if field.optional { quote!(#ident: ::std::option::Option<#ty>) } else { quote!(#ident: #ty) }
    });
    let arguments: Vec<_> =
        required.iter().map(|field| (&field.ident, Argument::of(&field.ident, &field.owned))).collect();
    let new_arguments = arguments.iter().map(|(ident, argument)| {
        let ty = &argument.ty;
        quote!(#ident: #ty)
    });
    let new_values = arguments.iter().map(|(ident, argument)| {
        let value = &argument.value;
        quote!(#ident: #value)
    });
    let new_nones = optional.iter().map(|field| {
        let ident = &field.ident;
        quote!(#ident: ::std::option::Option::None)
    });
    let setters = optional.iter().map(|field| setter(field));
    let checks = fields.iter().filter_map(|field| {
        let parameter = field.parameter.filter(|parameter| parameter.place == "path")?;
        let text = last_ident(&field.owned).as_deref() == Some("String");
        let (ident, name) = (&field.ident, &parameter.name);
        text.then(|| quote!(call.check_path_argument(#name, &self.#ident);))
    });
    let names: Vec<_> = fields.iter().map(|field| &field.ident).collect();
    let passes = fields.iter().map(|field| &field.pass);
    let (output, finish) = match last_ident(&method.output).as_deref() {
        Some("ByteStream") => (syn::parse_quote!(::std::string::String), quote!(text)),
        _ if matches!(&method.output, syn::Type::Tuple(_)) => (method.output.clone(), quote!(empty)),
        _ => (method.output.clone(), quote!(json)),
    };
    let text = doc_attrs(&request_docs(operation));
    let new_text = new_docs(&required);
    Ok(quote! {
        #(#text)*
        #[derive(Debug)]
        #[must_use = "a request does nothing until it is awaited or sent"]
        pub struct #name<C = ()> {
            client: C,
            options: crate::operation::CallOptions,
            #(#declared),*
        }
        impl #name {
            #(#new_text)*
            pub fn new(#(#new_arguments),*) -> Self {
                Self { client: (), options: ::std::default::Default::default(), #(#new_values,)* #(#new_nones),* }
            }
        }
        impl<C> #name<C> {
            #(#setters)*
            /// Binds the request to a client, so that it can be awaited.
            pub fn with_client(self, client: &crate::Client) -> #name<crate::Client> {
                #name { client: client.clone(), options: self.options, #(#names: self.#names),* }
            }
        }
        impl<C: ::std::marker::Send + 'static> crate::request::Operation for #name<C> {
            type Output = #output;
            const INFO: &'static crate::operation::OperationInfo = &super::OPERATIONS[#index];
            fn options(&self) -> &crate::operation::CallOptions {
                &self.options
            }
            fn run(
                self,
                call: crate::request::Call,
            ) -> crate::request::BoxFuture<::std::result::Result<crate::Response<#output>, crate::Error>> {
                #(#checks)*
                let request = call.raw.#raw_name(#(#passes),*);
                call.#finish(request)
            }
        }
        crate::request::awaitable!(#name, #output);
    })
}

fn setter(field: &Field<'_>) -> proc_macro2::TokenStream {
    let ident = &field.ident;
    let argument = Argument::of(ident, &field.owned);
    let (ty, value) = (&argument.ty, &argument.value);
    let text = match field.parameter {
        Some(parameter) => parameter.description.clone(),
        None => "The body of the request; left out unless it is set.".to_owned(),
    };
    let text = doc_attrs(&fenced(&text).lines().map(str::to_owned).collect::<Vec<_>>());
    quote! {
        #(#text)*
        pub fn #ident(mut self, #ident: #ty) -> Self {
            self.#ident = ::std::option::Option::Some(#value);
            self
        }
    }
}

fn request_docs(operation: &Operation) -> Vec<String> {
    let mut text = format!("{}.\n\n{}", operation.summary.trim_end_matches('.'), fenced(&operation.description));
    text.push_str(&format!("\n\n`{} {}`", operation.method, operation.path));
    text.lines().map(str::to_owned).collect()
}

fn new_docs(required: &[&Field<'_>]) -> Vec<syn::Attribute> {
    let mut text = vec!["Creates the request from what must be given.".to_owned()];
    for (index, field) in required.iter().enumerate() {
        if let Some(parameter) = field.parameter {
            if index == 0 {
                text.push(String::new());
            }
            text.push(format!("* `{}`: {}", field.ident, parameter.description.replace('\n', " ")));
        }
    }
    doc_attrs(&text)
}

/// `list_workspaces` as `ListWorkspaces`.
pub fn pascal(snake: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
    };
    snake.split('_').map(word).collect()
}
