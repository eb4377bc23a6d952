//! What a list has yielded, so that reading it again yields only the rest: 16 bytes per element.

use crate::request::list::Key;

/// The keys of the elements that were yielded.
#[derive(Debug, Default)]
pub(super) struct HandedOut {
    /// The keys of earlier responses in order, then those of this response.
    keys: Vec<Key>,
    /// How many are from earlier responses.
    earlier: usize,
    /// Which of the earlier ones this response has repeated.
    seen_again: Vec<bool>,
    /// How many elements had no key.
    without_key: u64,
}

impl HandedOut {
    /// Records an element, and says whether to yield it. Duplicates within one response are yielded; elements of an
    /// earlier response are not, as many times as they occurred there.
    pub(super) fn is_new(&mut self, key: Option<Key>) -> bool {
        let Some(key) = key else {
            self.without_key += 1;
            return true;
        };
        if self.earlier > 0 {
            let earlier = &self.keys[..self.earlier];
            let from = earlier.partition_point(|have| *have < key);
            let count = earlier[from..].partition_point(|have| *have == key);
            let again = self.seen_again[from..from + count].iter_mut().find(|again| !**again);
            if let Some(again) = again {
                *again = true;
                return false;
            }
        }
        self.keys.push(key);
        true
    }

    /// Whether reading the list again can tell what is new.
    pub(super) fn can_tell(&self) -> bool {
        self.without_key == 0
    }

    /// Starts reading the list again.
    pub(super) fn read_again(&mut self) {
        self.keys.sort_unstable();
        self.earlier = self.keys.len();
        self.seen_again = vec![false; self.earlier];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_not_handed_out_twice_and_duplicates_in_one_response_stay() {
        let mut handed = HandedOut::default();
        let mut read = |keys: &[Key]| keys.iter().copied().filter(|key| handed.is_new(Some(*key))).collect::<Vec<_>>();
        assert_eq!(read(&[3, 1, 3]), [3, 1, 3]);
        handed.read_again();
        let mut read = |keys: &[Key]| keys.iter().copied().filter(|key| handed.is_new(Some(*key))).collect::<Vec<_>>();
        assert_eq!(read(&[1, 3, 2, 3, 3]), [2, 3], "two of the three were handed out");
        handed.read_again();
        let mut read = |keys: &[Key]| keys.iter().copied().filter(|key| handed.is_new(Some(*key))).collect::<Vec<_>>();
        assert_eq!(read(&[3, 3, 3, 4, 1, 2]), [4]);
        assert!(handed.can_tell());
        assert!(handed.is_new(None) && !handed.can_tell());
    }
}
