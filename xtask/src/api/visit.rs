//! Walks everything that is public, starting from the root.

use super::items::{Block, block, is_public, public_name};
use super::modules::{Module, is_hidden};
use super::text;
use std::collections::{BTreeMap, BTreeSet};

/// All that users can name, sorted by path.
pub fn public_interface(root: &Module, blocks: &BTreeMap<String, Block>) -> String {
    let header = "# The public interface, written by `cargo xtask api`; its --help says what is covered.\n\n";
    let blocks = blocks.values().map(Block::print).collect::<Vec<_>>();
    let text = format!("{header}{}", blocks.join("\n"));
    let made = super::macros::made_by_macros(root, &text);
    text + &made
}

/// What users can name, by the path that they write.
pub fn blocks(root: &Module) -> BTreeMap<String, Block> {
    let mut visit =
        Visit { root, blocks: BTreeMap::new(), homes: BTreeMap::new(), seen: BTreeSet::new(), calls: Vec::new() };
    visit.module(&[], "");
    let mut impls = Vec::new();
    gather_impls(root, &mut Vec::new(), &mut impls);
    let inner = inner_traits(root);
    impls.retain(|(_, item)| item.trait_.as_ref().is_none_or(|(path, _)| !is_inner(path, &inner)));
    for (home, item) in impls {
        visit.implementation(&home, item);
    }
    for (home, implemented) in gather_tables(root, &mut Vec::new()) {
        for path in visit.homes.get(&home).into_iter().flatten() {
            if let Some(block) = visit.blocks.get_mut(path) {
                block.traits.insert(implemented.to_owned());
            }
        }
    }
    for (path, call) in std::mem::take(&mut visit.calls) {
        if let Some(block) = visit.blocks.get_mut(&path) {
            block.lines.insert(call);
        }
    }
    visit.blocks
}

/// The module names from the root.
type Place = Vec<String>;

struct Visit<'a> {
    root: &'a Module,
    /// By the path that users write.
    blocks: BTreeMap<String, Block>,
    /// From where a type is defined to the paths by which users reach it.
    homes: BTreeMap<(Place, String), Vec<String>>,
    seen: BTreeSet<(Place, String)>,
    /// Macro calls about an item: its path and the call.
    calls: Vec<(String, String)>,
}

