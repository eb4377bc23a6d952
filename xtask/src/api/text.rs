//! Rust syntax on one line.

use quote::ToTokens;

/// A type as one line.
pub fn ty(ty: &syn::Type) -> String {
    let alias: syn::Item = syn::parse_quote!(type T = #ty;);
    let text = one_line(alias);
    text.trim_start_matches("type T = ").trim_end_matches(';').to_owned()
}

/// A function without its body.
pub fn signature(vis: &syn::Visibility, signature: &syn::Signature) -> String {
    let function: syn::Item = syn::parse_quote!(#vis #signature {});
    one_line(function).trim_end_matches("{}").trim().to_owned()
}

/// An item that has no body worth showing.
pub fn one_line(item: syn::Item) -> String {
    let file = syn::File { shebang: None, frontmatter: None, attrs: Vec::new(), items: vec![item] };
    shorten(&prettyplease::unparse(&file))
}

/// Any tokens, where formatting does not matter.
pub fn tokens(tokens: &impl ToTokens) -> String {
    let text = tokens.to_token_stream().to_string();
    let tight = [
        (" :: ", "::"),
        (":: ", "::"),
        (" < ", "<"),
        (" >", ">"),
        (" ,", ","),
        ("& ", "&"),
        (" (", "("),
        ("( ", "("),
        (" )", ")"),
        (" : ", ": "),
        (" ;", ";"),
        ("{ ", " { "),
    ];
    shorten(&tight.iter().fold(text, |text, (from, to)| text.replace(from, to)))
}

/// On one line, without well-known paths.
fn shorten(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let known = [
        "::std::string::",
        "::std::option::",
        "::std::vec::",
        "::std::collections::",
        "::std::convert::",
        "::std::boxed::",
        "::std::result::",
        "::std::fmt::",
        "::std::str::",
        "::std::future::",
        "::std::cmp::",
        "::std::primitive::",
        "::std::clone::",
        "::std::default::",
        "::serde::",
        "crate::raw::ids::",
        "crate::",
    ];
    let line = known.iter().fold(line, |line, path| line.replace(path, ""));
    // A rejoined line has spaces where it was broken.
    let joined =
        [("( ", "("), (", )", ")"), (",)", ")"), ("< ", "<"), (", >", ">"), ("=(", "= ("), ("(mut self", "(self")];
    joined.iter().fold(line, |line, (from, to)| line.replace(from, to))
}
