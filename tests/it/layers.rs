//! The layers of `src`: who may import whom. Read from the source text, so that it holds for every feature at once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;

use singlestore_management::OPERATIONS;

/// From the ground up: a file imports only from its own layer and those below. The generated file is represented by its modules:
/// its types know only values, its requests what a handle knows.
const LAYERS: [&[&str]; 10] = [
    &[
        "operation",
        "raw",
        "raw/types",
        "raw/ids",
        "sample",
        "ids",
        "integer",
        "secret",
        "timestamp",
        "patch",
        "path_check",
        "order",
        "open_enum",
        "de",
        "ser",
        "json",
        "firewall",
    ],
    &["error", "decode", "block_on"],
    &["credentials"],
    &["transport"],
    &["response", "tls", "resume_token"],
    &["client"],
    &["request"],
    &["waiter", "items"],
    &["raw/requests", "files"],
    &["resources", "blocking", "fuzzing", "guide", "lib"],
];

/// A cycle of this many files is a parent with the children to which it delegates; a longer one is a tangle.
const LONGEST_LOOP: usize = 4;

type Files = BTreeMap<Vec<String>, Vec<Token>>;

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Sign(char),
}

/// The words and symbols of Rust code; comments are left out.
fn tokens(code: &str) -> Vec<Token> {
    let (code, mut at, mut found) = (code.chars().collect::<Vec<_>>(), 0, Vec::new());
    let get = |at: usize| code.get(at).copied().unwrap_or('\0');
    while at < code.len() {
        let c = get(at);
        if c == '/' && get(at + 1) == '/' {
            while at < code.len() && get(at) != '\n' {
                at += 1;
            }
        } else if c == '"' {
            let mut text = String::new();
            at += 1;
            while at < code.len() && get(at) != '"' {
                at += usize::from(get(at) == '\\');
                text.push(get(at));
                at += 1;
            }
            at += 1;
            found.push(Token::Text(text));
        } else if c == 'r' && (get(at + 1) == '"' || get(at + 1) == '#' && matches!(get(at + 2), '"' | '#')) {
            let hashes = code[at + 1..].iter().take_while(|c| **c == '#').count();
            let end: String = format!("\"{}", "#".repeat(hashes));
            let rest: String = code[at + 2 + hashes..].iter().collect();
            let text = rest.split(&end).next().unwrap_or_default().to_owned();
            at += 2 + hashes + text.chars().count() + end.len();
            found.push(Token::Text(text));
        } else if c == '\'' && (get(at + 1) == '\\' || get(at + 2) == '\'') {
            at += if get(at + 1) == '\\' { 3 } else { 2 };
            while at < code.len() && get(at) != '\'' {
                at += 1;
            }
            at += 1;
        } else if c.is_alphanumeric() || c == '_' {
            let word: String = code[at..].iter().take_while(|c| c.is_alphanumeric() || **c == '_').collect();
            at += word.chars().count();
            found.push(Token::Word(word));
        } else {
            if !c.is_whitespace() {
                found.push(Token::Sign(c));
            }
            at += 1;
        }
    }
    found
}

/// Removes test-only code, and returns the names of test modules in files of their own.
fn without_tests(tokens: Vec<Token>) -> (Vec<Token>, Vec<String>) {
    let attribute = self::tokens("#[cfg(test)]");
    let (mut kept, mut files, mut at) = (Vec::new(), Vec::new(), 0);
    while at < tokens.len() {
        if !tokens[at..].starts_with(&attribute) {
            kept.push(tokens[at].clone());
            at += 1;
            continue;
        }
        at += attribute.len();
        let (mut depth, mut name) = (0, None);
        while at < tokens.len() {
            match &tokens[at] {
                Token::Word(word) if word == "mod" => {
                    if let Some(Token::Word(after)) = tokens.get(at + 1) {
                        name = Some(after.clone());
                    }
                }
                Token::Sign('{') => depth += 1,
                Token::Sign('}') => depth -= 1,
                Token::Sign(';') if depth == 0 => {
                    files.extend(name);
                    break;
                }
                _ => {}
            }
            if depth == 0 && tokens[at] == Token::Sign('}') {
                break;
            }
            at += 1;
        }
        at += 1;
    }
    (kept, files)
}

