//! Names in Rust's spelling, split where the generator splits them.

use heck::ToUpperCamelCase;

/// `ListWorkspaces` for `list_workspaces`; the generator drops apostrophes first.
pub fn pascal(text: &str) -> String {
    text.replace('\'', "").to_upper_camel_case()
}

/// `team_ids` for `team_i_ds`, as the generator reads `teamIDs`.
pub fn plural(name: &str) -> String {
    name.strip_suffix("_i_ds").map(|stem| format!("{stem}_ids")).unwrap_or_else(|| name.to_owned())
}

/// Letters and digits in lower case, for comparing names of the document and of Rust.
pub fn flat(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}
