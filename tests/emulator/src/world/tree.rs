//! Files and folders by path; a folder's path ends with a slash, and the root is the empty path.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;

use serde_json::{Value, json};

use super::disk::Stored;
use super::{Reply, clock, refuse};

/// A file or a folder.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    /// Content of a file; a folder has none.
    pub(crate) content: Option<Arc<Stored>>,
    created: String,
    modified: String,
}

impl Node {
    pub(crate) fn new(content: Option<Arc<Stored>>) -> Node {
        let now = clock::now();
        Node { content, created: now.clone(), modified: now }
    }
}

/// One space.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tree {
    nodes: BTreeMap<String, Node>,
}

/// All spaces by name, such as `stage/<deployment>` or `files/shared`.
pub(crate) type Trees = BTreeMap<String, Tree>;

fn is_folder(path: &str) -> bool {
    path.is_empty() || path.ends_with('/')
}

/// The folder that contains a path; the root for a path without slashes.
fn parent(path: &str) -> &str {
    let inner = path.strip_suffix('/').unwrap_or(path);
    inner.rfind('/').and_then(|slash| inner.get(..=slash)).unwrap_or_default()
}

/// The last segment of a path; without the slash of a folder.
fn name(path: &str) -> &str {
    path.get(parent(path).len()..).unwrap_or_default().trim_end_matches('/')
}

impl Tree {
    pub(crate) fn get(&self, path: &str) -> Option<&Node> {
        self.nodes.get(path)
    }

    pub(crate) fn paths(&self) -> Vec<String> {
        self.nodes.keys().cloned().collect()
    }

    pub(crate) fn exists(&self, path: &str) -> bool {
        path.is_empty() || self.nodes.contains_key(path)
    }

    /// Creates the folders above a path.
    fn make_parents(&mut self, path: &str) {
        let mut folder = parent(path);
        while !folder.is_empty() {
            self.nodes.entry(folder.to_owned()).or_insert_with(|| Node::new(None));
            folder = parent(folder);
        }
    }

    /// Makes a change in a space whose folders are only prefixes: they exist as long as something is below them.
    pub(crate) fn with_prefixes(&mut self, path: &str, change: impl FnOnce(&mut Tree) -> Reply<()>) -> Reply<()> {
        self.make_parents(path);
        let outcome = change(self);
        let mut needed = BTreeSet::new();
        for path in self.nodes.keys().filter(|path| !is_folder(path)) {
            let mut folder = parent(path);
            while !folder.is_empty() && needed.insert(folder.to_owned()) {
                folder = parent(folder);
            }
        }
        self.nodes.retain(|path, _| !is_folder(path) || needed.contains(path));
        outcome
    }

    /// Inserts a node, replacing whatever is there; for tests.
    pub(crate) fn place(&mut self, path: &str, node: Node) {
        self.make_parents(path);
        self.nodes.insert(path.to_owned(), node);
    }

    /// Stores a file or creates a folder. Parents are not created, and a name is either a file or a folder.
    pub(crate) fn put(&mut self, path: &str, content: Option<Arc<Stored>>) -> Reply<()> {
        self.check_place(path)?;
        match self.nodes.get_mut(path) {
            Some(_) if is_folder(path) => {}
            Some(node) => {
                node.content = content;
                node.modified = clock::now();
            }
            None => {
                self.nodes.insert(path.to_owned(), Node::new(content));
            }
        }
        Ok(())
    }

    fn check_place(&self, path: &str) -> Reply<()> {
        if !self.exists(parent(path)) {
            return refuse(404, format!("parent folder not found: {}", parent(path)));
        }
        let other = path.strip_suffix('/').map_or_else(|| format!("{path}/"), str::to_owned);
        if self.exists(&other) {
            return refuse(400, format!("{path} exists already as something else"));
        }
        Ok(())
    }

