//! What our own macros generate, shown once each: where they are called, only the call is shown.

use super::items::{Block, block, is_public};
use super::modules::{Module, is_hidden};
use super::text;
use super::visit::{inner_traits, is_inner, member};
use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};

/// Stands for the dollar sign, which no item parser accepts.
const MARK: &str = "__of_macro_";

/// The macros called in the public interface, and those that these call.
pub fn made_by_macros(root: &Module, shown: &str) -> String {
    let mut defined = BTreeMap::new();
    gather(root, &mut defined);
    let inner = inner_traits(root);
    let (mut text, mut told) = (String::new(), Vec::new());
    loop {
        let is_called = |name: &String| shown.contains(&format!("{name}! {{")) || text.contains(&format!("{name}! {{"));
        let next: Vec<_> = defined.iter().filter(|(name, _)| !told.contains(*name) && is_called(name)).collect();
        if next.is_empty() {
            return text;
        }
        for (name, arms) in next {
            told.push(name.clone());
            for (pattern, made) in arms {
                let lines = contents(made, &inner);
                if !lines.is_empty() {
                    text.push_str(&format!("\nmacro {name}! {{ {pattern} }} makes\n{}", lines.concat()));
                }
            }
        }
    }
}

/// A macro: what each of its arms takes and generates.
type Arms = Vec<(String, Vec<syn::Item>)>;

fn gather(module: &Module, found: &mut BTreeMap<String, Arms>) {
    for item in &module.items {
        if let syn::Item::Macro(item) = item
            && let Some(name) = &item.ident
            // The generated items would belong to users.
            && !item.attrs.iter().any(|attr| attr.path().is_ident("macro_export"))
        {
            found.insert(name.to_string(), arms(item.mac.tokens.clone()));
        }
    }
    module.children.iter().for_each(|child| gather(child, found));
}

/// `(pattern) => { items };`; an arm that generates no items is left out.
fn arms(tokens: TokenStream) -> Arms {
    let groups = tokens.into_iter().filter_map(|token| match token {
        TokenTree::Group(group) => Some(group.stream()),
        _ => None,
    });
    let groups: Vec<TokenStream> = groups.collect();
    let (pairs, _) = groups.as_chunks::<2>();
    let arm = |[pattern, made]: &[TokenStream; 2]| {
        let file: syn::File = syn::parse2(without_dollars(made.clone())).ok()?;
        Some((text::tokens(pattern).replace("$ ", "$"), file.items))
    };
    pairs.iter().filter_map(arm).collect()
}

/// `$name` as a plain name, and repetitions once.
fn without_dollars(tokens: TokenStream) -> TokenStream {
    let mut made = Vec::new();
    let mut rest = tokens.into_iter().peekable();
    while let Some(token) = rest.next() {
        match token {
            TokenTree::Punct(dollar) if dollar.as_char() == '$' => match rest.next() {
                Some(TokenTree::Ident(name)) if name == "crate" => made.push(TokenTree::Ident(name)),
                Some(TokenTree::Ident(name)) => {
                    made.push(TokenTree::Ident(Ident::new(&format!("{MARK}{name}"), name.span())));
                }
                Some(TokenTree::Group(group)) => {
                    made.extend(without_dollars(group.stream()));
                    // The optional separator, and the repetition operator.
                    let ends = |token: &TokenTree| matches!(token, TokenTree::Punct(p) if ['*', '+', '?'].contains(&p.as_char()));
                    if rest.next().is_some_and(|token| !ends(&token)) {
                        rest.next();
                    }
                }
                other => made.extend(other),
            },
            TokenTree::Group(group) => {
                let inner = without_dollars(group.stream());
                made.push(TokenTree::Group(Group::new(group.delimiter(), inner)));
            }
            other => made.push(other),
        }
    }
    made.into_iter().collect()
}

fn contents(items: &[syn::Item], inner: &BTreeSet<String>) -> Vec<String> {
    let mut lines = Vec::new();
    for item in items {
        match item {
            syn::Item::Impl(item) if !is_hidden(&item.attrs) => {
                let ty = text::ty(&item.self_ty);
                match &item.trait_ {
                    Some((path, _)) if is_inner(path, inner) => {}
                    Some((path, _)) => lines.push(format!("  impl {} for {ty}\n", text::tokens(path))),
                    None => lines.extend(item.items.iter().filter_map(member).map(|line| format!("  {ty}: {line}\n"))),
                }
            }
            syn::Item::Struct(syn::ItemStruct { vis, ident, .. })
            | syn::Item::Enum(syn::ItemEnum { vis, ident, .. })
                if is_public(vis) =>
            {
                let shown: Block = block(item, &ident.to_string());
                lines.extend(shown.print().lines().map(|line| format!("  {line}\n")));
            }
            syn::Item::Macro(item) if item.ident.is_none() => {
                let call = format!("  {}! {{ {} }}\n", text::tokens(&item.mac.path), text::tokens(&item.mac.tokens));
                lines.push(call);
            }
            _ => {}
        }
    }
    lines.iter().map(|line| restored(line)).collect()
}

fn restored(text: &str) -> String {
    text.replace(MARK, "$")
}
