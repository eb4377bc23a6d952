//! The verdict of the generated code: the actual public interface takes precedence over what a change of its kind usually means.

use super::change::{Change, Diff, Subject};
use super::rules::{Rule, Severity};
use crate::api::Block;
use crate::{api, codegen};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

type Interface = BTreeMap<String, Block>;

/// Compares two documents and the code generated from them. What cannot be generated is judged by the table alone.
pub fn judged(old: &Value, new: &Value) -> Diff {
    let diff = super::diff(old, new);
    // Not merely "no changes": comparing the code is for what the table misses.
    if old == new {
        return diff;
    }
    match (codegen::generate(old), codegen::generate(new)) {
        (Ok(old), Ok(new)) => judge(diff, &old.code, &new.code),
        _ => diff,
    }
}

/// Checks the changes against the code generated before and after.
pub fn judge(diff: Diff, old: &str, new: &str) -> Diff {
    match (api::of_generated(old), api::of_generated(new)) {
        (Ok(old), Ok(new)) => verdict(diff, &old, &new),
        _ => diff,
    }
}

/// How severe the difference of two interfaces is.
///
/// # Errors
/// A message when one of the two is not Rust.
pub fn severity_of_code(old: &str, new: &str) -> Result<Option<Severity>, String> {
    let (old, new) = (api::of_generated(old)?, api::of_generated(new)?);
    Ok(differences(&old, &new).iter().map(|difference| difference.severity).max())
}

/// One line that was added, removed or changed.
struct Difference {
    /// The path of the item.
    item: String,
    /// The field, method or variant; `None` for the item itself and its traits.
    member: Option<String>,
    /// The item was added or removed.
    is_whole: bool,
    severity: Severity,
    text: String,
}

fn verdict(diff: Diff, old: &Interface, new: &Interface) -> Diff {
    let old = &with_new_names(old, &diff);
    let differences = differences(old, new);
    let whole = differences.iter().map(|difference| difference.severity).max();
    let mut explained = vec![false; differences.len()];
    let mut changes: Vec<Change> = Vec::new();
    for mut change in diff.changes {
        let places: Vec<_> = change.items.iter().filter_map(|item| place(item, old, new)).collect();
        let about: Vec<usize> =
            (0..differences.len()).filter(|at| places.iter().any(|place| touches(&differences[*at], place))).collect();
        let found = about.iter().map(|at| differences[*at].severity).max();
        // Without a known item, the only bound is the severity of everything together.
        let allowed = if places.is_empty() { whole } else { found };
        let lowest = if keeps_code(&change) { Severity::Additive } else { Severity::Documentation };
        let allowed = allowed.unwrap_or(lowest).max(lowest);
        if change.severity > allowed {
            change.severity = allowed;
            let why = if allowed == Severity::Additive { "no code breaks" } else { "the Rust code stays the same" };
            change.text.push_str(&format!(" ({why})"));
        }
        for at in about {
            explained[at] |= differences[at].severity <= change.severity;
        }
        changes.push(change);
    }
    for (at, difference) in differences.iter().enumerate() {
        explained[at] |= comes_along(difference, &changes);
    }
    changes.extend(renamed_variants(&differences, &mut explained, &changes, old));
    changes.extend(unexplained(&differences, &explained));
    changes.sort();
    changes.dedup();
    Diff { changes }
}

/// What only refers to a renamed type changed no more than that type, which is reported already.
fn with_new_names(old: &Interface, diff: &Diff) -> Interface {
    let is_renamed = |change: &&Change| change.rule == Rule::SchemaRenamed.row().id;
    let names = diff.changes.iter().filter(is_renamed).filter_map(|change| match change.items.as_slice() {
        [before, after] => Some((before.rsplit("::").next()?, after.rsplit("::").next()?)),
        _ => None,
    });
    let names: BTreeMap<&str, &str> = names.collect();
    let renamed = |line: &String| {
        let mut text = String::new();
        let mut word = String::new();
        for c in line.chars().chain(['\n']) {
            if c.is_alphanumeric() || c == '_' {
                word.push(c);
                continue;
            }
            text.push_str(names.get(word.as_str()).copied().unwrap_or(&word));
            word.clear();
            text.push(c);
        }
        text.trim_end_matches('\n').to_owned()
    };
    let block = |block: &Block| Block {
        lines: block.lines.iter().map(renamed).collect(),
        traits: block.traits.iter().map(renamed).collect(),
        ..block.clone()
    };
    old.iter().map(|(path, one)| (path.clone(), block(one))).collect()
}

