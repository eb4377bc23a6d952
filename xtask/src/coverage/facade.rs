//! The methods of the handles and the requests that they return.

use crate::references::Source;
use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use std::collections::{BTreeMap, BTreeSet};

/// A method of a handle, as in `client.workspaces().list()`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Method {
    /// The method of the client that returns the handle.
    pub accessor: String,
    pub name: String,
}

impl std::fmt::Display for Method {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}().{}", self.accessor, self.name)
    }
}

#[derive(Debug, Default)]
pub struct Facade {
    /// Type names that a method references, to the methods.
    by_name: BTreeMap<String, BTreeSet<Method>>,
    /// Handles by the client method that returns them.
    handles: BTreeMap<String, String>,
}

impl Facade {
    pub fn read(sources: &[Source]) -> Result<Self, String> {
        let mut accessors = BTreeMap::new();
        let mut methods = Vec::new();
        for source in sources {
            let file =
                syn::parse_file(&source.text).map_err(|error| format!("{} is not Rust: {error}.", source.path))?;
            for item in &file.items {
                match item {
                    syn::Item::Macro(item) if item.mac.path.is_ident("handle") => {
                        if let [handle, accessor, ..] = idents(item.mac.tokens.clone()).as_slice() {
                            accessors.insert(handle.clone(), accessor.clone());
                        }
                    }
                    syn::Item::Impl(item) if item.trait_.is_none() => {
                        let own = item.self_ty.to_token_stream().to_string();
                        let functions = item.items.iter().filter_map(|item| match item {
                            syn::ImplItem::Fn(function) if matches!(function.vis, syn::Visibility::Public(_)) => {
                                Some(function)
                            }
                            _ => None,
                        });
                        for function in functions {
                            // A handle is also what a public method of the client returns by value.
                            if let (true, syn::ReturnType::Type(_, ty)) = (own == "Client", &function.sig.output) {
                                accessors
                                    .entry(ty.to_token_stream().to_string())
                                    .or_insert_with(|| function.sig.ident.to_string());
                            }
                            let words: BTreeSet<String> = all_idents(function.to_token_stream()).into_iter().collect();
                            methods.push((own.clone(), function.sig.ident.to_string(), words));
                        }
                    }
                    _ => {}
                }
            }
        }
        let handles = accessors.iter().map(|(handle, accessor)| (accessor.clone(), handle.clone())).collect();
        let mut facade = Self { handles, ..Self::default() };
        for (own, name, words) in methods {
            let Some(accessor) = accessors.get(&own) else { continue };
            for word in words {
                let method = Method { accessor: accessor.clone(), name: name.clone() };
                facade.by_name.entry(word).or_default().insert(method);
            }
        }
        Ok(facade)
    }

    /// The type that a method of the client returns.
    pub fn handle_of(&self, accessor: &str) -> Option<&str> {
        self.handles.get(accessor).map(String::as_str)
    }

    /// The methods that name this request type.
    pub fn methods_of(&self, request: &str) -> Vec<&Method> {
        self.by_name.get(request).into_iter().flatten().collect()
    }
}

/// The top-level identifiers, without those of attributes.
fn idents(tokens: TokenStream) -> Vec<String> {
    tokens
        .into_iter()
        .filter_map(|token| match token {
            TokenTree::Ident(ident) => Some(ident.to_string()),
            _ => None,
        })
        .collect()
}

fn all_idents(tokens: TokenStream) -> Vec<String> {
    let mut found = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => found.push(ident.to_string()),
            TokenTree::Group(group) => found.extend(all_idents(group.stream())),
            _ => {}
        }
    }
    found
}