impl<'a> Visit<'a> {
    fn find(&self, place: &[String]) -> Option<&'a Module> {
        place.iter().try_fold(self.root, |module, name| module.children.iter().find(|child| child.name == *name))
    }

    /// Shows a module that users reach as `prefix`.
    fn module(&mut self, place: &[String], prefix: &str) {
        let Some(module) = self.find(place) else { return };
        if !self.seen.insert((place.to_vec(), prefix.to_owned())) {
            return;
        }
        for item in &module.items {
            self.item(place, prefix, item);
        }
        for child in module.children.iter().filter(|child| child.public) {
            let path = join(prefix, &child.name);
            let cfg = child.cfg.as_ref().map(|cfg| format!(" [{cfg}]")).unwrap_or_default();
            self.blocks.insert(path.clone(), Block { heading: format!("pub mod {path}{cfg}"), ..Block::default() });
            let mut inner = place.to_vec();
            inner.push(child.name.clone());
            self.module(&inner, &path);
        }
    }

    fn item(&mut self, place: &[String], prefix: &str, item: &syn::Item) {
        if let Some(name) = public_name(item) {
            self.show(place, &name, &join(prefix, &name), item);
            return;
        }
        match item {
            syn::Item::Use(item) if is_public(&item.vis) && !is_hidden(&item.attrs) => {
                self.reexport(place, prefix, &item.tree, &mut Vec::new());
            }
            syn::Item::Macro(item) if item.ident.is_none() && !is_hidden(&item.attrs) => self.call(place, prefix, item),
            _ => {}
        }
    }

    /// A macro call: what is called says more than nothing.
    fn call(&mut self, place: &[String], prefix: &str, item: &syn::ItemMacro) {
        let Some(name) = first_name(item).filter(|_| by_table(item).is_none()) else { return };
        let path = join(prefix, &name);
        let defined = |other: &syn::Item| public_name(other).as_deref() == Some(name.as_str());
        if self.find(place).is_some_and(|module| module.items.iter().any(defined)) {
            // The item may come later in the file.
            self.calls.push((path, called(item)));
            return;
        }
        let heading = format!("pub {path}, made by {}", called(item));
        self.blocks.insert(path.clone(), Block { heading, ..Block::default() });
        self.homes.entry((place.to_vec(), name)).or_default().push(path);
    }

    fn show(&mut self, place: &[String], name: &str, path: &str, item: &syn::Item) {
        self.blocks.insert(path.to_owned(), block(item, path));
        self.homes.entry((place.to_vec(), name.to_owned())).or_default().push(path.to_owned());
    }

    fn reexport(&mut self, place: &[String], prefix: &str, tree: &syn::UseTree, path: &mut Place) {
        match tree {
            syn::UseTree::Path(inner) => {
                path.push(inner.ident.to_string());
                self.reexport(place, prefix, &inner.tree, path);
                path.pop();
            }
            syn::UseTree::Group(group) => {
                for inner in &group.items {
                    self.reexport(place, prefix, inner, path);
                }
            }
            syn::UseTree::Name(name) => {
                self.named(place, prefix, path, &name.ident.to_string(), &name.ident.to_string())
            }
            syn::UseTree::Rename(name) => {
                self.named(place, prefix, path, &name.ident.to_string(), &name.rename.to_string());
            }
            syn::UseTree::Glob(_) => match self.absolute(place, path) {
                Some(target) => self.module(&target, prefix),
                None => self.foreign(prefix, path, "*", "*"),
            },
        }
    }

    /// `pub use path::name as alias`.
    fn named(&mut self, place: &[String], prefix: &str, path: &[String], name: &str, alias: &str) {
        let shown = join(prefix, alias);
        let Some(home) = self.absolute(place, path) else { return self.foreign(prefix, path, name, alias) };
        let Some(module) = self.find(&home) else { return };
        if module.children.iter().any(|child| child.name == name) {
            self.blocks.insert(shown.clone(), Block { heading: format!("pub mod {shown}"), ..Block::default() });
            let mut inner = home;
            inner.push(name.to_owned());
            return self.module(&inner, &shown);
        }
        if let Some(item) = module.items.iter().find(|item| public_name(item).as_deref() == Some(name)) {
            return self.show(&home, name, &shown, item);
        }
        let made = module.items.iter().find_map(|item| match item {
            syn::Item::Macro(call) if first_name(call).as_deref() == Some(name) => Some(call),
            _ => None,
        });
        if let Some(call) = made {
            let heading = format!("pub {shown}, made by {}", called(call));
            self.blocks.insert(shown.clone(), Block { heading, ..Block::default() });
            self.homes.entry((home, name.to_owned())).or_default().push(shown);
            return;
        }
        // A re-export of a re-export.
        for item in &module.items {
            if let syn::Item::Use(inner) = item
                && let Some(source) = source_of(&inner.tree, name, &mut Vec::new())
                && !self.seen.contains(&(home.clone(), shown.clone()))
            {
                self.seen.insert((home.clone(), shown.clone()));
                let (path, original) = source;
                return self.named(&home, prefix, &path, &original, alias);
            }
        }
        self.foreign(prefix, path, name, alias);
    }

    fn foreign(&mut self, prefix: &str, path: &[String], name: &str, alias: &str) {
        let renamed = if name == alias { String::new() } else { format!(" as {alias}") };
        let heading = format!("pub use {}::{name}{renamed}", path.join("::"));
        self.blocks.insert(join(prefix, alias), Block { heading, ..Block::default() });
    }

    /// The module that the path of a `use` refers to, if it is one of ours.
    fn absolute(&self, place: &[String], path: &[String]) -> Option<Place> {
        let mut target: Place = place.to_vec();
        for (index, part) in path.iter().enumerate() {
            match part.as_str() {
                "crate" if index == 0 => target.clear(),
                "self" => {}
                "super" => drop(target.pop()?),
                name => {
                    target.push(name.to_owned());
                    self.find(&target)?;
                }
            }
        }
        Some(target)
    }

    /// Adds the public methods or the trait of an `impl` to the type, wherever that is reached.
    fn implementation(&mut self, home: &[String], item: &syn::ItemImpl) {
        let syn::Type::Path(ty) = &*item.self_ty else { return };
        let mut path: Place = ty.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        let Some(name) = path.pop() else { return };
        let Some(place) = self.defined_in(home, &path, &name) else { return };
        let paths = match self.homes.get(&(place.clone(), name.clone())) {
            Some(paths) => paths.clone(),
            // A private type, possibly with the same name as a public one.
            None if self.defines(&place, &name) => return,
            None => {
                let elsewhere = self.homes.iter().filter(|((_, other), _)| *other == name).map(|(_, paths)| paths);
                elsewhere.flatten().cloned().collect()
            }
        };
        for path in paths {
            let Some(block) = self.blocks.get_mut(&path) else { continue };
            match &item.trait_ {
                Some((path, _)) => drop(block.traits.insert(trait_text(path))),
                None => {
                    for inner in &item.items {
                        block.lines.extend(member(inner));
                    }
                }
            }
        }
    }
}

