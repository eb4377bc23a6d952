//! The methods of the raw client become builders of requests: what follows the building is the same for all operations,
//! and is done once by the transport. That takes 184 coroutines with four suspension points each out of every build.

use syn::visit_mut::VisitMut;

use super::operations::Operation;
use super::syntax::last_ident;

/// Rewrites the raw client.
///
/// # Errors
/// A method in which the building of the request cannot be found.
pub fn rewrite(file: &mut syn::File, operations: &[Operation]) -> Result<(), String> {
    // The client has no hooks and no inner value: it never sends.
    file.items.retain(|item| match item {
        syn::Item::Impl(item) => item.trait_.is_none(),
        syn::Item::Const(_) => false,
        // The prelude would export the client, which stays inside.
        syn::Item::Mod(module) => module.ident != "prelude",
        _ => true,
    });
    for item in &mut file.items {
        match item {
            // The raw client takes its arguments by position, which a new upstream parameter would shift.
            syn::Item::Struct(declared) if declared.ident == "Client" => {
                declared.vis = syn::parse_quote!(pub(crate));
                for field in &mut declared.fields {
                    if field.ident.as_ref().is_some_and(|name| name == "client") {
                        field.ty = syn::parse_quote!(crate::raw::Requests);
                    }
                }
            }
            syn::Item::Use(import) => import.vis = syn::Visibility::Inherited,
            syn::Item::Impl(item) if last_ident(&item.self_ty).as_deref() == Some("Client") => {
                methods(item, operations)?
            }
            _ => {}
        }
    }
    file.items.retain(|item| !matches!(item, syn::Item::Impl(item) if item.trait_.is_none() && item.items.is_empty()));
    Ok(())
}

