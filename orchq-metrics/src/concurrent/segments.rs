//! A list in segments, each twice as long as the one before, none of which ever moves.

use std::sync::OnceLock;

/// The length of the first segment.
const FIRST: usize = 32;

/// How many segments there can be: more than the 24 bits of an [`Index`](super::Index) entry
/// need, and a power of two, by which a place is brought into bounds without a branch.
pub(crate) const SEGMENTS: usize = 32;

/// The segment that an element is in, and its place there.
#[inline(always)]
pub(crate) const fn locate(index: usize) -> (usize, usize) {
    let shifted = index + FIRST;
    let segment = (shifted.ilog2() - FIRST.ilog2()) as usize;
    (segment, shifted - segment_len(segment))
}

/// The length of a segment.
#[inline(always)]
pub(crate) const fn segment_len(segment: usize) -> usize {
    FIRST << segment
}

/// The list. An element exists, at its default, from when it is first asked for.
pub(crate) struct Segments<T> {
    segments: [OnceLock<Box<[T]>>; SEGMENTS],
}

impl<T: Default> Segments<T> {
    pub(crate) const fn new() -> Self {
        Self { segments: [const { OnceLock::new() }; SEGMENTS] }
    }

    /// The element, if its segment is there.
    #[inline(always)]
    pub(crate) fn get(&self, index: usize) -> Option<&T> {
        let (segment, offset) = locate(index);
        self.segments[segment % SEGMENTS].get()?.get(offset)
    }

    /// The element.
    ///
    /// # Panics
    ///
    /// Past some sixteen million elements.
    pub(crate) fn get_or_grow(&self, index: usize) -> &T {
        let (segment, offset) = locate(index);
        let elements = || (0..segment_len(segment)).map(|_| T::default()).collect();
        &self.segments[segment].get_or_init(elements)[offset]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_element_has_one_place() {
        let mut expected = (0, 0);
        for index in 0..10_000 {
            assert_eq!(locate(index), expected, "{index}");
            expected.1 += 1;
            if expected.1 == segment_len(expected.0) {
                expected = (expected.0 + 1, 0);
            }
        }
        assert!(locate((1 << 24) - 2).0 < SEGMENTS);
    }
}