/// The files of a crate by their module path.
fn read(root: &Path) -> Files {
    let (mut folders, mut files, mut tests) = (vec![root.to_owned()], Files::new(), Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let below = path.strip_prefix(root).unwrap().with_extension("");
                let mut module: Vec<String> = below.iter().map(|part| part.to_str().unwrap().to_owned()).collect();
                module.pop_if(|last| last == "mod" || last == "lib");
                let (kept, more) = without_tests(tokens(&std::fs::read_to_string(&path).unwrap()));
                tests.extend(more.into_iter().map(|name| [&module[..], &[name]].concat()));
                files.insert(module, kept);
            }
        }
    }
    files.retain(|module, _| !tests.iter().any(|test| module.starts_with(test)));
    files
}

/// The paths of `a::{b, c::d}`, and where it ends.
fn tree(tokens: &[Token], mut at: usize, before: &[String], found: &mut Vec<Vec<String>>) -> usize {
    let mut path = before.to_vec();
    loop {
        match tokens.get(at) {
            Some(Token::Word(word)) if word == "as" => at += 2,
            Some(Token::Word(word)) => {
                path.push(word.clone());
                at += 1;
            }
            Some(Token::Sign(':')) => at += 1,
            Some(Token::Sign('{')) => {
                at += 1;
                while !matches!(tokens.get(at), None | Some(Token::Sign('}'))) {
                    at = tree(tokens, at, &path, found);
                    at += usize::from(tokens.get(at) == Some(&Token::Sign(',')));
                }
                return at + 1;
            }
            Some(Token::Sign('*')) => {
                path.push("*".to_owned());
                found.push(path);
                return at + 1;
            }
            _ => {
                found.push(path);
                return at;
            }
        }
    }
}

struct Crate {
    files: Files,
    /// What a module re-exports under a name: `pub use`.
    exports: BTreeMap<Vec<String>, Vec<String>>,
    /// The modules from which a module re-exports everything.
    globs: Vec<(Vec<String>, Vec<String>)>,
    /// What a module refers to: imports, and paths in its code.
    names: BTreeMap<Vec<String>, Vec<Vec<String>>>,
}

impl Crate {
    fn new(files: Files) -> Self {
        let (mut exports, mut globs, mut names) = (BTreeMap::new(), Vec::new(), BTreeMap::new());
        for (module, tokens) in &files {
            let (mut at, mut named) = (0, Vec::new());
            while at < tokens.len() {
                let Token::Word(word) = &tokens[at] else {
                    at += 1;
                    continue;
                };
                let mut paths = Vec::new();
                let import = word == "use";
                let public = import
                    && at > 0
                    && (tokens[at - 1] == Token::Word("pub".into()) || tokens[at - 1] == Token::Sign(')'));
                let goes_on =
                    tokens.get(at + 1) == Some(&Token::Sign(':')) && tokens.get(at + 2) == Some(&Token::Sign(':'));
                if import {
                    at = tree(tokens, at + 1, &[], &mut paths);
                } else if goes_on {
                    let mut path = vec![word.clone()];
                    at += 1;
                    while tokens.get(at) == Some(&Token::Sign(':')) && tokens.get(at + 1) == Some(&Token::Sign(':')) {
                        let Some(Token::Word(next)) = tokens.get(at + 2) else { break };
                        path.push(next.clone());
                        at += 3;
                    }
                    paths.push(path);
                    at += 1;
                } else {
                    at += 1;
                }
                for path in paths {
                    let Some(mut full) = absolute(&files, module, &path) else { continue };
                    if full.pop_if(|last| last == "*").is_some() {
                        match public {
                            true => globs.push((module.clone(), full)),
                            false => named.push(full),
                        }
                        continue;
                    }
                    match full.last() {
                        Some(name) if public => {
                            exports.insert([&module[..], std::slice::from_ref(name)].concat(), full);
                        }
                        _ => named.push(full),
                    }
                }
            }
            names.insert(module.clone(), named);
        }
        Self { files, exports, globs, names }
    }

    /// The file that a path leads to, through re-exports.
    fn home(&self, path: &[String], hops: usize) -> Option<Vec<String>> {
        for end in (0..=path.len()).rev() {
            if let Some(target) = self.exports.get(&path[..end])
                && hops < 8
                && target[..] != path[..end]
            {
                return self.home(&[&target[..], &path[end..]].concat(), hops + 1);
            }
            if self.files.contains_key(&path[..end]) {
                // A name defined in a module that this one re-exports entirely is at home there.
                let name = path.get(end).map(|name| Token::Word(name.clone()));
                let glob = self.globs.iter().find(|(from, to)| {
                    from[..] == path[..end]
                        && name.as_ref().is_some_and(|name| self.files.get(to).is_some_and(|to| to.contains(name)))
                });
                return Some(glob.map_or(&path[..end], |(_, to)| to).to_vec());
            }
        }
        None
    }

