//! Look-ups by name. The service has none: it lists, and it lists terminated things of the same name beside live ones.

use std::fmt::Display;

use crate::{Error, ErrorKind};

/// The one item of that name. None and more than one are errors, the latter with the ids to choose from.
pub(super) fn only<T, I: Display>(
    kind: &str,
    name: &str,
    items: impl IntoIterator<Item = T>,
    is_match: impl Fn(&T) -> bool,
    id: impl Fn(&T) -> I,
) -> Result<T, Error> {
    let mut found: Vec<T> = items.into_iter().filter(is_match).collect();
    match (found.pop(), found.is_empty()) {
        (Some(item), true) => Ok(item),
        (Some(item), false) => {
            let mut ids: Vec<String> = found.iter().chain([&item]).map(|item| id(item).to_string()).collect();
            ids.sort();
            let text = format!("{} {kind}s have the name {name:?}: {}", ids.len(), ids.join(", "));
            Err(Error::new(ErrorKind::Ambiguous, text).with_advice("use the id of the one that you mean"))
        }
        (None, _) => {
            let text = format!("no live {kind} has the name {name:?}");
            Err(Error::new(ErrorKind::NotFound, text).with_advice("a list may lag behind a creation by minutes"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_and_several_are_told_apart() {
        let items = [("a", 1), ("b", 2), ("b", 3)];
        let find = |name: &'static str| only("thing", name, items, move |item| item.0 == name, |item| item.1);
        assert_eq!(find("a").unwrap(), ("a", 1));
        assert_eq!(find("c").unwrap_err().kind(), ErrorKind::NotFound);
        let error = find("b").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Ambiguous);
        assert!(error.to_string().contains("2, 3"), "{error}");
    }
}
