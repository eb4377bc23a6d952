//! Names of setters: a property or parameter may be called like what every type has already, or like the second setter
//! of another.

use std::collections::{BTreeMap, BTreeSet};

use quote::format_ident;
use syn::ext::IdentExt;

/// What every type that can be sent has already.
pub const OF_TYPES: &[&str] = &["new", "sample"];

/// What every request type has already, those of lists included.
pub const OF_REQUESTS: &[&str] = &[
    "new",
    "with_client",
    "with_deadline",
    "with_attempt_timeout",
    "with_idempotent",
    "with_max_attempts",
    "send",
    "prepared",
    "build",
    "call",
    "items",
    "pages",
    "follow",
    "resume",
];

/// Hands out names, each once.
#[derive(Debug)]
pub struct Names {
    setters: BTreeMap<String, syn::Ident>,
    taken: BTreeSet<String>,
}

impl Names {
    /// Gives each of these a setter of its own name where that is free, and `set_` before it where it is not.
    pub fn new<'a>(reserved: &[&str], idents: impl IntoIterator<Item = &'a syn::Ident>) -> Self {
        let idents: Vec<&syn::Ident> = idents.into_iter().collect();
        let mut names =
            Self { setters: BTreeMap::new(), taken: reserved.iter().map(|name| (*name).to_owned()).collect() };
        let (free, others): (Vec<_>, Vec<_>) =
            idents.into_iter().partition(|ident| !names.taken.contains(&ident.unraw().to_string()));
        for ident in free {
            names.taken.insert(ident.unraw().to_string());
            names.setters.insert(ident.unraw().to_string(), ident.clone());
        }
        for ident in others {
            let setter = names.fresh(format!("set_{}", ident.unraw()), "_to");
            names.setters.insert(ident.unraw().to_string(), setter);
        }
        names
    }

    /// The setter of a field.
    pub fn setter(&self, ident: &syn::Ident) -> syn::Ident {
        self.setters.get(&ident.unraw().to_string()).unwrap_or(ident).clone()
    }

    /// The method that may be given no value.
    pub fn maybe(&mut self, ident: &syn::Ident) -> syn::Ident {
        self.fresh(format!("maybe_{}", ident.unraw()), "_if_some")
    }

    /// The method that sends null.
    pub fn clear(&mut self, ident: &syn::Ident) -> syn::Ident {
        self.fresh(format!("clear_{}", ident.unraw()), "_to_null")
    }

    /// Whether something is called so.
    pub fn has(&self, ident: &syn::Ident) -> bool {
        self.taken.contains(&ident.unraw().to_string())
    }

    fn fresh(&mut self, mut name: String, suffix: &str) -> syn::Ident {
        while !self.taken.insert(name.clone()) {
            name.push_str(suffix);
        }
        format_ident!("{name}")
    }
}