/// A type made inside another one is added and removed with it: its name begins with the other's.
fn comes_along(difference: &Difference, changes: &[Change]) -> bool {
    let flat = |path: &str| {
        let (_, name) = path.split_once("::").unwrap_or_default();
        name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>()
    };
    let name = flat(&difference.item);
    let severe = || changes.iter().filter(|change| change.severity >= difference.severity);
    let inside = |change: &Change| {
        change.items.iter().map(|item| flat(item)).any(|holder| !holder.is_empty() && name.starts_with(&holder))
    };
    // New types accompany every other change, including those with a title.
    difference.is_whole
        && (difference.severity < Severity::Breaking && severe().next().is_some() || severe().any(inside))
}

/// The same code sends something different.
fn keeps_code(change: &Change) -> bool {
    [Rule::OperationMoved, Rule::MediaTypeChanged, Rule::PaginationChanged]
        .iter()
        .any(|rule| rule.row().id == change.rule)
}

/// An entry for each union that lost more variants than branches: adding or removing one can change the names that the generator
/// gives to the others.
fn renamed_variants(
    differences: &[Difference],
    explained: &mut [bool],
    changes: &[Change],
    old: &Interface,
) -> Vec<Change> {
    let mut gone: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, difference) in differences.iter().enumerate() {
        let is_union = old.get(&difference.item).is_some_and(|block| block.heading.starts_with("pub enum"));
        if is_union && difference.severity == Severity::Breaking && difference.member.is_some() {
            gone.entry(&difference.item).or_default().push(at);
        }
    }
    let removed = |item: &str| {
        let of_item = |change: &&Change| change.items.iter().any(|one| one == item);
        changes.iter().filter(|change| change.rule == Rule::VariantRemoved.row().id).filter(of_item).count()
    };
    gone.retain(|item, all| all.len() > removed(item));
    let entry = |(item, all): (&str, Vec<usize>)| {
        let texts: Vec<&str> = all.iter().map(|at| differences[*at].text.as_str()).collect();
        all.iter().for_each(|at| explained[*at] = true);
        Change {
            subject: Subject::Document,
            severity: Severity::Breaking,
            rule: Rule::VariantRenamed.row().id,
            text: format!("calls its variants differently: {}", texts.join("; ")),
            items: vec![item.to_owned()],
        }
    };
    gone.into_iter().map(entry).collect()
}

/// An entry for each item with differences that no change accounts for.
fn unexplained(differences: &[Difference], explained: &[bool]) -> Vec<Change> {
    let mut by_item: BTreeMap<&str, Vec<&Difference>> = BTreeMap::new();
    for (difference, _) in differences.iter().zip(explained).filter(|(_, explained)| !**explained) {
        by_item.entry(&difference.item).or_default().push(difference);
    }
    let entry = |(item, all): (&str, Vec<&Difference>)| {
        let severity = all.iter().map(|difference| difference.severity).max()?;
        let rule = if severity == Severity::Breaking { Rule::InterfaceBroken } else { Rule::InterfaceAdded };
        let texts: BTreeSet<&str> =
            all.iter().filter(|one| one.severity == severity).map(|one| one.text.as_str()).collect();
        Some(Change {
            subject: Subject::Document,
            severity,
            rule: rule.row().id,
            text: format!("makes other Rust: {}", texts.into_iter().collect::<Vec<_>>().join("; ")),
            items: vec![item.to_owned()],
        })
    };
    by_item.into_iter().filter_map(entry).collect()
}

/// The item named by the beginning of a path, and the member named by the rest.
fn place(path: &str, old: &Interface, new: &Interface) -> Option<(String, Option<String>)> {
    let known = |item: &str| old.contains_key(item) || new.contains_key(item);
    if known(path) {
        return Some((path.to_owned(), None));
    }
    let (item, member) = path.rsplit_once("::")?;
    known(item).then(|| (item.to_owned(), Some(plain(member))))
}

fn touches(difference: &Difference, (item, member): &(String, Option<String>)) -> bool {
    if difference.item != *item {
        return false;
    }
    match (member, &difference.member) {
        (Some(wanted), Some(is)) => is == wanted || is == "new" || is.ends_with(&format!("_{wanted}")),
        // The item itself or its traits change with any of its parts.
        _ => true,
    }
}

