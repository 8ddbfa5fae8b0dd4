//! FNV-1a in 64 bits: <https://datatracker.ietf.org/doc/html/draft-eastlake-fnv>. `DefaultHasher` promises no
//! stable output, and these hashes are compared between builds.

/// The hash of nothing.
pub(crate) const OFFSET_BASIS: u64 = 0xcbf2_9ce4_8422_2325;

/// Continues a hash with these bytes.
pub(crate) const fn fnv1a(mut hash: u64, bytes: &[u8]) -> u64 {
    let mut i = 0;
    while i < bytes.len() {
        hash = (hash ^ bytes[i] as u64).wrapping_mul(0x0000_0100_0000_01b3);
        i += 1;
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_values() {
        // From the draft's test vectors.
        for (text, hash) in
            [("", 0xcbf2_9ce4_8422_2325), ("a", 0xaf63_dc4c_8601_ec8c), ("foobar", 0x8594_4171_f739_67e8)]
        {
            assert_eq!(fnv1a(OFFSET_BASIS, text.as_bytes()), hash, "{text}");
        }
    }
}
