//! A list in segments, each twice as long as the one before, none of which ever moves.

use super::sizes::FIRST_SEGMENT;
pub(crate) use super::sizes::SEGMENTS;
use super::sync::OnceLock;

/// The first position. Earlier ones would be in segments of a few elements.
pub(crate) const FIRST: usize = FIRST_SEGMENT;

/// The segment of a position, from [`FIRST`] on, and the offset in it.
#[inline(always)]
pub(crate) const fn locate(position: usize) -> (usize, usize) {
    let segment = position.ilog2() as usize;
    (segment % SEGMENTS, position ^ segment_len(segment))
}

/// The length of a segment.
#[inline(always)]
pub(crate) const fn segment_len(segment: usize) -> usize {
    1 << segment
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
        let (segment, offset) = locate(index + FIRST);
        self.segments[segment].get()?.get(offset)
    }

    /// The element. Panics past the greatest position.
    pub(crate) fn get_or_grow(&self, index: usize) -> &T {
        let (segment, offset) = locate(index + FIRST);
        let elements = || (0..segment_len(segment)).map(|_| T::default()).collect();
        &self.segments[segment].get_or_init(elements)[offset]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_element_has_one_position() {
        let mut expected = (FIRST.ilog2() as usize, 0);
        for position in FIRST..10_000 {
            assert_eq!(locate(position), expected, "{position}");
            expected.1 += 1;
            if expected.1 == segment_len(expected.0) {
                expected = (expected.0 + 1, 0);
            }
        }
    }
}