    /// Removes a file, or a folder with everything below it.
    pub(crate) fn remove(&mut self, path: &str) -> Reply<()> {
        if path.is_empty() || !self.exists(path) {
            return refuse(404, "path not found");
        }
        self.nodes.retain(|have, _| have != path && !(is_folder(path) && have.starts_with(path)));
        Ok(())
    }

    /// Moves a file, or a folder with everything below it.
    pub(crate) fn rename(&mut self, from: &str, to: &str) -> Reply<()> {
        if from.is_empty() || !self.exists(from) {
            return refuse(404, "path not found");
        }
        if is_folder(from) != is_folder(to) || to.is_empty() || (is_folder(from) && to.starts_with(from)) {
            return refuse(400, "newPath must be another path of the same kind; folders end with a slash");
        }
        if self.exists(to) {
            return refuse(409, format!("{to} already exists"));
        }
        self.check_place(to)?;
        let moved = |path: &String| path == from || (is_folder(from) && path.starts_with(from));
        let paths: Vec<String> = self.nodes.keys().filter(|path| moved(path)).cloned().collect();
        for path in paths {
            if let Some(node) = self.nodes.remove(&path) {
                let below = path.get(from.len()..).unwrap_or_default();
                self.nodes.insert(format!("{to}{below}"), node);
            }
        }
        Ok(())
    }

    /// What a GET shows for a path: a folder with its direct children, or the properties of a file.
    pub(crate) fn describe(&self, path: &str) -> Reply<Value> {
        if !self.exists(path) {
            return refuse(404, "path not found");
        }
        let mut shown = self.facts(path);
        if is_folder(path) {
            shown["content"] = self.children(path).map(|child| self.facts(child)).collect();
        }
        Ok(shown)
    }

    /// The direct contents of a folder; deeper ones are skipped without visiting them.
    fn children<'a>(&'a self, path: &'a str) -> impl Iterator<Item = &'a str> {
        let mut from = Bound::Excluded(path.to_owned());
        std::iter::from_fn(move || {
            let (child, _) = self.nodes.range((from.clone(), Bound::Unbounded)).next()?;
            // No path has a character after this one.
            from = Bound::Excluded(if is_folder(child) { format!("{child}\u{10ffff}") } else { child.clone() });
            child.starts_with(path).then_some(child.as_str())
        })
    }

    fn facts(&self, path: &str) -> Value {
        let node = self.nodes.get(path);
        let size = node.and_then(|node| node.content.as_ref()).map_or(0, |content| content.length);
        let kind = match path {
            path if is_folder(path) => ("directory", Value::from("json"), "application/json"),
            path if path.ends_with(".ipynb") => ("notebook", Value::Null, "application/x-ipynb+json"),
            _ => ("file", Value::Null, "text/plain"),
        };
        let mut facts = json!({
            "name": name(path), "path": path, "type": kind.0, "format": kind.1, "mimetype": kind.2, "size": size, "writable": true,
            "content": null,
        });
        // The root has no creation record.
        if let Some(node) = node {
            facts["created"] = node.created.clone().into();
            facts["last_modified"] = node.modified.clone().into();
        }
        facts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parents_must_exist_and_folders_move_whole() {
        let mut tree = Tree::default();
        assert!(tree.put("a/b.txt", None).is_err());
        for path in ["a/", "a/b.txt", "a/c/", "a/c/d.txt"] {
            tree.put(path, None).unwrap();
        }
        assert!(tree.put("a/b.txt/", None).is_err() && tree.rename("a/", "a/c/e/").is_err());
        assert_eq!(tree.children("").collect::<Vec<_>>(), ["a/"]);
        assert_eq!(tree.children("a/").collect::<Vec<_>>(), ["a/b.txt", "a/c/"]);
        tree.rename("a/", "z/").unwrap();
        let names: Vec<&String> = tree.nodes.keys().collect();
        assert_eq!(names, ["z/", "z/b.txt", "z/c/", "z/c/d.txt"]);
        tree.remove("z/").unwrap();
        assert!(tree.nodes.is_empty());
    }
}
