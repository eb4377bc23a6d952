//! UUIDs without randomness: the same test sees the same ids in every run.

/// Makes the UUID for a name; equal names give equal ids.
pub(crate) fn uuid_of(name: &str) -> String {
    // FNV-1a, twice with different seeds: it identifies samples, it is not for security.
    let hash =
        |seed: u64| name.bytes().fold(seed, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    let (high, low) = (hash(0xcbf2_9ce4_8422_2325), hash(0x9e37_79b9_7f4a_7c15));
    form(high, low)
}

/// Makes the n-th UUID of a kind of resource; ids of one kind sort in the order of creation.
pub(crate) fn uuid_at(kind: u16, number: u64) -> String {
    form((number << 32) | (u64::from(kind) << 16), number.wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

fn form(high: u64, low: u64) -> String {
    format!(
        "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        (low >> 48) & 0xfff,
        low & 0xffff_ffff_ffff
    )
}

/// Whether a string has the form of a UUID.
pub(crate) fn is_uuid(text: &str) -> bool {
    let hyphens = [8, 13, 18, 23];
    text.len() == 36
        && text.bytes().enumerate().all(
            |(at, byte)| {
                if hyphens.contains(&at) { byte == b'-' } else { byte.is_ascii_hexdigit() }
            },
        )
}

/// The service's message about an id that is not a UUID; both versions respond with 400 but word it differently.
pub(crate) fn malformed(text: &str, v2: bool) -> String {
    match (v2, text.len()) {
        (true, 36) => format!("uuid: incorrect UUID format in string \"{text}\""),
        (true, _) => "uuid: incorrect UUID length".to_owned(),
        (false, 36) => "invalid UUID format".to_owned(),
        (false, length) => format!("invalid UUID length: {length}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_ids_are_uuids_and_sort_by_number() {
        assert!(is_uuid(&uuid_of("workspaceID")) && is_uuid(&uuid_at(3, 20_000)));
        assert!(uuid_at(1, 9) < uuid_at(1, 10) && uuid_at(1, 9) != uuid_at(2, 9));
        assert!(!is_uuid("not-a-uuid"));
    }
}