impl Visit<'_> {
    /// The module that the type of an `impl` comes from, as far as paths and plain imports tell.
    fn defined_in(&self, home: &[String], path: &[String], name: &str) -> Option<Place> {
        let Some(first) = path.first() else {
            let imported = (!self.defines(home, name)).then(|| self.imported(home, name)).flatten();
            return Some(imported.unwrap_or_else(|| home.to_vec()));
        };
        let direct = self.absolute(home, path);
        direct.or_else(|| {
            let mut module = self.imported(home, first)?;
            module.extend(path.iter().cloned());
            self.find(&module).map(|_| module)
        })
    }

    /// The module that a module imports a name from.
    fn imported(&self, home: &[String], name: &str) -> Option<Place> {
        let (path, _) = self.find(home)?.items.iter().find_map(|item| match item {
            syn::Item::Use(item) => source_of(&item.tree, name, &mut Vec::new()),
            _ => None,
        })?;
        self.absolute(home, &path)
    }

    fn defines(&self, place: &[String], name: &str) -> bool {
        let is_it = |item: &syn::Item| match item {
            syn::Item::Struct(item) => item.ident == name,
            syn::Item::Enum(item) => item.ident == name,
            syn::Item::Macro(item) => first_name(item).as_deref() == Some(name),
            _ => false,
        };
        self.find(place).is_some_and(|module| module.items.iter().any(is_it))
    }
}

/// A macro call on one line.
fn called(item: &syn::ItemMacro) -> String {
    format!("{}! {{ {} }}", text::tokens(&item.mac.path), text::tokens(&undocumented(item)))
}

/// The first name in a macro call, if it is the name of a type.
fn first_name(item: &syn::ItemMacro) -> Option<String> {
    match undocumented(item).into_iter().next()? {
        proc_macro2::TokenTree::Ident(ident) => {
            Some(ident.to_string()).filter(|name| name.starts_with(char::is_uppercase))
        }
        _ => None,
    }
}

pub fn member(item: &syn::ImplItem) -> Option<String> {
    match item {
        syn::ImplItem::Fn(function) if is_public(&function.vis) && !is_hidden(&function.attrs) => {
            Some(text::signature(&function.vis, &function.sig))
        }
        syn::ImplItem::Const(constant) if is_public(&constant.vis) => {
            Some(format!("pub const {}: {}", constant.ident, text::ty(&constant.ty)))
        }
        _ => None,
    }
}

