//! Helpers for parsed Rust, shared by the passes.

use std::collections::BTreeSet;

/// The items of the generated module `types`, read-only.
pub fn types(file: &syn::File) -> &[syn::Item] {
    let items = file.items.iter().find_map(|item| match item {
        syn::Item::Mod(module) if module.ident == "types" => module.content.as_ref(),
        _ => None,
    });
    items.map_or(&[], |content| &content.1)
}

/// The items of the generated module `types`.
pub fn types_module(file: &mut syn::File) -> Option<&mut Vec<syn::Item>> {
    file.items.iter_mut().find_map(|item| match item {
        syn::Item::Mod(module) if module.ident == "types" => module.content.as_mut().map(|content| &mut content.1),
        _ => None,
    })
}

/// The generated struct of this name.
pub fn structure<'a>(file: &'a syn::File, name: &str) -> Option<&'a syn::ItemStruct> {
    types(file).iter().find_map(|item| match item {
        syn::Item::Struct(declared) if declared.ident == name => Some(declared),
        _ => None,
    })
}

/// Looks for `key` or `key = "value"` among the serde attributes; the value is empty when there is none.
pub fn serde_key(attrs: &[syn::Attribute], key: &str) -> Option<String> {
    let mut found = None;
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("serde")) {
        // A meta item that is not understood ends the walk of its attribute; what was found is kept.
        let _ = attr.parse_nested_meta(|meta| {
            let value = if meta.input.peek(syn::Token![=]) {
                let literal: syn::Lit = meta.value()?.parse()?;
                if let syn::Lit::Str(text) = literal { text.value() } else { String::new() }
            } else {
                String::new()
            };
            if meta.path.is_ident(key) {
                found = Some(value);
            }
            Ok(())
        });
    }
    found
}

/// Removes `key = "value"` from the serde attributes; returns whether it was there.
pub fn drop_serde_key(attrs: &mut Vec<syn::Attribute>, key: &str) -> bool {
    let mut found = false;
    attrs.retain_mut(|attr| {
        let parser = syn::punctuated::Punctuated::<syn::Meta, syn::Token![,]>::parse_terminated;
        let Ok(metas) = attr.parse_args_with(parser) else { return true };
        let kept: Vec<&syn::Meta> = metas.iter().filter(|meta| !meta.path().is_ident(key)).collect();
        if !attr.path().is_ident("serde") || kept.len() == metas.len() {
            return true;
        }
        found = true;
        // An attribute that becomes empty is removed as well.
        let says_more = !kept.is_empty();
        *attr = syn::parse_quote!(#[serde(#(#kept),*)]);
        says_more
    });
    found
}

/// Whether the derive list names `what`.
pub fn derives(attrs: &[syn::Attribute], what: &str) -> bool {
    attrs.iter().filter(|attr| attr.path().is_ident("derive")).any(|attr| {
        let mut found = false;
        let _ = attr.parse_nested_meta(|meta| {
            found |= meta.path.segments.last().is_some_and(|segment| segment.ident == what);
            Ok(())
        });
        found
    })
}

/// Removes a trait from a derive list; other attributes are left alone.
pub fn without_derive(attribute: &mut syn::Attribute, what: &str) {
    if !attribute.path().is_ident("derive") {
        return;
    }
    let mut kept: Vec<syn::Path> = Vec::new();
    let _ = attribute.parse_nested_meta(|meta| {
        if meta.path.segments.last().is_none_or(|segment| segment.ident != what) {
            kept.push(meta.path);
        }
        Ok(())
    });
    *attribute = syn::parse_quote!(#[derive(#(#kept),*)]);
}

/// The text of the doc comments, line by line.
pub fn docs(attrs: &[syn::Attribute]) -> Vec<String> {
    let text = attrs.iter().filter_map(|attr| match &attr.meta {
        syn::Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    });
    text.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// Doc attributes for `lines`.
pub fn doc_attrs(lines: &[String]) -> Vec<syn::Attribute> {
    let mut lines: Vec<&str> = lines.iter().map(|line| line.trim_end()).collect();
    while lines.last().is_some_and(|line| line.is_empty()) {
        lines.pop();
    }
    lines
        .iter()
        .map(|line| {
            let line = if line.is_empty() { String::new() } else { format!(" {}", line.trim_start()) };
            syn::parse_quote!(#[doc = #line])
        })
        .collect()
}

/// The last name of a path type: `Vec` for `::std::vec::Vec<T>`.
pub fn last_ident(ty: &syn::Type) -> Option<String> {
    match ty {
        syn::Type::Path(path) => path.path.segments.last().map(|segment| segment.ident.to_string()),
        _ => None,
    }
}

/// `T` of `wrapper<T>`.
pub fn generic_argument<'a>(ty: &'a syn::Type, wrapper: &str) -> Option<&'a syn::Type> {
    let syn::Type::Path(path) = ty else { return None };
    let segment = path.path.segments.last()?;
    if segment.ident != wrapper {
        return None;
    }
    let syn::PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        syn::GenericArgument::Type(inner) => Some(inner),
        _ => None,
    })
}

/// Whether the type is exactly the path `first::..::last`.
pub fn is_path(ty: &syn::Type, first: &str, last: &str) -> bool {
    let syn::Type::Path(path) = ty else { return false };
    let segments = &path.path.segments;
    segments.len() > 1
        && segments.first().is_some_and(|segment| segment.ident == first)
        && segments.last().is_some_and(|segment| segment.ident == last)
}

/// Names of all generated types that `ty` refers to; `crate::Secret` is ours, whatever the document calls `Secret`.
pub fn referenced(ty: &syn::Type) -> BTreeSet<String> {
    struct Names(BTreeSet<String>);
    impl<'ast> syn::visit::Visit<'ast> for Names {
        fn visit_path(&mut self, path: &'ast syn::Path) {
            if path.segments.first().is_none_or(|segment| segment.ident != "crate") {
                self.0.extend(path.segments.last().map(|segment| segment.ident.to_string()));
            }
            syn::visit::visit_path(self, path);
        }
    }
    let mut names = Names(BTreeSet::new());
    syn::visit::Visit::visit_type(&mut names, ty);
    names.0
}

/// The trait that an impl is for; empty for an inherent one.
pub fn trait_name(item: &syn::ItemImpl) -> String {
    let last = item.trait_.as_ref().and_then(|(path, _)| path.segments.last().map(|segment| segment.ident.to_string()));
    last.unwrap_or_default()
}