fn methods(item: &mut syn::ItemImpl, operations: &[Operation]) -> Result<(), String> {
    // They make a client of a base URL that is text, and `new` an HTTP client with time limits that are not ours.
    let makes = |function: &syn::ImplItemFn| {
        function.sig.asyncness.is_none() && (function.sig.ident == "new" || function.sig.ident == "new_with_client")
    };
    item.items.retain(|item| !matches!(item, syn::ImplItem::Fn(function) if makes(function)));
    for item in &mut item.items {
        let syn::ImplItem::Fn(function) = item else { continue };
        function.vis = syn::parse_quote!(pub(crate));
        // What the method does is in the docs of the request type; nobody sees these.
        function.attrs.retain(|attr| !attr.path().is_ident("doc"));
        // Compiled by the programs that use it, not with every build of this crate.
        function.attrs.push(syn::parse_quote!(#[inline]));
        if function.sig.asyncness.take().is_none() {
            continue;
        }
        let built = function.block.stmts.iter().enumerate().find_map(|(at, statement)| Some((at, request(statement)?)));
        let (built, request) =
            built.ok_or_else(|| format!("`{}` builds no request that this pass can find", function.sig.ident))?;
        function.block.stmts.truncate(built + 1);
        DropVersion.visit_block_mut(&mut function.block);
        NamedMethod.visit_block_mut(&mut function.block);
        let has_headers = function.block.stmts.iter().any(appends_header);
        if !has_headers {
            function.block.stmts.retain(|statement| !declares(statement, "header_map"));
            DropHeaders.visit_block_mut(&mut function.block);
        }
        let name = function.sig.ident.to_string();
        let optional = operations.iter().any(|operation| operation.is_method(&name) && !operation.body_required);
        body(function, optional);
        function.block.stmts.push(syn::Stmt::Expr(syn::parse_quote!(Ok(#request)), None));
        function.sig.output = syn::parse_quote!(-> Result<::reqwest::Request, Error<()>>);
    }
    Ok(())
}

fn declares(statement: &syn::Stmt, name: &str) -> bool {
    match statement {
        syn::Stmt::Local(local) => {
            matches!(&local.pat, syn::Pat::Ident(pattern) if pattern.ident.to_string().trim_start_matches('_') == name)
        }
        _ => false,
    }
}

/// The name under which a statement keeps the request: another than `request` when a parameter is called so.
fn request(statement: &syn::Stmt) -> Option<syn::Ident> {
    let syn::Stmt::Local(local) = statement else { return None };
    let syn::Pat::Ident(pattern) = &local.pat else { return None };
    let is_built = local.init.as_ref().is_some_and(|init| {
        let init = &init.expr;
        let code = quote::quote!(#init).to_string();
        code.contains("self . client") && code.contains(". build ()")
    });
    is_built.then(|| pattern.ident.clone())
}

/// A body that need not be sent is an `Option`, and one with secrets is written in full.
fn body(function: &mut syn::ImplItemFn, optional: bool) {
    let mut has_secret = false;
    let mut is_reference = false;
    for input in &mut function.sig.inputs {
        if let syn::FnArg::Typed(argument) = input
            && matches!(&*argument.pat, syn::Pat::Ident(pattern) if pattern.ident == "body")
            && let syn::Type::Reference(reference) = &*argument.ty
        {
            has_secret = super::fields::has_secret(&reference.elem);
            is_reference = true;
            if optional {
                let ty = &argument.ty;
                *argument.ty = syn::parse_quote!(::std::option::Option<#ty>);
            }
        }
    }
    let optional = optional && is_reference;
    if optional || has_secret {
        SendBody { optional, has_secret }.visit_block_mut(&mut function.block);
    }
}

/// `.json(&body)` of a body that may be missing or that holds secrets.
struct SendBody {
    optional: bool,
    has_secret: bool,
}

impl VisitMut for SendBody {
    fn visit_expr_mut(&mut self, expression: &mut syn::Expr) {
        syn::visit_mut::visit_expr_mut(self, expression);
        // Form bodies are written at once, which can fail: the question mark belongs to the call.
        let (call, question) = match &*expression {
            syn::Expr::MethodCall(call) if call.method == "json" || call.method == "body" => (call, false),
            syn::Expr::Try(tried) => match &*tried.expr {
                syn::Expr::MethodCall(call) if call.method == "form_urlencoded" => (call, true),
                _ => return,
            },
            _ => return,
        };
        let (builder, method) = (&call.receiver, &call.method);
        let value: syn::Expr = match (self.has_secret, method == "body") {
            (true, _) => syn::parse_quote!(&crate::secret::Written::exposed(body)),
            (false, true) => syn::parse_quote!(body.clone()),
            (false, false) => syn::parse_quote!(&body),
        };
        let sent: syn::Expr = if question {
            syn::parse_quote!(builder.#method(#value)?)
        } else {
            syn::parse_quote!(builder.#method(#value))
        };
        *expression = if self.optional {
            syn::parse_quote!({
                let builder = #builder;
                match body {
                    ::std::option::Option::Some(body) => #sent,
                    ::std::option::Option::None => builder,
                }
            })
        } else {
            syn::parse_quote!({
                let builder = #builder;
                #sent
            })
        };
    }
}

/// The HTTP library has no method for OPTIONS.
struct NamedMethod;

impl VisitMut for NamedMethod {
    fn visit_expr_mut(&mut self, expression: &mut syn::Expr) {
        syn::visit_mut::visit_expr_mut(self, expression);
        if let syn::Expr::MethodCall(call) = expression
            && call.method == "options"
            && call.args.len() == 1
        {
            let (client, url) = (&call.receiver, &call.args[0]);
            *expression = syn::parse_quote!(#client.request(::reqwest::Method::OPTIONS, #url));
        }
    }
}

fn appends_header(statement: &syn::Stmt) -> bool {
    quote::quote!(#statement).to_string().contains("header_map . append")
}

/// progenitor sends the version of the document as a header of every request; this API knows no such header.
struct DropVersion;

impl VisitMut for DropVersion {
    fn visit_block_mut(&mut self, block: &mut syn::Block) {
        block.stmts.retain(|statement| !quote::quote!(#statement).to_string().contains("\"api-version\""));
        syn::visit_mut::visit_block_mut(self, block);
    }
}

/// `.headers(header_map)` of a map that would be empty.
struct DropHeaders;

impl VisitMut for DropHeaders {
    fn visit_expr_mut(&mut self, expression: &mut syn::Expr) {
        syn::visit_mut::visit_expr_mut(self, expression);
        if let syn::Expr::MethodCall(call) = expression
            && call.method == "headers"
        {
            *expression = (*call.receiver).clone();
        }
    }
}
