//! How severe the difference between two public interfaces is, as written by `cargo xtask api`.

use crate::diff::Severity;
use std::collections::{BTreeMap, BTreeSet};

/// What changed.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Difference {
    pub breaking: Vec<String>,
    pub additive: Vec<String>,
}

impl Difference {
    pub fn severity(&self) -> Option<Severity> {
        match (self.breaking.is_empty(), self.additive.is_empty()) {
            (false, _) => Some(Severity::Breaking),
            (true, false) => Some(Severity::Additive),
            (true, true) => None,
        }
    }
}

/// Removals are breaking; additions are not, except where users match, construct or implement everything.
pub fn compare(before: &str, after: &str) -> Difference {
    let (before, after) = (items(before), items(after));
    let mut difference = Difference::default();
    for (item, members) in &before {
        let Some(now) = after.get(item) else {
            difference.breaking.push(format!("- {item}"));
            continue;
        };
        difference.breaking.extend(members.difference(now).map(|member| format!("- {item}: {member}")));
        for member in now.difference(members) {
            let line = format!("+ {item}: {member}");
            let list = if asks_for_all(item, member) { &mut difference.breaking } else { &mut difference.additive };
            list.push(line);
        }
    }
    let came = after.keys().filter(|item| !before.contains_key(*item));
    difference.additive.extend(came.map(|item| format!("+ {item}")));
    difference
}

/// Whether a new member of this item breaks code that names all members.
fn asks_for_all(item: &str, member: &str) -> bool {
    let open = item.ends_with("(non-exhaustive)") || item.ends_with("(private fields)");
    let is_code =
        ["impl ", "pub fn ", "pub async fn ", "pub const ", "pub unsafe fn "].iter().any(|s| member.starts_with(s));
    if item.starts_with("pub trait ") {
        return !member.ends_with("(provided)");
    }
    (item.starts_with("pub enum ") || item.starts_with("pub struct ")) && !open && !is_code
}

/// Items with their members; each implemented trait counts as one member.
fn items(text: &str) -> BTreeMap<&str, BTreeSet<String>> {
    let mut items: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut item = "";
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if !line.starts_with(' ') {
            item = line;
            items.entry(item).or_default();
            continue;
        }
        let member = line.trim_start();
        let members = items.entry(item).or_default();
        // Nobody relies on a trait that a type does not implement.
        match member.strip_prefix("impl ").or_else(|| member.strip_prefix("auto ")) {
            Some(traits) => {
                let traits = split(traits).into_iter().filter(|name| !name.starts_with('!'));
                members.extend(traits.map(|name| format!("impl {name}")));
            }
            None => {
                members.insert(member.to_owned());
            }
        }
    }
    items
}

/// Splits at commas outside brackets.
fn split(list: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0_u32, 0);
    for (at, letter) in list.char_indices() {
        match letter {
            '<' | '(' | '[' => depth += 1,
            '>' | ')' | ']' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(list[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(list[start..].trim());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_users_name_decides() {
        use Severity::{Additive, Breaking};
        let owner = |head: &str, members: &str| format!("{head}\n{members}\npub fn other()\n");
        for (head, before, after, severity) in [
            ("pub struct A (non-exhaustive)", "  pub a: u8", "  pub a: u8\n  pub b: u8", Some(Additive)),
            ("pub struct A", "  pub a: u8", "  pub a: u8\n  pub b: u8", Some(Breaking)),
            ("pub struct A", "  pub a: u8", "  pub a: u8\n  pub fn b(&self)", Some(Additive)),
            ("pub struct A", "  pub a: u8", "  pub a: u16", Some(Breaking)),
            ("pub enum E (non-exhaustive)", "  A", "  A\n  B", Some(Additive)),
            ("pub enum E", "  A", "  A\n  B", Some(Breaking)),
            ("pub trait T", "  fn a()", "  fn a()\n  fn b() (provided)", Some(Additive)),
            ("pub trait T", "  fn a()", "  fn a()\n  fn b()", Some(Breaking)),
            ("pub struct A", "  impl Clone, From<(A, B)>", "  impl Clone, Debug, From<(A, B)>", Some(Additive)),
            ("pub struct A", "  impl Clone, From<(A, B)>", "  impl From<(A, B)>", Some(Breaking)),
            ("pub struct A", "  impl Clone", "  impl Clone", None),
            ("pub struct A", "  auto Send, Sync", "  auto Send, !Sync", Some(Breaking)),
            ("pub struct A", "  auto Send, !Sync", "  auto Send, Sync", Some(Additive)),
            ("pub struct A", "  auto Send if T: Send", "  auto Send if T: Send and U: Send", Some(Breaking)),
        ] {
            let (before, after) = (owner(head, before), owner(head, after));
            assert_eq!(compare(&before, &after).severity(), severity, "{before} -> {after}");
        }
        assert_eq!(compare("# a\npub fn x()\n", "# b\npub fn x()\npub fn y()\n").additive, ["+ pub fn y()"]);
        assert_eq!(compare("pub fn x()\n", "").breaking, ["- pub fn x()"]);
    }
}
