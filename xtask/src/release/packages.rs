//! What a package contains, and what its page on a registry shows.

use crate::io::{Io, read_text};
use serde_json::Value;
use std::path::Path;

/// Parts of the repository that no package contains.
const LEFT_OUT: [&str; 5] = ["tests/", "examples/", "benches/", "fuzz/", "xtask/"];

/// What is wrong with a package that has these files, and what to remember.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Review {
    pub wrong: Vec<String>,
    pub reminders: Vec<String>,
}

/// Checks the unpacked package in `folder`; `about` is cargo's metadata.
pub fn review(io: &dyn Io, folder: &Path, files: &[String], about: &Value) -> Result<Review, String> {
    let name = about["name"].as_str().unwrap_or_default();
    let mut review = Review::default();
    for needed in ["Cargo.toml", "README.md", "LICENSE-APACHE", "LICENSE-MIT", "spec/openapi.json"] {
        if !files.iter().any(|file| file == needed) {
            review.wrong.push(format!("{name} has no {needed}; see `include` of its Cargo.toml"));
        }
    }
    for file in files.iter().filter(|file| LEFT_OUT.iter().any(|part| file.starts_with(part))) {
        review.wrong.push(format!("{name} has {file}, which belongs to the repository alone"));
    }
    for key in ["description", "license", "documentation", "readme", "rust_version"] {
        if about[key].as_str().is_none_or(str::is_empty) {
            review.wrong.push(format!("{name} has no `{}` in its Cargo.toml", key.replace('_', "-")));
        }
    }
    if about["repository"].is_null() {
        review
            .reminders
            .push(format!("{name} has no `repository`: add it to its Cargo.toml once the address is public"));
    }
    // In a checkout this may be a link, which would be broken in the unpacked package.
    let document = folder.join("spec/openapi.json");
    if io.read(&document).ok().is_none_or(|bytes| serde_json::from_slice::<Value>(&bytes).is_err()) {
        review.wrong.push(format!("spec/openapi.json of {name} is not the document"));
    }
    let readme = read_text(io, &folder.join("README.md").to_string_lossy())?;
    let dead = targets(&readme).into_iter().filter(|target| !leads_somewhere(target, name, files));
    review
        .wrong
        .extend(dead.map(|target| format!("the README of {name} links to {target}, which its page does not have")));
    Ok(review)
}

/// Whether a link works on a registry page, as far as that can be told without a network.
fn leads_somewhere(target: &str, name: &str, files: &[String]) -> bool {
    let source = format!("https://docs.rs/crate/{name}/latest/source/");
    if let Some(file) = target.strip_prefix(&source) {
        return files.iter().any(|have| have == file);
    }
    target.starts_with("https://") || target.starts_with('#')
}

/// The targets of links, `[a](b)` and `[a]: b`, outside of code.
fn targets(markdown: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut code = false;
    for line in markdown.lines() {
        code ^= line.trim_start().starts_with("```");
        if code {
            continue;
        }
        let inline = line.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next());
        found.extend(inline);
        let definition = line.strip_prefix('[').and_then(|rest| rest.split_once(']')?.1.strip_prefix(": "));
        found.extend(definition.map(str::trim));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_found_and_held_against_the_files() {
        let text = "[a](https://x.test/) and [b](docs/b.md)\n```\n[c](no)\n```\n[e][d]: no link\n[d]: https://docs.rs/crate/k/latest/source/docs/d.md\n";
        let targets = targets(text);
        assert_eq!(targets, ["https://x.test/", "docs/b.md", "https://docs.rs/crate/k/latest/source/docs/d.md"]);
        let works = |files: &[String]| targets.iter().map(|link| leads_somewhere(link, "k", files)).collect::<Vec<_>>();
        assert_eq!(works(&["docs/d.md".to_owned()]), [true, false, true]);
        assert_eq!(works(&[]), [true, false, false]);
    }
}
