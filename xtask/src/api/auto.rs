//! Which types are Send and Sync: the compiler infers it, so the source does not say. rustdoc writes it on every page.

use super::items::Block;
use crate::io::{Io, read_text};
use std::collections::BTreeMap;

/// The documentation as `cargo xtask ci doc` builds it, so that the two share one build. All features except the other TLS
/// backends.
pub const DOCUMENTED: [&str; 6] =
    ["doc", "--workspace", "--no-deps", "--locked", "--features", "blocking,glob,http2,sha256,socks,test-util"];

/// Broken links are errors.
pub const STRICT: [(&str, &str); 1] = [("RUSTDOCFLAGS", "-D warnings")];

/// The directory of the crate's pages.
pub fn pages(io: &mut dyn Io) -> Result<String, String> {
    match io.run("cargo", &DOCUMENTED, &STRICT) {
        Ok(true) => {}
        Ok(false) => return Err("The documentation cannot be made, which says what is Send and Sync.".to_owned()),
        Err(error) => return Err(format!("`cargo` did not start ({error}); is it installed?")),
    }
    let metadata = io.capture("cargo", &["metadata", "--no-deps", "--locked", "--format-version=1"])?;
    let metadata: serde_json::Value =
        serde_json::from_slice(&metadata).map_err(|error| format!("`cargo metadata` printed no JSON: {error}."))?;
    let target = metadata.get("target_directory").and_then(serde_json::Value::as_str);
    let target = target.ok_or("`cargo metadata` names no target directory.")?;
    Ok(format!("{target}/doc/singlestore_management"))
}

/// Records for every type whether it is Send and Sync.
pub fn add(io: &dyn Io, pages: &str, blocks: &mut BTreeMap<String, Block>) -> Result<(), String> {
    let types: Vec<(String, Block)> = blocks
        .iter()
        .filter(|(_, block)| is_type(&block.heading))
        .map(|(path, block)| (path.clone(), block.clone()))
        .collect();
    for (path, block) in &types {
        // A type that can be reached in two ways has a page where it is itself public.
        let same = types.iter().filter(|(other, twin)| {
            other != path && name(other) == name(path) && twin.lines == block.lines && twin.traits == block.traits
        });
        let page = std::iter::once(path).chain(same.map(|(other, _)| other)).find_map(|path| page(io, pages, path));
        let page = page.ok_or_else(|| {
            format!(
                "{path} has no page below {pages}, which would say whether it is Send: is it behind a feature that \
                 `cargo xtask ci doc` lacks?"
            )
        })?;
        for name in ["Send", "Sync"] {
            let said = said(&page, name)
                .ok_or_else(|| format!("The page of {path} does not say in the known form whether it is {name}."))?;
            if let Some(block) = blocks.get_mut(path) {
                block.auto.push(said);
            }
        }
    }
    Ok(())
}

fn name(path: &str) -> &str {
    path.rsplit_once("::").map_or(path, |(_, name)| name)
}

fn page(io: &dyn Io, pages: &str, path: &str) -> Option<String> {
    let name = name(path);
    let folder = path.strip_suffix(name)?.replace("::", "/");
    ["struct", "enum", "union"]
        .iter()
        .find_map(|kind| read_text(io, &format!("{pages}/{folder}{kind}.{name}.html")).ok())
}

fn is_type(heading: &str) -> bool {
    ["pub struct ", "pub enum ", "pub union ", "pub open enum "].iter().any(|start| heading.starts_with(start))
        || heading.contains(", made by ")
}

/// `Send`, `!Send`, or `Send if T: Send`: from `impl<T> Send for Name<T> where T: Send`.
fn said(page: &str, name: &str) -> Option<String> {
    let from = page.find(&format!("<section id=\"impl-{name}-for-"))?;
    let section = page.get(from..)?;
    let section = section.get(section.find("<h3")?..section.find("</h3>")?)?;
    let text = plain(section);
    let (of, rest) = text.split_once(" for ")?;
    let sign = match of.rsplit(' ').next()? {
        word if word == name => "",
        word if word.strip_prefix('!') == Some(name) => "!",
        _ => return None,
    };
    let bounds = rest.split_once("where ").map(|(_, bounds)| bounds.trim_end_matches(',').replace(", ", " and "));
    Some(format!("{sign}{name}{}", bounds.map(|bounds| format!(" if {bounds}")).unwrap_or_default()))
}

/// The text of an HTML fragment on one line.
fn plain(html: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for letter in html.chars() {
        match letter {
            '<' => inside = true,
            '>' if inside => inside = false,
            _ if inside => {}
            letter => text.push(letter),
        }
    }
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&#39;", "'").replace("&amp;", "&");
    // The line before `where` ends without a space.
    let text = text.replace(">where", "> where");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_it_in_its_own_way() {
        let page = |said: &str| {
            format!(
                "<p>x</p><section id=\"impl-Send-for-X\" class=\"impl\"><a>§</a><h3 class=\"code-header\">{said}</h3></section>"
            )
        };
        let of = "<a class=\"trait\" href=\"s.html\">Send</a> for <a class=\"struct\" href=\"x.html\">X</a>";
        for (text, want) in [
            (format!("impl {of}"), Some("Send")),
            (format!("impl !{of}"), Some("!Send")),
            (
                format!(
                    "impl&lt;T, U&gt; {of}&lt;T, U&gt;<div class=\"where\">where\n    T: Send,\n    U: Send,</div>"
                ),
                Some("Send if T: Send and U: Send"),
            ),
            (format!("impl&lt;'a, T&gt; {of}&lt;'a, T&gt;"), Some("Send")),
            ("impl Other for X".to_owned(), None),
        ] {
            assert_eq!(said(&page(&text), "Send").as_deref(), want, "{text}");
        }
        assert_eq!(said("<p>nothing</p>", "Send"), None);
    }
}
