//! Look-ups by name. The service has none: it lists, and it lists terminated resources of the same name next to live ones.

use std::fmt::Display;

use crate::{Error, ErrorKind, Items};

/// The one element with that key, such as `the name "tenant"`, in constant memory: the list is read to its end, since only then
/// is it known to be the only one. None and more than one are errors, the latter with the ids to choose from. An element that
/// cannot be decoded is an error too: it may be the one.
pub(super) async fn only<T, I: Display>(
    kind: &str,
    key: &str,
    mut items: Items<T>,
    is_match: impl Fn(&T) -> bool,
    id: impl Fn(&T) -> I,
) -> Result<T, Error> {
    let mut found = None;
    let mut ids = Vec::new();
    while let Some(item) = items.next().await {
        match item {
            Ok(item) if is_match(&item) => {
                ids.push(id(&item).to_string());
                found.get_or_insert(item);
            }
            Ok(_) => {}
            Err(error) if error.item_index().is_some() => {
                let text = format!("it may be the {kind} with {key}, so no match is certain");
                return Err(error.with_remark(text));
            }
            Err(error) => return Err(error),
        }
    }
    match found {
        Some(item) if ids.len() == 1 => Ok(item),
        Some(_) => {
            ids.sort();
            let text = format!("{} {kind}s have {key}: {}", ids.len(), ids.join(", "));
            Err(Error::new(ErrorKind::Ambiguous, text).with_advice("use the id of the one that you mean"))
        }
        None => {
            let text = format!("no live {kind} has {key}");
            Err(Error::new(ErrorKind::NotFound, text).with_advice("a list may lag behind a creation by minutes"))
        }
    }
}
