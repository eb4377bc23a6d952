//! Finds where a name is used, with file and line.

use crate::io::Io;
use std::path::Path;

/// A text file of the repository.
#[derive(Debug)]
pub struct Source {
    pub path: String,
    pub text: String,
}

/// The Rust files in these directories.
pub fn rust_sources(io: &dyn Io, directories: &[&str]) -> Vec<Source> {
    let files = directories.iter().flat_map(|directory| io.files_below(Path::new(directory)));
    files
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .filter_map(|path| {
            let text = String::from_utf8(io.read(&path).ok()?).ok()?;
            Some(Source { path: path.to_string_lossy().replace('\\', "/"), text })
        })
        .collect()
}

/// `file:line` of every line with one of the words as a whole word.
pub fn lines(source: &Source, words: &[&str]) -> Vec<String> {
    let has = |line: &str| words.iter().any(|word| has_word(line, word));
    let numbered = source.text.lines().enumerate().filter(|(_, line)| has(line));
    numbered.map(|(number, _)| format!("{}:{}", source.path, number + 1)).collect()
}

/// Whether a word occurs in a line of code as a whole identifier.
pub fn has_word(line: &str, word: &str) -> bool {
    let part_of_name = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word)
        .any(|(at, _)| !line[..at].ends_with(part_of_name) && !line[at + word.len()..].starts_with(part_of_name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_words_count() {
        let text = "use x::ListWorkspaces;\n// ListWorkspacesV2\nlet a = ListWorkspaces::new();\n".to_owned();
        let source = Source { path: "src/a.rs".to_owned(), text };
        assert_eq!(lines(&source, &["ListWorkspaces"]), ["src/a.rs:1", "src/a.rs:3"]);
    }
}
