//! Sorting, by code shared by all element types: a sort of the standard library takes several kB for each type.

/// Returns the elements in the order of their keys; those with equal keys keep their order.
pub(crate) fn sorted<T, K: Ord>(items: Vec<T>, key: impl Fn(&T) -> K) -> Vec<T> {
    let mut order: Vec<(K, usize)> = items.iter().enumerate().map(|(at, item)| (key(item), at)).collect();
    order.sort_unstable();
    let mut items: Vec<Option<T>> = items.into_iter().map(Some).collect();
    order.into_iter().filter_map(|(_, at)| items.get_mut(at)?.take()).collect()
}

#[cfg(test)]
mod tests {
    use super::sorted;

    #[test]
    fn equal_keys_keep_their_order() {
        let items = vec![("b", 1), ("a", 2), ("b", 0), ("a", 1)];
        assert_eq!(sorted(items, |item| item.0), [("a", 2), ("a", 1), ("b", 1), ("b", 0)]);
        assert!(sorted(Vec::<u8>::new(), |item| *item).is_empty());
    }
}
