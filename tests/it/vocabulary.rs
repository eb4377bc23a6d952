//! The words of `docs/vocabulary.md`: those in bold appear nowhere in code, documentation, messages and names.

use std::path::{Path, PathBuf};

/// The files that people read and write.
const READ: [&str; 14] = [
    "src",
    "build",
    "build.rs",
    "xtask/src",
    "xtask/tests",
    "tests",
    "docs",
    "examples",
    "benches",
    "fuzz/fuzz_targets",
    "spec/overlay.yaml",
    "spec/README.md",
    "README.md",
    "CONTRIBUTING.md",
];

/// The words in bold, in lower case.
fn refused(vocabulary: &str) -> Vec<Vec<String>> {
    let rows = vocabulary.lines().filter(|line| line.starts_with('|'));
    let bold = rows.flat_map(|row| row.split("**").skip(1).step_by(2));
    bold.map(words).collect()
}

/// The words of a line, including those inside names of any case.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for letter in line.chars() {
        let begins = letter.is_uppercase() && !before.is_uppercase();
        if !letter.is_alphabetic() || begins {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| letter.is_alphabetic()) {
            word.extend(letter.to_lowercase());
        }
        before = letter;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether a word is another with an ending.
fn is_form_of(word: &str, plain: &str) -> bool {
    word.strip_prefix(plain).is_some_and(|ending| ["", "s", "es", "ed", "ing"].contains(&ending))
}

/// The refused words in a text, with their lines.
fn found(text: &str, refused: &[Vec<String>]) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let words = words(line);
        let stands = |wanted: &&Vec<String>| {
            words
                .windows(wanted.len())
                .any(|part| part.iter().zip(*wanted).all(|(word, plain)| is_form_of(word, plain)))
        };
        found.extend(refused.iter().filter(stands).map(|wanted| (number + 1, wanted.join(" "))));
    }
    found
}

fn files(root: &Path) -> Vec<PathBuf> {
    let (mut open, mut files) = (READ.map(|path| root.join(path)).to_vec(), Vec::new());
    while let Some(path) = open.pop() {
        if path.is_dir() && !path.is_symlink() {
            open.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|end| ["rs", "md", "yaml", "html"].iter().any(|known| end == *known)) {
            files.push(path);
        }
    }
    files
}

#[test]
fn refused_words_appear_nowhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let refused = refused(&std::fs::read_to_string(root.join("docs/vocabulary.md")).unwrap());
    assert!(refused.len() > 4, "{refused:?}");
    let files = files(root);
    assert!(files.len() > 300, "only {} files are read", files.len());
    let mut wrong = Vec::new();
    for path in files.iter().filter(|path| !path.ends_with("docs/vocabulary.md") && !path.ends_with("it/vocabulary.rs"))
    {
        let text = std::fs::read_to_string(path).unwrap();
        let told = |(line, word)| format!("{}:{line}: {word}", path.strip_prefix(root).unwrap_or(path).display());
        wrong.extend(found(&text, &refused).into_iter().map(told));
    }
    assert!(wrong.is_empty(), "see docs/vocabulary.md:\n{}", wrong.join("\n"));
}

#[test]
fn a_refused_word_is_found_in_text_and_names_and_no_other_is() {
    let refused =
        refused("| response | what | **answer**, reply |\n| expires | of | **stops to be valid** |\n**not** here");
    for line in ["an answer.", "let lost_answers = 1;", "struct AnswerBody;", "fn isAnswered()", "it stops to be valid"]
    {
        assert_eq!(found(line, &refused).len(), 1, "{line}");
    }
    for line in ["a response", "a reply", "unanswerable", "it stops to be", "not", "HTTPAnsweror"] {
        assert_eq!(found(line, &refused), [], "{line}");
    }
}

/// Where the names of files that documents give may begin.
const ROOTS: [&str; 7] = ["", "src", "src/transport", "tests", "tests/emulator/src", "xtask", "xtask/tests"];

/// The files of Rust that a document names and that are nowhere.
fn dead(document: &str) -> Vec<&str> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let quoted = document.split('`').skip(1).step_by(2);
    let named =
        quoted.filter(|name| name.ends_with(".rs") && !name.contains(|c: char| c.is_whitespace() || "<*{".contains(c)));
    named.filter(|name| !ROOTS.iter().any(|from| root.join(from).join(name).exists())).collect()
}

#[test]
fn documents_name_files_that_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut named = 0;
    for document in [
        "docs/dependencies.md",
        "docs/reliability.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "README.md",
        "spec/README.md",
    ] {
        let text = std::fs::read_to_string(root.join(document)).unwrap();
        assert_eq!(dead(&text), Vec::<&str>::new(), "{document}");
        named += text.matches(".rs`").count();
    }
    assert!(named > 20, "{named}");
    assert_eq!(dead("`de.rs` and `raw/written.rs`"), ["raw/written.rs"]);
}
