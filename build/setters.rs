//! Names of setters: a property or parameter may be named like a method that every type already has, or like the second
//! setter of another.

use std::collections::{BTreeMap, BTreeSet};

use quote::format_ident;
use syn::ext::IdentExt;

/// The methods that every type for sending already has.
pub const OF_TYPES: &[&str] = &["new", "sample"];

/// The methods that every request type already has, lists included.
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

/// Assigns names, each once.
#[derive(Debug)]
pub struct Names {
    setters: BTreeMap<String, syn::Ident>,
    taken: BTreeSet<String>,
}

impl Names {
    /// Gives each of these a setter with its own name if that is free, otherwise prefixed with `set_`.
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

    /// The setter that takes an option.
    pub fn maybe(&mut self, ident: &syn::Ident) -> syn::Ident {
        self.fresh(format!("maybe_{}", ident.unraw()), "_if_some")
    }

    /// The setter that sends null.
    pub fn clear(&mut self, ident: &syn::Ident) -> syn::Ident {
        self.fresh(format!("clear_{}", ident.unraw()), "_to_null")
    }

    /// Whether the name is taken.
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
