//! The value of an id: the UUID and its string form, so that either can be borrowed.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use uuid::Uuid;

/// A UUID with its string form.
#[derive(Clone, Copy)]
pub(crate) struct Value {
    uuid: Uuid,
    text: [u8; 36],
}

impl Value {
    /// The nil UUID.
    pub(crate) const NIL: Self = Self::new(Uuid::nil());

    pub(crate) const fn new(uuid: Uuid) -> Self {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let bytes = uuid.as_bytes();
        let mut text = [b'-'; 36];
        let (mut from, mut to) = (0, 0);
        while from < bytes.len() {
            if matches!(from, 4 | 6 | 8 | 10) {
                to += 1;
            }
            text[to] = DIGITS[(bytes[from] >> 4) as usize];
            text[to + 1] = DIGITS[(bytes[from] & 15) as usize];
            (from, to) = (from + 1, to + 2);
        }
        Self { uuid, text }
    }

    pub(crate) const fn uuid(&self) -> &Uuid {
        &self.uuid
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.text).unwrap_or_default()
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.uuid == other.uuid
    }
}

impl Eq for Value {}

impl Hash for Value {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.uuid.hash(state);
    }
}

impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Value {
    fn cmp(&self, other: &Self) -> Ordering {
        self.uuid.cmp(&other.uuid)
    }
}

#[cfg(test)]
mod tests {
    use super::Value;
    use uuid::Uuid;

    #[test]
    fn the_text_is_the_uuids() {
        for number in [0, 1, u128::MAX, 0x3f25_04e0_4f89_41d3_9a0c_0305_e82c_3301, 0x0123_4567_89ab_cdef << 60] {
            let uuid = Uuid::from_u128(number);
            assert_eq!(Value::new(uuid).text(), uuid.to_string());
        }
    }
}
