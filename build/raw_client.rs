//! The methods of the raw client become builders of requests: what follows the building is the same for all operations,
//! and is done once by the transport. That takes 184 coroutines with four suspension points each out of every build.

use syn::visit_mut::VisitMut;

use super::syntax::last_ident;

/// Rewrites the raw client.
///
/// # Errors
/// A method in which the building of the request cannot be found.
pub fn rewrite(file: &mut syn::File) -> Result<(), String> {
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
            syn::Item::Struct(declared) if declared.ident == "Client" => declared.vis = syn::parse_quote!(pub(crate)),
            syn::Item::Use(import) => import.vis = syn::Visibility::Inherited,
            syn::Item::Impl(item) if last_ident(&item.self_ty).as_deref() == Some("Client") => methods(item)?,
            _ => {}
        }
    }
    Ok(())
}

fn methods(item: &mut syn::ItemImpl) -> Result<(), String> {
    // `new` would make an HTTP client with time limits that are not ours.
    item.items.retain(|item| !matches!(item, syn::ImplItem::Fn(function) if function.sig.ident == "new"));
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
        let built = function.block.stmts.iter().position(is_request);
        let built =
            built.ok_or_else(|| format!("`{}` builds no request that this pass can find", function.sig.ident))?;
        function.block.stmts.truncate(built + 1);
        DropVersion.visit_block_mut(&mut function.block);
        let has_headers = function.block.stmts.iter().any(appends_header);
        if !has_headers {
            function.block.stmts.retain(|statement| !declares(statement, "header_map"));
            DropHeaders.visit_block_mut(&mut function.block);
        }
        function.block.stmts.push(syn::Stmt::Expr(syn::parse_quote!(Ok(request)), None));
        function.sig.output = syn::parse_quote!(-> Result<::reqwest::Request, Error<()>>);
    }
    Ok(())
}

fn declares(statement: &syn::Stmt, name: &str) -> bool {
    match statement {
        syn::Stmt::Local(local) => matches!(&local.pat, syn::Pat::Ident(pattern) if pattern.ident == name),
        _ => false,
    }
}

fn is_request(statement: &syn::Stmt) -> bool {
    declares(statement, "request")
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
