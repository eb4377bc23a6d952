//! One item as lines of text.

use super::modules::{cfg_of, is_hidden};
use super::text;
use std::collections::BTreeSet;

/// The description of an item: a heading and, indented below it, its parts.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Block {
    pub heading: String,
    pub lines: BTreeSet<String>,
    pub traits: BTreeSet<String>,
    /// What the compiler infers: Send and Sync.
    pub auto: Vec<String>,
}

impl Block {
    pub fn print(&self) -> String {
        let mut text = format!("{}\n", self.heading);
        text.extend(self.lines.iter().map(|line| format!("  {line}\n")));
        if !self.traits.is_empty() {
            let traits: Vec<&str> = self.traits.iter().map(String::as_str).collect();
            text.push_str(&format!("  impl {}\n", traits.join(", ")));
        }
        if !self.auto.is_empty() {
            text.push_str(&format!("  auto {}\n", self.auto.join(", ")));
        }
        text
    }
}

/// The name of an item, if it is public and has one.
pub fn public_name(item: &syn::Item) -> Option<String> {
    let (vis, ident) = match item {
        syn::Item::Struct(item) => (&item.vis, &item.ident),
        syn::Item::Enum(item) => (&item.vis, &item.ident),
        syn::Item::Union(item) => (&item.vis, &item.ident),
        syn::Item::Trait(item) => (&item.vis, &item.ident),
        syn::Item::Fn(item) => (&item.vis, &item.sig.ident),
        syn::Item::Const(item) => (&item.vis, &item.ident),
        syn::Item::Static(item) => (&item.vis, &item.ident),
        syn::Item::Type(item) => (&item.vis, &item.ident),
        syn::Item::Macro(item) => return open_enum(item).map(|(name, _)| name),
        _ => return None,
    };
    (is_public(vis) && !is_hidden(attrs(item))).then(|| ident.to_string())
}

pub fn is_public(vis: &syn::Visibility) -> bool {
    matches!(vis, syn::Visibility::Public(_))
}

fn attrs(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Struct(item) => &item.attrs,
        syn::Item::Enum(item) => &item.attrs,
        syn::Item::Trait(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Const(item) => &item.attrs,
        syn::Item::Static(item) => &item.attrs,
        syn::Item::Type(item) => &item.attrs,
        _ => &[],
    }
}

/// An item under the path that users write.
pub fn block(item: &syn::Item, path: &str) -> Block {
    let mut block = Block::default();
    let generics = |generics: &syn::Generics| text::tokens(generics);
    let marks = marks(attrs(item));
    match item {
        syn::Item::Struct(item) => {
            block.heading = format!("pub struct {path}{}", generics(&item.generics));
            let mut private = false;
            for (index, field) in item.fields.iter().enumerate() {
                if is_public(&field.vis) {
                    let name = field.ident.as_ref().map_or_else(|| index.to_string(), ToString::to_string);
                    block.lines.insert(format!("pub {name}: {}", text::ty(&field.ty)));
                }
                private |= !is_public(&field.vis);
            }
            block.heading.push_str(if private { " (private fields)" } else { "" });
        }
        syn::Item::Enum(item) => {
            block.heading = format!("pub enum {path}{}", generics(&item.generics));
            for variant in &item.variants {
                block.lines.insert(format!("{}{}", variant.ident, text::tokens(&variant.fields)));
            }
        }
        syn::Item::Trait(item) => {
            let bounds = if item.supertraits.is_empty() {
                String::new()
            } else {
                format!(": {}", text::tokens(&item.supertraits))
            };
            block.heading = format!("pub trait {path}{}{bounds}", generics(&item.generics));
            for inner in &item.items {
                block.lines.insert(match inner {
                    syn::TraitItem::Fn(function) => {
                        let provided = if function.default.is_some() { " (provided)" } else { "" };
                        format!("{}{provided}", text::signature(&syn::Visibility::Inherited, &function.sig))
                    }
                    other => text::tokens(&without_docs(other)),
                });
            }
        }
        syn::Item::Fn(item) => {
            let signature = text::signature(&item.vis, &item.sig);
            block.heading = signature.replacen(&format!("fn {}", item.sig.ident), &format!("fn {path}"), 1);
        }
        syn::Item::Const(item) => block.heading = format!("pub const {path}: {}", text::ty(&item.ty)),
        syn::Item::Static(item) => block.heading = format!("pub static {path}: {}", text::ty(&item.ty)),
        syn::Item::Type(item) => {
            block.heading = format!("pub type {path}{} = {}", generics(&item.generics), text::ty(&item.ty));
        }
        syn::Item::Macro(item) => {
            block.heading = format!("pub open enum {path}");
            block.lines.extend(open_enum(item).into_iter().flat_map(|(_, values)| values));
        }
        _ => {}
    }
    block.heading.push_str(&marks);
    block.traits = derived(attrs(item));
    block
}

fn marks(attrs: &[syn::Attribute]) -> String {
    let mut text = String::new();
    if attrs.iter().any(|attr| attr.path().is_ident("non_exhaustive")) {
        text.push_str(" (non-exhaustive)");
    }
    if attrs.iter().any(|attr| attr.path().is_ident("deprecated")) {
        text.push_str(" (deprecated)");
    }
    if let Some(cfg) = cfg_of(attrs) {
        text.push_str(&format!(" [{cfg}]"));
    }
    text
}

fn derived(attrs: &[syn::Attribute]) -> BTreeSet<String> {
    let mut traits = BTreeSet::new();
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("derive")) {
        // A derive that does not parse does not compile.
        let _ = attr.parse_nested_meta(|meta| {
            traits.extend(meta.path.segments.last().map(|segment| segment.ident.to_string()));
            Ok(())
        });
    }
    traits
}

fn without_docs(item: &syn::TraitItem) -> syn::TraitItem {
    let mut item = item.clone();
    match &mut item {
        syn::TraitItem::Type(inner) => inner.attrs.clear(),
        syn::TraitItem::Const(inner) => inner.attrs.clear(),
        _ => {}
    }
    item
}

/// The name and the values of `open_enum! { pub enum Name { Variant = "wire", ... } }`.
fn open_enum(item: &syn::ItemMacro) -> Option<(String, Vec<String>)> {
    use proc_macro2::TokenTree;
    if item.mac.path.segments.last()?.ident != "open_enum" {
        return None;
    }
    let tokens: Vec<TokenTree> = item.mac.tokens.clone().into_iter().collect();
    let at = tokens.iter().position(|token| matches!(token, TokenTree::Ident(ident) if ident == "enum"))?;
    let (TokenTree::Ident(name), TokenTree::Group(values)) = (tokens.get(at + 1)?, tokens.get(at + 2)?) else {
        return None;
    };
    let mut found = Vec::new();
    let mut last = None;
    for token in values.stream() {
        match token {
            TokenTree::Ident(ident) => last = Some(ident.to_string()),
            TokenTree::Literal(wire) => found.extend(last.take().map(|variant| format!("{variant} = {wire}"))),
            _ => {}
        }
    }
    Some((name.to_string(), found))
}