    /// Which file imports which.
    fn imports(&self) -> BTreeMap<Vec<String>, BTreeSet<Vec<String>>> {
        let homes = |module: &Vec<String>, paths: &Vec<Vec<String>>| {
            let to = paths.iter().filter_map(|path| self.home(path, 0)).filter(|to| to != module && !to.is_empty());
            (module.clone(), to.collect())
        };
        self.names.iter().map(|(module, paths)| homes(module, paths)).collect()
    }

    /// The largest set of files in which each imports every other, directly or not.
    fn largest_loop(&self) -> BTreeSet<Vec<String>> {
        let imports = self.imports();
        let reach = |from: &Vec<String>| {
            let (mut seen, mut open) = (BTreeSet::new(), vec![from]);
            while let Some(next) = open.pop() {
                open.extend(imports.get(next).into_iter().flatten().filter(|to| seen.insert((*to).clone())));
            }
            seen
        };
        let reached: BTreeMap<_, _> = imports.keys().map(|module| (module, reach(module))).collect();
        let knot = |module: &Vec<String>| -> BTreeSet<Vec<String>> {
            let back = |to: &&Vec<String>| reached.get(to).is_some_and(|reached| reached.contains(module));
            reached[module].iter().filter(back).cloned().collect()
        };
        imports.keys().map(knot).max_by_key(BTreeSet::len).unwrap_or_default()
    }
}

/// A path from the crate root; `None` for one that leads elsewhere.
fn absolute(files: &Files, module: &[String], path: &[String]) -> Option<Vec<String>> {
    let ups = path.iter().take_while(|part| *part == "super").count();
    match path.first()?.as_str() {
        "crate" => Some(path[1..].to_vec()),
        "self" => Some([module, &path[1..]].concat()),
        "super" => Some([module.get(..module.len().checked_sub(ups)?)?, &path[ups..]].concat()),
        _ => {
            let child = [module, &path[..1]].concat();
            files.contains_key(&child).then(|| [module, path].concat())
        }
    }
}

/// The hand-written files, and the modules of the generated one.
fn files() -> Files {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = read(&root.join("src"));
    let generated = tokens(&std::fs::read_to_string(root.join("spec/raw.rs")).unwrap());
    let (mut at, raw) = (0, vec!["raw".to_owned()]);
    while at < generated.len() {
        let [Token::Word(word), Token::Word(name), Token::Sign('{')] = &generated[at..generated.len().min(at + 3)]
        else {
            files.entry(raw.clone()).or_default().push(generated[at].clone());
            at += 1;
            continue;
        };
        let (start, mut depth) = (at, 0);
        while at < generated.len() {
            match generated[at] {
                Token::Sign('{') => depth += 1,
                Token::Sign('}') => depth -= 1,
                _ => {}
            }
            at += 1;
            if depth == 0 && generated[at - 1] == Token::Sign('}') {
                break;
            }
        }
        let module = if word == "mod" { [&raw[..], std::slice::from_ref(name)].concat() } else { raw.clone() };
        files.entry(module).or_default().extend_from_slice(&generated[start..at]);
    }
    files
}

fn source() -> Crate {
    Crate::new(FILES.clone())
}

/// Read once for all tests: parsing a megabyte of code is most of the work.
static FILES: LazyLock<Files> = LazyLock::new(files);

/// A module with its own entry, or else its top-level module.
fn layer(module: &[String]) -> Option<usize> {
    let find = |name: &str| LAYERS.iter().position(|layer| layer.contains(&name));
    find(&module.join("/")).or_else(|| find(module.first().map_or("lib", String::as_str)))
}

/// Imports from a layer above, and files without a layer.
fn upward(source: &Crate) -> Vec<String> {
    let mut wrong = Vec::new();
    for (module, imports) in source.imports() {
        let name = module.join("/");
        let Some(own) = layer(&module) else {
            wrong.push(format!("src/{name}.rs is in no layer; say in LAYERS what it may import"));
            continue;
        };
        let above = imports.iter().filter(|to| layer(to).is_none_or(|to| to > own));
        wrong.extend(above.map(|to| format!("src/{name}.rs imports src/{}.rs, which is above it", to.join("/"))));
    }
    wrong
}

