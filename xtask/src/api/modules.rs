//! The source as a tree of modules.

use crate::io::{Io, read_text};
use quote::ToTokens;

/// A module with its items; nested modules are moved into `children`.
pub struct Module {
    pub name: String,
    pub public: bool,
    /// `#[cfg(...)]` on the module, as text.
    pub cfg: Option<String>,
    pub items: Vec<syn::Item>,
    pub children: Vec<Module>,
}

/// Loads a crate from its root file. `generated` replaces what the source includes.
pub fn load(io: &dyn Io, root: &str, generated: &str) -> Result<Module, String> {
    let directory = root.rsplit_once('/').map_or("", |(directory, _)| directory);
    let file = parse(root, &read_text(io, root)?)?;
    let generated = parse("the generated code", generated)?.items;
    let files = |below: &str| file_of(io, below);
    module(&files, "", directory, true, None, file.items, &generated)
}

/// Loads generated code, which is one file.
pub fn load_generated(code: &str) -> Result<Module, String> {
    let none = |below: &str| Err(format!("The generated code has no module {below} of its own."));
    module(&none, "", "", true, None, parse("the generated code", code)?.items, &[])
}

/// The items of a module that has a file of its own.
type Files<'a> = &'a dyn Fn(&str) -> Result<Vec<syn::Item>, String>;

fn module(
    files: Files<'_>,
    name: &str,
    directory: &str,
    public: bool,
    cfg: Option<String>,
    items: Vec<syn::Item>,
    generated: &[syn::Item],
) -> Result<Module, String> {
    let mut own = Module { name: name.to_owned(), public, cfg, items: Vec::new(), children: Vec::new() };
    let mut waiting = items;
    waiting.reverse();
    while let Some(item) = waiting.pop() {
        match item {
            syn::Item::Mod(inner) if is_hidden(&inner.attrs) => {}
            syn::Item::Mod(inner) => {
                let name = inner.ident.to_string();
                let below = format!("{directory}/{name}");
                let items = match inner.content {
                    Some((_, items)) => items,
                    None => files(&below)?,
                };
                let public = matches!(inner.vis, syn::Visibility::Public(_));
                own.children.push(module(files, &name, &below, public, cfg_of(&inner.attrs), items, generated)?);
            }
            syn::Item::Macro(call) if call.mac.path.is_ident("include") => {
                waiting.extend(generated.iter().rev().cloned());
            }
            item => own.items.push(item),
        }
    }
    Ok(own)
}

fn file_of(io: &dyn Io, below: &str) -> Result<Vec<syn::Item>, String> {
    let candidates = [format!("{below}.rs"), format!("{below}/mod.rs")];
    let found = candidates.iter().find_map(|path| Some((path, read_text(io, path).ok()?)));
    let (path, text) =
        found.ok_or_else(|| format!("The module {below} has no file; tried {}.", candidates.join(" and ")))?;
    Ok(parse(path, &text)?.items)
}

fn parse(path: &str, text: &str) -> Result<syn::File, String> {
    syn::parse_file(text).map_err(|error| format!("{path} is not Rust: {error}."))
}

/// Tests and hidden items.
pub fn is_hidden(attrs: &[syn::Attribute]) -> bool {
    attrs.iter().any(|attr| {
        let text = attr.meta.to_token_stream().to_string();
        text == "cfg (test)" || attr.path().is_ident("doc") && text.contains("hidden")
    })
}

/// The condition under which an item exists.
pub fn cfg_of(attrs: &[syn::Attribute]) -> Option<String> {
    let cfg = attrs.iter().find(|attr| attr.path().is_ident("cfg"))?;
    Some(cfg.meta.to_token_stream().to_string().replace(" (", "("))
}
