//! The raw layer compiles for documents that are not ours. Slow, so it runs only when asked for:
//! `cargo test -p xtask --test compiles -- --ignored`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

mod support;

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::chain::{STEPS, documents};
use support::{Fake, fixture, repository};
use xtask::io::Io;

/// A copy of the crate without its facade, which is written for our document, and without what only tests need.
fn copy_of_the_crate() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("raw-layer");
    for directory in ["src", "build"] {
        let _ = std::fs::remove_dir_all(copy.join(directory));
        copy_directory(&root.join(directory), &copy.join(directory));
    }
    std::fs::create_dir_all(copy.join("spec")).unwrap();
    for file in ["build.rs", "Cargo.lock"] {
        std::fs::copy(root.join(file), copy.join(file)).unwrap();
    }
    let manifest = repository("Cargo.toml");
    let sections = manifest.split("\n[").enumerate().filter(|(_, section)| {
        !["dev-dependencies", "[example", "[test", "[bench"].iter().any(|name| section.starts_with(name))
    });
    let manifest: Vec<&str> = sections.map(|(_, section)| section).collect();
    let manifest = manifest.join("\n[").replace("members = [\"xtask\", \"tests/emulator\"]", "members = []");
    std::fs::write(copy.join("Cargo.toml"), manifest).unwrap();
    let library = repository("src/lib.rs").replace("mod resources;\n", "");
    let (before, after) = library.split_once("pub use resources::").unwrap();
    let (facade, after) = after.split_once(';').unwrap();
    let _ = std::fs::remove_file(copy.join("src/resources.rs"));
    let facade_sources = sources(&copy.join("src/resources"));
    std::fs::remove_dir_all(copy.join("src/resources")).unwrap();
    let core = sources(&copy.join("src")).concat();
    let core: String = core.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    // What the core takes from the facade comes along.
    let names = facade.split(|c: char| !c.is_alphanumeric()).filter(|name| !name.is_empty());
    let names = names.filter(|name| core.contains(&format!("crate::{name}")));
    let shared: String = names.map(|name| definition(&facade_sources, name)).collect();
    std::fs::write(copy.join("src/lib.rs"), format!("{before}{after}\n{shared}")).unwrap();
    copy
}

fn sources(directory: &Path) -> Vec<String> {
    let files = xtask::host::Host::at(directory.to_path_buf()).files_below(Path::new(""));
    files.iter().map(|path| std::fs::read_to_string(directory.join(path)).unwrap()).collect()
}

/// The text of the enum or struct of that name.
fn definition(sources: &[String], name: &str) -> String {
    let items = sources.iter().flat_map(|text| syn::parse_file(text).unwrap().items);
    let found = items.into_iter().find(|item| match item {
        syn::Item::Enum(item) => item.ident == name,
        syn::Item::Struct(item) => item.ident == name,
        _ => false,
    });
    let item = found.unwrap_or_else(|| panic!("{name} is used outside of the facade and is neither enum nor struct"));
    prettyplease::unparse(&syn::File { shebang: None, frontmatter: None, attrs: Vec::new(), items: vec![item] })
}

fn copy_directory(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_directory(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn check(copy: &Path, name: &str, document: &str) {
    std::fs::write(copy.join("spec/openapi.json"), document).unwrap();
    let output = Command::new(env!("CARGO"))
        .args(["check", "--lib", "--quiet", "--offline"])
        .current_dir(copy)
        .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("raw-layer-target"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{name}:\n{}", String::from_utf8_lossy(&output.stderr));
    eprintln!("compiles: {name}");
}

/// The document that update-spec makes of a published one.
fn resolved(published: &str, overlay: &str) -> String {
    let mut fake = Fake::with_spec(published, overlay);
    fake.done("update-spec --from spec/published.yaml");
    fake.text("spec/openapi.json")
}

#[test]
#[ignore = "compiles the crate five times"]
fn the_raw_layer_compiles_along_the_chain_and_for_a_foreign_document() {
    const NO_RULES: &str = "overlay: 1.0.0\nactions: []\n";
    let copy = copy_of_the_crate();
    let first: Value = serde_json::from_str(&repository("spec/openapi.json")).unwrap();
    let documents = documents(first);
    for at in [0, 4, 7, STEPS.len()] {
        let name = if at == 0 { "our own document" } else { STEPS[at - 1].name };
        check(&copy, name, &resolved(&documents[at].to_string(), NO_RULES));
    }
    // The client itself knows organizations by their identifier type, which is ours and not the vendor's.
    let ids = "overlay: 1.0.0\nactions:\n- target: $\n  description: Ours.\n  update: {x-id-types: {organizationID: OrganizationId}}\n";
    check(&copy, "a foreign document", &resolved(&fixture("fixtures/foreign.yaml"), ids));
}