#[test]
fn files_import_only_what_is_below_them() {
    let wrong = upward(&source());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_import_loop_is_longer_than_a_parent_with_its_children() {
    let knot = source().largest_loop();
    let names: Vec<String> = knot.iter().map(|module| module.join("/")).collect();
    assert!(knot.len() <= LONGEST_LOOP, "{} files import each other: {}", knot.len(), names.join(", "));
}

#[test]
fn the_transport_knows_no_resource() {
    // A word of a family, such as `workspace`; what every request may mention is not a resource here.
    let words: BTreeSet<String> = OPERATIONS
        .iter()
        .filter_map(|operation| operation.path.split('/').nth(2))
        .map(|word| word.trim_end_matches('s').to_ascii_lowercase())
        .filter(|word| !["organization", "user", "file", "secret", "authorization"].contains(&word.as_str()))
        .collect();
    assert!(words.contains("workspacegroup") && words.contains("cluster"), "{words:?}");
    let known = |files: &Files| -> Vec<String> {
        let mut wrong = Vec::new();
        for (module, tokens) in files.iter().filter(|(module, _)| module.first().is_some_and(|top| top == "transport"))
        {
            for token in tokens {
                let (Token::Word(text) | Token::Text(text)) = token else { continue };
                let lower = text.to_ascii_lowercase().replace('_', "");
                if words.iter().any(|word| lower.contains(word)) || lower.contains("/v1") || lower.contains("/v2") {
                    wrong.push(format!("src/{}.rs names {text:?}", module.join("/")));
                }
            }
        }
        wrong
    };
    let mut files = FILES.clone();
    assert_eq!(known(&files), Vec::<String>::new());
    files.insert(
        vec!["transport".into(), "planted".into()],
        tokens("match path { \"/v1/clusters\" => ListWorkspaces }"),
    );
    assert_eq!(known(&files).len(), 2, "what is planted is found");
}

/// The checks above would pass if nothing were read; so planted violations must be found.
#[test]
fn a_planted_loop_and_a_planted_import_from_above_are_found() {
    let plain = source();
    assert!(plain.files.len() > 60 && plain.imports().values().map(BTreeSet::len).sum::<usize>() > 150);
    let plant = |module: &[&str], code: &str| {
        let mut files = FILES.clone();
        let module: Vec<String> = module.iter().map(|part| (*part).to_owned()).collect();
        files.entry(module).or_default().extend(without_tests(tokens(code)).0);
        Crate::new(files)
    };
    // Every file in the cycle of calls depends on the operation in the end.
    let knot = plant(&["operation"], "use super::{transport::{run}, Patch};").largest_loop();
    assert!(knot.len() > LONGEST_LOOP && knot.contains(&vec!["operation".to_owned()]), "{knot:?}");
    let path = plant(&["operation"], "fn f() { crate::transport::run::run() }").largest_loop();
    assert!(path.len() > LONGEST_LOOP, "{path:?}");
    let through = plant(&["operation"], "fn f(_: &crate::Client) {}").largest_loop();
    assert!(through.len() > LONGEST_LOOP, "a name that the crate hands on leads to its file: {through:?}");
    for harmless in
        ["// use crate::Client;", "const A: &str = \"crate::Client\";", "#[cfg(test)] mod t { use crate::Client; }"]
    {
        assert!(plant(&["operation"], harmless).largest_loop().len() <= LONGEST_LOOP, "{harmless}");
    }
    let above = upward(&plant(&["transport", "run"], "use crate::resources::Workspaces;"));
    assert!(
        above.iter().any(|line| line.contains("src/transport/run.rs imports src/resources/workspaces.rs")),
        "{above:?}"
    );
    for glob in ["use crate::resources::*;", "fn f(_: crate::OrganizationId) {}", "use crate::raw::requests::GetRole;"]
    {
        let wrong = upward(&plant(&["operation"], glob));
        // The id comes through a glob of the crate from the lowest layer, so it is not an import from above.
        assert_eq!(wrong.len(), usize::from(!glob.contains("Organization")), "{glob}: {wrong:?}");
    }
    let knot = plant(&["raw", "ids"], "use crate::request::Call;").largest_loop();
    assert!(knot.len() > LONGEST_LOOP, "the generated modules are read: {knot:?}");
    let ids = [vec!["operation".to_owned()], vec!["raw".to_owned(), "ids".to_owned()]];
    let imports = plant(&["operation"], "fn f(_: crate::OrganizationId) {}").imports();
    assert!(imports[&ids[0]].contains(&ids[1]), "a name that is handed on by a glob leads to its file: {imports:?}");
    assert!(upward(&plant(&["elsewhere"], "")).iter().any(|line| line.contains("src/elsewhere.rs is in no layer")));
}