/// A trait without its path.
fn trait_text(path: &syn::Path) -> String {
    path.segments.last().map(text::tokens).unwrap_or_default()
}

/// The path and name from which a `use` imports a name.
fn source_of(tree: &syn::UseTree, name: &str, path: &mut Place) -> Option<(Place, String)> {
    match tree {
        syn::UseTree::Path(inner) => {
            path.push(inner.ident.to_string());
            let found = source_of(&inner.tree, name, path);
            path.pop();
            found
        }
        syn::UseTree::Group(group) => group.items.iter().find_map(|inner| source_of(inner, name, path)),
        syn::UseTree::Name(inner) if inner.ident == name => Some((path.clone(), name.to_owned())),
        syn::UseTree::Rename(inner) if inner.rename == name => Some((path.clone(), inner.ident.to_string())),
        _ => None,
    }
}

/// The tokens of a macro call without documentation.
fn undocumented(item: &syn::ItemMacro) -> proc_macro2::TokenStream {
    use proc_macro2::TokenTree;
    let tokens: Vec<TokenTree> = item.mac.tokens.clone().into_iter().collect();
    let mut kept = Vec::new();
    let mut rest = tokens.into_iter().peekable();
    while let Some(token) = rest.next() {
        let is_attribute = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '#');
        match rest.peek() {
            Some(TokenTree::Group(_)) if is_attribute => drop(rest.next()),
            _ => kept.push(token),
        }
    }
    kept.into_iter().collect()
}

/// What a table implements: `object! { Name { ... } }` says how a struct is read, and `written!` how it is written.
fn by_table(item: &syn::ItemMacro) -> Option<&'static str> {
    match item.mac.path.segments.last()?.ident.to_string().as_str() {
        "object" | "by_serde" => Some("Deserialize"),
        "written" => Some("Serialize"),
        _ => None,
    }
}

/// The structs that have tables and where they are defined, with what each implements.
fn gather_tables(module: &Module, place: &mut Place) -> Vec<((Place, String), &'static str)> {
    let tables = module.items.iter().filter_map(|item| match item {
        syn::Item::Macro(item) => Some((first_name(item)?, by_table(item)?)),
        _ => None,
    });
    let mut found: Vec<_> = tables.map(|(name, implemented)| ((place.clone(), name), implemented)).collect();
    for child in &module.children {
        place.push(child.name.clone());
        found.extend(gather_tables(child, place));
        place.pop();
    }
    found
}

/// Whether only this crate can name a trait. For generated code alone, the path decides.
pub fn is_inner(path: &syn::Path, inner: &BTreeSet<String>) -> bool {
    let name = |index: usize| path.segments.get(index).map(|segment| segment.ident.to_string());
    let in_module = ["ser", "de"].iter().any(|module| name(1).is_some_and(|name| name == *module));
    inner.contains(&trait_text(path)) || name(0).is_some_and(|name| name == "crate") && in_module
}

/// The traits that only this crate can name.
pub fn inner_traits(module: &Module) -> BTreeSet<String> {
    let own = module.items.iter().filter_map(|item| match item {
        syn::Item::Trait(item) if !is_public(&item.vis) => Some(item.ident.to_string()),
        _ => None,
    });
    own.chain(module.children.iter().flat_map(inner_traits)).collect()
}

fn gather_impls<'a>(module: &'a Module, place: &mut Place, found: &mut Vec<(Place, &'a syn::ItemImpl)>) {
    for item in &module.items {
        if let syn::Item::Impl(item) = item
            && !is_hidden(&item.attrs)
        {
            found.push((place.clone(), item));
        }
    }
    for child in &module.children {
        place.push(child.name.clone());
        gather_impls(child, place, found);
        place.pop();
    }
}

fn join(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}::{name}") }
}
