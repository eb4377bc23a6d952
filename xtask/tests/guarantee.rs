//! "0 errors" means that it compiles: small documents of every kind are either refused with a place or compile. All are compiled
//! as modules of one crate, which takes seconds.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

mod support;

use serde_json::Value;
use std::path::Path;
use support::chain::{STEPS, documents};
use support::small::{Case, cases};
use support::{Fake, fixture, repository};
use xtask::host::Host;
use xtask::io::Io;
use xtask::{codegen, lint, raw_check};

/// Fails with all problems at once.
fn hold(cases: &[Case], least: usize) {
    let mut wrong = Vec::new();
    let mut modules = Vec::new();
    for case in cases {
        let fatal: Vec<_> = lint::lint(&case.document).into_iter().filter(|finding| finding.fatal).collect();
        if let Some(finding) = fatal.first() {
            let known = case.document.pointer(&finding.pointer).is_some() && !finding.pointer.is_empty();
            if !case.may_be_refused || !known || !finding.message.contains(' ') {
                wrong.push(format!("{}: refused at `{}`: {}", case.name, finding.pointer, finding.message));
            }
            continue;
        }
        match codegen::generate(&case.document) {
            Ok(generated) => {
                let bare = undocumented(&generated.code).into_iter();
                wrong.extend(bare.map(|name| format!("{}: no documentation: {name}", case.name)));
                // The crate has no serde derives.
                if ["::serde::Serialize,", "::serde::Deserialize,", "#[serde"]
                    .iter()
                    .any(|text| generated.code.contains(text))
                {
                    wrong.push(format!("{}: it needs what serde derives", case.name));
                }
                let name = format!("case_{}", modules.len());
                modules.push((case, name.clone(), raw_check::as_module(&name, &generated.code)));
            }
            Err(failure) => wrong.push(format!("{}: {}: {}", case.name, failure.pointer, failure.message)),
        }
    }
    let mut host = Host::at(Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf());
    let files: Vec<_> = modules.iter().map(|(_, name, code)| (name.clone(), code.clone())).collect();
    let mut told: std::collections::BTreeMap<String, usize> = std::collections::BTreeMap::new();
    for error in raw_check::parse(&host.compile(&files).unwrap()) {
        let owner = modules.iter().find(|(_, name, _)| error.file.ends_with(&format!("/{name}.rs")));
        let (name, line) = owner.map_or((error.file.as_str(), ""), |(case, _, code)| {
            (case.name.as_str(), code.lines().nth(error.line - 1).unwrap_or_default())
        });
        let count = told.entry(name.to_owned()).or_default();
        *count += 1;
        if *count > 4 {
            continue;
        }
        let place = owner.map(|(case, _, code)| raw_check::place(&case.document, code, error.line)).unwrap_or_default();
        wrong.push(format!("{name}: does not compile: {} `{}` ({place})", error.message, line.trim()));
    }
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    assert!(modules.len() >= least, "only {} of {} are accepted", modules.len(), cases.len());
}

#[test]
#[ignore = "compiles the crate; `cargo xtask ci compiles` runs it"]
fn what_the_lint_accepts_compiles() {
    hold(&cases(), 100);
}

/// The document that update-spec makes from a published one.
fn resolved(published: &str, overlay: &str) -> Value {
    let mut fake = Fake::with_spec(published, overlay);
    fake.done("update-spec --from spec/published.yaml");
    fake.json("spec/openapi.json")
}

#[test]
#[ignore = "compiles the crate; `cargo xtask ci compiles` runs it"]
fn the_raw_layer_compiles_along_the_chain_and_for_a_foreign_document() {
    const NO_RULES: &str = "overlay: 1.0.0\ninfo: {title: t, version: 1.0.0}\nactions: []\n";
    let whole = |name: &str, document: Value| Case { name: name.to_owned(), document, may_be_refused: false };
    let documents = documents(serde_json::from_str(&repository("spec/openapi.json")).unwrap());
    let mut cases: Vec<Case> = [4, STEPS.len()]
        .map(|at| whole(STEPS[at - 1].name, resolved(&documents[at].to_string(), NO_RULES)))
        .into_iter()
        .collect();
    cases.push(whole("a foreign document", resolved(&fixture("fixtures/foreign.yaml"), NO_RULES)));
    hold(&cases, 3);
}

/// What users can name in the generated code but has no documentation.
fn undocumented(code: &str) -> Vec<String> {
    fn has_docs(attrs: &[syn::Attribute]) -> bool {
        attrs.iter().any(|attr| match &attr.meta {
            syn::Meta::NameValue(pair) if pair.path.is_ident("doc") => {
                !quote::quote!(#pair).to_string().ends_with("= \"\"")
            }
            _ => false,
        })
    }
    fn is_public(vis: &syn::Visibility) -> bool {
        matches!(vis, syn::Visibility::Public(_))
    }
    fn visit(items: &[syn::Item], bare: &mut Vec<String>) {
        let mut hold = |attrs: &[syn::Attribute], name: String| bare.extend((!has_docs(attrs)).then_some(name));
        let mut inner = Vec::new();
        for item in items {
            match item {
                syn::Item::Mod(module) if is_public(&module.vis) => {
                    hold(&module.attrs, module.ident.to_string());
                    inner.push(module.content.as_ref());
                }
                syn::Item::Struct(declared) if is_public(&declared.vis) => {
                    hold(&declared.attrs, declared.ident.to_string());
                    for field in declared.fields.iter().filter(|field| is_public(&field.vis)) {
                        let Some(name) = &field.ident else { continue };
                        hold(&field.attrs, format!("{}::{name}", declared.ident));
                    }
                }
                syn::Item::Enum(declared) => {
                    hold(&declared.attrs, declared.ident.to_string());
                    for variant in &declared.variants {
                        hold(&variant.attrs, format!("{}::{}", declared.ident, variant.ident));
                        for field in variant.fields.iter().filter(|field| field.ident.is_some()) {
                            hold(&field.attrs, format!("a field of {}::{}", declared.ident, variant.ident));
                        }
                    }
                }
                syn::Item::Impl(item) if item.trait_.is_none() => {
                    for item in &item.items {
                        if let syn::ImplItem::Fn(function) = item
                            && is_public(&function.vis)
                        {
                            hold(&function.attrs, function.sig.ident.to_string());
                        }
                    }
                }
                _ => {}
            }
        }
        inner.into_iter().flatten().for_each(|(_, items)| visit(items, bare));
    }
    let mut bare = Vec::new();
    match syn::parse_file(code) {
        Ok(file) => visit(&file.items, &mut bare),
        Err(error) => bare.push(format!("it is not Rust: {error}")),
    }
    bare
}

#[test]
fn generated_code_is_documented_whatever_the_document_leaves_out() {
    const NO_RULES: &str = "overlay: 1.0.0\ninfo: {title: none, version: '1'}\nactions: []\n";
    let foreign = resolved(&fixture("fixtures/foreign.yaml"), NO_RULES);
    assert_eq!(undocumented(&codegen::generate(&foreign).unwrap().code), Vec::<String>::new());
    let bare = "pub mod types { pub struct A { pub b: u8 } pub enum C { D } impl A { pub fn e() {} fn f() {} } }";
    assert_eq!(undocumented(bare), ["types", "A", "A::b", "C", "C::D", "e"], "what is bare is found");
}