fn differences(old: &Interface, new: &Interface) -> Vec<Difference> {
    let mut found = Vec::new();
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for name in names {
        let whole = |severity, text: &str| Difference {
            item: name.clone(),
            member: None,
            is_whole: true,
            severity,
            text: format!("`{name}` {text}"),
        };
        match (old.get(name), new.get(name)) {
            (Some(_), None) => found.push(whole(Severity::Breaking, "is gone")),
            (None, Some(_)) => found.push(whole(Severity::Additive, "is new")),
            (Some(before), Some(after)) if before != after => parts(name, before, after, &mut found),
            _ => {}
        }
    }
    found
}

fn parts(item: &str, old: &Block, new: &Block, found: &mut Vec<Difference>) {
    let mut add = |member: Option<String>, severity: Severity, text: String| {
        found.push(Difference { item: item.to_owned(), member, is_whole: false, severity, text });
    };
    const OPEN: &str = " (non-exhaustive)";
    let (before, after) = (old.heading.replace(" (deprecated)", ""), new.heading.replace(" (deprecated)", ""));
    if before != after {
        let severity = if before.replace(OPEN, "") == after { Severity::Additive } else { Severity::Breaking };
        // Conversely, it rejects literals and matches that were complete.
        add(None, severity, format!("`{before}` became `{after}`"));
    }
    let is_open = |heading: &str| heading.contains(OPEN) || heading.starts_with("pub open enum");
    let grows = is_open(&before)
        || before.contains("(private fields)")
        || !(before.starts_with("pub struct") || before.starts_with("pub enum"));
    let same =
        |lines: &BTreeSet<String>| -> BTreeSet<String> { lines.iter().map(|line| without_names(line)).collect() };
    let (old_lines, new_lines) = (same(&old.lines), same(&new.lines));
    for line in old_lines.difference(&new_lines) {
        add(member(line), Severity::Breaking, format!("`{line}` is gone"));
    }
    for line in new_lines.difference(&old_lines) {
        let method = line.starts_with("pub fn") || line.starts_with("pub const");
        let severity = if grows || method { Severity::Additive } else { Severity::Breaking };
        add(member(line), severity, format!("`{line}` is new"));
    }
    for name in old.traits.difference(&new.traits) {
        add(None, Severity::Breaking, format!("`{name}` is not implemented any more"));
    }
    for name in new.traits.difference(&old.traits) {
        add(None, Severity::Additive, format!("`{name}` is implemented"));
    }
    // Arguments of the same type that swap places: the compiler does not notice, but their names show it.
    for (before, after) in old.lines.iter().filter_map(|line| Some((line, counterpart(line, &new.lines)?))) {
        let (before_names, after_names) = (argument_names(before), argument_names(after));
        let sorted = |names: &[String]| names.iter().cloned().collect::<BTreeSet<_>>();
        if before_names != after_names && sorted(&before_names) == sorted(&after_names) {
            add(member(before), Severity::Breaking, format!("arguments of `{before}` change places"));
        }
    }
}

fn counterpart<'a>(line: &str, lines: &'a BTreeSet<String>) -> Option<&'a String> {
    let shape = without_names(line);
    line.starts_with("pub fn").then(|| lines.iter().find(|other| without_names(other) == shape)).flatten()
}

/// A method without its argument names, which callers do not write.
fn without_names(line: &str) -> String {
    let Some(mut function) = method(line) else { return line.to_owned() };
    for argument in &mut function.sig.inputs {
        if let syn::FnArg::Typed(argument) = argument {
            *argument.pat = syn::parse_quote!(_);
        }
    }
    api::signature(&function.vis, &function.sig)
}

fn argument_names(line: &str) -> Vec<String> {
    use quote::ToTokens;
    let inputs = method(line).map(|function| function.sig.inputs).unwrap_or_default();
    let names = inputs.iter().filter_map(|argument| match argument {
        syn::FnArg::Typed(argument) => Some(argument.pat.to_token_stream().to_string()),
        syn::FnArg::Receiver(_) => None,
    });
    names.collect()
}

fn method(line: &str) -> Option<syn::ImplItemFn> {
    if !line.starts_with("pub fn") {
        return None;
    }
    syn::parse_str(&format!("{line} {{}}")).ok()
}

/// The name of a field, method or variant; `None` for a macro that is called.
fn member(line: &str) -> Option<String> {
    let rest = ["pub fn ", "pub const ", "pub "].iter().find_map(|start| line.strip_prefix(start)).unwrap_or(line);
    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '#').unwrap_or(rest.len());
    (!rest[end..].starts_with("::") && !rest[end..].starts_with('!')).then(|| plain(&rest[..end]))
}

/// An identifier without its raw prefix.
fn plain(name: &str) -> String {
    name.trim_start_matches("r#").trim_end_matches('_').to_owned()
}
