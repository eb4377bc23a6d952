//! One request type for each operation, derived from the signature of the method that progenitor generated for it.

use quote::{format_ident, quote};

use super::argument::{Argument, setter};
use super::lists;
use super::methods::{Field, Method, fields, methods, required};
use super::names::pascal;
use super::normalize::fenced;
use super::objects::Values;
use super::operations::Operation;
use super::setters::{Names, OF_REQUESTS};
use super::syntax::{derives, doc_attrs, docs, generic_argument, last_ident, structure};

/// Adds the module `requests`.
///
/// # Errors
/// A method without an operation, or an argument whose shape this pass does not know.
pub fn add(file: &mut syn::File, operations: &[Operation]) -> Result<(), String> {
    let mut requests = Vec::new();
    for method in methods(file) {
        let operation = operations.iter().find(|operation| operation.is_method(&method.name));
        let operation = operation.ok_or_else(|| {
            format!("the operationId of the method `{}` is not in snake case; correct it in the overlay", method.name)
        })?;
        requests.push(request(file, &method, operation)?);
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

/// A type as it is named outside the types module.
fn qualified(ty: &syn::Type) -> syn::Type {
    struct Qualify;
    impl syn::visit_mut::VisitMut for Qualify {
        fn visit_type_path_mut(&mut self, path: &mut syn::TypePath) {
            syn::visit_mut::visit_type_path_mut(self, path);
            let is_ours = path.path.leading_colon.is_none() && path.path.segments.len() == 1;
            let is_primitive = path
                .path
                .get_ident()
                .is_some_and(|name| name.to_string().starts_with(|c: char| c.is_ascii_lowercase()));
            if is_ours && !is_primitive {
                path.path.segments.insert(0, syn::parse_quote!(types));
            }
        }
    }
    let mut ty = ty.clone();
    syn::visit_mut::VisitMut::visit_type_mut(&mut Qualify, &mut ty);
    ty
}

/// The fields of the struct that a request has as its body.
fn body_parts(file: &syn::File, method: &Method) -> Vec<syn::Field> {
    let body = method.inputs.iter().find(|(name, _)| name == "body").map(|(_, ty)| match ty {
        syn::Type::Reference(reference) => (*reference.elem).clone(),
        other => other.clone(),
    });
    // A list or a map of structs has no fields of its own to set.
    let body = body.as_ref().and_then(last_ident).unwrap_or_default();
    // A struct with required fields cannot be started from one of the others.
    let declared = structure(file, &body).filter(|declared| derives(&declared.attrs, "Default"));
    let fields = declared.into_iter().flat_map(|declared| &declared.fields);
    fields.filter(|field| field.ident.is_some()).cloned().collect()
}

/// The setters of an optional body: it is sent as soon as one of its fields is set.
fn body_setters(parts: &[syn::Field], names: &Names) -> Vec<proc_macro2::TokenStream> {
    let setters = parts.iter().filter_map(|field| {
        let ident = field.ident.as_ref().filter(|ident| !names.has(ident))?;
        let inner = &qualified(generic_argument(&field.ty, "Option")?);
        let Argument { ty, value } = Argument::of(ident, inner);
        let text = doc_attrs(&docs(&field.attrs));
        Some(quote! {
            #(#text)*
            pub fn #ident(mut self, #ident: #ty) -> Self {
                self.body.get_or_insert_default().#ident = ::std::option::Option::Some(#value);
                self
            }
        })
    });
    setters.collect()
}

fn request(file: &syn::File, method: &Method, operation: &Operation) -> Result<proc_macro2::TokenStream, String> {
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
        if field.always {
            quote!(#ident: ::std::option::Option::Some(true))
        } else {
            quote!(#ident: ::std::option::Option::None)
        }
    });
    let shown = optional.iter().filter(|field| !field.always);
    let mut setter_names = setter_names(&fields);
    let mut setters: Vec<_> = shown.map(|field| optional_setter(field, &mut setter_names)).collect();
    if optional.iter().any(|field| field.ident == "body") {
        setters.extend(body_setters(&body_parts(file, method), &setter_names));
    }
    let checks = fields.iter().filter_map(|field| {
        let parameter = field.parameter.filter(|parameter| parameter.place == "path")?;
        let (ident, name, ty) = (&field.ident, &parameter.name, &field.owned);
        if last_ident(ty).as_deref() == Some("String") {
            return Some(quote!(call.check_path_argument(#name, &self.#ident);));
        }
        if last_ident(ty).as_deref() == Some("Secret") && parameter.secret {
            return Some(quote!(call.check_path_argument(#name, self.#ident.expose());));
        }
        // An id is always a UUID; anything else, open enums included, may contain any string.
        let id = quote!(#ty).to_string().contains("ids ::");
        (!id).then(|| quote!(call.check_path_argument(#name, &::std::string::ToString::to_string(&self.#ident));))
    });
    let names: Vec<_> = fields.iter().map(|field| &field.ident).collect();
    let passes = fields.iter().map(|field| &field.pass);
    let (output, finish) = finish(method, &Values::of(file));
    let finish = format_ident!("{finish}");
    let mut text = request_docs(operation);
    text.extend(example(&name, &required));
    let text = doc_attrs(&text);
    let new_text = new_docs(&required);
    let build = quote! {
        #(#checks)*
        call.raw.#raw_name(#(#passes),*)
    };
    let info = super::operations::constant(operation);
    let list = lists::implement(file, method, operation, &build)?;
    let (build, check_resume) = match (operation.list.is_some(), operation.is_paged()) {
        (true, paged) => {
            let check = paged.then(|| quote!(call.check_resume(self.resume.is_some());));
            (quote!(self.build(&call)), check)
        }
        (false, _) => (build, None),
    };
    // The position in a list is not a parameter of the service, so it is not an argument of the raw method.
    let resume = operation.is_paged().then(|| quote!(resume: ::std::option::Option<crate::ResumeToken>,));
    let no_resume = operation.is_paged().then(|| quote!(resume: ::std::option::Option::None));
    let same_resume = operation.is_paged().then(|| quote!(resume: self.resume,));
    // A body of bytes may be a stream, which can only be sent once.
    let streams = fields.iter().any(|field| last_ident(&field.owned).as_deref() == Some("Body"));
    let derived = if streams { quote!(Debug) } else { quote!(Clone, Debug) };
    Ok(quote! {
        #(#text)*
        #[derive(#derived)]
        #[must_use = "a request does nothing until it is awaited or sent"]
        pub struct #name<C = crate::NoClient> {
            pub(crate) client: C,
            options: crate::operation::CallOptions,
            #resume
            #(#declared),*
        }
        impl #name {
            #(#new_text)*
            pub fn new(#(#new_arguments),*) -> Self {
                Self { client: crate::NoClient, options: ::std::default::Default::default(), #(#new_values,)* #(#new_nones,)* #no_resume }
            }
        }
        impl<C> #name<C> {
            #(#setters)*
            // Not a trait method: finding the implementation would cost the compiler more than the call.
            fn prepared(self, call: crate::request::Call) -> crate::request::Pending<#output> {
                #check_resume
                let request = { #build };
                call.#finish(request)
            }
            /// Binds the request to a client, so that it can be awaited.
            pub fn with_client(self, client: &crate::Client) -> #name<crate::Client> {
                #name { client: client.clone(), options: self.options, #same_resume #(#names: self.#names),* }
            }
        }
        impl<C: ::std::marker::Send + 'static> crate::request::Operation for #name<C> {
            type Output = #output;
            const INFO: &'static crate::operation::OperationInfo = &super::operations::#info;
            fn options(&self) -> &crate::operation::CallOptions {
                &self.options
            }
            fn run(
                self,
                call: crate::request::Call,
            ) -> crate::request::Pending<#output> {
                self.prepared(call)
            }
        }
        crate::request::awaitable!(#name, #output, super::operations::#info);
        #list
    })
}

/// The names of the setters of a request.
pub fn setter_names(fields: &[Field<'_>]) -> Names {
    Names::new(OF_REQUESTS, fields.iter().map(|field| &field.ident))
}

/// What awaiting a request returns, and the method of `Call` that makes it from a response.
pub fn finish(method: &Method, values: &Values) -> (syn::Type, &'static str) {
    let by_us = |ty: &syn::Type, ours, serdes| if values.has(ty) { ours } else { serdes };
    match last_ident(&method.output).as_deref() {
        Some("ByteStream") => (syn::parse_quote!(::std::string::String), "text"),
        // A component may have this name.
        Some("Vec") if generic_argument(&method.output, "Vec").is_some() => {
            (method.output.clone(), by_us(&method.output, "list", "any_list"))
        }
        _ if matches!(&method.output, syn::Type::Tuple(_)) => (method.output.clone(), "empty"),
        _ => (method.output.clone(), by_us(&method.output, "json", "any_json")),
    }
}

fn optional_setter(field: &Field<'_>, names: &mut Names) -> proc_macro2::TokenStream {
    let text = match field.parameter {
        Some(parameter) if parameter.description.trim().is_empty() => super::describe::property(&parameter.name),
        Some(parameter) => parameter.description.clone(),
        None => "The body of the request; not sent unless it is set.".to_owned(),
    };
    let text = doc_attrs(&fenced(&text).lines().map(str::to_owned).collect::<Vec<_>>());
    setter(&text, &field.ident, names, &field.owned, |value| quote!(::std::option::Option::Some(#value)))
}

fn request_docs(operation: &Operation) -> Vec<String> {
    let mut text = format!("{}.\n\n{}", operation.summary.trim_end_matches('.'), fenced(&operation.description));
    text.push_str(&format!("\n\n`{} {}`", operation.method, operation.path));
    text.lines().map(str::to_owned).collect()
}

/// Shows how the request is created and sent. Its arguments are parameters of the example, since the generator does not
/// know values. A stream has no example here: there is a facade for it.
fn example(name: &syn::Ident, required: &[&Field<'_>]) -> Vec<String> {
    let mut given = String::new();
    let mut passed = Vec::new();
    for field in required {
        let ty = &field.owned;
        let ty = quote!(#ty).to_string().replace(' ', "");
        if ty.ends_with("Body") && !ty.contains("types::") {
            return Vec::new();
        }
        let ty = ty.replace("crate::raw::ids::", "crate::").replace("crate::", "singlestore_management::");
        let ty = ty.replace("types::", "singlestore_management::types::").replace("::std::", "std::");
        given.push_str(&format!(", {}: {ty}", field.ident));
        passed.push(field.ident.to_string());
    }
    let text = format!(
        "\n```\n# use singlestore_management::{{Client, Error}};\n\
         # async fn example(client: &Client{given}) -> Result<(), Error> {{\n\
         use singlestore_management::requests::{name};\n\n\
         let response = {name}::new({}).with_client(client).await?;\n\
         # Ok(()) }}\n```",
        passed.join(", ")
    );
    text.lines().map(str::to_owned).collect()
}

fn new_docs(required: &[&Field<'_>]) -> Vec<syn::Attribute> {
    let mut text = vec!["Creates the request from its required arguments.".to_owned()];
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
